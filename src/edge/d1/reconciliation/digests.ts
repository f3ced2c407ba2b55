import type { Fingerprint } from "../../../core/reconciliation/digest.ts";
import { LIMBS, sumOfLimbs } from "../../../core/reconciliation/limbs.ts";
import { rowsOf } from "../reads/session.ts";

/** What a bucket of the mirror comes to. */
export interface BucketDigest {
  /** When its hour, day or month begins, UTC. */
  readonly fromMs: number;
  readonly shard: number;
  readonly fingerprint: Fingerprint;
}

export type DigestKind = "line" | "transfer";
export type DigestLevel = "month" | "day" | "hour";

export interface DigestAsk {
  readonly tenant: string;
  readonly kind: DigestKind;
  readonly level: DigestLevel;
  /** Of effect; whole hours, the end not among them. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Absent: all. */
  readonly shards?: readonly number[];
}

const START = {
  hour: "hour_ms",
  // Before 1970, too, a day's hours are those behind its beginning.
  day: "hour_ms - (hour_ms % 86400000 + 86400000) % 86400000",
  month: "1000 * unixepoch(hour_ms / 1000, 'unixepoch', 'start of month')",
} as const satisfies Record<DigestLevel, string>;

const LIMB_SUMS = Array.from({ length: LIMBS }, (_, i) => `CAST(sum(s${i}) AS TEXT) AS s${i}`);

const sqlAt = (level: DigestLevel): string => `SELECT ${START[level]} AS fromMs, shard, currency,
    sum(items) AS items, CAST(sum(amount_minor) AS TEXT) AS amount, ${LIMB_SUMS.join(", ")}
  FROM digests WHERE tenant = ?1 AND kind = ?2 AND hour_ms >= ?3 AND hour_ms < ?4
    AND (?5 IS NULL OR shard IN (SELECT value FROM json_each(?5)))
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

type Row = {
  readonly fromMs: number;
  readonly shard: number;
  readonly currency: string;
  readonly items: number;
  /** Sums can pass 2^53. */
  readonly amount: string;
} & { readonly [limb: string]: string | number };

/**
 * Digests of the mirror's lines or transfers, as the projection keeps them: in the order of time and
 * shard, empty buckets left out. Currencies of a bucket are counted together, as the core does.
 */
export async function readDigests(
  db: D1Database,
  { tenant, kind, level, fromMs, toMs, shards }: DigestAsk,
): Promise<readonly BucketDigest[]> {
  const asked = shards === undefined ? null : JSON.stringify(shards);
  const values = [tenant, kind, fromMs, toMs, asked];
  const rows = await rowsOf<Row>(db.withSession("first-primary"), sqlAt(level), values);
  const buckets = Map.groupBy(rows, (row) => `${row.fromMs}/${row.shard}`);
  return [...buckets.values()].flatMap((of) => bucketOf(of));
}

function bucketOf(rows: readonly Row[]): readonly BucketDigest[] {
  const [first] = rows;
  const lines = rows.reduce((sum, { items }) => sum + items, 0);
  if (first === undefined || lines === 0) return [];
  const limbs = Array.from({ length: LIMBS }, (_, i) =>
    String(rows.reduce((sum, row) => sum + BigInt(row[`s${i}`] ?? 0), 0n)),
  );
  const counted = rows.filter(({ items }) => items > 0);
  const totals = Object.fromEntries(counted.map(({ currency, amount }) => [currency, amount]));
  const { fromMs, shard } = first;
  return [{ fromMs, shard, fingerprint: { lines, totals, sum: sumOfLimbs(limbs) } }];
}
