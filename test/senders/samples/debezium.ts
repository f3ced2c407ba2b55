import { debezium } from "#src/senders/debezium.ts";
import { signStandard } from "../../../scripts/signing.ts";
import type { Sample } from "../sample.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

const given = {
  sender: debezium,
  body: payload("debezium-update.json"),
  headers: { "content-type": "application/json" },
  options: { tables: { customers: { key: ["id"] } } },
};

export const samples: readonly Sample[] = [
  {
    ...given,
    scheme: "standard-webhooks-v1",
    secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    other: "whsec_enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6eno=",
    sign: async ({ secret, atMs, body }) => ({
      headers: await signStandard({
        secret,
        id: "msg_22bd292a-71ab-46fe-a460-8632d6754ac6",
        timestampS: atMs / 1000,
        body,
      }),
    }),
    proof: { header: "webhook-signature" },
    covers: {
      body: true,
      method: false,
      url: false,
      headers: ["webhook-id", "webhook-timestamp"],
      time: { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1000 },
    },
  },
  { ...given, ...bearerJwt },
  {
    ...given,
    ...bearerJwt,
    body: payload("debezium-batch.json"),
    // What its `authentication.type=jwt` writes.
    sign: async (request) => {
      const { headers } = await bearerJwt.sign(request);
      return { headers: { authorization: headers["authorization"]?.replace(" ", ": ") ?? "" } };
    },
  },
  { ...given, ...basicShown },
  { ...given, ...bearerShown },
  { ...given, ...headerShown("api-key", "x-api-key") },
  { ...given, ...certificateShown },
  { ...given, ...urlShown },
];
