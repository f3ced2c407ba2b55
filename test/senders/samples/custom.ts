import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import { custom } from "#src/senders/custom.ts";
import type { Proof, Sample, Unsigned } from "../sample.ts";
import { signHttp } from "../../../scripts/signing/http-signatures.ts";
import { makeKeys } from "./http-signatures.ts";
import { bearerJwt } from "./jwt.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

/** What a product of nobody's knowledge sends. */
const body = JSON.stringify({
  sent_at: "2026-07-25T17:20:00Z",
  events: [
    { uid: 17, kind: "order.void", at: 1_785_000_000, order: { no: "O-1" }, why: "out of stock" },
    { uid: 18, kind: "order.void", at: 1_785_000_001, order: { no: "O-2" }, why: "fraud" },
  ],
});

export const reading = {
  list: "events",
  id: "uid",
  type: "kind",
  occurred_at: { path: "at", as: "instant_s" },
  rules: [
    {
      type: "order.cancelled",
      when: { $type: "order.void" },
      fields: { order_id: "order.no", reason: "why" },
    },
  ],
};

const given = { sender: custom, scheme: "custom", body, followsOptions: true } as const;
const optionsBy = (recipe: object) => ({ ...reading, recipe });
const all = { body: true, method: false, url: false, headers: [] };

/** A shop of our own making: `X-Sig: sha256=<hex>` over `timestamp.body`. */
export const stamped = {
  kind: "signature",
  header: "X-Sig",
  grammar: { kind: "bare", prefix: "sha256=" },
  encoding: "hex",
  algorithm: "hmac-sha256",
  signed: "{timestamp}.{body}",
  time: { unit: "s", age_max: 300, ahead_max: 60, header: "X-Sig-Time" },
};
const secret = "4f1c0e7d9a2b5c6d7e8f";
const other = "00000000000000000000";

const hmac = (key: string, text: string) => createHmac("sha256", key).update(text);

const bySignature = (
  recipe: object,
  rest: Pick<Sample, "covers"> & {
    readonly header: string;
    readonly sign: (request: Unsigned) => Proof;
  } & Partial<Omit<Sample, "sign">>,
): Sample => {
  const { header, sign: make, ...others } = rest;
  return {
    ...given,
    secret,
    other,
    proof: { header },
    ...others,
    options: optionsBy(recipe),
    sign: async (request) => make(request),
  };
};

const time = { ageMsMax: 300_000, aheadMsMax: 60_000, unitMs: 1000 };
const pair = generateKeyPairSync("ed25519");
const pemOf = (key: ReturnType<typeof generateKeyPairSync>["publicKey"]) =>
  key.export({ type: "spki", format: "pem" }).toString();
const privatePem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
const setOf = (...keys: readonly ReturnType<typeof generateKeyPairSync>["publicKey"][]) =>
  JSON.stringify({ keys: keys.map((key) => key.export({ format: "jwk" })) });
const signed9421 = makeKeys.ed25519("");

export const samples: readonly Sample[] = [
  bySignature(stamped, {
    header: "x-sig",
    covers: { ...all, headers: ["x-sig-time"], time },
    sign: ({ secret: key, atMs, body: text }) => {
      const stamp = String(atMs / 1000);
      const mac = hmac(key, `${stamp}.${text}`).digest("hex");
      return { headers: { "x-sig": `sha256=${mac}`, "x-sig-time": stamp } };
    },
  }),
  bySignature(
    {
      ...stamped,
      grammar: { kind: "fields", signature: "s", timestamp: "t", separator: ";" },
      encoding: "base64url",
      signed: "{method}|{url}|{header:x-topic}|{timestamp}|{body}",
      time: { unit: "ms", age_max: 300_000, ahead_max: 60_000 },
    },
    {
      header: "x-sig",
      headers: { "x-topic": "orders" },
      covers: {
        ...all,
        method: true,
        url: true,
        headers: ["x-topic"],
        time: { ...time, unitMs: 1 },
      },
      sign: ({ secret: key, atMs, method, url, body: text }) => {
        const mac = hmac(key, `${method}|${url}|orders|${atMs}|${text}`).digest("base64url");
        return { headers: { "x-topic": "orders", "x-sig": `t=${atMs};s=${mac}` } };
      },
    },
  ),
  bySignature(
    {
      kind: "signature",
      header: "x-sig",
      encoding: "hex",
      algorithm: "sha256",
      signed: "{secret}{body}",
    },
    {
      header: "x-sig",
      covers: all,
      sign: ({ secret: key, body: text }) => ({
        headers: {
          "x-sig": createHash("sha256")
            .update(key + text)
            .digest("hex"),
        },
      }),
    },
  ),
  bySignature(
    {
      kind: "signature",
      header: ["x-new-sig", "x-sig"],
      grammar: { kind: "list", separator: " ", prefix: "ed25519=" },
      encoding: "base64",
      algorithm: "ed25519",
      signed: "{body}",
    },
    {
      header: "x-sig",
      covers: all,
      secret: pemOf(pair.publicKey),
      other: pemOf(generateKeyPairSync("ed25519").publicKey),
      signingSecret: privatePem,
      sign: ({ secret: key, body: text }) => ({
        headers: {
          "x-sig": `ed25519=${sign(null, Buffer.from(text), key).toString("base64")}`,
        },
      }),
    },
  ),
  bySignature(
    {
      kind: "signature",
      header: "x-sig",
      encoding: "base64",
      algorithm: "ecdsa-p256-sha256",
      form: "der",
      signed: "{body}",
    },
    {
      header: "x-sig",
      covers: all,
      secret: setOf(generateKeyPairSync("ed25519").publicKey, curve.publicKey),
      other: setOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey),
      signingSecret: curve.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      sign: ({ secret: key, body: text }) => ({
        headers: { "x-sig": sign("sha256", Buffer.from(text), key).toString("base64") },
      }),
    },
  ),
  {
    ...given,
    ...signed9421,
    other: makeKeys.ed25519("").secret,
    options: optionsBy({ kind: "rfc9421", algorithm: "ed25519" }),
    headers: { "content-type": "application/json" },
    sign: async ({ atMs, ...request }) => ({
      headers: await signHttp({ ...request, algorithm: "ed25519", createdS: atMs / 1000 }),
    }),
    proof: { header: "signature" },
    covers: {
      body: true,
      method: true,
      url: true,
      headers: ["signature-input", "content-digest", "content-type"],
      time: { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1000 },
    },
  },
  {
    ...given,
    ...headerShown("custom", "x-key"),
    options: optionsBy({ kind: "token", header: "X-Key" }),
  },
  { ...given, ...bearerShown, scheme: "custom", options: optionsBy({ kind: "bearer" }) },
  { ...given, ...basicShown, scheme: "custom", options: optionsBy({ kind: "basic" }) },
  { ...given, ...bearerJwt, scheme: "custom", options: optionsBy({ kind: "jwt" }) },
  { ...given, ...certificateShown, scheme: "custom", options: optionsBy({ kind: "mtls" }) },
  { ...given, ...urlShown, scheme: "custom", options: optionsBy({ kind: "url" }) },
];
