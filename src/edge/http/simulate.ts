import { amountOf, exactInteger } from "../../core/amount.ts";
import type { Violation } from "../../core/contracts/event.ts";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { Ancestor, Lineage, LineageGap, TreeName } from "../../core/genealogy/lineage.ts";
import { periodAt } from "../../core/plans/period.ts";
import { parsePlan, type Plan } from "../../core/plans/plan.ts";
import { priceSale } from "../../core/plans/price.ts";
import { divideRounded } from "../../core/plans/rounding.ts";
import { ALL_PPM, type LineDraft, moneyOf, type Sale, weightOf } from "../../core/plans/sale.ts";
import { planAt } from "../../core/plans/versions.ts";
import { payRank, walksPlacement } from "../../core/plans/walk.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import { readJson } from "./body.ts";
import {
  faultsAgainst,
  faultsOf,
  instantOf,
  type Lineages,
  SimulationBody,
  toldLineages,
} from "./plan-body.ts";
import { problem } from "./problem.ts";
import { type ApiContext, param, type Route } from "./route.ts";

interface LineageAsk {
  readonly tenant: string;
  readonly node: string;
  readonly at_ms: number;
}

export interface SimulatePorts {
  /** Every version of a tenant's plans, as the consumer reads them. */
  readonly plansOf: (tenant: string) => Promise<readonly Plan[]>;
  /** The ways up that a shard's mirror knows, in the order of asking. */
  readonly lineages: (
    shard: number,
    asks: readonly LineageAsk[],
  ) => Promise<readonly Readonly<Record<TreeName, Lineage | LineageGap>>[]>;
  readonly nowMs: () => number;
}

const VIOLATIONS_MAX = 100;

/** `POST …/plans/{plan}/simulate`: what a sale would bring. Nothing is written. */
export const simulateRoutes = (ports: SimulatePorts): readonly Route[] => [
  {
    method: "POST",
    path: "/v1/tenants/:tenant/plans/:plan/simulate",
    permission: "plan:read",
    handle: (c) => simulate(ports, c),
  },
];

async function simulate(ports: SimulatePorts, c: ApiContext): Promise<Response> {
  const read = await readJson(c, SimulationBody);
  if (!read.ok) return read.refusal;
  const body = read.value;
  const atMs = instantOf(body, ports.nowMs());
  const stored = await ports.plansOf(param(c, "tenant"));
  const tried = planTried(stored, { planId: param(c, "plan"), body, atMs });
  if (!tried.ok) return tried.refusal;
  const { plan } = tried.value;
  const faults = [...faultsOf(body), ...faultsAgainst(plan, body)];
  if (faults.length > 0) return invalid(faults);
  const lineages = await lineagesOf(ports, c, { body, atMs, plan });
  if (!lineages.ok) return invalid(lineages.refusal);
  return Response.json(outcome(tried.value, { body, atMs, lineages: lineages.value }));
}

const invalid = (errors: readonly Violation[]): Response =>
  problem("invalid", { errors: errors.slice(0, VIOLATIONS_MAX) });

interface Tried {
  readonly plan: Plan;
  readonly isDraft: boolean;
}

interface Asked {
  readonly planId: string;
  readonly body: SimulationBody;
  readonly atMs: number;
}

function planTried(
  stored: readonly Plan[],
  { planId, body, atMs }: Asked,
): Result<Tried, Response> {
  const versions = stored.filter((plan) => plan.plan_id === planId);
  if (body.plan !== undefined) {
    const version = 1 + Math.max(0, ...versions.map((plan) => plan.version));
    const draft = parsePlan(body.plan, { plan_id: planId, version });
    if (draft.ok) return ok({ plan: draft.value, isDraft: true });
    return refuse(invalid(draft.refusal.map(ofDraft)));
  }
  if (versions.length === 0) return refuse(problem("not_found"));
  const plan = planAt(versions, atMs);
  if (plan !== undefined) return ok({ plan, isDraft: false });
  const message = "Must not be before the first version of the plan holds";
  return refuse(invalid([{ path: "occurred_at", rule: "no_version", message }]));
}

