import { applyCaps } from "../plans/caps.ts";
import type { Plan } from "../plans/plan.ts";
import { divideRounded, type Rounding, safe } from "../plans/rounding.ts";

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

/** What of a line's order is returned, as a fraction below 1, and how the line follows it. */
export interface Followed {
  readonly part: number;
  readonly whole: number;
  readonly rounding: Rounding;
}

/** What a period's lines are weighed by besides the plan. */
export interface Weighing {
  readonly cv_x100: bigint;
  /** Asked of lines that were taken back in part; undefined where nobody knows. */
  readonly followed: (line: PeriodLine) => Followed | undefined;
}

/**
 * What the plan's caps take of a period's lines (DOMAIN §4.7). What returns have taken by then is
 * not earned: caps look at the rest. A line that was returned in part is cut to the amount of which
 * its order leaves what the caps leave, to the unit; it follows further returns from there.
 */
export function cutsOf(
  plan: Plan,
  lines: readonly PeriodLine[],
  { cv_x100, followed }: Weighing,
): readonly Cut[] {
  const codes = new Set(plan.components.map(({ code }) => code));
  const own = lines.filter((line) => codes.has(line.component) && leftOf(line) > 0);
  const earned = own.map((line) => ({ ...line, amount_minor: leftOf(line) }));
  const capped = applyCaps(plan, earned, cv_x100);
  return own.flatMap((line, i) => {
    const left = capped[i]?.amount_minor ?? 0;
    if (left >= leftOf(line)) return [];
    const taken = line.reversed_minor === 0 ? undefined : takenOf(line, plan, followed(line));
    return [{ ...line, cut_minor: taken === undefined ? left : amountLeaving(line, left, taken) }];
  });
}

/** Whether a line was taken back in part: then what it follows has to be known. */
export const isPartlyReturned = (line: PeriodLine): boolean =>
  line.reversed_minor > 0 && leftOf(line) > 0;

const leftOf = ({ amount_minor, reversed_minor }: PeriodLine): number =>
  amount_minor - reversed_minor;

/** What returns take of so much of a line. */
type Taken = (amount: bigint) => bigint;

/** As its order takes it; where that is not how the line stands, in the line's own proportion. */
function takenOf(line: PeriodLine, plan: Plan, followed: Followed | undefined): Taken {
  const { amount_minor, reversed_minor } = line;
  const takenBy =
    ({ part, whole, rounding }: Followed): Taken =>
    (amount) =>
      divideRounded(amount * BigInt(part), BigInt(whole), rounding);
  const told = followed === undefined ? undefined : takenBy(followed);
  if (told?.(BigInt(amount_minor)) === BigInt(reversed_minor)) return told;
  const { rounding } = followed ?? plan;
  return takenBy({ part: reversed_minor, whole: amount_minor, rounding });
}

/**
 * The amount, less than the line's, of which so much is left. There is one: with one unit more, what
 * returns take (a fraction below 1, rounded) grows by 0 or 1 in every rounding, so what is left goes
 * from 0 to what the line leaves in steps of 0 or 1. Of several the nearest to the proportion.
 */
function amountLeaving(line: PeriodLine, left_minor: number, taken: Taken): number {
  const left = BigInt(left_minor);
  const amount = BigInt(line.amount_minor);
  const least = leastLeaving(left, amount, taken);
  const most = leastLeaving(left + 1n, amount, taken) - 1n;
  const share = (left * amount) / BigInt(leftOf(line));
  return safe(share < least ? least : share > most ? most : share);
}

/** The least amount, up to `most`, of which at least so much is left. */
function leastLeaving(left: bigint, most: bigint, taken: Taken): bigint {
  let [below, enough] = [-1n, most];
  while (enough - below > 1n) {
    const middle = (below + enough) / 2n;
    if (middle - taken(middle) >= left) enough = middle;
    else below = middle;
  }
  return enough;
}
