import { equalBytes } from "./bytes.ts";
import type { Match } from "./checks.ts";
import { PUBLIC_KEY_ALGORITHMS, type PublicKeyAlgorithm, publicKey } from "./keys.ts";

/** What somebody claims: that one of the candidates is a signature of the bytes. */
export interface Claim {
  readonly bytes: Uint8Array;
  readonly candidates: readonly Uint8Array[];
}

/**
 * Whether this is a signature of the bytes. What cannot be one, by its length or by how it is
 * written, is none: workerd throws there where Node answers false, and a stranger's text must
 * neither look like an outage of ours nor hide the good signature behind it.
 */
export async function isSignature(
  algorithm: SubtleCryptoSignAlgorithm | string,
  key: CryptoKey,
  signature: Uint8Array,
  bytes: Uint8Array,
): Promise<boolean> {
  try {
    return await crypto.subtle.verify(algorithm, key, signature, bytes);
  } catch {
    return false;
  }
}

/** One pass over the body, however many signatures a stranger lists. */
export async function matchHmac(key: CryptoKey, { bytes, candidates }: Claim): Promise<Match> {
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) {
    return (await isSignature("HMAC", key, only, bytes)) ? "matched" : "mismatched";
  }
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  return matchBytes(mac, candidates);
}

/** Whether one of the candidates is a signature of the bytes under one of some public keys' texts. */
export async function matchPublicKey(
  algorithm: PublicKeyAlgorithm,
  keys: readonly string[],
  claim: Claim,
): Promise<Match> {
  let match: Match = "unusable";
  for (const text of keys) {
    const key = await usableKey(() => publicKey(text, algorithm));
    if (key === undefined) continue;
    match = await matchKey(PUBLIC_KEY_ALGORITHMS[algorithm].verify, key, claim);
    if (match === "matched") return match;
  }
  return match;
}

/** The same under one key. */
export async function matchKey(
  algorithm: SubtleCryptoSignAlgorithm,
  key: CryptoKey,
  { bytes, candidates }: Claim,
): Promise<Match> {
  for (const candidate of candidates) {
    if (await isSignature(algorithm, key, candidate, bytes)) return "matched";
  }
  return "mismatched";
}

/** A key that cannot be imported is no reason to refuse what another one signed. */
export async function usableKey(load: () => Promise<CryptoKey>): Promise<CryptoKey | undefined> {
  try {
    return await load();
  } catch {
    return undefined;
  }
}

export async function matchDigest({ bytes, candidates }: Claim): Promise<Match> {
  return matchBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), candidates);
}

/** Whether one of the candidates is this very MAC or digest. */
export function matchBytes(ours: Uint8Array, candidates: readonly Uint8Array[]): Match {
  const matches = candidates.filter((candidate) => equalBytes(ours, candidate));
  return matches.length > 0 ? "matched" : "mismatched";
}
