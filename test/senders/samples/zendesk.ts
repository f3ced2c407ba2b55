import { zendesk } from "#src/senders/zendesk.ts";
import { signZendesk, zendeskTimestamp } from "../../../scripts/signing/zendesk.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, headerShown } from "./shown.ts";

export const secret = "kJ8vXf2mQ0aR7uTbYc1dE5gHi9LnOpSw3zVxCq6B4M=";
export const other = "Zm9yZ2VyeS1pcy1ub3QtdGhlLXNlY3JldC1vZi1hY21l";

const headers = {
  "content-type": "application/json",
  "x-zendesk-account-id": "22129848",
  "x-zendesk-webhook-id": "01J8ZQ4T4M2W3X",
  "x-zendesk-webhook-invocation-id": "01J8ZQ5AAAA",
};
const given = { sender: zendesk, body: payload("zendesk-ticket-status-changed.json"), headers };

export const samples: readonly Sample[] = [
  {
    ...given,
    scheme: "zendesk-hmac",
    secret,
    other,
    sign: async ({ secret: key, atMs, body }) => ({
      headers: await signZendesk({ secret: key, timestamp: zendeskTimestamp(atMs), body }),
    }),
    proof: { header: "x-zendesk-webhook-signature" },
    covers: {
      body: true,
      method: false,
      url: false,
      headers: ["x-zendesk-webhook-signature-timestamp"],
      time: { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1 },
    },
  },
  { ...given, ...basicShown },
  { ...given, ...bearerShown },
  { ...given, ...headerShown("api-key", "x-api-key") },
];
