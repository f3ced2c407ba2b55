import type { LogRow } from "../../../core/subject/chain.ts";
import type { MirrorTail } from "../../mirror.ts";
import {
  type CountedTable,
  COUNTED_TABLES,
  type FoundSubject,
  type OwnedRows,
  type OwnedTable,
  type Scalar,
  type Shares,
  type TableRow,
} from "../../rebuild.ts";
import type { DigestTransfer } from "../../../core/reconciliation/transfer-digest.ts";
import { transferDigest } from "../digest-rows.ts";
import { mirrorRows, type MirrorRows } from "../mirror-rows.ts";
import { columnsOf, SHAPES } from "./tables.ts";

type Told = Readonly<Record<string, unknown>>;
type Layout = readonly (readonly [
  table: OwnedTable,
  rows: (rows: MirrorRows) => readonly Told[],
])[];

const told = (rows: readonly object[]): readonly Told[] => rows.map((row) => ({ ...row }));

/** From what the projection is given to columns, as its statements have them. */
const LAYOUT: Layout = [
  ["transfers", ({ transfers }) => told(transfers).map((r) => ({ ...r, subject: r["s"] }))],
  ["lines", ({ lines }) => told(lines)],
  ["standings", ({ standings }) => told(standings).map((r) => ({ ...r, distributor_id: r["id"] }))],
  ["edges", ({ edges }) => told(edges)],
  ["orders", ({ orders }) => told(orders)],
  ["records", ({ records }) => told(records)],
  ["aliases", ({ aliases }) => told(aliases).map((r) => ({ ...r, subject: r["s"] }))],
  [
    "messages",
    ({ messages }) =>
      told(messages).map((r) => ({
        ...r,
        message_key: r["key"],
        subject: r["s"],
        created_ms: r["at_ms"],
      })),
  ],
  ["gaps", ({ gaps }) => told(gaps).map((r) => ({ ...r, subject: r["s"] }))],
  [
    "events",
    ({ events }) =>
      told(events).map((r) => ({ ...r, sender_id: r["id"], subject: r["s"], position: r["p"] })),
  ],
  [
    "held",
    ({ held }) =>
      told(held).map((r) => ({
        ...r,
        sender_id: r["id"],
        state: r["outcome"],
        since_ms: r["recorded_ms"],
      })),
  ],
  ["breaks", ({ breaks }) => told(breaks).map((r) => ({ ...r, subject: r["s"] }))],
];

const scalar = (value: unknown): Scalar =>
  typeof value === "string" || typeof value === "number" ? value : null;

/** A row with the columns of a table and no other, in their order: equal rows are equal texts. */
const narrow = (table: OwnedTable, row: Told): TableRow =>
  Object.fromEntries(columnsOf(SHAPES[table]).map((name) => [name, scalar(row[name])]));

/** A row's place in its table. */
export const keyOf = (table: OwnedTable, row: TableRow): string =>
  JSON.stringify(SHAPES[table].key.map((name) => row[name] ?? null));

export const noRows = (): Record<OwnedTable, Map<string, TableRow>> => ({
  transfers: new Map(),
  lines: new Map(),
  standings: new Map(),
  edges: new Map(),
  orders: new Map(),
  records: new Map(),
  aliases: new Map(),
  messages: new Map(),
  gaps: new Map(),
  events: new Map(),
  held: new Map(),
  breaks: new Map(),
});

/** Sums by the keys of their rows. */
class Sums {
  readonly all = new Map<string, readonly number[]>();

  add(key: readonly Scalar[], parts: readonly number[]): void {
    const name = JSON.stringify(key);
    const before = this.all.get(name);
    this.all.set(name, before === undefined ? parts : parts.map((n, i) => n + (before[i] ?? 0)));
  }

  addDigest(row: Told): void {
    const key = [scalar(row["hour"]), scalar(row["shard"]), scalar(row["currency"])];
    this.add(key, [1, number(row["amount"]), ...numbers(row["x"])]);
  }
}

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const numbers = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.map(number) : [];

/**
 * What the mirror has to have of one subject, laid out from its log a page at a time, as the
 * projection lays it out.
 */
export class Wanted {
  readonly #place: Pick<MirrorTail, "tenant" | "subject">;
  readonly #rows = noRows();
  readonly #volumes = new Sums();
  readonly #digests = new Sums();
  /** The event that had a sender's id first. */
  readonly #firsts = new Map<string, string>();
  #at = { position: 0, head: "" };

