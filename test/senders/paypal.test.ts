import { crc32 as crcOfZlib } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "#src/senders/paypal-scheme.ts";
import { paypal } from "#src/senders/paypal.ts";
import type { SigningCertificate } from "#src/senders/sender.ts";
import { PAYPAL_CERT_URL, signPaypal } from "../../scripts/signing/paypal.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import certificates from "./fixtures/certificates/paypal.json" with { type: "json" };
import { payload } from "./samples/payload.ts";
import { samples, transmissionId, webhookId } from "./samples/paypal.ts";

for (const sample of samples) conforms(sample);

test("crc32() is that of zlib", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcb_f4_39_26);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(crc32(bytes)).toBe(crcOfZlib(bytes));
    }),
  );
});

const body = payload("paypal-capture-completed.json");
const signing = {
  privateKey: certificates.key,
  webhookId,
  transmissionId,
  atMs: RECEIVED_AT_MS,
  body,
};
const certificate: SigningCertificate = {
  publicKey: certificates.leaf,
  names: ["messageverificationcerts.paypal.com"],
  notBeforeMs: RECEIVED_AT_MS - 1000,
  notAfterMs: RECEIVED_AT_MS + 1000,
};

const judge = async (
  headers: Readonly<Record<string, string | undefined>>,
  given: {
    found?: SigningCertificate | undefined;
    secrets?: readonly string[];
    body?: string;
  } = {},
) => {
  const asked: string[] = [];
  const { found = certificate, secrets = [webhookId] } = given;
  const certificateAt = async (url: string) => {
    asked.push(url);
    return "found" in given ? given.found : found;
  };
  const delivery = deliver({ headers, body: given.body ?? body });
  const means = { options: {}, certificateAt };
  const result = await verifyBy(paypal, "paypal-cert", delivery, { secrets, means });
  return { result, asked };
};

describe("paypal, by the certificate a delivery refers to", () => {
  test.each([
    PAYPAL_CERT_URL,
    "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
    "https://www.paypal.com/x",
  ])("believes %s", async (certUrl) => {
    const { result, asked } = await judge(signPaypal({ ...signing, certUrl }));
    expect(result).toMatchObject({ ok: true });
    expect(asked).toEqual([certUrl]);
  });

  test.each([
    "http://api.paypal.com/cert",
    "https://paypal.com/cert",
    "https://api.paypal.com.evil.example/cert",
    "https://evilpaypal.com/cert",
    "https://api.paypal.com@evil.example/cert",
    "https://user:pass@api.paypal.com/cert",
    "https://api.paypal.com:8443/cert",
    "https://evil.example/api.paypal.com",
    "https://evil.example#.paypal.com",
    "file:///api.paypal.com/cert",
    "data:text/plain,.paypal.com",
    "api.paypal.com/cert",
    `${PAYPAL_CERT_URL}, ${PAYPAL_CERT_URL}`,
    "",
  ])("asks nobody for «%s»", async (certUrl) => {
    const { result, asked } = await judge(signPaypal({ ...signing, certUrl }));
    expect(result.ok).toBe(false);
    expect(asked).toEqual([]);
  });

  test.each<[string, SigningCertificate | undefined]>([
    ["that cannot be had", undefined],
    ["of another name", { ...certificate, names: ["paypal.com.evil.example", "evilpaypal.com"] }],
    ["of no name", { ...certificate, names: [] }],
    ["not valid yet", { ...certificate, notBeforeMs: RECEIVED_AT_MS + 1 }],
    ["no longer valid", { ...certificate, notAfterMs: RECEIVED_AT_MS - 1 }],
  ])("refuses a certificate %s", async (_name, found) => {
    const { result } = await judge(signPaypal(signing), { found });
    expect(result).toMatchObject({ ok: false, reason: "certificate_invalid" });
    expect(result.steps.at(-1)).toMatchObject({ step: "certificate", ok: false });
  });

  test("refuses a signature under another certificate", async () => {
    const found = { ...certificate, publicKey: certificates.other };
    const { result } = await judge(signPaypal(signing), { found });
    expect(result).toMatchObject({ ok: false, reason: "signature_mismatch" });
  });

  test("asks nobody where every certificate is pinned, or where a stale one is replayed", async () => {
    const secrets = samples.map(({ secret }) => secret);
    expect(await judge(signPaypal(signing), { secrets })).toMatchObject({
      result: { ok: true },
      asked: [],
    });
    const stale = signPaypal({ ...signing, atMs: RECEIVED_AT_MS - 5 * 86_400_000 });
    expect(await judge(stale)).toMatchObject({ result: { reason: "timestamp_old" }, asked: [] });
  });

  test("believes a pinned certificate where the one referred to cannot be had", async () => {
    const secrets = ["9XX0000000000000X", ...samples.map(({ secret }) => secret)];
    const { result } = await judge(signPaypal(signing), { secrets, found: undefined });
    expect(result).toMatchObject({ ok: true });
  });

  test.each([
    ["paypal-auth-algo", "SHA1withRSA", "signature_malformed"],
    ["paypal-auth-algo", undefined, "signature_missing"],
    ["paypal-transmission-time", "1785000000", "timestamp_malformed"],
    ["paypal-transmission-time", undefined, "timestamp_missing"],
    ["paypal-transmission-sig", "not base64", "signature_malformed"],
    ["paypal-cert-url", undefined, "signature_missing"],
  ])("refuses %s: %s", async (name, text, reason) => {
    const { result } = await judge({ ...signPaypal(signing), [name]: text });
    expect(result).toMatchObject({ ok: false, reason });
  });

  test("refuses a body written anew", async () => {
    const { result } = await judge(signPaypal(signing), { body: JSON.stringify(JSON.parse(body)) });
    expect(result).toMatchObject({ ok: false, reason: "signature_mismatch" });
  });

  const { key } = certificates;
  test.each([
    "",
    "short",
    "with space in it",
    "{}",
    JSON.stringify({ webhook_id: webhookId, certificates: [] }),
    JSON.stringify({ webhook_id: "x", certificates: [certificates.leaf] }),
    JSON.stringify({ webhook_id: webhookId, certificates: [key] }),
    JSON.stringify({ webhook_id: webhookId, certificates: [certificates.leaf + key] }),
  ])("finds fault with the secret %#", (secret) => {
    expect(paypal.schemes["paypal-cert"]?.checkSecret(secret)).toEqual(expect.any(String));
  });
});

