import { base64url, importJWK, type JWK } from "jose";
import type { Algorithm } from "./compact.ts";

/** RFC 7518 §3.3 asks for 2048 bits; what is far longer only makes each token dear to look at. */
const RSA_BITS_MIN = 2048;
const RSA_BITS_MAX = 8192;

const CURVES: Readonly<Record<string, readonly string[]>> = {
  EC: ["P-256", "P-384", "P-521"],
  OKP: ["Ed25519"],
};

/** What only the owner of a key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] as const;

/** A key of a JWK Set as it came: members of any type. */
export type KeyMembers = Readonly<Record<string, unknown>>;

/** Why no token is believed by this key; quotes nothing of it. Nothing where it will do. */
export function faultOfKey(jwk: KeyMembers): string | undefined {
  const { kty, crv, use, n } = jwk;
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) {
    return "Must be a public key: it holds a secret part";
  }
  if (use !== undefined && use !== "sig") return "Must be a key for signatures";
  if (kty === "RSA") return faultOfModulus(n);
  const curves = typeof kty === "string" ? CURVES[kty] : undefined;
  if (curves === undefined) return "Must be of the type RSA, EC or OKP";
  return typeof crv === "string" && curves.includes(crv)
    ? undefined
    : `Must be on the curve ${curves.join(", ")}`;
}

function faultOfModulus(n: unknown): string | undefined {
  const bits = typeof n === "string" ? bitsOf(n) : 0;
  if (bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX) return undefined;
  return `Must have from ${RSA_BITS_MIN} to ${RSA_BITS_MAX} bits`;
}

function bitsOf(text: string): number {
  try {
    const bytes = base64url.decode(text);
    const first = bytes.findIndex((byte) => byte !== 0);
    return first < 0 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24);
  } catch {
    return 0;
  }
}

/** Whether a key can be used with one of the algorithms at all. */
export async function fitsAny(jwk: JWK, algorithms: readonly Algorithm[]): Promise<boolean> {
  for (const algorithm of algorithms) {
    if (jwk.alg !== undefined && jwk.alg !== algorithm) continue;
    try {
      await importJWK(jwk, algorithm);
      return true;
    } catch {
      // Another algorithm of the list may be the one it is for.
    }
  }
  return false;
}
