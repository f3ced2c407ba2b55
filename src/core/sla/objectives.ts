import type { Tally } from "./counts.ts";

export const MILLION = 1_000_000;

/** So much of a million lines is to be visible within so many milliseconds of receipt (DOMAIN §11). */
export interface Objective {
  readonly within_ms: number;
  readonly target_ppm: number;
}

export const OBJECTIVES: readonly Objective[] = [
  { within_ms: 5000, target_ppm: 950_000 },
  { within_ms: 30_000, target_ppm: 990_000 },
];

export const LIMITS: readonly number[] = OBJECTIVES.map(({ within_ms }) => within_ms);

/** How an objective is met. Exact counts; parts of a million are rounded down. */
export interface Attainment extends Objective {
  readonly total: number;
  readonly good: number;
  readonly bad: number;
  /** Null where there was no line at all. */
  readonly share_ppm: number | null;
  /** What is left of the lines that may be late; below zero where there were more. */
  readonly budget_left_ppm: number;
}

/** How an objective is met by the lines of a range. */
export function attainmentOf(objective: Objective, tally: Tally): Attainment {
  const { total, good, bad } = goodOf(objective, tally);
  return {
    ...objective,
    total,
    good,
    bad,
    share_ppm: total === 0 ? null : ppm(good, total),
    budget_left_ppm: total === 0 ? MILLION : budgetLeft(bad, total, objective),
  };
}

/** A line that is counted as visible in time is one of the lines: no more of them are good. */
export function goodOf(
  { within_ms }: Objective,
  { lines: total, within }: Tally,
): { readonly total: number; readonly good: number; readonly bad: number } {
  const good = Math.min(total, within.get(within_ms) ?? 0);
  return { total, good, bad: total - good };
}

const budgetLeft = (bad: number, total: number, { target_ppm }: Objective): number =>
  ppm(total * (MILLION - target_ppm) - bad * MILLION, total * (MILLION - target_ppm));

/** Parts of a million, rounded down; exact, as a product can pass 2^53. */
export function ppm(part: number, whole: number): number {
  const [n, d] = [BigInt(part) * BigInt(MILLION), BigInt(whole)];
  const quotient = n / d;
  return Number(n < 0n && n % d !== 0n ? quotient - 1n : quotient);
}
