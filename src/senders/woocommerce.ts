import * as z from "zod";
import { readTelling } from "./read/facts.ts";
import { fingerprintBytes } from "./read/fingerprint.ts";
import { idOf, unreadableId } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { isLoose, type Loose, textOf } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { brokenItem } from "./read/unreadable.ts";
import type { Delivery, Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { bare } from "./verify/grammar.ts";
import { verifySignature } from "./verify/signature.ts";
import { gmtOf, tellingsOf } from "./woocommerce-facts.ts";

/** What the shop posts when a webhook is saved: `WC_Webhook::deliver_ping`, unsigned. */
const PING = /^webhook_id=\d{1,20}$/;
const PING_BYTES_MAX = 31;

const PREFIX = /^[\w.:-]{1,32}$/;

const Name = z.string().min(1).max(128);

const signature = verifySignature({
  header: "x-wc-webhook-signature",
  grammar: bare,
  encoding: "base64",
  algorithm: "hmac-sha256",
  signed: "{body}",
});

const SECRET_CHARS_MIN = 8;

/** A secret that the shop makes up may hold spaces inside: `wp_generate_password`. */
function checkSecret(secret: string): string | undefined {
  if (secret.trim() !== secret) return "The secret begins or ends with white space";
  if (secret.length >= SECRET_CHARS_MIN) return undefined;
  return `The secret has ${secret.length} characters, fewer than ${SECRET_CHARS_MIN}`;
}

/**
 * WooCommerce's webhooks: https://woocommerce.com/document/webhooks/
 * Only the body is signed: topic and shop stand in headers that a replay may change, so the body
 * itself has to bear out what its topic says: see `woocommerce-facts.ts`.
 */
export const woocommerce: Sender = {
  name: "woocommerce",
  family: "product",
  defaultScheme: "woocommerce-hmac",
  schemes: { "woocommerce-hmac": { ...signature, checkSecret } },
  readHeaders: ["x-wc-webhook-topic", "x-wc-webhook-source", "x-wc-webhook-delivery-id"],
  checkOptions: productOptions({
    shop_url: z.url({ protocol: /^https?$/ }).exactOptional(),
    distributor_attribute: Name.exactOptional(),
    cv_attribute: Name.exactOptional(),
    pv_attribute: Name.exactOptional(),
    cv_property: Name.exactOptional(),
    pv_property: Name.exactOptional(),
    enrollment_skus: z.array(Name).max(100).exactOptional(),
    payment_id: z.enum(["order", "transaction"]).exactOptional(),
    prefix: z.string().regex(PREFIX, "Must be 1 to 32 of A-Z a-z 0-9 . _ : -").exactOptional(),
  }),

  read(delivery, context): Reading {
    if (isPing(delivery.body)) {
      return { kind: "items", items: [], ignored: "The ping of a webhook that was saved" };
    }
    const parsed = parseJson(delivery.body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    const topic = delivery.header("x-wc-webhook-topic") ?? "";
    if (!isLoose(parsed.value) || topic === "") {
      const fault = isLoose(parsed.value)
        ? { path: "headers.x-wc-webhook-topic", rule: "required", message: "Is required" }
        : { path: "", rule: "type", message: "Must be an object" };
      return { kind: "items", items: [brokenItem(unreadableId(parsed.value), fault)] };
    }
    return { kind: "items", items: readSubject(parsed.value, topic, { delivery, context }) };
  },

  // Without it the shop cannot save the webhook. It says nothing, and so does the answer.
  greet: ({ method, header, body }) =>
    Promise.resolve(
      method === "POST" && header("x-wc-webhook-signature") === undefined && isPing(body)
        ? { status: 200 }
        : undefined,
    ),
};

const isPing = (body: Uint8Array): boolean =>
  body.length <= PING_BYTES_MAX && PING.test(new TextDecoder().decode(body));

interface Setting {
  readonly delivery: Delivery;
  readonly context: ReadingContext;
}

/** All that one delivery tells, each under the object's id, its moment, and what it is. */
function readSubject(subject: Loose, topic: string, { delivery, context }: Setting): Item[] {
  const id = idOf(topic, textOf(subject["id"]), revisionOf(subject, delivery));
  const { options } = context;
  const tellings = tellingsOf({ topic, subject, options, receivedAtMs: delivery.receivedAtMs });
  const isStranger = !isFrom(delivery, options["shop_url"]);
  return tellings.map(({ part, occurredAtMs, fact }) => {
    const partId = part === undefined ? id : idOf(id, part);
    if (isStranger) {
      const path = "headers.x-wc-webhook-source";
      const message = "Must name the shop of options.shop_url";
      return brokenItem(partId, { path, rule: "shop_url", message }, topic);
    }
    return readTelling(
      { id: partId, type: topic, occurredAtMs: occurredAtMs ?? -1, payload: subject, fact },
      context,
    );
  });
}

/**
 * An order changes several times within the second its date tells: its status tells those apart
 * that matter. What is deleted has no date, and may be deleted again once it was restored; nor has
 * an action, and those of one second share the delivery's id.
 */
function revisionOf(subject: Loose, { header, body }: Delivery): string {
  const modified = textOf(subject["date_modified_gmt"]);
  if (modified === undefined || gmtOf(modified) === undefined) {
    return idOf(header("x-wc-webhook-delivery-id") ?? "undated", fingerprintBytes(body));
  }
  const status = textOf(subject["status"]);
  return status === undefined ? modified : `${modified}:${status}`;
}

function isFrom({ header }: Delivery, shop: unknown): boolean {
  if (typeof shop !== "string") return true;
  return plain(header("x-wc-webhook-source") ?? "") === plain(shop);
}

/** By a loop: a pattern would begin anew at each slash of a header that nobody signs. */
function plain(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end -= 1;
  return url.slice(0, end).toLowerCase();
}
