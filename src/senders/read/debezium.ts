import { parseInstant } from "../../core/contracts/instant.ts";
import type { Item, ReadingContext } from "../sender.ts";
import {
  type ChangeTold,
  momentOf,
  readChange,
  readMessage,
  type RecordRead,
  unwrapped,
} from "./debezium-change.ts";
import { fingerprint } from "./fingerprint.ts";
import { idOf, unreadableId } from "./ids.ts";
import { parsedText } from "./json-texts.ts";
import { barelyNamed } from "./log-position.ts";
import { isLoose, type Loose, looseOf, textOf } from "./loose.ts";
import { readOutboxRecord } from "./outbox.ts";
import { readPlain } from "./plain.ts";

/** What a record does not tell of itself. */
export interface RecordExtra {
  /** Names a record that has neither a place in a log nor an id. */
  readonly idHint?: string;
  /** Does so where there is no `idHint`: one for all records of a delivery that brings several. */
  readonly nameOf?: RecordNamer;
  /** What the delivery calls it, `$type` of rules: `record` where absent. */
  readonly type?: string;
  /** When nothing in the record says so: the connector's time, or that of arrival. */
  readonly occurredAtMs: number;
}

/**
 * The item of one record as Kafka Connect or Debezium Server hands it over (PROVIDERS 9), by what
 * it holds and not by what the delivery calls it:
 * - a Debezium envelope, plain, in `{schema, payload}` or as a CloudEvent, and a record unwrapped
 *   by ExtractNewRecordState: a row's change, by `options.tables`;
 * - a row of an outbox, or what its router made of it: by `options.rules`, its payload parsed;
 * - a heartbeat, a transaction's begin or end, a schema change, a tombstone, a notification:
 *   `"nothing"`, for none tells of a row or of a deed;
 * - any other object: by `options.rules`, where `$record` is the whole of it.
 *
 * Every record gives one item or nothing, whatever the options are; but for what says nothing new of
 * an outbox, and is a row where the mapping names that table.
 */
export function readChangeRecord(
  record: unknown,
  context: ReadingContext,
  extra: RecordExtra,
): RecordRead {
  const value = unpacked(record);
  if (value === null || value === undefined) return "nothing";
  if (!isLoose(value)) {
    const errors = [{ path: "", rule: "object", message: "A record must be a JSON object" }];
    return { kind: "broken", id: unreadableId(value), code: "contract_violated", errors };
  }
  if (isSilent(value)) return "nothing";
  if (typeof value["specversion"] === "string") return readCloudEvent(value, context, extra);
  if (isEnvelope(value)) return readEnvelope(value, context, extra);
  const flat = unwrapped(value, extra.occurredAtMs);
  if (flat !== undefined) return readChange(flat, context);
  const outboxed = readOutboxRecord(value, context, extra);
  return outboxed ?? readRecord({ record, value }, context, extra);
}

export type RecordNamer = (record: unknown) => string;

/**
 * Names the records of one body that have no name of their own, in their order: by what each holds,
 * and which of several equal ones it is, so that a body sent again gives the same. Asked for those
 * alone that need it, and keeps no record: most are named by their place in a log.
 */
export function recordNamer(): RecordNamer {
  const counts = new Map<string, number>();
  return (record) => {
    const content = fingerprint(JSON.stringify(record) ?? "");
    const count = counts.get(content) ?? 0;
    counts.set(content, count + 1);
    return `record:${content}:${count}`;
  };
}

/** Out of the text and the `{schema, payload}` it may be wrapped in, by JsonConverter's settings. */
function unpacked(record: unknown): unknown {
  const outer = parsedText(record);
  const isWrapped =
    isLoose(outer) &&
    Object.hasOwn(outer, "schema") &&
    Object.hasOwn(outer, "payload") &&
    Object.keys(outer).length === 2;
  return isWrapped ? parsedText(outer["payload"]) : outer;
}

const CLOCKS = ["ts_ms", "ts_us", "ts_ns"];
const TRANSACTION = ["status", "id", "event_count"];
const NOTIFICATION = ["id", "aggregate_type", "type", "additional_data"];

