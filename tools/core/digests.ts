import type { DatabaseSync } from "node:sqlite";
import {
  bucketOf,
  isStart,
  type Level,
  LEVELS,
  type Named,
  timeName,
  TIME_SQL,
} from "./buckets.ts";
import { LIMB_NAMES } from "./database.ts";
import { lineLimbs, PART_DIGITS_MAX, partOf, sumOf, wireDigest } from "./digest.ts";
import { leftOf } from "./line.ts";
import { badParameter, Problem } from "./problem.ts";
import { cursorOf, cursorText, instantOf, type Query, required, shardsOf } from "./query.ts";
import { bigOf, lineOfRow, type Row } from "./rows.ts";

/** Buckets of one answer. */
const BUCKETS_MAX = 5000;
/** Behind this many changes an answer is given no more as of a change. */
const UNDONE_MAX = 100_000;
const PARTS_MS_MAX = 86_400_000;
/** Parts that one question may ask to be cut up further. */
const WITHIN_MAX = 100;

type TimeLevel = Exclude<Level, "balances">;

/** What is summed up of one bucket. */
interface Sum {
  lines: number;
  hash: bigint;
  readonly totals: Map<string, bigint>;
}

interface Asked {
  readonly level: Level;
  readonly fromMs: number;
  readonly toMs: number;
  readonly shards: readonly number[];
  /** Parts of one hour, all of as many digits: their sixteenths alone. */
  readonly within?: readonly Within[];
  readonly asOf: number;
  readonly hasTotals: boolean;
}

interface Within {
  readonly shard: number;
  readonly part: string;
}

/** `GET /recon/digests`, without what every answer has. */
export function answerDigests(
  database: DatabaseSync,
  query: Query,
  { asOf, isShallow }: { readonly asOf: number; readonly isShallow: boolean },
): object {
  const asked = readAsked(query, asOf);
  const place = cursorOf(query);
  query.end();
  const sums = sumsOf(database, asked);
  const names = [...sums.keys()].filter((name) => (sums.get(name)?.lines ?? 0) > 0).toSorted();
  const after = place === undefined ? "" : String(place[0]);
  const rest = names.filter((name) => name > after);
  const shown = rest.slice(0, BUCKETS_MAX);
  const last = shown.at(-1);
  return {
    level: asked.level,
    ...(asked.level === "part" && !isShallow && { part_digits: PART_DIGITS_MAX }),
    buckets: shown.map((name) => rowOf(name, sums.get(name) ?? noSum(), asked.hasTotals)),
    ...(rest.length > shown.length && last !== undefined && { next_cursor: cursorText([last]) }),
  };
}

function readAsked(query: Query, asOf: number): Asked {
  const name = required("level", query.one("level"));
  const level = LEVELS.find((one) => one === name);
  if (level === undefined)
    throw badParameter("level", "enum", `Must be one of ${LEVELS.join(", ")}`);
  const shards = shardsOf(query);
  const hasTotals = query.one("totals") === "true";
  if (level === "balances") return { level, fromMs: 0, toMs: 0, shards, asOf, hasTotals };
  if (query.has("within")) return { level, ...readWithin(query, level), asOf, hasTotals };

  const fromMs = required("from", instantOf(query, "from"));
  const toMs = required("to", instantOf(query, "to"));
  checkRange(level, fromMs, toMs);
  return { level, fromMs, toMs, shards, asOf, hasTotals };
}

const wrongWithin = (message: string): Problem => badParameter("within", "within", message);

function readWithin(
  query: Query,
  level: Level,
): Pick<Asked, "fromMs" | "toMs" | "shards" | "within"> {
  if (level !== "part") throw wrongWithin("Must come with level=part");
  const named = query.many("within").map((name) => bucketOf(name, "within"));
  if (named.length > WITHIN_MAX) throw wrongWithin(`Must be there ${WITHIN_MAX} times at most`);
  const [first] = named;
  if (first === undefined || !named.every((one) => isCutLike(one, first))) {
    const most = PART_DIGITS_MAX - 1;
    throw wrongWithin(`Must name parts of one hour, all of as many digits, from 1 to ${most}`);
  }
  const { fromMs, toMs } = first;
  const within = named.map(({ shard, part = "" }) => ({ shard, part }));
  return { fromMs, toMs, shards: [...new Set(within.map(({ shard }) => shard))], within };
}

