import { decode, type Encoding } from "./bytes.ts";
import { checkFitting, checkKeySet, keysFor } from "./key-set.ts";
import { type PublicKeyAlgorithm, publicKey } from "./keys.ts";

const SECRET_CHARS_MIN = 8;
/** 128 bits: less can be guessed. */
const SECRET_BYTES_MIN = 16;

/** What is wrong with a secret that is used as the text it is. */
export function checkTextSecret(secret: string): string | undefined {
  if (/\s/.test(secret)) return "The secret contains white space: was it copied whole?";
  if (secret.length >= SECRET_CHARS_MIN) return undefined;
  return `The secret has ${secret.length} characters, fewer than ${SECRET_CHARS_MIN}`;
}

/** The key that a secret's text encodes. People type hex in any case. */
export const keyBytes = (secret: string, encoding: Encoding): Uint8Array | undefined =>
  decode(secret, encoding === "hex" ? "hex-any" : encoding);

/** What is wrong with a secret whose text is decoded to the key. */
export function checkEncodedSecret(secret: string, encoding: Encoding): string | undefined {
  const bytes = keyBytes(secret, encoding);
  if (bytes === undefined) return `The secret is not ${encoding}`;
  if (bytes.length >= SECRET_BYTES_MIN) return undefined;
  return `The secret has ${bytes.length} bytes, fewer than ${SECRET_BYTES_MIN}`;
}

/**
 * What is wrong with the form of a public key. Whether it fits its algorithm shows when it is
 * imported, which takes a promise.
 */
export function checkPublicKey(secret: string): string | undefined {
  if (/PRIVATE KEY/.test(secret) || /"d"\s*:/.test(secret)) {
    return "This is a private key: it stays with the sender, store its public key";
  }
  const text = secret.trim();
  const fault = checkKeySet(text);
  if (fault !== undefined) return fault;
  const isArmoured = /^-----BEGIN (?:PUBLIC KEY|CERTIFICATE)-----[\s\S]+-----END /.test(text);
  const isKnown = isArmoured || text.startsWith("{") || decode(text, "base64") !== undefined;
  return isKnown
    ? undefined
    : "The secret is no PEM of a public key or certificate, JWK, JWK Set or base64";
}

/** What is wrong with a public key that its form does not show: whether it fits its algorithm. */
export async function tryPublicKey(
  secret: string,
  algorithm: PublicKeyAlgorithm,
): Promise<string | undefined> {
  const fault = checkFitting(secret, algorithm);
  if (fault !== undefined) return fault;
  try {
    for (const { text } of keysFor(secret, algorithm)) await publicKey(text, algorithm);
    return undefined;
  } catch {
    return `The key cannot be used for ${algorithm}`;
  }
}
