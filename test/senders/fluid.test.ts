import { describe, expect, test } from "vitest";
import { fluid } from "#src/senders/fluid.ts";
import { signFluid } from "../../scripts/signing/fluid.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import { other, samples, secret } from "./samples/fluid.ts";
import { payload as file } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const body = file("mlm-fluid-order-created.json");
const timestampS = RECEIVED_AT_MS / 1000;
const signed = await signFluid({ secret, timestampS, body });
const signature = signed["x-fluid-signature"] ?? "";

describe("fluid", () => {
  test.each([
    ["the token alone", { "x-fluid-token": secret, auth_token: secret }, "signature_missing"],
    ["no timestamp", { "x-fluid-signature": signature }, "timestamp_missing"],
    ["base64", { ...signed, "x-fluid-signature": "AAAA" }, "signature_malformed"],
    ["a prefix", { ...signed, "x-fluid-signature": `sha256=${signature}` }, "signature_malformed"],
    ["milliseconds", { ...signed, "x-fluid-timestamp": `${RECEIVED_AT_MS}` }, "timestamp_future"],
  ])("refuses %s", async (_name, headers, reason) => {
    const result = await verifyBy(fluid, "fluid-hmac", deliver({ headers, body }), {
      secrets: [secret],
    });
    expect(result).toMatchObject({ ok: false, reason });
  });

  test("believes lifecycle calls beside a webhook's own, each under its secret", async () => {
    const lifecycle = file("mlm-fluid-droplet-uninstalled.json");
    const headers = await signFluid({ secret: other, timestampS, body: lifecycle });
    const result = await verifyBy(fluid, "fluid-hmac", deliver({ headers, body: lifecycle }), {
      secrets: [secret, other],
    });
    expect(result).toMatchObject({ ok: true });
  });

  test.each([
    [{ currency: "usd" }, "options.currency"],
    [{ currency: "XXX" }, "options.currency"],
    [{ payments: "psp" }, "options.payments"],
  ])("finds fault with options %j", (options, path) => {
    expect(fluid.checkOptions(options, "fluid-hmac")).toMatchObject([{ path }]);
  });
});

const context = { tenant: "acme", source: "fluid", options: {} };
const readText = (text: string, options = {}) =>
  fluid.read(deliver({ body: text }), { ...context, options });
const itemsOf = (reading: ReturnType<typeof readText>) =>
  reading.kind === "items" ? reading.items : [];

/** An envelope as Fluid documents it: the object is named by its resource. */
const envelopeOf = (name: string, subject: object, told: object = {}) => {
  const at = name.indexOf("_");
  const [resource, event] = [name.slice(0, at), name.slice(at + 1)];
  return {
    id: 90_784,
    identifier: "evt_9Yb2Kd7Qm1",
    name,
    payload: {
      event_name: name,
      company_id: 42,
      resource_name: `Commerce::${resource}`,
      resource,
      event,
      [resource]: subject,
    },
    timestamp: "2026-07-25T17:20:59Z",
    ...told,
  };
};
const read = (name: string, subject: object, options: object = {}) =>
  itemsOf(readText(JSON.stringify(envelopeOf(name, subject)), options)).map((item) =>
    item.kind === "event"
      ? { type: item.event.type, data: item.event.data }
      : { code: item.code, errors: item.errors },
  );
const unmapped = (message: unknown = expect.any(String)) => [
  { code: "unmapped", errors: [{ path: "type", rule: "unmapped", message }] },
];

const order = {
  id: 12_345,
  order_class: "customer_order",
  currency_code: "EUR",
  subtotal: "99.99",
  discount: "10.0",
  tax: "8.5",
  shipping: "5.99",
  amount: "104.48",
  rep: { id: 456, external_id: "rep_789" },
  items: [
    { id: 1, quantity: 2, cv: 50, qv: 40 },
    { id: 2, quantity: 1, cv: "10.25", qv: "0.0" },
  ],
};
const sale = {
  order_id: "12345",
  source_node: "rep_789",
  order_kind: "store",
  currency: "EUR",
  net_minor: 8999,
  tax_minor: 850,
  shipping_minor: 599,
  amount_minor: 10_448,
  cv_x100: 11_025,
  pv_x100: 8000,
};
const placed = { type: "order.placed", data: { ...sale, buyer_kind: "customer" } };
const paid = { type: "payment.confirmed", data: { ...sale, payment_id: "12345" } };

