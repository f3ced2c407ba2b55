import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { readTelling } from "./read/facts.ts";
import { fingerprintBytes } from "./read/fingerprint.ts";
import { idOf, unreadableId } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { isLoose, type Loose } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { brokenItem } from "./read/unreadable.ts";
import type { Delivery, Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { momentOf, translateShopify } from "./shopify-facts.ts";
import { bare } from "./verify/grammar.ts";
import { verifySignature } from "./verify/signature.ts";

/** Of webhooks; the newer events have the same names without the first `x-`. */
const HEADERS = [
  "x-shopify-topic",
  "x-shopify-shop-domain",
  "x-shopify-webhook-id",
  "x-shopify-event-id",
  "x-shopify-triggered-at",
];

const Name = z.string().min(1).max(128);

/**
 * Shopify's webhooks and events: https://shopify.dev/docs/apps/build/webhooks
 * Only the body is signed. Whoever replays one may write what headers he likes, so the body itself
 * has to bear out what its topic says: see `shopify-facts.ts`.
 */
export const shopify: Sender = {
  name: "shopify",
  family: "product",
  defaultScheme: "shopify-hmac",
  schemes: {
    "shopify-hmac": verifySignature({
      header: ["x-shopify-hmac-sha256", "shopify-hmac-sha256"],
      grammar: bare,
      encoding: "base64",
      algorithm: "hmac-sha256",
      signed: "{body}",
    }),
  },
  readHeaders: [
    ...HEADERS,
    ...HEADERS.map((name) => name.slice("x-".length)),
    "shopify-action",
    "shopify-resource-id",
  ],
  checkOptions: productOptions({
    shop_domain: z
      .string()
      .regex(/^[a-z\d][a-z\d-]*\.myshopify\.com$/i, "Is no domain of the form shop.myshopify.com")
      .exactOptional(),
    distributor_attribute: Name.exactOptional(),
    cv_attribute: Name.exactOptional(),
    pv_attribute: Name.exactOptional(),
    cv_property: Name.exactOptional(),
    pv_property: Name.exactOptional(),
    enrollment_skus: z.array(Name).max(100).exactOptional(),
    test_orders: z.boolean().exactOptional(),
  }),

  read(delivery, context): Reading {
    const parsed = parseJson(delivery.body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    const about = readHeaders(delivery);
    if (!isLoose(parsed.value) || about.topic === "") {
      const fault = isLoose(parsed.value)
        ? { path: "headers.x-shopify-topic", rule: "required", message: "Is required" }
        : { path: "", rule: "type", message: "Must be an object" };
      return { kind: "items", items: [brokenItem(unreadableId(parsed.value), fault)] };
    }
    return { kind: "items", items: [readSubject(parsed.value, about, { delivery, context })] };
  },
};

interface About {
  /** `orders/paid`, or `Order/update` of the newer events. */
  readonly topic: string;
  readonly shop: string | undefined;
  readonly webhookId: string | undefined;
  readonly eventId: string | undefined;
  readonly triggeredAtMs: number | undefined;
  /** Of the newer events: the object's id. */
  readonly resource: string | undefined;
}

/** The headers of one family; the older one, where both came. An empty one is none. */
function readHeaders(delivery: Delivery): About {
  const family = delivery.header("x-shopify-topic") === undefined ? "shopify" : "x-shopify";
  const one = (name: string) => delivery.header(`${family}-${name}`) || undefined;
  const [topic = "", action] = [one("topic"), one("action")];
  return {
    topic: action === undefined ? topic : `${topic}/${action}`,
    shop: one("shop-domain"),
    webhookId: one("webhook-id"),
    eventId: one("event-id"),
    triggeredAtMs: parseInstant(one("triggered-at") ?? ""),
    resource: one("resource-id"),
  };
}

interface Setting {
  readonly delivery: Delivery;
  readonly context: ReadingContext;
}

function readSubject(subject: Loose, about: About, { delivery, context }: Setting): Item {
  const { topic, webhookId } = about;
  const id = idOf(webhookId ?? `${topic}:${fingerprintBytes(delivery.body)}`);
  const stranger = strangerIn(subject, about, context);
  if (stranger !== undefined) {
    const path = "headers.x-shopify-shop-domain";
    return brokenItem(id, { path, rule: "shop_domain", message: stranger }, topic);
  }
  const occurredAtMs = momentOf(topic, subject) ?? about.triggeredAtMs ?? -1;
  const { options } = context;
  const fact = translateShopify({ topic, subject, options, resource: about.resource });
  const told = { shop: about.shop, event_id: about.eventId };
  return readTelling(
    { id, type: topic, occurredAtMs, payload: subject, about: told, fact },
    context,
  );
}

/**
 * An app has one secret for all the shops that installed it: another shop's body is as genuine as
 * ours. Some bodies name their shop, all deliveries do in a header.
 */
function strangerIn(subject: Loose, about: About, { options }: ReadingContext): string | undefined {
  const wanted = options["shop_domain"];
  if (typeof wanted !== "string") return undefined;
  if (about.shop === undefined) return "Must name the shop of options.shop_domain, and names none";
  const named = [about.shop, subject["shop_domain"], subject["myshopify_domain"]];
  const isOurs = named
    .filter((domain) => typeof domain === "string")
    .every((domain) => domain.toLowerCase() === wanted.toLowerCase());
  return isOurs ? undefined : "Must name the shop of options.shop_domain, and names another";
}
