import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { translateAdyen } from "./adyen-facts.ts";
import { adyenItemHmac, Items, SignedItem } from "./adyen-items.ts";
import { readTelling } from "./read/facts.ts";
import { fingerprintBytes } from "./read/fingerprint.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { productOptions } from "./read/options.ts";
import { unmapped } from "./read/unmapped.ts";
import { unreadable, unreadableItem } from "./read/unreadable.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { bare } from "./verify/grammar.ts";
import { verifySignature } from "./verify/signature.ts";

/** What an item has to tell besides what is signed: nothing else says when it happened. */
const NotificationItem = SignedItem.extend({
  pspReference: z.string().min(1).max(128),
  eventCode: z.string().min(1).max(128),
  success: z.union([z.enum(["true", "false"]), z.boolean()]).transform(String),
  eventDate: z.string().min(1),
});

/** https://docs.adyen.com/development-resources/webhooks/webhook-types#other-webhooks */
const PlatformNotice = z.looseObject({ type: z.string().min(1).max(128) });

/**
 * Adyen's webhooks: https://docs.adyen.com/development-resources/webhooks
 * Of a payments webhook eight fields of each item are proven, so events are made of those alone;
 * the moment is not among them, and has to be believed.
 */
export const adyen: Sender = {
  name: "adyen",
  family: "product",
  defaultScheme: "adyen-item-hmac",
  schemes: {
    "adyen-item-hmac": adyenItemHmac,
    "adyen-header-hmac": verifySignature({
      header: "hmacsignature",
      grammar: bare,
      encoding: "base64",
      algorithm: "hmac-sha256",
      signed: "{body}",
      secret: "hex",
    }),
  },
  readHeaders: [],
  checkOptions: productOptions({ paid_on: z.enum(["authorisation", "capture"]).exactOptional() }),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    const items = Items.safeParse(parsed.value);
    if (items.success) {
      return { kind: "items", items: items.data.map((item) => readItem(item, context)) };
    }
    const notice = PlatformNotice.safeParse(parsed.value);
    if (!notice.success) return unreadable(parsed.value, items.error);
    return { kind: "items", items: [readPlatform(notice.data, body, context)] };
  },

  // Older merchants are retried until they have read these words; a 200 serves the others.
  reply: (outcome) =>
    outcome.kind === "taken"
      ? { status: 200, headers: { "content-type": "text/plain" }, body: "[accepted]" }
      : undefined,
};

/** One that cannot be read stays alone: Adyen sends nothing else until this delivery is taken. */
function readItem(input: unknown, context: ReadingContext): Item {
  const parsed = NotificationItem.safeParse(input);
  if (!parsed.success) return unreadableItem(input, parsed.error);
  const item = parsed.data;
  return readTelling(
    {
      id: idOf(item.eventCode, item.pspReference, item.success),
      type: item.eventCode,
      occurredAtMs: parseInstant(item.eventDate) ?? -1,
      payload: input,
      about: { success: item.success },
      fact: translateAdyen(item, context.options),
    },
    context,
  );
}

/** Of balance platforms and terminals we have no words; a source's rule may give them. */
function readPlatform(
  notice: z.output<typeof PlatformNotice>,
  body: Uint8Array,
  context: ReadingContext,
): Item {
  const { type, timestamp } = notice;
  const id = idOf(type, fingerprintBytes(body));
  const occurredAtMs = typeof timestamp === "string" ? parseInstant(timestamp) : undefined;
  const fact = `No event of ours says "${type}": switch it off, or write a rule`;
  if (occurredAtMs === undefined) return unmapped({ id, type }, fact);
  return readTelling({ id, type, occurredAtMs, payload: notice, fact }, context);
}
