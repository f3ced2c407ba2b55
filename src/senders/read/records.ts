import type { Violation } from "../../core/contracts/event.ts";
import type { Delivery, Reading, ReadingContext } from "../sender.ts";
import { arranged } from "./debezium-change.ts";
import { readChangeRecord, recordNamer, type RecordExtra } from "./debezium.ts";
import { listOf, parseText } from "./json.ts";
import { splitJsonTexts } from "./json-texts.ts";
import { isLoose } from "./loose.ts";

/** Connectors are told to cut their batches to this: of a few hundred by their defaults. */
export const RECORDS_MAX = 1000;

/**
 * The records of one delivery, each by {@link readChangeRecord}: those that tell of the connector
 * itself give no item.
 */
export function readRecords(
  records: readonly unknown[],
  context: ReadingContext,
  extra: RecordExtra,
): Reading {
  const named = { ...extra, nameOf: recordNamer() };
  const items = arranged(records.map((record) => readChangeRecord(record, context, named)));
  const silent = records.length - items.length;
  if (silent === 0) return { kind: "items", items };
  const told = "heartbeat, transaction mark, schema change, tombstone or change of an outbox";
  return { kind: "items", items, ignored: `${silent} of ${records.length} records: ${told}` };
}

/**
 * The records of a body however a Kafka sink joins them: one, an array, NDJSON, joined by commas or
 * by nothing, or `{"records": […]}` where a prefix and a suffix say so.
 */
export function readJoinedRecords(
  { body, receivedAtMs }: Delivery,
  context: ReadingContext,
  advice: string,
): Reading {
  const text = parseText(body);
  if (!text.ok) return malformedWith(text.refusal, advice);
  const split = splitJsonTexts(text.value, RECORDS_MAX);
  if (!split.ok) return malformedWith(split.refusal, advice);
  const [first, ...others] = split.value;
  const list = listOf(others.length === 0 ? batchIn(first) : split.value, RECORDS_MAX);
  if (!list.ok) return malformedWith(list.refusal, advice);
  return readRecords(list.value, context, { occurredAtMs: receivedAtMs });
}

function batchIn(value: unknown): unknown {
  if (!isLoose(value) || Object.keys(value).length !== 1) return value;
  const { records } = value;
  return Array.isArray(records) ? records : value;
}

/** Why a connector's body cannot be read, with what to set so that it can. */
export const malformedWith = (errors: readonly Violation[], advice: string): Reading => ({
  kind: "malformed",
  errors: errors.map((error) => ({ ...error, message: `${error.message}: ${advice}` })),
});
