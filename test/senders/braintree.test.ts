import { describe, expect, test } from "vitest";
import { braintree } from "#src/senders/braintree.ts";
import { payloadOf, signBraintree, signBraintreeForm } from "../../scripts/signing/braintree.ts";
import { conforms } from "./conformance.ts";
import { deliver, URL_CALLED, verifyBy } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { other, samples, secret } from "./samples/braintree.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const SCHEME = "braintree-sha1";
const CHECK = payloadOf(
  '<notification><timestamp type="datetime">2026-07-25T17:20:41Z</timestamp><kind>check</kind>' +
    '<subject><check type="boolean">true</check></subject></notification>',
);
const formOf = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const judge = async (body: string, secrets = [secret]) =>
  verifyBy(braintree, SCHEME, deliver({ body }), { secrets });

describe("braintree", () => {
  test.each(vectors.filter(({ scheme }) => scheme === SCHEME))(
    "$id is judged $valid: $description",
    async ({ method, url, headers, body, secret: key, valid }) => {
      const delivery = deliver({ method, url, headers, body });
      const result = await verifyBy(braintree, SCHEME, delivery, { secrets: [key] });
      expect(result.ok).toBe(valid);
      expect(braintree.schemes[SCHEME]?.checkSecret(key)).toBeUndefined();
    },
  );

  test("does not believe the published form, whose signature is made up", async () => {
    expect(await judge(payload("braintree-form.txt"))).toMatchObject({
      reason: "signature_mismatch",
    });
  });

  test("believes one of several key pairs", async () => {
    const both = await signBraintreeForm([other, secret], CHECK);
    expect(await judge(both)).toMatchObject({ ok: true });
    expect(await judge(both, ["devpubNONE:0123456789abcdef0123", other])).toMatchObject({
      ok: true,
    });
  });

  test("chooses the pair of its own public key: the private key alone does not do", async () => {
    const [, privateKey = ""] = secret.split(":");
    const signed = await signBraintreeForm([`devpubNONE:${privateKey}`], CHECK);
    expect(await judge(signed)).toMatchObject({ reason: "signature_mismatch" });
  });

  test.each([
    ["no form", "{}", "signature_missing"],
    ["no payload", formOf({ bt_signature: "a|00" }), "signature_missing"],
    ["no signature", formOf({ bt_payload: CHECK }), "signature_missing"],
    ["an empty signature", formOf({ bt_payload: CHECK, bt_signature: "" }), "signature_mismatch"],
    ["two signatures", `bt_signature=a&bt_signature=b&bt_payload=YQ`, "signature_missing"],
    [
      "more pairs than there are keys",
      formOf({ bt_payload: CHECK, bt_signature: "a|00&".repeat(16) }),
      "signature_malformed",
    ],
    [
      "a digest that is not hex",
      formOf({ bt_payload: CHECK, bt_signature: "devpub1a2b|zz" }),
      "signature_mismatch",
    ],
  ])("refuses %s", async (_name, body, reason) => {
    expect(await judge(body)).toMatchObject({ ok: false, reason });
  });

  test.each(["", "devpub", ":0123456789abcdef", "devpub:short", "devpub:0123456789abcdef \n"])(
    "finds fault with %j",
    (text) => {
      expect(braintree.schemes[SCHEME]?.checkSecret(text)).toEqual(expect.any(String));
    },
  );

  const greet = (url: string, change: { method?: string; secrets?: string[] } = {}) => {
    const { method = "GET", secrets = [secret, other] } = change;
    return braintree.greet?.(deliver({ method, url }), { scheme: SCHEME, secrets });
  };

  test("answers a challenge with the first key pair", async () => {
    const challenge = "0123456789abcdef0123";
    expect(await greet(`${URL_CALLED}?bt_challenge=${challenge}`)).toEqual({
      status: 200,
      headers: { "content-type": "text/plain" },
      body: await signBraintree(secret, challenge),
    });
    expect(braintree.greetMethods).toEqual(["GET"]);
  });

  test.each([
    ["no challenge", "", {}],
    ["a short challenge", "?bt_challenge=0123456789abcdef012", {}],
    ["a long challenge", `?bt_challenge=${"a".repeat(33)}`, {}],
    ["a challenge in upper case", "?bt_challenge=0123456789ABCDEF0123", {}],
    ["words", "?bt_challenge=PG5vdGlmaWNhdGlvbj48", {}],
    ["another method", "?bt_challenge=0123456789abcdef0123", { method: "POST" }],
    ["no keys", "?bt_challenge=0123456789abcdef0123", { secrets: [] }],
    ["keys that are none", "?bt_challenge=0123456789abcdef0123", { secrets: ["x"] }],
  ])("answers nothing to %s", async (_name, query, change) => {
    expect(await greet(`${URL_CALLED}${query}`, change)).toBeUndefined();
  });

  test("does not believe the answer to a challenge as a signature", async () => {
    for (const challenge of ["0123456789abcdef0123", "a".repeat(32)]) {
      const signed = { bt_signature: await signBraintree(secret, challenge) };
      expect(await judge(formOf({ ...signed, bt_payload: challenge }))).toMatchObject({
        ok: false,
      });
      expect(await judge(formOf({ ...signed, bt_payload: `${challenge}\n` }))).toMatchObject({
        ok: false,
      });
    }
  });
});

