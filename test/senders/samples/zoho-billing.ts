import { zohoBilling } from "#src/senders/zoho-billing.ts";
import { signZohoBilling } from "../../../scripts/signing/zoho-billing.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "Wm4kQ9tX2cVb7LpR";
export const other = "Zz00000000000000";

export const samples: readonly Sample[] = [
  {
    sender: zohoBilling,
    scheme: "zoho-billing-hmac",
    secret,
    other,
    headers: { "content-type": "application/json" },
    body: payload("zoho-billing-subscription-activation.json"),
    sign: async (request) => ({ headers: await signZohoBilling(request) }),
    proof: { header: "x-zoho-webhook-signature" },
    covers: { body: true, method: false, url: "query", headers: [] },
  },
];
