import { parseInstant } from "../../core/contracts/instant.ts";
import type { Item, ReadingContext } from "../sender.ts";
import {
  type ChangeTold,
  momentOf,
  readChange,
  readMessage,
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
  /** Names a record that has neither a place in a log nor an id: see {@link recordIds}. */
  readonly idHint?: string;
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
 * Every record gives one item or nothing, whatever the options are.
 */
export function readChangeRecord(
  record: unknown,
  context: ReadingContext,
  extra: RecordExtra,
): Item | "nothing" {
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
  return readOutboxRecord(value, context, extra) ?? readRecord(value, context, extra);
}

/**
 * Ids for the records of one body that may have none: what each holds, and which of several equal
 * ones it is, so that a body sent again gives the same.
 */
export function recordIds(records: readonly unknown[]): readonly string[] {
  const nameOf = recordNamer(records);
  return records.map((_record, at) => nameOf(at));
}

/** As {@link recordIds}, one at a time: most records are named by their place in a log. */
export function recordNamer(records: readonly unknown[]): (at: number) => string {
  const texts = records.map((record) => JSON.stringify(record) ?? "");
  const counts = new Map<string, number>();
  const places = texts.map((text) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count + 1);
    return count;
  });
  return (at) => `record:${fingerprint(texts[at] ?? "")}:${places[at] ?? 0}`;
}

/** Out of the text and the `{schema, payload}` it may be wrapped in, by JsonConverter's settings. */
function unpacked(record: unknown): unknown {
  const outer = parsedText(record);
  const isWrapped =
    isLoose(outer) &&
    Object.keys(outer).length === 2 &&
    Object.hasOwn(outer, "schema") &&
    Object.hasOwn(outer, "payload");
  return isWrapped ? parsedText(outer["payload"]) : outer;
}

const CLOCKS: ReadonlySet<string> = new Set(["ts_ms", "ts_us", "ts_ns"]);

/** What Debezium tells of itself and not of a row. */
function isSilent(value: Loose): boolean {
  const names = Object.keys(value);
  const isHeartbeat = names.length > 0 && names.every((name) => CLOCKS.has(name));
  const isTransaction =
    "event_count" in value && (value["status"] === "BEGIN" || value["status"] === "END");
  const isSchemaChange = "ddl" in value && isLoose(value["source"]);
  const isNotification = "aggregate_type" in value && "additional_data" in value;
  return isHeartbeat || isTransaction || isSchemaChange || isNotification;
}

const isEnvelope = (value: Loose): boolean =>
  typeof value["op"] === "string" && isLoose(value["source"]);

function readEnvelope(
  { op, before, after, message, transaction, ts_ms: tsMs, source }: Loose,
  context: ReadingContext,
  extra: RecordExtra,
): Item | "nothing" {
  const bare = barelyNamed(looseOf(source));
  const occurredAtMs = momentOf(bare["tsms"]) ?? momentOf(tsMs) ?? extra.occurredAtMs;
  const about = { source, transaction };
  if (op === "m") return readMessage(looseOf(message), { bare, about, occurredAtMs }, context);
  return readChange({ op, before, after, bare, about, occurredAtMs }, context);
}

/** https://debezium.io/documentation/reference/stable/integrations/cloudevents.html */
function readCloudEvent(
  event: Loose,
  context: ReadingContext,
  extra: RecordExtra,
): Item | "nothing" {
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
  const occurredAtMs = momentOf(bare["tsms"]) ?? timeOf(event) ?? extra.occurredAtMs;
  const { before, after } = data;
  return { op, before, after, bare, about: { source }, occurredAtMs };
}

function readRecord(record: Loose, context: ReadingContext, extra: RecordExtra): Item {
  const { idHint = recordIds([record])[0] ?? "", type = "record", occurredAtMs } = extra;
  return readPlain(
    { id: idOf(idHint), type, occurredAtMs, payload: record, about: { record } },
    context,
  );
}
