import * as z from "zod";
import { formatInstant, parseInstant } from "../../core/contracts/instant.ts";
import { type Role, ROLES } from "../control/directory.ts";
import { hashOf } from "./access.ts";
import { invalidAt, readJson } from "./body.ts";
import { pageOf, readPage } from "./cursor.ts";
import { problem } from "./problem.ts";
import { type Act, actOf, type ApiContext, param, type Route } from "./route.ts";
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
  readonly createdMs: number;
  readonly expiresMs?: number;
}

interface KeyWrite extends Omit<KeySettings, "createdMs"> {
  readonly tenant: string;
  readonly hash: string;
}

/** What the routes of API keys need to be stored: a key's hash, never the key. */
interface Keys {
  create(write: KeyWrite, act: Act): Promise<KeySettings | "raced">;
  revoke(name: { tenant: string; keyId: string }, act: Act): Promise<"revoked" | "missing">;
  list(tenant: string, page: { after?: string; limit: number }): Promise<readonly KeySettings[]>;
}

export interface KeyPorts {
  readonly keys: Keys;
  readonly nowMs: () => number;
}

const KeyBody = z.strictObject({
  role: z.enum(ROLES),
  subject: z.string().min(1).max(128).exactOptional(),
  label: z.string().trim().min(1).max(100).exactOptional(),
  expires_at: z
    .string()
    .refine((text) => parseInstant(text) !== undefined, {
      message: "Must be an RFC 3339 date-time",
      params: { rule: "format" },
    })
    .exactOptional(),
});

/** `/v1/tenants/{t}/keys` */
export function keyRoutes(ports: KeyPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant/keys";
  const { keys, nowMs } = ports;

  async function list(c: ApiContext): Promise<Response> {
    const page = readPage(c, z.string());
    if (!page.ok) return page.refusal;
    const { limit } = page.value;
    const rows = await keys.list(param(c, "tenant"), { ...page.value, limit: limit + 1 });
    return Response.json(pageOf(rows, page.value, { show, at: ({ keyId }) => keyId }));
  }

  async function revoke(c: ApiContext): Promise<Response> {
    const name = { tenant: param(c, "tenant"), keyId: param(c, "key") };
    const revocation = await keys.revoke(name, actOf(c, nowMs()));
    return revocation === "missing" ? problem("not_found") : new Response(null, { status: 204 });
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
  const { expires_at: expiresAt, ...stated } = body.value;
  const expiresMs = expiresAt === undefined ? undefined : parseInstant(expiresAt);
  if (expiresMs !== undefined && expiresMs <= atMs) {
    return invalidAt("expires_at", "future", "Must be in the future");
  }
  const refusal = refuseSubject(stated);
  if (refusal !== undefined) return refusal;

  const keyId = randomText(ID_CHARS);
  const key = `upl_${keyId}_${randomText(SECRET_CHARS)}`;
  const expiry = expiresMs === undefined ? {} : { expiresMs };
  const write = { ...stated, ...expiry, tenant: param(c, "tenant"), keyId, hash: hashOf(key) };
  const created = await keys.create(write, actOf(c, atMs));
  if (created === "raced") return changedMeanwhile();
  // Shown this once: not even the one who made it can read it again.
  const headers = { "Cache-Control": "no-store" };
  return Response.json({ ...show(created), key }, { status: 201, headers });
}

function refuseSubject({ role, subject }: { role: Role; subject?: string }): Response | undefined {
  if (role === "distributor" && subject === undefined) {
    return invalidAt("subject", "required", "Is required: the distributor the key speaks for");
  }
  if (role !== "distributor" && subject !== undefined) {
    return invalidAt("subject", "unexpected", "Is for keys of role distributor alone");
  }
  return undefined;
}

function show({ keyId, role, subject, label, createdMs, expiresMs }: KeySettings) {
  return {
    key_id: keyId,
    role,
    subject,
    label,
    created_at: formatInstant(createdMs),
    expires_at: expiresMs === undefined ? undefined : formatInstant(expiresMs),
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
