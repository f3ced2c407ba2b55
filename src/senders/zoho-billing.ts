import * as z from "zod";
import type { Violation } from "../core/contracts/event.ts";
import type { JsonObject } from "../core/json.ts";
import { ok, refuse, type Result } from "../core/result.ts";
import { readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { idOf } from "./read/ids.ts";
import { parseJson, parseText } from "./read/json.ts";
import { itemsOf, type Loose } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { unreadableItem } from "./read/unreadable.ts";
import type { Delivery, Item, Reading, ReadingContext, Scheme, Sender } from "./sender.ts";
import { translateBilling, zohoInstant } from "./zoho-billing-facts.ts";
import { decode, fromText } from "./verify/bytes.ts";
import { matchSecret, readOne } from "./verify/checks.ts";
import { hmacKey } from "./verify/keys.ts";
import { publicUrl } from "./verify/signature.ts";
import { doubt, found, startTrail, type Found } from "./verify/trail.ts";

const HEADER = "x-zoho-webhook-signature";
const SECRET = /^[\dA-Za-z]{12,50}$/;
const FORM = "application/x-www-form-urlencoded";
const NAMES_MAX = 50;
const SHA256_BYTES = 32;

/**
 * Zoho's «secure webhook»: HMAC-SHA256 of every parameter of query and form, sorted by name, name
 * and value joined with nothing between, then the JSON as it came. No time is signed, nor where a
 * name ends, nor what kind of body it is: whoever holds a genuine delivery could say that anew,
 * unless the source's options say it.
 * https://www.zoho.com/billing/kb/webhooks/securing-webhooks.html
 */
const zohoBillingHmac: Scheme = {
  covers: "body",

  checkSecret: (secret) =>
    SECRET.test(secret) ? undefined : "The secret is not 12 to 50 letters and digits",

  async verify(delivery, auth, { options }) {
    const trail = startTrail();
    const signature = trail.note("signature header", readSignature(delivery));
    if (signature === undefined) return trail.verdict();
    const signed = trail.note(
      "signed bytes",
      signedBytes(delivery, publicUrl(delivery, auth), options),
    );
    if (signed === undefined) return trail.verdict();
    trail.note(
      "signature",
      await matchSecret(auth.secrets, async (secret) => {
        if (secret === "") return "unusable";
        const key = await hmacKey(`text ${secret}`, fromText(secret), "SHA-256");
        const isOurs = await crypto.subtle.verify("HMAC", key, signature, signed);
        return isOurs ? "matched" : "mismatched";
      }),
    );
    return trail.verdict();
  },
};

/** Zoho does not say how it writes the digest: 64 digits of hex, or 44 characters of base64. */
function readSignature(delivery: Delivery): Found<Uint8Array> {
  const header = readOne(delivery, HEADER, "signature");
  if (!header.ok) return header;
  const encoding = header.value.length === SHA256_BYTES * 2 ? "hex" : "base64";
  const bytes = decode(header.value, encoding);
  if (bytes?.length === SHA256_BYTES) return found(bytes, `Read "${HEADER}": ${encoding}`);
  return doubt("signature_malformed", `Header "${HEADER}" is no SHA-256 in hex or base64`);
}

function signedBytes(delivery: Delivery, url: string, options: JsonObject): Found<Uint8Array> {
  const isForm = isFormBy(options, delivery);
  // Where options tell the kind, the header can only refuse.
  if (isForm !== saysForm(delivery)) {
    const kinds = isForm ? "a form, and is none" : "no form, and is one";
    return doubt("signature_malformed", `By options.format the body is ${kinds}`);
  }
  const query = [...new URL(url).searchParams];
  const { query: known } = options;
  if (known !== undefined && query.some(([name]) => !itemsOf(known).includes(name))) {
    return doubt("signature_malformed", "The URL has a parameter that options.query does not name");
  }
  const form = isForm ? formOf(delivery.body) : [];
  if (form === undefined) return doubt("signature_malformed", "The body is no form of our kind");
  const pairs = [...query, ...form];
  const sorted = pairs.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const parameters = fromText(sorted.map(([name, value]) => name + value).join(""));
  const json = isForm ? new Uint8Array(0) : delivery.body;
  const bytes = new Uint8Array(parameters.length + json.length);
  bytes.set(parameters);
  bytes.set(json, parameters.length);
  return found(bytes, `${pairs.length} parameters sorted, then ${json.length} bytes of JSON`);
}

const isFormBy = ({ format }: JsonObject, delivery: Delivery): boolean =>
  format === undefined ? saysForm(delivery) : format === "form";

const saysForm = ({ header }: Delivery): boolean =>
  (header("content-type") ?? "").toLowerCase().startsWith(FORM);

/**
 * The pairs of a form. Nothing where one has no name, one has two values, or a single pair is all
 * name: then any text, JSON too, could stand for another as a form.
 */
function formOf(body: Uint8Array): readonly (readonly [string, string])[] | undefined {
  const text = parseText(body);
  if (!text.ok) return undefined;
  const pairs = [...new URLSearchParams(text.value)];
  const names = new Set(pairs.map(([name]) => name));
  if (pairs.length === 0 || names.has("") || names.size < pairs.length) return undefined;
  return pairs.length === 1 && pairs[0]?.[1] === "" ? undefined : pairs;
}

const Text = z.union([z.string().min(1).max(128), z.int()]).transform(String);

/** A webhook with a body of one's own may lack all of it. */
const Event = z.looseObject({
  event_id: Text.optional(),
  event_type: z.string().min(1).max(128).optional(),
  created_time: z.string().optional(),
  event_time: z.string().optional(),
  data: z.looseObject({}).optional(),
});

/** Webhooks of Zoho Billing, which was Subscriptions, and of Books. */
export const zohoBilling: Sender = {
  name: "zoho-billing",
  family: "product",
  defaultScheme: "zoho-billing-hmac",
  schemes: { "zoho-billing-hmac": zohoBillingHmac },
  readHeaders: ["content-type"],
  checkOptions: productOptions({
    format: z.enum(["json", "form"]).exactOptional(),
    query: z.array(z.string().min(1).max(128)).max(NAMES_MAX).exactOptional(),
  }),

  read(delivery, context): Reading {
    const { body } = delivery;
    const parsed = isFormBy(context.options, delivery) ? readForm(body) : parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    return { kind: "items", items: [readEvent(parsed.value, context)] };
  },
};

function readForm(body: Uint8Array): Result<Loose, readonly Violation[]> {
  const pairs = formOf(body);
  if (pairs !== undefined) return ok(Object.fromEntries(pairs));
  return refuse([{ path: "", rule: "form", message: "Must be a form of names and values" }]);
}

function readEvent(payload: unknown, context: ReadingContext): Item {
  const parsed = Event.safeParse(payload);
  if (!parsed.success) return unreadableItem(payload, parsed.error);
  const { event_id, event_type: type = "webhook", created_time, event_time, data } = parsed.data;
  const occurredAtMs = zohoInstant(created_time) ?? zohoInstant(event_time) ?? -1;
  const fact = translateBilling({ type, occurredAtMs, data: data ?? {} });
  const id =
    event_id === undefined ? `body:${fingerprint(JSON.stringify(payload))}` : idOf(event_id);
  return readTelling({ id, type, occurredAtMs, payload, fact }, context);
}
