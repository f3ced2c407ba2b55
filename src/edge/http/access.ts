import type { MiddlewareHandler } from "hono";
import { EVERY_TENANT, may, type Permission, type Place } from "../../core/access.ts";
import type { Caller } from "../control/directory.ts";
import { createCredentials, type CredentialPorts } from "./credentials.ts";
import { problem } from "./problem.ts";
import { faultsOfPath } from "./places.ts";
import { type ApiContext, type ApiEnv, IDENTIFIER, type Route } from "./route.ts";
import { createThrottle, type ThrottlePorts } from "./throttle.ts";

export interface AccessPorts extends Omit<ThrottlePorts, "directory">, CredentialPorts {}

/**
 * Makes the guard of a route. In this order, so that nothing can be learned early: who calls
 * (401), how often (429), is there such a place for this caller (404), may its role (403), can
 * anything have such a name (400).
 */
export function createAccess(ports: AccessPorts) {
  const callerOf = createCredentials(ports);
  const throttle = createThrottle(ports);

  return function requires(
    permission: Permission,
    { path, createsTenant, isOfCaller }: Pick<Route, "path" | "createsTenant" | "isOfCaller">,
  ): MiddlewareHandler<ApiEnv> {
    return async (c, next) => {
      const flooded = throttle.admit(c);
      if (flooded !== undefined) return flooded;
      const caller = await callerOf(c).catch(async (error: unknown) => {
        await throttle.fail(c);
        throw error;
      });
      if (caller === undefined) {
        throttle.forget(c);
        await throttle.fail(c);
        return problem("unauthorized");
      }
      c.set("caller", caller);
      const spent = await throttle.spend(c, caller);
      if (spent !== undefined) return spent;

      const refusal = await refuse(ports, c, {
        caller,
        permission,
        path,
        createsTenant: createsTenant === true,
        isOfCaller: isOfCaller === true,
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
  readonly isOfCaller: boolean;
}

async function refuse(
  { directory }: AccessPorts,
  c: ApiContext,
  { caller, permission, path, createsTenant, isOfCaller }: Asked,
): Promise<Response | undefined> {
  const isOfAll = isOfCaller && caller.tenant === EVERY_TENANT;
  const place = placeOf(c, isOfCaller ? caller : undefined);
  const access = may(caller, permission, place);
  if (access === "hidden") return problem("not_found");
  if (access === "forbidden") return problem("forbidden");
  if (createsTenant || isOfAll) return undefined;
  return findTenant(directory, c, { name: place.tenant, path });
}

/** What a request is about: what its path names, or where that names no tenant the caller's own. */
function placeOf(c: ApiContext, caller: Caller | undefined): Place {
  const tenant = caller?.tenant ?? c.req.param("tenant") ?? "";
  const distributorId = c.req.param("distributor");
  return distributorId === undefined ? { tenant } : { tenant, distributorId };
}

async function findTenant(
  directory: AccessPorts["directory"],
  c: ApiContext,
  { name, path }: { readonly name: string; readonly path: string },
): Promise<Response | undefined> {
  // What no tenant can be called is looked for nowhere.
  const tenant = IDENTIFIER.test(name) ? await directory.tenant(name) : undefined;
  if (tenant === undefined) return problem("not_found");
  c.set("tenant", tenant);
  const errors = faultsOfPath(path, c.get("address"));
  return errors.length > 0 ? problem("parameter_invalid", { errors }) : undefined;
}
