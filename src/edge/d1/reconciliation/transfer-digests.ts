import type { DigestTransfer } from "../../../core/reconciliation/transfer-digest.ts";
import { shardOfSubject, transferDigest } from "../digest-rows.ts";
import { rowsOf } from "../reads/session.ts";
import { isSafe } from "./repair.ts";
import { isNotPlain } from "./unreadable.ts";

const DAY_MS = 86_400_000;
/** Transfers read at once: some megabytes. */
const PAGE_ROWS = 10_000;
/** Rows in one parameter: far below D1's 2 MB a value. */
const ROWS_AT_ONCE = 1000;
/** How often a span is read that changes meanwhile. */
const READS_MAX = 3;

/** As `hourOf` counts them. */
const HOUR = "effective_ms - (effective_ms % 3600000 + 3600000) % 3600000";
/** Before 1970, too, a day's hours are those behind its beginning. */
const dayOf = (hour: string) => `(${hour}) - ((${hour}) % ${DAY_MS} + ${DAY_MS}) % ${DAY_MS}`;

const DAYS = `SELECT dayMs, sum(held) AS "rows" FROM (
    SELECT ${dayOf(HOUR)} AS dayMs, count(*) AS held FROM transfers WHERE tenant = ?1 GROUP BY 1
    UNION ALL
    SELECT ${dayOf("hour_ms")}, count(*) FROM digests WHERE tenant = ?1 AND kind = 'transfer' GROUP BY 1)
  WHERE dayMs >= ?2 GROUP BY 1 ORDER BY 1`;

/** How many transfers and digests of them a tenant has of each day, from one on. */
export const digestedDays = (
  db: D1Database,
  tenant: string,
  fromMs: number,
): Promise<readonly { readonly dayMs: number; readonly rows: number }[]> =>
  rowsOf(db.withSession("first-primary"), DAYS, [tenant, fromMs]);

/** Of a time that no instant has, of a kind that nobody keeps, or of what is no currency's name. */
const IMPOSSIBLE = `digests WHERE tenant = ?1
  AND (kind NOT IN ('line', 'transfer') OR NOT ${isSafe("hour_ms")} OR ${isNotPlain("currency")})`;

/** Digests that no event can have made: read as numbers and texts, they are not found again. */
export async function hasImpossible(db: D1Database, tenant: string): Promise<boolean> {
  const query = db
    .withSession("first-primary")
    .prepare(`SELECT EXISTS (SELECT 1 FROM ${IMPOSSIBLE}) AS found`);
  return (await query.bind(tenant).first<number>("found")) === 1;
}

/** Takes them away; answers how many there were. */
export async function dropImpossible(db: D1Database, tenant: string): Promise<number> {
  return (await db.prepare(`DELETE FROM ${IMPOSSIBLE}`).bind(tenant).run()).meta.changes;
}

const SUMS = ["items", "amount_minor", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];

const STORED = `SELECT hour_ms AS hour, shard, currency,
    json_array(${SUMS.map((sum) => `CAST(${sum} AS TEXT)`).join(", ")}) AS sums
  FROM digests WHERE tenant = ?1 AND kind = 'transfer' AND hour_ms >= ?2 AND hour_ms < ?3
  ORDER BY 1, 2, 3`;

const TRANSFERS = `SELECT subject, position, n, debit, credit, currency, amount_minor, effective_ms
  FROM transfers WHERE tenant = ?1 AND (subject, position, n) > (?2, ?3, ?4)
    AND ${HOUR} >= ?5 AND ${HOUR} < ?6
  ORDER BY subject, position, n LIMIT ${PAGE_ROWS}`;

const FIX = `INSERT INTO digests (tenant, kind, hour_ms, shard, currency, ${SUMS.join(", ")})
  SELECT ?1, 'transfer', value ->> '$[0]', value ->> '$[1]', value ->> '$[2]',
    ${SUMS.map((_, i) => `value ->> '$[${i + 3}]'`).join(", ")}
  FROM json_each(?2) WHERE true
  ON CONFLICT DO UPDATE SET ${SUMS.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(", ")}`;

