import * as z from "zod";
import type { Violation } from "../../core/contracts/event.ts";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { JsonObject } from "../../core/json.ts";
import { hasMatrix } from "../../core/genealogy/placement-width.ts";
import { parsePlan, type Plan } from "../../core/plans/plan.ts";
import type { Tenant } from "../control/directory.ts";
import { type Message, planTold } from "../message.ts";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import { readJson } from "./body.ts";
import { pageOf, readPage } from "./cursor.ts";
import { PlanBody } from "./plan-body.ts";
import { answerWholeList } from "./listing.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerControl, controlBookmark, controlReaderOf } from "./reader.ts";
import type { Act } from "../act.ts";
import { actOf, type ApiContext, param, type Route } from "./route.ts";
import { type SimulatePorts, simulateRoutes } from "./simulate.ts";
import { changedMeanwhile } from "./tenants.ts";

interface PlanName {
  readonly tenant: string;
  readonly planId: string;
}

type PlanReader = ControlReader & PlanName;

interface PlanVersion {
  readonly planId: string;
  readonly version: number;
  readonly effectiveMs: number;
  readonly createdMs: number;
}

interface StoredPlan extends PlanVersion {
  readonly body: JsonObject;
}

type PlanPut =
  | ({ readonly kind: "created" | "updated" | "unchanged"; readonly plan: StoredPlan } & Marked)
  | { readonly kind: "other_version"; readonly next: number }
  | { readonly kind: "code_taken"; readonly errors: readonly Violation[] }
  | { readonly kind: "currency_paid"; readonly currency: string }
  | { readonly kind: "too_many" | "raced" };

/** What the routes of plans need to be stored. */
interface Plans {
  /** The newest version, or the one that is asked for. */
  get(reader: PlanReader, version?: number): Promise<Reading<StoredPlan | undefined>>;
  /** The newest version of each, by name. */
  list(reader: ControlReader, part: Part<string>): Promise<Reading<readonly StoredPlan[]>>;
  /** Newest first. */
  versions(reader: PlanReader, part: Part<number>): Promise<Reading<readonly PlanVersion[]>>;
  put(write: PlanName & { plan: Plan; version?: number }, act: Act): Promise<PlanPut>;
}

export interface PlanPorts extends SimulatePorts {
  readonly plans: Plans;
  /** Puts a message on the tenant's queue. */
  readonly send: (tenant: Tenant, message: Message) => Promise<void>;
  readonly nowMs: () => number;
}

/** Plans go by names that the core has for them: more letters than ours, none that a path escapes. */
const PLAN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** More would tell a person nothing new. */
const VIOLATIONS_MAX = 100;

export const PlanQuery = z.object({
  version: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, "Must be a whole number from 1")
    .exactOptional(),
});

/** `/v1/tenants/{t}/plans` and what is under it. */
export function planRoutes(ports: PlanPorts): readonly Route[] {
  const list = "/v1/tenants/:tenant/plans";
  const path = `${list}/:plan`;
  const read = { method: "GET", permission: "plan:read" } as const;
  return [
    { ...read, path: list, handle: (c) => listPlans(ports, c) },
    { ...read, path, handle: (c) => getPlan(ports, c) },
    { method: "PUT", permission: "plan:write", path, handle: (c) => putPlan(ports, c) },
    { ...read, path: `${path}/versions`, handle: (c) => listVersions(ports, c) },
    ...simulateRoutes(ports),
  ];
}

function listPlans({ plans }: PlanPorts, c: ApiContext): Promise<Response> {
  return answerWholeList(c, plans, { show, at: ({ planId }: StoredPlan) => planId });
}

async function getPlan({ plans }: PlanPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, PlanQuery);
  if (!query.ok) return query.refusal;
  const reader = controlReaderOf(c);
  if (!reader.ok) return reader.refusal;
  const { version } = query.value;
  const asked = version === undefined ? undefined : Number(version);
  const read = await plans.get({ ...reader.value, planId: param(c, "plan") }, asked);
  return read.value === undefined ? problem("not_found") : answerControl(c, show(read.value), read);
}

