import { describe, expect, test } from "vitest";
import { zohoPayments as sender } from "#src/senders/zoho-payments.ts";
import { signZohoPayments } from "../../scripts/signing/zoho-payments.ts";
import { conforms } from "./conformance.ts";
import { deliver, MEANS, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { payload } from "./samples/payload.ts";
import { other, samples, secret } from "./samples/zoho-payments.ts";

for (const sample of samples) conforms(sample);

const body = payload("zoho-payments-payment-succeeded.json");
const judge = (headers: Readonly<Record<string, string>>, secrets = [secret]) =>
  verifyBy(sender, "zoho-payments-hmac", deliver({ headers, body }), { secrets });
const { "x-zoho-webhook-signature": genuine = "" } = await signZohoPayments({
  secret,
  timestampMs: RECEIVED_AT_MS,
  body,
});
const [t = "", v = ""] = genuine.split(",");

describe("zoho-payments-hmac", () => {
  const ours = vectors.filter(({ scheme }) => scheme === "zoho-payments-hmac");

  test("has vectors", () => expect(ours).toHaveLength(6));

  test.each(ours)("$id is judged $valid: $description", async (vector) => {
    const { secret: key, headers, body: signed, now, valid } = vector;
    const delivery = deliver({ headers, body: signed, receivedAtMs: now * 1000 });
    const scheme = sender.schemes["zoho-payments-hmac"];
    const auth = { scheme: "zoho-payments-hmac", secrets: [key] };
    expect((await scheme?.verify(delivery, auth, MEANS))?.ok).toBe(valid);
    expect(scheme?.checkSecret(key)).toBeUndefined();
  });

  test.each(["X-Zoho-Webhook-Signature", "X-ZohoWebhook-Signature"])(
    "reads %s, as the documents write it in two ways",
    async (name) => {
      expect(await judge({ [name]: genuine }, [other, secret])).toMatchObject({ ok: true });
      expect(await judge({ [name]: `${v},${t}` })).toMatchObject({ ok: true });
    },
  );

  test("lets the second name not stand in for a first that is wrong", async () => {
    const headers = { "x-zoho-webhook-signature": `${t},v=00`, "x-zohowebhook-signature": genuine };
    expect(await judge(headers)).toMatchObject({ ok: false });
  });

  test.each([
    ["", "signature_missing"],
    [v, "timestamp_missing"],
    [t, "signature_malformed"],
    [`${t}, ${v}`, "signature_malformed"],
    [`t=${RECEIVED_AT_MS / 1000},${v}`, "timestamp_old"],
    [`t=NaN,${v}`, "timestamp_malformed"],
    [`${t},v=zz`, "signature_malformed"],
  ])("refuses %s", async (text, reason) => {
    expect(await judge({ "x-zoho-webhook-signature": text })).toMatchObject({ ok: false, reason });
  });

  test("answers the call that registers an endpoint, and nothing else unsigned", async () => {
    const auth = { scheme: "zoho-payments-hmac", secrets: [secret] };
    expect(sender.greetMethods).toEqual(["GET", "HEAD"]);
    for (const method of ["GET", "HEAD"]) {
      expect(await sender.greet?.(deliver({ method }), auth)).toEqual({ status: 200 });
    }
    expect(await sender.greet?.(deliver({ method: "POST" }), auth)).toBeUndefined();
  });
});

const eventOf = (event_type: string, event_object: object, change: object = {}) => ({
  event_id: "173000000088001",
  event_type,
  event_time: 1_785_000_031,
  account_id: "23137556",
  live_mode: true,
  event_object,
  ...change,
});
const readText = (text: string, options: object = {}) => {
  const given = JSON.parse(JSON.stringify(options));
  expect(sender.checkOptions(given, "zoho-payments-hmac")).toEqual([]);
  const context = { tenant: "acme", source: "psp", options: given };
  const reading = sender.read(deliver({ body: text }), context);
  if (reading.kind !== "items") throw new Error(JSON.stringify(reading));
  return reading.items;
};
const read = (event: unknown, options = {}) => readText(JSON.stringify(event), options);
const factOf = (event: unknown, options = {}) => {
  const [item] = read(event, options);
  return item?.kind === "event"
    ? { type: item.event.type, data: item.event.data, occurredAtMs: item.event.occurredAtMs }
    : item;
};

/** As the API's documents print it. */
const payment = {
  payment_id: "1987000000724207",
  amount: "200.00",
  currency: "INR",
  invoice_number: "INV-12345",
  amount_captured: "200.00",
  total_fee_amount: "4.72",
  status: "succeeded",
};
const refund = { refund_id: "1987000000724219", payment_id: "1987000000724215", amount: "50.25" };

describe("zoho-payments, reading", () => {
  test("says what the fixture lacks, and takes it from where the source says", () => {
    expect(readText(body)).toMatchObject([
      {
        id: "173000000088001",
        code: "contract_violated",
        type: "payment.confirmed",
        errors: [{ path: "data.order_id", rule: "required" }],
      },
    ]);
    const fields = { "payment.confirmed": { order_id: "event_object.payment.payment_id" } };
    expect(readText(body, { fields })).toMatchObject([
      {
        id: "173000000088001",
        event: {
          type: "payment.confirmed",
          occurredAtMs: 1_785_000_031_000,
          data: {
            payment_id: "173000002314883",
            order_id: "173000002314883",
            currency: "INR",
            amount_minor: 10_050,
          },
        },
      },
    ]);
  });

  test("reads a payment of an invoice, or of the order in its metadata", () => {
    expect(factOf(eventOf("payment.succeeded", { payment }))).toEqual({
      type: "payment.confirmed",
      occurredAtMs: 1_785_000_031_000,
      data: {
        payment_id: "1987000000724207",
        order_id: "INV-12345",
        currency: "INR",
        amount_minor: 20_000,
      },
    });
    const meta_data = [
      { key: "rep", value: "D-1" },
      { key: "order_id", value: "O-7" },
    ];
    const fields = {
      "payment.confirmed": { rep: "event_object.payment.meta_data[key=rep].value" },
    };
    const event = eventOf("payment.succeeded", { payment: { ...payment, meta_data } });
    expect(factOf(event, { fields })).toMatchObject({ data: { order_id: "O-7", rep: "D-1" } });
  });

  test("reads milliseconds, as documents show them, and ids that are numbers", () => {
    const change = { event_time: 1_785_000_031_514, event_id: 1_987_000_003_853_347 };
    const [item] = read(eventOf("payment.succeeded", { payment }, change));
    expect(item).toMatchObject({
      id: "1987000003853347",
      event: { occurredAtMs: 1_785_000_031_514 },
    });
    const text = JSON.stringify(eventOf("payment.succeeded", { payment }));
    const [long] = readText(text.replace('"173000000088001"', "19870000038533471234"));
    expect(long?.id).toBe("19870000038533471234");
  });

  test.each([
    ["JPY", "400", 400],
    ["KWD", "1.234", 1234],
    ["USD", "0.05", 5],
    ["USD", 12.5, 1250],
  ])("counts %s %s as %i", (currency, amount, amount_minor) => {
    const event = eventOf("payment.succeeded", { payment: { ...payment, currency, amount } });
    expect(factOf(event)).toMatchObject({ data: { currency, amount_minor } });
  });

  test.each([
    ["JPY", "400.5"],
    ["INR", "1,000.00"],
    ["INR", "-1.00"],
    ["INR", null],
    ["inr", "1.00"],
  ])("refuses %s %s", (currency, amount) => {
    const event = eventOf("payment.succeeded", { payment: { ...payment, currency, amount } });
    expect(factOf(event)).toMatchObject({ code: "contract_violated" });
  });

  test.each([
    [{ failure_code: "card_declined", failure_reason: "The card was declined" }, "card_declined"],
    [{ failure_reason: "The card was declined" }, "The card was declined"],
    [{}, "unknown"],
  ])("reads a failure with %j", (change, reason) => {
    expect(factOf(eventOf("payment.failed", { payment: { ...payment, ...change } }))).toMatchObject(
      {
        type: "payment.failed",
        data: {
          payment_id: "1987000000724207",
          order_id: "INV-12345",
          reason,
          attempt: 1_785_000_031,
        },
      },
    );
  });

  test("reads a refund in the currency it names, or that of the source", () => {
    const data = {
      refund_id: "1987000000724219",
      payment_id: "1987000000724215",
      currency: "INR",
      amount_minor: 5025,
    };
    const bare = eventOf("refund.succeeded", { refund });
    expect(factOf(bare, { refund_currency: "INR" })).toMatchObject({
      type: "refund.completed",
      data,
    });
    const named = eventOf("refund.succeeded", { refund: { ...refund, currency: "INR" } });
    expect(factOf(named, { refund_currency: "USD" })).toMatchObject({ data });
    expect(factOf(bare)).toMatchObject({
      code: "contract_violated",
      errors: expect.arrayContaining([expect.objectContaining({ path: "data.currency" })]),
    });
    expect(sender.checkOptions({ refund_currency: "rupees" }, "zoho-payments-hmac")).not.toEqual(
      [],
    );
  });

  test.each([
    [undefined, true, true],
    [undefined, false, true],
    [true, true, true],
    [false, false, true],
    [true, false, false],
    [false, true, false],
    [true, undefined, false],
    [true, "true", false],
  ])("with live_mode %j takes an event of live_mode %j: %j", (wanted, live_mode, isTaken) => {
    const event = eventOf("payment.succeeded", { payment }, { live_mode });
    const [item] = read(event, wanted === undefined ? {} : { live_mode: wanted });
    expect(item?.id).toBe("173000000088001");
    const message = expect.stringContaining("options.live_mode");
    expect(item).toMatchObject(
      isTaken ? { kind: "event" } : { code: "unmapped", errors: [{ message }] },
    );
  });

  test("lets no rule make money of a test", () => {
    const rules = [{ type: "cdc.gap", fields: { table: { value: "x" } } }];
    const event = eventOf("payment.succeeded", { payment }, { live_mode: false });
    expect(read(event, { live_mode: true, rules })).toMatchObject([{ code: "unmapped" }]);
    expect(sender.checkOptions({ live_mode: "yes" }, "zoho-payments-hmac")).not.toEqual([]);
  });

  test.each([
    ["payment.pending", "No money has moved"],
    ["refund.failed", "No money has moved"],
    ["payment_link.paid", "payment.succeeded"],
    ["payment_link.expired", "options.rules"],
    ["payout.paid", "options.rules"],
    ["dispute.created", "options.rules"],
  ])("keeps %s for a person", (type, message) => {
    expect(read(eventOf(type, {}))).toMatchObject([
      { code: "unmapped", type, errors: [{ message: expect.stringContaining(message) }] },
    ]);
  });

  test.each([
    ["no id", { event_id: undefined }, "event_id"],
    ["no type", { event_type: "" }, "event_type"],
    ["a time in words", { event_time: "now" }, "event_time"],
    ["nothing it is about", { event_object: undefined }, "event_object"],
  ])("keeps what has %s for a person", (_name, change, path) => {
    expect(read(eventOf("payment.succeeded", { payment }, change))).toMatchObject([
      { code: "contract_violated", errors: [{ path }] },
    ]);
  });
});
