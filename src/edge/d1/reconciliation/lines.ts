import { formatBucket, type TimeBucket, rangeOf } from "../../../core/reconciliation/buckets.ts";
import type { LineName, LocalLine } from "../../../core/reconciliation/differ.ts";
import type { Sha256 } from "../../../core/reconciliation/digest.ts";
import { partOf } from "../../../core/reconciliation/shard.ts";
import { rowsOf } from "../reads/session.ts";

/** A line `l` of the mirror, as JSON of a `LocalLine`. */
export const LOCAL = `json_object('line_id', l.line_id, 'distributor_id', l.distributor_id,
    'order_id', l.order_id, 'component', l.component, 'level', l.level, 'depth', l.depth,
    'rate_ppm', l.rate_ppm, 'amount_minor', l.amount_minor, 'reversed_minor', l.reversed_minor,
    'currency', l.currency, 'state', l.state, 'period_id', l.period_id,
    'effective_ms', l.effective_ms, 'origin', l.origin)`;

// Hour and shard stand in the digest: no index on either, which each line would pay for. One look
// through a tenant's lines serves all buckets.
const IN_BUCKETS = `WITH asked AS MATERIALIZED (
    SELECT value ->> 'name' AS name, value ->> 'from' AS fromMs, value ->> 'to' AS toMs,
      value ->> 'shard' AS shard FROM json_each(?2))
  SELECT a.name, ${LOCAL} AS text FROM lines l CROSS JOIN asked a
    ON a.shard = l.digest ->> '$[9]' AND l.digest ->> '$[8]' >= a.fromMs
      AND l.digest ->> '$[8]' < a.toMs
  WHERE l.tenant = ?1 AND l.digest IS NOT NULL
    AND l.effective_ms >= ?3 AND l.effective_ms < ?4`;

interface Row {
  readonly name: string;
  readonly text: string;
}

/** The mirror's lines of these buckets, by the bucket's name; of a part, those of its digit. */
export async function linesIn(
  db: D1Database,
  tenant: string,
  { buckets, sha256 }: { readonly buckets: readonly TimeBucket[]; readonly sha256: Sha256 },
): Promise<ReadonlyMap<string, readonly LocalLine[]>> {
  if (buckets.length === 0) return new Map();
  const ranges = buckets.map(rangeOf);
  const asked = buckets.map((bucket, i) => {
    const { fromMs: from, toMs: to } = ranges[i] ?? rangeOf(bucket);
    return { name: formatBucket(bucket), from, to, shard: bucket.shard };
  });
  const fromMs = Math.min(...ranges.map((range) => range.fromMs));
  const toMs = Math.max(...ranges.map((range) => range.toMs));
  const values = [tenant, JSON.stringify(asked), fromMs, toMs];
  const rows = await rowsOf<Row>(db.withSession("first-primary"), IN_BUCKETS, values);
  const partAt = new Map(
    buckets.flatMap((bucket) =>
      bucket.level === "part" ? [[formatBucket(bucket), bucket.part]] : [],
    ),
  );
  const found = Map.groupBy(rows, ({ name }) => name);
  return new Map(
    [...found].map(([name, of]) => {
      const part = partAt.get(name);
      const lines = of.map(parseLine);
      return [
        name,
        part === undefined ? lines : lines.filter((one) => partOf(one.line_id, sha256) === part),
      ];
    }),
  );
}

// What changed last of a line is known from its transfers: few lines differ, so few are looked at.
const BY_NAME = `SELECT '' AS name, json_set(${LOCAL}, '$.changed_ms', coalesce((
      SELECT max(t.recorded_ms) FROM transfers t
      WHERE t.tenant = l.tenant AND t.subject = 'dist:' || l.distributor_id
        AND t.reference = l.line_id), l.effective_ms)) AS text
  FROM json_each(?2) j CROSS JOIN lines l
    ON l.tenant = ?1 AND l.distributor_id = j.value ->> 'd' AND l.line_id = j.value ->> 'l'`;

const BY_NAME_PLAIN = `SELECT '' AS name, ${LOCAL} AS text
  FROM json_each(?2) j CROSS JOIN lines l
    ON l.tenant = ?1 AND l.distributor_id = j.value ->> 'd' AND l.line_id = j.value ->> 'l'`;

/** The mirror's lines of these names as they stand by now, with when they last changed. */
export const linesNamed = (
  db: D1Database,
  tenant: string,
  names: readonly LineName[],
): Promise<readonly LocalLine[]> => linesBy(BY_NAME, db, { tenant, names });

/** {@link linesNamed} without when they last changed: a page of the core's is many lines. */
export const plainLines = (
  db: D1Database,
  tenant: string,
  names: readonly LineName[],
): Promise<readonly LocalLine[]> => linesBy(BY_NAME_PLAIN, db, { tenant, names });

async function linesBy(
  sql: string,
  db: D1Database,
  { tenant, names }: { readonly tenant: string; readonly names: readonly LineName[] },
): Promise<readonly LocalLine[]> {
  if (names.length === 0) return [];
  const asked = names.map(({ distributor_id: d, line_id: l }) => ({ d, l }));
  const values = [tenant, JSON.stringify(asked)];
  const rows = await rowsOf<Row>(db.withSession("first-primary"), sql, values);
  return rows.map(parseLine);
}

// Own text: columns of the schema, as the queries name them.
const parseLine = ({ text }: Row): LocalLine => JSON.parse(text);
