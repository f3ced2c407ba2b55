import { keepRecent } from "./recent.ts";

const KEYS_MAX = 1000;

/**
 * Importing a key for each delivery would double the cost of verifying it. What is kept is the
 * key, never the promise of one: in a Worker a promise belongs to the request that made it.
 */
const keys = keepRecent<CryptoKey>(KEYS_MAX);

/** `id` says which secret in which text form: two forms of one text are two keys. */
export const hmacSha256Key = (id: string, bytes: Uint8Array): Promise<CryptoKey> =>
  load(`hmac-sha256 ${id}`, bytes, { name: "HMAC", hash: "SHA-256" });

export const ed25519Key = (id: string, bytes: Uint8Array): Promise<CryptoKey> =>
  load(`ed25519 ${id}`, bytes, { name: "Ed25519" });

async function load(
  id: string,
  bytes: Uint8Array,
  algorithm: { readonly name: string; readonly hash?: string },
): Promise<CryptoKey> {
  const known = keys.get(id);
  if (known !== undefined) return known;

  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]);
  keys.set(id, key);
  return key;
}