describe("fluid, reading orders", () => {
  test("reads the order of its guide in the company's currency", () => {
    const [item] = itemsOf(readText(body, { currency: "USD" }));
    expect(item).toMatchObject({
      id: "commerce::order_aBcDeF01:9876",
      event: {
        type: "order.placed",
        occurredAtMs: Date.parse("2026-07-25T17:20:59Z"),
        data: {
          ...sale,
          currency: "USD",
          // 99.99 before a discount of 10, and two units of 50 and 40 points.
          cv_x100: 10_000,
          pv_x100: 8000,
        },
      },
    });
    expect(itemsOf(readText(body))).toMatchObject([
      {
        code: "contract_violated",
        errors: expect.arrayContaining([expect.objectContaining({ path: "data.currency" })]),
      },
    ]);
  });

  test.each([
    ["order_created", {}, [placed]],
    ["order_created", { financial_status: "pending" }, [placed]],
    ["order_created", { financial_status: "paid" }, [placed, paid]],
    ["order_updated", { financial_status: "paid" }, [paid]],
    ["order_updated", { financial_status: "marked_paid" }, [paid]],
    ["order_updated", { financial_status: "partially_refunded" }, [paid]],
    ["order_completed", {}, [paid]],
    ["order_completed", { financial_status: null }, [paid]],
    ["order_updated", {}, unmapped()],
    ["order_updated", { financial_status: "refunded" }, unmapped()],
    [
      "order_completed",
      { status: "awaiting_payment" },
      unmapped(expect.stringContaining("not paid")),
    ],
    ["order_completed", { financial_status: "pending" }, unmapped()],
    [
      "order_shipped",
      { financial_status: "paid" },
      unmapped(expect.stringContaining("order_shipped")),
    ],
    ["order_edited", { financial_status: "paid" }, unmapped()],
    ["cart_updated", {}, unmapped()],
    ["product_created", {}, unmapped()],
  ])("reads %s with %j", (name, told, facts) => {
    expect(read(name, { ...order, ...told })).toEqual(facts);
  });

  test("tells a paid order as placed where the provider's own source tells payments", () => {
    const options = { payments: "provider" };
    const told = { ...order, financial_status: "paid" };
    expect(read("order_created", told, options)).toEqual([placed, placed]);
    expect(read("order_updated", told, options)).toEqual([placed]);
  });

  test.each([
    ["no volume on one line", { items: [{ quantity: 1, cv: 5, qv: 5 }, { quantity: 1 }] }],
    ["no lines", { items: [] }],
    ["no rep", { rep: null }],
    ["a rep the company has not numbered", { rep: { id: 456 } }],
    ["no tax", { tax: null }],
    ["a total less than tax and shipping", { amount: "10" }],
  ])("pays thin with %s", (_name, told) => {
    const [fact] = read("order_completed", { ...order, ...told });
    const { payment_id, order_id, currency } = paid.data;
    const amount_minor = "amount" in told ? 1000 : 10_448;
    expect(fact).toEqual({
      type: "payment.confirmed",
      data: { payment_id, order_id, currency, amount_minor },
    });
  });

  test.each([
    ["JPY", { amount: 400, tax: 36, shipping: 0 }, 400, 364],
    ["KWD", { amount: "12.345", tax: "0.1", shipping: "1.005" }, 12_345, 11_240],
    // The tax is in the prices: net is what is left, not subtotal less discount.
    ["EUR", { amount: 119, subtotal: 119, tax: 19, shipping: 0, discount: 0 }, 11_900, 10_000],
    ["EUR", { amount: null, total: "129.99", tax: 0, shipping: 0 }, 12_999, 12_999],
    ["EUR", { amount: null, discount: null }, 11_448, 9999],
  ])("counts %s %j", (currency_code, told, amount_minor, net_minor) => {
    const [fact] = read("order_completed", { ...order, ...told, currency_code });
    expect(fact).toMatchObject({ data: { amount_minor, net_minor } });
  });

  test("refuses what is no amount of its currency", () => {
    expect(read("order_completed", { ...order, amount: "1.005" })).toMatchObject([
      { code: "contract_violated", errors: [{ path: "data.amount_minor" }] },
    ]);
  });

  test.each([
    [{ enrollment_token: "enr_1" }, "enrollment_kit"],
    [{ order_type: "subscription_order" }, "autoship"],
    [{ order_class: "autoship_order" }, "autoship"],
    [{}, "store"],
  ])("takes an order with %j for %s", (told, order_kind) => {
    const [fact] = read("order_completed", { ...order, ...told });
    expect(fact).toMatchObject({ data: { order_kind } });
  });

  test("counts a line's own total of volume before its units", () => {
    const items = [{ quantity: 3, cv: 10, cv_total: "25.5", qv: 1, qv_total: 3 }];
    const [fact] = read("order_completed", { ...order, items });
    expect(fact).toMatchObject({ data: { cv_x100: 2550, pv_x100: 300 } });
  });

  test.each([
    [{ cancel_reason: "changed mind", note: "x" }, "changed mind"],
    [{ note: "x" }, "x"],
    [{}, "cancelled in Fluid"],
  ])("cancels an order with %j", (told, reason) => {
    const data = { order_id: "12345", reason };
    expect(read("order_cancelled", { ...order, ...told })).toEqual([
      { type: "order.cancelled", data },
    ]);
  });

  test.each([
    [
      { financial_status: "partially_refunded", refunds: [{ id: 1 }, { id: 7, amount: "5.5" }] },
      { refund_id: "7", amount_minor: 550 },
    ],
    [{ refund: { id: "rf_1", amount: 1 } }, { refund_id: "rf_1", amount_minor: 100 }],
    ...["succeeded", "Completed", null].map(
      (status) =>
        [
          { refund: { id: "rf_1", amount: 1, status } },
          { refund_id: "rf_1", amount_minor: 100 },
        ] as const satisfies unknown[],
    ),
    [
      { financial_status: "refunded" },
      {
        refund_id: "12345:refund",
        amount_minor: 10_448,
        net_minor: 8999,
        tax_minor: 850,
        shipping_minor: 599,
      },
    ],
  ])("refunds %j", (told, expected) => {
    const data = { payment_id: "12345", order_id: "12345", currency: "EUR", ...expected };
    expect(read("order_refunded", { ...order, ...told })).toEqual([
      { type: "refund.completed", data },
    ]);
  });

  test.each<[status: unknown, word: string]>([
    ["failed", "failed"],
    ["pending", "pending"],
    ["cancelled", "cancelled"],
    [{ toString: 1 }, "without a status"],
  ])("does not pay back a refund that is %j", (status, word) => {
    const refunds = [
      { id: 6, amount: 1 },
      { id: 7, amount: "5.5", status },
    ];
    expect(
      read("order_refunded", { ...order, financial_status: "partially_refunded", refunds }),
    ).toEqual(unmapped(expect.stringContaining(`The refund is ${word}, not completed`)));
  });

  test("does not guess how much of an order was refunded", () => {
    const told = { ...order, financial_status: "partially_refunded" };
    expect(read("order_refunded", told)).toEqual(unmapped(expect.stringContaining("how much")));
  });
});

