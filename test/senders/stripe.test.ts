import { describe, expect, test } from "vitest";
import { stripe } from "#src/senders/stripe.ts";
import { signStripe } from "../../scripts/signing.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import { payload as file } from "./samples/payload.ts";
import { other, samples, secret } from "./samples/stripe.ts";

for (const sample of samples) conforms(sample);

const payload = (name: string) => file(`${name}.json`);
const body = payload("stripe-payment-intent-succeeded");
const timestampS = RECEIVED_AT_MS / 1000;
const { "stripe-signature": signed = "" } = await signStripe({ secret, timestampS, body });
const { "stripe-signature": rolled = "" } = await signStripe({ secret: other, timestampS, body });
const [time = "", v1 = ""] = signed.split(",");
const [, v1Other = ""] = rolled.split(",");

const judge = async (signature: string, secrets = [secret]) =>
  verifyBy(stripe, "stripe-v1", deliver({ headers: { "Stripe-Signature": signature }, body }), {
    secrets,
  });

describe("stripe", () => {
  test.each([
    `${time},${v1Other},${v1}`,
    `${time},${v1},v0=${"0".repeat(64)}`,
    `${v1},${time}`,
    `${time},v1=zz,${v1}`,
  ])("believes %s", async (signature) => {
    expect(await judge(signature)).toMatchObject({ ok: true });
  });

  test.each([
    [`${time},v0=${v1.slice(3)}`, "signature_malformed"],
    [`${time},${v1Other}`, "signature_mismatch"],
    [v1, "timestamp_missing"],
    [`${time},${time},${v1}`, "signature_malformed"],
    [`${time}, ${v1}`, "signature_malformed"],
    [`${time},v1=${v1.slice(3).toUpperCase()}`, "signature_malformed"],
    [`t=NaN,${v1}`, "timestamp_malformed"],
    [`t=,${v1}`, "timestamp_malformed"],
    [`${time}${`,${v1Other}`.repeat(16)},${v1}`, "signature_malformed"],
  ])("refuses %s", async (signature, reason) => {
    expect(await judge(signature)).toMatchObject({ ok: false, reason });
  });

  test.each(["", "short", "whsec_with space", "whsec_line\n"])("finds fault with %j", (text) => {
    expect(stripe.schemes["stripe-v1"]?.checkSecret(text)).toEqual(expect.any(String));
  });
});

const context = { tenant: "acme", source: "psp", options: {} };
const read = (event: unknown, options = {}) =>
  stripe.read(deliver({ body: JSON.stringify(event) }), { ...context, options });
const eventOf = (type: string, object: object, previous?: object) => ({
  id: "evt_1",
  object: "event",
  type,
  created: 1_785_000_010,
  data: { object, ...(previous === undefined ? {} : { previous_attributes: previous }) },
});
const factOf = (event: unknown, options = {}) => {
  const reading = read(event, options);
  const [item] = reading.kind === "items" ? reading.items : [];
  return item?.kind === "event" ? { type: item.event.type, data: item.event.data } : item;
};

const intent = {
  id: "pi_1",
  amount: 12_900,
  amount_received: 12_900,
  currency: "eur",
  metadata: { order_id: "5677" },
};
const charge = { id: "ch_1", payment_intent: "pi_1", amount_refunded: 4000, currency: "eur" };
const refund = {
  id: "re_1",
  payment_intent: "pi_1",
  amount: 4000,
  currency: "eur",
  status: "succeeded",
};
const byRefund = { refunds: "refund" };
const dispute = {
  id: "dp_1",
  payment_intent: "pi_1",
  amount: 12_900,
  currency: "eur",
  status: "needs_response",
  metadata: { net_minor: "11900", tax_minor: "1000" },
  balance_transactions: [{ fee: 1500, currency: "eur" }],
};

