import { decode } from "./bytes.ts";
import type { Match } from "./checks.ts";
import { keysFor, type KeyText } from "./key-set.ts";
import { hmacKey, type PublicKeyAlgorithm } from "./keys.ts";
import { keepRecent } from "./recent.ts";
import { checkEncodedSecret, checkPublicKey, tryPublicKey } from "./secrets.ts";
import { matchHmac, matchPublicKey } from "./match.ts";

/** RFC 9421 §3.3 and §6.2.2, by the names of its registry; `rsa-v1_5-sha256` is ours as `rsa-sha256`. */
const ALGORITHMS = {
  "hmac-sha256": "hmac",
  ed25519: "ed25519",
  "rsa-pss-sha512": "rsa-pss-sha512",
  "rsa-v1_5-sha256": "rsa-sha256",
  "ecdsa-p256-sha256": "ecdsa-p256-sha256",
  "ecdsa-p384-sha384": "ecdsa-p384-sha384",
} as const satisfies Record<string, "hmac" | PublicKeyAlgorithm>;

export type HttpSignatureAlgorithm = keyof typeof ALGORITHMS;

const isAlgorithm = (name: string): name is HttpSignatureAlgorithm =>
  Object.hasOwn(ALGORITHMS, name);

export const HTTP_SIGNATURE_ALGORITHMS: readonly HttpSignatureAlgorithm[] =
  Object.keys(ALGORITHMS).filter(isAlgorithm);

/** What a request says of the key it is signed with. */
export interface KeyTold {
  readonly keyid: unknown;
  readonly alg: unknown;
}

/** Fixed by the scheme, never by the request (RFC 9421 §7.3.6); by the form of the key where absent. */
export type Fixed = HttpSignatureAlgorithm | undefined;

const KEYS_MAX = 1000;
const keys = keepRecent<KeyText>(KEYS_MAX);

function keyOf(secret: string): KeyText {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = parseKey(secret);
  keys.set(secret, key);
  return key;
}

/** A JWK is JSON too: only an object with `keyid` and `key` is ours. */
function parseKey(secret: string): KeyText {
  if (!secret.startsWith("{")) return { text: secret };
  try {
    const parsed: unknown = JSON.parse(secret);
    const [kid, text] = [memberOf(parsed, "keyid"), memberOf(parsed, "key")];
    return kid === undefined || text === undefined ? { text: secret } : { kid, text };
  } catch {
    return { text: secret };
  }
}

function memberOf(value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  const member: unknown = Reflect.get(value, name);
  return typeof member === "string" && member !== "" ? member : undefined;
}

const algorithmOf = (fixed: Fixed, { text }: KeyText): HttpSignatureAlgorithm =>
  fixed ?? (text.trim().startsWith("-----BEGIN") ? "ed25519" : "hmac-sha256");

/** Whether this is the name of an algorithm, and the one that the scheme fixes. */
export const isAllowed = (named: unknown, fixed: Fixed): named is HttpSignatureAlgorithm =>
  typeof named === "string" && isAlgorithm(named) && (fixed === undefined || named === fixed);

export function checkHttpKey(fixed: Fixed, secret: string): string | undefined {
  const key = keyOf(secret);
  return algorithmOf(fixed, key) === "hmac-sha256"
    ? checkEncodedSecret(key.text, "base64")
    : checkPublicKey(key.text);
}

export async function tryHttpKey(fixed: Fixed, secret: string): Promise<string | undefined> {
  const key = keyOf(secret);
  const algorithm = ALGORITHMS[algorithmOf(fixed, key)];
  return algorithm === "hmac" ? undefined : tryPublicKey(key.text, algorithm);
}

/** Whether a signature of these bytes is by a secret's key: by the one that the request names. */
export async function matchHttpKey(
  { told, fixed }: { readonly told: KeyTold; readonly fixed: Fixed },
  secret: string,
  { bytes, signature }: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
): Promise<Match> {
  const key = keyOf(secret);
  if (key.text === "") return "unusable";
  const name = algorithmOf(fixed, key);
  if (told.alg !== undefined && told.alg !== name) return "mismatched";

  const isNamed = ({ kid }: KeyText) => kid === undefined || kid === told.keyid;
  if (!isNamed(key)) return "mismatched";
  const algorithm = ALGORITHMS[name];
  if (algorithm === "hmac") return matchShared(key.text, bytes, signature);

  // What the secret says of the key counts before what the key says of itself.
  const known = keysFor(key.text, algorithm);
  const named = key.kid === undefined ? known.filter(isNamed) : known;
  if (known.length > 0 && named.length === 0) return "mismatched";
  const secrets = named.map(({ text }) => text);
  return matchPublicKey(algorithm, secrets, { bytes, candidates: [signature] });
}

async function matchShared(text: string, bytes: Uint8Array, signature: Uint8Array): Promise<Match> {
  const keyBytes = decode(text, "base64");
  if (keyBytes === undefined) return "unusable";
  const imported = await hmacKey(`rfc9421 ${text}`, keyBytes, "SHA-256");
  return matchHmac(imported, { bytes, candidates: [signature] });
}
