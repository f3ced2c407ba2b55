import { generateKeyPairSync } from "node:crypto";
import { gohighlevel } from "#src/senders/gohighlevel.ts";
import { signGohighlevel } from "../../../scripts/signing/gohighlevel.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

const makePair = () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    pem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    spki: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    signing: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
};

export const pair = makePair();

/** The same body, told at another moment: it stands inside. */
export const toldAt = (body: string, atMs: number): string =>
  body.replace(/("timestamp": ?)"[^"]*"/, `$1"${new Date(atMs).toISOString()}"`);

export const samples: readonly Sample[] = [pair.pem, pair.spki].map((secret) => ({
  sender: gohighlevel,
  scheme: "ghl-ed25519",
  secret,
  other: makePair().pem,
  signingSecret: pair.signing,
  body: payload("gohighlevel-contact-create.json"),
  options: { location_ids: ["ve9EPM428h8vShlRW1KT"] },
  sign: async ({ secret: key, atMs, body: untimed }) => {
    const body = toldAt(untimed, atMs);
    return { body, headers: signGohighlevel({ secret: key, body }) };
  },
  proof: { header: "x-ghl-signature" },
  covers: {
    body: true,
    method: false,
    url: false,
    headers: [],
    time: { ageMsMax: 7_200_000, aheadMsMax: 300_000, unitMs: 1 },
  },
}));
