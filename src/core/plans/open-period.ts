import { nextPeriod, type Period } from "./period.ts";
import type { PeriodRule } from "./plan.ts";

/** Closed periods in a row before an open one is found: ten years of weeks. */
const PERIODS_MAX = 520;

/**
 * This period, or the first after it that is not closed: a closed one never changes, and what comes
 * late counts in the next open one (DOMAIN §7 «Times»).
 */
export function openPeriod(rule: PeriodRule, from: Period, closed: readonly string[]): Period {
  let period = from;
  for (let i = 0; i < PERIODS_MAX && closed.includes(period.period_id); i += 1) {
    period = nextPeriod(rule, period);
  }
  return period;
}
