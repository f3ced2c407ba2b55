import { severityOf } from "../reconciliation/aging.ts";
import type { RunReport } from "../reconciliation/report.ts";
import { DELIVERY_METRICS, type Delivering } from "./delivery-metrics.ts";
import { type Family, type Labels, type Sample, stateSamples } from "./exposition.ts";
import type { Standing } from "../sla/standing.ts";
import { POLL_METRICS, type PolledFigures } from "./poll-metrics.ts";
import { SLO_METRICS } from "./slo-metrics.ts";

/** Some of one sort, and since when the oldest of them is there: UTC milliseconds. */
interface Crowd {
  readonly items: number;
  readonly oldest_ms: number;
}

/** The last run of reconciliation of one kind. */
export interface LastRun {
  readonly kind: string;
  readonly state: "running" | "done" | "failed";
  /** The last one that ended, where any has. */
  readonly ended?: {
    readonly started_ms: number;
    readonly ended_ms: number;
    readonly report: RunReport;
  };
}

/** What is known of a tenant at one moment. Counts end where no more rows are looked at. */
export interface TenantFigures extends Delivering {
  readonly tenant: string;
  readonly held: readonly (Crowd & { readonly state: string })[];
  /** Objects whose log the last sweep found ahead of the mirror, and which still are. */
  readonly unmirrored: number;
  /** Open breaks; those of one entry are of one severity. */
  readonly breaks: readonly (Crowd & { readonly class: string; readonly why: string | null })[];
  readonly gaps: readonly (Crowd & { readonly stage: string })[];
  readonly frozen: number;
  readonly polls: readonly PolledFigures[];
  readonly runs: readonly LastRun[];
  /** Of the day that is being counted, by outcome. */
  readonly events?: {
    readonly since_ms: number;
    readonly outcomes: Readonly<Record<string, number>>;
  };
  /** How its objectives stood when they were looked at last. */
  readonly slo?: Standing;
  readonly quotas: readonly {
    readonly resource: string;
    readonly used: number;
    /** Null: any number. */
    readonly limit: number | null;
  }[];
  /** Of what more is there than was looked at. */
  readonly cut: readonly string[];
}

export const HELD_STATES = ["parked", "buffered", "quarantined", "conflict", "dead"] as const;
const GAP_STAGES = ["hydrate", "alert"] as const;
const RUN_STATES = ["running", "done", "failed"] as const;

/** Figures of a report that count lines, or distributors where balances are compared. */
const REPORTED = [
  "expected",
  "covered",
  "compared",
  "differing",
  "in_flight",
  "healed",
  "open",
  "contradicted",
] as const satisfies readonly (keyof RunReport)[];

interface Metric extends Omit<Family, "samples"> {
  readonly samples: (figures: TenantFigures, nowMs: number) => readonly Sample[];
}

const secondsSince = (ms: number, nowMs: number): number => Math.max(0, nowMs - ms) / 1000;

