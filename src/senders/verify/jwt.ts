import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from "jose";
import * as z from "zod";
import { ALGORITHMS, headerFault, isCanonical, verifyBySet } from "../../jwt/compact.ts";
import { fitsAny } from "../../jwt/public-key.ts";
import { readOne } from "./checks.ts";
import { keepRecent } from "./recent.ts";
import type { Delivery, Scheme, Verify } from "../sender.ts";
import { doubt, found, startTrail, type Found } from "./trail.ts";

const SKEW_S_DEFAULT = 60;
const SKEW_S_MAX = 300;
const KEYS_PER_SET_MAX = 32;
const SECRETS_KEPT_MAX = 200;

/** `Bearer:` is what Debezium Server writes (PROVIDERS 0.4). */
const BEARER = /^bearer:? +([\w-]+\.[\w-]+\.[\w-]*)$/i;

const PublicKey = z
  .looseObject({ kty: z.enum(["RSA", "EC", "OKP"]) })
  .refine((key) => !("d" in key), "holds a private key");

const Secret = z.object({
  jwks: z.object({ keys: z.array(PublicKey).min(1).max(KEYS_PER_SET_MAX) }),
  issuer: z.string().min(1),
  audience: z.string().min(1),
  algorithms: z.array(z.enum(ALGORITHMS)).min(1),
  clock_skew_s: z.int().min(0).max(SKEW_S_MAX).default(SKEW_S_DEFAULT),
});

/** What a secret's text comes to: parsed once, its keys imported once. */
interface Trust {
  readonly keys: JWTVerifyGetKey;
  readonly options: JWTVerifyOptions;
  readonly skewS: number;
}

const trusts = keepRecent<Trust>(SECRETS_KEPT_MAX);

const verify: Verify = async (delivery, auth) => {
  const trail = startTrail();
  const token = trail.note("bearer token", readToken(delivery));
  if (token === undefined) return trail.verdict();

  let refusal: Found<never> = doubt("secret_unusable", "The source has no usable secret");
  for (const [at, secret] of auth.secrets.entries()) {
    const trust = trustOf(secret);
    if (trust === undefined) continue;

    const place = `secret ${at + 1} of ${auth.secrets.length}`;
    const judged = await judge(token, trust, { receivedAtMs: delivery.receivedAtMs, place });
    if (judged.ok) {
      trail.note("token", judged);
      return trail.verdict();
    }
    refusal = judged;
  }
  trail.note("token", refusal);
  return trail.verdict();
};

/**
 * A bearer JWT under pinned keys (RFC 7519, RFC 8725). The token vouches for the sender alone: it
 * does not cover the body.
 */
export const jwtBearer: Scheme = {
  verify,
  covers: "nothing",
  checkSecret(secret) {
    const parsed = parseSecret(secret);
    return typeof parsed === "string" ? parsed : undefined;
  },
  tryKey,
};

/** Each key of the set has to fit one of the algorithms, or no token under it is ever believed. */
async function tryKey(secret: string): Promise<string | undefined> {
  const parsed = parseSecret(secret);
  if (typeof parsed === "string") return parsed;
  for (const [at, key] of parsed.jwks.keys.entries()) {
    if (!(await fitsAny(key, parsed.algorithms))) {
      return `Key ${at + 1} of jwks.keys cannot be used with any of the algorithms`;
    }
  }
  return undefined;
}

function readToken(delivery: Delivery): Found<string> {
  const header = readOne(delivery, "authorization", "token");
  if (!header.ok) return header;
  const [, token] = BEARER.exec(header.value) ?? [];
  if (token === undefined) {
    return doubt("token_invalid", 'Header "authorization" is not "Bearer" and one compact JWS');
  }
  if (!isCanonical(token)) {
    return doubt("token_invalid", "A part of the token is no canonical base64url");
  }
  return found(token, 'Read "authorization": one compact JWS');
}

interface Circumstance {
  readonly receivedAtMs: number;
  readonly place: string;
}

async function judge(
  token: string,
  { keys, options, skewS }: Trust,
  { receivedAtMs, place }: Circumstance,
): Promise<Found<true>> {
  // oxlint-disable-next-line no-restricted-globals -- jose takes its clock as a Date; ours is given
  const currentDate = new Date(receivedAtMs);
  try {
    const { payload, protectedHeader } = await verifyBySet(token, keys, {
      ...options,
      currentDate,
    });
    const fault = headerFault(protectedHeader);
    if (fault !== undefined) return doubt("token_invalid", `${fault}: ${place}`);
    const aheadS = (payload.iat ?? 0) - Math.floor(receivedAtMs / 1000);
    if (aheadS > skewS) {
      return doubt(
        "token_invalid",
        `Issued ${aheadS} s in the future, beyond ${skewS} s: ${place}`,
      );
    }
    return found(true, `${protectedHeader.alg} signature, iss, aud and times hold: ${place}`);
  } catch (error) {
    const fault =
      error instanceof errors.JOSEError ? `${error.code}: ${error.message}` : "unusable";
    return doubt("token_invalid", `${fault}: ${place}`);
  }
}

function trustOf(secret: string): Trust | undefined {
  const known = trusts.get(secret);
  if (known !== undefined) return known;

  const parsed = parseSecret(secret);
  if (typeof parsed === "string") return undefined;

  const { jwks, issuer, audience, algorithms, clock_skew_s: skewS } = parsed;
  const trust: Trust = {
    // Looks `kid` up in this set alone: `jku`, `jwk`, `x5u` and `x5c` of a token are not read.
    keys: createLocalJWKSet(jwks satisfies JSONWebKeySet),
    options: { issuer, audience, algorithms, clockTolerance: skewS, requiredClaims: ["exp"] },
    skewS,
  };
  trusts.set(secret, trust);
  return trust;
}

/** Its fault as a sentence, where the text is no such secret. Quotes none of it. */
function parseSecret(text: string): z.output<typeof Secret> | string {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return "The secret is not JSON text {jwks, issuer, audience, algorithms, clock_skew_s}";
  }
  const parsed = Secret.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `The secret breaks a rule at "${issue?.path.join(".") ?? ""}": ${issue?.code ?? "invalid"}`;
}
