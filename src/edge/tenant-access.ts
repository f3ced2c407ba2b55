import * as z from "zod";
import { ALGORITHMS } from "../jwt/compact.ts";
import { faultOfKey } from "../jwt/public-key.ts";
import { hasUserInfo, isPlainText } from "./web-address.ts";

/** Levels of a downline that one answer can show: whoever may see more sees this many. */
export const DOWNLINE_DEPTH_MAX = 50;

/** What a tree shows of somebody, beside where they stand. */
export const TREE_FIELDS = ["name", "status", "rank", "joined_at"] as const;
export type TreeField = (typeof TREE_FIELDS)[number];

export const JWKS_KEYS_MAX = 50;
const ADDRESS_CHARS_MAX = 2048;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether an address is one's own machine: nobody can stand between. */
const isLoopback = (address: string): boolean => LOOPBACK.has(URL.parse(address)?.hostname ?? "");

function isKeyAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || hasUserInfo(text) || !isPlainText(text)) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(text));
}

const KeyAddress = z
  .string()
  .max(ADDRESS_CHARS_MAX)
  .refine(isKeyAddress, {
    message: "Must be an https address without user and password",
    params: { rule: "url" },
  });

const PublicKey = z.looseObject({ kty: z.string() }).superRefine((jwk, context) => {
  const message = faultOfKey(jwk);
  if (message !== undefined) {
    context.addIssue({ code: "custom", message, params: { rule: "public_key" } });
  }
});

const Jwks = z.strictObject({ keys: z.array(PublicKey).min(1).max(JWKS_KEYS_MAX) });

const Text = z.string().min(1).max(512);
const ClaimName = z.string().min(1).max(256);

/** Who a token may make somebody without the tenant having said so. */
export const JWT_ROLES_DEFAULT = [
  "distributor",
  "support",
  "finance",
  "operator",
  "auditor",
] as const;

const JwtRole = z.enum([...JWT_ROLES_DEFAULT, "admin"]);

/** Whose tokens a tenant's API believes: RFC 7519, keys by RFC 7517. */
const TenantJwt = z
  .strictObject({
    issuer: Text.describe("`iss`, to the letter"),
    audience: z
      .union([Text, z.array(Text).min(1).max(20)])
      .describe("`aud`; of several, one must be in the token"),
    jwks_url: KeyAddress.exactOptional().describe("Where the keys are; or `jwks`"),
    jwks: Jwks.exactOptional().describe("The keys themselves; or `jwks_url`"),
    algorithms: z
      .array(z.enum(ALGORITHMS))
      .min(1)
      .max(ALGORITHMS.length)
      .exactOptional()
      .describe("What a token may be signed with; absent, each of these"),
    role_claim: ClaimName.default("role").describe("A role, or a list with one of them"),
    roles: z
      .array(JwtRole)
      .min(1)
      .max(6)
      .exactOptional()
      .describe("The roles a token can bring; absent, each but `admin`"),
    subject_claim: ClaimName.default("sub").describe("The distributor of role `distributor`"),
    clock_tolerance_s: z.int().min(0).max(300).default(30),
    required_claims: z
      .array(ClaimName)
      .max(20)
      .exactOptional()
      .describe("Beside `iss`, `aud`, `exp`, `nbf` and `sub`"),
    max_token_age_s: z
      .int()
      .min(1)
      .max(31_536_000)
      .exactOptional()
      .describe("Since `iat`, which is required then"),
    nbf_from_iat: z
      .boolean()
      .default(false)
      .describe("`iat` stands for an `nbf` that is absent: some providers write none"),
  })
  .superRefine(({ jwks_url: url, jwks }, context) => {
    if ((url === undefined) !== (jwks === undefined)) return;
    const message = "Give one of jwks_url and jwks";
    context.addIssue({ code: "custom", message, path: ["jwks_url"], params: { rule: "one_of" } });
  });
export type TenantJwt = Readonly<z.infer<typeof TenantJwt>>;

/** What a distributor sees of others. */
const TenantVisibility = z.strictObject({
  downline_depth: z
    .int()
    .min(0)
    .max(DOWNLINE_DEPTH_MAX)
    .default(0)
    .describe("Levels under itself; 0: nobody"),
  downline_fields: z
    .array(z.enum(TREE_FIELDS))
    .max(TREE_FIELDS.length)
    .exactOptional()
    .describe("What is shown of each of them; absent, all of these"),
  upline: z.boolean().default(false).describe("Whether it sees who is above it"),
});

/** Who may read a tenant's API beside its keys, and what distributors see there. */
export const TenantAccess = z.strictObject({
  jwt: TenantJwt.exactOptional(),
  distributors: TenantVisibility.exactOptional(),
});
export type TenantAccess = Readonly<z.infer<typeof TenantAccess>>;
