import { paypal } from "#src/senders/paypal.ts";
import { signPaypal } from "../../../scripts/signing/paypal.ts";
import certificates from "../fixtures/certificates/paypal.json" with { type: "json" };
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const webhookId = "1JE4291016473214C";
const pinned = (id: string): string =>
  JSON.stringify({ webhook_id: id, certificates: [certificates.other, certificates.leaf] });

export const transmissionId = "69cd13f0-d67a-11e5-baa3-778b53f4ae55";

/** With pinned certificates, for the suite fetches none. */
export const samples: readonly Sample[] = [
  {
    sender: paypal,
    scheme: "paypal-cert",
    secret: pinned(webhookId),
    other: pinned("9XX0000000000000X"),
    // A certificate holds more than its key, and nobody asks who signed it once it is pinned.
    secretParts: [webhookId],
    signingSecret: webhookId,
    body: payload("paypal-capture-completed.json"),
    sign: async ({ secret, atMs, body }) => ({
      headers: signPaypal({
        privateKey: certificates.key,
        webhookId: secret,
        transmissionId,
        atMs,
        body,
      }),
    }),
    proof: { header: "paypal-transmission-sig" },
    covers: {
      body: true,
      method: false,
      url: false,
      headers: ["paypal-transmission-id", "paypal-transmission-time", "paypal-auth-algo"],
      time: { ageMsMax: 4 * 86_400_000, aheadMsMax: 300_000, unitMs: 1 },
    },
  },
];
