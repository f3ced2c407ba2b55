import type { Tally } from "../../core/sla/counts.ts";
import { LIMITS } from "../../core/sla/objectives.ts";
import { WINDOWS } from "../../core/sla/burn.ts";

/** Further back nothing is looked at. */
export const LONGEST_MS = Math.max(...WINDOWS);

/** Exact counts of a window: lines, then those in time by each limit. */
type Sums = readonly number[];

/** What {@link windowsSql} finds of one tenant. */
export interface WindowsFound {
  readonly windows: readonly Sums[];
  readonly day: Sums;
}

// D1 reads them from `counts` when a row is written: rows are looked at far more often than that.
const COLUMNS = ["lines", ...LIMITS.map((ms) => `within_${ms}`)];

const sumsWhere = (condition: string): string =>
  `json_array(${COLUMNS.map((name) => `coalesce(sum(iif(${condition}, ${name}, 0)), 0)`).join(", ")})`;

/**
 * One JSON value: what was counted of a tenant in each window up to a moment, and since another one. In
 * a window are the minutes that began in it.
 */
export const windowsSql = (tenant: string, nowMs: string, dayMs: string): string =>
  `SELECT json_object(
    'windows', json_array(${WINDOWS.map((ms) => sumsWhere(`minute_ms > ${nowMs} - ${ms}`)).join(", ")}),
    'day', ${sumsWhere(`minute_ms >= ${dayMs}`)})
  FROM sla_minutes WHERE tenant = ${tenant} AND minute_ms > ${nowMs} - ${LONGEST_MS}`;

/** Sums by window, milliseconds. */
export const tallies = ({ windows }: WindowsFound): ReadonlyMap<number, Tally> =>
  new Map(WINDOWS.map((ms, i) => [ms, tallyOf(windows[i] ?? [])]));

/** Lines and those in time. */
export const tallyOf = ([lines = 0, ...good]: Sums): Tally => ({
  lines,
  within: new Map(LIMITS.map((ms, i) => [ms, good[i] ?? 0])),
});
