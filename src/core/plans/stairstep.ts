import type { Bracket, Stairstep } from "./plan.ts";
import { safe } from "./rounding.ts";
import { ALL_PPM, moneyOf, type Pricing, weightOf } from "./sale.ts";

/** A person with everybody below: the bracket goes by PV, the pay by CV; hundredths of a point. */
export interface Group {
  readonly pv_x100: number;
  readonly cv_x100: number;
}

export interface StairstepPeriod {
  readonly group: Group;
  /** The groups of the frontline. */
  readonly legs: readonly Group[];
  readonly isEligible: boolean;
}

export interface StairstepPay {
  readonly amount_minor: number;
  /** The bracket the group has reached. */
  readonly rate_ppm: number;
}

/**
 * The group's volume at its own bracket, less each leg's volume at the leg's bracket (DOMAIN §4.5),
 * rounded once. Never below 0: a leg may outrun its upline by returns elsewhere in the group.
 */
export function payStairstep(
  pricing: Pricing,
  { brackets }: Stairstep,
  { group, legs, isEligible }: StairstepPeriod,
): StairstepPay {
  const legsWeight = legs.reduce((sum, leg) => sum + weightAt(brackets, leg), 0n);
  const weight = weightAt(brackets, group) - legsWeight;
  const isPaid = isEligible && weight > 0n;
  return {
    amount_minor: isPaid ? safe(moneyOf(pricing, weight)) : 0,
    rate_ppm: bracketOf(brackets, group.pv_x100),
  };
}

const weightAt = (brackets: readonly Bracket[], { pv_x100, cv_x100 }: Group) =>
  weightOf({ points_x100: cv_x100, pool_ppm: ALL_PPM, rate_ppm: bracketOf(brackets, pv_x100) });

/** The rate of the highest bracket reached, in whatever order they are listed; 0 below the first. */
function bracketOf(brackets: readonly Bracket[], pv_x100: number): number {
  let best: Bracket | undefined;
  for (const bracket of brackets) {
    const isReached = bracket.min_pv * 100 <= pv_x100;
    if (isReached && (best === undefined || bracket.min_pv > best.min_pv)) best = bracket;
  }
  return best?.rate_ppm ?? 0;
}
