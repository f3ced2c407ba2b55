import type { Range } from "../../../core/reconciliation/buckets.ts";
import { rowsOf } from "../reads/session.ts";

/** A shard's lines of some hours. */
export interface ShardHours extends Range {
  readonly shard: number;
}

/** What a line of the mirror counts by. */
export interface Digested {
  readonly distributor_id: string;
  readonly line_id: string;
  readonly shard: number;
  readonly hourMs: number;
  /** As eight 32-bit numbers: see `limbsOf`. */
  readonly limbs: readonly number[];
}

/** Rows of one answer: some megabytes, even with the longest ids. */
const PAGE_ROWS = 10_000;

// Hour and shard stand in the digest: no index on either, which each line would pay for. All pages
// together are one look through a tenant's lines, whatever is asked for.
const PAGE = `WITH asked AS MATERIALIZED (
    SELECT value ->> 'fromMs' AS fromMs, value ->> 'toMs' AS toMs, value ->> 'shard' AS shard
    FROM json_each(?2))
  SELECT l.distributor_id, l.line_id, l.digest FROM lines l CROSS JOIN asked a
    ON a.shard = l.digest ->> '$[9]' AND l.digest ->> '$[8]' >= a.fromMs
      AND l.digest ->> '$[8]' < a.toMs
  WHERE l.tenant = ?1 AND (l.distributor_id, l.line_id) > (?5, ?6) AND l.digest IS NOT NULL
    AND l.effective_ms >= ?3 AND l.effective_ms < ?4
  ORDER BY l.distributor_id, l.line_id LIMIT ?7`;

interface Row {
  readonly distributor_id: string;
  readonly line_id: string;
  readonly digest: string;
}

/**
 * Lines that the core has to have, too, of these hours and shards, a page after the other: an hour may
 * have more of them than fit into memory. In the order of distributor and line, each once.
 */
export async function* digestedLines(
  db: D1Database,
  tenant: string,
  asked: readonly ShardHours[],
): AsyncGenerator<readonly Digested[]> {
  if (asked.length === 0) return;
  const session = db.withSession("first-primary");
  const hours = distinct(asked);
  const fromMs = Math.min(...hours.map((one) => one.fromMs));
  const toMs = Math.max(...hours.map((one) => one.toMs));
  let after: readonly [distributor: string, line: string] | undefined = ["", ""];
  while (after !== undefined) {
    const values = [tenant, JSON.stringify(hours), fromMs, toMs, ...after, PAGE_ROWS];
    const rows: readonly Row[] = await rowsOf<Row>(session, PAGE, values);
    yield rows.map(digestedOf);
    const last = rows.length < PAGE_ROWS ? undefined : rows.at(-1);
    after = last === undefined ? undefined : [last.distributor_id, last.line_id];
  }
}

/** Parts of an hour are asked for as that hour, once. */
const distinct = (asked: readonly ShardHours[]): readonly ShardHours[] => [
  ...new Map(
    asked.map(({ fromMs, toMs, shard }) => [`${fromMs}/${toMs}/${shard}`, { fromMs, toMs, shard }]),
  ).values(),
];

function digestedOf({ distributor_id, line_id, digest }: Row): Digested {
  // Own text: what lineDigest() wrote.
  const numbers: readonly number[] = JSON.parse(digest);
  const [hourMs = 0, shard = 0] = numbers.slice(8, 10);
  return { distributor_id, line_id, shard, hourMs, limbs: numbers.slice(0, 8) };
}
