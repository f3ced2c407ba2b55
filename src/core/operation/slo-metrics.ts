import { MILLION } from "../sla/objectives.ts";
import type { Standing } from "../sla/standing.ts";
import type { Family, Sample } from "./exposition.ts";

interface OfTenant {
  readonly tenant: string;
  readonly slo?: Standing;
}

interface SloMetric extends Omit<Family, "samples"> {
  readonly samples: (figures: OfTenant) => readonly Sample[];
}

/** How lines fare against the objectives: of whoever had lines of late. */
export const SLO_METRICS: readonly SloMetric[] = [
  {
    name: "upline_visible_lines",
    type: "counter",
    help: "Commission lines of the day that were timed from receipt to the mirror",
    samples: ({ tenant, slo }) =>
      slo === undefined
        ? []
        : [{ labels: { tenant }, value: slo.day.lines, createdMs: slo.day.since_ms }],
  },
  {
    name: "upline_visible_lines_in_time",
    type: "counter",
    help: "Those of them that were visible within so many seconds",
    samples: ({ tenant, slo }) =>
      Object.entries(slo?.day.good ?? {}).map(([ms, value]) => ({
        labels: { tenant, within: secondsOf(Number(ms)) },
        value,
        createdMs: slo?.day.since_ms ?? 0,
      })),
  },
  {
    name: "upline_slo_burn_ratio",
    type: "gauge",
    unit: "ratio",
    help: "How fast the budget of late lines was used up in a window: 1 is as fast as it may",
    samples: ({ tenant, slo }) => {
      const windows = (slo?.burns ?? []).flatMap(({ within_ms, long, short }) =>
        [long, short].map(({ window_ms, burn_ppm }) => ({ within_ms, window_ms, burn_ppm })),
      );
      const named = windows.map(({ within_ms, window_ms, burn_ppm }) => {
        const labels = { tenant, within: secondsOf(within_ms), window: secondsOf(window_ms) };
        return [JSON.stringify(labels), { labels, value: burn_ppm / MILLION }] as const;
      });
      return [...new Map(named).values()];
    },
  },
  {
    name: "upline_slo_burning",
    type: "gauge",
    help: "1 where an objective is missed so fast that there is an alert",
    samples: ({ tenant, slo }) =>
      Object.keys(slo?.day.good ?? {}).map((ms) => ({
        labels: { tenant, within: secondsOf(Number(ms)) },
        value: slo?.burning.some(({ within_ms }) => within_ms === Number(ms)) === true ? 1 : 0,
      })),
  },
];

const secondsOf = (ms: number): string => `${ms / 1000}s`;
