import * as z from "zod";
import { orderingOf } from "../../core/contracts/catalogue.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Item, ReadingContext } from "../sender.ts";
import { lacksRevision, readRule, readTelling, unordered } from "./facts.ts";
import { fingerprint } from "./fingerprint.ts";
import { idOf } from "./ids.ts";
import type { Loose } from "./loose.ts";
import { checkedBy, type EventRule, MAPPING, mappingOf, rulesUpTo } from "./options.ts";
import { at } from "./path.ts";
import { holds, type Told } from "./pick.ts";
import { unmapped } from "./unmapped.ts";

const Column = z.string().min(1).max(128);

/** What the rows of one table are. */
const TableRule = z.strictObject({
  /**
   * Columns of the primary key, in its order: few connectors tell it (PROVIDERS 9). What is no
   * column is a path, as `_id.$oid` of a document.
   */
  key: z.array(Column).min(1).max(16),
  /** Events made of a row, the first that holds; where none does it is a `cdc.row`. */
  events: rulesUpTo(50).exactOptional(),
});
type TableRule = z.output<typeof TableRule>;

/** Twice of it is an integer still. */
const EPOCH_MAX = 1_000_000_000;

/** Options of a connector that brings rows of tables. */
export const TABLES = {
  /**
   * By name, most exact first: `shop.shopdb.public.orders` with the connector's own name before it,
   * `shopdb.public.orders`, `public.orders`, `orders`; `*` is any.
   */
  tables: z.record(z.string().min(1).max(256), TableRule).exactOptional(),
  /** Raised by one when the database was restored and its log begins anew: later than all before. */
  epoch: z.int().min(0).max(EPOCH_MAX).exactOptional(),
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
  /**
   * The connector's own name, where it has one: places in the logs of two databases do not compare,
   * and their tables may be called the same.
   */
  readonly connector?: string | undefined;
  /** As in Debezium: create, update, delete, read of a snapshot, truncate. */
  readonly op: "c" | "u" | "d" | "r" | "t";
  /** The row as it was, or its key alone; what a delete is told by. */
  readonly before?: Loose | undefined;
  readonly after?: Loose | undefined;
  /**
   * `after` is not all of the row: columns that have not changed are missing. A register keeps its
   * newest `after`, which would forget them, so that such a row has to be fetched.
   */
  readonly isPartial?: boolean;
  /**
   * Place in the database's log as decimal digits: compared as an integer. Nothing where the
   * connector tells none: then only a `rev` that the mapping names can order the rows.
   */
  readonly rev?: string | undefined;
  /** Orders what a snapshot read without such a place among its like; older than all that has one. */
  readonly snapshotRev?: string | undefined;
  /** What tells this change from every other, besides table, op, rev and key. */
  readonly position?: string | undefined;
  readonly occurredAtMs: number;
  /** More that a mapping may ask for with `$`. */
  readonly about?: Loose | undefined;
}

const EMPTY: Loose = {};

/**
 * The item of a row's change. The same change has the same id however often it is sent: it is made
 * of its place in the log and of the row, never of the delivery's id (PROVIDERS 9). A truncated
 * table is a `cdc.gap`, and so is a row told in part: they have to be looked at again.
 */
export function readRow(change: RowChange, context: ReadingContext): Item {
  const { op, rev, before, after, position, occurredAtMs } = change;
  const { tables = {}, epoch } = tablesOf(context.options);
  const { snapshotRev } = change;
  const table = tableOf(change);
  const rule = ruleOf(tables, namesOf(change));
  const row = (op === "d" ? before : after) ?? EMPTY;
  const key = keyOf(row, rule);
  const pk = key.length > 1 ? key : key[0];
  const telling = {
    // Of the row itself, not of its key: the key is an option, and ids do not follow options.
    id: idOf(table, op, rev, position, fingerprint(JSON.stringify(row))),
    type: `row ${op}`,
    occurredAtMs,
    // A row read by a repeated snapshot is the same one: what orders rows is their log.
    isUntimed: true,
    payload: row,
    about: { ...change.about, table: change.tables[0], op, rev, before, after, pk, pks: [pk] },
  };
  if (op === "t") {
    return readTelling({ ...telling, fact: { type: "cdc.gap", data: { table } } }, context);
  }
  const { id, type } = telling;
  const told: Told = { payload: row, about: { ...telling.about, type, id } };
  const gap = rowGap(change, table, context);
  const mapped = mappedRule(rule, {
    told,
    key,
    table,
    op,
    ordered: { rev, snapshotRev, epoch },
    gap,
  });
  if (typeof mapped === "string") return unmapped(telling, mapped);
  const item = readRule(mapped, telling, told, context);
  return mapped === gap ? upTo(rev, item) : item;
}

/** With the place in the log that a gap is at. */
export const upTo = (rev: string | undefined, item: Item): Item =>
  item.kind === "event" && rev !== undefined ? { ...item, upTo: rev } : item;

