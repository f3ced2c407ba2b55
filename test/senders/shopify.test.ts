import { describe, expect, test } from "vitest";
import { shopify } from "#src/senders/shopify.ts";
import { signShopify } from "../../scripts/signing/shopify.ts";
import { conforms } from "./conformance.ts";
import { deliver, verifyBy } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { payload } from "./samples/payload.ts";
import { other, samples, secret } from "./samples/shopify.ts";

for (const sample of samples) conforms(sample);

const SCHEME = "shopify-hmac";

describe("shopify", () => {
  test.each(vectors.filter(({ scheme }) => scheme === SCHEME))(
    "$id is judged $valid: $description",
    async ({ method, url, headers, body, secret: key, valid }) => {
      const result = await verifyBy(shopify, SCHEME, deliver({ method, url, headers, body }), {
        secrets: [key],
      });
      expect(result.ok).toBe(valid);
      expect(shopify.schemes[SCHEME]?.checkSecret(key)).toBeUndefined();
    },
  );

  test("takes the secret as text: decoded as hex it is another", async () => {
    const signed = await signShopify({ secret, body: "{}" });
    const headers = { ...signed };
    const judge = async (secrets: string[]) =>
      (await verifyBy(shopify, SCHEME, deliver({ headers, body: "{}" }), { secrets })).ok;
    expect(await judge([Buffer.from(secret, "hex").toString("latin1")])).toBe(false);
    expect(await judge([other, secret])).toBe(true);
  });
});

const SHOP = "dev-shop.myshopify.com";
const headersOf = (topic: string, change: Record<string, string | undefined> = {}) => ({
  "X-Shopify-Topic": topic,
  "X-Shopify-Shop-Domain": SHOP,
  "X-Shopify-Webhook-Id": "w-1",
  "X-Shopify-Triggered-At": "2026-07-25T17:20:41.123456789Z",
  ...change,
});
const readBody = (body: string, headers: Record<string, string | undefined>, options = {}) =>
  shopify.read(deliver({ body, headers }), { tenant: "acme", source: "shop", options });
const read = (topic: string, subject: unknown, options = {}) =>
  readBody(JSON.stringify(subject), headersOf(topic), options);
const itemOf = (reading: ReturnType<typeof read>) =>
  reading.kind === "items" ? reading.items[0] : undefined;
const factOf = (topic: string, subject: unknown, options = {}) => {
  const item = itemOf(read(topic, subject, options));
  return item?.kind === "event" ? { type: item.event.type, data: item.event.data } : item;
};

const order = {
  id: 5_677_001_122,
  admin_graphql_api_id: "gid://shopify/Order/5677001122",
  created_at: "2026-07-25T13:18:00-04:00",
  updated_at: "2026-07-25T13:20:31-04:00",
  currency: "USD",
  financial_status: "paid",
  total_price: "129.00",
  total_tax: "19.00",
  taxes_included: false,
  source_name: "web",
  test: false,
  note_attributes: [
    { name: "rep_id", value: "D-77" },
    { name: "points", value: "80.5" },
  ],
  shipping_lines: [{ price: "12.00", discounted_price: "10.00", tax_lines: [{ price: "1.90" }] }],
  line_items: [
    { sku: "TEA-01", quantity: 2, properties: [{ name: "_cv", value: "40" }] },
    { sku: "KIT-01", quantity: 1, properties: [{ name: "_cv", value: 0.5 }] },
    { sku: "GIFT", quantity: 3, properties: [] },
  ],
};
const sale = { distributor_attribute: "rep_id", cv_attribute: "points" };
const paid = { payment_id: "5677001122", order_id: "5677001122", currency: "USD" };
const parts = { net_minor: 10_000, tax_minor: 1900, shipping_minor: 1000 };
const refund = {
  id: 509_562_969,
  admin_graphql_api_id: "gid://shopify/Refund/509562969",
  order_id: 5_677_001_122,
  created_at: "2026-07-26T10:00:00-04:00",
  processed_at: "2026-07-26T10:00:05-04:00",
  refund_line_items: [{ subtotal: 40, total_tax: "7.60" }],
  order_adjustments: [{ kind: "shipping_refund", amount: "-5.00", tax_amount: "-0.95" }],
  transactions: [
    { kind: "refund", status: "success", amount: "53.55", currency: "USD", test: false },
  ],
};
const refunded = { refund_id: "509562969", ...paid };
const dispute = {
  id: 598_735_659,
  order_id: 5_677_001_122,
  type: "chargeback",
  amount: "129.00",
  currency: "USD",
  status: "needs_response",
  initiated_at: "2026-07-27T10:00:00-04:00",
  finalized_on: null,
};
const disputed = { dispute_id: "598735659", ...paid };
const customer = {
  id: 99_001,
  admin_graphql_api_id: "gid://shopify/Customer/99001",
  created_at: "2026-07-20T10:00:00-04:00",
  updated_at: "2026-07-25T13:20:31-04:00",
  email: "kai@example.org",
  state: "enabled",
  tags: "vip",
};
const contract = {
  id: 55_001,
  admin_graphql_api_id: "gid://shopify/SubscriptionContract/55001",
  revision_id: "9551416",
  status: "active",
};