const TIMESTAMP = "2026-07-25T17:20:41Z";
const notice = (kind: string, subject: string, timestamp = TIMESTAMP) =>
  `<?xml version="1.0" encoding="UTF-8"?>
<notification>
  <timestamp type="datetime">${timestamp}</timestamp>
  <kind>${kind}</kind>
  <subject>${subject}</subject>
</notification>`;
const readXml = (xml: string, options = {}) =>
  braintree.read(deliver({ body: formOf({ bt_signature: "a|00", bt_payload: payloadOf(xml) }) }), {
    tenant: "acme",
    source: "psp",
    options,
  });
const itemOf = (kind: string, subject: string, options = {}, timestamp = TIMESTAMP) => {
  const reading = readXml(notice(kind, subject, timestamp), options);
  return reading.kind === "items" ? reading.items[0] : undefined;
};
const factOf = (kind: string, subject: string, options = {}) => {
  const item = itemOf(kind, subject, options);
  return item?.kind === "event"
    ? { type: item.event.type, data: item.event.data, rev: item.event.rev }
    : item;
};

const transaction = (change = "") => `<transaction>
    <id>tx1</id><amount>49.99</amount><currency-iso-code>USD</currency-iso-code>
    <status>submitted_for_settlement</status><type>sale</type><order-id>5677</order-id>${change}
  </transaction>`;
const subscription = (inner: string) => `<subscription><id>sub1</id>
  <transactions type="array">${inner}</transactions>
  <add_ons type="array"/>
  <status>Active</status><next-billing-date type="date">2026-08-25</next-billing-date>
</subscription>`;
const ended = "<subscription><id>sub1</id><next-billing-date nil='true'/></subscription>";
const dispute = (change = "<kind>chargeback</kind>") => `<dispute>
  <id>dp1</id><amount>250.00</amount><amount-disputed>245.5</amount-disputed>
  <currency-iso-code>USD</currency-iso-code>${change}
  <transaction><id>tx1</id><amount>250.00</amount><order-id nil="true"/></transaction>
</dispute>`;
const paid = { payment_id: "tx1", order_id: "5677", currency: "USD", amount_minor: 4999 };
const disputed = { dispute_id: "dp1", payment_id: "tx1" };