describe("fluid, reading people and subscriptions", () => {
  test("reads the enrolment of its guide", () => {
    const [item] = itemsOf(readText(file("mlm-fluid-enrollment-completed.json")));
    expect(item).toMatchObject({
      id: "commerce::enrollment_aBcDeF01:9876",
      event: { type: "distributor.enrolled", key: "dist:rep_789" },
    });
    expect(item?.kind === "event" && item.event.data).toEqual({
      distributor_id: "rep_789",
      sponsor_id: "rep_001",
      status: "active",
      joined_at: "2026-07-25T17:20:59.000Z",
      country: "US",
      pii: { email: "rep@example.org" },
    });
  });

  test("does not take Fluid's own number for a distributor's", () => {
    expect(read("enrollment_completed", { user: { id: 456 }, country: "US" })).toMatchObject([
      { code: "contract_violated", errors: [{ path: "data.distributor_id" }] },
    ]);
  });

  test("reads the customer of its guide as a lead, for no rep is known", () => {
    const [item] = itemsOf(readText(file("mlm-fluid-customer-created.json")));
    expect(item?.kind === "event" && item.event).toMatchObject({
      type: "lead.upserted",
      rev: String(Date.parse("2026-07-25T17:20:59Z")),
      data: {
        crm: "fluid:42",
        object_id: "customer:789",
        fields: { email: "new@example.org", first_name: "Jane", orders_count: 0, is_rep: false },
      },
    });
  });

  const person = { id: 789, email: "a@example.org", updated_at: "2026-07-25T17:20:58.123Z" };
  const lead = { email: "a@example.org", updated_at: "2026-07-25T17:20:58.123Z" };
  test.each([
    [
      "customer_updated",
      { ...person, created_at: "2026-01-02T03:04:05Z", rep: { external_id: "rep_789" } },
      "customer.linked",
      { customer_id: "789", enroller_id: "rep_789", effective_at: "2026-01-02T03:04:05Z" },
    ],
    [
      "customer_created",
      { ...person, rep: { external_id: "rep_789" } },
      "customer.linked",
      { customer_id: "789", enroller_id: "rep_789", effective_at: "2026-07-25T17:20:59.000Z" },
    ],
    [
      "contact_created",
      { ...person, rep: { external_id: "rep_789" } },
      "lead.upserted",
      { crm: "fluid:42", object_id: "contact:789", owner_id: "rep_789", fields: lead },
    ],
    [
      "contact_updated",
      person,
      "lead.upserted",
      { crm: "fluid:42", object_id: "contact:789", fields: lead },
    ],
    ["user_updated", { id: 456 }, "cdc.gap", { table: "fluid:user", pks: ["456"] }],
    ["member_created", { id: "mem-1" }, "cdc.gap", { table: "fluid:member", pks: ["mem-1"] }],
    ["user_created", {}, "cdc.gap", { table: "fluid:user" }],
  ])("reads %s %j", (name, subject, type, data) => {
    expect(read(name, subject)).toEqual([{ type, data }]);
  });

  test("numbers a register by when it changed in Fluid", () => {
    const [item] = itemsOf(readText(JSON.stringify(envelopeOf("contact_updated", person))));
    expect(item?.kind === "event" && item.event.rev).toBe(
      String(Date.parse("2026-07-25T17:20:58.123Z")),
    );
  });

  test("leaves the customer record of a distributor to the enrolment", () => {
    expect(read("customer_created", { ...person, is_rep: true })).toEqual(unmapped());
  });

  test("reads the subscription of its guide", () => {
    const [item] = itemsOf(readText(file("mlm-fluid-subscription-started.json")));
    expect(item?.kind === "event" && item.event.data).toEqual({
      autoship_id: "sb_AbCdEf01",
      next_run: "2026-08-25T00:00:00Z",
      status: "active",
    });
  });

  const runs = { id: 12_345, subscription_token: "sb_1", next_bill_date: "2026-08-25" };
  test.each([
    ["subscription_paused", runs, { next_run: "2026-08-25", status: "paused" }],
    [
      "subscription_paused",
      { ...runs, next_bill_date: null },
      { next_run: null, status: "paused" },
    ],
    ["subscription_cancelled", runs, { next_run: null, status: "cancelled" }],
    [
      "subscription_billed",
      { ...runs, status: "active" },
      { next_run: "2026-08-25", status: "active" },
    ],
    [
      "subscription_declined",
      { ...runs, status: "past_due" },
      { next_run: "2026-08-25", status: "past_due" },
    ],
    ["subscription_resumed", runs, { next_run: "2026-08-25", status: "resumed" }],
  ])("reads %s %j", (name, subject, told) => {
    const data = { autoship_id: "sb_1", ...told };
    expect(read(name, subject)).toEqual([{ type: "autoship.changed", data }]);
  });

  test("asks for the next run of a subscription that goes on", () => {
    expect(read("subscription_billed", { ...runs, next_bill_date: null })).toMatchObject([
      { code: "contract_violated", errors: [{ path: "data.next_run" }] },
    ]);
  });
});

