import type { DemoEvent } from "./event.ts";

/** What a product's event is about, and its number in the story. */
interface Occasion {
  readonly n: number;
  readonly person: string;
  readonly atMs: number;
}

/** As Stripe tells it. A payment that failed moves no money: whoever keeps books may skip it. */
export const failedPayment = ({ n, person, atMs }: Occasion): DemoEvent => ({
  source: "shop",
  payload: {
    id: `evt_demo${n}`,
    object: "event",
    type: "payment_intent.payment_failed",
    created: Math.floor(atMs / 1000),
    data: {
      object: {
        id: `pi_demo${n}`,
        object: "payment_intent",
        currency: "usd",
        amount: 25_000,
        metadata: { order_id: `${person}-O${n}` },
        last_payment_error: { code: "card_declined", decline_code: "insufficient_funds" },
      },
    },
  },
});

/** As HubSpot tells it: a new contact, or one whose first name changed. */
export const changedContact = ({ n, person, atMs }: Occasion, isNew: boolean): DemoEvent => ({
  source: "crm",
  payload: {
    eventId: n,
    subscriptionId: isNew ? 11 : 12,
    portalId: 4242,
    appId: 1,
    occurredAt: atMs,
    subscriptionType: isNew ? "contact.creation" : "contact.propertyChange",
    attemptNumber: 0,
    objectId: 10_000 + n,
    changeSource: "CRM_UI",
    ...(isNew ? {} : { propertyName: "firstname", propertyValue: `Name of ${person}` }),
  },
});
