import * as z from "zod";
import { readTelling } from "./read/facts.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { productOptions } from "./read/options.ts";
import { unmapped } from "./read/unmapped.ts";
import { unreadableItem } from "./read/unreadable.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { translatePayments } from "./zoho-payments-facts.ts";
import { verifySignature } from "./verify/signature.ts";

/** The last millisecond that RFC 3339 can write. */
const INSTANT_MS_MAX = 253_402_300_799_999;
/** As seconds it is the year 5138, as milliseconds 1973: documents show both units. */
const SECONDS_MAX = 100_000_000_000;

const OTHER_MODE = "give the other account a source of its own";

const Event = z.looseObject({
  event_id: z.union([z.string().min(1).max(100), z.int()]),
  event_type: z.string().min(1).max(128),
  event_time: z.int().min(0).max(INSTANT_MS_MAX),
  event_object: z.looseObject({}),
});

/**
 * Webhooks of Zoho Payments. Its documents write the header in two ways, and set no limit to the
 * age of a signature: ours is Stripe's.
 * https://www.zoho.com/us/payments/developerdocs/webhooks/verification/
 */
export const zohoPayments: Sender = {
  name: "zoho-payments",
  family: "product",
  defaultScheme: "zoho-payments-hmac",
  schemes: {
    "zoho-payments-hmac": verifySignature({
      header: ["x-zoho-webhook-signature", "x-zohowebhook-signature"],
      grammar: { kind: "fields", signature: "v", timestamp: "t" },
      encoding: "hex-lower",
      algorithm: "hmac-sha256",
      signed: "{timestamp}.{body}",
      time: { unit: "ms", ageMax: 300_000, aheadMax: 300_000 },
    }),
  },
  readHeaders: [],
  checkOptions: productOptions({
    refund_currency: z
      .string()
      .regex(/^[A-Z]{3}$/, "Must be an ISO 4217 code in upper case")
      .exactOptional(),
    live_mode: z.boolean().exactOptional(),
  }),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    return { kind: "items", items: [readEvent(parsed.value, context)] };
  },

  // An endpoint is called once when it is registered, and has to answer to be taken.
  greetMethods: ["GET", "HEAD"],
  greet: ({ method }) =>
    Promise.resolve(method === "GET" || method === "HEAD" ? { status: 200 } : undefined),
};

function readEvent(payload: unknown, context: ReadingContext): Item {
  const parsed = Event.safeParse(payload);
  if (!parsed.success) return unreadableItem(payload, parsed.error);
  const { event_id, event_type: type, event_time, event_object: told } = parsed.data;
  const occurredAtMs = event_time < SECONDS_MAX ? event_time * 1000 : event_time;
  const id = idOf(event_id);
  const { live_mode: wanted } = context.options;
  // Before the source's rules: no rule makes money of a test.
  if (wanted !== undefined && wanted !== parsed.data["live_mode"]) {
    return unmapped(
      { id, type, payload },
      `The event's live_mode is not options.live_mode: ${OTHER_MODE}`,
    );
  }
  const fact = translatePayments({ type, occurredAtMs, told, options: context.options });
  return readTelling({ id, type, occurredAtMs, payload, fact }, context);
}
