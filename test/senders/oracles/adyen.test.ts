import { hmacValidator } from "@adyen/api-library";
import { describe, expect, test } from "vitest";
import { adyen } from "#src/senders/adyen.ts";
import { signAdyenBody, signAdyenHeader, signAdyenItem } from "../../../scripts/signing/adyen.ts";
import { deliver, verifyBy } from "../deliver.ts";

const secret = "5C5C6496A2EFE17E1BD4926F0E116B004E51BCD6337D3CB0BE25F77FD48ACDFC";
const other = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

/** Adyen's own library signs and judges: https://www.npmjs.com/package/@adyen/api-library */
const library = new hmacValidator();

type Item = Parameters<typeof library.validateHMAC>[0];

/** As it stands in JSON: the library's types are classes. */
const itemOf = (change: object): Item =>
  JSON.parse(
    JSON.stringify({
      pspReference: "7914073381342284",
      merchantAccountCode: "TestMerchant",
      merchantReference: "Bestellung: Zoë 😀",
      amount: { value: 1130, currency: "EUR" },
      eventCode: "AUTHORISATION",
      eventDate: "2026-07-25T17:19:51+00:00",
      success: "true",
      ...change,
    }),
  );

async function judge(item: Item, hmacSignature: string | undefined) {
  const NotificationRequestItem = Object.assign({}, item, { additionalData: { hmacSignature } });
  const body = JSON.stringify({ live: "false", notificationItems: [{ NotificationRequestItem }] });
  const ours = await verifyBy(adyen, "adyen-item-hmac", deliver({ body }), { secrets: [secret] });
  return { theirs: theirs(NotificationRequestItem), ours: ours.ok };
}

/** It throws where there is no signature. */
function theirs(item: object): boolean {
  try {
    return library.validateHMAC(JSON.parse(JSON.stringify(item)), secret);
  } catch {
    return false;
  }
}

describe("adyen and its library", () => {
  test.each([
    {},
    { eventCode: "CAPTURE", originalReference: "7914073381342284", pspReference: "8313" },
    { eventCode: "REFUND", success: "false", originalReference: "" },
    { amount: { value: 0, currency: "JPY" } },
    { pspReference: "settlement_detail_report_batch_50.csv", eventCode: "REPORT_AVAILABLE" },
  ])("both judge an item alike: %j", async (change) => {
    const item = itemOf(change);
    const signed = library.calculateHmac(item, secret);
    expect(await judge(item, signed)).toEqual({ theirs: true, ours: true });

    const forged = [
      itemOf({ ...change, success: "maybe" }),
      itemOf({ ...change, amount: { value: 1, currency: "EUR" } }),
      itemOf({ ...change, merchantReference: "Order-1" }),
    ];
    for (const one of forged)
      expect(await judge(one, signed)).toEqual({ theirs: false, ours: false });
    const hex = Buffer.from(signed, "base64").toString("hex");
    for (const text of [library.calculateHmac(item, other), hex, "", undefined]) {
      expect(await judge(item, text)).toEqual({ theirs: false, ours: false });
    }
  });

  test.each([
    {},
    { eventCode: "CAPTURE", originalReference: "7914073381342284", pspReference: "8313" },
    { eventCode: "REFUND", success: "false", originalReference: "" },
    { amount: { value: 0, currency: "JPY" } },
  ])("the library believes an item that we sign: %j", async (change) => {
    const item = itemOf(change);
    const withOurs = async (key: string) => {
      const hmacSignature = await signAdyenItem(key, JSON.parse(JSON.stringify(item)));
      return Object.assign({}, item, { additionalData: { hmacSignature } });
    };
    expect(theirs(await withOurs(secret))).toBe(true);
    expect(theirs(await withOurs(other))).toBe(false);
    expect(theirs(Object.assign(await withOurs(secret), { success: "maybe" }))).toBe(false);
  });

  test("the library believes a body that we sign, item by item", async () => {
    const NotificationRequestItem = Object.assign({}, itemOf({}), { additionalData: {} });
    const unsigned = JSON.stringify({
      live: "false",
      notificationItems: [{ NotificationRequestItem }],
    });
    const { notificationItems } = JSON.parse(await signAdyenBody(secret, unsigned));
    expect(notificationItems).toHaveLength(1);
    expect(theirs(notificationItems[0].NotificationRequestItem)).toBe(true);
  });

  test.each(["{}", '{"name":"Zoë"}\r\n'])(
    "the library believes a platform webhook that we sign: %s",
    async (body) => {
      const { hmacsignature = "" } = await signAdyenHeader(secret, body);
      expect(library.validateHMACSignature(secret, hmacsignature, body)).toBe(true);
      expect(library.validateHMACSignature(other, hmacsignature, body)).toBe(false);
      expect(library.validateHMACSignature(secret, hmacsignature, `${body} `)).toBe(false);
    },
  );

  test.each(['{"type":"balancePlatform.accountHolder.updated"}', '{"name":"Zoë"}\r\n'])(
    "both judge a platform webhook alike: %s",
    async (body) => {
      const signed = library.calculateHmac(body, secret);
      const judgeHeader = async (hmacsignature: string, text: string) => {
        const delivery = deliver({ headers: { hmacsignature }, body: text });
        const result = await verifyBy(adyen, "adyen-header-hmac", delivery, { secrets: [secret] });
        return {
          theirs: library.validateHMACSignature(secret, hmacsignature, text),
          ours: result.ok,
        };
      };
      expect(await judgeHeader(signed, body)).toEqual({ theirs: true, ours: true });
      const refused = { theirs: false, ours: false };
      expect(await judgeHeader(signed, `${body} `)).toEqual(refused);
      expect(await judgeHeader(library.calculateHmac(body, other), body)).toEqual(refused);
      expect(await judgeHeader("", body)).toEqual(refused);
    },
  );
});
