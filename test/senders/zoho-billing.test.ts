import { describe, expect, test } from "vitest";
import { zohoBilling as sender } from "#src/senders/zoho-billing.ts";
import { signZohoBilling, zohoBillingString } from "../../scripts/signing/zoho-billing.ts";
import { conforms } from "./conformance.ts";
import { deliver, MEANS, URL_CALLED, verifyBy } from "./deliver.ts";
import { payload } from "./samples/payload.ts";
import { other, samples, secret } from "./samples/zoho-billing.ts";

for (const sample of samples) conforms(sample);

const FORM = "application/x-www-form-urlencoded;charset=UTF-8";
const json = payload("zoho-billing-subscription-activation.json");

interface Asked {
  readonly url?: string;
  readonly body?: string;
  readonly signature: string;
  readonly type?: string;
  readonly options?: { readonly format?: string; readonly query?: readonly string[] };
}

const judge = (
  { url = URL_CALLED, body = json, signature, type, options = {} }: Asked,
  publicly?: string,
) =>
  verifyBy(
    sender,
    "zoho-billing-hmac",
    deliver({
      url,
      body,
      headers: { "X-Zoho-Webhook-Signature": signature, ...(type && { "Content-Type": type }) },
    }),
    {
      secrets: [secret],
      means: { ...MEANS, options },
      ...(publicly === undefined ? {} : { url: publicly }),
    },
  );
const signed = async (request: Partial<Parameters<typeof signZohoBilling>[0]> = {}) => {
  const headers = await signZohoBilling({ secret, url: URL_CALLED, body: json, ...request });
  return headers["x-zoho-webhook-signature"] ?? "";
};