describe("stripe, reading", () => {
  test("reads a payment from the payload Stripe publishes", () => {
    expect(stripe.read(deliver({ body }), context)).toEqual({
      kind: "items",
      items: [
        {
          kind: "event",
          id: "evt_3RDev0PaymentIntentOk1",
          event: expect.objectContaining({
            id: "evt_3RDev0PaymentIntentOk1",
            source: "psp",
            type: "payment.confirmed",
            version: 1,
            occurredAtMs: 1_785_000_010_000,
            data: {
              payment_id: "pi_3RDev0001",
              order_id: "5677",
              currency: "EUR",
              amount_minor: 12_900,
            },
          }),
        },
      ],
    });
  });

  test.each<{ name: string; event: unknown; type: string; data: object; options?: object }>([
    {
      name: "a payment with the parts a shop put into metadata",
      event: eventOf("payment_intent.succeeded", {
        ...intent,
        metadata: {
          order_id: "5677",
          net_minor: "10000",
          tax_minor: "1900",
          shipping_minor: "1000",
          cv_x100: "8000",
          fee_minor: "1e3",
          source_node: "D1",
          order_kind: "store",
        },
      }),
      type: "payment.confirmed",
      data: {
        payment_id: "pi_1",
        order_id: "5677",
        currency: "EUR",
        amount_minor: 12_900,
        net_minor: 10_000,
        tax_minor: 1900,
        shipping_minor: 1000,
        cv_x100: 8000,
        source_node: "D1",
        order_kind: "store",
      },
    },
    {
      name: "an order id under another name",
      event: eventOf("payment_intent.succeeded", { ...intent, metadata: { shop_order: "7" } }),
      options: { order_id_metadata_key: "shop_order" },
      type: "payment.confirmed",
      data: { payment_id: "pi_1", order_id: "7", currency: "EUR", amount_minor: 12_900 },
    },
    {
      name: "a payment that failed",
      event: eventOf("payment_intent.payment_failed", {
        ...intent,
        last_payment_error: { code: "card_declined", decline_code: "insufficient_funds" },
      }),
      type: "payment.failed",
      data: {
        payment_id: "pi_1",
        order_id: "5677",
        reason: "insufficient_funds",
        attempt: 1_785_000_010,
      },
    },
    {
      name: "a refund from the payload Stripe publishes",
      event: JSON.parse(payload("stripe-charge-refunded")),
      type: "refund.completed",
      data: {
        refund_id: "ch_3RDev0001:4000",
        payment_id: "pi_3RDev0001",
        currency: "EUR",
        amount_minor: 4000,
      },
    },
    {
      name: "a second refund of a charge, as what was added",
      event: eventOf(
        "charge.refunded",
        { ...charge, amount_refunded: 5500 },
        { amount_refunded: 4000 },
      ),
      type: "refund.completed",
      data: { refund_id: "ch_1:5500", payment_id: "pi_1", currency: "EUR", amount_minor: 1500 },
    },
    {
      name: "a refund an old API version lists",
      event: eventOf("charge.refunded", {
        ...charge,
        refunds: {
          data: [
            { id: "re_2", amount: 1500 },
            { id: "re_1", amount: 4000 },
          ],
        },
      }),
      type: "refund.completed",
      data: { refund_id: "re_2", payment_id: "pi_1", currency: "EUR", amount_minor: 1500 },
    },
    {
      name: "a refund an old API version lists with its status",
      event: eventOf("charge.refunded", {
        ...charge,
        refunds: { data: [{ id: "re_2", amount: 1500, status: "succeeded" }] },
      }),
      type: "refund.completed",
      data: { refund_id: "re_2", payment_id: "pi_1", currency: "EUR", amount_minor: 1500 },
    },
    {
      name: "a refund from its charge, where the option says so",
      event: JSON.parse(payload("stripe-charge-refunded")),
      options: { refunds: "charge" },
      type: "refund.completed",
      data: {
        refund_id: "ch_3RDev0001:4000",
        payment_id: "pi_3RDev0001",
        currency: "EUR",
        amount_minor: 4000,
      },
    },
    ...["refund.created", "refund.updated"].map((type) => ({
      name: `a refund object of ${type}, where the option says so`,
      event: eventOf(type, refund),
      options: byRefund,
      type: "refund.completed",
      data: { refund_id: "re_1", payment_id: "pi_1", currency: "EUR", amount_minor: 4000 },
    })),
    // The second is all that tells of an inquiry that was escalated.
    ...["charge.dispute.created", "charge.dispute.funds_withdrawn"].map((type) => ({
      name: `a dispute opened, by ${type}`,
      event: eventOf(type, dispute),
      type: "chargeback.opened",
      data: {
        dispute_id: "dp_1",
        payment_id: "pi_1",
        currency: "EUR",
        amount_minor: 12_900,
        net_minor: 11_900,
        tax_minor: 1000,
        fee_minor: 1500,
      },
    })),
    {
      name: "a dispute won, its fee given back",
      event: eventOf("charge.dispute.closed", {
        ...dispute,
        status: "won",
        balance_transactions: [...dispute.balance_transactions, { fee: -1500, currency: "eur" }],
      }),
      type: "chargeback.closed",
      data: {
        dispute_id: "dp_1",
        payment_id: "pi_1",
        outcome: "won",
        currency: "EUR",
        fee_refunded_minor: 1500,
      },
    },
    {
      name: "a dispute lost",
      event: eventOf("charge.dispute.closed", { ...dispute, status: "lost" }),
      type: "chargeback.closed",
      data: {
        dispute_id: "dp_1",
        payment_id: "pi_1",
        outcome: "lost",
        currency: "EUR",
        fee_refunded_minor: 0,
      },
    },
  ])("reads $name", ({ event, type, data, options }) => {
    expect(factOf(event, options)).toEqual({ type, data });
  });

  test.each([
    ["usd", 1050, 1050],
    ["jpy", 500, 500],
    ["kwd", 5120, 5120],
    ["huf", 1000, 1000],
    ["twd", 1000, 1000],
    ["isk", 500, 5],
    ["ugx", 123_400, 1234],
    ["mga", 500, 50_000],
  ])("turns an amount of Stripe into ISO minor units: %s %d", (currency, amount, minor) => {
    const event = eventOf("payment_intent.succeeded", {
      ...intent,
      currency,
      amount_received: amount,
    });
    expect(factOf(event)).toMatchObject({
      data: { currency: currency.toUpperCase(), amount_minor: minor },
    });
  });

  test.each([
    {
      name: "ISK beyond whole units",
      object: { ...intent, currency: "isk", amount_received: 550 },
      path: "data.amount_minor",
    },
    { name: "no order", object: { ...intent, metadata: {} }, path: "data.order_id" },
    {
      name: "no amount",
      object: { ...intent, amount_received: undefined },
      path: "data.amount_minor",
    },
    { name: "no currency there is", object: { ...intent, currency: "zzz" }, path: "data.currency" },
  ])("keeps a payment with $name for a person", ({ object, path }) => {
    expect(factOf(eventOf("payment_intent.succeeded", object))).toMatchObject({
      kind: "broken",
      id: "evt_1",
      code: "contract_violated",
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    });
  });

  // JSON may hold an object that no text can be made of.
  const odd = { toString: 1 };

  test.each<[name: string, event: { id: string; type: string }, options?: object]>([
    ["another type", JSON.parse(payload("stripe-invoice-paid-connect"))],
    ["a name every object has", eventOf("constructor", {})],
    [
      "a thin event about nothing",
      { ...JSON.parse(payload("stripe-v2-thin-event")), related_object: null },
    ],
    ["a refund on its way", eventOf("refund.created", { ...refund, status: "pending" }), byRefund],
    ["a refund of an odd status", eventOf("refund.created", { ...refund, status: odd }), byRefund],
    [
      "a refund outside payment intents",
      eventOf("refund.created", { ...refund, payment_intent: null }),
      byRefund,
    ],
    ...["pending", "failed", "canceled", "requires_action", odd].map(
      (status) =>
        [
          `a listed refund that is ${JSON.stringify(status)}`,
          eventOf("charge.refunded", {
            ...charge,
            refunds: { data: [{ id: "re_2", amount: 1500, status }] },
          }),
        ] as const satisfies unknown[],
    ),
    [
      "a refunded charge without a payment intent",
      eventOf("charge.refunded", { ...charge, payment_intent: null }),
    ],
    ["a refunded charge that tells no amount", eventOf("charge.refunded", charge)],
    [
      "an inquiry",
      eventOf("charge.dispute.created", { ...dispute, status: "warning_needs_response" }),
    ],
    [
      "an inquiry closed",
      eventOf("charge.dispute.closed", { ...dispute, status: "warning_closed" }),
    ],
    [
      "a dispute closed in an odd way",
      eventOf("charge.dispute.closed", { ...dispute, status: odd }),
    ],
  ])("keeps %s as unmapped", (_name, event, options = {}) => {
    expect(read(event, options)).toEqual({
      kind: "items",
      items: [
        {
          kind: "broken",
          id: event.id,
          code: "unmapped",
          type: event.type,
          errors: [{ path: "type", rule: "unmapped", message: expect.any(String) }],
          content: expect.any(String),
        },
      ],
    });
  });

  test("opens a dispute of an odd status, and does not fail", () => {
    expect(factOf(eventOf("charge.dispute.created", { ...dispute, status: odd }))).toMatchObject({
      type: "chargeback.opened",
    });
  });

  test.each([
    ["charge.refunded", charge, byRefund, /options\.refunds/],
    ["refund.created", refund, {}, /options\.refunds/],
    ["refund.updated", refund, { refunds: "charge" }, /options\.refunds/],
  ])("tells each refund once: not by %s", (type, object, options, message) => {
    expect(factOf(eventOf(type, object, { amount_refunded: 0 }), options)).toMatchObject({
      code: "unmapped",
      errors: [{ message: expect.stringMatching(message) }],
    });
  });

  const thin = JSON.parse(payload("stripe-v2-thin-event"));
  const paid = eventOf("payment_intent.succeeded", intent);
  const rules = [{ type: "cdc.gap", fields: { table: { value: "stripe:any" } } }];

  test.each<[event: object, options: object, isTaken: boolean]>([
    [{ ...paid, livemode: true }, { livemode: true }, true],
    [{ ...paid, livemode: false }, { livemode: false }, true],
    [{ ...paid, livemode: false }, {}, true],
    [{ ...paid, livemode: false }, { livemode: true }, false],
    [{ ...paid, livemode: true }, { livemode: false }, false],
    [paid, { livemode: true }, false],
    [{ ...paid, livemode: false }, { livemode: true, rules }, false],
    [thin, { livemode: false }, true],
    [thin, { livemode: true }, false],
    [{ ...paid, account: "acct_1" }, {}, true],
    [{ ...paid, account: "acct_1" }, { accounts: ["acct_2", "acct_1"] }, true],
    [{ ...paid, account: "acct_1" }, { accounts: ["acct_2"] }, false],
    [{ ...paid, account: "acct_1" }, { accounts: ["acct_2"], rules }, false],
    [paid, { accounts: ["acct_1"] }, false],
    [{ ...thin, context: "acct_1" }, { accounts: ["acct_1"] }, true],
    [{ ...thin, context: "acct_1" }, { accounts: ["acct_2"] }, false],
  ])("judges the mode and the account of %j by %j", (event, options, isTaken) => {
    expect(read(event, options)).toMatchObject({
      items: [isTaken ? { kind: "event" } : { kind: "broken", code: "unmapped" }],
    });
  });

  test.each([
    [{ refunds: "refund", livemode: true, accounts: ["acct_1"] }, undefined],
    [{ refunds: "both" }, "options.refunds"],
    [{ livemode: "true" }, "options.livemode"],
    [{ accounts: [] }, "options.accounts"],
    [{ accounts: ["acct_1", 7] }, "options.accounts[1]"],
  ])("judges options %j", (options, path) => {
    const faults = stripe.checkOptions(options, "stripe-v1");
    expect(faults.map((fault) => fault.path)).toEqual(path === undefined ? [] : [path]);
  });

  test("reads a thin event as a gap: what it is about has to be fetched", () => {
    expect(factOf(JSON.parse(payload("stripe-v2-thin-event")))).toEqual({
      type: "cdc.gap",
      data: { table: "stripe:billing.meter", pks: ["mtr_test_61Dev"] },
    });
  });

  test.each([{ card_number: "4242424242424242" }, { order_id: "7", pan: "4242 4242 4242 4242" }])(
    "takes nothing in with a card number in its metadata, and does not tell it on",
    (metadata) => {
      const reading = read(eventOf("payment_intent.succeeded", { ...intent, metadata }));
      const path = `payload.data.object.metadata.${Object.keys(metadata).at(-1)}`;
      const errors = expect.arrayContaining([
        expect.objectContaining({ path, rule: "card_number" }),
      ]);
      expect(reading).toMatchObject({
        items: [{ kind: "broken", id: "evt_1", code: "contract_violated", errors }],
      });
      expect(JSON.stringify(reading)).not.toContain("4242");
    },
  );

  test.each([
    [[]],
    [[eventOf("x", {})]],
    [{ object: "event" }],
    [7],
    [null],
    [{ ...eventOf("x", {}), created: 1e15 }],
  ])("keeps JSON that is no event for a person: %j", (value) => {
    expect(read(value)).toMatchObject({
      kind: "items",
      items: [{ kind: "broken", code: "contract_violated" }],
    });
  });
});