interface Span {
  readonly tenant: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Subjects whose rows may be wrong: the digests of their shards stay as they are. */
  readonly leftOut?: readonly string[];
}

interface StoredRow {
  readonly hour: number;
  readonly shard: number;
  readonly currency: string;
  /** JSON of texts: sums can pass 2^53. */
  readonly sums: string;
}

/** What has to be added to a digest of transfers, as JSON of its row. */
export type DigestFix = string;

/**
 * What the digests of a span lack of what its transfers come to. Nothing is added to a span without its
 * digests changing in the same batch: where they are the same before and after, all of it was read as
 * of one instant. Nothing where they kept changing.
 */
export async function wrongDigests(db: D1Database, span: Span): Promise<readonly DigestFix[]> {
  for (let read = 0; read < READS_MAX; read += 1) {
    const before = await storedOf(db, span);
    const sums = await sumsOf(db, span);
    const after = await storedOf(db, span);
    if (JSON.stringify(before) === JSON.stringify(after)) {
      return fixesOf(after, sums, new Set(span.leftOut?.map(shardOfSubject)));
    }
  }
  return [];
}

/** Adds what is lacking: right whatever was added since. */
export async function fixDigests(
  db: D1Database,
  tenant: string,
  fixes: readonly DigestFix[],
): Promise<void> {
  const parts = Array.from({ length: Math.ceil(fixes.length / ROWS_AT_ONCE) }, (_, i) =>
    fixes.slice(i * ROWS_AT_ONCE, (i + 1) * ROWS_AT_ONCE),
  );
  await db.batch(parts.map((part) => db.prepare(FIX).bind(tenant, `[${part.join(",")}]`)));
}

const storedOf = (db: D1Database, { tenant, fromMs, toMs }: Span): Promise<readonly StoredRow[]> =>
  rowsOf<StoredRow>(db.withSession("first-primary"), STORED, [tenant, fromMs, toMs]);

type Sums = readonly bigint[];

const NOTHING: Sums = SUMS.map(() => 0n);

async function sumsOf(
  db: D1Database,
  { tenant, fromMs, toMs }: Span,
): Promise<ReadonlyMap<string, Sums>> {
  const sums = new Map<string, Sums>();
  const session = db.withSession("first-primary");
  const first = Number.MIN_SAFE_INTEGER;
  let after: readonly [string, number, number] = ["", first, first];
  for (;;) {
    const values = [tenant, ...after, fromMs, toMs];
    const rows = await rowsOf<DigestTransfer>(session, TRANSFERS, values);
    for (const row of rows) {
      const { hour, shard, currency, amount, x } = transferDigest(row);
      const key = JSON.stringify([hour, shard, currency]);
      const added = [1, amount, ...x];
      const before = sums.get(key) ?? NOTHING;
      sums.set(
        key,
        before.map((sum, i) => sum + BigInt(added[i] ?? 0)),
      );
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return sums;
    after = [last.subject, last.position, last.n];
  }
}

function fixesOf(
  stored: readonly StoredRow[],
  sums: ReadonlyMap<string, Sums>,
  leftOut: ReadonlySet<number>,
): readonly DigestFix[] {
  const there = new Map(
    stored.map(({ hour, shard, currency, sums: text }) => {
      // Own text: made by the statement.
      const parts: readonly string[] = JSON.parse(text);
      return [JSON.stringify([hour, shard, currency]), parts.map(BigInt)] as const;
    }),
  );
  return [...new Set([...there.keys(), ...sums.keys()])].flatMap((key) => {
    // Own text: made here.
    const [, shard]: readonly [number, number, string] = JSON.parse(key);
    const [must, has] = [sums.get(key) ?? NOTHING, there.get(key) ?? NOTHING];
    const lacking = must.map((sum, i) => sum - (has[i] ?? 0n));
    // As JSON by hand: such numbers are none of JavaScript's.
    return leftOut.has(shard) || lacking.every((part) => part === 0n)
      ? []
      : [`${key.slice(0, -1)},${lacking.join(",")}]`];
  });
}
