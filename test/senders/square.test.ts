import { describe, expect, test } from "vitest";
import { square } from "#src/senders/square.ts";
import { signSquare } from "../../scripts/signing/square.ts";
import { conforms } from "./conformance.ts";
import { deliver, verifyBy } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { payload } from "./samples/payload.ts";
import { samples, secret } from "./samples/square.ts";

for (const sample of samples) conforms(sample);

const SCHEME = "square-hmac";

describe("square", () => {
  test.each(vectors.filter(({ scheme }) => scheme === SCHEME))(
    "$id is judged $valid: $description",
    async ({ method, url, headers, body, secret: key, valid }) => {
      const delivery = deliver({ method, url, headers, body });
      const result = await verifyBy(square, SCHEME, delivery, { secrets: [key] });
      expect(result.ok).toBe(valid);
    },
  );

  const CONFIGURED = "https://Hooks.example.net/in/acme/square/";

  test.each([
    ["the URL as it was configured", CONFIGURED, CONFIGURED, true],
    ["a proxy's other host", CONFIGURED, "http://internal:8080/in/acme/square", true],
    ["a query a proxy put behind", CONFIGURED, `${CONFIGURED}?via=cdn`, true],
    ["a configured query", `${CONFIGURED}?a=1`, CONFIGURED, true],
    ["the URL that was called", undefined, CONFIGURED, true],
    ["a URL in another case", CONFIGURED.toLowerCase(), CONFIGURED, false],
    ["a URL without its slash", CONFIGURED.slice(0, -1), CONFIGURED, false],
    ["another URL that was called", undefined, `${CONFIGURED}?a=1`, false],
  ])("believes %s: %s", async (_name, url, called, isBelieved) => {
    const body = payload("square-payment-updated.json");
    const signed = isBelieved ? (url ?? called) : CONFIGURED;
    const headers = await signSquare({ secret, url: signed, body });
    const given = { secrets: [secret], ...(url === undefined ? {} : { url }) };
    const result = await verifyBy(square, SCHEME, deliver({ headers, body, url: called }), given);
    expect(result.ok).toBe(isBelieved);
  });
});

const read = (event: unknown, options = {}) =>
  square.read(deliver({ body: JSON.stringify(event) }), {
    tenant: "acme",
    source: "square",
    options,
  });
const eventOf = (type: string, object: object | undefined, data: object = {}) => ({
  merchant_id: "ML123DEV",
  type,
  event_id: "e-1",
  created_at: "2026-07-25T17:20:41.206Z",
  data: { type: type.split(".")[0], id: "o-1", ...data, ...(object && { object }) },
});
const factsOf = (event: unknown, options = {}) => {
  const reading = read(event, options);
  const items = reading.kind === "items" ? reading.items : [];
  return items.map((item) =>
    item.kind === "event"
      ? { type: item.event.type, data: item.event.data, rev: item.event.rev }
      : item,
  );
};

const usd = (amount: number) => ({ amount, currency: "USD" });
const payment = {
  id: "p-1",
  order_id: "ord-1",
  status: "COMPLETED",
  amount_money: usd(1250),
  total_money: usd(1400),
  processing_fee: [{ amount_money: usd(66) }],
  updated_at: "2026-07-25T17:20:40.900Z",
  version: 3,
};
const refund = {
  id: "r-1",
  payment_id: "p-1",
  order_id: "ord-of-the-return",
  status: "COMPLETED",
  amount_money: usd(400),
};
const dispute = {
  id: "d-1",
  dispute_id: "d-1",
  state: "EVIDENCE_REQUIRED",
  amount_money: usd(1400),
  disputed_payment: { payment_id: "p-1" },
};
const subscription = {
  id: "s-1",
  status: "ACTIVE",
  start_date: "2026-01-31",
  charged_through_date: "2026-07-31",
  version: 1_785_000_000_000,
};
const count = {
  catalog_object_id: "c-1",
  location_id: "L1",
  state: "IN_STOCK",
  quantity: "12",
  calculated_at: "2026-07-25T17:00:00Z",
};

