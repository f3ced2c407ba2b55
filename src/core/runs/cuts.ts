import { applyCaps } from "../plans/caps.ts";
import type { Plan } from "../plans/plan.ts";
import { divideRounded, safe } from "../plans/rounding.ts";

/** A line of the gateway's own in the period that closes. */
export interface PeriodLine {
  readonly line_id: string;
  readonly distributor_id: string;
  /** Null for what a run made. */
  readonly order_id: string | null;
  readonly component: string;
  readonly level: number | null;
  readonly rate_ppm: number | null;
  readonly amount_minor: number;
  readonly reversed_minor: number;
  readonly currency: string;
  readonly state: string;
  readonly effective_ms: number;
}

/** A line that the caps leave less of. */
export interface Cut extends PeriodLine {
  readonly cut_minor: number;
}

/**
 * What the plan's caps take of a period's lines (DOMAIN §4.7). What returns have taken by then is
 * not earned: caps look at the rest, and a line that was returned in part is cut in proportion.
 */
export function cutsOf(plan: Plan, lines: readonly PeriodLine[], cv_x100: bigint): readonly Cut[] {
  const codes = new Set(plan.components.map(({ code }) => code));
  const own = lines.filter((line) => codes.has(line.component) && leftOf(line) > 0);
  const earned = own.map((line) => ({ ...line, amount_minor: leftOf(line) }));
  const capped = applyCaps(plan, earned, cv_x100);
  return own.flatMap((line, i) => {
    const left = capped[i]?.amount_minor ?? 0;
    if (left >= leftOf(line)) return [];
    return [{ ...line, cut_minor: inProportion(line, left) }];
  });
}

const leftOf = ({ amount_minor, reversed_minor }: PeriodLine): number =>
  amount_minor - reversed_minor;

/** Rounded down: a cap is never passed. */
const inProportion = (line: PeriodLine, left: number): number =>
  safe(divideRounded(BigInt(left) * BigInt(line.amount_minor), BigInt(leftOf(line)), "down"));
