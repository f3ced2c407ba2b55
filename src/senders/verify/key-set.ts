import * as z from "zod";
import { PUBLIC_KEY_ALGORITHMS, type PublicKeyAlgorithm } from "./keys.ts";
import { keepRecent } from "./recent.ts";

/** A provider's set also holds keys that are not for this; each that fits costs a pass over a body. */
const MEMBERS_MAX = 32;
const FITTING_MAX = 8;
const SECRETS_KEPT_MAX = 1000;

const Jwk = z.looseObject({
  kty: z.string(),
  crv: z.string().optional(),
  kid: z.string().optional(),
  alg: z.string().optional(),
  use: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
});
type Jwk = z.output<typeof Jwk>;

const KeySet = z.looseObject({ keys: z.array(Jwk).min(1).max(MEMBERS_MAX) });

/** A key as one secret's text, and what its set calls it. */
export interface KeyText {
  readonly text: string;
  readonly kid?: string;
}

/** The keys of a JWK Set (RFC 7517 §5); nothing where the text is none. */
const membersOf = (text: string): readonly Jwk[] | undefined =>
  KeySet.safeParse(parsed(text)).data?.keys;

function parsed(text: string): unknown {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const kept = keepRecent<readonly KeyText[]>(SECRETS_KEPT_MAX);

/**
 * The keys that a secret's text holds for an algorithm: those of a set that are made for it, or the
 * one that the text is. A JWK, alone or in a set, may say what it is called.
 */
export function keysFor(secret: string, algorithm: PublicKeyAlgorithm): readonly KeyText[] {
  const id = `${algorithm} ${secret}`;
  const known = kept.get(id);
  if (known !== undefined) return known;
  const fitting = fittingOf(secret, algorithm) ?? [single(secret)];
  kept.set(id, fitting);
  return fitting;
}

const fittingOf = (secret: string, algorithm: PublicKeyAlgorithm) =>
  membersOf(secret)
    ?.filter((member) => fits(member, algorithm))
    .slice(0, FITTING_MAX)
    .map(textOf);

function single(secret: string): KeyText {
  const kid = Jwk.safeParse(parsed(secret)).data?.kid;
  return kid === undefined ? { text: secret } : { text: secret, kid };
}

const textOf = (jwk: Jwk): KeyText => ({
  text: JSON.stringify(jwk),
  ...(jwk.kid === undefined ? {} : { kid: jwk.kid }),
});

/** What a key says of itself decides, never a request. RFC 7517 §4.2 to §4.4. */
function fits({ kty, crv, alg, use = "sig", key_ops: ops }: Jwk, algorithm: PublicKeyAlgorithm) {
  const wanted = PUBLIC_KEY_ALGORITHMS[algorithm];
  const mayVerify = use === "sig" && ops?.includes("verify") !== false;
  return kty === wanted.kty && crv === wanted.crv && mayVerify && isNamed(alg, algorithm);
}

/** `EdDSA` is the older name, of any Edwards curve: RFC 8037 §3.1. */
const isNamed = (alg: string | undefined, algorithm: PublicKeyAlgorithm): boolean =>
  alg === undefined ||
  alg === PUBLIC_KEY_ALGORITHMS[algorithm].jose ||
  (alg === "EdDSA" && algorithm === "ed25519");

/** What is wrong with the form of a set, or of what claims to be one: nothing where it is none. */
export function checkKeySet(text: string): string | undefined {
  const value = parsed(text);
  if (typeof value !== "object" || value === null || !("keys" in value)) return undefined;
  const members = membersOf(text);
  if (members === undefined) return `The set must hold 1 to ${MEMBERS_MAX} JWKs in its keys`;
  if (members.some((member) => "k" in member || member.kty === "oct")) {
    return "The set holds a shared key: anybody who reads the set could sign";
  }
  return undefined;
}

/** The same of an algorithm, as far as it shows without importing a key. */
export function checkFitting(secret: string, algorithm: PublicKeyAlgorithm): string | undefined {
  const fitting = membersOf(secret)?.filter((member) => fits(member, algorithm));
  if (fitting === undefined) return undefined;
  if (fitting.length === 0) return `The set holds no key for ${algorithm}`;
  if (fitting.length <= FITTING_MAX) return undefined;
  return `The set holds ${fitting.length} keys for ${algorithm}, more than ${FITTING_MAX}`;
}