describe("zoho-billing-hmac", () => {
  const documented = {
    url: `${URL_CALLED}?subscription_id=90343&name=basic`,
    body: '{"created_date":"2019-03-06","event_id":"5675"}',
  };

  test("hashes the string that Zoho documents", async () => {
    expect(zohoBillingString({ secret, ...documented })).toBe(
      'namebasicsubscription_id90343{"created_date":"2019-03-06","event_id":"5675"}',
    );
    // By hand: openssl dgst -sha256 -hmac Wm4kQ9tX2cVb7LpR
    const signature = "df53d207ae475640eb386a52828f48edbf92c750d775288243a2d1a57a6601ce";
    expect(await judge({ ...documented, signature })).toMatchObject({ ok: true });
    const options = { format: "json", query: ["name", "subscription_id"] };
    expect(await judge({ ...documented, signature, options })).toMatchObject({ ok: true });
    for (const query of [["name"], []]) {
      const named = await judge({ ...documented, signature, options: { query } });
      expect(named).toMatchObject({ ok: false, reason: "signature_malformed" });
    }
  });

  test("believes a form by its content type alone, and reads it as one", async () => {
    const body = "event_type=invoice_created&event_id=5675";
    const signature = await signed({ body, form: true });
    expect(await judge({ body, signature, type: FORM })).toMatchObject({ ok: true });
    expect(readBody(body, { type: FORM })).toMatchObject([{ id: "5675", type: "invoice_created" }]);
    expect(sender.readHeaders).toContain("content-type");
  });

  test.each(["hex", "base64"] as const)("believes a digest in %s", async (encoding) => {
    const signature = await signed({ encoding });
    expect(await judge({ signature })).toMatchObject({ ok: true });
    expect(await judge({ signature: signature.toUpperCase() })).toMatchObject({
      ok: encoding === "hex",
    });
  });

  test("refuses hex of both cases: one of its digits was changed", async () => {
    const signature = await signed();
    const changed = signature.replace(/[a-f]/, (digit) => digit.toUpperCase());
    expect(await judge({ signature: changed })).toMatchObject({ ok: false });
  });

  test("believes a form, whose parameters are sorted among those of the query", async () => {
    const [url, body] = [`${URL_CALLED}?b=2&customer=Zo%C3%AB`, "a=1+%26+1&c=%7B%7D"];
    const signature = await signed({ url, body, form: true });
    expect(zohoBillingString({ secret, url, body, form: true })).toBe("a1 & 1b2c{}customerZoë");
    const options = { format: "form", query: ["b", "customer"] };
    const form = { url, body, signature, type: FORM };
    expect(await judge({ ...form, options })).toMatchObject({ ok: true });
    expect(await judge({ ...form, body: `${body}1`, options })).toMatchObject({
      reason: "signature_mismatch",
    });
  });

  test("judges the query of the public URL, and no path", async () => {
    const url = `${URL_CALLED}?b=2&a=1`;
    const signature = await signed({ url });
    const options = { query: ["a", "b"] };
    for (const same of [url, `${URL_CALLED}?a=1&b=2`, url.replace("/in/acme", "/x")]) {
      expect(await judge({ url: same, signature, options })).toMatchObject({ ok: true });
    }
    for (const changed of [URL_CALLED, `${url}&c=3`, url.replace("b=2", "b=3")]) {
      expect(await judge({ url: changed, signature, options })).toMatchObject({ ok: false });
    }
    expect(await judge({ signature, options }, url)).toMatchObject({ ok: true });
  });

  const amount = '{"event_id":"1","amount":10}';
  const moved = `event_id1${amount}`;
  const paired = `event_id=1&x=${encodeURIComponent(amount)}`;

  test.each<[name: string, asked: Omit<Asked, "signature">, signedText: string]>([
    ["JSON sent again as a form", { body: amount, type: FORM }, amount],
    [
      "JSON sent again as a form, where JSON alone is read",
      { body: amount, type: FORM, options: { format: "json" } },
      amount,
    ],
    [
      "JSON sent again as a form, where forms are read",
      { body: amount, type: FORM, options: { format: "form" } },
      amount,
    ],
    [
      "a form where JSON is read",
      { body: paired, type: FORM, options: { format: "json" } },
      `event_id1x${amount}`,
    ],
    ["JSON where forms are read", { body: amount, options: { format: "form" } }, amount],
    [
      "the beginning of a body moved into the query",
      { url: `${URL_CALLED}?event_id=1`, body: amount, options: { query: [] } },
      moved,
    ],
    [
      "a parameter that is not named",
      { url: `${URL_CALLED}?event_id=1`, body: amount, options: { query: ["other"] } },
      moved,
    ],
    ["a form without a name", { body: "=a", type: FORM, options: { format: "form" } }, "a"],
    ["a form that is one name", { body: "a=", type: FORM, options: { format: "form" } }, "a"],
    ["an empty form", { body: "", type: FORM, options: { format: "form" } }, ""],
    [
      "a form that names a field twice",
      { body: "a=1&a=2", type: FORM, options: { format: "form" } },
      "a1a2",
    ],
  ])("refuses %s, though its digest fits", async (_name, asked, signedText) => {
    const signature = await signed({ body: signedText });
    expect(await judge({ ...asked, signature })).toMatchObject({
      ok: false,
      reason: "signature_malformed",
    });
  });

  test("refuses every other header", async () => {
    const signature = await signed();
    for (let at = 0; at < signature.length; at += 1) {
      const changed = signature.at(at) === "0" ? "1" : "0";
      const text = signature.slice(0, at) + changed + signature.slice(at + 1);
      expect((await judge({ signature: text })).ok).toBe(false);
    }
  });

  test.each([
    ["none", "", "signature_missing"],
    ["two", "twice", "signature_malformed"],
    ["a short one", "00", "signature_malformed"],
    ["no hex", "z".repeat(64), "signature_malformed"],
    ["SHA-512", "0".repeat(128), "signature_malformed"],
    ["words", "sha256 of it all", "signature_malformed"],
  ])("refuses %s", async (_name, text, reason) => {
    const signature = await signed();
    const given = text === "twice" ? `${signature}, ${signature}` : text;
    expect(await judge({ signature: given })).toMatchObject({ ok: false, reason });
  });

  test("refuses a form that is not UTF-8", async () => {
    const headers = { "x-zoho-webhook-signature": await signed(), "content-type": FORM };
    const delivery = deliver({ headers, body: Uint8Array.of(0x61, 0xff) });
    const means = { ...MEANS, options: { format: "form" } };
    expect(
      await verifyBy(sender, "zoho-billing-hmac", delivery, { secrets: [secret, other], means }),
    ).toMatchObject({ reason: "signature_malformed" });
  });

  test.each(["", "elevenchars", "x".repeat(51), "with-a-dash-1"])("finds fault with %j", (text) => {
    expect(sender.schemes["zoho-billing-hmac"]?.checkSecret(text)).toEqual(expect.any(String));
  });
});

const context = { tenant: "acme", source: "billing" };
const readBody = (body: string, { type = "application/json", options = {} } = {}) => {
  const delivery = deliver({ body, headers: { "content-type": type } });
  const reading = sender.read(delivery, {
    ...context,
    options: JSON.parse(JSON.stringify(options)),
  });
  if (reading.kind !== "items") throw new Error(JSON.stringify(reading));
  return reading.items;
};
const eventOf = (event_type: string, data: object, change: object = {}) => ({
  event_id: "903430000011223",
  event_type,
  created_time: "2026-07-25T19:20:31+0200",
  data,
  ...change,
});
const read = (event: unknown, options = {}) => readBody(JSON.stringify(event), { options });
const factOf = (event: unknown, options = {}) => {
  const [item] = read(event, options);
  if (item?.kind !== "event") return item;
  const { type, rev, data, occurredAtMs } = item.event;
  return { type, rev, data, occurredAtMs };
};

