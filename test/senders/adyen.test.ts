import { describe, expect, test } from "vitest";
import { adyen } from "#src/senders/adyen.ts";
import { signAdyenBody, signAdyenItem } from "../../scripts/signing/adyen.ts";
import { conforms } from "./conformance.ts";
import { deliver, verifyBy } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { other, samples, secret, unsigned } from "./samples/adyen.ts";
import { payload } from "./samples/payload.ts";

for (const sample of samples) conforms(sample);

const ITEM = "adyen-item-hmac";

const item = {
  pspReference: "PSP1",
  eventCode: "AUTHORISATION",
  success: "true",
  merchantAccountCode: "TestMerchant",
  merchantReference: "Order-77",
  amount: { value: 1130, currency: "EUR" },
  eventDate: "2026-07-25T19:20:41+02:00",
  additionalData: {},
};
const bodyOf = (...items: unknown[]) =>
  JSON.stringify({
    live: "false",
    notificationItems: items.map((one) => ({ NotificationRequestItem: one })),
  });
const judge = async (body: string, secrets = [secret]) =>
  verifyBy(adyen, ITEM, deliver({ body }), { secrets });
/** An item under the signature of another. */
const withProofOf = async (proven: object, change: object) => {
  const hmacSignature = await signAdyenItem(secret, proven);
  return bodyOf({ ...proven, ...change, additionalData: { hmacSignature } });
};

describe("adyen", () => {
  test.each(vectors.filter(({ scheme }) => scheme.startsWith("adyen-")))(
    "$id is judged $valid: $description",
    async ({ scheme, method, url, headers, body, secret: key, valid }) => {
      const delivery = deliver({ method, url, headers, body });
      const result = await verifyBy(adyen, scheme, delivery, { secrets: [key] });
      expect(result.ok).toBe(valid);
      expect(adyen.schemes[scheme]?.checkSecret(key)).toBeUndefined();
    },
  );

  test("believes the published item under the published key", async () => {
    expect(await judge(payload("adyen-authorisation.json"), [other])).toMatchObject({ ok: true });
  });

  test("believes items only if all of them are signed, by one key", async () => {
    const both = await signAdyenBody(secret, bodyOf(item, { ...item, pspReference: "PSP2" }));
    expect(await judge(both, [other, secret])).toMatchObject({ ok: true });
    expect(await judge(both.replace("PSP2", "PSP3"))).toMatchObject({
      reason: "signature_mismatch",
    });
    const mixed = both.replace(
      await signAdyenItem(secret, { ...item, pspReference: "PSP2" }),
      await signAdyenItem(other, { ...item, pspReference: "PSP2" }),
    );
    expect(await judge(mixed, [secret, other])).toMatchObject({ ok: false });
  });

  test.each([
    ["another reference", { pspReference: "PSP2" }],
    ["an original reference", { originalReference: "PSP0" }],
    ["another account", { merchantAccountCode: "Other" }],
    ["another order", { merchantReference: "Order-78" }],
    ["another amount", { amount: { value: 1, currency: "EUR" } }],
    ["another currency", { amount: { value: 1130, currency: "JPY" } }],
    ["another event", { eventCode: "CANCELLATION" }],
    ["another outcome", { success: "false" }],
    ["no outcome", { success: undefined }],
  ])("refuses %s", async (_name, change) => {
    expect(await judge(await withProofOf(item, change))).toMatchObject({
      reason: "signature_mismatch",
    });
  });

  test.each([
    ["a reason", { reason: "Refused" }],
    ["a moment", { eventDate: "2020-01-01T00:00:00Z" }],
    ["an empty original reference", { originalReference: "" }],
    ["no original reference", { originalReference: null }],
    ["an outcome as a boolean", { success: true }],
  ])("does not see %s: it is not signed", async (_name, change) => {
    expect(await judge(await withProofOf(item, change))).toMatchObject({ ok: true });
  });

  test("takes a colon in the order's reference, and nowhere else", async () => {
    const proven = { ...item, merchantReference: "Shop:77" };
    expect(await judge(await withProofOf(proven, {}))).toMatchObject({ ok: true });
    // The same text is signed: only the colon stands between other fields.
    const moved = { merchantAccountCode: "TestMerchant:Shop", merchantReference: "77" };
    expect(await judge(await withProofOf(proven, moved))).toMatchObject({
      reason: "signature_malformed",
    });
  });

  test.each([
    ["no JSON", "{", "signature_missing"],
    ["no items", "{}", "signature_missing"],
    ["an empty list", bodyOf(), "signature_missing"],
    ["too many items", bodyOf(...Array.from({ length: 101 }, () => item)), "signature_missing"],
    ["an item that is none", bodyOf(7), "signature_missing"],
    ["no signature", bodyOf(item), "signature_missing"],
    [
      "hex in place of base64",
      bodyOf({ ...item, additionalData: { hmacSignature: "ab".repeat(31) + "a" } }),
      "signature_malformed",
    ],
    [
      "an amount as text",
      bodyOf({
        ...item,
        amount: { value: "1130", currency: "EUR" },
        additionalData: { hmacSignature: "AAAA" },
      }),
      "signature_malformed",
    ],
  ])("refuses %s", async (_name, body, reason) => {
    expect(await judge(body)).toMatchObject({ ok: false, reason });
  });

  test("decodes the key's hex: its text is another key", async () => {
    const signed = await signAdyenBody(Buffer.from(secret).toString("hex"), unsigned);
    expect(await judge(signed)).toMatchObject({ reason: "signature_mismatch" });
  });

  test.each([ITEM, "adyen-header-hmac"])("finds fault with keys of %s", (scheme) => {
    for (const text of ["", "XY", secret.slice(0, 16), `${secret} `]) {
      expect(adyen.schemes[scheme]?.checkSecret(text)).toEqual(expect.any(String));
    }
  });

  test("answers what older merchants have to say, and our own where it did not take it", () => {
    const delivery = deliver({});
    expect(adyen.reply?.({ kind: "taken" }, delivery)).toEqual({
      status: 200,
      headers: { "content-type": "text/plain" },
      body: "[accepted]",
    });
    const refused = { kind: "refused", status: 503, code: "overloaded", title: "" } as const;
    expect(adyen.reply?.(refused, delivery)).toBeUndefined();
  });
});

