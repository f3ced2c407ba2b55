import { stripe } from "#src/senders/stripe.ts";
import { signStripe } from "../../../scripts/signing.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "whsec_bfb05d67f27016bb08f6beda1bc26954";
export const other = "whsec_0ad6b429cacfcb890a2ee3ea735ed31d";

export const samples: readonly Sample[] = [
  {
    sender: stripe,
    scheme: "stripe-v1",
    secret,
    other,
    body: payload("stripe-payment-intent-succeeded.json"),
    sign: async ({ secret: key, atMs, body }) => ({
      headers: await signStripe({ secret: key, timestampS: atMs / 1000, body }),
    }),
    proof: { header: "stripe-signature" },
    covers: {
      body: true,
      method: false,
      url: false,
      headers: [],
      time: { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1000 },
    },
  },
];