describe("square, reading", () => {
  test("reads a payment from the published payload", () => {
    expect(read(JSON.parse(payload("square-payment-updated.json")))).toEqual({
      kind: "items",
      items: [
        {
          kind: "event",
          id: "6a8f5f28-54a1-4eb0-a98a-3111513fd4fc",
          event: expect.objectContaining({
            type: "payment.confirmed",
            occurredAtMs: Date.parse("2026-07-25T17:20:40.900Z"),
            data: {
              payment_id: "KkAkhdMsgzn59SM8A89WgKwekxLZY",
              order_id: "OrdDev01",
              currency: "USD",
              amount_minor: 1250,
            },
          }),
        },
      ],
    });
  });

  test.each<{ name: string; event: object; options?: object; fact: object }>([
    {
      name: "a payment with its tip, and without the fee that comes later",
      event: eventOf("payment.created", { payment }),
      fact: {
        type: "payment.confirmed",
        data: { payment_id: "p-1", order_id: "ord-1", currency: "USD", amount_minor: 1400 },
      },
    },
    {
      name: "a payment under the shop's own order",
      event: eventOf("payment.updated", { payment: { ...payment, reference_id: "5677" } }),
      options: {
        fields: { "payment.confirmed": { order_id: "data.object.payment.reference_id" } },
      },
      fact: {
        type: "payment.confirmed",
        data: { payment_id: "p-1", order_id: "5677", currency: "USD", amount_minor: 1400 },
      },
    },
    {
      name: "a payment that failed",
      event: eventOf("payment.updated", {
        payment: {
          ...payment,
          status: "FAILED",
          card_details: { errors: [{ code: "GENERIC_DECLINE" }] },
        },
      }),
      fact: {
        type: "payment.failed",
        data: { payment_id: "p-1", order_id: "ord-1", reason: "GENERIC_DECLINE", attempt: 1 },
      },
    },
    {
      name: "a refund, by its payment",
      event: eventOf("refund.updated", { refund }),
      fact: {
        type: "refund.completed",
        data: { refund_id: "r-1", payment_id: "p-1", currency: "USD", amount_minor: 400 },
      },
    },
    {
      name: "a dispute opened, its parts from the source's mapping",
      event: eventOf("dispute.state.updated", { dispute }),
      options: {
        fields: {
          "chargeback.opened": {
            net_minor: "data.object.dispute.amount_money.amount",
            tax_minor: { value: 0 },
          },
        },
      },
      fact: {
        type: "chargeback.opened",
        data: {
          dispute_id: "d-1",
          payment_id: "p-1",
          currency: "USD",
          amount_minor: 1400,
          net_minor: 1400,
          tax_minor: 0,
          fee_minor: 0,
        },
      },
    },
    ...(["WON", "LOST", "ACCEPTED"] as const).map((state) => ({
      name: `a dispute ${state}`,
      event: eventOf("dispute.state.updated", { dispute: { ...dispute, state } }),
      fact: {
        type: "chargeback.closed",
        data: {
          dispute_id: "d-1",
          payment_id: "p-1",
          outcome: state === "WON" ? "won" : "lost",
          currency: "USD",
          fee_refunded_minor: 0,
        },
      },
    })),
    {
      name: "an order cancelled",
      event: eventOf("order.updated", {
        order_updated: { order_id: "ord-1", state: "CANCELED", version: 4 },
      }),
      fact: {
        type: "order.cancelled",
        data: { order_id: "ord-1", reason: "cancelled at Square" },
      },
    },
    {
      name: "an order as a gap",
      event: eventOf("order.created", {
        order_created: { order_id: "ord-1", state: "OPEN", version: 1 },
      }),
      fact: { type: "cdc.gap", data: { table: "square:orders", pks: ["ord-1"] } },
    },
    {
      name: "a subscription, by the day after the one it is paid through",
      event: eventOf("subscription.updated", { subscription }),
      fact: {
        type: "autoship.changed",
        data: { autoship_id: "s-1", status: "ACTIVE", next_run: "2026-08-01" },
        rev: "1785000000000",
      },
    },
    {
      name: "a subscription that has not begun",
      event: eventOf("subscription.created", {
        subscription: { ...subscription, status: "PENDING", version: undefined },
      }),
      fact: {
        type: "autoship.changed",
        data: { autoship_id: "s-1", status: "PENDING", next_run: "2026-01-31" },
        rev: String(Date.parse("2026-07-25T17:20:41.206Z")),
      },
    },
    {
      name: "a subscription that is over",
      event: eventOf("subscription.updated", {
        subscription: { ...subscription, status: "CANCELED" },
      }),
      fact: {
        type: "autoship.changed",
        data: { autoship_id: "s-1", status: "CANCELED", next_run: null },
        rev: "1785000000000",
      },
    },
    {
      name: "a subscription that is paused, as a gap",
      event: eventOf("subscription.updated", {
        subscription: { ...subscription, status: "PAUSED" },
      }),
      fact: { type: "cdc.gap", data: { table: "square:subscriptions", pks: ["s-1"] } },
    },
    ...["9999-12-31", "9999-12-31T00:00:00Z"].map((charged_through_date) => ({
      name: `a subscription paid through ${charged_through_date}, as a gap`,
      event: eventOf("subscription.updated", {
        subscription: { ...subscription, charged_through_date },
      }),
      fact: { type: "cdc.gap", data: { table: "square:subscriptions", pks: ["s-1"] } },
    })),
    {
      name: "a customer as a lead",
      event: eventOf("customer.updated", {
        customer: { id: "cu-1", reference_id: "D-77", creation_source: "DIRECTORY", version: 7 },
      }),
      fact: {
        type: "lead.upserted",
        data: {
          crm: "square",
          object_id: "cu-1",
          fields: { creation_source: "DIRECTORY", reference_id: "D-77" },
        },
        rev: "7",
      },
    },
    {
      name: "a customer deleted as a gap",
      event: eventOf("customer.deleted", undefined, { deleted: true }),
      fact: { type: "cdc.gap", data: { table: "square:customers", pks: ["o-1"] } },
    },
    {
      name: "a count of stock",
      event: eventOf("inventory.count.updated", { inventory_counts: [count] }),
      fact: {
        type: "inventory.adjusted",
        data: { sku: "c-1", location: "L1", on_hand: 12, reason: "counted at Square" },
        rev: String(Date.parse("2026-07-25T17:00:00Z")),
      },
    },
  ])("reads $name", ({ event, options, fact }) => {
    expect(factsOf(event, options)).toEqual([{ rev: undefined, ...fact }]);
  });

  test("reads several counts, each by itself", () => {
    const counts = [count, { ...count, quantity: "1.5" }, { ...count, state: "WASTE" }];
    const reading = read(eventOf("inventory.count.updated", { inventory_counts: counts }));
    expect(reading).toMatchObject({
      kind: "items",
      items: [
        { kind: "event", id: "e-1:0" },
        { kind: "broken", id: "e-1:1", errors: [{ path: "data.on_hand" }] },
        { kind: "broken", id: "e-1:2", code: "unmapped" },
      ],
    });
  });

  test("lets a rule ask for the count that an item is about", () => {
    const rule = {
      type: "inventory.adjusted",
      when: { "$count.state": "IN_STOCK" },
      fields: {
        sku: "$count.catalog_object_id",
        location: { value: "everywhere" },
        on_hand: { path: "$count.quantity", as: "integer" },
        reason: { value: "counted" },
      },
    };
    const counts = [count, { ...count, catalog_object_id: "c-2", quantity: "7" }];
    const event = eventOf("inventory.count.updated", { inventory_counts: counts });
    expect(square.checkOptions({ rules: [rule] }, SCHEME)).toEqual([]);
    expect(factsOf(event, { rules: [rule] })).toMatchObject([
      { data: { sku: "c-1", location: "everywhere", on_hand: 12 } },
      { data: { sku: "c-2", location: "everywhere", on_hand: 7 } },
    ]);
  });

  test.each([
    ["JPY", 500],
    ["KWD", 5125],
  ])("takes amounts of %s as they are", (currency, amount) => {
    const total_money = { amount, currency };
    const event = eventOf("payment.updated", { payment: { ...payment, total_money } });
    expect(factsOf(event)).toMatchObject([{ data: { currency, amount_minor: amount } }]);
  });

  test.each([
    ["a payment approved", "payment.created", { payment: { ...payment, status: "APPROVED" } }],
    ["a payment voided", "payment.updated", { payment: { ...payment, status: "CANCELED" } }],
    ["a payment without status", "payment.updated", { payment: {} }],
    ["a refund on its way", "refund.created", { refund: { ...refund, status: "PENDING" } }],
    ["a refund refused", "refund.updated", { refund: { ...refund, status: "REJECTED" } }],
    [
      "an inquiry",
      "dispute.created",
      { dispute: { ...dispute, state: "INQUIRY_EVIDENCE_REQUIRED" } },
    ],
    ["an order without a name", "order.updated", { order_updated: {} }],
    ["a subscription without a name", "subscription.updated", { subscription: {} }],
    ["no counts", "inventory.count.updated", {}],
    ["an object under another name", "payment.updated", { refund }],
    ["another type", "invoice.paid", { invoice: {} }],
    ["a name every object has", "constructor", { constructor: {} }],
    ["evidence", "dispute.evidence.added", { evidence: {} }],
  ])("keeps %s as unmapped", (_name, type, object) => {
    expect(factsOf(eventOf(type, object))).toMatchObject([
      { kind: "broken", id: "e-1", code: "unmapped", type },
    ]);
  });

  test.each([
    ["no order", { ...payment, order_id: undefined }, "data.order_id"],
    ["an amount beyond 2^53", { ...payment, total_money: usd(2 ** 60) }, "data.amount_minor"],
    ["a fraction", { ...payment, total_money: usd(1.5) }, "data.amount_minor"],
  ])("keeps a payment with %s for a person", (_name, object, path) => {
    expect(factsOf(eventOf("payment.updated", { payment: object }))).toMatchObject([
      { kind: "broken", code: "contract_violated", errors: [{ path }] },
    ]);
  });

  test.each([[[]], [7], [null], [{ type: "payment.updated" }]])(
    "keeps JSON that is no event for a person: %j",
    (value) => {
      expect(factsOf(value)).toMatchObject([{ kind: "broken", code: "contract_violated" }]);
    },
  );

  test("names an event by its id alone: a retry is the same", () => {
    const idOf = (event: object) => {
      const reading = read(event);
      return reading.kind === "items" ? reading.items[0]?.id : undefined;
    };
    const event = eventOf("payment.updated", { payment });
    expect(idOf(event)).toBe(idOf({ ...event }));
    expect(idOf(event)).not.toBe(idOf({ ...event, event_id: "e-2" }));
  });
});