const readBody = (body: string, options = {}) =>
  adyen.read(deliver({ body }), { tenant: "acme", source: "psp", options });
const itemsOf = (body: string, options = {}) => {
  const reading = readBody(body, options);
  return reading.kind === "items" ? reading.items : [];
};
const factOf = (change: object, options = {}) => {
  const [one] = itemsOf(bodyOf({ ...item, ...change }), options);
  return one?.kind === "event" ? { type: one.event.type, data: one.event.data } : one;
};

const eur = { currency: "EUR", amount_minor: 1130 };
const done = { pspReference: "PSP2", originalReference: "PSP1" };
const captured = { paid_on: "capture" };

describe("adyen, reading", () => {
  test("reads a payment from the published payload", () => {
    expect(readBody(payload("adyen-authorisation.json"))).toEqual({
      kind: "items",
      items: [
        {
          kind: "event",
          id: "AUTHORISATION:KHQC5N7G84BLNK43:true",
          event: expect.objectContaining({
            type: "payment.confirmed",
            occurredAtMs: Date.parse("2026-07-25T17:20:41Z"),
            data: { payment_id: "KHQC5N7G84BLNK43", order_id: "Order-77", ...eur },
          }),
        },
      ],
    });
  });

  test.each<{ name: string; change: object; options?: object; fact: object }>([
    {
      name: "a payment refused",
      change: { success: "false", reason: "Refused" },
      fact: {
        type: "payment.failed",
        data: { payment_id: "PSP1", order_id: "Order-77", reason: "refused", attempt: 1 },
      },
    },
    {
      name: "an offer nobody took",
      change: { eventCode: "OFFER_CLOSED" },
      fact: {
        type: "payment.failed",
        data: { payment_id: "PSP1", order_id: "Order-77", reason: "offer closed", attempt: 1 },
      },
    },
    {
      name: "a capture, where that pays",
      change: { ...done, eventCode: "CAPTURE" },
      options: captured,
      fact: {
        type: "payment.confirmed",
        data: { payment_id: "PSP1", order_id: "Order-77", ...eur },
      },
    },
    ...(["CAPTURE", "CAPTURE_FAILED"] as const).map((eventCode) => ({
      name: `a capture that failed (${eventCode}), where that pays`,
      change: { ...done, eventCode, success: eventCode === "CAPTURE" ? "false" : "true" },
      options: captured,
      fact: {
        type: "payment.failed",
        data: { payment_id: "PSP1", order_id: "Order-77", reason: "capture failed", attempt: 1 },
      },
    })),
    ...(["CANCELLATION", "TECHNICAL_CANCEL"] as const).map((eventCode) => ({
      name: `a payment cancelled (${eventCode}), where its capture would have paid`,
      change: { ...done, eventCode },
      options: captured,
      fact: {
        type: "order.cancelled",
        data: { order_id: "Order-77", reason: "payment cancelled at Adyen" },
      },
    })),
    {
      name: "a refund",
      change: { ...done, eventCode: "REFUND", amount: { value: 400, currency: "EUR" } },
      fact: {
        type: "refund.completed",
        data: { refund_id: "PSP2", payment_id: "PSP1", currency: "EUR", amount_minor: 400 },
      },
    },
    {
      name: "a chargeback, what is unknown from the source's mapping",
      change: { ...done, eventCode: "CHARGEBACK" },
      options: {
        fields: {
          "chargeback.opened": {
            net_minor: "amount.value",
            tax_minor: { value: 0 },
            fee_minor: { value: 1500 },
          },
        },
      },
      fact: {
        type: "chargeback.opened",
        data: {
          dispute_id: "PSP2",
          payment_id: "PSP1",
          ...eur,
          net_minor: 1130,
          tax_minor: 0,
          fee_minor: 1500,
        },
      },
    },
    ...(["CHARGEBACK_REVERSED", "PREARBITRATION_WON"] as const).map((eventCode) => ({
      name: `a chargeback won (${eventCode}), the fee from the source's mapping`,
      change: { ...done, eventCode },
      options: { fields: { "chargeback.closed": { fee_refunded_minor: { value: 1500 } } } },
      fact: {
        type: "chargeback.closed",
        data: {
          dispute_id: "PSP2",
          payment_id: "PSP1",
          outcome: "won",
          currency: "EUR",
          fee_refunded_minor: 1500,
        },
      },
    })),
    {
      name: "a chargeback lost",
      change: { ...done, eventCode: "PREARBITRATION_LOST" },
      fact: {
        type: "chargeback.closed",
        data: {
          dispute_id: "PSP2",
          payment_id: "PSP1",
          outcome: "lost",
          currency: "EUR",
          fee_refunded_minor: 0,
        },
      },
    },
  ])("reads $name", ({ change, options, fact }) => {
    expect(factOf(change, options)).toEqual(fact);
  });

  test.each([
    ["EUR", 1130, 1130],
    ["JPY", 500, 500],
    ["KWD", 5125, 5125],
    ["CLP", 50_000, 500],
    ["ISK", 50_000, 500],
    ["CVE", 500, 50_000],
    ["IDR", 500, 50_000],
  ])("turns an amount of Adyen into ISO minor units: %s %d", (currency, value, amount_minor) => {
    expect(factOf({ amount: { value, currency } })).toMatchObject({
      data: { currency, amount_minor },
    });
  });

  test.each([
    ["an authorisation of nothing", { amount: { value: 0, currency: "EUR" } }, {}],
    ["an authorisation that is to be captured", {}, captured],
    ["a capture of what was told", { ...done, eventCode: "CAPTURE" }, {}],
    ["a capture that failed, of what was told", { ...done, eventCode: "CAPTURE_FAILED" }, {}],
    ["a cancellation refused", { eventCode: "CANCELLATION", success: "false" }, {}],
    ["a refund refused", { ...done, eventCode: "REFUND", success: "false" }, {}],
    ["a refund that failed later", { ...done, eventCode: "REFUND_FAILED" }, {}],
    ["a refund that came back", { ...done, eventCode: "REFUNDED_REVERSED" }, {}],
    ["a refund or a cancellation", { ...done, eventCode: "CANCEL_OR_REFUND" }, {}],
    ["a chargeback announced", { ...done, eventCode: "NOTIFICATION_OF_CHARGEBACK" }, {}],
    ["a question", { ...done, eventCode: "REQUEST_FOR_INFORMATION" }, {}],
    ["a second chargeback", { ...done, eventCode: "SECOND_CHARGEBACK" }, {}],
    ["a report", { eventCode: "REPORT_AVAILABLE" }, {}],
    ["a name every object has", { eventCode: "constructor" }, {}],
  ])("keeps %s as unmapped", (_name, change, options) => {
    expect(factOf(change, options)).toMatchObject({
      kind: "broken",
      code: "unmapped",
      errors: [{ path: "type", rule: "unmapped", message: expect.any(String) }],
    });
  });

  test.each([
    ["CAPTURE_FAILED", {}],
    ["CANCELLATION", {}],
    ["TECHNICAL_CANCEL", {}],
    ["CANCELLATION", { paid_on: "authorisation" }],
  ])("has %s put right by hand where the authorisation told it paid", (eventCode, options) => {
    expect(factOf({ ...done, eventCode }, options)).toMatchObject({
      code: "unmapped",
      errors: [{ message: expect.stringContaining("put it right by hand") }],
    });
  });

  test.each([
    ["no order", { merchantReference: "" }, "data.order_id"],
    ["no payment to refund", { eventCode: "REFUND" }, "data.payment_id"],
    ["no amount", { amount: null }, "data.amount_minor"],
    ["a fraction of a króna", { amount: { value: 50, currency: "ISK" } }, "data.amount_minor"],
    ["a chargeback without its parts", { ...done, eventCode: "CHARGEBACK" }, "data.fee_minor"],
    ["no moment", { eventDate: undefined }, "eventDate"],
    ["a moment that is none", { eventDate: "yesterday" }, "occurred_at"],
  ])("keeps an item with %s for a person", (_name, change, path) => {
    expect(factOf(change)).toMatchObject({
      kind: "broken",
      code: "contract_violated",
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    });
  });

  test("leaves one bad item of several alone", () => {
    const items = itemsOf(bodyOf(item, { ...item, eventCode: 7 }, null, item));
    expect(items.map(({ kind }) => kind)).toEqual(["event", "broken", "broken", "event"]);
  });

  test("names an item by what is signed: later duplicates may tell another reason", () => {
    const idOf = (change: object) => itemsOf(bodyOf({ ...item, ...change }))[0]?.id;
    expect(idOf({})).toBe("AUTHORISATION:PSP1:true");
    expect(idOf({ reason: "x", success: true })).toBe(idOf({}));
    expect(idOf({ success: "false" })).not.toBe(idOf({}));
    expect(idOf({ eventCode: "REFUND" })).not.toBe(idOf({}));
    expect(factOf({ success: "false", reason: "a" })).toEqual(
      factOf({ success: "false", reason: "b" }),
    );
  });

  test("keeps platform webhooks for a person, or for a rule of the source", () => {
    const notice = {
      type: "balancePlatform.accountHolder.updated",
      timestamp: "2026-07-25T19:20:41+02:00",
      data: { accountHolder: { id: "AH3227C", reference: "D-77" } },
    };
    const [one] = itemsOf(JSON.stringify(notice));
    expect(one).toMatchObject({ kind: "broken", code: "unmapped", type: notice.type });
    expect(one?.id).toMatch(/^balancePlatform\.accountHolder\.updated:[\da-f]{32}$/);
    const [undated] = itemsOf(JSON.stringify({ ...notice, timestamp: undefined }));
    expect(undated).toMatchObject({ code: "unmapped" });

    const rule = {
      type: "cdc.gap",
      fields: { table: { value: "adyen:accountHolders" } },
    };
    const [mapped] = itemsOf(JSON.stringify(notice), { rules: [rule] });
    expect(mapped).toMatchObject({ kind: "event", id: one?.id, event: { type: "cdc.gap" } });
  });

  test.each(["[]", "7", "null", "{}", '{"notificationItems":[]}', '{"type":7}'])(
    "keeps JSON that is no notification for a person: %s",
    (body) => {
      expect(itemsOf(body)).toMatchObject([{ kind: "broken", code: "contract_violated" }]);
    },
  );
});
