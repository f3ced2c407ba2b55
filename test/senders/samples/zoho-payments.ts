import { zohoPayments } from "#src/senders/zoho-payments.ts";
import { signZohoPayments } from "../../../scripts/signing/zoho-payments.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "52402c8bd2edb946a072d13e0599ef992ad661a54e4a472385c394185cfb0d25";
export const other = "97b88415891c11356c83a739be74b5797bf8dfbacc7a80c00bc6a2f5bb74e2d4";

export const samples: readonly Sample[] = [
  {
    sender: zohoPayments,
    scheme: "zoho-payments-hmac",
    secret,
    other,
    body: payload("zoho-payments-payment-succeeded.json"),
    sign: async ({ secret: key, atMs, body }) => ({
      headers: await signZohoPayments({ secret: key, timestampMs: atMs, body }),
    }),
    proof: { header: "x-zoho-webhook-signature" },
    covers: {
      body: true,
      method: false,
      url: false,
      headers: [],
      time: { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1 },
    },
  },
];
