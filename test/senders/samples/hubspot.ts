import { hubspot } from "#src/senders/hubspot.ts";
import { signHubspotV1, signHubspotV2, signHubspotV3 } from "../../../scripts/signing.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "a3c5e7f9-1b2d-4c6e-8f0a-112233445566";
export const other = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";

const given = { sender: hubspot, secret, other, body: payload("hubspot-contact-batch.json") };

export const samples: readonly Sample[] = [
  {
    ...given,
    scheme: "hubspot-v3",
    sign: async (request) => ({
      headers: await signHubspotV3({ ...request, timestampMs: request.atMs }),
    }),
    proof: { header: "x-hubspot-signature-v3" },
    covers: {
      body: true,
      method: true,
      url: true,
      headers: ["x-hubspot-request-timestamp"],
      time: { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1 },
    },
  },
  {
    ...given,
    scheme: "hubspot-v2",
    sign: async (request) => ({ headers: await signHubspotV2(request) }),
    proof: { header: "x-hubspot-signature" },
    covers: { body: true, method: true, url: true, headers: [] },
  },
  {
    ...given,
    scheme: "hubspot-v1",
    sign: async (request) => ({ headers: await signHubspotV1(request) }),
    proof: { header: "x-hubspot-signature" },
    covers: { body: true, method: false, url: false, headers: [] },
  },
];
