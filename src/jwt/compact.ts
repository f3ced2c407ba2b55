import {
  base64url,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from "jose";

/**
 * What a token may be signed with: none with a shared secret, for a JWKS is public, and a public key
 * would then sign (RFC 8725 §3.1).
 */
export const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

/** Three parts of base64url: a compact JWS (RFC 7515 §3.1). One without signature may be empty there. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

export const isCompact = (text: string): boolean => COMPACT.test(text);

/** jose drops bits that fill no byte: a changed character would be the same token (RFC 4648 §3.5). */
export const isCanonical = (token: string): boolean => token.split(".").every(isCanonicalPart);

function isCanonicalPart(part: string): boolean {
  try {
    return base64url.encode(base64url.decode(part)) === part;
  } catch {
    return false;
  }
}

/** As the token has it: jose has not looked at what `typ` is. */
export interface Header {
  readonly alg?: unknown;
  readonly kid?: unknown;
  readonly crit?: unknown;
  readonly b64?: unknown;
  readonly typ?: unknown;
}

/** The header of a compact JWS; nothing where it has none. Nothing in it is proven yet. */
export function headerOf(token: string): Header | undefined {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}

/** What a token is for: one made for another purpose proves nothing here (RFC 8725 §3.11). */
const TYPES: ReadonlySet<string> = new Set(["jwt", "at+jwt"]);

/**
 * Why a token with this header is not believed, whoever signed it. `jku`, `jwk`, `x5u` and `x5c` are
 * not even read: keys come from where the reader was told that they are (RFC 8725 §3.10).
 */
export function headerFault({ crit, b64, typ }: Header): string | undefined {
  if (crit !== undefined) return '"crit" is not understood';
  if (b64 !== undefined) return '"b64" is not understood';
  if (typ === undefined) return undefined;
  // A media type, whose first part may be left out: RFC 7515 §4.1.9.
  const name = typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : "";
  return TYPES.has(name) ? undefined : 'Its "typ" is neither JWT nor at+jwt';
}

/**
 * Verifies a token by a set of keys: with each that fits, where its `kid` leaves several. Throws as
 * jose does.
 */
export async function verifyBySet(
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    return verifyWithEach(token, error, options);
  }
}

/** A token without `kid` may fit several keys of the set, as while its sender rolls them. */
async function verifyWithEach(
  token: string,
  keys: AsyncIterable<CryptoKey>,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  let mismatch: unknown;
  for await (const key of keys) {
    try {
      return await jwtVerify(token, key, options);
    } catch (error) {
      mismatch = error;
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
    }
  }
  throw mismatch;
}
