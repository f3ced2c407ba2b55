import type { Item, ReadingContext } from "../sender.ts";
import { fromBase64 } from "../verify/bytes.ts";
import { fingerprint } from "./fingerprint.ts";
import { idOf, unreadableId } from "./ids.ts";
import { parseJson } from "./json.ts";
import { parsedText } from "./json-texts.ts";
import { barelyNamed, revOf, snapshotRevOf } from "./log-position.ts";
import { isLoose, type Loose, textOf } from "./loose.ts";
import { readOutboxRow } from "./outbox.ts";
import { readPlain } from "./plain.ts";
import { isMapped, readRow, type RowChange } from "./rows.ts";

/** A change as a record tells it: nothing is judged yet. */
export interface ChangeTold {
  readonly op: unknown;
  readonly before: unknown;
  readonly after: unknown;
  /** The members of `source`, barely named. */
  readonly bare: Loose;
  /** More that a mapping may ask for. */
  readonly about: Loose;
  readonly occurredAtMs: number;
  /** The moment that the record tells, where it tells one: the same when it is sent again. */
  readonly toldAtMs: number | undefined;
}

const OPS = ["c", "u", "d", "r", "t"] as const;

/**
 * What a record comes to. An item is `mapped` where the source's mapping alone makes it one: without
 * it there would be nothing.
 */
export type RecordRead = Item | "nothing" | { readonly mapped: Item };

/**
 * The items of several records. Those that the mapping alone makes stand last: a mapping that was
 * changed since the delivery arrived must not move the others from their places.
 */
export function arranged(read: readonly RecordRead[]): readonly Item[] {
  const told = read.filter((one) => one !== "nothing");
  return [
    ...told.flatMap((one) => ("mapped" in one ? [] : [one])),
    ...told.flatMap((one) => ("mapped" in one ? [one.mapped] : [])),
  ];
}

/** What a row's change comes to; an outbox's row is the event it holds. */
export function readChange(change: ChangeTold, context: ReadingContext): RecordRead {
  const { bare, about, occurredAtMs } = change;
  const op = OPS.find((known) => known === change.op);
  const tables = namesOf(bare);
  const images = imagesOf(change);
  if (op === undefined) return misshapen(change, "op", `Must be one of ${OPS.join(", ")}, m`);
  if (tables.length === 0) return misshapen(change, "source.table", "Is required");
  if (images.after === undefined && op !== "d" && op !== "t") {
    return misshapen(change, "after", "Must be the row, except for a delete");
  }
  // The connector writes into its own table to mark the windows of a snapshot.
  if (tables.at(-1) === "debezium_signal") return "nothing";

  const connector = connectorOf(bare);
  const order = orderOf(change);
  const row: RowChange = { tables, connector, op, ...images, ...order, occurredAtMs, about };
  const outboxed = readOutboxRow(row, context);
  if (outboxed === undefined) return readRow(row, context);
  // A table of the mapping is the tenant's own, whatever it is called.
  if (!isMapped(row, context)) return outboxed;
  return outboxed === "nothing" ? { mapped: readRow(row, context) } : readRow(row, context);
}

/** The logical name of a connector, `topic.prefix`: one for each database that is read. */
const connectorOf = ({ name }: Loose): string | undefined => textOf(name);

/** What orders a change, and what tells it from the next where no rev does. */
function orderOf({ op, bare, toldAtMs }: ChangeTold) {
  const rev = revOf(bare);
  if (rev !== undefined) return { rev };
  const position = fingerprint(JSON.stringify(placeOf(bare)));
  return { position, snapshotRev: op === "r" ? snapshotRevOf(bare, toldAtMs) : undefined };
}

/** Not its version: the same change may be sent again by a newer connector. */
const placeOf = ({ version: _version, ...place }: Loose): Loose => place;

function misshapen({ op, before, after, bare }: ChangeTold, path: string, message: string): Item {
  const id = unreadableId({ op, before, after, place: placeOf(bare) });
  const errors = [{ path, rule: "shape", message }];
  return { kind: "broken", id, code: "contract_violated", errors };
}

/** `shopdb.public.orders`, `public.orders`, `orders`; MongoDB's tables are collections. */
function namesOf({ db, schema, table, collection }: Loose): readonly string[] {
  const name = textOf(table) ?? textOf(collection);
  if (name === undefined) return [];
  const parts = [textOf(db), textOf(schema), name].filter((part) => part !== undefined);
  return parts.map((_part, at) => parts.slice(at).join("."));
}

function imagesOf({ before, after }: ChangeTold) {
  const now = rowOf(after);
  return { before: rowOf(before)?.row, after: now?.row, isPartial: now?.isPartial === true };
}

interface Image {
  readonly row: Loose;
  readonly isPartial: boolean;
}