const context = { tenant: "acme", source: "psp", options: {} };
const eventOf = (type: string, resource: object, change: object = {}) => ({
  id: "WH-1",
  event_type: type,
  create_time: "2026-07-25T17:20:40.123Z",
  resource,
  ...change,
});
const read = (event: unknown, options = {}) => {
  const reading = paypal.read(deliver({ body: JSON.stringify(event) }), { ...context, options });
  expect(reading).toMatchObject({ kind: "items", items: [{}] });
  return reading.kind === "items" ? reading.items[0] : undefined;
};
const factOf = (event: unknown, options = {}) => {
  const item = read(event, options);
  return item?.kind === "event" ? { type: item.event.type, data: item.event.data } : item;
};

const eur = (value: string) => ({ currency_code: "EUR", value });
const capture = { id: "C1", status: "COMPLETED", amount: eur("30.00"), custom_id: "O-7" };
const sale = { id: "S1", state: "completed", amount: { total: "30.00", currency: "EUR" } };
const links = [
  { rel: "self", href: "https://api.paypal.com/v2/payments/refunds/R1" },
  { rel: "up", href: "https://api.paypal.com/v2/payments/captures/C1" },
];
const refund = { id: "R1", status: "COMPLETED", amount: eur("12.50"), links };
const subscription = {
  id: "I-1",
  status: "ACTIVE",
  billing_info: {
    next_billing_time: "2026-08-25T10:00:00Z",
    failed_payments_count: 2,
    last_failed_payment: { reason_code: "PAYMENT_DENIED", time: "2026-07-25T17:20:00Z" },
  },
};
const paid = { payment_id: "C1", order_id: "O-7", currency: "EUR", amount_minor: 3000 };
const refunded = { refund_id: "R1", payment_id: "C1", currency: "EUR", amount_minor: 1250 };
const SECOND = 1_785_000_040;

