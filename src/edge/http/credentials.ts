import { timingSafeEqual } from "node:crypto";
import { EVERY_TENANT } from "../../core/access.ts";
import { isCompact } from "../../jwt/compact.ts";
import type { Caller, Directory } from "../control/directory.ts";
import { certificateHash, hashOf } from "../control/hash.ts";
import { NotLookedUp } from "../control/not-looked-up.ts";
import { type Bearer, bearerOf } from "./bearer.ts";
import { clientCertificate } from "./client-certificate.ts";
import { callerByJwt, JWT_CHARS_MAX, type JwtPorts } from "./jwt.ts";
import { callerByLink, isLinkToken } from "./link-token.ts";
import { ADMIN_TOKEN_ID, type ApiContext, IDENTIFIER, param } from "./route.ts";

/** Of everything but a JWT. */
const TOKEN_CHARS_MAX = 2048;
const API_KEY = /^upl_[0-9A-Za-z]{8}_[0-9A-Za-z]{32,64}$/;
const FINGERPRINT = /^[0-9a-f]{64}$/;

/** Each use would be a write: this often tells whether anybody still needs a key. */
export const USE_NOTED_MS = 3_600_000;
const NOTED_MAX = 5000;

export interface CredentialPorts extends JwtPorts {
  readonly adminToken: string;
  readonly directory: Pick<Directory, "caller" | "tenant">;
  /** Notes that a key was used, apart from the answer. */
  readonly noteUse: (
    key: { readonly tenant: string; readonly keyId: string },
    atMs: number,
  ) => void;
}

/**
 * Who calls; nothing where no credential holds, whatever is wrong with it. A bearer token counts
 * alone where there is one; a client certificate only where there is none.
 */
export function createCredentials(ports: CredentialPorts) {
  const { directory, log, nowMs } = ports;
  const adminDigest = Buffer.from(hashOf(ports.adminToken), "hex");
  const note = noteSeldom(ports);
  const byJwt = callerByJwt(ports);

  // Of any tenant: where nobody can say, 503 tells as little of them as 401, and the owner more.
  async function byKey(name: string, hash: string): Promise<Caller | undefined> {
    const caller = await directory.caller(hash, nowMs()).catch((error: unknown) => {
      if (error instanceof NotLookedUp && error.isKvOut) throw error;
      return nobody(name, error);
    });
    if (caller !== undefined) note(caller);
    return caller;
  }

  // Names made up at once are more than D1 is asked for. What KV does not know is then no credential:
  // an outage would be told of those names alone, and so tell which the others are.
  function nobody(name: string, error: unknown): undefined {
    if (!(error instanceof NotLookedUp)) throw error;
    const tenant = IDENTIFIER.test(name) ? name : undefined;
    log("warn", "access.not_looked_up", { tenant, error });
  }

  // Judged by the tenant of the path: which of them does not exist looks as a wrong credential does.
  async function byTenant(name: string, token: string): Promise<Caller | undefined> {
    if (!IDENTIFIER.test(name)) return undefined;
    const tenant = await directory.tenant(name).catch((error: unknown) => nobody(name, error));
    if (tenant === undefined) return undefined;
    return isLinkToken(token) ? callerByLink(tenant, token, nowMs()) : byJwt(tenant, token);
  }

  async function byToken(
    name: string,
    { token, digest, hash }: Bearer,
  ): Promise<Caller | undefined> {
    const isJwt = isCompact(token);
    if (token.length > (isJwt ? JWT_CHARS_MAX : TOKEN_CHARS_MAX)) return undefined;
    // Over digests: their length tells nothing of the token's.
    if (timingSafeEqual(digest, adminDigest)) {
      return { tenant: EVERY_TENANT, keyId: ADMIN_TOKEN_ID, role: "admin" };
    }
    if (API_KEY.test(token)) return byKey(name, hash);
    return isJwt || isLinkToken(token) ? byTenant(name, token) : undefined;
  }

  return async (c: ApiContext): Promise<Caller | undefined> => {
    const name = param(c, "tenant");
    const bearer = bearerOf(c);
    if (bearer !== undefined) return bearer === "unreadable" ? undefined : byToken(name, bearer);
    const certificate = fingerprintOf(c);
    return certificate === undefined ? undefined : byKey(name, certificateHash(name, certificate));
  };
}

/** Of a certificate that Cloudflare has verified and that is not revoked. */
export function fingerprintOf(c: ApiContext): string | undefined {
  const certificate = clientCertificate(c.req.raw.cf?.["tlsClientAuth"]);
  if (certificate?.verified !== true) return undefined;
  const fingerprint = certificate.fingerprintSha256.toLowerCase();
  return FINGERPRINT.test(fingerprint) ? fingerprint : undefined;
}

function noteSeldom({ noteUse, nowMs }: CredentialPorts) {
  const noted = new Map<string, number>();
  return ({ tenant, keyId }: Caller): void => {
    const name = `${tenant}/${keyId}`;
    const atMs = nowMs();
    if (atMs - (noted.get(name) ?? -Infinity) < USE_NOTED_MS) return;
    if (noted.size >= NOTED_MAX) noted.clear();
    noted.set(name, atMs);
    noteUse({ tenant, keyId }, atMs);
  };
}
