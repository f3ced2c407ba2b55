import { describe, expect, test } from "vitest";
import { woocommerce } from "#src/senders/woocommerce.ts";
import { signWoocommerce } from "../../scripts/signing/woocommerce.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { payload } from "./samples/payload.ts";
import { samples, secret } from "./samples/woocommerce.ts";

for (const sample of samples) conforms(sample);

const SCHEME = "woocommerce-hmac";

describe("woocommerce", () => {
  test.each(vectors.filter(({ scheme }) => scheme === SCHEME))(
    "$id is judged $valid: $description",
    async ({ method, url, headers, body, secret: key, valid }) => {
      const result = await verifyBy(woocommerce, SCHEME, deliver({ method, url, headers, body }), {
        secrets: [key],
      });
      expect(result.ok).toBe(valid);
    },
  );

  test("takes secrets with spaces inside, as the shop makes them up", async () => {
    const spaced = "x[ 7~-}k= {?a1";
    const { checkSecret } = woocommerce.schemes[SCHEME] ?? {};
    expect(checkSecret?.(spaced)).toBeUndefined();
    const headers = await signWoocommerce({ secret: spaced, body: "{}" });
    const result = await verifyBy(woocommerce, SCHEME, deliver({ headers, body: "{}" }), {
      secrets: [spaced],
    });
    expect(result.ok).toBe(true);
  });

  test.each(["", "short", " padded-secret", "padded-secret\n"])("finds fault with %j", (text) => {
    expect(woocommerce.schemes[SCHEME]?.checkSecret(text)).toEqual(expect.any(String));
  });

  const ping = payload("woocommerce-ping.txt").trim();
  const auth = { scheme: SCHEME, secrets: [secret] };

  test("answers the ping of a webhook that is saved, before verification", async () => {
    expect(await woocommerce.greet?.(deliver({ body: ping }), auth)).toEqual({ status: 200 });
  });

  test("keeps nothing of a ping that was kept by mistake", () => {
    const context = { tenant: "acme", source: "shop", options: {} };
    expect(woocommerce.read(deliver({ body: payload("woocommerce-ping.txt") }), context)).toEqual({
      kind: "items",
      items: [],
      ignored: expect.any(String),
    });
  });

  test.each([
    ["another method", { method: "GET", body: ping }],
    ["a signature", { body: ping, headers: { "x-wc-webhook-signature": "AAAA" } }],
    ["an order", { body: '{"id":1}' }],
    ["more than a number", { body: `${ping}&x=1` }],
    ["no number", { body: "webhook_id=" }],
    ["a number without end", { body: `webhook_id=${"9".repeat(40)}` }],
    ["no body", {}],
  ])("greets nobody for %s", async (_name, request) => {
    expect(await woocommerce.greet?.(deliver(request), auth)).toBeUndefined();
  });
});

const readBody = (body: string, topic: string, options = {}, headers = {}) => {
  const all = { "x-wc-webhook-topic": topic, "x-wc-webhook-delivery-id": "d-1", ...headers };
  const context = { tenant: "acme", source: "shop", options };
  return woocommerce.read(deliver({ body, headers: all }), context);
};
const itemsOf = (topic: string, subject: unknown, options = {}, headers = {}) => {
  const reading = readBody(JSON.stringify(subject), topic, options, headers);
  return reading.kind === "items" ? reading.items : [];
};
const factsOf = (topic: string, subject: unknown, options = {}) =>
  itemsOf(topic, subject, options).map((item) =>
    item.kind === "event"
      ? { id: item.id, type: item.event.type, data: item.event.data }
      : { id: item.id, code: item.code, errors: item.errors },
  );

const MODIFIED = "2026-07-25T17:20:31";
const MODIFIED_MS = Date.parse(`${MODIFIED}Z`);
const order = {
  id: 731,
  status: "processing",
  currency: "GBP",
  date_created_gmt: "2026-07-25T17:10:00",
  date_modified_gmt: MODIFIED,
  date_paid_gmt: "2026-07-25T17:15:00",
  total: "58.40",
  total_tax: "8.40",
  shipping_total: "10.00",
  transaction_id: "pi_3RDev0009",
  created_via: "checkout",
  meta_data: [
    { id: 1, key: "rep_id", value: "D-77" },
    { id: 2, key: "points", value: "32" },
  ],
  line_items: [
    { sku: "TEA-01", quantity: 2, meta_data: [{ key: "_cv", value: "16.25" }] },
    { sku: "KIT-01", quantity: 1, meta_data: [] },
  ],
  refunds: [],
};
const id = `order.updated:731:${MODIFIED}:processing`;
const paid = { payment_id: "731", order_id: "731", currency: "GBP" };
const sale = { distributor_attribute: "rep_id", cv_attribute: "points" };
const parts = { net_minor: 4000, tax_minor: 840, shipping_minor: 1000 };
const unpaid = { ...order, date_paid_gmt: null, transaction_id: "" };
const subscription = {
  id: 901,
  status: "active",
  currency: "GBP",
  billing_period: "month",
  date_modified_gmt: MODIFIED,
  next_payment_date_gmt: "2026-08-25T17:10:00",
};
const customer = {
  id: 14,
  role: "customer",
  username: "ivy",
  is_paying_customer: true,
  date_created_gmt: "2026-07-01T09:00:00",
  date_modified_gmt: MODIFIED,
  meta_data: [],
};

