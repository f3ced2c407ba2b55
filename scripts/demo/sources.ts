import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import {
  signHubspotV3,
  signJwt,
  signStandard,
  signStripe,
  type SignedHeaders,
} from "../signing.ts";
import type { SourceName } from "./event.ts";

/** A source of the company: how it is set up, and how its sender signs. */
export interface DemoSource {
  readonly name: SourceName;
  /** What `PUT …/sources/{source}` is sent. */
  readonly setup: object;
  readonly sign: (delivery: Unsigned) => Promise<SignedHeaders>;
  /** Signs with a key that the gateway does not know. */
  readonly forge: (delivery: Unsigned) => Promise<SignedHeaders>;
}

export interface Unsigned {
  /** Where senders name their deliveries. */
  readonly id: string;
  readonly body: string;
  readonly nowMs: number;
}

/** All four senders, with keys made for this run. */
export async function makeSources(ingestUrl: string): Promise<readonly DemoSource[]> {
  return [core(), await bank(), shop(), crm(`${ingestUrl}/crm`)];
}

const base64Secret = () => `whsec_${randomBytes(32).toString("base64")}`;
const textSecret = () => randomBytes(24).toString("hex");
const seconds = (ms: number) => Math.floor(ms / 1000);

function core(): DemoSource {
  const secret = base64Secret();
  const setup = { sender: "standard", auth: { secrets: [secret] } };
  return { name: "core", setup, sign: asCore(secret), forge: asCore(base64Secret()) };
}

const asCore =
  (secret: string) =>
  ({ id, body, nowMs }: Unsigned) =>
    signStandard({ secret, id, timestampS: seconds(nowMs), body });

const ISSUER = "https://bank.example";
const AUDIENCE = "upline";

async function bank(): Promise<DemoSource> {
  const [known, unknown] = [await makeKey(), await makeKey()];
  const secret = JSON.stringify({
    jwks: { keys: [known.publicKey] },
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ["EdDSA"],
  });
  const signWith =
    (key: string) =>
    ({ nowMs }: Unsigned) =>
      signJwt({
        secret: key,
        issuer: ISSUER,
        audience: AUDIENCE,
        issuedAtS: seconds(nowMs),
        expiresAtS: seconds(nowMs) + 60,
      });
  return {
    name: "bank",
    setup: { sender: "jwt", auth: { secrets: [secret] } },
    sign: signWith(known.privateKey),
    forge: signWith(unknown.privateKey),
  };
}

async function makeKey() {
  const pair = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const names = { kid: "demo", alg: "EdDSA" };
  return {
    publicKey: { ...(await exportJWK(pair.publicKey)), ...names },
    privateKey: JSON.stringify({ ...(await exportJWK(pair.privateKey)), ...names }),
  };
}

function shop(): DemoSource {
  const secret = `whsec_${textSecret()}`;
  const setup = { sender: "stripe", auth: { secrets: [secret] } };
  return { name: "shop", setup, sign: asShop(secret), forge: asShop(textSecret()) };
}

const asShop =
  (secret: string) =>
  ({ body, nowMs }: Unsigned) =>
    signStripe({ secret, timestampS: seconds(nowMs), body });

function crm(url: string): DemoSource {
  const secret = textSecret();
  const signWith =
    (key: string) =>
    ({ body, nowMs }: Unsigned) =>
      signHubspotV3({ secret: key, method: "POST", url, body, timestampMs: nowMs });
  const setup = { sender: "hubspot", auth: { secrets: [secret] } };
  return { name: "crm", setup, sign: signWith(secret), forge: signWith(textSecret()) };
}
