import * as z from "zod";
import { EVERY_PERMISSION, type Permission } from "../../core/access.ts";
import type { Caller, Tenant } from "../control/directory.ts";

const PREFIX = "upt_";
const TOKEN = /^upt_([\w-]{1,1024})\.([\w-]{43})$/;
const NONCE_BYTES = 12;

const utf8 = new TextEncoder();

/** What a link grants: one distributor's own page, for a while. */
export interface Link {
  readonly distributorId: string;
  readonly expiresMs: number;
  readonly scopes: readonly Permission[];
  readonly isMasked: boolean;
}

/** Short names, as the token stands in an address. */
const Claims = z.strictObject({
  d: z.string().min(1),
  e: z.int(),
  s: z.array(z.enum(EVERY_PERMISSION)),
  m: z.literal(1).exactOptional(),
  n: z.string(),
});

type Owner = Pick<Tenant, "tenant" | "linkKey">;

/** A token for a link: its claims and their HMAC under the tenant's own key. Stored nowhere. */
export async function signLink({ tenant, linkKey }: Owner, link: Link): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const claims: z.infer<typeof Claims> = {
    d: link.distributorId,
    e: link.expiresMs,
    s: [...link.scopes],
    ...(link.isMasked ? { m: 1 } : {}),
    n: Buffer.from(nonce).toString("base64url"),
  };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  const mac = await crypto.subtle.sign("HMAC", linkKey, signed(tenant, text));
  return `${PREFIX}${text}.${Buffer.from(mac).toString("base64url")}`;
}

export const isLinkToken = (token: string): boolean => token.startsWith(PREFIX);

/** Who calls with a link's token; nothing where it is another tenant's, changed or over. */
export async function callerByLink(
  { tenant, linkKey }: Owner,
  token: string,
  nowMs: number,
): Promise<Caller | undefined> {
  const [, text = "", mac = ""] = TOKEN.exec(token) ?? [];
  const given = Buffer.from(mac, "base64url");
  // Bits that fill no byte would be dropped: a changed character would be the same token.
  if (text === "" || given.toString("base64url") !== mac) return undefined;
  // WebCrypto compares in constant time.
  if (!(await crypto.subtle.verify("HMAC", linkKey, given, signed(tenant, text)))) return undefined;
  const claims = Claims.safeParse(JSON.parse(Buffer.from(text, "base64url").toString())).data;
  if (claims === undefined || claims.e <= nowMs) return undefined;
  const { d: subject, e: expiresMs, s: scopes, m } = claims;
  const isMasked = m === 1;
  return {
    tenant,
    keyId: `link:${subject}`,
    role: "distributor",
    subject,
    scopes,
    isMasked,
    expiresMs,
  };
}

const signed = (tenant: string, text: string): Uint8Array => utf8.encode(`${tenant}\n${text}`);
