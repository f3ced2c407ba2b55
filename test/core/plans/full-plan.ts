import type { Plan } from "#src/core/plans/plan.ts";

/** A plan that uses every member there is. */
export const FULL_PLAN = {
  plan_id: "main",
  version: 3,
  effective_from: "2026-07-01T00:00:00+02:00",
  currency: "EUR",
  rounding: "half_even",
  holdback_days: 14,
  period: { unit: "month", tz: "Europe/Berlin" },
  volume: {
    cv_to_money_ppm: 920_000,
    exclude_kinds: ["enrollment_kit"],
    refund_volume: "current",
  },
  eligibility: { statuses: ["active", "grace"], min_pv_x100: 10_000 },
  ranks: [
    { code: "Member" },
    { code: "Silver", min_pv_x100: 10_000, min_gv_x100: 100_000, max_leg_ppm: 600_000 },
    { code: "Gold", legs_with_rank: { rank: "Silver", count: 2 }, grace_periods: 1 },
  ],
  components: [
    {
      kind: "unilevel",
      code: "level",
      tree: "sponsor",
      max_level: 3,
      pool_ppm: 400_000,
      rates_ppm: { Member: [50_000], Gold: [50_000, 30_000, 20_000] },
      compression: "skip_below_rank",
      compress_min_rank: "Silver",
      source_must_qualify: true,
      boundary_rank: "Gold",
    },
    {
      kind: "matrix",
      code: "matrix",
      width: 3,
      height: 9,
      tree: "placement",
      max_level: 2,
      pool_ppm: 100_000,
      rates_ppm: { Member: [50_000, 50_000] },
      compression: "none",
    },
    {
      kind: "binary",
      code: "pair",
      pair_ppm: 100_000,
      after: "carry_forward",
      unit_x100: 100,
      cap_minor: 100_000,
      carry_cap_x100: 1_000_000,
    },
    {
      kind: "stairstep",
      code: "stairs",
      brackets: [
        { min_pv: 100, rate_ppm: 30_000 },
        { min_pv: 300, rate_ppm: 60_000 },
      ],
    },
    {
      kind: "generation",
      code: "override",
      tree: "sponsor",
      pool_ppm: 400_000,
      boundary_rank: "Gold",
      max_generation: 2,
      rates_ppm: { Gold: [50_000, 20_000] },
      differential: true,
    },
    {
      kind: "flat",
      code: "package",
      tree: "sponsor",
      max_level: 2,
      compression: "skip_inactive",
      amounts_minor: { premium: [5000, 1000] },
    },
  ],
  caps: { per_distributor_minor: 1_000_000, company_ppm_of_cv_value: 450_000, mode: "pro_rata" },
  clawback: { limit_minor: 50_000 },
  payout: { minimum_minor: 2000, fee_minor: 150, withholding_ppm: 240_000 },
} as const satisfies Plan;

/** A place in the plan, `components.0.rates_ppm`. */
export type Place = string;

/** The full plan with one place changed, or left out where the value is undefined. */
export function withChange(place: Place, value: unknown): Record<string, unknown> {
  const plan: Record<string, unknown> = structuredClone({ ...FULL_PLAN });
  const names = place.split(".");
  const last = names.pop() ?? "";
  let at: object = plan;
  for (const name of names) {
    const next: unknown = Reflect.get(at, name);
    if (typeof next !== "object" || next === null) throw new Error(`Nothing at ${place}`);
    at = next;
  }
  if (value === undefined) Reflect.deleteProperty(at, last);
  else Reflect.set(at, last, value);
  return plan;
}
