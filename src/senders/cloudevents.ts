import * as z from "zod";
import { type Arrival, decodeAttribute, isJsonType, readCloudEvent } from "./cloudevents-facts.ts";
import { arranged } from "./read/debezium-change.ts";
import { unreadableId } from "./read/ids.ts";
import { listOf, parseJson, parseText } from "./read/json.ts";
import { itemsOf } from "./read/loose.ts";
import { tableOptions } from "./read/rows.ts";
import type { Delivery, Outcome, Reading, ReadingContext, Reply, Sender } from "./sender.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";
import { standardWebhooks } from "./verify/standard-webhooks.ts";
import { API_KEY_OPTIONS } from "./verify/token.ts";

const EVENTS_MAX = 1000;
const RETRY_AFTER_S = 30;

/** What binary mode brings in `ce-…`: the attributes of the specification, and ours. */
const ATTRIBUTES = [
  "specversion",
  "id",
  "source",
  "type",
  "time",
  "subject",
  "dataschema",
  "sequence",
  "sequencetype",
  "partitionkey",
  "contractversion",
  "epoch",
  "seq",
  "rev",
  "correlationid",
  "causationid",
];

/** `application/cloudevents`, `…-batch`, with or without `+json`; no other format is known here. */
const JSON_FORMAT = /^application\/cloudevents(?:-batch)?(?:\+json)?\s*(?:;|$)/;

const TEXT_TYPE = /^\s*(?:text\/|application\/(?:[\w.-]+\+)?xml)/i;

/** A DNS name, as the specification asks for; it is given back in a header. */
const ORIGIN = /^[\d.A-Za-z-]{1,253}(?::\d{1,5})?$/;
const RATE = /^(?:\*|[1-9]\d{0,9})$/;

/**
 * CloudEvents 1.0 over HTTP: binary, structured and batched.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export const cloudevents: Sender = {
  name: "cloudevents",
  family: "connector",
  defaultScheme: "bearer-token",
  schemes: { ...SHOWN_SCHEMES, ...standardWebhooks },
  readHeaders: ["content-type", ...ATTRIBUTES.map((name) => `ce-${name}`)],
  readHeadersOf: (options) => extensionsOf(options).map((name) => `ce-${name}`),
  checkOptions: tableOptions({
    ...API_KEY_OPTIONS,
    extensions: z
      .array(z.string().regex(/^[\da-z]{1,64}$/, "Is no name of an attribute"))
      .max(32)
      .exactOptional(),
  }),

  read(delivery, context): Reading {
    const mediaType = (delivery.header("content-type") ?? "").trim().toLowerCase();
    if (mediaType.startsWith("application/cloudevents")) {
      if (JSON_FORMAT.test(mediaType)) return readFormatted(delivery, context);
      return unsupported("The only format of structured mode that is taken is JSON");
    }
    if (delivery.header("ce-specversion") !== undefined) return readBinary(delivery, context);
    return unsupported("Neither the media type nor a ce-specversion header says CloudEvents");
  },

  // The specification knows 429 alone, and wants to be told when to come back.
  reply(outcome: Outcome): Reply | undefined {
    if (outcome.kind === "taken" || outcome.status !== 503) return undefined;
    const { code, title, retryAfterS = RETRY_AFTER_S } = outcome;
    return {
      status: 429,
      headers: { "Content-Type": "application/problem+json", "Retry-After": String(retryAfterS) },
      body: JSON.stringify({ type: `urn:upline:problem:${code}`, code, title, status: 429 }),
    };
  },

  greetMethods: ["OPTIONS"],

  /**
   * The handshake of https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
   * Everybody may ask, for a delivery is judged by its own proof. The callback is never called: it
   * is an address that a stranger chose.
   */
  greet({ method, header }): Promise<Reply | undefined> {
    const origin = header("webhook-request-origin");
    if (method !== "OPTIONS" || origin === undefined || !ORIGIN.test(origin)) {
      return Promise.resolve(undefined);
    }
    const headers = { Allow: "POST", "WebHook-Allowed-Origin": origin };
    const rate = header("webhook-request-rate");
    const isAsked = rate !== undefined && RATE.test(rate);
    const reply = isAsked ? { ...headers, "WebHook-Allowed-Rate": "*" } : headers;
    return Promise.resolve({ status: 200, headers: reply });
  },
};

const unsupported = (message: string): Reading => ({
  kind: "malformed",
  errors: [{ path: "", rule: "media_type", message }],
});

const extensionsOf = ({ extensions }: ReadingContext["options"]): readonly string[] =>
  itemsOf(extensions).filter((name) => typeof name === "string");

/** A batch is known by its first byte: Debezium does not call it one (PROVIDERS 9). */
function readFormatted({ body, receivedAtMs }: Delivery, context: ReadingContext): Reading {
  const parsed = parseJson(body);
  if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
  if (Array.isArray(parsed.value) && parsed.value.length === 0) {
    return { kind: "items", items: [], ignored: "An empty batch" };
  }
  const list = listOf(parsed.value, EVENTS_MAX);
  if (!list.ok) return { kind: "malformed", errors: list.refusal };
  return readAll(list.value, { context, receivedAtMs });
}

function readAll(events: readonly unknown[], arrival: Arrival): Reading {
  const told = events.map((event) => readCloudEvent(event, arrival));
  const items = arranged(told);
  if (items.length === told.length) return { kind: "items", items };
  return { kind: "items", items, ignored: "Debezium tells of itself, not of a row" };
}

function readBinary(delivery: Delivery, context: ReadingContext): Reading {
  const attributes: Record<string, string> = {};
  for (const name of [...ATTRIBUTES, ...extensionsOf(context.options)]) {
    const header = delivery.header(`ce-${name}`);
    const value = header === undefined ? undefined : decodeAttribute(header);
    if (value !== undefined) attributes[name] = value;
    else if (header !== undefined) return undecodable(name, delivery);
  }
  const data = readData(delivery);
  if ("errors" in data) return { kind: "malformed", errors: data.errors };
  const { receivedAtMs } = delivery;
  return readAll([{ ...attributes, ...data }], { context, receivedAtMs });
}

function undecodable(name: string, { header }: Delivery): Reading {
  const errors = [
    { path: `ce-${name}`, rule: "utf8", message: "Must be UTF-8 behind its percent codes" },
  ];
  const id = unreadableId(ATTRIBUTES.map((attribute) => header(`ce-${attribute}`) ?? null));
  return { kind: "items", items: [{ kind: "broken", id, code: "contract_violated", errors }] };
}

/** The body by its media type, as structured mode would have it. One without a type is bytes. */
function readData({ header, body }: Delivery) {
  const mediaType = header("content-type");
  const type = mediaType === undefined ? {} : { datacontenttype: mediaType };
  if (body.length === 0) return type;
  if (isJsonType(mediaType)) {
    const parsed = parseJson(body);
    return parsed.ok ? { ...type, data: parsed.value } : { errors: parsed.refusal };
  }
  if (TEXT_TYPE.test(mediaType ?? "")) {
    const text = parseText(body);
    return text.ok ? { ...type, data: text.value } : { errors: text.refusal };
  }
  return { ...type, data_base64: toBase64(body) };
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
