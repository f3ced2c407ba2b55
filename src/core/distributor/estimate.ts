import { type Period, periodAt, periodOf } from "../plans/period.ts";
import type { PeriodRule, Plan, RankRule } from "../plans/plan.ts";
import { plansAt } from "../plans/versions.ts";
import { progressOf } from "../statement/progress.ts";
import type { Standing } from "../subject/entry.ts";

/** Points that the gateway counted itself; hundredths. */
export interface Counted {
  readonly pv_x100: number;
  readonly gv_x100: number;
}

/** The period that is running, by the plan whose estimates are shown. */
export interface Running {
  readonly rule: PeriodRule;
  readonly period: Period;
  readonly ranks: readonly RankRule[];
}

/** By the first plan, by name, that has ranks; by the first one where none has. Nothing without a plan. */
export function runningAt(versions: readonly Plan[], atMs: number): Running | undefined {
  const inForce = plansAt(versions, atMs);
  const plan = inForce.find(({ ranks }) => ranks.length > 0) ?? inForce[0];
  if (plan === undefined) return undefined;
  return { rule: plan.period, period: periodAt(plan.period, atMs), ranks: plan.ranks };
}

/**
 * Whether what the core told is of a period before the one that is running. A period that the core
 * names its own way is taken for the latest.
 */
export function isPast({ period_id }: Standing, { rule, period }: Running): boolean {
  const told = periodOf(rule, period_id);
  return told !== undefined && told.end_ms <= period.start_ms;
}

/**
 * The rank that volumes alone make (DOMAIN §4.6); nothing where the plan's ranks depend on legs,
 * which only a look at the downline can tell.
 */
export function rankFromVolumes({ ranks }: Running, volumes: Counted): string | undefined {
  const isByLegs = ranks.some(
    ({ legs_with_rank, max_leg_ppm }) => legs_with_rank !== undefined || max_leg_ppm !== undefined,
  );
  if (isByLegs) return undefined;
  return progressOf({ ranks }, null, { ...volumes, legs: [] }).estimated_rank ?? undefined;
}
