import type { Item, ReadingContext } from "../sender.ts";
import { fingerprint } from "./fingerprint.ts";
import { idOf } from "./ids.ts";
import { parsedText } from "./json-texts.ts";
import { type Loose, textOf } from "./loose.ts";
import { readPlain } from "./plain.ts";
import { type RowChange, tableOf } from "./rows.ts";

/** Tables that hold nothing but events on their way out, by the names the documents give them. */
const OUTBOX_NAMES: ReadonlySet<string> = new Set(["outbox", "outbox_events", "outboxevent"]);

const isOutbox = (tables: readonly string[]): boolean =>
  OUTBOX_NAMES.has((tables.at(-1) ?? "").toLowerCase());

/**
 * The event in a row of an outbox table, known by the columns that Debezium's router asks for:
 * `id`, `aggregatetype`, `aggregateid`, `type`, `payload`, also with an underscore. Nothing where
 * the row is of no outbox. Its id is the row's own. What is deleted or changed after it was
 * written says nothing new.
 * https://debezium.io/documentation/reference/stable/transformations/outbox-event-router.html
 */
export function readOutboxRow(
  { tables, connector, op, before, after, rev, occurredAtMs, about }: RowChange,
  context: ReadingContext,
): Item | "nothing" | undefined {
  const [table = ""] = tables;
  const row = after ?? before ?? {};
  const event = eventOf(row);
  // A delete often tells the key alone, a truncation nothing: then the table is known by its name.
  if ((op === "d" || op === "t") && isOutbox(tables)) return "nothing";
  if (event === undefined) return undefined;
  if (op === "d" || op === "u") return "nothing";

  const { id, type, payload, aggregatetype, aggregateid } = event;
  const known = { ...about, table, op, rev, after, aggregatetype, aggregateid };
  const place = tableOf({ connector, tables });
  const telling = { id: idOf("outbox", place, id), type, occurredAtMs, payload, about: known };
  return readPlain(telling, context);
}

function eventOf(row: Loose) {
  const id = textOf(row["id"]);
  const aggregatetype = textOf(row["aggregatetype"] ?? row["aggregate_type"]);
  const aggregateid = textOf(row["aggregateid"] ?? row["aggregate_id"]);
  const type = textOf(row["type"] ?? row["event_type"]);
  if (id === undefined || type === undefined || !("payload" in row)) return undefined;
  if (aggregatetype === undefined || aggregateid === undefined) return undefined;
  return { id, type, payload: parsedText(row["payload"]), aggregatetype, aggregateid };
}

/**
 * The event that the router made of such a row where it was told to put id and type beside the
 * payload (`table.fields.additional.placement=id:envelope,type:envelope:eventType`). Its id is
 * trusted together with what it holds: other records are written so, with the id of a thing.
 */
export function readOutboxRecord(
  record: Loose,
  context: ReadingContext,
  { occurredAtMs }: { readonly occurredAtMs: number },
): Item | undefined {
  const given = textOf(record["id"]);
  const type = textOf(record["eventType"] ?? record["event_type"] ?? record["type"]);
  if (given === undefined || type === undefined || !("payload" in record)) return undefined;
  const id = idOf("outbox", given, type, fingerprint(JSON.stringify(record)));
  const aggregatetype = textOf(record["aggregatetype"] ?? record["aggregate_type"]);
  const aggregateid = textOf(record["aggregateid"] ?? record["aggregate_id"]);
  const payload = parsedText(record["payload"]);
  const about = { record, aggregatetype, aggregateid };
  return readPlain({ id, type, occurredAtMs, payload, about }, context);
}