/** What the contract takes as the name of a table. */
const TABLE_CHARS_MAX = 128;

/**
 * What a row's table is called in events and ids: no two connectors have one table. A dot in a
 * connector's name is escaped, or `eu.shop` and `prod.t` would read as `eu` and `shop.prod.t`; where
 * both are too long together, the connector's fingerprint stands for its name.
 */
export function tableOf({ connector, tables }: Pick<RowChange, "connector" | "tables">): string {
  const [table = ""] = tables;
  if (connector === undefined) return table;
  const name = `${connector.replaceAll("%", "%25").replaceAll(".", "%2E")}.${table}`;
  return name.length <= TABLE_CHARS_MAX ? name : `${fingerprint(connector).slice(0, 16)}.${table}`;
}

/** All that a mapping may call a row's table. */
const namesOf = ({ connector, tables }: RowChange): readonly string[] =>
  connector === undefined ? tables : [`${connector}.${tables[0] ?? ""}`, ...tables];

const keyOf = (row: Loose, rule: TableRule | undefined): readonly unknown[] =>
  rule?.key.map((column) => columnOf(row, column)) ?? [];

const columnOf = (row: Loose, column: string): unknown =>
  Object.hasOwn(row, column) ? row[column] : at(row, column);

interface Circumstance {
  readonly told: Told;
  readonly key: readonly unknown[];
  readonly table: string;
  readonly op: RowChange["op"];
  readonly ordered: Ordered;
  /** What stands in place of the row, where it is not whole. */
  readonly gap: EventRule | undefined;
}

/** The first event of the table that holds, or the row as it is; a sentence where it is neither. */
function mappedRule(rule: TableRule | undefined, circumstance: Circumstance): EventRule | string {
  const { told, key, table, op, ordered, gap } = circumstance;
  if (rule === undefined) {
    return `No mapping for table "${table}": say in options.tables what its key and its rows are`;
  }
  if (key.some((part) => part === undefined || part === null)) return keyless(rule, table, op);
  const event = rule.events?.find(({ when = {} }) => holds(when, told));
  if (event === undefined && gap !== undefined) return gap;
  const mapped = inOrder(event ?? plainRow(table, op), ordered);
  if (!lacksRevision(mapped, told, true)) return mapped;
  return event?.rev === undefined
    ? `Row changes of "${table}" tell no place in a log: map its events, with a rev`
    : unordered(event);
}

interface Ordered {
  readonly rev: string | undefined;
  readonly snapshotRev: string | undefined;
  /** The source's, where it names one. */
  readonly epoch: number | undefined;
}

/**
 * What a rule does not say of its order is what the row's log says. A moment and a place in a log do
 * not compare, so each epoch of the source is two of its registers: the even one is of rows that a
 * snapshot read without a place, and the odd one, which is later, of all that have one.
 */
function inOrder(rule: EventRule, { rev, snapshotRev, epoch }: Ordered): EventRule {
  // In an epoch of the rule's own, a moment would stand beside places.
  const byLog = rule.epoch === undefined ? (rev ?? snapshotRev) : rev;
  if (rule.rev !== undefined || byLog === undefined || orderingOf(rule.type) !== "register") {
    return epoch === undefined ? rule : { epoch: { value: epoch }, ...rule };
  }
  const ofRegister = (epoch ?? 0) * 2 + (rev === undefined ? 0 : 1);
  return { rev: { value: byLog }, epoch: { value: ofRegister }, ...rule };
}

const plainRow = (table: string, op: RowChange["op"]): EventRule => ({
  type: "cdc.row",
  fields: {
    table: { value: table },
    pk: "$pk",
    op: "$op",
    ...(op === "d" ? {} : { after: "$after" }),
  },
});

/** One row to be fetched, where it is not all there. What is asked for then is of no revision. */
function rowGap(
  { isPartial = false, op }: RowChange,
  table: string,
  { options }: ReadingContext,
): EventRule | undefined {
  if (!isPartial || op === "d") return undefined;
  const added = mappingOf(options).fields?.["cdc.gap"];
  return { type: "cdc.gap", fields: { table: { value: table }, pks: "$pks", ...added } };
}

function keyless({ key }: TableRule, table: string, op: RowChange["op"]): string {
  const message = `A column of the key (${key.join(", ")}) of table "${table}" is not in the row`;
  return op === "d" ? `${message} deleted: its database has to log the key with a delete` : message;
}

function ruleOf(
  tables: Readonly<Record<string, TableRule>>,
  names: readonly string[],
): TableRule | undefined {
  const name = [...names, "*"].find((candidate) => Object.hasOwn(tables, candidate));
  return name === undefined ? undefined : tables[name];
}

/** Whether the source's mapping names this very table: `*` does not. */
export function isMapped(change: RowChange, { options }: ReadingContext): boolean {
  const { tables = {} } = tablesOf(options);
  return namesOf(change).some((name) => Object.hasOwn(tables, name));
}
