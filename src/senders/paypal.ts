import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { translatePaypal } from "./paypal-facts.ts";
import { paypalCertificate } from "./paypal-scheme.ts";
import { readTelling } from "./read/facts.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { productOptions } from "./read/options.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";

/** https://developer.paypal.com/api/rest/webhooks/rest/#link-eventnotification */
const Event = z.looseObject({
  id: z.string().min(1),
  event_type: z.string().min(1),
  create_time: z.string(),
  resource: z.looseObject({}),
});

/** PayPal's webhooks: https://developer.paypal.com/api/rest/webhooks/ */
export const paypal: Sender = {
  name: "paypal",
  family: "product",
  defaultScheme: "paypal-cert",
  schemes: { "paypal-cert": paypalCertificate },
  readHeaders: [],
  checkOptions: productOptions({
    /** What takes a payment back: reversals (as refunds), or disputes (as chargebacks). */
    money_back: z.enum(["reversal", "dispute"]).exactOptional(),
  }),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const event = Event.safeParse(parsed.value);
    if (event.success) return { kind: "items", items: [readEvent(event.data, context)] };
    return unreadable(parsed.value, event.error);
  },
};

/** Registers are numbered by the moment of the event: a resend keeps it, the transmission's is new. */
function readEvent(event: z.output<typeof Event>, context: ReadingContext): Item {
  const { event_type: type, resource } = event;
  const occurredAtMs = parseInstant(event.create_time) ?? -1;
  const fact = translatePaypal({ type, occurredAtMs, resource, options: context.options });
  return readTelling({ id: idOf(event.id), type, occurredAtMs, payload: event, fact }, context);
}
