import { mlmGeneric } from "#src/senders/mlm-generic.ts";
import {
  makeStandardKeys,
  signStandard,
  signStandardAsymmetric,
} from "../../../scripts/signing.ts";
import type { Sample } from "../sample.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

const given = { sender: mlmGeneric, body: payload("mlm-generic-rank-advanced.json") };

const signed = {
  ...given,
  proof: { header: "webhook-signature" },
  covers: {
    body: true,
    method: false,
    url: false,
    headers: ["webhook-id", "webhook-timestamp"],
    time: { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1000 },
  },
} as const;

const ours = await makeStandardKeys();
const theirs = await makeStandardKeys();

export const samples: readonly Sample[] = [
  {
    ...signed,
    scheme: "standard-webhooks-v1",
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    other: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    sign: async ({ secret, atMs, body }) => ({
      headers: await signStandard({ secret, id: "msg_1", timestampS: atMs / 1000, body }),
    }),
  },
  {
    ...signed,
    scheme: "standard-webhooks-v1a",
    secret: ours.whpk,
    other: theirs.whpk,
    signingSecret: ours.whsk,
    sign: async ({ secret, atMs, body }) => ({
      headers: await signStandardAsymmetric({ secret, id: "msg_1", timestampS: atMs / 1000, body }),
    }),
  },
  { ...basicShown, ...given },
  { ...bearerShown, ...given },
  { ...headerShown("api-key", "x-api-key"), ...given },
  { ...bearerJwt, ...given },
  { ...certificateShown, ...given },
  { ...urlShown, ...given },
];
