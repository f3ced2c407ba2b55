import { SimulationBody } from "../../src/edge/http/plan-body.ts";
import { PlanQuery } from "../../src/edge/http/plans.ts";
import type { Operation } from "./operation.ts";
import { PlanToPut } from "./plan-answers.ts";

const AT = "2026-07-01T10:00:00.000Z";
const usd = (amount_minor: number, amount: string) => ({ amount_minor, currency: "USD", amount });

const toPut = {
  effective_from: "2026-07-01T00:00:00.000Z",
  currency: "USD",
  rounding: "half_even",
  holdback_days: 14,
  period: { unit: "month", tz: "America/New_York" },
  volume: { cv_to_money_ppm: 1_000_000, exclude_kinds: ["enrollment_kit"] },
  eligibility: { statuses: ["active"], min_pv_x100: 10_000 },
  ranks: [{ code: "Member" }, { code: "Silver", min_gv_x100: 100_000 }],
  components: [
    {
      kind: "unilevel",
      code: "unilevel",
      tree: "sponsor",
      max_level: 2,
      pool_ppm: 400_000,
      rates_ppm: { Member: [50_000], Silver: [50_000, 50_000] },
      compression: "pay_to_qualified",
    },
  ],
};

const plan = { plan_id: "unilevel-2026", version: 1, ...toPut, created_at: AT };
const read = { tag: "Configuration", permission: "plan:read" } as const;

/** Plans, their versions, and what a sale would bring. */
export const PLANS: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/plans": {
    ...read,
    id: "listPlans",
    summary: "The newest version of each plan, by name",
    answer: { status: 200, isMirrored: true, isList: true, name: "Plan", example: plan },
  },
  "GET /v1/tenants/{tenant}/plans/{plan}": {
    ...read,
    id: "getPlan",
    summary: "A plan, in its newest or the version asked for",
    description:
      "The newest is the one saved last. Which one pays a sale follows from when the sale occurred: the latest `effective_from` up to then, among equal ones the highest version.",
    query: PlanQuery,
    answer: { status: 200, isMirrored: true, name: "Plan", example: plan },
  },
  "PUT /v1/tenants/{tenant}/plans/{plan}": {
    id: "putPlan",
    tag: "Configuration",
    summary: "Saves the next version of a plan (201 where the plan is new)",
    description:
      "A body that says what is stored already makes no version. Versions are kept and never changed; a back-dated one pays what occurs, or becomes known, from now on. Every broken rule is named with its path. 409 where `version` is not the next, or a component's code is another plan's at the same time.",
    permission: "plan:write",
    body: { schema: PlanToPut, example: toPut },
    answer: { status: 200, isMirrored: true, name: "Plan", example: plan },
    problems: ["conflict", "parameter_invalid"],
  },
  "GET /v1/tenants/{tenant}/plans/{plan}/versions": {
    ...read,
    id: "listPlanVersions",
    summary: "Versions of a plan, newest first",
    answer: {
      status: 200,
      isMirrored: true,
      isList: true,
      name: "PlanVersion",
      example: {
        plan_id: "unilevel-2026",
        version: 1,
        effective_from: "2026-07-01T00:00:00.000Z",
        created_at: AT,
      },
    },
  },
  "POST /v1/tenants/{tenant}/plans/{plan}/simulate": {
    ...read,
    id: "simulatePlan",
    summary: "The lines that a sale would bring; nothing is written",
    description:
      "Up the real trees from `source_node`, everybody as they stood at `occurred_at`, or along an `upline` that is told. With `plan` a draft is tried instead of the stored one. Binary and stair-step components pay at period close and bring no lines here; caps apply there too.",
    body: {
      schema: SimulationBody,
      example: {
        occurred_at: AT,
        cv_x100: 20_000,
        upline: [{ id: "1001", rank: "Silver" }],
      },
    },
    answer: {
      status: 200,
      name: "Simulation",
      example: {
        plan: { plan_id: "unilevel-2026", version: 1, is_draft: false },
        occurred_at: AT,
        period_id: "2026-07",
        lines: [
          {
            line_id: null,
            component: "unilevel",
            level: 1,
            depth: 1,
            distributor_id: "1001",
            rank: "Silver",
            rate_ppm: 50_000,
            ...usd(400, "4.00"),
          },
        ],
        breakage: [],
        totals: { USD: usd(400, "4.00") },
        commissionable: usd(20_000, "200.00"),
        payout_ppm: 20_000,
      },
    },
  },
};