describe("paypal, reading", () => {
  test("reads a payment from the payload PayPal publishes", () => {
    expect(factOf(JSON.parse(body))).toEqual({
      type: "payment.confirmed",
      data: {
        payment_id: "27M47624FP291604U",
        order_id: "order-77",
        currency: "EUR",
        amount_minor: 3000,
      },
    });
    expect(read(JSON.parse(body))).toMatchObject({ id: "WH-7DEV0001-67976317FL4543714" });
  });

  test.each<{ type: string; resource: object; becomes: string; data: object }>([
    {
      type: "PAYMENT.CAPTURE.COMPLETED",
      resource: {
        ...capture,
        seller_receivable_breakdown: { paypal_fee: eur("1.22"), net_amount: eur("28.78") },
      },
      becomes: "payment.confirmed",
      data: { ...paid, fee_minor: 122 },
    },
    {
      type: "PAYMENT.CAPTURE.COMPLETED",
      resource: {
        ...capture,
        custom_id: "",
        invoice_id: "INV-3",
        seller_receivable_breakdown: { paypal_fee: { currency_code: "USD", value: "1.22" } },
      },
      becomes: "payment.confirmed",
      data: { ...paid, order_id: "INV-3" },
    },
    {
      type: "PAYMENT.CAPTURE.DENIED",
      resource: { ...capture, status: "DECLINED", status_details: { reason: "ECHECK" } },
      becomes: "payment.failed",
      data: { payment_id: "C1", order_id: "O-7", reason: "ECHECK", attempt: SECOND },
    },
    {
      type: "PAYMENT.CAPTURE.DECLINED",
      resource: { ...capture, status: "DECLINED" },
      becomes: "payment.failed",
      data: { payment_id: "C1", order_id: "O-7", reason: "DECLINED", attempt: SECOND },
    },
    {
      type: "PAYMENT.CAPTURE.REFUNDED",
      resource: refund,
      becomes: "refund.completed",
      data: refunded,
    },
    {
      type: "PAYMENT.CAPTURE.REVERSED",
      resource: { ...refund, custom_id: "O-7" },
      becomes: "refund.completed",
      data: refunded,
    },
    {
      type: "PAYMENT.SALE.COMPLETED",
      resource: { ...sale, custom: "O-8", transaction_fee: { value: "0.61", currency: "EUR" } },
      becomes: "payment.confirmed",
      data: {
        payment_id: "S1",
        order_id: "O-8",
        currency: "EUR",
        amount_minor: 3000,
        fee_minor: 61,
      },
    },
    {
      type: "PAYMENT.SALE.COMPLETED",
      resource: { ...sale, custom: "O-8", billing_agreement_id: "I-1" },
      becomes: "payment.confirmed",
      data: { payment_id: "S1", order_id: "S1", currency: "EUR", amount_minor: 3000 },
    },
    {
      type: "PAYMENT.SALE.COMPLETED",
      resource: { ...sale, invoice_number: "INV-9", billing_agreement_id: "I-1" },
      becomes: "payment.confirmed",
      data: { payment_id: "S1", order_id: "INV-9", currency: "EUR", amount_minor: 3000 },
    },
    {
      type: "PAYMENT.SALE.DENIED",
      resource: { ...sale, state: "denied", invoice_number: "INV-9" },
      becomes: "payment.failed",
      data: { payment_id: "S1", order_id: "INV-9", reason: "denied", attempt: SECOND },
    },
    {
      type: "PAYMENT.SALE.REFUNDED",
      resource: {
        id: "R2",
        sale_id: "S1",
        state: "completed",
        amount: { total: "-0.01", currency: "USD" },
      },
      becomes: "refund.completed",
      data: { refund_id: "R2", payment_id: "S1", currency: "USD", amount_minor: 1 },
    },
    {
      type: "PAYMENT.SALE.REVERSED",
      resource: {
        id: "R2",
        amount: { total: "-0.49", currency: "USD" },
        links: [{ rel: "sale", href: "https://api.paypal.com/v1/payments/sale/S1" }],
      },
      becomes: "refund.completed",
      data: { refund_id: "R2", payment_id: "S1", currency: "USD", amount_minor: 49 },
    },
    {
      type: "CHECKOUT.ORDER.DECLINED",
      resource: { id: "PO1", purchase_units: [{ custom_id: "O-7" }] },
      becomes: "payment.failed",
      data: { order_id: "O-7", reason: "declined", attempt: SECOND },
    },
    {
      type: "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
      resource: { order_id: "PO1", purchase_units: [{ invoice_id: "INV-1" }] },
      becomes: "payment.failed",
      data: { order_id: "INV-1", reason: "The buyer's approval was reversed", attempt: SECOND },
    },
    {
      type: "CHECKOUT.ORDER.VOIDED",
      resource: { id: "PO1", purchase_units: [{ custom_id: "O-7" }] },
      becomes: "order.cancelled",
      data: { order_id: "O-7", reason: "Voided at PayPal" },
    },
    ...["CREATED", "ACTIVATED", "RE-ACTIVATED", "UPDATED"].map((verb) => ({
      type: `BILLING.SUBSCRIPTION.${verb}`,
      resource: subscription,
      becomes: "autoship.changed",
      data: { autoship_id: "I-1", status: "ACTIVE", next_run: "2026-08-25T10:00:00Z" },
    })),
    // What lives and tells no date is not over: it has to be fetched.
    ...[
      ["CREATED", { id: "I-1", status: "APPROVAL_PENDING" }] as const,
      ["UPDATED", { id: "I-1", status: "ACTIVE" }] as const,
      ["UPDATED", { ...subscription, billing_info: { next_billing_time: null } }] as const,
      ["SUSPENDED", { id: "I-1", status: "SUSPENDED" }] as const,
    ].map(([verb, resource]) => ({
      type: `BILLING.SUBSCRIPTION.${verb}`,
      resource,
      becomes: "cdc.gap",
      data: { table: "paypal:subscriptions", pks: ["I-1"] },
    })),
    ...["CANCELLED", "EXPIRED"].flatMap((status) =>
      [subscription, { id: "I-1" }].map((resource) => ({
        type: `BILLING.SUBSCRIPTION.${status}`,
        resource: { ...resource, status },
        becomes: "autoship.changed",
        data: { autoship_id: "I-1", status, next_run: null },
      })),
    ),
    {
      type: "BILLING.SUBSCRIPTION.PAYMENT.FAILED",
      resource: subscription,
      becomes: "payment.failed",
      data: { order_id: "I-1", reason: "PAYMENT_DENIED", attempt: SECOND - 40 },
    },
    ...[undefined, "yesterday", { toString: 1 }].map((time) => ({
      type: "BILLING.SUBSCRIPTION.PAYMENT.FAILED",
      resource: { id: "I-1", billing_info: { last_failed_payment: { time } } },
      becomes: "payment.failed",
      data: { order_id: "I-1", reason: "failed", attempt: SECOND },
    })),
  ])("translates $type into $becomes", ({ type, resource, becomes, data }) => {
    expect(factOf(eventOf(type, resource))).toEqual({ type: becomes, data });
  });

  test.each<[currency: string, value: string, minor: number]>([
    ["JPY", "1200", 1200],
    ["HUF", "1200", 120_000],
    ["KWD", "1.234", 1234],
    ["USD", "0.1", 10],
  ])("counts %s %s in minor units", (currency, value, minor) => {
    const amount = { currency_code: currency, value };
    expect(factOf(eventOf("PAYMENT.CAPTURE.COMPLETED", { ...capture, amount }))).toMatchObject({
      data: { currency, amount_minor: minor },
    });
  });

  test.each(["COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED", undefined])(
    "takes a capture as paid that is %s by now",
    (status) => {
      expect(factOf(eventOf("PAYMENT.CAPTURE.COMPLETED", { ...capture, status }))).toEqual({
        type: "payment.confirmed",
        data: paid,
      });
    },
  );

  test("leaves refunds and disputes with their payment, whose order a mapping may have named", () => {
    const fields = { "payment.confirmed": { order_id: "resource.invoice_id" } };
    const named = { custom_id: "O-7", custom: "O-7", invoice_id: "INV-3" };
    const options = { ...byDispute, fields: { ...fields, ...byDispute.fields } };
    const facts = [
      factOf(eventOf("PAYMENT.CAPTURE.COMPLETED", { ...capture, ...named }), options),
      factOf(eventOf("PAYMENT.CAPTURE.REFUNDED", { ...refund, ...named }), options),
      factOf(eventOf("CUSTOMER.DISPUTE.CREATED", dispute), options),
    ];
    expect(facts).toMatchObject([
      { data: { payment_id: "C1", order_id: "INV-3" } },
      { data: { payment_id: "C1" } },
      { data: { payment_id: "C1" } },
    ]);
    for (const back of facts.slice(1)) expect(back).not.toHaveProperty("data.order_id");
  });

  test("numbers the changes of a subscription by the moment of the event", () => {
    const item = read(eventOf("BILLING.SUBSCRIPTION.UPDATED", subscription));
    expect(item).toMatchObject({ event: { rev: "1785000040123" } });
  });

  test.each<[string, object, RegExp]>([
    ["PAYMENT.CAPTURE.PENDING", capture, /No money yet/],
    ["PAYMENT.CAPTURE.COMPLETED", { ...capture, status: "PENDING" }, /PENDING, not completed/],
    ["PAYMENT.CAPTURE.COMPLETED", { ...capture, status: "DECLINED" }, /DECLINED, not completed/],
    ["PAYMENT.SALE.COMPLETED", { ...sale, custom: "O-8", state: "pending" }, /PENDING, not/],
    ["BILLING.SUBSCRIPTION.UPDATED", { status: "ACTIVE" }, /does not name/],
    ["PAYMENT.SALE.PENDING", sale, /No money yet/],
    ["PAYMENT.CAPTURE.REFUNDED", { ...refund, status: "PENDING" }, /PENDING, not completed/],
    ["PAYMENT.SALE.REFUNDED", { ...refund, status: undefined, state: "failed" }, /FAILED/],
    ["PAYMENT.AUTHORIZATION.CREATED", {}, /its capture does/],
    ["PAYMENT.AUTHORIZATION.VOIDED", {}, /moved no money/],
    ["CHECKOUT.ORDER.APPROVED", {}, /not captured/],
    ["CHECKOUT.ORDER.COMPLETED", {}, /subscribe to that/],
    ["CUSTOMER.DISPUTE.CREATED", {}, /options.money_back/],
    ["CUSTOMER.DISPUTE.RESOLVED", {}, /options.money_back/],
    ["VAULT.PAYMENT-TOKEN.CREATED", {}, /No event of ours says/],
  ])("keeps %s with its reason", (type, resource, message) => {
    expect(factOf(eventOf(type, resource))).toMatchObject({
      id: "WH-1",
      code: "unmapped",
      errors: [{ message: expect.stringMatching(message) }],
    });
  });

  test.each<[string, string, object, string]>([
    [
      "a payment without the shop's order",
      "PAYMENT.CAPTURE.COMPLETED",
      { ...capture, custom_id: undefined },
      "data.order_id",
    ],
    [
      "an amount that is no decimal",
      "PAYMENT.CAPTURE.COMPLETED",
      { ...capture, amount: eur("a") },
      "data.amount_minor",
    ],
    [
      "a fraction of a cent",
      "PAYMENT.CAPTURE.COMPLETED",
      { ...capture, amount: eur("1.005") },
      "data.amount_minor",
    ],
    ["no amount", "PAYMENT.CAPTURE.COMPLETED", { ...capture, amount: undefined }, "data.currency"],
    [
      "a payment below nothing",
      "PAYMENT.CAPTURE.COMPLETED",
      { ...capture, amount: eur("-30.00") },
      "data.amount_minor",
    ],
    [
      "a payment below nothing, by v1",
      "PAYMENT.SALE.COMPLETED",
      { ...sale, invoice_number: "INV-9", amount: { total: "-30.00", currency: "EUR" } },
      "data.amount_minor",
    ],
    [
      "a fee below nothing",
      "PAYMENT.CAPTURE.COMPLETED",
      { ...capture, seller_receivable_breakdown: { paypal_fee: eur("-1.22") } },
      "data.fee_minor",
    ],
    [
      "a refund below nothing, by v2",
      "PAYMENT.CAPTURE.REFUNDED",
      { ...refund, amount: eur("-12.50") },
      "data.amount_minor",
    ],
    [
      "a refund of two signs, by v1",
      "PAYMENT.SALE.REFUNDED",
      { id: "R2", sale_id: "S1", amount: { total: "--0.01", currency: "USD" } },
      "data.amount_minor",
    ],
    [
      "a refund of no payment",
      "PAYMENT.CAPTURE.REFUNDED",
      { ...refund, links: [] },
      "data.payment_id",
    ],
  ])("keeps %s, and says where", (_name, type, resource, path) => {
    expect(factOf(eventOf(type, resource))).toMatchObject({
      code: "contract_violated",
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    });
  });

  test.each<[string, object]>([
    ["no id", { id: undefined }],
    ["no type", { event_type: "" }],
    ["no resource", { resource: undefined }],
    ["a resource that is a list", { resource: [] }],
  ])("keeps a body with %s", (_name, change) => {
    expect(factOf(eventOf("PAYMENT.CAPTURE.COMPLETED", capture, change))).toMatchObject({
      id: expect.stringMatching(/^unreadable-/),
      code: "contract_violated",
    });
  });

  test("keeps an event whose moment cannot be read", () => {
    const event = eventOf("PAYMENT.CAPTURE.COMPLETED", capture, { create_time: "yesterday" });
    expect(factOf(event)).toMatchObject({ id: "WH-1", code: "contract_violated" });
  });
});

