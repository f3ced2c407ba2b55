import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import { EVERY_TENANT } from "../../core/access.ts";
import { exponentOf } from "../../core/money.ts";
import type { Jurisdiction } from "../shards.ts";
import { TenantAccess } from "../tenant-access.ts";
import { QUOTAS, TenantQuotas } from "../tenant-quotas.ts";
import type { Caller, Mode } from "../control/directory.ts";
import type { ControlReader, Marked, Reading } from "../reading.ts";
import { invalidAt, readJson } from "./body.ts";
import { labelText } from "./label-text.ts";
import { problem } from "./problem.ts";
import { refuseAccess } from "./tenant-jwt.ts";
import { readQuery } from "./query.ts";
import { answerControl, controlBookmark, controlReaderOf } from "./reader.ts";
import type { Act } from "../act.ts";
import { actOf, type ApiContext, IDENTIFIER, param, type Route } from "./route.ts";
import { isPublicHost, WebAddress } from "../web-address.ts";

const AUTH_CHARS_MAX = 8192;

interface TenantSettings {
  readonly tenant: string;
  readonly name: string;
  readonly mode: Mode;
  readonly currency: string;
  readonly jurisdiction?: Jurisdiction;
  readonly coreUrl?: string;
  readonly coreSource?: string;
  readonly access: TenantAccess;
  readonly quotas: TenantQuotas;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** What the routes of tenants need to be stored. */
interface Tenants {
  /** From the primary. */
  get(tenant: string): Promise<TenantSettings | undefined>;
  read(reader: ControlReader): Promise<Reading<TenantSettings | undefined>>;
  put(write: TenantWrite, act: Act): Promise<TenantPut>;
}

/** `kept`: the quotas that are stored stay. */
interface TenantWrite extends Omit<TenantBody, "quotas"> {
  readonly tenant: string;
  readonly quotas?: TenantQuotas | "kept";
}

type TenantPut =
  | ({
      readonly kind: "created" | "updated";
      readonly tenant: TenantSettings;
      readonly shard: number;
    } & Marked)
  | { readonly kind: "fixed"; readonly field: "currency" | "jurisdiction" }
  | { readonly kind: "auth_missing" | "deleted" | "jurisdiction_unavailable" | "raced" }
  | { readonly kind: "mode_in_use"; readonly by: keyof typeof IN_USE };

const TenantBody = z.strictObject({
  name: labelText("Names the tenant to people", 200),
  mode: z.enum(["mirror", "gateway_final"]),
  currency: z.string().refine((code) => exponentOf(code) !== undefined, {
    message: "Must be a currency of ISO 4217",
    params: { rule: "currency" },
  }),
  jurisdiction: z.enum(["eu", "us"]).exactOptional(),
  core: z
    .strictObject({
      url: WebAddress,
      auth: z.string().min(1).max(AUTH_CHARS_MAX).exactOptional(),
      // It may be created later: a tenant is here before its sources.
      source: z
        .string()
        .refine((name) => IDENTIFIER.test(name), {
          message: `Must match ${IDENTIFIER.source}`,
          params: { rule: "format" },
        })
        .exactOptional(),
    })
    .exactOptional(),
  access: TenantAccess.exactOptional(),
  quotas: TenantQuotas.exactOptional(),
});
type TenantBody = Readonly<z.infer<typeof TenantBody>>;

export interface TenantPorts {
  readonly tenants: Tenants;
  readonly environment: string;
  readonly nowMs: () => number;
}

/** `PUT GET /v1/tenants/{t}` */
export function tenantRoutes({ tenants, environment, nowMs }: TenantPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant";

  async function put(c: ApiContext): Promise<Response> {
    const tenant = param(c, "tenant");
    if (!IDENTIFIER.test(tenant)) return identifierInvalid("tenant");
    const body = await readJson(c, TenantBody);
    if (!body.ok) return body.refusal;
    const caller = c.get("caller");
    const isOwn = caller.tenant !== EVERY_TENANT;
    // Only a tenant's own credentials are asked what they change.
    const stored = isOwn ? await tenants.get(tenant) : undefined;
    const refusal = await refuseSettings(body.value, { caller, environment, stored });
    if (refusal !== undefined) return refusal;
    // Not as they were read: whoever runs the deployment may change them meanwhile.
    const write = { tenant, ...body.value, ...(isOwn ? { quotas: "kept" as const } : {}) };
    return answer(await tenants.put(write, actOf(c, nowMs())));
  }

  async function get(c: ApiContext): Promise<Response> {
    const query = readQuery(c, z.object({}));
    if (!query.ok) return query.refusal;
    const reader = controlReaderOf(c);
    if (!reader.ok) return reader.refusal;
    const read = await tenants.read(reader.value);
    return read.value === undefined
      ? problem("not_found")
      : answerControl(c, show(read.value), read);
  }

  return [
    { method: "PUT", path, permission: "tenant:write", createsTenant: true, handle: put },
    { method: "GET", path, permission: "tenant:read", handle: get },
  ];
}

interface Setting {
  readonly caller: Caller;
  readonly environment: string;
  /** For a tenant's own credentials. */
  readonly stored: TenantSettings | undefined;
}

/** What the schema cannot say of the settings: nothing where all is well. */
async function refuseSettings(
  { access = {}, core, quotas }: TenantBody,
  { caller, environment, stored }: Setting,
): Promise<Response | undefined> {
  const isOwn = caller.tenant !== EVERY_TENANT;
  const changed = isOwn ? refuseQuotas(quotas, stored?.quotas ?? {}) : undefined;
  if (changed !== undefined) return changed;
  const refusal = await refuseAccess(access, { caller, environment, known: stored?.access.jwt });
  if (refusal !== undefined) return refusal;
  const fault = faultOfCore(core?.url, environment);
  return fault === undefined ? undefined : invalidAt("core.url", "url", fault);
}

/** What a tenant may use up is set by whoever runs the deployment. It can be sent back as it was read. */
function refuseQuotas(asked: TenantQuotas | undefined, stored: TenantQuotas) {
  const changed = asked && QUOTAS.filter((name) => asked[name] !== stored[name]);
  if (changed === undefined || changed.length === 0) return undefined;
  const message = "Is changed by ADMIN_TOKEN alone: leave quotas out, or send them as they are";
  const errors = changed.map((name) => ({ path: `quotas.${name}`, rule: "fixed", message }));
  return problem("forbidden", { errors });
}

/** Where cores of one's own machine are asked, without TLS. */
const LOCAL = "local";

/** The gateway shows its credential there: to nobody between, and to nothing inside a network. */
function faultOfCore(url: string | undefined, environment: string): string | undefined {
  if (url === undefined || environment === LOCAL) return undefined;
  if (URL.parse(url)?.protocol !== "https:") return "Must be an https address";
  return isPublicHost(url) ? undefined : "Must be an address that can be reached from outside";
}

function answer(put: TenantPut): Response {
  if ("tenant" in put) {
    const status = put.kind === "created" ? 201 : 200;
    return Response.json(show(put.tenant), { status, headers: controlBookmark(put, put) });
  }
  if (put.kind === "fixed") {
    return problem("conflict", {
      errors: [{ path: put.field, rule: "fixed", message: "Cannot change after creation" }],
    });
  }
  if (put.kind === "mode_in_use") {
    return problem("conflict", {
      errors: [{ path: "mode", rule: "in_use", message: IN_USE[put.by] }],
    });
  }
  return REFUSALS[put.kind]();
}

/** Why a mode cannot change now, and what to wait for. */
const IN_USE = {
  pending:
    "Cannot change while the gateway has pending lines: the core has to confirm them, or they become void 72 h after their period is closed",
  held: "Cannot change while the gateway has held lines: wait for their holdback to end",
  running: "Cannot change while a run is on its way: wait for its end",
};

/** Two writes at once: the second one has to see what the first one did. */
export const changedMeanwhile = (): Response =>
  problem("conflict", { detail: "It was changed meanwhile: read it and try again" });

const REFUSALS = {
  auth_missing: () => invalidAt("core.auth", "required", "Is required with a new address"),
  jurisdiction_unavailable: () =>
    invalidAt("jurisdiction", "unavailable", "Is served by no shard of this deployment"),
  deleted: () =>
    problem("conflict", {
      errors: [{ path: "tenant", rule: "deleted", message: "Is being deleted, or was" }],
    }),
  raced: changedMeanwhile,
};

/** A name that nothing of a tenant can have, nor it itself, where one would be created. */
export const identifierInvalid = (path: string): Response =>
  problem("parameter_invalid", {
    errors: [{ path, rule: "format", message: `Must match ${IDENTIFIER.source}` }],
  });

function show(settings: TenantSettings) {
  const { tenant, name, mode, currency, jurisdiction, access, quotas } = settings;
  const { coreUrl: url, coreSource: source } = settings;
  return {
    tenant,
    name,
    mode,
    currency,
    jurisdiction,
    core: url === undefined ? undefined : { url, source },
    access,
    quotas,
    created_at: formatInstant(settings.createdMs),
    updated_at: formatInstant(settings.updatedMs),
  };
}
