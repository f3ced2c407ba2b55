import { adyen } from "#src/senders/adyen.ts";
import { signAdyenBody, signAdyenHeader } from "../../../scripts/signing/adyen.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "5C5C6496A2EFE17E1BD4926F0E116B004E51BCD6337D3CB0BE25F77FD48ACDFC";
export const other = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

/** The published item without its proof. */
export const unsigned = payload("adyen-authorisation.json").replace(
  /"hmacSignature": "[^"]*",\s*/,
  "",
);

const platform = {
  data: { balancePlatform: "DEV_PLATFORM", accountHolder: { id: "AH3227C" } },
  environment: "test",
  timestamp: "2026-07-25T19:20:41+02:00",
  type: "balancePlatform.accountHolder.updated",
};

/** What is signed of the published item, with its names: those are needed to find it. */
const signedParts = (body: string): readonly string[] => [
  /"hmacSignature":"[^"]*"/.exec(body)?.[0] ?? "",
  '"currency": "EUR"',
  '"value": 1130',
  '"eventCode": "AUTHORISATION"',
  '"merchantAccountCode": "TestMerchant"',
  '"merchantReference": "Order-77"',
  '"pspReference": "KHQC5N7G84BLNK43"',
  '"success": "true"',
];

export const samples: readonly Sample[] = [
  {
    sender: adyen,
    scheme: "adyen-item-hmac",
    secret,
    other,
    body: unsigned,
    headers: { "content-type": "application/json; charset=utf-8" },
    sign: async (request) => ({ body: await signAdyenBody(request.secret, request.body) }),
    proof: "body",
    covers: { body: signedParts, method: false, url: false, headers: [] },
  },
  {
    sender: adyen,
    scheme: "adyen-header-hmac",
    secret,
    other,
    body: JSON.stringify(platform),
    headers: { "content-type": "application/json; charset=utf-8" },
    sign: async (request) => ({ headers: await signAdyenHeader(request.secret, request.body) }),
    proof: { header: "hmacsignature" },
    covers: { body: true, method: false, url: false, headers: [] },
  },
];
