import { importJWK, SignJWT, type JWK } from "jose";

/**
 * Signs requests as senders do. Written from their documents alone and importing nothing of
 * `src/`: a mistake shared with the verifier would hide itself from the tests.
 */
export type SignedHeaders = Readonly<Record<string, string>>;

const utf8 = new TextEncoder();

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

async function hmacSha256(key: Uint8Array, text: string): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, utf8.encode(text)));
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(text)));
}

export interface StandardRequest {
  /** `whsec_…`, or `whsk_…` to sign with an Ed25519 key. */
  readonly secret: string;
  readonly id: string;
  readonly timestampS: number;
  readonly body: string;
  /** Svix names the same three headers its own way. */
  readonly family?: "webhook" | "svix";
}

/** Standard Webhooks v1: https://www.standardwebhooks.com */
export async function signStandard(request: StandardRequest): Promise<SignedHeaders> {
  const key = Buffer.from(request.secret.replace(/^whsec_/, ""), "base64");
  const signed = `${request.id}.${request.timestampS}.${request.body}`;
  return standardHeaders(request, `v1,${toBase64(await hmacSha256(key, signed))}`);
}

/** Standard Webhooks v1a. A `whsk_` secret is the Ed25519 seed and the public key, 64 bytes. */
export async function signStandardAsymmetric(request: StandardRequest): Promise<SignedHeaders> {
  const pair = Buffer.from(request.secret.replace(/^whsk_/, ""), "base64");
  const [seed, publicKey] = [pair.subarray(0, 32), pair.subarray(32)];
  const jwk = {
    kty: "OKP",
    crv: "Ed25519",
    d: seed.toString("base64url"),
    x: publicKey.toString("base64url"),
  };
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, false, ["sign"]);
  const signed = utf8.encode(`${request.id}.${request.timestampS}.${request.body}`);
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key, signed));
  return standardHeaders(request, `v1a,${toBase64(signature)}`);
}

/** A new pair: `whsk_…` for the sender, `whpk_…` for the gateway. */
export async function makeStandardKeys(): Promise<{ whsk: string; whpk: string }> {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("Cannot make an Ed25519 pair: got a single key");
  const jwk = await crypto.subtle.exportKey("jwk", pair.privateKey);
  if (!("d" in jwk) || jwk.d === undefined || jwk.x === undefined) {
    throw new Error("Cannot export an Ed25519 key: it lacks d or x");
  }
  const seed = Buffer.from(jwk.d, "base64url");
  const publicKey = Buffer.from(jwk.x, "base64url");
  return {
    whsk: `whsk_${Buffer.concat([seed, publicKey]).toString("base64")}`,
    whpk: `whpk_${publicKey.toString("base64")}`,
  };
}

const standardHeaders = (
  { id, timestampS, family = "webhook" }: StandardRequest,
  signature: string,
): SignedHeaders => ({
  [`${family}-id`]: id,
  [`${family}-timestamp`]: String(timestampS),
  [`${family}-signature`]: signature,
});

export interface JwtRequest {
  /** A private JWK as JSON text; its `kid` and `alg` go into the token's header. */
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string | string[];
  readonly issuedAtS: number;
  readonly expiresAtS: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A bearer JWT: RFC 7519 by RFC 6750 §2.1. */
export async function signJwt(request: JwtRequest): Promise<SignedHeaders> {
  const jwk: JWK = JSON.parse(request.secret);
  const { alg = "EdDSA", kid } = jwk;
  const token = await new SignJWT({ ...request.claims })
    .setProtectedHeader(kid === undefined ? { alg, typ: "JWT" } : { alg, kid, typ: "JWT" })
    .setIssuer(request.issuer)
    .setAudience(request.audience)
    .setIssuedAt(request.issuedAtS)
    .setExpirationTime(request.expiresAtS)
    .sign(await importJWK(jwk, alg));
  return { authorization: `Bearer ${token}` };
}

export interface StripeRequest {
  readonly secret: string;
  readonly timestampS: number;
  readonly body: string;
}

/** https://docs.stripe.com/webhooks#verify-manually: the secret is used as the text it is. */
export async function signStripe(request: StripeRequest): Promise<SignedHeaders> {
  const { secret, timestampS, body } = request;
  const signature = toHex(await hmacSha256(utf8.encode(secret), `${timestampS}.${body}`));
  return { "stripe-signature": `t=${timestampS},v1=${signature}` };
}

export interface HubspotRequest {
  readonly secret: string;
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

const HUBSPOT_DECODED = ["%3A", "%2F", "%3F", "%40", "%21", "%24"]
  .concat(["%27", "%28", "%29", "%2A", "%2C", "%3B"])
  .map((code) => [code, decodeURIComponent(code)] as const);

/** https://developers.hubspot.com/docs/api/webhooks/validating-requests */
export async function signHubspotV3(
  request: HubspotRequest & { readonly timestampMs: number },
): Promise<SignedHeaders> {
  const { secret, method, body, timestampMs } = request;
  const url = HUBSPOT_DECODED.reduce(
    (text, [code, sign]) => text.replaceAll(code, sign),
    request.url,
  );
  const signed = `${method}${url}${body}${timestampMs}`;
  return {
    "x-hubspot-signature-v3": toBase64(await hmacSha256(utf8.encode(secret), signed)),
    "x-hubspot-request-timestamp": String(timestampMs),
  };
}

export async function signHubspotV2(request: HubspotRequest): Promise<SignedHeaders> {
  const { secret, method, url, body } = request;
  return hubspotHeaders("v2", await sha256(`${secret}${method}${url}${body}`));
}

export async function signHubspotV1(
  request: Pick<HubspotRequest, "secret" | "body">,
): Promise<SignedHeaders> {
  return hubspotHeaders("v1", await sha256(`${request.secret}${request.body}`));
}

const hubspotHeaders = (version: string, digest: Uint8Array): SignedHeaders => ({
  "x-hubspot-signature": toHex(digest),
  "x-hubspot-signature-version": version,
});