const subscription = {
  subscription_id: "90343000000079226",
  status: "live",
  next_billing_at: "2026-08-25",
};
const payment = {
  payment_id: "9030000079467",
  amount: 129.9,
  currency_code: "EUR",
  status: "success",
  invoices: [{ invoice_id: "90300000079426", amount_applied: 129.9 }],
};

describe("zoho-billing, subscriptions", () => {
  test("says what the fixture lacks: when it is billed next", () => {
    expect(readBody(json)).toMatchObject([
      {
        kind: "broken",
        id: "903430000011223",
        code: "contract_violated",
        type: "autoship.changed",
        errors: [{ path: "data.next_run", rule: "required" }],
      },
    ]);
    const options = { fields: { "autoship.changed": { next_run: { value: null } } } };
    expect(sender.checkOptions(options, "zoho-billing-hmac")).toEqual([]);
    expect(readBody(json, { options })).toMatchObject([{ kind: "event" }]);
  });

  test.each([
    "subscription_created",
    "subscription_activation",
    "subscription_renewed",
    "subscription_upgraded",
    "subscription_reactivated",
  ])("reads %s as the state of an autoship", (type) => {
    expect(factOf(eventOf(type, { subscription }))).toEqual({
      type: "autoship.changed",
      rev: "1785000031000",
      occurredAtMs: 1_785_000_031_000,
      data: { autoship_id: "90343000000079226", status: "live", next_run: "2026-08-25" },
    });
  });

  test.each(["cancelled", "expired", "non_renewing", "paused", "trial_expired"])(
    "knows that nothing is billed while it is %s",
    (status) => {
      const event = eventOf("subscription_updated", { subscription: { ...subscription, status } });
      expect(factOf(event)).toMatchObject({ data: { status, next_run: null } });
    },
  );

  test("orders by the subscription's own time of change, where it has one", () => {
    const updated_time = "2026-07-25T10:20:30-0700";
    const event = eventOf("subscription_renewed", {
      subscription: { ...subscription, updated_time },
    });
    expect(factOf(event)).toMatchObject({ rev: "1785000030000", occurredAtMs: 1_785_000_031_000 });
  });

  test("reads another time where there is no created_time", () => {
    const change = { created_time: undefined, event_time: "2026-07-25T17:20:31Z" };
    const event = eventOf("subscription_renewed", { subscription }, change);
    expect(factOf(event)).toMatchObject({ occurredAtMs: 1_785_000_031_000 });
  });

  test.each(["2026-07-25 17:20", "2026-07-25T17:20:31", "2026-07-25T17:20:31+2500", "today"])(
    "takes %s for no moment",
    (created_time) => {
      const event = eventOf("subscription_renewed", { subscription }, { created_time });
      expect(factOf(event)).toMatchObject({
        code: "contract_violated",
        errors: [{ path: "occurred_at" }],
      });
    },
  );

  test("asks about one that was deleted", () => {
    expect(factOf(eventOf("subscription_deleted", { subscription }))).toMatchObject({
      code: "unmapped",
    });
  });
});