const isCutLike = ({ part = "", fromMs }: Named, first: Named): boolean =>
  part !== "" &&
  part.length < PART_DIGITS_MAX &&
  part.length === first.part?.length &&
  fromMs === first.fromMs;

function checkRange(level: TimeLevel, fromMs: number, toMs: number): void {
  for (const [name, ms] of [
    ["from", fromMs],
    ["to", toMs],
  ] as const) {
    const unit = level === "part" ? "hour" : level;
    if (!isStart(level, ms)) throw badParameter(name, "aligned", `Must be the start of a ${unit}`);
  }
  if (toMs <= fromMs) throw badParameter("to", "range", "Must be later than from");
  if (level === "part" && toMs - fromMs > PARTS_MS_MAX) {
    throw badParameter("to", "range", "Must be a day behind from at most, for parts");
  }
}

const rowOf = (name: string, { lines, hash, totals }: Sum, hasTotals: boolean): unknown[] => [
  name,
  lines,
  wireDigest(BigInt.asUintN(256, hash), lines),
  ...(hasTotals ? [totalsOf(totals)] : []),
];

const totalsOf = (totals: ReadonlyMap<string, bigint>): Record<string, string> =>
  Object.fromEntries(
    [...totals].filter(([, sum]) => sum !== 0n).map(([of, sum]) => [of, String(sum)]),
  );

function sumsOf(database: DatabaseSync, asked: Asked): Map<string, Sum> {
  if (asked.level === "balances") return balanceSums(database, asked);
  if (asked.level === "part") return partSums(database, asked);
  const sums = cellSums(database, asked, asked.level);
  undoLater(database, asked, { sums, level: asked.level });
  return sums;
}

const noSum = (): Sum => ({ lines: 0, hash: 0n, totals: new Map() });

interface Added {
  readonly lines: number;
  readonly hash: bigint;
  readonly currency: string;
  readonly amount: bigint;
}

function add(sums: Map<string, Sum>, name: string, added: Added): void {
  const sum = sums.get(name) ?? noSum();
  sum.lines += added.lines;
  sum.hash += added.hash;
  if (added.lines !== 0) {
    sum.totals.set(added.currency, (sum.totals.get(added.currency) ?? 0n) + added.amount);
  }
  sums.set(name, sum);
}

const LIMB_SUMS = LIMB_NAMES.map((name) => `sum(${name}) AS ${name}`).join(", ");

const hashOf = (row: Row): bigint => sumOf(LIMB_NAMES.map((name) => bigOf(row[name])));

const listOf = (shards: readonly number[]): string => shards.join(", ");

/** As of now: SQLite adds the hours up. */
function cellSums(database: DatabaseSync, asked: Asked, level: TimeLevel): Map<string, Sum> {
  const statement = database.prepare(
    `SELECT ${TIME_SQL[level]} AS time, shard, currency, sum(lines) AS lines,
       sum(left_minor) AS amount, ${LIMB_SUMS}
     FROM cells
     WHERE shard IN (${listOf(asked.shards)}) AND hour_ms >= ? AND hour_ms < ? AND lines > 0
     GROUP BY 1, 2, 3`,
  );
  statement.setReadBigInts(true);
  const sums = new Map<string, Sum>();
  for (const row of statement.all(asked.fromMs, asked.toMs)) {
    add(sums, `${String(row["time"])}/${String(row["shard"])}`, {
      lines: Number(row["lines"]),
      hash: hashOf(row),
      currency: String(row["currency"]),
      amount: bigOf(row["amount"]),
    });
  }
  return sums;
}

