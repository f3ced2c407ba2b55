import type { DigestedLine } from "../../subject-rows.ts";
import type { SumPage, SumPlace, SumSlice } from "../../sum-buckets.ts";
import { shardOfSubject } from "../digest-rows.ts";
import { highOf, lowOf, sumOfHalves } from "../exact-sum.ts";
import { rowsOf } from "../reads/session.ts";
import { bucketOfMs, PAGE_ROWS, pageOf } from "./sum-slices.ts";

const LIMBS = [0, 1, 2, 3, 4, 5, 6, 7];
const SUMS = ["items", "amount_minor", ...LIMBS.map((i) => `s${i}`)];

const LINES = `SELECT distributor_id, line_id, digest,
    ${bucketOfMs("digest ->> '$[8]'")} AS bucket
  FROM lines WHERE tenant = ?1 AND (distributor_id, line_id) > (?2, ?3)
  ORDER BY distributor_id, line_id LIMIT ${PAGE_ROWS}`;

interface LineRow {
  readonly distributor_id: string;
  readonly line_id: string;
  readonly digest: string | null;
  readonly bucket: number;
}

/** What lines of a tenant add to its digests, some at a time. */
export async function digestsOfLines(
  db: D1Database,
  tenant: string,
  after: SumPlace = ["", ""],
): Promise<SumPage> {
  const session = db.withSession("first-primary");
  const rows = await rowsOf<LineRow>(session, LINES, [tenant, ...after]);
  return pageOf(rows, sumsOfLine, ({ distributor_id, line_id }) => [distributor_id, line_id]);
}

function sumsOfLine({ digest, bucket }: LineRow) {
  if (digest === null) return [];
  // Own text: limbs, hour, shard, currency, amount.
  const parts: readonly (string | number)[] = JSON.parse(digest);
  const [hour, shard, currency, amount] = parts.slice(LIMBS.length);
  const limbs = parts.slice(0, LIMBS.length);
  const amounts = [1, amount ?? 0, ...limbs].map(BigInt);
  return [{ bucket, key: `${hour}/${shard}/${currency}`, amounts }];
}

const DIGESTS = `SELECT hour_ms, shard, currency, hour_ms || '/' || shard || '/' || currency AS "key",
    ${bucketOfMs("hour_ms")} AS bucket,
    json_array(${SUMS.map((sum) => `CAST(${sum} AS TEXT)`).join(", ")}) AS sums
  FROM digests WHERE tenant = ?1 AND kind = 'line' AND (hour_ms, shard, currency) > (?2, ?3, ?4)
  ORDER BY hour_ms, shard, currency LIMIT ${PAGE_ROWS}`;

interface DigestRow {
  readonly hour_ms: number;
  readonly shard: number;
  readonly currency: string;
  readonly key: string;
  readonly bucket: number;
  /** JSON of texts: sums can pass 2^53. */
  readonly sums: string;
}

/** Digests of a tenant's lines as they are kept, some at a time. */
export async function digestsKept(
  db: D1Database,
  tenant: string,
  after: SumPlace = [Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, ""],
): Promise<SumPage> {
  const session = db.withSession("first-primary");
  const rows = await rowsOf<DigestRow>(session, DIGESTS, [tenant, ...after]);
  return pageOf(rows, sumsOfDigest, ({ hour_ms, shard, currency }) => [hour_ms, shard, currency]);
}

function sumsOfDigest({ bucket, key, sums }: DigestRow) {
  // Own text: made by the statement.
  const amounts: readonly string[] = JSON.parse(sums);
  return [{ bucket, key, amounts: amounts.map(BigInt) }];
}

const COLUMNS = ["items", "high", "low", ...LIMBS.map((i) => `s${i}`)];
const kept = (sum: string): string => `coalesce(max(kept_${sum}), 0)`;
// An amount that does not fit stays as it is, as the projection leaves it.
const VALUES: Readonly<Record<string, string>> = {
  items: "sum(items)",
  amount_minor: `coalesce(${sumOfHalves("high", "low")}, ${kept("amount_minor")})`,
  ...Object.fromEntries(LIMBS.map((i) => [`s${i}`, `sum(s${i})`])),
};

const PUT = `INSERT INTO digests (tenant, kind, hour_ms, shard, currency, ${SUMS.join(", ")})
  SELECT ?1, 'line', hour_ms, shard, currency, ${SUMS.map((sum) => VALUES[sum]).join(", ")}
  FROM (
    SELECT digest ->> '$[8]' AS hour_ms, digest ->> '$[9]' AS shard, digest ->> '$[10]' AS currency,
      1 AS items, ${highOf("digest ->> '$[11]'")} AS high, ${lowOf("digest ->> '$[11]'")} AS low,
      ${LIMBS.map((i) => `digest ->> '$[${i}]' AS s${i}`).join(", ")},
      ${SUMS.map((sum) => `NULL AS kept_${sum}`).join(", ")}
    FROM lines WHERE tenant = ?1 AND digest IS NOT NULL
      AND ${bucketOfMs("digest ->> '$[8]'")} IN (SELECT value FROM json_each(?2))
    UNION ALL
    SELECT hour_ms, shard, currency, ${COLUMNS.map(() => "0").join(", ")}, ${SUMS.join(", ")}
    FROM digests WHERE tenant = ?1 AND kind = 'line'
      AND ${bucketOfMs("hour_ms")} IN (SELECT value FROM json_each(?2)))
  WHERE shard NOT IN (SELECT value FROM json_each(?3)) GROUP BY 3, 4, 5
  HAVING ${SUMS.map((sum) => `${VALUES[sum]} <> ${kept(sum)}`).join(" OR ")}
  ON CONFLICT DO UPDATE SET ${SUMS.map((sum) => `${sum} = excluded.${sum}`).join(", ")}`;

/**
 * Makes digests of lines anew by what each line counts by, in one statement: lines of before there were
 * digests, and what a row lost that was changed while it was missing. Answers with how many. Shards of
 * whoever is left out stay as they are.
 */
export async function repairLineDigests(
  db: D1Database,
  { tenant, buckets, leftOut = [] }: SumSlice,
): Promise<number> {
  const values = [buckets, leftOut.map(shardOfSubject)].map((part) => JSON.stringify(part));
  return (
    await db
      .prepare(PUT)
      .bind(tenant, ...values)
      .run()
  ).meta.changes;
}

const COUNTED = `SELECT j.key FROM json_each(?2) j CROSS JOIN digests d
  ON d.tenant = ?1 AND d.kind = 'line' AND d.hour_ms = j.value ->> '$[8]'
    AND d.shard = j.value ->> '$[9]' AND d.currency = j.value ->> '$[10]'
  WHERE d.items > 0`;

/**
 * Ids of those lines in whose place of the digests anything is counted: they had been, too. Lines of
 * before there were digests are counted nowhere.
 */
export async function countedLines(
  db: D1Database,
  tenant: string,
  lines: readonly DigestedLine[],
): Promise<ReadonlySet<string>> {
  const digests = JSON.stringify(lines.map(({ digest }) => digest));
  const { results } = await db.prepare(COUNTED).bind(tenant, digests).all<{ key: number }>();
  return new Set(results.flatMap(({ key }) => lines[key]?.line_id ?? []));
}