async function listVersions({ plans }: PlanPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, z.object({}), { isList: true });
  if (!query.ok) return query.refusal;
  const page = readPage(c, z.int(), query.value);
  if (!page.ok) return page.refusal;
  const reader = controlReaderOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await plans.versions({ ...reader.value, planId: param(c, "plan") }, part);
  // Every plan has a version 1, so only behind that one is a part of the list empty.
  if (read.value.length === 0 && page.value.after === undefined) return problem("not_found");
  const how = { show: showVersion, at: ({ version }: PlanVersion) => version };
  return answerControl(c, pageOf(read.value, page.value, how), read);
}

async function putPlan(ports: PlanPorts, c: ApiContext): Promise<Response> {
  const { plans, nowMs } = ports;
  const name = { tenant: param(c, "tenant"), planId: param(c, "plan") };
  if (!PLAN_ID.test(name.planId)) return planIdInvalid();
  const body = await readJson(c, PlanBody);
  if (!body.ok) return body.refusal;
  // What a GET has shown can be put back.
  const { created_at: _, ...said } = body.value;
  const plan = parsePlan(said, { plan_id: name.planId, version: 1 });
  if (!plan.ok) return problem("invalid", { errors: plan.refusal.slice(0, VIOLATIONS_MAX) });
  const version = said["version"] === undefined ? {} : { version: plan.value.version };
  const put = await plans.put({ ...name, ...version, plan: plan.value }, actOf(c, nowMs()));
  // Saved before too: whoever got no answer then asks again, and the sales may not have been told.
  if ("plan" in put) {
    await tellSales(ports, c.get("tenant"), { ...plan.value, version: put.plan.version });
  }
  return answer(c, put);
}

/**
 * Has what was sold since the version holds priced anew by it (DESIGN §14 «back-dated»), and has
 * whoever is enrolled placed where it brings a matrix. A version is answered for once it is told.
 */
async function tellSales({ send }: PlanPorts, tenant: Tenant, plan: Plan): Promise<void> {
  const name = tenant.tenant;
  const told = planTold(name, plan);
  await send(tenant, told);
  if (!hasMatrix([plan])) return;
  const event_id = `plan:${plan.plan_id}:${plan.version}`;
  const move = { kind: "place", recruits: [], of: "some", event_id } as const;
  await send(tenant, { kind: "subject", tenant: name, subject: `tree:${name}`, moves: [move] });
}

const planIdInvalid = (): Response =>
  problem("parameter_invalid", {
    errors: [{ path: "plan", rule: "format", message: `Must match ${PLAN_ID.source}` }],
  });

function answer(c: ApiContext, put: PlanPut): Response {
  switch (put.kind) {
    case "created":
    case "updated":
    case "unchanged": {
      const status = put.kind === "created" ? 201 : 200;
      const headers = controlBookmark(c.get("tenant"), put);
      return Response.json(show(put.plan), { status, headers });
    }
    case "other_version": {
      const message = `Must be ${put.next}, the next one, or a stored one that says the same`;
      return problem("conflict", { errors: [{ path: "version", rule: "next", message }] });
    }
    case "code_taken":
      return problem("conflict", { errors: put.errors.slice(0, VIOLATIONS_MAX) });
    case "currency_paid": {
      const message = `Must be ${put.currency}, in which sales since then were paid already`;
      return problem("conflict", { errors: [{ path: "currency", rule: "paid", message }] });
    }
    case "too_many":
      return problem("conflict", { detail: "The tenant's plans have too many versions" });
    case "raced":
      return changedMeanwhile();
  }
}

const show = ({ body, createdMs }: StoredPlan) => ({
  ...body,
  created_at: formatInstant(createdMs),
});

const showVersion = ({ planId, version, effectiveMs, createdMs }: PlanVersion) => ({
  plan_id: planId,
  version,
  effective_from: formatInstant(effectiveMs),
  created_at: formatInstant(createdMs),
});
