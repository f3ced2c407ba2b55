import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { exponentOf } from "../core/money.ts";
import { isFluidOrderPaid, translateFluid } from "./fluid-facts.ts";
import { readTelling } from "./read/facts.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { looseOf, textOf } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { unmapped } from "./read/unmapped.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { bare } from "./verify/grammar.ts";
import { verifySignature } from "./verify/signature.ts";

/** https://docs.fluid.app/api/guides/webhooks#the-delivery-envelope */
const Envelope = z.looseObject({
  /** Number of the stored event. */
  id: z.union([z.int(), z.string().min(1).max(40)]).nullish(),
  identifier: z.string().min(1),
  name: z.string().min(1).max(128),
  timestamp: z.string(),
  payload: z.looseObject({
    company_id: z.union([z.int(), z.string()]).nullish(),
    resource: z.string().min(1).nullish(),
  }),
});
type Envelope = z.output<typeof Envelope>;

/** A lifecycle call of a droplet, which is no envelope. */
const Lifecycle = z.looseObject({
  resource: z.literal("droplet"),
  event: z.string().min(1).max(64),
  company: z.looseObject({ droplet_installation_uuid: z.string().min(1).nullish() }).nullish(),
});

/** What an order that was paid is told as, besides what happened to it. */
const PAID = "order_paid";

/**
 * Fluid's webhooks: https://docs.fluid.app/api/guides/webhooks
 * Its static token in `AUTH_TOKEN` and `X-Fluid-Token` is never looked at: the signature is sent
 * along with it, and the token alone would let a replay change the body.
 */
export const fluid: Sender = {
  name: "fluid",
  family: "product",
  defaultScheme: "fluid-hmac",
  schemes: {
    "fluid-hmac": verifySignature({
      header: "x-fluid-signature",
      grammar: bare,
      encoding: "hex-lower",
      algorithm: "hmac-sha256",
      signed: "{timestamp}.{body}",
      time: { header: "x-fluid-timestamp", unit: "s", ageMax: 300, aheadMax: 300 },
    }),
  },
  // A webhook's `http_method` may be put; one by get would tell nothing.
  methods: ["POST", "PUT"],
  readHeaders: [],
  checkOptions: productOptions({
    currency: z
      .string()
      .refine((code) => exponentOf(code) !== undefined, "Must be an ISO 4217 code in upper case")
      .exactOptional(),
    payments: z.enum(["fluid", "provider"]).exactOptional(),
  }),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const envelope = Envelope.safeParse(parsed.value);
    if (envelope.success) {
      const { name, payload } = envelope.data;
      return name.startsWith("droplet_")
        ? readDroplet(name.slice("droplet_".length), payload["company"])
        : { kind: "items", items: readEnvelope(envelope.data, context) };
    }
    const lifecycle = Lifecycle.safeParse(parsed.value);
    if (lifecycle.success) return readDroplet(lifecycle.data.event, lifecycle.data.company);

    return unreadable(parsed.value, envelope.error);
  },
};

/**
 * An installation brings the droplet's tokens along, which nobody should keep. That it is gone or
 * reset, on the other hand, is why this source falls silent: a person has to know.
 */
function readDroplet(event: string, company: unknown): Reading {
  if (event === "installed" || event === "updated") {
    const ignored = `The droplet was ${event}: its tokens are for whoever runs it`;
    return { kind: "items", items: [], ignored };
  }
  const id = idOf("droplet", event, textOf(looseOf(company)["droplet_installation_uuid"]));
  const message = `The droplet was ${event}: no events come from this installation any more`;
  return { kind: "items", items: [unmapped({ id, type: `droplet_${event}` }, message)] };
}

/**
 * An order can be placed and paid in one: then it is told twice. Of an order that was paid later
 * only the payment matters.
 */
function readEnvelope(envelope: Envelope, context: ReadingContext): readonly Item[] {
  const { name, payload, timestamp } = envelope;
  // Older guides call `identifier` the resource's, newer ones the event's: with the number of the
  // stored event beside it, it is the event's either way.
  const id = idOf(envelope.identifier, envelope.id ?? undefined);
  // Newer schemas name the object by its resource; older examples have a plain `data`.
  const subject = looseOf(payload[payload.resource ?? ""] ?? payload["data"]);
  const occurredAtMs = parseInstant(timestamp) ?? -1;
  const tell = (type: string, telling: string): Item => {
    const company = textOf(payload.company_id);
    const event = { type, subject, company, occurredAtMs, options: context.options };
    const fact = translateFluid(event);
    return readTelling({ id: telling, type, occurredAtMs, payload: envelope, fact }, context);
  };

  if (!isFluidOrderPaid(name, subject)) return [tell(name, id)];
  return name === "order_created"
    ? [tell(name, id), tell(PAID, idOf(id, "paid"))]
    : [tell(PAID, id)];
}
