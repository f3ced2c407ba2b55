import * as z from "zod";
import type { JsonObject } from "../../core/json.ts";
import type { Item, ReadingContext } from "../sender.ts";
import { readRule, readTelling } from "./facts.ts";
import { fingerprint } from "./fingerprint.ts";
import { idOf } from "./ids.ts";
import type { Loose } from "./loose.ts";
import { checkedBy, EventRule, MAPPING } from "./options.ts";
import { holds, type Told } from "./pick.ts";
import { unmapped } from "./unmapped.ts";

const Column = z.string().min(1).max(128);

/** What the rows of one table are. */
const TableRule = z.strictObject({
  /** Columns of the primary key, in its order: few connectors tell it (PROVIDERS 9). */
  key: z.array(Column).min(1).max(16),
  /** Events made of a row, the first that holds; where none does it is a `cdc.row`. */
  events: z.array(EventRule).max(50).exactOptional(),
});
type TableRule = z.output<typeof TableRule>;

/** Options of a connector that brings rows of tables. */
export const TABLES = {
  /** By name, most exact first: `shopdb.public.orders`, `public.orders`, `orders`; `*` is any. */
  tables: z.record(z.string().min(1).max(256), TableRule).exactOptional(),
  /** Raised by one when the database was restored and its log begins anew: later than all before. */
  epoch: z.int().min(0).exactOptional(),
};

const Tables = z.object(TABLES);
type Tables = z.output<typeof Tables>;

export const tableOptions = (own: z.core.$ZodLooseShape = {}) =>
  checkedBy(z.strictObject({ ...MAPPING, ...TABLES, ...own }));

const known = new WeakMap<JsonObject, Tables>();

function tablesOf(options: JsonObject): Tables {
  const kept = known.get(options);
  if (kept !== undefined) return kept;
  const tables = Tables.safeParse(options).data ?? {};
  known.set(options, tables);
  return tables;
}

/** One change of one row, as every connector's wire format comes to. */
export interface RowChange {
  /** Most exact name first, each as a mapping may call it. */
  readonly tables: readonly string[];
  /** As in Debezium: create, update, delete, read of a snapshot, truncate. */
  readonly op: "c" | "u" | "d" | "r" | "t";
  /** The row as it was, or its key alone; what a delete is told by. */
  readonly before?: Loose;
  readonly after?: Loose;
  /**
   * Place in the database's log as decimal digits: compared as an integer. Nothing where the
   * connector tells none, and then only what the mapping says can order the rows.
   */
  readonly rev?: string;
  /** What tells this change from every other, besides table, op, rev and key. */
  readonly position?: string;
  readonly occurredAtMs: number;
  /** More that a mapping may ask for with `$`. */
  readonly about?: Loose;
}

const EMPTY: Loose = {};

/**
 * The item of a row's change. The same change has the same id however often it is sent: it is made
 * of its place in the log and of the row, never of the delivery's id (PROVIDERS 9). A truncated table is a
 * `cdc.gap`: its rows have to be looked at again.
 */
export function readRow(change: RowChange, context: ReadingContext): Item {
  const { tables: names, op, rev } = change;
  const table = names[0] ?? "";
  const { tables = {}, epoch } = tablesOf(context.options);
  const rule = ruleOf(tables, names);
  const row = (op === "d" ? change.before : change.after) ?? EMPTY;
  const pk = rule?.key.map((column) => row[column]) ?? [];
  // Of the row itself, not of its key: the key is an option, and ids do not follow options.
  const id = idOf(table, op, rev, change.position, fingerprint(JSON.stringify(row)));
  const telling = {
    id,
    type: `row ${op}`,
    occurredAtMs: change.occurredAtMs,
    payload: row,
    about: { ...change.about, table, op, rev, before: change.before, after: change.after },
  };
  if (op === "t") {
    return readTelling({ ...telling, fact: { type: "cdc.gap", data: { table } } }, context);
  }
  if (rule === undefined) {
    const message = `No mapping for table "${table}": say in options.tables what its key and its rows are`;
    return unmapped({ id, type: telling.type }, message);
  }
  if (pk.some((part) => part === undefined || part === null)) {
    const message = `A column of the key (${rule.key.join(", ")}) of table "${table}" is not in the row`;
    return unmapped({ id, type: telling.type }, message);
  }
  return readMapped({ rule, pk, epoch }, change, telling, context);
}

interface Mapped {
  readonly rule: TableRule;
  readonly pk: readonly unknown[];
  readonly epoch: number | undefined;
}

function readMapped(
  { rule, pk, epoch }: Mapped,
  { op, rev, after, position }: RowChange,
  telling: Parameters<typeof readRule>[1],
  context: ReadingContext,
): Item {
  const told: Told = {
    payload: telling.payload,
    about: { ...telling.about, type: telling.type, id: telling.id },
  };
  const ordered = {
    ...(rev === undefined ? {} : { rev: { value: rev } }),
    ...(epoch === undefined ? {} : { epoch: { value: epoch } }),
  };
  const event = rule.events?.find(({ when = {} }) => holds(when, told));
  if (event !== undefined) return readRule({ ...ordered, ...event }, telling, told, context);

  if (rev === undefined) {
    const message = `Row changes of "${String(telling.about?.["table"])}" tell no place in a log: map its events, with a rev`;
    return unmapped(telling, message);
  }
  const fields = {
    table: { value: String(telling.about?.["table"]) },
    pk: { path: "$pk" },
    op: { path: "$op" },
    ...(op === "d" ? {} : { after: { path: "$after" } }),
  };
  const key = pk.length === 1 ? pk[0] : pk;
  const about = { ...told.about, pk: key, after: after ?? EMPTY, position };
  return readRule({ ...ordered, type: "cdc.row", fields }, telling, { ...told, about }, context);
}

function ruleOf(
  tables: Readonly<Record<string, TableRule>>,
  names: readonly string[],
): TableRule | undefined {
  const name = [...names, "*"].find((candidate) => Object.hasOwn(tables, candidate));
  return name === undefined ? undefined : tables[name];
}
