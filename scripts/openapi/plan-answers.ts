import * as z from "zod";
import { ORDER_KINDS } from "../../src/core/contracts/order.ts";
import { STATUSES } from "../../src/core/contracts/distributor.ts";
import { Id, Instant } from "./parts.ts";

// core/plans/schema.ts keeps its schema to itself, and builds it for the first plan alone.
const ppm = (meaning: string) =>
  z.int().min(0).max(1_000_000).describe(`${meaning}, in parts per million`);
const minor = (meaning: string) =>
  z.int().min(0).describe(`${meaning}, in minor units of the plan's currency`);
const points = (meaning: string) => z.int().min(0).describe(`${meaning}, in hundredths of a point`);

const Code = z.string().describe("Becomes a part of line ids: unique among a tenant's plans");
const Tree = z.enum(["sponsor", "placement"]);
const Rates = z
  .record(z.string(), z.array(ppm("Share")))
  .describe("Rank, then the rate at level 1, 2, …; what is missing or 0 is not paid");

const levels = {
  code: Code,
  tree: Tree,
  max_level: z.int().min(1).max(100),
  compression: z
    .enum(["none", "skip_inactive", "skip_below_rank", "pay_to_qualified"])
    .describe("Who is left out while levels are counted"),
  compress_min_rank: z.string().optional(),
};

const levelWalk = {
  ...levels,
  pool_ppm: ppm("Share of the CV that is paid on"),
  rates_ppm: Rates,
  source_must_qualify: z
    .boolean()
    .optional()
    .describe("The volume of somebody who is not eligible pays nobody"),
  boundary_rank: z
    .string()
    .optional()
    .describe("The walk ends with the first person of at least this rank: breakaway"),
};

const Component = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("unilevel"), ...levelWalk }),
  z.strictObject({
    kind: z.literal("matrix"),
    width: z.int().min(1),
    height: z.int().min(1).describe("Bounds the levels that are paid"),
    ...levelWalk,
  }),
  z.strictObject({
    kind: z.literal("binary"),
    code: Code,
    pair_ppm: ppm("Share of the matched volume"),
    after: z.enum(["carry_forward", "net_off", "flush"]),
    unit_x100: z.int().min(1).optional(),
    cap_minor: minor("The most one person is paid a period").optional(),
    carry_cap_x100: points("The most a leg carries").optional(),
  }),
  z.strictObject({
    kind: z.literal("stairstep"),
    code: Code,
    brackets: z.array(
      z.strictObject({
        min_pv: z.int().min(0).describe("Group PV in whole points"),
        rate_ppm: ppm("Share"),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal("generation"),
    code: Code,
    tree: Tree,
    pool_ppm: ppm("Share of the CV that is paid on"),
    boundary_rank: z.string().describe("From this rank on somebody leads a generation"),
    max_generation: z.int().min(1).max(100),
    rates_ppm: Rates,
    differential: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal("flat"),
    ...levels,
    amounts_minor: z
      .record(z.string(), z.array(minor("The sum")))
      .describe("Package or order kind, then the sum at level 1, 2, …"),
  }),
]);

const Rank = z.strictObject({
  code: z.string(),
  min_pv_x100: points("Own volume needed").optional(),
  min_gv_x100: points("Group volume needed").optional(),
  max_leg_ppm: ppm("The most one leg counts for, as a share of min_gv_x100").optional(),
  legs_with_rank: z.strictObject({ rank: z.string(), count: z.int().min(1) }).optional(),
  grace_periods: z.int().min(0).optional(),
});

const plan = {
  effective_from: z
    .string()
    .describe("RFC 3339 date-time, or a date, which means its midnight UTC"),
  currency: z.string().describe("ISO 4217; need not be the tenant's"),
  rounding: z.enum(["half_even", "half_up", "down"]),
  holdback_days: z.int().min(0),
  period: z.strictObject({
    unit: z.enum(["week", "semi_month", "month"]),
    tz: z.string().describe("IANA name of the time zone in which days begin"),
  }),
  volume: z.strictObject({
    cv_to_money_ppm: z
      .int()
      .min(1)
      .describe("What one point is worth: 1 000 000 is one major unit of currency"),
    exclude_kinds: z.array(z.enum(ORDER_KINDS)).optional(),
    refund_volume: z.enum(["current", "original"]).optional(),
  }),
  eligibility: z.strictObject({
    statuses: z.array(z.enum(STATUSES)).min(1),
    min_pv_x100: points("Own volume needed"),
  }),
  ranks: z.array(Rank).describe("From the lowest to the highest"),
  components: z.array(Component),
  caps: z
    .strictObject({
      per_distributor_minor: minor("The most one person is paid a period").optional(),
      company_ppm_of_cv_value: ppm("Share of the CV's value").optional(),
      mode: z.enum(["pro_rata", "priority", "hard_stop"]),
    })
    .optional(),
  clawback: z
    .strictObject({ limit_minor: minor("How far below zero before somebody is told") })
    .optional(),
  payout: z
    .strictObject({
      minimum_minor: minor("The least that is paid out"),
      fee_minor: minor("What a payout costs").optional(),
      withholding_ppm: ppm("Tax withheld").optional(),
    })
    .optional(),
};

/** The body of a PUT. */
export const PlanToPut = z.strictObject({
  plan_id: z.string().optional().describe("As in the path"),
  version: z
    .int()
    .min(1)
    .optional()
    .describe("The next one, or a stored one that says the same; chosen where absent"),
  ...plan,
  created_at: Instant.optional().describe("Ignored: so what a GET shows can be put back"),
});

const Plan = z.strictObject({ plan_id: Id, version: z.int(), ...plan, created_at: Instant });

const PlanVersion = z.strictObject({
  plan_id: Id,
  version: z.int(),
  effective_from: Instant,
  created_at: Instant,
});

const Minor = z.union([z.int(), z.string().regex(/^\d+$/)]);
const Money = z.strictObject({ amount_minor: Minor, currency: z.string(), amount: z.string() });

const Simulation = z.strictObject({
  plan: z.strictObject({
    plan_id: Id,
    version: z.int().describe("Of a draft: the one it would become"),
    is_draft: z.boolean(),
  }),
  occurred_at: Instant,
  period_id: z.string(),
  lines: z.array(
    z.strictObject({
      line_id: z.null().describe("Only an order that happens gives its lines a name"),
      component: z.string(),
      level: z.int().describe("The level or generation that is paid, after compression"),
      depth: z.int().describe("Steps up the tree"),
      distributor_id: Id,
      rank: z.string().nullable().describe("At which the person is paid"),
      rate_ppm: z.int().nullable().describe("Null for a flat sum"),
      ...Money.shape,
    }),
  ),
  breakage: z
    .array(
      z.strictObject({
        component: z.string(),
        level: z.int(),
        reason: z.enum(["not_eligible", "no_rate"]),
      }),
    )
    .describe("Levels that nobody may take: the company keeps them"),
  totals: z.record(z.string(), Money).describe("Of the lines, by currency"),
  commissionable: Money.describe("What the sale's CV is worth; 0 for an order kind left out"),
  payout_ppm: Minor.nullable().describe(
    "The lines' share of it, in parts per million; null where it is 0",
  ),
});

/** What the routes of plans answer. */
export const PLAN_ANSWERS = { Plan, PlanVersion, Simulation } as const satisfies Record<
  string,
  z.ZodType
>;
