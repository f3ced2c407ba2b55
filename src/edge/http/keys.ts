import * as z from "zod";
import { EVERY_PERMISSION, foreignScopes, mayGive, type Permission } from "../../core/access.ts";
import { id } from "../../core/contracts/fields.ts";
import { formatInstant, parseInstant } from "../../core/contracts/instant.ts";
import { type Role, ROLES } from "../control/directory.ts";
import { certificateHash, hashOf } from "../control/hash.ts";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import { invalidAt, readJson } from "./body.ts";
import { limitReached } from "./limits.ts";
import { labelText } from "./label-text.ts";
import { answerWholeList } from "./listing.ts";
import { problem } from "./problem.ts";
import { controlBookmark } from "./reader.ts";
import type { Act } from "../act.ts";
import { actOf, type ApiContext, param, type Route } from "./route.ts";
import { changedMeanwhile } from "./tenants.ts";

const ID_CHARS = 8;
/** 40 of 62 characters: 238 bits. */
const SECRET_CHARS = 40;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

interface KeySettings {
  readonly keyId: string;
  readonly role: Role;
  readonly subject?: string;
  readonly label?: string;
  readonly scopes?: readonly string[];
  /** SHA-256 of a client certificate, hex: then there is no key to bring. */
  readonly certificate?: string;
  readonly createdMs: number;
  readonly expiresMs?: number;
  /** Within an hour. */
  readonly lastUsedMs?: number;
}

interface KeyWrite extends Omit<KeySettings, "createdMs" | "lastUsedMs"> {
  readonly tenant: string;
  readonly hash: string;
}

/** What the routes of API keys need to be stored: a key's hash, never the key. */
interface Keys {
  create(write: KeyWrite, act: Act): Promise<KeyCreation>;
  revoke(
    name: { tenant: string; keyId: string },
    act: Act,
  ): Promise<({ readonly kind: "revoked" } & Marked) | { readonly kind: "missing" }>;
  list(reader: ControlReader, part: Part<string>): Promise<Reading<readonly KeySettings[]>>;
}

/** `taken`: a live key of the tenant has this certificate. */
type KeyCreation =
  | ({ readonly kind: "created"; readonly key: KeySettings } & Marked)
  | { readonly kind: "raced" }
  | { readonly kind: "taken" }
  | { readonly kind: "full"; readonly limit: number };

export interface KeyPorts {
  readonly keys: Keys;
  readonly nowMs: () => number;
}

const KeyBody = z.strictObject({
  role: z.enum(ROLES),
  subject: id("The core's id of the distributor the key speaks for").exactOptional(),
  label: labelText("What the key is for", 100).exactOptional(),
  expires_at: z
    .string()
    .refine((text) => parseInstant(text) !== undefined, {
      message: "Must be an RFC 3339 date-time",
      params: { rule: "format" },
    })
    .exactOptional(),
  scopes: z.array(z.enum(EVERY_PERMISSION)).min(1).max(EVERY_PERMISSION.length).exactOptional(),
  certificate_sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, "Must be the SHA-256 of a certificate, 64 hex digits")
    .exactOptional(),
});
type KeyBody = z.infer<typeof KeyBody>;

/** `/v1/tenants/{t}/keys` */
export function keyRoutes(ports: KeyPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant/keys";
  const { keys, nowMs } = ports;

  function list(c: ApiContext): Promise<Response> {
    return answerWholeList(c, keys, { show, at: placeOf });
  }

  async function revoke(c: ApiContext): Promise<Response> {
    const name = { tenant: param(c, "tenant"), keyId: param(c, "key") };
    const revocation = await keys.revoke(name, actOf(c, nowMs()));
    if (revocation.kind === "missing") return problem("not_found");
    const headers = controlBookmark(c.get("tenant"), revocation);
    return new Response(null, { status: 204, headers });
  }

  return [
    { method: "POST", path, permission: "key:write", handle: (c) => createKey(ports, c) },
    { method: "GET", path, permission: "key:read", handle: list },
    { method: "DELETE", path: `${path}/:key`, permission: "key:write", handle: revoke },
  ];
}

