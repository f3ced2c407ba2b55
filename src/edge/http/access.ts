import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { EVERY_TENANT, may, type Permission } from "../../core/access.ts";
import type { Caller, Directory } from "../control/directory.ts";
import { problem } from "./problem.ts";
import { faultsOfPath } from "./places.ts";
import { ADMIN_TOKEN_ID, type ApiContext, type ApiEnv, type Route } from "./route.ts";
import { createThrottle, RATE_REQUESTS, RATE_SECONDS, type ThrottlePorts } from "./throttle.ts";

const TOKEN_CHARS_MAX = 512;
const API_KEY = /^upl_[0-9A-Za-z]{8}_[0-9A-Za-z]{32,64}$/;

export interface AccessPorts extends ThrottlePorts {
  readonly adminToken: string;
  readonly directory: Pick<Directory, "caller" | "tenant">;
}

/** The SHA-256 of a credential, hex: what is stored and compared in its stead. */
export const hashOf = (credential: string): string =>
  createHash("sha256").update(credential).digest("hex");

/**
 * Makes the guard of a route. In this order, so that nothing can be learned early: who calls
 * (401), how often (429), is there such a place for this caller (404), may its role (403), can
 * anything have such a name (400).
 */
export function createAccess(ports: AccessPorts) {
  const { directory, nowMs } = ports;
  const adminHash = hashOf(ports.adminToken);
  const isThrottled = createThrottle(ports);

  async function callerOf(token: string): Promise<Caller | undefined> {
    const hash = hashOf(token);
    // Over digests: their length tells nothing of the token's.
    if (timingSafeEqual(Buffer.from(hash), Buffer.from(adminHash))) {
      return { tenant: EVERY_TENANT, keyId: ADMIN_TOKEN_ID, role: "admin" };
    }
    return API_KEY.test(token) ? directory.caller(hash, nowMs()) : undefined;
  }

  return function requires(
    permission: Permission,
    { path, createsTenant }: Pick<Route, "path" | "createsTenant">,
  ): MiddlewareHandler<ApiEnv> {
    return async (c, next) => {
      const token = tokenOf(c);
      if (await isThrottled(throttleKey(c, token))) return rateLimited();
      const caller = token === undefined ? undefined : await callerOf(token);
      if (caller === undefined) return problem("unauthorized");
      c.set("caller", caller);

      const refusal = await refuse(ports, c, {
        caller,
        permission,
        path,
        createsTenant: createsTenant === true,
      });
      if (refusal !== undefined) return refusal;
      return next();
    };
  };
}

interface Asked {
  readonly caller: Caller;
  readonly permission: Permission;
  /** The route's pattern. */
  readonly path: string;
  readonly createsTenant: boolean;
}

async function refuse(
  { directory }: AccessPorts,
  c: ApiContext,
  { caller, permission, path, createsTenant }: Asked,
): Promise<Response | undefined> {
  const name = c.req.param("tenant") ?? "";
  const distributorId = c.req.param("distributor");
  const place = distributorId === undefined ? { tenant: name } : { tenant: name, distributorId };
  const access = may(caller, permission, place);
  if (access === "hidden") return problem("not_found");
  if (access === "forbidden") return problem("forbidden");
  if (createsTenant) return undefined;

  const tenant = await directory.tenant(name);
  if (tenant === undefined) return problem("not_found");
  c.set("tenant", tenant);
  const errors = faultsOfPath(path, c.req.url);
  return errors.length > 0 ? problem("parameter_invalid", { errors }) : undefined;
}

function tokenOf(c: ApiContext): string | undefined {
  const header = c.req.header("Authorization") ?? "";
  if (header.length > TOKEN_CHARS_MAX) return undefined;
  return /^Bearer +([^\s]+)$/i.exec(header)?.[1];
}

// Whoever brings no credential shares the limit of its address.
const throttleKey = (c: ApiContext, token: string | undefined): string =>
  token === undefined
    ? `address:${c.req.header("CF-Connecting-IP") ?? "unknown"}`
    : `credential:${hashOf(token)}`;

// The binding counts without telling how much is left: the headers say what is certain.
const rateLimited = (): Response =>
  problem("rate_limited", {
    headers: {
      "Retry-After": String(RATE_SECONDS),
      "RateLimit-Policy": `"api";q=${RATE_REQUESTS};w=${RATE_SECONDS}`,
      RateLimit: `"api";r=0;t=${RATE_SECONDS}`,
    },
  });