/** MongoDB's documents come as JSON text. */
function rowOf(value: unknown): Image | undefined {
  const row = parsedText(value);
  return isLoose(row) ? unavailableLeftOut(row) : undefined;
}

const UNAVAILABLE = "__debezium_unavailable_value";
const UNAVAILABLE_FORMS: ReadonlySet<unknown> = new Set([UNAVAILABLE, btoa(UNAVAILABLE)]);

/**
 * Without the columns that PostgreSQL did not log: large and unchanged (TOAST). What is left is
 * part of the row, and the placeholder is no value of it.
 */
function unavailableLeftOut(row: Loose): Image {
  const entries = Object.entries(row);
  const known = entries.filter(([, value]) => !isUnavailable(value));
  const isPartial = known.length < entries.length;
  return { row: isPartial ? Object.fromEntries(known) : row, isPartial };
}

const isUnavailable = (value: unknown): boolean =>
  UNAVAILABLE_FORMS.has(value) ||
  (Array.isArray(value) && value.length > 0 && value.every((item) => UNAVAILABLE_FORMS.has(item)));

/**
 * A record of ExtractNewRecordState: the row, and among its columns what `add.fields` adds. Only
 * where it names its table; without that it is a record like any other.
 * https://debezium.io/documentation/reference/stable/transformations/event-flattening.html
 */
export function unwrapped(record: Loose, elseAtMs: number): ChangeTold | undefined {
  const added = addedOf(record);
  if (added === undefined) return undefined;
  const { bare, isDeleted, clockMs } = added;
  const names = new Set(added.names);
  const row = Object.fromEntries(Object.entries(record).filter(([name]) => !names.has(name)));
  const op = isDeleted ? "d" : (textOf(bare["op"]) ?? "u");
  const images = op === "d" ? { before: row, after: null } : { before: null, after: row };
  const moments = { occurredAtMs: clockMs ?? elseAtMs, toldAtMs: clockMs };
  return { op, ...images, bare, about: { source: bare }, ...moments };
}

/** Read where `add.fields.prefix` is empty: what other columns may be called is not taken away. */
const ADDED = ["op", "table", "deleted", "db", "schema", "lsn", "source_ts_ms", "ts_ms"];

interface Added {
  readonly names: readonly string[];
  readonly bare: Loose;
  readonly isDeleted: boolean;
  readonly clockMs: number | undefined;
}

function addedOf(record: Loose): Added | undefined {
  const prefix = prefixOf(record);
  if (prefix === undefined) return undefined;
  const told = (name: string): unknown => record[prefix + name];
  const names =
    prefix === ""
      ? ADDED.filter((name) => name in record)
      : Object.keys(record).filter((name) => name.startsWith(prefix));
  const fields = Object.fromEntries(names.map((name) => [name, record[name]]));
  return {
    names,
    // `ts_ms` without `source_` is the connector's clock, and no place in the log.
    bare: { ...barelyNamed(fields), tsms: told("source_ts_ms") },
    isDeleted: told("deleted") === true || told("deleted") === "true",
    clockMs: momentOf(told("source_ts_ms")) ?? momentOf(told("ts_ms")),
  };
}

/** What stands before the names that were added; nothing where none were. */
function prefixOf(record: Loose): "__" | "" | undefined {
  if (textOf(record["__table"]) !== undefined) return "__";
  const isOp = OPS.some((op) => op === record["op"]);
  const isPlaced = "lsn" in record || "source_ts_ms" in record;
  return isOp && isPlaced && textOf(record["table"]) !== undefined ? "" : undefined;
}

/**
 * What `pg_logical_emit_message` wrote into the log: no row. A mapping finds its `$prefix`, and as
 * payload the JSON it holds, or else its text.
 */
export function readMessage(
  message: Loose,
  { bare, about, occurredAtMs }: Pick<ChangeTold, "bare" | "about" | "occurredAtMs">,
  context: ReadingContext,
): Item {
  const prefix = textOf(message["prefix"]) ?? "";
  const content = textOf(message["content"]) ?? "";
  const bytes = fromBase64(content);
  const parsed = bytes === undefined ? undefined : parseJson(bytes);
  const payload = parsed?.ok === true ? parsed.value : parsedText(content);
  const rev = revOf(bare);
  const id = idOf("message", connectorOf(bare), rev, prefix, fingerprint(content));
  const told = { ...about, prefix, rev };
  return readPlain({ id, type: "message", occurredAtMs, payload, about: told }, context);
}

/** The last millisecond that RFC 3339 can write. */
const INSTANT_MS_MAX = 253_402_300_799_999;

/** A clock's milliseconds. 0 is what some connectors write where they know none. */
export function momentOf(value: unknown): number | undefined {
  const text = textOf(value);
  const ms = text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0;
  return ms > 0 && ms <= INSTANT_MS_MAX ? ms : undefined;
}
