import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { fromCloudEvent, isOurCloudType } from "./read/cloud-envelope.ts";
import { readChangeRecord } from "./read/debezium.ts";
import type { RecordRead } from "./read/debezium-change.ts";
import { readItem } from "./read/envelopes.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import type { Loose } from "./read/loose.ts";
import { readPlain } from "./read/plain.ts";
import { unreadableItem } from "./read/unreadable.ts";
import type { Item, ReadingContext } from "./sender.ts";
import { fromBase64 } from "./verify/bytes.ts";

const DIGITS = /^\d{1,38}$/;

/** Names of attributes: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
const ATTRIBUTE = /^[\da-z]+$/;

const Text = z.string().min(1);

/** Members by other names are kept and no attributes: Debezium once wrote `iodebeziumtxId`. */
const CloudEvent = z
  .looseObject({
    specversion: z.literal("1.0"),
    id: Text,
    source: Text.regex(/^\S+$/, "Must be a URI reference"),
    type: Text,
    time: z
      .string()
      .refine((text) => parseInstant(text) !== undefined, "Must be an RFC 3339 date-time")
      .nullish(),
    subject: z.string().nullish(),
    dataschema: z.string().nullish(),
    datacontenttype: z.string().nullish(),
    data_base64: z.string().nullish(),
  })
  .refine(({ data, data_base64: binary }) => !isSet(data) || !isSet(binary), {
    path: ["data_base64"],
    params: { rule: "exclusive" },
    error: "Must not stand beside data",
  });
type CloudEvent = z.output<typeof CloudEvent>;

const isSet = (value: unknown): boolean => value !== undefined && value !== null;

/** When and where an event arrived. */
export interface Arrival {
  readonly context: ReadingContext;
  readonly receivedAtMs: number;
}

/** One event in CloudEvents' JSON, or what binary mode comes to in it. */
export function readCloudEvent(input: unknown, arrival: Arrival): RecordRead {
  const parsed = CloudEvent.safeParse(input);
  if (!parsed.success) return unreadableItem(input, parsed.error);
  const event = unpackData(parsed.data);
  // A source is a URI reference and holds no blank: no two pairs of source and id read the same.
  const id = idOf(`${event.source} ${event.id}`);
  if (event === parsed.data && isSet(event.data_base64) && isJsonType(event.datacontenttype)) {
    const message = "Must be base64 of JSON text, as datacontenttype says";
    const errors = [{ path: "data_base64", rule: "format", message }];
    return { kind: "broken", id, code: "contract_violated", type: event.type, errors };
  }
  if (isOurCloudType(event.type)) {
    return readItem({ ...fromCloudEvent(event), id }, arrival.context, () => id);
  }
  if (event.type.startsWith("io.debezium.")) {
    const { context, receivedAtMs } = arrival;
    return readChangeRecord(event, context, { occurredAtMs: receivedAtMs });
  }
  return readForeign(event, id, arrival);
}

/** JSON that came as bytes is read like any other: a mapping finds `data.order_id` all the same. */
function unpackData(event: CloudEvent): CloudEvent {
  const { data_base64: binary, ...others } = event;
  if (typeof binary !== "string" || !isJsonType(event.datacontenttype)) return event;
  const bytes = fromBase64(binary);
  const parsed = bytes === undefined ? undefined : parseJson(bytes);
  return parsed?.ok === true ? { ...others, data: parsed.value } : event;
}

function readForeign(event: CloudEvent, id: string, { context, receivedAtMs }: Arrival): Item {
  const { type, time } = event;
  const attributes = Object.entries(event).filter(
    ([name, value]) => name !== "data" && ATTRIBUTE.test(name) && isSet(value),
  );
  const timeMs = typeof time === "string" ? parseInstant(time) : undefined;
  const about = { ...Object.fromEntries(attributes), time_ms: timeMs, rev: revOf(event) };
  return readPlain(
    { id, type, occurredAtMs: timeMs ?? receivedAtMs, payload: event, about },
    context,
  );
}

/** https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/sequence.md */
function revOf({ sequence }: Loose): string | undefined {
  const text = typeof sequence === "number" ? String(sequence) : sequence;
  return typeof text === "string" && DIGITS.test(text) ? text : undefined;
}

/** `application/json`, `application/vnd.acme+json`, and neither with nor without parameters other. */
export const isJsonType = (mediaType: string | null | undefined): boolean =>
  /^\s*[\w.-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(mediaType ?? "");

/**
 * The value of an attribute in a header: quotes of older senders are taken off, then percent codes
 * once; nothing where those are not UTF-8.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values
 */
export function decodeAttribute(header: string): string | undefined {
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"$/s.exec(header) ?? [];
  const text = quoted?.replaceAll(/\\(.)/gs, "$1") ?? header;
  try {
    // A percent sign that begins no code was forgotten to be encoded, and is one.
    return decodeURIComponent(text.replaceAll(/%(?![\da-f]{2})/gi, "%25"));
  } catch {
    return undefined;
  }
}
