import { errors, type JWTPayload, type JWTVerifyOptions } from "jose";
import { id } from "../../core/contracts/fields.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import {
  type Algorithm,
  ALGORITHMS,
  headerFault,
  headerOf,
  isCanonical,
  verifyBySet,
} from "../../jwt/compact.ts";
import { type Caller, type Role, ROLES, type Tenant } from "../control/directory.ts";
import type { KeySets } from "../control/jwks.ts";
import type { Log } from "../log.ts";
import { JWT_ROLES_DEFAULT, type TenantJwt } from "../tenant-access.ts";

/** Before anything of it is parsed. Providers' tokens have one to three kilobytes. */
export const JWT_CHARS_MAX = 8192;

const KID_CHARS_MAX = 256;
/** `sub` names the caller in the audit trail. */
const SUB = /^[\x21-\x7e]{1,255}$/;

const DISTRIBUTOR_ID = id("A distributor");

export interface JwtPorts {
  readonly keySets: KeySets;
  readonly log: Log;
  readonly nowMs: () => number;
}

/** Why a token is not believed: for the log alone, as all refusals look the same. */
type Judged = Result<Caller, string>;

/**
 * Who calls with a JWT (RFC 7519, RFC 8725), judged by what the tenant of the path says and by no
 * other: nothing in a token says where its keys are, or whose it is.
 */
export const callerByJwt =
  (ports: JwtPorts) =>
  async (tenant: Tenant, token: string): Promise<Caller | undefined> => {
    const { jwt } = tenant.access;
    if (jwt === undefined) return undefined;
    const judged = await judge(ports, { tenant: tenant.tenant, jwt }, token);
    if (judged.ok) return judged.value;
    ports.log("info", "access.jwt_refused", { tenant: tenant.tenant, reason: judged.refusal });
    return undefined;
  };

interface Believed {
  readonly tenant: string;
  readonly jwt: TenantJwt;
}

async function judge(ports: JwtPorts, { tenant, jwt }: Believed, token: string): Promise<Judged> {
  const header = readHeader(token, jwt);
  if (!header.ok) return header;
  const { kid } = header.value;
  const set = await ports.keySets({ tenant, jwt, kid });
  if (set === undefined) return refuse("keys_unavailable");
  // Trying each would let a key stand in for one that was taken back.
  if (kid === undefined && set.size > 1) return refuse("kid_missing");

  const nowMs = ports.nowMs();
  try {
    const { payload } = await verifyBySet(token, set.keyFor, optionsOf(jwt, nowMs));
    return callerOf({ tenant, jwt }, payload, nowMs);
  } catch (error) {
    // jose throws what is no JOSEError over keys that are too short.
    return refuse(error instanceof errors.JOSEError ? error.code : "key_unusable");
  }
}

/** Nothing is proven yet: this much only says whether it is worth looking for a key. */
function readHeader(
  token: string,
  jwt: TenantJwt,
): Result<{ readonly kid: string | undefined }, string> {
  const header = isCanonical(token) ? headerOf(token) : undefined;
  if (header === undefined) return refuse("malformed");
  const fault = headerFault(header);
  if (fault !== undefined) return refuse(fault);
  const { alg, kid } = header;
  if (!algorithmsOf(jwt).some((name) => name === alg)) return refuse("algorithm_not_allowed");
  return isKid(kid) ? ok({ kid }) : refuse("kid_malformed");
}

const algorithmsOf = ({ algorithms }: TenantJwt): readonly Algorithm[] => algorithms ?? ALGORITHMS;

const isKid = (kid: unknown): kid is string | undefined =>
  kid === undefined || (typeof kid === "string" && kid.length <= KID_CHARS_MAX);

function optionsOf(jwt: TenantJwt, nowMs: number): JWTVerifyOptions {
  const { issuer, audience, clock_tolerance_s: clockTolerance, max_token_age_s: age } = jwt;
  const notBefore = jwt.nbf_from_iat ? [] : ["nbf"];
  return {
    issuer,
    audience: typeof audience === "string" ? audience : [...audience],
    algorithms: [...algorithmsOf(jwt)],
    clockTolerance,
    currentDate: new Date(nowMs),
    requiredClaims: ["exp", "sub", ...notBefore, ...(jwt.required_claims ?? [])],
    ...(age === undefined ? {} : { maxTokenAge: age }),
  };
}

function callerOf({ tenant, jwt }: Believed, payload: JWTPayload, nowMs: number): Judged {
  const fault = faultOfTimes(payload, jwt, nowMs);
  if (fault !== undefined) return refuse(fault);
  const { sub, exp = 0 } = payload;
  if (typeof sub !== "string" || !SUB.test(sub)) return refuse("sub_malformed");
  const role = roleOf(payload[jwt.role_claim], jwt.roles ?? JWT_ROLES_DEFAULT);
  if (role === undefined) return refuse("role_unknown");
  // As long as it is believed: a clock that lags is no reason to end an answer early.
  const expiresMs = (exp + jwt.clock_tolerance_s) * 1000;
  const caller = { tenant, keyId: `jwt:${sub}`, role, expiresMs };
  if (role !== "distributor") return ok(caller);
  const subject = DISTRIBUTOR_ID.safeParse(payload[jwt.subject_claim]);
  return subject.success ? ok({ ...caller, subject: subject.data }) : refuse("subject_malformed");
}

/** What jose leaves open: an `iat` in the future, and whether one may stand for an `nbf`. */
function faultOfTimes(
  { iat, nbf }: JWTPayload,
  { clock_tolerance_s: toleranceS }: TenantJwt,
  nowMs: number,
): string | undefined {
  if (iat === undefined) return nbf === undefined ? "nbf_missing" : undefined;
  // A payload is whatever its JSON says, its type notwithstanding.
  if (typeof iat !== "number") return "iat_malformed";
  return iat * 1000 > nowMs + toleranceS * 1000 ? "issued_in_the_future" : undefined;
}

/** The one role that a claim names among those that tokens may bring; of two, neither. */
function roleOf(claim: unknown, allowed: readonly Role[]): Role | undefined {
  const names: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  const known = ROLES.filter((role) => allowed.includes(role) && names.includes(role));
  return known.length === 1 ? known[0] : undefined;
}
