import { standard } from "#src/senders/standard.ts";
import {
  makeStandardKeys,
  signStandard,
  signStandardAsymmetric,
} from "../../../scripts/signing.ts";
import type { Sample, Unsigned } from "../sample.ts";

export const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
export const pair = await makeStandardKeys();
const otherPair = await makeStandardKeys();

/** An event of our own contract. */
export const order = {
  id: "evt-1",
  type: "order.cancelled",
  version: 1,
  occurred_at: "2026-07-25T17:20:00.000Z",
  data: { order_id: "O-1", reason: "out of stock" },
};
const body = JSON.stringify(order);

const message = ({ secret: key, atMs, body: signed }: Unsigned) => ({
  secret: key,
  id: "msg_1",
  timestampS: atMs / 1000,
  body: signed,
});
const time = { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1000 };
const covers = { body: true, method: false, url: false, time };

const symmetric = (family: "webhook" | "svix"): Sample => ({
  sender: standard,
  scheme: "standard-webhooks-v1",
  secret,
  other,
  body,
  sign: async (request) => ({ headers: await signStandard({ ...message(request), family }) }),
  proof: { header: `${family}-signature` },
  covers: { ...covers, headers: [`${family}-id`, `${family}-timestamp`] },
});

export const samples: readonly Sample[] = [
  symmetric("webhook"),
  symmetric("svix"),
  {
    sender: standard,
    scheme: "standard-webhooks-v1a",
    secret: pair.whpk,
    other: otherPair.whpk,
    signingSecret: pair.whsk,
    body,
    sign: async (request) => ({ headers: await signStandardAsymmetric(message(request)) }),
    proof: { header: "webhook-signature" },
    covers: { ...covers, headers: ["webhook-id", "webhook-timestamp"] },
  },
];
