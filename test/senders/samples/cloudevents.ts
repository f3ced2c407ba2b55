import { cloudevents } from "#src/senders/cloudevents.ts";
import { signStandard, signStandardAsymmetric } from "../../../scripts/signing.ts";
import type { Sample, Unsigned } from "../sample.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";
import { other, pair, secret } from "./standard.ts";

const structured = {
  sender: cloudevents,
  body: payload("cloudevents-structured.json"),
  headers: { "content-type": "application/cloudevents+json; charset=utf-8" },
};

const [head = "", body = ""] = payload("cloudevents-binary.http").split(/\r?\n\r?\n/);

/** The headers of the request that is kept as it was sent. */
export const binaryHeaders: Readonly<Record<string, string>> = Object.fromEntries(
  head
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [name = "", ...value] = line.split(": ");
      return [name.toLowerCase(), value.join(": ")];
    })
    .filter(([name]) => name !== "host" && name !== "content-length"),
);
export const binaryBody = body.trimEnd();

/** An event may have no data: no bytes are a body of binary mode. */
const binary = {
  sender: cloudevents,
  body: binaryBody,
  headers: binaryHeaders,
  malformed: [
    ["text that is not JSON", "{"],
    ["two JSON texts", "{}{}"],
    ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
    ["65 levels", "[".repeat(65) + "]".repeat(65)],
  ],
} satisfies Partial<Sample>;

const message = ({ secret: key, atMs, body: signed }: Unsigned) => ({
  secret: key,
  id: "msg_1",
  timestampS: atMs / 1000,
  body: signed,
});
const covers = {
  body: true,
  method: false,
  url: false,
  headers: ["webhook-id", "webhook-timestamp"],
  time: { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1000 },
};
const otherKey = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

export const samples: readonly Sample[] = [
  { ...structured, ...bearerShown },
  { ...binary, ...bearerShown },
  {
    ...bearerShown,
    sender: cloudevents,
    body: payload("cloudevents-batch.json"),
    headers: { "content-type": "application/cloudevents-batch+json" },
  },
  { ...structured, ...basicShown },
  { ...structured, ...headerShown("api-key", "x-api-key") },
  { ...structured, ...urlShown },
  { ...structured, ...certificateShown },
  { ...structured, ...bearerJwt },
  {
    ...structured,
    scheme: "standard-webhooks-v1",
    secret,
    other,
    sign: async (request) => ({ headers: await signStandard(message(request)) }),
    proof: { header: "webhook-signature" },
    covers,
  },
  {
    ...structured,
    scheme: "standard-webhooks-v1a",
    secret: pair.whpk,
    other: otherKey,
    signingSecret: pair.whsk,
    sign: async (request) => ({ headers: await signStandardAsymmetric(message(request)) }),
    proof: { header: "webhook-signature" },
    covers,
  },
];
