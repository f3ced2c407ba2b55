import type { Family, Sample } from "./exposition.ts";

/** A source that is polled, as monitoring is told of it. */
export interface PolledFigures {
  readonly source: string;
  /** Streams that fail, and looking up where that does. */
  readonly failing: number;
  /** When the last whole round ended of the stream that is furthest behind; null before there was one. */
  readonly last_ms: number | null;
  /** When the first of what fails began to. */
  readonly since_ms: number | null;
}

interface Tenant {
  readonly tenant: string;
  readonly polls: readonly PolledFigures[];
}

interface Metric extends Omit<Family, "samples"> {
  readonly samples: (figures: Tenant, nowMs: number) => readonly Sample[];
}

/** How long ago it was, where it was at all. */
const agesOf =
  (msOf: (polled: PolledFigures) => number | null) =>
  ({ tenant, polls }: Tenant, nowMs: number): readonly Sample[] =>
    polls.flatMap((polled) => {
      const ms = msOf(polled);
      if (ms === null) return [];
      const labels = { tenant, source: polled.source };
      return [{ labels, value: Math.max(0, nowMs - ms) / 1000 }];
    });

/** Families of what products are asked for: a sample a source. */
export const POLL_METRICS: readonly Metric[] = [
  {
    name: "upline_poll_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long ago a polled source's last whole round has ended, of its stream that is furthest behind",
    samples: agesOf(({ last_ms }) => last_ms),
  },
  {
    name: "upline_poll_failing",
    type: "gauge",
    help: "Streams of a polled source that fail, and its looking up where that does",
    samples: ({ tenant, polls }) =>
      polls.map(({ source, failing }) => ({ labels: { tenant, source }, value: failing })),
  },
  {
    name: "upline_poll_failing_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long the first of them has failed",
    samples: agesOf(({ since_ms }) => since_ms),
  },
];