const dispute = {
  dispute_id: "PP-D-1",
  status: "UNDER_REVIEW",
  dispute_life_cycle_stage: "CHARGEBACK",
  dispute_amount: eur("30.00"),
  disputed_transactions: [{ seller_transaction_id: "C1", custom: "O-7" }],
};
const byDispute = {
  money_back: "dispute",
  fields: {
    "chargeback.opened": {
      net_minor: { path: "resource.dispute_amount.value", as: "decimal" },
      tax_minor: { value: 0 },
      fee_minor: { value: 1600 },
    },
  },
};

describe("paypal, disputes as chargebacks", () => {
  test("takes the option, and no other word in it", () => {
    expect(paypal.checkOptions(byDispute, "paypal-cert")).toEqual([]);
    expect(paypal.checkOptions({ money_back: "both" }, "paypal-cert")).toMatchObject([
      { path: "options.money_back" },
    ]);
  });

  test("opens one with what the mapping adds", () => {
    expect(factOf(eventOf("CUSTOMER.DISPUTE.CREATED", dispute), byDispute)).toEqual({
      type: "chargeback.opened",
      data: {
        dispute_id: "PP-D-1",
        payment_id: "C1",
        currency: "EUR",
        amount_minor: 3000,
        net_minor: 3000,
        tax_minor: 0,
        fee_minor: 1600,
      },
    });
  });

  test.each([
    ["RESOLVED_BUYER_FAVOUR", "lost"],
    ["RESOLVED_SELLER_FAVOUR", "won"],
    ["RESOLVED_WITH_PAYOUT", "won"],
    ["CANCELED_BY_BUYER", "won"],
  ])("closes one that is %s as %s", (code, outcome) => {
    const resource = { ...dispute, dispute_outcome: { outcome_code: code } };
    expect(factOf(eventOf("CUSTOMER.DISPUTE.RESOLVED", resource), byDispute)).toEqual({
      type: "chargeback.closed",
      data: {
        dispute_id: "PP-D-1",
        payment_id: "C1",
        outcome,
        currency: "EUR",
        fee_refunded_minor: 0,
      },
    });
  });

  test.each<[string, string, object, RegExp]>([
    [
      "an inquiry",
      "CUSTOMER.DISPUTE.CREATED",
      { dispute_life_cycle_stage: "INQUIRY" },
      /An inquiry/,
    ],
    [
      "an inquiry's end",
      "CUSTOMER.DISPUTE.RESOLVED",
      { dispute_life_cycle_stage: "INQUIRY" },
      /An inquiry/,
    ],
    ["a late update", "CUSTOMER.DISPUTE.UPDATED", { status: "RESOLVED" }, /RESOLVED tells/],
    [
      "an unknown outcome",
      "CUSTOMER.DISPUTE.RESOLVED",
      { dispute_outcome: { outcome_code: "NONE" } },
      /does not tell/,
    ],
    ["a reversal", "PAYMENT.CAPTURE.REVERSED", refund, /The dispute tells this/],
  ])("keeps %s with its reason", (_name, type, change, message) => {
    expect(factOf(eventOf(type, { ...dispute, ...change }), byDispute)).toMatchObject({
      code: "unmapped",
      errors: [{ message: expect.stringMatching(message) }],
    });
  });
});
