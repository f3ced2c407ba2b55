import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { httpSignatures } from "#src/senders/http-signatures.ts";
import { type HttpSignatureAlgorithm, signHttp } from "../../../scripts/signing/http-signatures.ts";
import type { Sample } from "../sample.ts";

export interface Keys {
  readonly secret: string;
  readonly signingSecret: string;
}

const pemsOf = (pair: { publicKey: KeyObject; privateKey: KeyObject }): Keys => ({
  secret: pair.publicKey.export({ type: "spki", format: "pem" }).toString(),
  signingSecret: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
});

export const makeKeys: Readonly<Record<HttpSignatureAlgorithm, (name: string) => Keys>> = {
  "hmac-sha256": (name) => {
    const secret = Buffer.from(name.padEnd(32, "-")).toString("base64");
    return { secret, signingSecret: secret };
  },
  ed25519: () => pemsOf(generateKeyPairSync("ed25519")),
  "rsa-pss-sha512": () => pemsOf(generateKeyPairSync("rsa", { modulusLength: 2048 })),
  "rsa-v1_5-sha256": () => pemsOf(generateKeyPairSync("rsa", { modulusLength: 2048 })),
  "ecdsa-p256-sha256": () => pemsOf(generateKeyPairSync("ec", { namedCurve: "P-256" })),
  "ecdsa-p384-sha384": () => pemsOf(generateKeyPairSync("ec", { namedCurve: "P-384" })),
};

const body = JSON.stringify({
  id: "evt-1",
  type: "order.cancelled",
  version: 1,
  occurred_at: "2026-07-25T17:20:00.000Z",
  data: { order_id: "O-1", reason: "out of stock" },
});

const sampleOf = (algorithm: HttpSignatureAlgorithm): Sample => ({
  sender: httpSignatures,
  scheme: `rfc9421-${algorithm}`,
  ...makeKeys[algorithm]("ours"),
  other: makeKeys[algorithm]("other").secret,
  headers: { "content-type": "application/json" },
  body,
  sign: async ({ atMs, ...request }) => ({
    headers: await signHttp({ ...request, algorithm, createdS: atMs / 1000 }),
  }),
  proof: { header: "signature" },
  covers: {
    body: true,
    method: true,
    url: true,
    headers: ["signature-input", "content-digest", "content-type"],
    time: { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1000 },
  },
});

const known = makeKeys.ed25519("");

export const samples: readonly Sample[] = [
  sampleOf("ed25519"),
  sampleOf("hmac-sha256"),
  sampleOf("rsa-pss-sha512"),
  sampleOf("rsa-v1_5-sha256"),
  sampleOf("ecdsa-p256-sha256"),
  sampleOf("ecdsa-p384-sha384"),
  {
    ...sampleOf("ed25519"),
    scheme: "rfc9421-known-answer",
    ...known,
    sign: async ({ atMs, ...request }) => {
      const components = ["@method", "content-type"];
      const createdS = atMs / 1000;
      return {
        headers: await signHttp({ ...request, algorithm: "ed25519", createdS, components }),
      };
    },
    covers: {
      body: false,
      method: true,
      url: false,
      headers: ["signature-input", "content-type"],
    },
  },
];
