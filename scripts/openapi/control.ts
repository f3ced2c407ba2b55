import * as z from "zod";
import { TenantAccess } from "../../src/edge/tenant-access.ts";
import { TenantQuotas } from "../../src/edge/tenant-quotas.ts";
import { EVERY_PERMISSION } from "../../src/core/access.ts";
import { ROLES } from "../../src/edge/control/directory.ts";
import { Captured } from "../../src/edge/http/captured.ts";
import { RotateBody, SourceBody } from "../../src/edge/http/source-body.ts";
import { IDENTIFIER } from "../../src/edge/http/route.ts";
import type { Operation } from "./operation.ts";

const AT = "2026-07-01T10:00:00.000Z";
const EVENT_ID = "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";

// tenants.ts and keys.ts keep their schemas to themselves: these say the same.
const TenantBody = z.strictObject({
  name: z.string().min(1).max(200),
  mode: z.enum(["mirror", "gateway_final"]),
  currency: z.string().describe("ISO 4217; cannot change"),
  jurisdiction: z.enum(["eu", "us"]).optional().describe("Cannot change"),
  core: z
    .strictObject({
      url: z.url(),
      auth: z.string().min(1).max(8192).optional(),
      source: z
        .string()
        .regex(IDENTIFIER)
        .optional()
        .describe("The source whose streams the core counts, where several speak our contract"),
    })
    .optional(),
  access: TenantAccess.exactOptional(),
  quotas: TenantQuotas.exactOptional().describe(
    "What the tenant may use up; changed by ADMIN_TOKEN alone",
  ),
});

const KeyBody = z.strictObject({
  role: z.enum(ROLES),
  subject: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe("Required for the role distributor alone"),
  label: z.string().min(1).max(100).optional(),
  expires_at: z.iso.datetime().optional(),
  scopes: z
    .array(z.enum(EVERY_PERMISSION))
    .min(1)
    .optional()
    .describe("Narrows the key to some of its role's permissions"),
  certificate_sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/)
    .optional()
    .describe("Fingerprint of a client certificate that is the credential; there is no key then"),
});

const tenant = {
  tenant: "acme",
  name: "Acme",
  mode: "mirror",
  currency: "USD",
  core: { url: "https://core.example/api", source: "core" },
  access: { distributors: { downline_depth: 3, upline: false } },
  quotas: { events_per_day: 1_000_000 },
  created_at: AT,
  updated_at: AT,
};

const source = {
  source: "core",
  sender: "standard",
  options: {},
  auth: { scheme: "standard-webhooks-v1", secrets: ["…ZjA="] },
  state: "active",
  created_at: AT,
  updated_at: AT,
};

const key = {
  key_id: "a1B2c3D4",
  prefix: "upl_a1B2c3D4",
  role: "distributor",
  subject: "1001",
  created_at: AT,
};
const changed = ["conflict"] as const;
const write = { permission: "source:write", tag: "Configuration" } as const;