describe("shopify, reading", () => {
  test("reads an order that was paid from the published payload", () => {
    const body = payload("shopify-order-paid.json");
    expect(readBody(body, headersOf("orders/paid"), { shop_domain: SHOP })).toEqual({
      kind: "items",
      items: [
        {
          kind: "event",
          id: "w-1",
          event: expect.objectContaining({
            type: "payment.confirmed",
            source: "shop",
            occurredAtMs: Date.parse("2026-07-25T17:20:31Z"),
            data: { ...paid, amount_minor: 24_900 },
          }),
        },
      ],
    });
  });

  test.each<{ name: string; topic: string; subject: object; options?: object; fact: object }>([
    {
      name: "a payment with all of its sale, by the order's attributes",
      topic: "orders/paid",
      subject: order,
      options: sale,
      fact: {
        type: "payment.confirmed",
        data: {
          ...paid,
          amount_minor: 12_900,
          ...parts,
          cv_x100: 8050,
          source_node: "D-77",
          order_kind: "store",
        },
      },
    },
    {
      name: "a payment of an enrolment, by the lines' properties, prices with tax",
      topic: "orders/paid",
      subject: { ...order, taxes_included: true },
      options: {
        distributor_attribute: "rep_id",
        cv_property: "_cv",
        pv_property: "_cv",
        enrollment_skus: ["KIT-01"],
      },
      fact: {
        type: "payment.confirmed",
        data: {
          ...paid,
          amount_minor: 12_900,
          net_minor: 10_190,
          tax_minor: 1900,
          shipping_minor: 810,
          cv_x100: 8050,
          pv_x100: 8050,
          source_node: "D-77",
          order_kind: "enrollment_kit",
        },
      },
    },
    {
      name: "a payment without the sale, where no line has the points",
      topic: "orders/paid",
      subject: order,
      options: { distributor_attribute: "rep_id", cv_property: "_misspelt" },
      fact: { type: "payment.confirmed", data: { ...paid, amount_minor: 12_900 } },
    },
    {
      name: "a payment without the sale, where the order names no distributor",
      topic: "orders/paid",
      subject: { ...order, note_attributes: [] },
      options: sale,
      fact: { type: "payment.confirmed", data: { ...paid, amount_minor: 12_900 } },
    },
    {
      name: "a payment without the sale, where points are no points",
      topic: "orders/paid",
      subject: { ...order, note_attributes: [{ name: "points", value: "a lot" }] },
      options: sale,
      fact: { type: "payment.confirmed", data: { ...paid, amount_minor: 12_900 } },
    },
    {
      name: "a test order, where it is wanted",
      topic: "orders/paid",
      subject: { ...order, test: true },
      options: { test_orders: true },
      fact: { type: "payment.confirmed", data: { ...paid, amount_minor: 12_900 } },
    },
    {
      name: "an order of a subscription, the rest from the source's mapping",
      topic: "orders/create",
      subject: {
        ...order,
        financial_status: "pending",
        source_name: "subscription_contract_checkout_one",
      },
      options: {
        ...sale,
        fields: { "order.placed": { buyer_kind: { value: "customer" }, pv_x100: { value: 0 } } },
      },
      fact: {
        type: "order.placed",
        data: {
          order_id: "5677001122",
          buyer_kind: "customer",
          source_node: "D-77",
          order_kind: "autoship",
          currency: "USD",
          amount_minor: 12_900,
          ...parts,
          cv_x100: 8050,
          pv_x100: 0,
        },
      },
    },
    {
      name: "an order cancelled",
      topic: "orders/cancelled",
      subject: { ...order, cancelled_at: "2026-07-25T14:00:00-04:00", cancel_reason: "inventory" },
      fact: { type: "order.cancelled", data: { order_id: "5677001122", reason: "inventory" } },
    },
    {
      name: "an order cancelled for no reason",
      topic: "orders/cancelled",
      subject: { ...order, cancelled_at: "2026-07-25T14:00:00-04:00", cancel_reason: null },
      fact: { type: "order.cancelled", data: { order_id: "5677001122", reason: "unknown" } },
    },
    {
      name: "a payment that failed",
      topic: "order_transactions/create",
      subject: {
        id: 389_404_469,
        order_id: 5_677_001_122,
        kind: "sale",
        status: "failure",
        error_code: "card_declined",
        processed_at: "2026-07-25T13:18:00-04:00",
      },
      fact: {
        type: "payment.failed",
        data: {
          payment_id: "389404469",
          order_id: "5677001122",
          reason: "card_declined",
          attempt: 1,
        },
      },
    },
    {
      name: "a refund with its parts",
      topic: "refunds/create",
      subject: refund,
      fact: {
        type: "refund.completed",
        data: {
          ...refunded,
          amount_minor: 5355,
          net_minor: 4000,
          tax_minor: 855,
          shipping_minor: 500,
        },
      },
    },
    {
      name: "a refund in two transactions, whose parts are not the amount",
      topic: "refunds/create",
      subject: {
        ...refund,
        transactions: [
          ...refund.transactions,
          { kind: "refund", status: "success", amount: "1.45", currency: "USD" },
          { kind: "refund", status: "failure", amount: "9.00", currency: "USD" },
        ],
      },
      fact: { type: "refund.completed", data: { ...refunded, amount_minor: 5500 } },
    },
    {
      name: "a refund of an amount alone",
      topic: "refunds/create",
      subject: { ...refund, refund_line_items: [], order_adjustments: [] },
      fact: { type: "refund.completed", data: { ...refunded, amount_minor: 5355 } },
    },
    {
      name: "a dispute opened, what is unknown from the source's mapping",
      topic: "disputes/create",
      subject: dispute,
      options: {
        fields: {
          "chargeback.opened": {
            net_minor: { path: "amount", as: "decimal" },
            tax_minor: { value: 0 },
            fee_minor: { value: 1500 },
          },
        },
      },
      fact: {
        type: "chargeback.opened",
        data: {
          ...disputed,
          amount_minor: 12_900,
          net_minor: 12_900,
          tax_minor: 0,
          fee_minor: 1500,
        },
      },
    },
    {
      name: "a dispute lost",
      topic: "disputes/update",
      subject: { ...dispute, status: "accepted", finalized_on: "2026-08-27T10:00:00-04:00" },
      fact: {
        type: "chargeback.closed",
        data: { ...disputed, outcome: "lost", fee_refunded_minor: 0 },
      },
    },
    {
      name: "a dispute won, the fee from the source's mapping",
      topic: "disputes/update",
      subject: { ...dispute, status: "won" },
      options: { fields: { "chargeback.closed": { fee_refunded_minor: { value: 1500 } } } },
      fact: {
        type: "chargeback.closed",
        data: { ...disputed, outcome: "won", fee_refunded_minor: 1500 },
      },
    },
    {
      name: "a customer nobody brought as a lead",
      topic: "customers/create",
      subject: customer,
      options: sale,
      fact: {
        type: "lead.upserted",
        data: {
          crm: "shopify",
          object_id: "99001",
          fields: { state: "enabled", tags: "vip" },
        },
      },
    },
    {
      name: "a customer of a distributor",
      topic: "customers/update",
      subject: { ...customer, metafields: [{ namespace: "mlm", key: "rep_id", value: "D-77" }] },
      options: sale,
      fact: {
        type: "customer.linked",
        data: {
          customer_id: "99001",
          enroller_id: "D-77",
          effective_at: "2026-07-20T10:00:00-04:00",
        },
      },
    },
    {
      name: "a subscription that goes on, as a gap",
      topic: "subscription_contracts/update",
      subject: contract,
      fact: {
        type: "cdc.gap",
        data: { table: "shopify:subscription_contracts", pks: ["55001"] },
      },
    },
    {
      name: "a subscription that tells its date",
      topic: "subscription_contracts/activate",
      subject: { ...contract, next_billing_date: "2026-08-25T00:00:00Z" },
      fact: {
        type: "autoship.changed",
        data: { autoship_id: "55001", next_run: "2026-08-25T00:00:00Z", status: "active" },
      },
    },
    {
      name: "a subscription that is over",
      topic: "subscription_contracts/cancel",
      subject: { ...contract, status: "CANCELLED" },
      fact: {
        type: "autoship.changed",
        data: { autoship_id: "55001", next_run: null, status: "CANCELLED" },
      },
    },
    {
      name: "a count of stock",
      topic: "inventory_levels/update",
      subject: {
        inventory_item_id: 271_878_346_596_884,
        location_id: 24_826_418,
        available: -2,
        updated_at: "2026-07-25T13:20:31-04:00",
      },
      fact: {
        type: "inventory.adjusted",
        data: {
          sku: "271878346596884",
          location: "24826418",
          on_hand: -2,
          reason: "inventory_levels/update",
        },
      },
    },
    {
      name: "an order deleted, as a gap",
      topic: "orders/delete",
      subject: { id: 5_677_001_122 },
      fact: { type: "cdc.gap", data: { table: "shopify:orders", pks: ["5677001122"] } },
    },
    {
      name: "a customer deleted, as a gap",
      topic: "customers/delete",
      subject: { id: 99_001 },
      fact: { type: "cdc.gap", data: { table: "shopify:customers", pks: ["99001"] } },
    },
  ])("reads $name", ({ topic, subject, options, fact }) => {
    expect(factOf(topic, subject, options)).toEqual(fact);
  });

  test.each([
    ["USD", "10.50", 1050],
    ["USD", "10.5", 1050],
    ["JPY", "500", 500],
    ["JPY", "500.00", 500],
    ["KWD", "5.125", 5125],
  ])("turns %s %s into minor units", (currency, total_price, amount_minor) => {
    const fact = factOf("orders/paid", { ...order, currency, total_price });
    expect(fact).toMatchObject({ data: { currency, amount_minor } });
  });

  test("numbers a subscription by its revision, a customer by its change", () => {
    const rev = (topic: string, subject: object) => {
      const item = itemOf(read(topic, subject));
      return item?.kind === "event" ? item.event.rev : undefined;
    };
    expect(rev("subscription_contracts/cancel", { ...contract, status: "cancelled" })).toBe(
      "9551416",
    );
    expect(rev("customers/update", customer)).toBe(String(Date.parse("2026-07-25T13:20:31-04:00")));
  });

  test.each([
    ["an order that is not paid", "orders/paid", { ...order, financial_status: "pending" }],
    ["a refund sent as a payment", "orders/paid", refund],
    ["a test order", "orders/paid", { ...order, test: true }],
    ["a test order placed", "orders/create", { ...order, test: true }],
    ["a customer sent as an order", "orders/create", customer],
    ["an order that is not cancelled", "orders/cancelled", order],
    ["a test order cancelled", "orders/cancelled", { ...order, test: true, cancelled_at: "x" }],
    ["a transaction that paid", "order_transactions/create", { kind: "sale", status: "success" }],
    ["a refund that failed", "order_transactions/create", { kind: "refund", status: "failure" }],
    [
      "a test payment that failed",
      "order_transactions/create",
      { kind: "sale", status: "error", test: true },
    ],
    ["an order sent as a refund", "refunds/create", order],
    ["a refund that pays nothing back", "refunds/create", { ...refund, transactions: [] }],
    [
      "a refund on its way",
      "refunds/create",
      {
        ...refund,
        transactions: [...refund.transactions, { kind: "refund", status: "pending" }],
      },
    ],
    [
      "a refund in two currencies",
      "refunds/create",
      {
        ...refund,
        transactions: [
          ...refund.transactions,
          { kind: "refund", status: "success", amount: "1.00", currency: "EUR" },
        ],
      },
    ],
    [
      "a test refund",
      "refunds/create",
      { ...refund, transactions: [{ kind: "refund", status: "success", test: true }] },
    ],
    ["an inquiry", "disputes/create", { ...dispute, type: "inquiry" }],
    ["an order sent as a customer", "customers/update", order],
    ["an order sent as a subscription", "subscription_contracts/cancel", order],
    ["an article nobody counts", "inventory_levels/update", { available: null }],
    ["a gap without a name", "orders/delete", {}],
    ["an event without a name", "Order", {}],
    ["another topic", "products/update", { id: 1, updated_at: "2026-07-25T13:20:31-04:00" }],
    ["a name every object has", "constructor", { id: 1 }],
    ["the app removed", "app/uninstalled", JSON.parse(payload("shopify-app-uninstalled.json"))],
    [
      "a wish to erase a customer",
      "customers/redact",
      JSON.parse(payload("shopify-customers-redact.json")),
    ],
    ["a wish to see data", "customers/data_request", { shop_domain: SHOP, customer: { id: 1 } }],
    ["a wish to erase a shop", "shop/redact", { shop_domain: SHOP }],
  ])("keeps %s as unmapped", (_name, topic, subject) => {
    expect(read(topic, subject)).toEqual({
      kind: "items",
      items: [
        {
          kind: "broken",
          id: "w-1",
          code: "unmapped",
          content: expect.any(String),
          type: topic,
          errors: [{ path: "type", rule: "unmapped", message: expect.any(String) }],
        },
      ],
    });
  });

  test.each([
    ["customers/redact", /privacy desk/],
    ["customers/data_request", /privacy desk/],
    ["shop/redact", /privacy desk/],
  ])("hands %s to the privacy desk", (topic, message) => {
    const item = itemOf(read(topic, { shop_domain: SHOP }));
    expect(item?.kind === "broken" ? item.errors[0]?.message : "").toMatch(message);
  });

  test.each([
    ["an amount beyond the currency", { ...order, total_price: "10.505" }, "data.amount_minor"],
    ["a currency nobody has", { ...order, currency: "ZZZ" }, "data.currency"],
    ["no amount", { ...order, total_price: null }, "data.amount_minor"],
    ["no number", { ...order, id: null }, "data.order_id"],
    ["a dispute without its fee", dispute, "data.fee_minor"],
  ])("keeps %s for a person", (_name, subject, path) => {
    const topic = "type" in subject ? "disputes/create" : "orders/paid";
    expect(factOf(topic, subject)).toMatchObject({
      kind: "broken",
      id: "w-1",
      code: "contract_violated",
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    });
  });

  test.each([[[]], [7], [null], ["x"]])("keeps JSON that is no object for a person: %j", (body) => {
    expect(read("orders/paid", body)).toMatchObject({
      kind: "items",
      items: [{ kind: "broken", code: "contract_violated" }],
    });
  });

  test("keeps a delivery without a topic for a person", () => {
    expect(itemOf(readBody(JSON.stringify(order), {}))).toMatchObject({
      kind: "broken",
      code: "contract_violated",
      errors: [{ path: "headers.x-shopify-topic" }],
    });
  });

  test("reads the newer events as gaps, by their body's id or their header's", () => {
    const headers = {
      "shopify-topic": "Refund",
      "shopify-action": "update",
      "shopify-webhook-id": "w-2",
      "shopify-resource-id": "gid://shopify/Refund/1",
      "shopify-triggered-at": "2026-07-25T17:20:41Z",
    };
    const gap = (body: string) => {
      const item = itemOf(readBody(body, headers));
      return item?.kind === "event" ? { id: item.id, data: item.event.data } : item;
    };
    const table = "shopify:Refund";
    expect(gap("{}")).toEqual({ id: "w-2", data: { table, pks: ["gid://shopify/Refund/1"] } });
    expect(gap('{"id":2}')).toEqual({ id: "w-2", data: { table, pks: ["2"] } });
  });

  test("names a delivery by its webhook id, or by all it says", () => {
    const idOf = (subject: object, id?: string) => {
      const headers = headersOf("orders/paid", { "X-Shopify-Webhook-Id": id });
      return itemOf(readBody(JSON.stringify(subject), headers))?.id;
    };
    expect(idOf(order, "w-9")).toBe("w-9");
    expect(idOf(order)).toMatch(/^orders\/paid:[\da-f]{32}$/);
    expect(idOf(order)).toBe(idOf({ ...order }));
    expect(idOf(order)).not.toBe(idOf({ ...order, total_price: "1.00" }));
  });

  test.each<[name: string, shop: string | undefined, body: object, isOurs: boolean]>([
    ["our shop", "Dev-Shop.MyShopify.com", order, true],
    ["another shop", "evil.myshopify.com", order, false],
    ["no shop", undefined, order, false],
    ["a body of another shop", SHOP, { ...order, shop_domain: "evil.myshopify.com" }, false],
    ["a body of our shop", SHOP, { ...order, myshopify_domain: SHOP }, true],
  ])("holds the shop against the source's: %s", (_name, shop, body, isOurs) => {
    const headers = headersOf("orders/paid", { "X-Shopify-Shop-Domain": shop });
    const item = itemOf(readBody(JSON.stringify(body), headers, { shop_domain: SHOP }));
    const broken = { kind: "broken", errors: [{ path: "headers.x-shopify-shop-domain" }] };
    expect(item).toMatchObject({ id: "w-1", ...(isOurs ? { kind: "event" } : broken) });
  });

  test("lets a mapping see what the headers say", () => {
    const rules = [
      {
        type: "customer.linked",
        when: { $type: "customers/create", $shop: SHOP },
        fields: {
          customer_id: { path: "id", as: "text" },
          enroller_id: { value: "D-1" },
          effective_at: "created_at",
        },
      },
    ];
    expect(factOf("customers/create", customer, { rules })).toEqual({
      type: "customer.linked",
      data: {
        customer_id: "99001",
        enroller_id: "D-1",
        effective_at: "2026-07-20T10:00:00-04:00",
      },
    });
  });

  test.each([{ shop_domain: "shop.example.org" }, { cv_attribute: "" }, { enrollment_skus: [7] }])(
    "finds fault with options %j",
    (options) => {
      expect(shopify.checkOptions(options, SCHEME)).not.toEqual([]);
    },
  );
});