/**
 * What Debezium tells of itself and not of a row. By exactly its members: a record of somebody's own
 * that has more of them, or fewer, would be lost.
 */
function isSilent(value: Loose): boolean {
  const isTransaction =
    isOf(value, TRANSACTION, ["data_collections", ...CLOCKS]) &&
    (value["status"] === "BEGIN" || value["status"] === "END");
  const isHeartbeat = CLOCKS.some((name) => name in value) && isOf(value, [], CLOCKS);
  return (
    isHeartbeat ||
    isTransaction ||
    isOf(value, NOTIFICATION, ["timestamp"]) ||
    isSchemaChange(value)
  );
}

/** Whether it has all of some members, and none but these and some more. */
const isOf = (value: Loose, needed: readonly string[], more: readonly string[]): boolean =>
  needed.every((name) => name in value) &&
  Object.keys(value).every((name) => needed.includes(name) || more.includes(name));

const isSchemaChange = (value: Loose): boolean =>
  "ddl" in value &&
  isLoose(value["source"]) &&
  ("databaseName" in value || "tableChanges" in value);

const isEnvelope = (value: Loose): boolean =>
  typeof value["op"] === "string" && isLoose(value["source"]);

function readEnvelope(
  { op, before, after, message, transaction, ts_ms: tsMs, source }: Loose,
  context: ReadingContext,
  extra: RecordExtra,
): RecordRead {
  const bare = barelyNamed(looseOf(source));
  const toldAtMs = momentOf(bare["tsms"]) ?? momentOf(tsMs);
  const occurredAtMs = toldAtMs ?? extra.occurredAtMs;
  const about = { source, transaction };
  if (op === "m") return readMessage(looseOf(message), { bare, about, occurredAtMs }, context);
  return readChange({ op, before, after, bare, about, occurredAtMs, toldAtMs }, context);
}

/** https://debezium.io/documentation/reference/stable/integrations/cloudevents.html */
function readCloudEvent(event: Loose, context: ReadingContext, extra: RecordExtra): RecordRead {
  const data = unpacked(event["data"]);
  const change = changeOf(event, data, extra);
  if (change !== undefined) return readChange(change, context);
  if (isLoose(data) && isSilent(data)) return "nothing";
  const type = textOf(event["type"]) ?? "CloudEvent";
  // With what it holds: nobody has judged how the id was made.
  const id = idOf(
    textOf(event["source"]),
    textOf(event["id"]),
    fingerprint(JSON.stringify(data) ?? ""),
  );
  const occurredAtMs = timeOf(event) ?? extra.occurredAtMs;
  return readPlain({ id, type, occurredAtMs, payload: event, about: { record: event } }, context);
}

const timeOf = ({ time }: Loose): number | undefined =>
  typeof time === "string" ? parseInstant(time) : undefined;

/** The change of a row that a CloudEvent tells: members of `source` are attributes of the event. */
function changeOf(event: Loose, data: unknown, extra: RecordExtra): ChangeTold | undefined {
  const op = event["iodebeziumop"];
  if (typeof op !== "string" || !isLoose(data)) return undefined;
  const attributes = Object.entries(event).filter(([name]) => name.startsWith("iodebezium"));
  const source = Object.fromEntries(attributes);
  const bare = barelyNamed(source);
  const toldAtMs = momentOf(bare["tsms"]) ?? timeOf(event);
  const occurredAtMs = toldAtMs ?? extra.occurredAtMs;
  const { before, after } = data;
  return { op, before, after, bare, about: { source }, occurredAtMs, toldAtMs };
}

/** A record as it came names it; what was taken out of its wrapping is read. */
function readRecord(
  { record, value }: { readonly record: unknown; readonly value: Loose },
  context: ReadingContext,
  { idHint, nameOf = recordNamer(), type = "record", occurredAtMs }: RecordExtra,
): Item {
  const id = idOf(idHint ?? nameOf(record));
  return readPlain({ id, type, occurredAtMs, payload: value, about: { record: value } }, context);
}