/** Configuration and audit. */
export const CONTROL: Readonly<Record<string, Operation>> = {
  "GET /healthz": {
    id: "getHealth",
    tag: "Public",
    summary: "Whether this Worker runs",
    permission: "public",
    answer: {
      status: 200,
      name: "Health",
      example: { status: "ok", version: "5f2c", environment: "production" },
    },
  },
  "PUT /v1/tenants/{tenant}": {
    id: "putTenant",
    tag: "Configuration",
    summary: "Creates or changes a tenant (201 where it is new)",
    description:
      "Currency and jurisdiction are chosen once. The mode cannot change while lines of the gateway are pending or held, or a run is on its way: 409. `quotas` are changed by ADMIN_TOKEN alone: from the tenant's own credentials those that are stored stay where they are left out, and others than those are 403.",
    permission: "tenant:write",
    body: { schema: TenantBody, example: { name: "Acme", mode: "mirror", currency: "USD" } },
    answer: { status: 200, isMirrored: true, name: "Tenant", example: tenant },
    problems: ["conflict", "parameter_invalid"],
  },
  "GET /v1/tenants/{tenant}": {
    id: "getTenant",
    tag: "Configuration",
    summary: "A tenant",
    permission: "tenant:read",
    answer: { status: 200, isMirrored: true, name: "Tenant", example: tenant },
  },
  "GET /v1/tenants/{tenant}/sources": {
    id: "listSources",
    tag: "Configuration",
    summary: "Sources, by name",
    permission: "source:read",
    answer: { status: 200, isMirrored: true, isList: true, name: "Source", example: source },
  },
  "GET /v1/tenants/{tenant}/sources/{source}": {
    id: "getSource",
    tag: "Configuration",
    summary: "A source",
    permission: "source:read",
    answer: { status: 200, isMirrored: true, name: "Source", example: source },
  },
  "PUT /v1/tenants/{tenant}/sources/{source}": {
    ...write,
    id: "putSource",
    summary: "Creates or changes a source (201 where it is new)",
    body: {
      schema: SourceBody,
      example: { sender: "standard", auth: { secrets: ["whsec_MDEyMzQ1Njc4OWFiY2RlZg=="] } },
    },
    answer: { status: 200, isMirrored: true, name: "Source", example: source },
    problems: ["conflict", "limit_reached", "parameter_invalid"],
  },
  "DELETE /v1/tenants/{tenant}/sources/{source}": {
    ...write,
    id: "deleteSource",
    summary: "Removes a source",
    answer: { status: 204, isMirrored: true },
    problems: changed,
  },
  "POST /v1/tenants/{tenant}/sources/{source}/rotate": {
    ...write,
    id: "rotateSource",
    summary: "Adds a secret and keeps so many of the older ones",
    description: "A secret that is gone can still be believed for 60 s.",
    body: { schema: RotateBody, example: { secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZg==", keep: 1 } },
    answer: { status: 200, isMirrored: true, name: "Source", example: source },
    problems: changed,
  },
  "POST /v1/tenants/{tenant}/sources/{source}/pause": {
    ...write,
    id: "pauseSource",
    summary: "Holds what arrives, answering 202",
    answer: {
      status: 200,
      isMirrored: true,
      name: "Source",
      example: { ...source, state: "paused", paused_at: AT },
    },
    problems: changed,
  },
  "POST /v1/tenants/{tenant}/sources/{source}/resume": {
    ...write,
    id: "resumeSource",
    summary: "Goes on, and lets in what was held",
    answer: { status: 200, isMirrored: true, name: "Source", example: source },
    problems: changed,
  },
  "POST /v1/tenants/{tenant}/sources/{source}/explain": {
    id: "explainDelivery",
    tag: "Configuration",
    summary: "Judges a captured request, step by step; nothing is enqueued",
    permission: "source:read",
    body: {
      schema: Captured,
      example: {
        method: "POST",
        url: "https://gateway.example/in/acme/core",
        headers: { "webhook-id": "msg_1" },
        body: "{}",
        received_at: AT,
      },
    },
    answer: {
      status: 200,
      name: "Explanation",
      example: {
        verdict: "refused",
        reason: "signature_missing",
        steps: [{ step: "method", ok: true, detail: "Got POST, takes POST" }],
        events: [],
      },
    },
  },
  "POST /v1/tenants/{tenant}/keys": {
    id: "createKey",
    tag: "Configuration",
    summary: "Makes an API key, shown this once, or names a client certificate",
    description:
      "Scopes narrow a key to some of its role's permissions. Whoever makes a key must have what it can do: otherwise 403.",
    permission: "key:write",
    body: { schema: KeyBody, example: { role: "distributor", subject: "1001" } },
    answer: {
      status: 201,
      isMirrored: true,
      name: "NewKey",
      example: { ...key, key: "upl_a1B2c3D4_0123456789abcdefghijABCDEFGHIJ0123456789" },
    },
    problems: ["conflict", "limit_reached"],
  },
  "GET /v1/tenants/{tenant}/keys": {
    id: "listKeys",
    tag: "Configuration",
    summary: "Live API keys, by id",
    permission: "key:read",
    answer: { status: 200, isMirrored: true, isList: true, name: "Key", example: key },
  },
  "DELETE /v1/tenants/{tenant}/keys/{key}": {
    id: "revokeKey",
    tag: "Configuration",
    summary: "Revokes an API key",
    description: "It can still be believed for 60 s.",
    permission: "key:write",
    answer: { status: 204, isMirrored: true },
  },
  "GET /v1/tenants/{tenant}/audit": {
    id: "listAudit",
    tag: "Operation",
    summary: "Who did what, newest first",
    permission: "audit:read",
    answer: {
      status: 200,
      isMirrored: true,
      isList: true,
      name: "AuditEntry",
      example: {
        audit_id: "0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
        at: AT,
        actor: "key:a1B2c3D4",
        action: "held.retry",
        target: `held:${EVENT_ID}`,
        detail: { state: "dead" },
      },
    },
  },
};
