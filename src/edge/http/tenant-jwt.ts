import type { Caller } from "../control/directory.ts";
import { ALGORITHMS } from "../../jwt/compact.ts";
import { fitsAny } from "../../jwt/public-key.ts";
import type { TenantAccess, TenantJwt } from "../tenant-access.ts";
import { isPublicHost } from "../web-address.ts";
import { invalidAt } from "./body.ts";
import { problem } from "./problem.ts";

/** Where addresses of one's own machine and network are taken. */
const LOCAL = "local";

interface Setting {
  readonly caller: Caller;
  readonly environment: string;
  /** Whose tokens are believed so far. */
  readonly known: TenantJwt | undefined;
}

const isSame = (a: TenantJwt | undefined, b: TenantJwt | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** What a schema cannot say of a tenant's access: nothing where all is well. */
export async function refuseAccess(
  { jwt }: Pick<TenantAccess, "jwt">,
  { caller, environment, known }: Setting,
): Promise<Response | undefined> {
  // Whose tokens are believed decides who is an admin: one who was narrowed would be all of it again.
  if (caller.scopes !== undefined && !isSame(jwt, known)) {
    return problem("forbidden", {
      detail: "Credentials with scopes cannot change whose tokens are believed",
    });
  }
  if (jwt === undefined) return undefined;
  // It is fetched from here: it must be no way into the network that this runs in.
  if (jwt.jwks_url !== undefined && environment !== LOCAL && !isPublicHost(jwt.jwks_url)) {
    const message = "Must be an address that can be reached from outside";
    return invalidAt("access.jwt.jwks_url", "url", message);
  }
  return refuseKeys(jwt);
}

/** A key that fits none of the algorithms would only be found out by tokens that nobody believes. */
async function refuseKeys({ jwks, algorithms }: TenantJwt): Promise<Response | undefined> {
  for (const [at, key] of (jwks?.keys ?? []).entries()) {
    if (await fitsAny(key, algorithms ?? ALGORITHMS)) continue;
    const message = "Cannot be used with any of the algorithms";
    return invalidAt(`access.jwt.jwks.keys[${at}]`, "public_key", message);
  }
  return undefined;
}