describe("fluid, reading envelopes", () => {
  test("keeps none of the tokens that an installation brings", () => {
    const company = {
      authentication_token: "dit_secret",
      webhook_verification_token: "wvt_secret",
    };
    for (const event of ["installed", "updated"]) {
      const lifecycle = { resource: "droplet", event, company };
      const enveloped = envelopeOf(`droplet_${event}`, company);
      for (const told of [lifecycle, enveloped]) {
        const reading = readText(JSON.stringify(told));
        expect(reading).toMatchObject({ kind: "items", items: [], ignored: expect.any(String) });
        expect(JSON.stringify(reading)).not.toContain("secret");
      }
    }
  });

  test("tells a person that the droplet is gone", () => {
    expect(readText(file("mlm-fluid-droplet-uninstalled.json"))).toEqual({
      kind: "items",
      items: [
        {
          kind: "broken",
          id: "droplet:uninstalled:dri_abc123def456",
          code: "unmapped",
          type: "droplet_uninstalled",
          errors: [{ path: "type", rule: "unmapped", message: expect.any(String) }],
        },
      ],
    });
  });

  test("names an event by its identifier and number, the payment apart", () => {
    const idsOf = (told: object) =>
      itemsOf(readText(JSON.stringify(envelopeOf("order_created", order, told)))).map(
        ({ id }) => id,
      );
    expect(idsOf({})).toEqual(["evt_9Yb2Kd7Qm1:90784"]);
    expect(idsOf({})).toEqual(idsOf({ timestamp: "2026-07-25T17:21:00Z" }));
    expect(idsOf({ id: 90_785 })).not.toEqual(idsOf({}));
    expect(idsOf({ id: null })).toEqual(["evt_9Yb2Kd7Qm1:"]);
    const paidOrder = { ...order, financial_status: "paid" };
    const both = itemsOf(readText(JSON.stringify(envelopeOf("order_created", paidOrder))));
    expect(both.map(({ id }) => id)).toEqual(["evt_9Yb2Kd7Qm1:90784", "evt_9Yb2Kd7Qm1:90784:paid"]);
  });

  test.each([[{}], [[]], [null], ["text"], [{ identifier: "a", name: "order_created" }]])(
    "keeps %j, which is no event of Fluid",
    (told) => {
      expect(readText(JSON.stringify(told))).toMatchObject({
        kind: "items",
        items: [
          { kind: "broken", code: "contract_violated", id: expect.stringMatching(/^unreadable-/) },
        ],
      });
    },
  );

  test("refuses a moment that is none, and keeps the event", () => {
    const told = envelopeOf("order_cancelled", order, { timestamp: "yesterday" });
    expect(itemsOf(readText(JSON.stringify(told)))).toMatchObject([
      { code: "contract_violated", errors: [{ path: "occurred_at" }] },
    ]);
  });

  test("adds the source's own fields: a class of orders, and a rep by Fluid's number", () => {
    const options = {
      fields: {
        "order.placed": {
          buyer_kind: { path: "payload.order.order_class", values: { rep_order: "distributor" } },
          source_node: { path: "payload.order.rep.id", as: "text" },
        },
      },
    };
    expect(fluid.checkOptions(options, "fluid-hmac")).toEqual([]);
    expect(read("order_created", { ...order, order_class: "rep_order" }, options)).toMatchObject([
      { type: "order.placed", data: { buyer_kind: "distributor", source_node: "456" } },
    ]);
  });
});
