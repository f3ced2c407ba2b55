import * as z from "zod";
import { WebAddress } from "./web-address.ts";

/** Levels of a downline that one answer can show: whoever may see more sees this many. */
export const DOWNLINE_DEPTH_MAX = 50;

const Jwks = z.strictObject({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** Whose tokens a tenant's API believes: RFC 7519, keys by RFC 7517. */
const TenantJwt = z.strictObject({
  issuer: z.string().min(1).max(512),
  audience: z.string().min(1).max(512),
  /** Where the keys are, or the keys themselves: one of the two. */
  jwks_url: WebAddress.exactOptional(),
  jwks: Jwks.exactOptional(),
});

/** What a distributor sees of others. */
const TenantVisibility = z.strictObject({
  /** Levels under itself; 0: nobody. */
  downline_depth: z.int().min(0).max(DOWNLINE_DEPTH_MAX),
});

/** Who may read a tenant's API beside its keys, and what distributors see there. */
export const TenantAccess = z.strictObject({
  jwt: TenantJwt.exactOptional(),
  distributors: TenantVisibility.exactOptional(),
});
export type TenantAccess = Readonly<z.infer<typeof TenantAccess>>;