describe("woocommerce, reading", () => {
  test("reads an order that was paid from the published payload", () => {
    const topic = "order.updated";
    expect(readBody(payload("woocommerce-order-updated.json"), topic)).toEqual({
      kind: "items",
      items: [
        {
          kind: "event",
          id,
          event: expect.objectContaining({
            type: "payment.confirmed",
            occurredAtMs: MODIFIED_MS,
            data: { ...paid, amount_minor: 5840 },
          }),
        },
      ],
    });
  });

  test.each<{ name: string; topic?: string; subject: object; options?: object; facts: object[] }>([
    {
      name: "a payment with all of its sale, by the order's meta data",
      subject: order,
      options: sale,
      facts: [
        {
          id,
          type: "payment.confirmed",
          data: {
            ...paid,
            amount_minor: 5840,
            ...parts,
            cv_x100: 3200,
            source_node: "D-77",
            order_kind: "store",
          },
        },
      ],
    },
    {
      name: "a renewal, by the lines' meta data",
      subject: { ...order, created_via: "subscription" },
      options: { distributor_attribute: "rep_id", cv_property: "_cv" },
      facts: [
        {
          id,
          type: "payment.confirmed",
          data: {
            ...paid,
            amount_minor: 5840,
            ...parts,
            cv_x100: 3250,
            source_node: "D-77",
            order_kind: "autoship",
          },
        },
      ],
    },
    {
      name: "a payment without the sale, where nobody brought the buyer",
      subject: { ...order, meta_data: [] },
      options: sale,
      facts: [{ id, type: "payment.confirmed", data: { ...paid, amount_minor: 5840 } }],
    },
    {
      name: "a payment by the provider's name, where the source asks for it",
      subject: { ...order, refunds: [{ id: 8, total: "-10.00" }] },
      options: { payment_id: "transaction", prefix: "de:" },
      facts: [
        {
          id,
          type: "payment.confirmed",
          data: {
            ...paid,
            payment_id: "pi_3RDev0009",
            order_id: "de:731",
            amount_minor: 5840,
          },
        },
        {
          id: `${id}:refund:8`,
          type: "refund.completed",
          data: {
            refund_id: "de:8",
            payment_id: "pi_3RDev0009",
            order_id: "de:731",
            currency: "GBP",
            amount_minor: 1000,
          },
        },
      ],
    },
    {
      name: "a failed payment by the provider's name",
      subject: { ...order, date_paid_gmt: null, status: "failed" },
      options: { payment_id: "transaction" },
      facts: [
        {
          id: `order.updated:731:${MODIFIED}:failed`,
          type: "payment.failed",
          data: {
            order_id: "731",
            payment_id: "pi_3RDev0009",
            reason: "failed in the shop",
            attempt: MODIFIED_MS / 1000,
          },
        },
      ],
    },
    {
      name: "a payment without the sale, where no line has the points",
      subject: order,
      options: { distributor_attribute: "rep_id", cv_property: "_misspelt" },
      facts: [{ id, type: "payment.confirmed", data: { ...paid, amount_minor: 5840 } }],
    },
    {
      name: "an enrolment on hold as an order",
      topic: "order.created",
      subject: { ...unpaid, status: "on-hold" },
      options: {
        ...sale,
        pv_attribute: "points",
        enrollment_skus: ["KIT-01"],
        fields: { "order.placed": { buyer_kind: { value: "distributor" } } },
      },
      facts: [
        {
          id: `order.created:731:${MODIFIED}:on-hold`,
          type: "order.placed",
          data: {
            order_id: "731",
            buyer_kind: "distributor",
            currency: "GBP",
            amount_minor: 5840,
            ...parts,
            cv_x100: 3200,
            pv_x100: 3200,
            source_node: "D-77",
            order_kind: "enrollment_kit",
          },
        },
      ],
    },
    {
      name: "a payment that failed",
      subject: { ...unpaid, status: "failed" },
      facts: [
        {
          id: `order.updated:731:${MODIFIED}:failed`,
          type: "payment.failed",
          data: { order_id: "731", reason: "failed in the shop", attempt: MODIFIED_MS / 1000 },
        },
      ],
    },
    {
      name: "an order cancelled unpaid",
      subject: { ...unpaid, status: "cancelled" },
      facts: [
        {
          id: `order.updated:731:${MODIFIED}:cancelled:cancelled`,
          type: "order.cancelled",
          data: { order_id: "731", reason: "cancelled in the shop" },
        },
      ],
    },
    {
      name: "an order cancelled after it was paid and refunded",
      subject: { ...order, status: "cancelled", refunds: [{ id: 8, total: "-58.40" }] },
      facts: [
        {
          id: `order.updated:731:${MODIFIED}:cancelled`,
          type: "payment.confirmed",
          data: { ...paid, amount_minor: 5840 },
        },
        {
          id: `order.updated:731:${MODIFIED}:cancelled:refund:8`,
          type: "refund.completed",
          data: { refund_id: "8", ...paid, amount_minor: 5840 },
        },
        {
          id: `order.updated:731:${MODIFIED}:cancelled:cancelled`,
          type: "order.cancelled",
          data: { order_id: "731", reason: "cancelled in the shop" },
        },
      ],
    },
    {
      name: "a payment and three refunds, of which two are no amount that was paid back",
      subject: {
        ...order,
        refunds: [
          { id: 8, total: "-10.00", reason: "" },
          { id: 9, total: "-1.005" },
          { id: 10, total: "1.00" },
        ],
      },
      facts: [
        { id, type: "payment.confirmed", data: { ...paid, amount_minor: 5840 } },
        {
          id: `${id}:refund:8`,
          type: "refund.completed",
          data: { refund_id: "8", ...paid, amount_minor: 1000 },
        },
        {
          id: `${id}:refund:9`,
          code: "contract_violated",
          errors: [expect.objectContaining({ path: "data.amount_minor" })],
        },
        {
          id: `${id}:refund:10`,
          code: "contract_violated",
          errors: [expect.objectContaining({ path: "data.amount_minor" })],
        },
      ],
    },
    {
      name: "a lead",
      topic: "customer.updated",
      subject: customer,
      options: sale,
      facts: [
        {
          id: `customer.updated:14:${MODIFIED}`,
          type: "lead.upserted",
          data: {
            crm: "woocommerce",
            object_id: "14",
            fields: { role: "customer", is_paying_customer: true },
          },
        },
      ],
    },
    {
      name: "a customer of a distributor",
      topic: "customer.updated",
      subject: { ...customer, meta_data: [{ key: "rep_id", value: "D-77" }] },
      options: sale,
      facts: [
        {
          id: `customer.updated:14:${MODIFIED}`,
          type: "customer.linked",
          data: { customer_id: "14", enroller_id: "D-77", effective_at: "2026-07-01T09:00:00Z" },
        },
      ],
    },
    {
      name: "a subscription",
      topic: "subscription.updated",
      subject: subscription,
      facts: [
        {
          id: `subscription.updated:901:${MODIFIED}:active`,
          type: "autoship.changed",
          data: { autoship_id: "901", status: "active", next_run: "2026-08-25T17:10:00Z" },
        },
      ],
    },
    {
      name: "a subscription that ends",
      topic: "subscription.updated",
      subject: { ...subscription, status: "pending-cancel" },
      facts: [
        {
          id: `subscription.updated:901:${MODIFIED}:pending-cancel`,
          type: "autoship.changed",
          data: { autoship_id: "901", status: "pending-cancel", next_run: null },
        },
      ],
    },
    {
      name: "a subscription on hold as a gap",
      topic: "subscription.updated",
      subject: { ...subscription, status: "on-hold", next_payment_date_gmt: "" },
      facts: [
        {
          id: `subscription.updated:901:${MODIFIED}:on-hold`,
          type: "cdc.gap",
          data: { table: "woocommerce:subscription", pks: ["901"] },
        },
      ],
    },
    {
      name: "a count of stock",
      topic: "product.updated",
      subject: {
        id: 93,
        sku: "TEA-01",
        manage_stock: true,
        stock_quantity: 12,
        date_modified_gmt: MODIFIED,
      },
      facts: [
        {
          id: `product.updated:93:${MODIFIED}`,
          type: "inventory.adjusted",
          data: { sku: "TEA-01", on_hand: 12, reason: "product.updated" },
        },
      ],
    },
    {
      name: "what was deleted as a gap",
      topic: "order.deleted",
      subject: { id: 731 },
      facts: [
        {
          id: expect.stringMatching(/^order\.deleted:731:d-1:[\da-f]{32}$/),
          type: "cdc.gap",
          data: { table: "woocommerce:order", pks: ["731"] },
        },
      ],
    },
  ])("reads $name", ({ topic = "order.updated", subject, options, facts }) => {
    expect(factsOf(topic, subject, options)).toEqual(facts);
  });

  test.each([
    ["order.updated", { ...order, status: "completed" }, "payment.confirmed"],
    ["order.restored", { ...order, status: "refunded" }, "payment.confirmed"],
    ["order.updated", { ...unpaid, status: "pending" }, "order.placed"],
    ["order.updated", { ...unpaid, status: "processing" }, "order.placed"],
    ["order.updated", { ...unpaid, date_paid_gmt: undefined }, "payment.confirmed"],
    ["order.updated", { ...unpaid, date_paid_gmt: undefined, status: "on-hold" }, "order.placed"],
  ])("%s tells by status and date whether it is paid (%#)", (topic, subject, type) => {
    const options = {
      ...sale,
      pv_attribute: "points",
      fields: { "order.placed": { buyer_kind: { value: "customer" } } },
    };
    expect(factsOf(topic, subject, options)).toMatchObject([{ type }]);
  });

  test("takes the moment it was paid, and of what was deleted that of the delivery", () => {
    const moments = (topic: string, subject: object) =>
      itemsOf(topic, subject).map((item) => item.kind === "event" && item.event.occurredAtMs);
    expect(moments("order.updated", order)).toEqual([Date.parse("2026-07-25T17:15:00Z")]);
    expect(moments("order.deleted", { id: 731 })).toEqual([RECEIVED_AT_MS]);
  });

  test.each([
    ["USD", "10.5", 1050],
    ["JPY", "500", 500],
    ["KWD", "5.125", 5125],
  ])("turns %s %s into minor units", (currency, total, amount_minor) => {
    const facts = factsOf("order.updated", { ...order, currency, total });
    expect(facts).toMatchObject([{ data: { currency, amount_minor } }]);
  });

  test.each([
    ["a draft", "order.created", { ...unpaid, status: "checkout-draft" }],
    ["a product sent as an order", "order.updated", { id: 93, status: "publish", sku: "TEA-01" }],
    ["an order sent as a customer", "customer.updated", order],
    [
      "a subscription sent as an order",
      "order.updated",
      { ...subscription, total: "58.40", date_paid_gmt: MODIFIED, refunds: [] },
    ],
    ["an order sent as a subscription", "subscription.updated", order],
    ["a product nobody counts", "product.updated", { id: 93, sku: "TEA", manage_stock: false }],
    ["a product without SKU", "product.updated", { id: 93, sku: "", manage_stock: true }],
    ["a gap without a name", "order.deleted", {}],
    ["a coupon", "coupon.created", { id: 7 }],
    ["an action", "action.my_hook", { action: "my_hook", arg: 7 }],
    ["a name every object has", "constructor", { id: 7 }],
  ])("keeps %s as unmapped", (_name, topic, subject) => {
    expect(itemsOf(topic, subject)).toMatchObject([
      { kind: "broken", code: "unmapped", type: topic, errors: [{ message: expect.any(String) }] },
    ]);
  });

  test("keeps an order without dates for a person", () => {
    const subject = { id: 731, status: "processing", currency: "GBP", total: "58.40" };
    expect(factsOf("order.updated", subject)).toMatchObject([
      {
        id: expect.stringMatching(/^order\.updated:731:d-1:[\da-f]{32}$/),
        code: "contract_violated",
        errors: [{ path: "occurred_at" }],
      },
    ]);
  });

  test.each([[[]], [7], [null]])("keeps JSON that is no object for a person: %j", (body) => {
    const broken = { kind: "broken", code: "contract_violated" };
    expect(itemsOf("order.updated", body)).toMatchObject([broken]);
  });

  test("keeps a delivery without a topic for a person", () => {
    expect(itemsOf("", order)).toMatchObject([
      { code: "contract_violated", errors: [{ path: "headers.x-wc-webhook-topic" }] },
    ]);
  });

  test("calls a payment the same, whenever a plugin writes its transaction", () => {
    const idsOf = (transaction_id: string) =>
      factsOf("order.updated", { ...order, transaction_id, refunds: [{ id: 8, total: "-1.00" }] });
    expect(idsOf("ch_9")).toEqual(idsOf(""));
  });

  test("waits for the transaction, where payments are called by it", () => {
    const options = { payment_id: "transaction" };
    const subject = { ...order, transaction_id: "", refunds: [{ id: 8, total: "-1.00" }] };
    const unnamed = {
      code: "unmapped",
      errors: [{ message: expect.stringContaining("options.payment_id") }],
    };
    expect(itemsOf("order.updated", subject, options)).toMatchObject([unnamed, unnamed]);
  });

  test.each([
    ["order.updated", { ...order, refunds: [{ id: 8, total: "-1.00" }] }],
    ["order.updated", { ...unpaid, status: "failed" }],
    ["order.updated", { ...unpaid, status: "cancelled" }],
    ["order.updated", unpaid],
    ["customer.updated", customer],
    ["customer.updated", { ...customer, meta_data: [{ key: "rep_id", value: "D-77" }] }],
    ["subscription.updated", subscription],
  ])("puts the source's prefix before the shop's own ids: %s (%#)", (topic, subject) => {
    const buyer = { "order.placed": { buyer_kind: { value: "customer" } } };
    const options = { ...sale, pv_attribute: "points", fields: buyer };
    const ids = (given: object) =>
      itemsOf(topic, subject, given).map((item) => {
        if (item.kind !== "event") throw new Error(JSON.stringify(item));
        const { payment_id, order_id, refund_id, customer_id, autoship_id, crm, ...others } =
          item.event.data;
        const own = { payment_id, order_id, refund_id, customer_id, autoship_id, crm };
        return { id: item.id, others, own };
      });
    const [plain, prefixed] = [ids(options), ids({ ...options, prefix: "shop2:" })];
    expect(prefixed.map((one) => ({ ...one, own: {} }))).toEqual(
      plain.map((one) => ({ ...one, own: {} })),
    );
    expect(JSON.stringify(prefixed.map(({ own }) => own))).toBe(
      JSON.stringify(plain.map(({ own }) => own)).replaceAll(/:"/g, ':"shop2:'),
    );
  });

  test("tells actions apart by what they hold: those of one second share the delivery's id", () => {
    const idOf = (arg: number) => itemsOf("action.my_hook", { action: "my_hook", arg })[0]?.id;
    expect(idOf(1)).toBe(idOf(1));
    expect(idOf(1)).not.toBe(idOf(2));
  });

  test("comes to an end with a shop of slashes", () => {
    const headers = { "x-wc-webhook-source": `${"/".repeat(300_000)}x` };
    const options = { shop_url: "https://shop.example.org" };
    expect(itemsOf("order.updated", order, options, headers)).toMatchObject([{ kind: "broken" }]);
  });

  test("tells changes of one second apart by status, and repeats not at all", () => {
    const idOf = (subject: object) => itemsOf("order.updated", subject)[0]?.id;
    expect(idOf(order)).toBe(idOf({ ...order }));
    expect(idOf(order)).not.toBe(idOf({ ...order, status: "completed" }));
    expect(idOf(order)).not.toBe(idOf({ ...order, date_modified_gmt: "2026-07-25T17:20:32" }));
  });

  test.each([
    ["https://shop.example.org", true],
    ["https://Shop.example.org/", true],
    ["https://shop.example.org/de", false],
    ["https://evil.example.org/", false],
    ["", false],
  ])("holds the shop against the source's: %s", (source, isOurs) => {
    const options = { shop_url: "https://shop.example.org/" };
    const refunds = [{ id: 8, total: "-10.00" }];
    const subject = { ...order, refunds };
    const items = itemsOf("order.updated", subject, options, { "x-wc-webhook-source": source });
    const broken = { kind: "broken", errors: [{ path: "headers.x-wc-webhook-source" }] };
    const expected = isOurs ? { kind: "event" } : broken;
    expect(items).toMatchObject([expected, expected]);
    expect(items.map((item) => item.id)).toEqual([id, `${id}:refund:8`]);
  });

  test.each([
    { shop_url: "shop" },
    { distributor_attribute: "" },
    { payment_id: "id" },
    { prefix: "" },
    { prefix: "a b" },
  ])("finds fault with options %j", (options) => {
    expect(woocommerce.checkOptions(options, SCHEME)).not.toEqual([]);
  });
});
