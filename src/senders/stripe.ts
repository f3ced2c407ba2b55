import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import type { JsonObject } from "../core/json.ts";
import { type Fact, readTelling } from "./read/facts.ts";
import { parseJson } from "./read/json.ts";
import { itemsOf, type Loose } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { unmapped } from "./read/unmapped.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { translateStripe } from "./stripe-facts.ts";
import { verifySignature } from "./verify/signature.ts";

/** The last second that RFC 3339 can write. */
const INSTANT_S_MAX = 253_402_300_799;

/** A snapshot event: https://docs.stripe.com/api/events/object */
const Snapshot = z.looseObject({
  id: z.string().min(1).max(128),
  object: z.literal("event"),
  type: z.string().min(1),
  created: z.int().min(0).max(INSTANT_S_MAX),
  data: z.looseObject({
    object: z.looseObject({}),
    previous_attributes: z.looseObject({}).nullish(),
  }),
});

/** An event of API v2, which names its object and tells nothing of it. */
const Thin = z.looseObject({
  id: z.string().min(1).max(128),
  object: z.literal("v2.core.event"),
  type: z.string().min(1),
  created: z.string(),
  related_object: z.looseObject({ id: z.string().min(1), type: z.string().min(1) }).nullish(),
});

/**
 * Stripe's webhooks: https://docs.stripe.com/webhooks#verify-manually
 * Its libraries let stamps from the future pass; we do not (PROVIDERS 2).
 */
export const stripe: Sender = {
  name: "stripe",
  family: "product",
  defaultScheme: "stripe-v1",
  schemes: {
    "stripe-v1": verifySignature({
      header: "stripe-signature",
      // Test events carry a fake v0 as well: to read any other name would open a downgrade.
      grammar: { kind: "fields", signature: "v1", timestamp: "t" },
      encoding: "hex-lower",
      algorithm: "hmac-sha256",
      signed: "{timestamp}.{body}",
      time: { unit: "s", ageMax: 300, aheadMax: 300 },
    }),
  },
  readHeaders: [],
  checkOptions: productOptions({
    order_id_metadata_key: z.string().min(1).exactOptional(),
    /** Which events tell refunds: `charge.refunded` where absent, or `refund.…`. */
    refunds: z.enum(["charge", "refund"]).exactOptional(),
    /** The mode events are taken of: both where absent. */
    livemode: z.boolean().exactOptional(),
    /** The connected accounts events are taken of: all, and one's own, where absent. */
    accounts: z.array(z.string().min(1).max(128)).min(1).max(1000).exactOptional(),
  }),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const thin = Thin.safeParse(parsed.value);
    if (thin.success) return { kind: "items", items: [readThin(thin.data, context)] };
    const snapshot = Snapshot.safeParse(parsed.value);
    if (!snapshot.success) {
      // Readable, and no event: kept for a person, as a refusal would only be repeated for days.
      return unreadable(parsed.value, snapshot.error);
    }
    return { kind: "items", items: [readSnapshot(snapshot.data, context)] };
  },
};

/** Why an event is not this source's, if it is not. No rule of the source may take such a one. */
function strangenessOf(event: Loose, { livemode, accounts }: JsonObject): string | undefined {
  if (livemode !== undefined && event["livemode"] !== livemode) {
    const mode = event["livemode"] === true ? "live" : "test";
    return `An event of ${mode} mode, which options.livemode does not take`;
  }
  // A thin event calls the account it happened in its context.
  const account = event["account"] ?? event["context"];
  if (accounts === undefined || itemsOf(accounts).includes(account)) return undefined;
  return "An event of an account that options.accounts does not name";
}

/** What it is about has to be fetched: a gap for the polling side. */
function readThin(thin: z.output<typeof Thin>, context: ReadingContext): Item {
  const strangeness = strangenessOf(thin, context.options);
  if (strangeness !== undefined) return unmapped({ ...thin, payload: thin }, strangeness);
  const { id, type, created, related_object: related } = thin;
  const occurredAtMs = parseInstant(created) ?? -1;
  const fact: Fact | string =
    related === undefined || related === null
      ? "A thin event that names no object: subscribe to snapshot events"
      : { type: "cdc.gap", data: { table: `stripe:${related.type}`, pks: [related.id] } };
  return readTelling({ id, type, occurredAtMs, payload: thin, fact }, context);
}

function readSnapshot(event: z.output<typeof Snapshot>, context: ReadingContext): Item {
  const strangeness = strangenessOf(event, context.options);
  if (strangeness !== undefined) return unmapped({ ...event, payload: event }, strangeness);
  const { id, created, data } = event;
  const fact = translateStripe({
    type: event.type,
    createdS: created,
    subject: data.object,
    previous: data.previous_attributes ?? {},
    options: context.options,
  });
  return readTelling(
    { id, type: event.type, occurredAtMs: created * 1000, payload: event, fact },
    context,
  );
}