const METRICS: readonly Metric[] = [
  {
    name: "upline_events",
    type: "counter",
    help: "Events of the day by what had become of them two minutes after they came",
    samples: ({ tenant, events }) =>
      Object.entries(events?.outcomes ?? {}).map(([outcome, value]) => ({
        labels: { tenant, outcome },
        value,
        createdMs: events?.since_ms ?? 0,
      })),
  },
  {
    name: "upline_held_events",
    type: "gauge",
    help: "Events that wait for something or somebody; dead ones are those that every attempt failed on",
    samples: ({ tenant, held }) =>
      HELD_STATES.map((state) => ({
        labels: { tenant, state },
        value: held.find((one) => one.state === state)?.items ?? 0,
      })),
  },
  {
    name: "upline_held_oldest_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long the oldest of the events that wait has waited",
    samples: ({ tenant, held }, nowMs) =>
      held.map(({ state, oldest_ms }) => ({
        labels: { tenant, state },
        value: secondsSince(oldest_ms, nowMs),
      })),
  },
  {
    name: "upline_unmirrored_objects",
    type: "gauge",
    help: "Objects whose log was ahead of the mirror when the sweep asked them, and still is",
    samples: ({ tenant, unmirrored }) => [{ labels: { tenant }, value: unmirrored }],
  },
  {
    name: "upline_frozen_objects",
    type: "gauge",
    help: "Objects that take nothing any more until a person has looked",
    samples: ({ tenant, frozen }) => [{ labels: { tenant }, value: frozen }],
  },
  {
    name: "upline_gaps_open",
    type: "gauge",
    help: "Holes in strict streams",
    samples: ({ tenant, gaps }) =>
      GAP_STAGES.map((stage) => ({
        labels: { tenant, stage },
        value: gaps.find((one) => one.stage === stage)?.items ?? 0,
      })),
  },
  {
    name: "upline_gaps_oldest_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long the oldest open hole has been there",
    samples: ({ tenant, gaps }, nowMs) => oldestOf(tenant, gaps, nowMs),
  },
  {
    name: "upline_breaks_open",
    type: "gauge",
    help: "Differences that are left to a person, by class and urgency",
    samples: breaksBySeverity,
  },
  {
    name: "upline_breaks_oldest_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long the oldest open difference has been known",
    samples: ({ tenant, breaks }, nowMs) => oldestOf(tenant, breaks, nowMs),
  },
  {
    name: "upline_reconciliation_state",
    type: "stateset",
    help: "How the last run of its kind stands",
    samples: ({ tenant, runs }) =>
      runs.flatMap(({ kind, state }) =>
        stateSamples(
          "upline_reconciliation_state",
          { tenant, kind },
          { states: RUN_STATES, current: state },
        ),
      ),
  },
  {
    name: "upline_reconciliation_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long ago the last run of its kind that is over has ended",
    samples: ofRuns((labels, { ended_ms }, nowMs) => [
      { labels, value: secondsSince(ended_ms, nowMs) },
    ]),
  },
  {
    name: "upline_reconciliation_duration_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long that run took",
    samples: ofRuns((labels, { started_ms, ended_ms }) => [
      { labels, value: secondsSince(started_ms, ended_ms) },
    ]),
  },
  {
    name: "upline_reconciliation_coverage_ratio",
    type: "gauge",
    unit: "ratio",
    help: "Of what the core has in its range, how much that run held against ours",
    samples: ofRuns((labels, { report: { covered, expected } }) => [
      { labels, value: expected === 0 ? 1 : Math.min(covered, expected) / expected },
    ]),
  },
  {
    name: "upline_reconciliation_items",
    type: "gauge",
    help: "What that run looked at and found: lines, or distributors where balances are compared",
    samples: ofRuns((labels, { report }) =>
      REPORTED.map((result) => ({ labels: { ...labels, result }, value: report[result] })),
    ),
  },
  {
    name: "upline_reconciliation_requests",
    type: "gauge",
    help: "What that run asked of the core",
    samples: ofRuns((labels, { report }) => [{ labels, value: report.requests }]),
  },
  {
    name: "upline_reconciliation_received_bytes",
    type: "gauge",
    unit: "bytes",
    help: "What the core answered that run",
    samples: ofRuns((labels, { report }) => [{ labels, value: report.bytes }]),
  },
  ...POLL_METRICS,
  ...DELIVERY_METRICS,
  ...SLO_METRICS,
  {
    name: "upline_quota_used",
    type: "gauge",
    help: "What a tenant has of what it may have",
    samples: ({ tenant, quotas }) =>
      quotas.map(({ resource, used }) => ({ labels: { tenant, resource }, value: used })),
  },
  {
    name: "upline_quota_limit",
    type: "gauge",
    help: "What a tenant may have; absent where that is any number",
    samples: ({ tenant, quotas }) =>
      quotas.flatMap(({ resource, limit }) =>
        limit === null ? [] : [{ labels: { tenant, resource }, value: limit }],
      ),
  },
  {
    name: "upline_figures_cut",
    type: "gauge",
    help: "1 where a figure counts no further, as there are more rows than are looked at",
    samples: ({ tenant, cut }) => cut.map((of) => ({ labels: { tenant, of }, value: 1 })),
  },
];

/** The figures of some tenants as families. */
export const tenantFamilies = (
  tenants: readonly TenantFigures[],
  nowMs: number,
): readonly Family[] =>
  METRICS.map((metric) => ({
    ...metric,
    samples: tenants.flatMap((figures) => metric.samples(figures, nowMs)),
  }));

function oldestOf(tenant: string, crowds: readonly Crowd[], nowMs: number): readonly Sample[] {
  if (crowds.length === 0) return [];
  const oldest = Math.min(...crowds.map(({ oldest_ms }) => oldest_ms));
  return [{ labels: { tenant }, value: secondsSince(oldest, nowMs) }];
}

function breaksBySeverity({ tenant, breaks }: TenantFigures, nowMs: number): readonly Sample[] {
  const sums = new Map<string, Sample>();
  for (const { class: kind, why, items, oldest_ms } of breaks) {
    const severity = severityOf({ class: kind, why, opened_ms: oldest_ms }, nowMs);
    const labels = { tenant, class: kind, severity };
    const name = JSON.stringify(labels);
    sums.set(name, { labels, value: (sums.get(name)?.value ?? 0) + items });
  }
  return [...sums.values()];
}

type Ended = NonNullable<LastRun["ended"]>;

function ofRuns(samples: (labels: Labels, ended: Ended, nowMs: number) => readonly Sample[]) {
  return ({ tenant, runs }: TenantFigures, nowMs: number): readonly Sample[] =>
    runs.flatMap(({ kind, ended }) =>
      ended === undefined ? [] : samples({ tenant, kind }, ended, nowMs),
    );
}
