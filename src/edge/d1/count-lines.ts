import {
  ASIDE,
  bucketKey,
  LINES,
  type Stage,
  WAITED,
  waitedKey,
  withinKey,
} from "../../core/sla/counts.ts";
import { type LineTimes, lineTimes } from "../../core/sla/line-times.ts";
import { LIMITS } from "../../core/sla/objectives.ts";
import { BUCKETS, bucketOf, LN_GAMMA } from "../../core/sla/sketch.ts";
import { entryOf } from "../log-entry.ts";
import type { MirrorTail } from "../mirror.ts";

/** Lines of one row of a log, for the fence to let through, and what of their times is known by now. */
export interface CountedLines {
  readonly t: string;
  readonly s: string;
  readonly p: number;
  readonly n: number;
  /** Keys of counts that they belong to. */
  readonly keys: readonly string[];
  /** D1 adds what it alone knows, as it is when they are visible; absent where nobody waited. */
  readonly received?: number;
  readonly recorded?: number;
  readonly waited?: 1;
}

/** What is to be counted of tails whose batch was begun then. */
export const countedLines = (
  tails: readonly MirrorTail[],
  begunMs: number | undefined,
): readonly CountedLines[] =>
  tails.flatMap(({ tenant: t, subject: s, rows, isAgain }) =>
    isAgain === true
      ? []
      : rows.flatMap((row) => {
          const times = lineTimes(entryOf(row), begunMs);
          return times === undefined ? [] : [{ t, s, p: row.position, ...keyed(times) }];
        }),
  );

function keyed(times: LineTimes): Omit<CountedLines, "t" | "s" | "p"> {
  const { lines: n, passage, receivedMs: received, recordedMs: recorded } = times;
  if (passage === "aside") return { n, keys: [ASIDE] };
  const { producerMs, queueMs, applyMs } = times;
  const keys = [LINES, ...timed("producer", producerMs), ...timed("queue", queueMs)];
  keys.push(...timed("apply", applyMs));
  return passage === "waited"
    ? { n, keys: [...keys, WAITED], received, recorded, waited: 1 }
    : { n, keys, received, recorded };
}

const timed = (stage: Stage, ms: number | undefined): readonly string[] =>
  ms === undefined ? [] : [bucketKey(stage, bucketOf(ms))];

/** As {@link bucketOf}. */
export const bucketSql = (ms: string): string =>
  `CAST(min(${BUCKETS}, max(1, ceil(ln(max(${ms}, 1)) / ${LN_GAMMA}))) AS INTEGER)`;

const inTime = LIMITS.flatMap((ms) => [
  `iif(visible <= ${ms}, '${withinKey(ms)}', NULL)`,
  `iif(visible <= ${ms} AND v ->> 'waited' = 1, '${waitedKey(ms)}', NULL)`,
]);

const LATE_KEYS = `json_array(${inTime.join(", ")},
  'mirror:' || ${bucketSql("mirrored")}, 'visible:' || ${bucketSql("visible")})`;

/** What was spoilt by hand is begun anew: it must not keep a line from being written. */
export const legible = (column: string): string => `iif(json_valid(${column}), ${column}, '{}')`;

/**
 * Counts what is `fresh` (a JSON `v`, see {@link CountedLines}): one row a tenant, of the minute that it
 * is by D1's clock, in the batch that makes the lines visible.
 */
export const COUNT_LINES = `, timed AS MATERIALIZED (
    SELECT v, v ->> 't' AS tenant, v ->> 'n' AS n, now_ms - now_ms % 60000 AS minute_ms,
      max(0, now_ms - (v ->> 'received')) AS visible, max(0, now_ms - (v ->> 'recorded')) AS mirrored
    FROM fresh CROSS JOIN (SELECT CAST(round(unixepoch('subsec') * 1000) AS INTEGER) AS now_ms)),
  keyed AS (
    SELECT tenant, minute_ms, k.value AS key, n FROM timed CROSS JOIN json_each(v -> 'keys') k
    UNION ALL
    SELECT tenant, minute_ms, k.value, n FROM timed CROSS JOIN json_each(${LATE_KEYS}) k
    WHERE visible IS NOT NULL AND k.value IS NOT NULL
    UNION ALL
    SELECT s.tenant, s.minute_ms, k.key, k.value
    FROM (SELECT DISTINCT tenant, minute_ms FROM timed) t CROSS JOIN sla_minutes s
      ON s.tenant = t.tenant AND s.minute_ms = t.minute_ms
      CROSS JOIN json_each(${legible("s.counts")}) k)
  INSERT INTO sla_minutes (tenant, minute_ms, counts)
  SELECT tenant, minute_ms, json_group_object(key, n)
  FROM (SELECT tenant, minute_ms, key, sum(n) AS n FROM keyed GROUP BY tenant, minute_ms, key)
  GROUP BY tenant, minute_ms
  ON CONFLICT DO UPDATE SET counts = excluded.counts`;

interface Fenced {
  readonly t: string;
  readonly s: string;
  readonly h: object;
}

/** {@link COUNT_LINES} behind its fence, where there is anything to count. */
export function countStatements(
  db: D1Database,
  sql: string,
  {
    tails,
    counted,
  }: { readonly tails: readonly Fenced[]; readonly counted: readonly CountedLines[] },
): readonly D1PreparedStatement[] {
  if (counted.length === 0) return [];
  const named = new Set(counted.map(({ t, s }) => `${t}/${s}`));
  // The fence reads a position for each tail that it is given: those without lines are left out.
  const fence = tails.flatMap(({ t, s, h }) => (named.has(`${t}/${s}`) ? [{ t, s, h }] : []));
  return [db.prepare(sql).bind(JSON.stringify(fence), JSON.stringify(counted))];
}
