import { getTableColumns, type SQL, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { KEYS_DEFAULT, SOURCES_DEFAULT } from "../tenant-quotas.ts";

/** There was no room: the tenant has as many already as its quotas let it have. */
export interface Full {
  readonly kind: "full";
  readonly limit: number;
}

/** What a tenant can have a number of. */
export interface Countable {
  readonly used: SQL<number>;
  readonly limit: SQL<number>;
}

export const sourcesOf = (tenant: string): Countable => ({
  used: sql`(SELECT count(*) FROM sources WHERE tenant = ${tenant})`,
  limit: sql`(SELECT coalesce(quotas ->> 'sources', ${SOURCES_DEFAULT}) FROM tenants
    WHERE tenant = ${tenant})`,
});

/** Those revoked or expired can do nothing, and take no room. */
export const keysOf = (tenant: string, nowMs: number): Countable => ({
  used: sql`(SELECT count(*) FROM api_keys WHERE tenant = ${tenant} AND revoked_ms IS NULL
    AND (expires_ms IS NULL OR expires_ms > ${nowMs}))`,
  limit: sql`(SELECT coalesce(quotas ->> 'keys', ${KEYS_DEFAULT}) FROM tenants
    WHERE tenant = ${tenant})`,
});

/** The same for every tenant: each of them is asked of every notice, and each object sends for one. */
export const DESTINATIONS_MAX = 50;
export const SUBSCRIPTIONS_MAX = 200;

export const destinationsOf = (tenant: string): Countable => ({
  used: sql`(SELECT count(*) FROM destinations WHERE tenant = ${tenant})`,
  limit: sql`${DESTINATIONS_MAX}`,
});

export const subscriptionsOf = (tenant: string): Countable => ({
  used: sql`(SELECT count(*) FROM subscriptions WHERE tenant = ${tenant})`,
  limit: sql`${SUBSCRIPTIONS_MAX}`,
});

/** Part of a write's guard: read in its own transaction, so that two at once cannot both pass. */
export const hasRoom = ({ used, limit }: Countable): SQL => sql`${used} < ${limit}`;

/** Whether a write that did not land found no room. */
export async function fullOf(
  db: DrizzleD1Database,
  { used, limit }: Countable,
): Promise<Full | undefined> {
  const [row] = await db.all<{ used: number; limit: number | null }>(
    sql`SELECT ${used} AS "used", ${limit} AS "limit"`,
  );
  if (row === undefined || row.limit === null || row.used < row.limit) return undefined;
  return { kind: "full", limit: row.limit };
}

/** Inserts a row where the guard holds, and nothing where it does not. */
export function insertWhere<Table extends SQLiteTable>(
  db: DrizzleD1Database,
  { table, row, guard }: { table: Table; row: Table["$inferSelect"]; guard: SQL },
) {
  const values = new Map<string, unknown>(Object.entries(row));
  // In the table's order: what an INSERT without names takes.
  const cells = Object.keys(getTableColumns(table)).map((name) => sql`${values.get(name) ?? null}`);
  return db.insert(table).select(sql`SELECT ${sql.join(cells, sql`, `)} WHERE ${guard}`);
}
