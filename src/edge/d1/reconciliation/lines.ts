import { formatBucket, type TimeBucket, rangeOf } from "../../../core/reconciliation/buckets.ts";
import type { LineName, LocalLine } from "../../../core/reconciliation/differ.ts";
import type { Sha256 } from "../../../core/reconciliation/digest.ts";
import { partOf } from "../../../core/reconciliation/shard.ts";
import { rowsOf } from "../reads/session.ts";
import { digestedLines, type ShardHours } from "./digested-lines.ts";

/** A line `l` of the mirror, as JSON of a `LocalLine`. */
export const LOCAL = `json_object('line_id', l.line_id, 'distributor_id', l.distributor_id,
    'order_id', l.order_id, 'component', l.component, 'level', l.level, 'depth', l.depth,
    'rate_ppm', l.rate_ppm, 'amount_minor', l.amount_minor, 'reversed_minor', l.reversed_minor,
    'currency', l.currency, 'state', l.state, 'period_id', l.period_id,
    'effective_ms', l.effective_ms, 'origin', l.origin)`;

interface Row {
  readonly text: string;
}

/** Lines in memory at once, but for those of a single bucket: some megabytes. */
const HELD_MAX = 10_000;
/** Lines in one answer. */
const READ_AT_ONCE = 1000;

/**
 * The mirror's lines of these buckets, by the bucket's name: of as many buckets, from the first one on,
 * as have `heldMax` lines together, and of one at least. A bucket that is not among them was not read.
 */
export async function linesIn(
  db: D1Database,
  tenant: string,
  {
    buckets,
    sha256,
    heldMax = HELD_MAX,
  }: {
    readonly buckets: readonly TimeBucket[];
    readonly sha256: Sha256;
    readonly heldMax?: number;
  },
): Promise<ReadonlyMap<string, readonly LocalLine[]>> {
  const names = await namesIn(db, tenant, { buckets, sha256, heldMax });
  const found = new Map<string, LocalLine[]>([...names.keys()].map((name) => [name, []]));
  const all = [...names].flatMap(([name, of]) => of.map((line) => ({ name, line })));
  for (let i = 0; i < all.length; i += READ_AT_ONCE) {
    const part = all.slice(i, i + READ_AT_ONCE);
    const bucketAt = new Map(part.map(({ name, line }) => [keyOf(line), name]));
    const asked = part.map(({ line }) => line);
    for (const line of await plainLines(db, tenant, asked)) {
      found.get(bucketAt.get(keyOf(line)) ?? "")?.push(line);
    }
  }
  return found;
}

const keyOf = ({ distributor_id, line_id }: LineName): string =>
  JSON.stringify([distributor_id, line_id]);

/** Names alone first: of an hour with many lines few are in a part of it. */
async function namesIn(
  db: D1Database,
  tenant: string,
  { buckets, sha256, heldMax }: Required<Parameters<typeof linesIn>[2]>,
): Promise<ReadonlyMap<string, readonly LineName[]>> {
  const places = buckets.map(placeOf);
  const held = new Map<string, LineName[]>(places.map(({ name }) => [name, []]));
  const byShard = Map.groupBy(places, ({ shard }) => shard);
  let count = 0;
  for await (const page of digestedLines(db, tenant, places)) {
    for (const { distributor_id, line_id, hourMs, shard } of page) {
      const isIn = ({ fromMs, toMs, part }: Place): boolean =>
        fromMs <= hourMs && hourMs < toMs && partOf(line_id, sha256, part.length) === part;
      const names = held.get(byShard.get(shard)?.find(isIn)?.name ?? "");
      names?.push({ distributor_id, line_id });
      count += names === undefined ? 0 : 1;
    }
    for (const [name, of] of [...held].slice(1).toReversed()) {
      if (count <= heldMax) break;
      held.delete(name);
      count -= of.length;
    }
  }
  return held;
}

interface Place extends ShardHours {
  readonly name: string;
  /** Empty where it is all of its hours. */
  readonly part: string;
}

const placeOf = (bucket: TimeBucket): Place => ({
  ...rangeOf(bucket),
  shard: bucket.shard,
  name: formatBucket(bucket),
  part: bucket.level === "part" ? bucket.part : "",
});

// What changed last of a line is known from its transfers: few lines differ, so few are looked at.
const BY_NAME = `SELECT json_set(${LOCAL}, '$.changed_ms', coalesce((
      SELECT max(t.recorded_ms) FROM transfers t
      WHERE t.tenant = l.tenant AND t.subject = 'dist:' || l.distributor_id
        AND t.reference = l.line_id), l.effective_ms)) AS text
  FROM json_each(?2) j CROSS JOIN lines l
    ON l.tenant = ?1 AND l.distributor_id = j.value ->> 'd' AND l.line_id = j.value ->> 'l'`;

const BY_NAME_PLAIN = `SELECT ${LOCAL} AS text
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
