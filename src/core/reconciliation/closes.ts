import { periodOf } from "../plans/period.ts";
import type { Range } from "./buckets.ts";

const UNITS = ["month", "semi_month", "week"] as const;

/** No time zone is further from UTC. */
const REACH_MS = 86_400_000;

/**
 * A range that holds these periods, whatever time zone their days begin in; undefined, which means
 * all time, where one of them has an id that does not say when it was.
 */
export function rangeOfPeriods(periodIds: readonly string[]): Range | undefined {
  const ranges = periodIds.map(rangeOfPeriod);
  const known = ranges.filter((range) => range !== undefined);
  if (known.length === 0 || known.length < ranges.length) return undefined;
  return {
    fromMs: Math.min(...known.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...known.map(({ toMs }) => toMs)),
  };
}

function rangeOfPeriod(periodId: string): Range | undefined {
  for (const unit of UNITS) {
    const period = periodOf({ unit, tz: "UTC" }, periodId);
    if (period === undefined) continue;
    return { fromMs: period.start_ms - REACH_MS, toMs: period.end_ms + REACH_MS };
  }
  return undefined;
}
