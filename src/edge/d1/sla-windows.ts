import { LINES, type Tally, withinKey } from "../../core/sla/counts.ts";
import { LIMITS } from "../../core/sla/objectives.ts";
import { WINDOWS } from "../../core/sla/burn.ts";
import { legible } from "./count-lines.ts";

const LONGEST_MS = Math.max(...WINDOWS);

/** Exact counts of a window: lines, then those in time by each limit. */
type Sums = readonly number[];

/** What {@link windowsSql} finds of one tenant. */
export interface WindowsFound {
  readonly windows: readonly Sums[];
  readonly day: Sums;
  /** The first minute that is in no hour's row yet. */
  readonly oldest: number | null;
}

const KEYS = [LINES, ...LIMITS.map(withinKey)];

const sumsWhere = (condition: string): string =>
  `json_array(${KEYS.map((_, i) => `coalesce(sum(iif(${condition}, k${i}, 0)), 0)`).join(", ")})`;

/**
 * One JSON value: what was counted of a tenant in each window up to a moment, and since another one. In
 * a window are the minutes that began in it.
 */
export const windowsSql = (tenant: string, nowMs: string, dayMs: string): string =>
  `SELECT json_object(
    'windows', json_array(${WINDOWS.map((ms) => sumsWhere(`minute_ms > ${nowMs} - ${ms}`)).join(", ")}),
    'day', ${sumsWhere(`minute_ms >= ${dayMs}`)},
    'oldest', min(iif(minute_ms % 3600000 = 0, NULL, minute_ms)))
  FROM (SELECT minute_ms, ${KEYS.map((key, i) => `${legible("counts")} ->> '$."${key}"' AS k${i}`).join(", ")}
    FROM sla_minutes WHERE tenant = ${tenant} AND minute_ms > ${nowMs} - ${LONGEST_MS})`;

/** Sums by window, milliseconds. */
export const tallies = ({ windows }: WindowsFound): ReadonlyMap<number, Tally> =>
  new Map(WINDOWS.map((ms, i) => [ms, tallyOf(windows[i] ?? [])]));

/** Lines and those in time. */
export const tallyOf = ([lines = 0, ...good]: Sums): Tally => ({
  lines,
  within: new Map(LIMITS.map((ms, i) => [ms, good[i] ?? 0])),
});
