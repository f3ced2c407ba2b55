import { importJWK, importSPKI, importX509, type JWK } from "jose";
import { fromBase64 } from "./bytes.ts";
import { keepRecent } from "./recent.ts";
import { fromPem, isPlainSpki } from "./spki.ts";

const KEYS_MAX = 1000;

/**
 * Importing a key for each delivery would double the cost of verifying it. What is kept is the
 * key, never the promise of one: in a Worker a promise belongs to the request that made it.
 */
const keys = keepRecent<CryptoKey>(KEYS_MAX);

export type HmacHash = "SHA-1" | "SHA-256" | "SHA-512";

/** `id` says which secret in which text form: two forms of one text are two keys. */
export const hmacKey = (id: string, bytes: Uint8Array, hash: HmacHash): Promise<CryptoKey> =>
  kept(`${hash} ${id}`, () =>
    crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["sign", "verify"]),
  );

/** Signatures under a public key, and how WebCrypto, jose and a JWK call them. */
export const PUBLIC_KEY_ALGORITHMS = {
  ed25519: { jose: "Ed25519", kty: "OKP", crv: "Ed25519", verify: { name: "Ed25519" } },
  "rsa-sha256": {
    jose: "RS256",
    kty: "RSA",
    crv: undefined,
    verify: { name: "RSASSA-PKCS1-v1_5" },
  },
  "rsa-pss-sha512": {
    jose: "PS512",
    kty: "RSA",
    crv: undefined,
    verify: { name: "RSA-PSS", saltLength: 64 },
  },
  "ecdsa-p256-sha256": {
    jose: "ES256",
    kty: "EC",
    crv: "P-256",
    verify: { name: "ECDSA", hash: "SHA-256" },
  },
  "ecdsa-p384-sha384": {
    jose: "ES384",
    kty: "EC",
    crv: "P-384",
    verify: { name: "ECDSA", hash: "SHA-384" },
  },
} as const;

export type PublicKeyAlgorithm = keyof typeof PUBLIC_KEY_ALGORITHMS;

/**
 * A public key from its text: PEM of a key (SPKI) or a certificate, a JWK, base64 of an SPKI, or
 * base64 of a bare Ed25519 key of 32 bytes. Throws where the text is none of them or does not fit
 * the algorithm.
 */
export const publicKey = (text: string, algorithm: PublicKeyAlgorithm): Promise<CryptoKey> =>
  kept(`${algorithm} ${text}`, () => importPublic(text.trim(), algorithm));

async function importPublic(text: string, algorithm: PublicKeyAlgorithm): Promise<CryptoKey> {
  const { jose } = PUBLIC_KEY_ALGORITHMS[algorithm];
  if (text.startsWith("-----BEGIN CERTIFICATE-----")) return importX509(text, jose);
  if (text.startsWith("-----BEGIN")) return importSpki(fromPem(text), jose);
  if (text.startsWith("{")) {
    const jwk: JWK = JSON.parse(text);
    if (jwk.d !== undefined) throw new Error("Cannot use a private key to verify");
    const key = await importJWK(jwk, jose);
    if (key instanceof Uint8Array) throw new Error("Cannot verify with a symmetric JWK");
    return key;
  }
  const bytes = fromBase64(text);
  if (bytes === undefined) throw new Error("Cannot read a public key: no PEM, JWK or base64");
  if (algorithm === "ed25519" && bytes.length === 32) {
    return crypto.subtle.importKey("raw", bytes, { name: "Ed25519" }, false, ["verify"]);
  }
  return importSpki(bytes, jose);
}

async function importSpki(der: Uint8Array | undefined, jose: string): Promise<CryptoKey> {
  if (der === undefined || !isPlainSpki(der)) throw new Error("Cannot read a public key: no SPKI");
  const text = Buffer.from(der).toString("base64");
  return importSPKI(`-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----`, jose);
}

export const ed25519Key = (id: string, bytes: Uint8Array): Promise<CryptoKey> =>
  kept(`ed25519 ${id}`, () =>
    crypto.subtle.importKey("raw", bytes, { name: "Ed25519" }, false, ["verify"]),
  );

async function kept(id: string, load: () => Promise<CryptoKey>): Promise<CryptoKey> {
  const known = keys.get(id);
  if (known !== undefined) return known;
  const key = await load();
  keys.set(id, key);
  return key;
}