const ofDraft = (violation: Violation): Violation => ({
  ...violation,
  path: violation.path === "" ? "plan" : `plan.${violation.path}`,
});

interface Occasion {
  readonly body: SimulationBody;
  readonly atMs: number;
}

async function lineagesOf(
  { lineages }: SimulatePorts,
  c: ApiContext,
  { body, atMs, plan }: Occasion & { readonly plan: Plan },
): Promise<Result<Lineages, readonly Violation[]>> {
  if (body.upline !== undefined) return ok(toldLineages(body, atMs));
  const { tenant, shard } = c.get("tenant");
  const asks = [{ tenant, node: body.source_node ?? "", at_ms: atMs }];
  const [found] = await lineages(shard, asks);
  if (found === undefined) throw new Error("Cannot read the ways up from a node");
  const { sponsor, placement } = found;
  if ("kind" in sponsor) return refuse([gapIn("sponsor", sponsor)]);
  if (!("kind" in placement)) return ok({ sponsor, placement });
  // As at a sale: where nobody walks it, any tree stands in for it.
  if (!walksPlacement(plan)) return ok({ sponsor, placement: sponsor });
  return refuse([gapIn("placement", placement)]);
}

function gapIn(tree: TreeName, { kind, node }: LineageGap): Violation {
  const message =
    kind === "unknown"
      ? `Cannot be followed up the ${tree} tree: "${node}" is not known as of then`
      : `Cannot be followed up the ${tree} tree: the edges run in a circle at "${node}"`;
  return { path: "source_node", rule: `${kind}_node`, message };
}

function outcome(
  { plan, isDraft }: Tried,
  { body, atMs, lineages }: Occasion & { readonly lineages: Lineages },
) {
  const sale: Sale = {
    cv_x100: body.cv_x100,
    pv_x100: body.pv_x100,
    order_kind: body.order_kind,
    ...(body.package === undefined ? {} : { package: body.package }),
  };
  const { lines, breakage } = priceSale(plan, sale, lineages);
  const people = new Map(
    [...lineages.sponsor.upline, ...lineages.placement.upline].map((one) => [one.id, one]),
  );
  const total = lines.reduce((sum, { amount_minor }) => sum + BigInt(amount_minor), 0n);
  const payable = payableOn(plan, sale);
  const share =
    payable === 0n ? null : divideRounded(total * BigInt(ALL_PPM), payable, "half_even");
  return {
    plan: { plan_id: plan.plan_id, version: plan.version, is_draft: isDraft },
    occurred_at: formatInstant(atMs),
    period_id: periodAt(plan.period, atMs).period_id,
    lines: lines.map((line) => showLine(line, { plan, people })),
    breakage,
    totals: { [plan.currency]: amountOf(total, plan.currency) },
    commissionable: amountOf(payable, plan.currency),
    payout_ppm: share === null ? null : exactInteger(share),
  };
}

/** What the sale's CV is worth: nothing where the plan leaves the order kind out. */
function payableOn(plan: Plan, { cv_x100, order_kind }: Sale): bigint {
  if (plan.volume.exclude_kinds?.includes(order_kind) === true) return 0n;
  return moneyOf(plan, weightOf({ points_x100: cv_x100, pool_ppm: ALL_PPM, rate_ppm: ALL_PPM }));
}

function showLine(
  line: LineDraft,
  { plan, people }: { plan: Plan; people: ReadonlyMap<string, Ancestor> },
) {
  const { component, level, depth, distributor_id, rate_ppm, amount_minor, currency } = line;
  const person = people.get(distributor_id);
  const rank = person === undefined ? undefined : payRank(plan, person);
  return {
    // Only an order that happens gives its lines a name.
    line_id: null,
    component,
    level,
    depth,
    distributor_id,
    rank: rank ?? null,
    rate_ppm,
    ...amountOf(BigInt(amount_minor), currency),
  };
}