async function createKey({ keys, nowMs }: KeyPorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, KeyBody);
  if (!body.ok) return body.refusal;
  const atMs = nowMs();
  const refusal = refuseKey(body.value, atMs) ?? refuseGift(c, body.value);
  if (refusal !== undefined) return refusal;

  const { key, ...write } = newKey(param(c, "tenant"), body.value);
  const created = await keys.create(write, actOf(c, atMs));
  if (created.kind === "raced") return changedMeanwhile();
  if (created.kind === "taken") return certificateTaken();
  if (created.kind === "full") return limitReached("keys", created.limit);
  // Shown this once: not even the one who made it can read it again.
  const headers = { "Cache-Control": "no-store", ...controlBookmark(c.get("tenant"), created) };
  return Response.json({ ...show(created.key), key }, { status: 201, headers });
}

const certificateTaken = (): Response =>
  problem("conflict", {
    errors: [
      {
        path: "certificate_sha256",
        rule: "unique",
        message: "Is another key's already: revoke that one first",
      },
    ],
  });

/** A certificate is a credential itself; without one, a key is made up. */
function newKey(tenant: string, body: KeyBody): KeyWrite & { readonly key: string | undefined } {
  const keyId = randomText(ID_CHARS);
  const certificate = body.certificate_sha256?.toLowerCase();
  const settings = { ...settingsOf(body), tenant, keyId };
  if (certificate !== undefined) {
    const hash = certificateHash(tenant, certificate);
    return { ...settings, certificate, hash, key: undefined };
  }
  const key = `${prefixOf(keyId)}_${randomText(SECRET_CHARS)}`;
  return { ...settings, hash: hashOf(key), key };
}

function settingsOf({ role, subject, label, scopes, expires_at: expiresAt }: KeyBody) {
  const expiresMs = expiresAt === undefined ? undefined : parseInstant(expiresAt);
  return {
    role,
    ...(subject === undefined ? {} : { subject }),
    ...(label === undefined ? {} : { label }),
    ...(scopes === undefined ? {} : { scopes: ordered(scopes) }),
    ...(expiresMs === undefined ? {} : { expiresMs }),
  };
}

/** Each once, in one order: two keys of the same scopes show the same list. */
const ordered = (scopes: readonly Permission[]): readonly Permission[] =>
  EVERY_PERMISSION.filter((name) => scopes.includes(name));

function refuseKey(body: KeyBody, atMs: number): Response | undefined {
  const { role, expires_at: expiresAt, scopes = [] } = body;
  if (expiresAt !== undefined && (parseInstant(expiresAt) ?? 0) <= atMs) {
    return invalidAt("expires_at", "future", "Must be in the future");
  }
  const [foreign] = foreignScopes(role, scopes);
  if (foreign !== undefined) {
    return invalidAt(`scopes[${foreign}]`, "not_in_role", `Is no permission of the role ${role}`);
  }
  return refuseSubject(body);
}

/** Who was narrowed cannot make a key that is not: it would be that key at once. */
function refuseGift(c: ApiContext, { role, scopes }: KeyBody): Response | undefined {
  const given = { role, ...(scopes === undefined ? {} : { scopes }) };
  if (mayGive(c.get("caller"), given)) return undefined;
  return problem("forbidden", { detail: "These credentials cannot give what they have not" });
}

function refuseSubject({ role, subject }: KeyBody): Response | undefined {
  if (role === "distributor" && subject === undefined) {
    return invalidAt("subject", "required", "Is required: the distributor the key speaks for");
  }
  if (role !== "distributor" && subject !== undefined) {
    return invalidAt("subject", "unexpected", "Is for keys of role distributor alone");
  }
  return undefined;
}

/** What a key begins with: enough to tell which one somebody holds, and of no use to anybody. */
const prefixOf = (keyId: string): string => `upl_${keyId}`;

const placeOf = ({ keyId }: KeySettings): string => keyId;

const instant = (atMs: number | undefined) =>
  atMs === undefined ? undefined : formatInstant(atMs);

function show(key: KeySettings) {
  const { keyId, role, subject, label, scopes, certificate } = key;
  return {
    key_id: keyId,
    prefix: certificate === undefined ? prefixOf(keyId) : undefined,
    certificate_sha256: certificate,
    role,
    subject,
    label,
    scopes,
    created_at: formatInstant(key.createdMs),
    expires_at: instant(key.expiresMs),
    last_used_at: instant(key.lastUsedMs),
  };
}

/** Uniform over {@link BASE62}: bytes past its last whole multiple are thrown away. */
function randomText(chars: number): string {
  const even = 256 - (256 % BASE62.length);
  let text = "";
  while (text.length < chars) {
    const bytes = crypto.getRandomValues(new Uint8Array(chars));
    for (const byte of bytes) {
      if (byte < even && text.length < chars) text += BASE62.charAt(byte % BASE62.length);
    }
  }
  return text;
}