  constructor(place: Pick<MirrorTail, "tenant" | "subject">) {
    this.#place = place;
  }

  get rows(): OwnedRows {
    return this.#rows;
  }

  get shares(): Shares {
    return { volumes: this.#volumes.all, digests: this.#digests.all };
  }

  /** Up to which row it is. */
  get at(): { readonly position: number; readonly head: string } {
    return this.#at;
  }

  take(rows: readonly LogRow[]): void {
    const last = rows.at(-1);
    if (last === undefined) return;
    const { tenant, subject } = this.#place;
    const laid = mirrorRows([{ tenant, subject, base: this.#at, rows }]);
    for (const [table, rowsOf] of LAYOUT) {
      for (const row of rowsOf(laid)) this.#put(table, row);
    }
    this.#release(laid);
    for (const row of told(laid.volumes)) {
      const parts = [row["pv_x100"], row["cv_x100"], row["gv_x100"]];
      this.#volumes.add(
        [scalar(row["distributor_id"]), scalar(row["period_id"])],
        parts.map(number),
      );
    }
    // Lines count by what each keeps beside it, at the end.
    for (const row of told(laid.digests)) {
      if (row["kind"] === "transfer") this.#digests.addDigest(row);
    }
    this.#at = { position: last.position, head: last.hash };
  }

  #put(table: OwnedTable, row: Told): void {
    const rows = this.#rows[table];
    const narrowed = table === "events" ? this.#event(row) : narrow(table, row);
    const key = keyOf(table, narrowed);
    const before = rows.get(key);
    if (before === undefined) rows.set(key, narrowed);
    else if (SHAPES[table].stands === "last")
      rows.set(key, { ...narrowed, ...firstOf(table, before, narrowed) });
  }

  /** A later row of the log says what became of it; how it came, the first one knows. */
  #event(row: Told): TableRow {
    const narrowed = narrow("events", row);
    const sender = JSON.stringify([row["source"], row["sender_id"]]);
    const own = String(row["event_id"]);
    const first = this.#firsts.get(sender) ?? own;
    this.#firsts.set(sender, first);
    return { ...narrowed, repeated: first === own ? 0 : 1 };
  }

  /** What is over is held no more: an event that was let go never comes back. */
  #release(laid: MirrorRows): void {
    for (const row of told(laid.released)) {
      this.#rows.held.delete(JSON.stringify([scalar(row["event_id"])]));
    }
  }
}

/** What a later row of the log with the same key does not change. */
const firstOf = (table: OwnedTable, before: TableRow, row: TableRow): TableRow => {
  const { first, lasting } = SHAPES[table];
  // A gap that closed is told by where it was open last.
  const closed = table === "gaps" && row["stage"] === "closed" ? ["to_seq"] : [];
  const names = table === "gaps" ? closed : [...first, ...lasting];
  return Object.fromEntries(names.map((name) => [name, before[name] ?? null]));
};

/** How many rows there are of the tables that are looked up by keys of the log. */
export const countsOf = (rows: OwnedRows): Readonly<Record<CountedTable, number>> => {
  const [events, aliases, messages] = COUNTED_TABLES.map((table) => rows[table].size);
  return { events: events ?? 0, aliases: aliases ?? 0, messages: messages ?? 0 };
};

/** What the transfers that the mirror has of a subject, up to a position, count in the digests. */
export function digestShares({ subject, rows }: FoundSubject, upTo: number): Shares["digests"] {
  const sums = new Sums();
  for (const row of rows.transfers.values()) {
    if (number(row["position"]) <= upTo)
      sums.addDigest({ ...transferDigest(transferOf(subject, row)) });
  }
  return sums.all;
}

const text = (value: Scalar | undefined): string => String(value ?? "");

const transferOf = (subject: string, row: TableRow): DigestTransfer => ({
  subject,
  position: number(row["position"]),
  n: number(row["n"]),
  debit: text(row["debit"]),
  credit: text(row["credit"]),
  currency: text(row["currency"]),
  amount_minor: number(row["amount_minor"]),
  effective_ms: number(row["effective_ms"]),
});

/** No row of any table: of a subject of which nothing is to stay. */
export const nothing = (): OwnedRows => noRows();