describe("zoho-billing, payments", () => {
  test.each(["payment_thankyou", "payment_succeeded"])("reads %s", (type) => {
    expect(factOf(eventOf(type, { payment }))).toMatchObject({
      type: "payment.confirmed",
      data: {
        payment_id: "9030000079467",
        order_id: "90300000079426",
        currency: "EUR",
        amount_minor: 12_990,
      },
    });
  });

  test.each([
    ["JPY", 400, 400],
    ["KWD", 1.234, 1234],
    ["EUR", 0.1, 10],
    ["EUR", "29.00", 2900],
    ["INR", 1_234_567.89, 123_456_789],
  ])("counts %s %s as %i", (currency_code, amount, amount_minor) => {
    const event = eventOf("payment_thankyou", { payment: { ...payment, currency_code, amount } });
    expect(factOf(event)).toMatchObject({ data: { currency: currency_code, amount_minor } });
  });

  test.each([
    ["JPY", 400.5],
    ["EUR", 0.001],
    ["EUR", 1e21],
    ["XXX", 1],
    ["eur", 1],
  ])("refuses %s %d", (currency_code, amount) => {
    const event = eventOf("payment_thankyou", { payment: { ...payment, currency_code, amount } });
    expect(factOf(event)).toMatchObject({ code: "contract_violated" });
  });

  test("takes the invoice beside the payment for the order", () => {
    const data = { payment: { ...payment, invoices: [] }, invoice: { invoice_id: "7" } };
    expect(factOf(eventOf("payment_thankyou", data))).toMatchObject({ data: { order_id: "7" } });
  });

  test.each([
    ["a failed one", { ...payment, status: "failure" }, "no money came"],
    ["one of several invoices", { ...payment, invoices: [{}, {}] }, "of 2 invoices"],
  ])("makes nothing of %s", (_name, changed, message) => {
    expect(factOf(eventOf("payment_thankyou", { payment: changed }))).toMatchObject({
      code: "unmapped",
      errors: [{ message: expect.stringContaining(message) }],
    });
  });

  test.each([
    [
      "what the gateway says",
      { autotransaction: { gateway_error_message: "no funds" } },
      "no funds",
    ],
    ["its status", { status: "failure" }, "failure"],
    ["nothing", { status: undefined }, "declined"],
  ])("reads a decline with %s", (_name, change, reason) => {
    const event = eventOf("payment_declined", { payment: { ...payment, ...change } });
    expect(factOf(event)).toMatchObject({
      type: "payment.failed",
      data: {
        payment_id: "9030000079467",
        order_id: "90300000079426",
        reason,
        attempt: 1_785_000_031,
      },
    });
  });

  const refund = { refund_id: "R-1", amount: 29.5, status: "success" };

  test.each([
    ["with its payment beside it", { refund, payment }],
    ["by itself", { refund: { ...refund, payment_id: payment.payment_id, currency_code: "EUR" } }],
  ])("reads a refund %s", (_name, data) => {
    expect(factOf(eventOf("payment_refunded", data))).toMatchObject({
      type: "refund.completed",
      data: {
        refund_id: "R-1",
        payment_id: "9030000079467",
        currency: "EUR",
        amount_minor: 2950,
      },
    });
  });

  test.each([
    ["no refund", { payment: { ...payment, amount_refunded: 50 } }],
    ["one that failed", { refund: { ...refund, status: "failure" } }],
  ])("makes nothing of %s", (_name, data) => {
    expect(factOf(eventOf("payment_refunded", data))).toMatchObject({ code: "unmapped" });
  });
});

describe("zoho-billing, all else", () => {
  test.each(["invoice_created", "customer_created", "card_expired", "creditnote_added"])(
    "keeps %s for a person",
    (type) => {
      expect(read(eventOf(type, {}))).toMatchObject([
        { id: "903430000011223", code: "unmapped", type, errors: [{ path: "type" }] },
      ]);
    },
  );

  test("reads a body of one's own by the source's rules", () => {
    const rules = [
      {
        type: "order.cancelled",
        fields: { order_id: "invoice.number", reason: { value: "voided" } },
        occurred_at: { path: "invoice.voided_at", as: "instant" },
      },
    ];
    const own = { invoice: { number: "INV-7", voided_at: "2026-07-25T17:20:00Z" } };
    expect(read(own)).toMatchObject([{ code: "unmapped", id: expect.stringMatching(/^body:/) }]);
    expect(factOf(own, { rules })).toMatchObject({ data: { order_id: "INV-7" } });
  });

  test("reads forms where the source says so, whatever the header says", () => {
    const options = { format: "form" };
    expect(sender.checkOptions(options, "zoho-billing-hmac")).toEqual([]);
    expect(readBody("event_type=x&event_id=9", { options })).toMatchObject([
      { code: "unmapped", id: "9", type: "x" },
    ]);
    const isJson = { format: "json" };
    const asJson = () => readBody("event_type=x&event_id=9", { type: FORM, options: isJson });
    expect(asJson).toThrow("malformed");
    expect(() => readBody("=x", { options })).toThrow("malformed");
    for (const wrong of [{ format: "xml" }, { query: "a" }, { query: [""] }]) {
      expect(sender.checkOptions(wrong, "zoho-billing-hmac")).not.toEqual([]);
    }
  });

  test("is the same event however often it is sent, and another with another id", () => {
    const event = eventOf("payment_thankyou", { payment });
    expect(read(event)).toEqual(read(event));
    expect(read({ ...event, event_id: 903_430_000_011_223 })[0]?.id).toBe("903430000011223");
    expect(read({ ...event, event_id: "2" })[0]?.id).toBe("2");
  });

  test.each(["[]", "1", "null", '{"event_id":{}}', '{"data":[]}'])(
    "keeps %s for a person",
    (body) => {
      expect(readBody(body)).toMatchObject([{ code: "contract_violated" }]);
    },
  );
});
