import * as z from "zod";
import { TenantAccess } from "../../src/edge/tenant-access.ts";
import { TenantQuotas } from "../../src/edge/tenant-quotas.ts";
import { EVERY_PERMISSION } from "../../src/core/access.ts";
import { ROLES } from "../../src/edge/control/directory.ts";
import { Id, Instant, Violation } from "./parts.ts";

export const Tenant = z.strictObject({
  tenant: z.string(),
  name: z.string(),
  mode: z.enum(["mirror", "gateway_final"]),
  currency: z.string(),
  jurisdiction: z.enum(["eu", "us"]).optional(),
  core: z.strictObject({ url: z.string(), source: z.string().optional() }).optional(),
  access: TenantAccess,
  quotas: TenantQuotas,
  created_at: Instant,
  updated_at: Instant,
});

export const Source = z.strictObject({
  source: z.string(),
  sender: z.string(),
  options: z.record(z.string(), z.unknown()),
  auth: z.strictObject({
    scheme: z.string(),
    secrets: z.array(z.string()).describe("The last four characters of each"),
    url: z.string().optional(),
  }),
  state: z.enum(["active", "paused"]),
  paused_at: Instant.optional(),
  created_at: Instant,
  updated_at: Instant,
});

export const Key = z.strictObject({
  key_id: Id,
  prefix: z.string().optional().describe("What the key begins with; none of a certificate"),
  certificate_sha256: z.string().optional().describe("Of a client certificate, in a key's stead"),
  role: z.enum(ROLES),
  subject: Id.optional(),
  label: z.string().optional(),
  scopes: z
    .array(z.enum(EVERY_PERMISSION))
    .optional()
    .describe("The permissions that it is narrowed to; absent where its role has them all"),
  created_at: Instant,
  expires_at: Instant.optional(),
  last_used_at: Instant.optional().describe("Within an hour; absent before its first use"),
});

export const NewKey = z.strictObject({
  ...Key.shape,
  key: z
    .string()
    .optional()
    .describe("The key itself: shown this once. Absent where a certificate is the credential"),
});

export const NewLink = z.strictObject({
  url: z.string().describe("The distributor's own page; the token stands behind `#`"),
  token: z.string().describe("Goes as a bearer token, too"),
  expires_at: Instant,
  scopes: z
    .array(z.enum(EVERY_PERMISSION))
    .describe("What it shows: no more than whoever made it may see"),
});

export const AuditEntry = z.strictObject({
  audit_id: Id,
  at: Instant,
  actor: z.string().describe("`admin_token`, `key:{key_id}` or `jwt:{sub}`"),
  action: z.string(),
  target: z.string(),
  detail: z.record(z.string(), z.unknown()),
});

const ExplainedEvent = z.strictObject({
  id: Id,
  type: z.string().optional(),
  key: z.string().optional(),
  seq: z.int().optional(),
  rev: z.string().optional(),
  occurred_at: Instant.optional(),
  code: z.string().optional(),
  errors: z.array(Violation).optional(),
});

export const Explanation = z.strictObject({
  verdict: z.enum(["accepted", "refused", "quarantined"]),
  reason: z.string().optional(),
  steps: z.array(z.strictObject({ step: z.string(), ok: z.boolean(), detail: z.string() })),
  events: z.array(ExplainedEvent),
});

export const Health = z.strictObject({
  status: z.literal("ok"),
  version: z.string(),
  environment: z.string(),
});

export const Accepted = z.strictObject({
  accepted: z.array(z.strictObject({ id: Id.describe("The sender's"), event_id: Id })),
  quarantined: z.array(z.strictObject({ id: Id, code: z.string(), errors: z.array(Violation) })),
});
