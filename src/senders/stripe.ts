import * as z from "zod";
import { formatInstant } from "../core/contracts/instant.ts";
import { violationsOf } from "../core/contracts/violation.ts";
import { fromHex } from "./bytes.ts";
import { readItem } from "./envelopes.ts";
import { fingerprint } from "./fingerprint.ts";
import { parseJson } from "./json.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { fields, verifySignature } from "./signature.ts";
import { translateStripe } from "./stripe-facts.ts";
import { checkTextSecret } from "./text-secret.ts";
import { unmapped } from "./unmapped.ts";

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
      grammar: fields({ signature: "v1", timestamp: "t" }),
      encoding: fromHex,
      digest: "hmac-sha256",
      signed: "{timestamp}.{body}",
      window: { unit: "s", ageMax: 300, aheadMax: 300 },
    }),
  },
  readHeaders: [],
  checkSecret: (_scheme, secret) => checkTextSecret(secret),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const thin = Thin.safeParse(parsed.value);
    if (thin.success) {
      const message = "A thin event has to be fetched from Stripe: subscribe to snapshot events";
      return { kind: "items", items: [unmapped(thin.data, message)] };
    }
    const snapshot = Snapshot.safeParse(parsed.value);
    if (!snapshot.success) {
      // Readable, and no event: kept for a person, as a refusal would only be repeated for days.
      const errors = violationsOf(snapshot.error.issues, { root: [], value: parsed.value });
      const id = `unreadable-${fingerprint(JSON.stringify(parsed.value))}`;
      return { kind: "items", items: [{ kind: "broken", id, code: "contract_violated", errors }] };
    }
    return { kind: "items", items: [readSnapshot(snapshot.data, context)] };
  },
};

function readSnapshot(event: z.output<typeof Snapshot>, context: ReadingContext): Item {
  const { id, created, data } = event;
  const fact = translateStripe({
    type: event.type,
    createdS: created,
    subject: data.object,
    previous: data.previous_attributes ?? {},
    options: context.options,
  });
  if (typeof fact === "string") return unmapped(event, fact);

  const envelope = {
    id,
    source: context.source,
    tenant: context.tenant,
    type: fact.type,
    version: 1,
    occurred_at: formatInstant(created * 1000),
    data: fact.data,
  };
  return readItem(envelope, context, () => id);
}
