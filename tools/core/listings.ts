import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { bucketOf } from "./buckets.ts";
import { partOf } from "./digest.ts";
import { wireOf } from "./line.ts";
import { badParameter } from "./problem.ts";
import {
  cursorOf,
  cursorText,
  instantOf,
  integerOf,
  type Query,
  required,
  shardsOf,
} from "./query.ts";
import { lineOfRow, type Row } from "./rows.ts";

const ITEMS_MAX = 1000;
const IDS_MAX = 100;
/** Of a page's items as JSON: whoever asks reads no more than a megabyte. */
const PAGE_CHARS_MAX = 800_000;

/** `GET /ledger`, without what every answer has. */
export function answerLedger(database: DatabaseSync, query: Query, asOf: number): object {
  const asked = ["bucket", "updated_since", "line_id", "stream"].filter(query.has);
  if (asked.length !== 1) {
    const message = "Must be asked by one of bucket, updated_since, line_id and stream";
    throw badParameter("bucket", "one_of", message);
  }
  const limit = limitOf(query);
  if (asked[0] === "stream") return answerStream(database, query, { asOf, limit });
  const { where, values, by, takes } = linesAsked(query);
  const after = placeOf(query, 2);
  query.end();
  const rows = database
    .prepare(
      `SELECT *, ${by} AS place FROM versions
       WHERE ${where} AND seq <= ? AND (until IS NULL OR until > ?) AND (${by}, seq) > (?, ?)
       ORDER BY ${by}, seq`,
    )
    .iterate(...values, asOf, asOf, ...(after ?? [Number.MIN_SAFE_INTEGER, 0]));
  return pageOf(rows, {
    limit,
    takes,
    itemOf: (row) => wireOf(lineOfRow(row)),
    placeOf: (row) => [Number(row["place"]), Number(row["seq"])],
  });
}

interface LinesAsked {
  readonly where: string;
  readonly values: readonly SQLInputValue[];
  /** What the listing is ordered by, before `seq`. */
  readonly by: "hour_ms" | "updated_ms";
  readonly takes: (row: Row) => boolean;
}

const all = (): boolean => true;

function linesAsked(query: Query): LinesAsked {
  if (query.has("bucket")) {
    const { fromMs, toMs, shard, part } = bucketOf(
      required("bucket", query.one("bucket")),
      "bucket",
    );
    return {
      where: "shard = ? AND hour_ms >= ? AND hour_ms < ?",
      values: [shard, fromMs, toMs],
      by: "hour_ms",
      takes:
        part === undefined ? all : (row) => partOf(String(row["line_id"]), part.length) === part,
    };
  }
  if (query.has("updated_since")) {
    const sinceMs = required("updated_since", instantOf(query, "updated_since"));
    return { where: "updated_ms >= ?", values: [sinceMs], by: "updated_ms", takes: all };
  }
  const ids = [...new Set(query.many("line_id"))];
  if (ids.length > IDS_MAX) {
    throw badParameter("line_id", "length", `Must be there ${IDS_MAX} times at most`);
  }
  const where = `line_id IN (${ids.map(() => "?").join(", ")})`;
  return { where, values: ids, by: "hour_ms", takes: all };
}

function answerStream(
  database: DatabaseSync,
  query: Query,
  { asOf, limit }: { readonly asOf: number; readonly limit: number },
): object {
  const range = { min: 0, max: Number.MAX_SAFE_INTEGER };
  const stream = required("stream", query.one("stream"));
  const epoch = integerOf(query, "epoch", range) ?? 0;
  const from = required("from", integerOf(query, "from", range));
  const to = required("to", integerOf(query, "to", range));
  if (to < from) throw badParameter("to", "range", "Must not be before from");
  const after = placeOf(query, 1)?.[0] ?? from - 1;
  query.end();
  const rows = database
    .prepare(
      `SELECT seq, envelope FROM outbox
       WHERE stream = ? AND epoch = ? AND seq > ? AND seq <= ? AND change <= ? ORDER BY seq`,
    )
    .iterate(stream, epoch, Math.max(after, from - 1), to, asOf);
  return pageOf(rows, {
    limit,
    takes: all,
    itemOf: (row) => JSON.parse(String(row["envelope"])),
    placeOf: (row) => [Number(row["seq"])],
  });
}

/** `GET /recon/balances`, without what every answer has. */
export function answerBalances(database: DatabaseSync, query: Query, asOf: number): object {
  const limit = limitOf(query);
  const shards = shardsOf(query);
  const [idAfter = ""] = cursorOf(query) ?? [];
  query.end();
  // Of a distributor all balances or none: rows are grouped before they are counted.
  const rows = database
    .prepare(
      `SELECT distributor_id,
         json_group_array(json_array(bucket, currency, CAST(amount AS TEXT))) AS amounts
       FROM balances
       WHERE shard IN (${shards.join(", ")}) AND distributor_id > ?
         AND seq <= ? AND (until IS NULL OR until > ?)
       GROUP BY distributor_id ORDER BY distributor_id`,
    )
    .iterate(String(idAfter), asOf, asOf);
  return pageOf(rows, {
    limit,
    takes: all,
    itemOf: balancesOf,
    placeOf: (row) => [String(row["distributor_id"])],
  });
}

function balancesOf(row: Row): object {
  const amounts: [string, string, string][] = JSON.parse(String(row["amounts"]));
  const balances: Record<string, Record<string, string>> = {};
  for (const [bucket, currency, amount] of amounts) {
    (balances[bucket] ??= {})[currency] = amount;
  }
  return { distributor_id: row["distributor_id"], balances };
}

const limitOf = (query: Query): number =>
  integerOf(query, "limit", { min: 1, max: ITEMS_MAX }) ?? ITEMS_MAX;

/** The numbers of a cursor of ours. */
function placeOf(query: Query, count: number): readonly number[] | undefined {
  const place = cursorOf(query);
  if (place === undefined) return undefined;
  const numbers = place.filter((part) => typeof part === "number");
  if (numbers.length === count && place.length === count) return numbers;
  throw badParameter("cursor", "format", "Must be the next_cursor of the page before");
}

interface Paged {
  readonly limit: number;
  readonly takes: (row: Row) => boolean;
  readonly itemOf: (row: Row) => unknown;
  readonly placeOf: (row: Row) => readonly (string | number)[];
}

/** As many rows as fit; with a cursor where there are more. */
function pageOf(rows: Iterable<Row>, { limit, takes, itemOf, placeOf: place }: Paged): object {
  const items: unknown[] = [];
  let chars = 0;
  let last: Row | undefined;
  for (const row of rows) {
    if (!takes(row)) continue;
    const item = itemOf(row);
    chars += JSON.stringify(item).length;
    if (last !== undefined && (items.length >= limit || chars > PAGE_CHARS_MAX)) {
      return { items, next_cursor: cursorText(place(last)) };
    }
    items.push(item);
    last = row;
  }
  return { items };
}