describe("braintree, reading", () => {
  test("reads the published form, which names no transaction", () => {
    const reading = braintree.read(deliver({ body: payload("braintree-form.txt") }), {
      tenant: "acme",
      source: "psp",
      options: {},
    });
    expect(reading).toEqual({
      kind: "items",
      items: [
        {
          kind: "broken",
          id: `subscription_charged_successfully:sub_dev:${TIMESTAMP}`,
          code: "unmapped",
          content: expect.any(String),
          type: "subscription_charged_successfully",
          errors: [{ path: "type", rule: "unmapped", message: expect.any(String) }],
        },
      ],
    });
  });

  test.each<{ name: string; kind: string; subject: string; options?: object; fact: object }>([
    {
      name: "the newest charge of a subscription",
      kind: "subscription_charged_successfully",
      subject: subscription(`${transaction()}<transaction><id>tx0</id></transaction>`),
      fact: { type: "payment.confirmed", data: paid },
    },
    {
      name: "a charge without an order, by the source's mapping",
      kind: "subscription_charged_successfully",
      subject: subscription(transaction().replace("<order-id>5677</order-id>", "")),
      options: {
        fields: {
          "payment.confirmed": { order_id: "subject.subscription.transactions[0].id" },
        },
      },
      fact: { type: "payment.confirmed", data: { ...paid, order_id: "tx1" } },
    },
    {
      name: "a charge that failed",
      kind: "subscription_charged_unsuccessfully",
      subject: subscription(transaction("<processor-response-code>2001</processor-response-code>")),
      fact: {
        type: "payment.failed",
        data: { payment_id: "tx1", order_id: "5677", reason: "2001", attempt: 1 },
      },
    },
    ...(["transaction_settled", "transaction_disbursed"] as const).map((kind) => ({
      name: `a payment by ${kind}`,
      kind,
      subject: transaction(),
      fact: { type: "payment.confirmed", data: paid },
    })),
    {
      name: "a refund",
      kind: "transaction_settled",
      subject: transaction("<refunded-transaction-id>tx0</refunded-transaction-id>").replace(
        "<type>sale</type>",
        "<type>credit</type>",
      ),
      fact: {
        type: "refund.completed",
        data: { refund_id: "tx1", payment_id: "tx0", currency: "USD", amount_minor: 4999 },
      },
    },
    {
      name: "a payment that did not settle",
      kind: "transaction_settlement_declined",
      subject: transaction(),
      fact: {
        type: "payment.failed",
        data: {
          payment_id: "tx1",
          order_id: "5677",
          reason: "submitted_for_settlement",
          attempt: 1,
        },
      },
    },
    {
      name: "a local payment",
      kind: "local_payment_funded",
      subject: `<local-payment-funded><payment-id>lp1</payment-id>${transaction()}</local-payment-funded>`,
      fact: { type: "payment.confirmed", data: paid },
    },
    ...(
      [
        ["subscription_canceled", "Canceled"],
        ["subscription_expired", "Expired"],
      ] as const
    ).map(([kind, status]) => ({
      name: kind,
      kind,
      subject: ended,
      fact: {
        type: "autoship.changed",
        data: { autoship_id: "sub1", status, next_run: null },
        rev: String(Date.parse(TIMESTAMP)),
      },
    })),
    ...(
      [
        "subscription_went_active",
        "subscription_went_past_due",
        "subscription_trial_ended",
        "subscription_billing_skipped",
      ] as const
    ).map((kind) => ({
      name: kind,
      kind,
      subject: subscription(""),
      fact: {
        type: "autoship.changed",
        data: { autoship_id: "sub1", status: "Active", next_run: "2026-08-25" },
        rev: String(Date.parse(TIMESTAMP)),
      },
    })),
    {
      name: "a subscription that does not tell its date as a gap",
      kind: "subscription_went_past_due",
      subject: ended,
      fact: { type: "cdc.gap", data: { table: "braintree:subscriptions", pks: ["sub1"] } },
    },
    {
      name: "a chargeback, what is unknown from the source's mapping",
      kind: "dispute_opened",
      subject: dispute(),
      options: {
        fields: {
          "chargeback.opened": {
            net_minor: { path: "subject.dispute.amount_disputed", as: "decimal" },
            tax_minor: { value: 0 },
            fee_minor: { value: 1500 },
          },
        },
      },
      fact: {
        type: "chargeback.opened",
        data: {
          ...disputed,
          currency: "USD",
          amount_minor: 24_550,
          net_minor: 24_550,
          tax_minor: 0,
          fee_minor: 1500,
        },
      },
    },
    ...(
      ["dispute_lost", "dispute_accepted", "dispute_auto_accepted", "dispute_expired"] as const
    ).map((kind) => ({
      name: `a chargeback lost by ${kind}`,
      kind,
      subject: dispute(),
      fact: {
        type: "chargeback.closed",
        data: { ...disputed, outcome: "lost", currency: "USD", fee_refunded_minor: 0 },
      },
    })),
    {
      name: "a chargeback won, the fee from the source's mapping",
      kind: "dispute_won",
      subject: dispute(""),
      options: { fields: { "chargeback.closed": { fee_refunded_minor: { value: 1500 } } } },
      fact: {
        type: "chargeback.closed",
        data: { ...disputed, outcome: "won", currency: "USD", fee_refunded_minor: 1500 },
      },
    },
  ])("reads $name", ({ kind, subject, options, fact }) => {
    expect(factOf(kind, subject, options)).toEqual({ rev: undefined, ...fact });
  });

  test.each([
    ["USD", "10.5", 1050],
    ["JPY", "500", 500],
    ["KWD", "5.125", 5125],
  ])("turns %s %s into minor units", (currency, amount, amount_minor) => {
    const subject = transaction().replace("USD", currency).replace("49.99", amount);
    expect(factOf("transaction_settled", subject)).toMatchObject({
      data: { currency, amount_minor },
    });
  });

  test.each([
    ["a charge of no transaction", "subscription_charged_successfully", ended],
    ["a failure of no transaction", "subscription_charged_unsuccessfully", ended],
    ["a subscription without a name", "subscription_canceled", "<subscription/>"],
    [
      "a credit that refunds nothing",
      "transaction_settled",
      transaction().replace("<type>sale</type>", "<type>credit</type>"),
    ],
    ["a retrieval", "dispute_opened", dispute("<kind>retrieval</kind>")],
    ["a retrieval that ended", "dispute_won", dispute("<kind>retrieval</kind>")],
    ["a dispute of no kind", "dispute_opened", dispute("")],
    ["a refund that failed", "refund_failed", transaction()],
    [
      "money that went back",
      "local_payment_reversed",
      "<local-payment-reversed><payment-id>lp1</payment-id></local-payment-reversed>",
    ],
    ["a disbursement", "disbursement", "<disbursement><id>d1</id></disbursement>"],
    ["a name every object has", "constructor", "<subscription><id>sub1</id></subscription>"],
  ])("keeps %s as unmapped", (_name, kind, subject) => {
    expect(factOf(kind, subject)).toMatchObject({
      kind: "broken",
      code: "unmapped",
      content: expect.any(String),
      type: kind,
      errors: [{ message: expect.any(String) }],
    });
  });

  test.each([
    ["no order", transaction().replace("<order-id>5677</order-id>", ""), "data.order_id"],
    ["no currency", transaction().replace("USD", ""), "data.currency"],
    ["a fraction of a cent", transaction().replace("49.99", "49.995"), "data.amount_minor"],
  ])("keeps a payment with %s for a person", (_name, subject, path) => {
    expect(factOf("transaction_settled", subject)).toMatchObject({
      kind: "broken",
      code: "contract_violated",
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    });
  });

  test.each([
    ["other XML", "<html><body/></html>"],
    ["no kind", "<notification><timestamp>x</timestamp><subject><a/></subject></notification>"],
    ["no timestamp", "<notification><kind>x</kind><subject><a/></subject></notification>"],
    [
      "no subject",
      `<notification><kind>x</kind><timestamp>${TIMESTAMP}</timestamp></notification>`,
    ],
  ])("keeps %s for a person", (_name, xml) => {
    expect(readXml(xml)).toMatchObject({
      kind: "items",
      items: [{ kind: "broken", code: "contract_violated", errors: [{ path: "bt_payload" }] }],
    });
  });

  test("keeps nothing of a test notification", () => {
    const body = formOf({ bt_signature: "a|00", bt_payload: CHECK });
    const context = { tenant: "acme", source: "psp", options: {} };
    expect(braintree.read(deliver({ body }), context)).toEqual({
      kind: "items",
      items: [],
      ignored: expect.any(String),
    });
  });

  test("reads the five entities, and characters by number", () => {
    const subject = transaction().replace("5677", "A&amp;B&#45;&#x43;");
    expect(factOf("transaction_settled", subject)).toMatchObject({ data: { order_id: "A&B-C" } });
  });

  test("names a notification by kind, subject and moment, or by all it says", () => {
    const idOf = (kind: string, subject: string, timestamp?: string) =>
      itemOf(kind, subject, {}, timestamp)?.id;
    expect(idOf("transaction_settled", transaction())).toBe(`transaction_settled:tx1:${TIMESTAMP}`);
    expect(idOf("local_payment_expired", "<a><payment-id>lp1</payment-id></a>")).toBe(
      `local_payment_expired:lp1:${TIMESTAMP}`,
    );
    expect(idOf("transaction_settled", transaction(), "2026-07-25T17:20:42Z")).not.toBe(
      idOf("transaction_settled", transaction()),
    );
    expect(idOf("oauth_access_revoked", "<a><b>1</b></a>")).toMatch(
      /^oauth_access_revoked:[\da-f]{32}:/,
    );
  });
});
