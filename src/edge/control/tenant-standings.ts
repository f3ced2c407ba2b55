import type { Shard } from "../shards.ts";

/** Whose a shard's rows are: `leaving` while a tenant is being purged; `nobodys` of no tenant of the shard. */
export type Standing = "own" | "leaving" | "nobodys";

const STANDINGS = `SELECT j.value AS tenant, CASE
    WHEN d.state = 'purging' THEN 'leaving'
    WHEN t.shard = ?2 THEN 'own'
    ELSE 'nobodys' END AS standing
  FROM json_each(?1) j LEFT JOIN tenants t ON t.tenant = j.value
    LEFT JOIN deletions d ON d.tenant = j.value`;

/**
 * How tenants stand with a shard, from the primary: what a cache does not know yet may have been
 * founded a moment ago, and its rows are taken away where it is nobody.
 */
export async function standingsOf(
  control: D1Database,
  { index }: Pick<Shard, "index">,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, Standing>> {
  const { results } = await control
    .withSession("first-primary")
    .prepare(STANDINGS)
    .bind(JSON.stringify(tenants), index)
    .all<{ tenant: string; standing: Standing }>();
  return new Map(results.map(({ tenant, standing }) => [tenant, standing]));
}