/** Takes back what happened after the change that is asked for. */
function undoLater(
  database: DatabaseSync,
  { asOf, fromMs, toMs, shards }: Asked,
  { sums, level }: { readonly sums: Map<string, Sum>; readonly level: TimeLevel },
): void {
  const wanted = new Set(shards);
  for (const { row, sign } of laterRows(database, asOf)) {
    const line = lineOfRow(row);
    const shard = Number(row["shard"]);
    if (!wanted.has(shard) || line.effective_ms < fromMs || line.effective_ms >= toMs) continue;
    const left_minor = leftOf(line);
    const hash = sumOf(lineLimbs({ ...line, left_minor }).map(BigInt));
    add(sums, `${timeName(level, line.effective_ms)}/${shard}`, {
      lines: sign,
      hash: BigInt(sign) * hash,
      currency: line.currency,
      amount: BigInt(sign * left_minor),
    });
  }
}

/** States that began after a change and last (−1), and those that ended after it (+1). */
function* laterRows(database: DatabaseSync, asOf: number): Generator<{ row: Row; sign: 1 | -1 }> {
  const began = "FROM versions WHERE seq > ? AND until IS NULL";
  const ended = "FROM versions WHERE until > ? AND seq <= ?";
  const count = database.prepare(
    `SELECT (SELECT count(*) ${began}) + (SELECT count(*) ${ended}) AS n`,
  );
  if (Number(count.get(asOf, asOf, asOf)?.["n"]) > UNDONE_MAX) {
    throw new Problem(410, "Too much has changed since as_of_seq: ask without it, or lately");
  }
  for (const row of database.prepare(`SELECT * ${began}`).iterate(asOf)) yield { row, sign: -1 };
  for (const row of database.prepare(`SELECT * ${ended}`).iterate(asOf, asOf)) {
    yield { row, sign: 1 };
  }
}

/** Of an hour there are few lines: read and hashed when asked for. */
function partSums(database: DatabaseSync, asked: Asked): Map<string, Sum> {
  const statement = database.prepare(
    `SELECT * FROM versions
     WHERE shard IN (${listOf(asked.shards)}) AND hour_ms >= ? AND hour_ms < ?
       AND seq <= ? AND (until IS NULL OR until > ?)`,
  );
  const sums = new Map<string, Sum>();
  const digits = asked.within?.[0]?.part.length ?? 0;
  const wanted = asked.within && new Set(asked.within.map(({ shard, part }) => `${shard}/${part}`));
  for (const row of statement.iterate(asked.fromMs, asked.toMs, asked.asOf, asked.asOf)) {
    const part = partOf(String(row["line_id"]), digits + 1);
    if (wanted?.has(`${String(row["shard"])}/${part.slice(0, digits)}`) === false) continue;
    const line = lineOfRow(row);
    const left_minor = leftOf(line);
    const time = timeName("hour", line.effective_ms);
    add(sums, `${time}/${String(row["shard"])}/${part}`, {
      lines: 1,
      hash: sumOf(lineLimbs({ ...line, left_minor }).map(BigInt)),
      currency: line.currency,
      amount: BigInt(left_minor),
    });
  }
  return sums;
}

function balanceSums(database: DatabaseSync, asked: Asked): Map<string, Sum> {
  const statement = database.prepare(
    `SELECT shard, currency, count(*) AS lines, sum(amount) AS amount, ${LIMB_SUMS}
     FROM balances
     WHERE shard IN (${listOf(asked.shards)}) AND seq <= ? AND (until IS NULL OR until > ?)
     GROUP BY 1, 2`,
  );
  statement.setReadBigInts(true);
  const sums = new Map<string, Sum>();
  for (const row of statement.all(asked.asOf, asked.asOf)) {
    add(sums, `balances/${String(row["shard"])}`, {
      lines: Number(row["lines"]),
      hash: hashOf(row),
      currency: String(row["currency"]),
      amount: bigOf(row["amount"]),
    });
  }
  return sums;
}
