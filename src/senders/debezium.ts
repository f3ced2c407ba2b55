import type { RecordExtra } from "./read/debezium.ts";
import { idOf } from "./read/ids.ts";
import { listOf, parseJson, parseJsonText } from "./read/json.ts";
import { isLoose, textOf } from "./read/loose.ts";
import { readRecords, RECORDS_MAX, malformedWith } from "./read/records.ts";
import { tableOptions } from "./read/rows.ts";
import { CONNECTOR_BODY_BYTES_MAX, type Delivery, type Reading, type Sender } from "./sender.ts";
import { fromBase64 } from "./verify/bytes.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";
import { standardWebhooks } from "./verify/standard-webhooks.ts";
import { API_KEY_OPTIONS } from "./verify/token.ts";

/** Headers of a record, where an outbox's router puts the id and the type of its event. */
const ID_HEADER = "x-debezium-id";
const TYPE_HEADERS = ["x-debezium-eventtype", "x-debezium-type"];

const AS_JSON = "set debezium.format.value=json";
const SMALLER_BATCHES = `set debezium.sink.http.batch.max-size=${RECORDS_MAX} or less`;

/**
 * Debezium Server's HTTP sink:
 * https://debezium.io/documentation/reference/stable/operations/debezium-server.html
 * It stops for good after five refusals, so that whatever can be read is taken in, and what cannot
 * be understood is kept for a person. Its `webhook-id` is a new one after each restart, so a change
 * is known by its place in the database's log (PROVIDERS 9).
 */
export const debezium: Sender = {
  name: "debezium",
  family: "connector",
  defaultScheme: "standard-webhooks-v1",
  schemes: {
    // It signs with a shared key, and not by v1a.
    "standard-webhooks-v1": standardWebhooks["standard-webhooks-v1"],
    ...SHOWN_SCHEMES,
  },
  bodyBytesMax: CONNECTOR_BODY_BYTES_MAX,
  readHeaders: [ID_HEADER, ...TYPE_HEADERS],
  checkOptions: tableOptions(API_KEY_OPTIONS),

  read(delivery, context): Reading {
    const parsed = parseJson(delivery.body, RECORDS_MAX);
    if (!parsed.ok) {
      const isTooLong = parsed.refusal.some(({ rule }) => rule === "length");
      return malformedWith(parsed.refusal, isTooLong ? SMALLER_BATCHES : AS_JSON);
    }
    if (!Array.isArray(parsed.value)) {
      return readRecords([parsed.value], context, extraOf(delivery));
    }
    const list = listOf(parsed.value, RECORDS_MAX);
    if (!list.ok) return malformedWith(list.refusal, SMALLER_BATCHES);
    // A batch brings the headers of its first record: they say nothing of the others.
    return readRecords(list.value, context, { occurredAtMs: delivery.receivedAtMs });
  },
};

function extraOf(delivery: Delivery): RecordExtra {
  const id = headerText(delivery.header(ID_HEADER));
  const type = TYPE_HEADERS.map((name) => headerText(delivery.header(name))).find(
    (text) => text !== undefined,
  );
  return {
    ...(id === undefined ? {} : { idHint: idOf("outbox", id) }),
    ...(type === undefined ? {} : { type }),
    occurredAtMs: delivery.receivedAtMs,
  };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** A record's header: base64 of text, of JSON text by some converters, and plain where set so. */
function headerText(value: string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  return convertedText(plainText(value));
}

function plainText(value: string): string {
  const bytes = fromBase64(value);
  if (bytes === undefined) return value;
  try {
    const text = utf8.decode(bytes);
    return /\p{Cc}/u.test(text) ? value : text;
  } catch {
    return value;
  }
}

/** What JsonConverter wrote: the text in quotes, or in `{schema, payload}` as it does with values. */
function convertedText(text: string): string {
  const parsed = /^["{]/.test(text) ? parseJsonText(text) : undefined;
  if (parsed?.ok !== true) return text;
  const { value } = parsed;
  const isWrapped = isLoose(value) && "schema" in value && "payload" in value;
  return textOf(isWrapped ? value["payload"] : value) ?? text;
}
