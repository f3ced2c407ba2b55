import type { Family, Sample } from "./exposition.ts";

/** One walk over the objects of a shard, or as much of it as is done. */
export interface WalkFigures {
  readonly subjects: number;
  readonly repaired: number;
  readonly frozen: number;
}

/** What is known of a shard at one moment: what its tenants share. */
export interface ShardFigures {
  readonly shard: number;
  readonly queues: readonly {
    readonly queue: string;
    readonly messages: number;
    /** How long the oldest message has waited. */
    readonly oldest_ms: number;
  }[];
  /** Messages wait in R2 for a queue that would not take them; absent where R2 did not say. */
  readonly isSpilled?: boolean;
  /** When these jobs last kept something, UTC milliseconds. */
  readonly jobs: readonly { readonly job: string; readonly ran_ms: number }[];
  /** The check of the objects against the mirror: the walk that is under way, and the last whole one. */
  readonly walk?: WalkFigures;
  readonly lastWalk?: {
    readonly started_ms: number;
    readonly ended_ms: number;
    /** Absent for whoever is told nothing of other tenants. */
    readonly figures?: WalkFigures;
  };
}

/** What is known of the whole deployment. */
export interface DeploymentFigures {
  readonly version: string;
  readonly environment: string;
  /** How many tenants there are, and how many behind the last one of these figures. */
  readonly tenants?: { readonly all: number; readonly omitted: number };
}

interface Metric extends Omit<Family, "samples"> {
  readonly samples: (figures: ShardFigures, nowMs: number) => readonly Sample[];
}

/** Of a walk, as labels name it. */
const RESULTS = [
  ["checked", "subjects"],
  ["differing", "repaired"],
  ["frozen", "frozen"],
] as const;

function walked(shard: string, walk: string, figures: WalkFigures | undefined): readonly Sample[] {
  if (figures === undefined) return [];
  return RESULTS.map(([result, name]) => ({
    labels: { shard, walk, result },
    value: figures[name],
  }));
}

const METRICS: readonly Metric[] = [
  {
    name: "upline_queue_messages",
    type: "gauge",
    help: "Messages that wait in a queue",
    samples: ({ shard, queues }) =>
      queues.map(({ queue, messages }) => ({
        labels: { shard: String(shard), queue },
        value: messages,
      })),
  },
  {
    name: "upline_queue_oldest_message_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long the oldest message of a queue has waited",
    samples: ({ shard, queues }) =>
      queues.map(({ queue, oldest_ms }) => ({
        labels: { shard: String(shard), queue },
        value: oldest_ms / 1000,
      })),
  },
  {
    name: "upline_spilled",
    type: "gauge",
    help: "1 while messages wait in R2 for a queue that would not take them",
    samples: ({ shard, isSpilled }) =>
      isSpilled === undefined
        ? []
        : [{ labels: { shard: String(shard) }, value: isSpilled ? 1 : 0 }],
  },
  {
    name: "upline_job_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long ago a job of every minute last kept what it did",
    samples: ({ shard, jobs }, nowMs) =>
      jobs.map(({ job, ran_ms }) => ({
        labels: { shard: String(shard), job },
        value: Math.max(0, nowMs - ran_ms) / 1000,
      })),
  },
  {
    name: "upline_object_check_objects",
    type: "gauge",
    help: "Objects held against the mirror, by the walk that is under way and by the last whole one",
    samples: ({ shard, walk, lastWalk }) => [
      ...walked(String(shard), "current", walk),
      ...walked(String(shard), "last", lastWalk?.figures),
    ],
  },
  {
    name: "upline_object_check_age_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long ago the last walk over all objects has ended",
    samples: ofLastWalk(({ ended_ms }, nowMs) => Math.max(0, nowMs - ended_ms)),
  },
  {
    name: "upline_object_check_duration_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long that walk took",
    samples: ofLastWalk(({ started_ms, ended_ms }) => ended_ms - started_ms),
  },
];

function ofLastWalk(msOf: (walk: NonNullable<ShardFigures["lastWalk"]>, nowMs: number) => number) {
  return ({ shard, lastWalk }: ShardFigures, nowMs: number): readonly Sample[] =>
    lastWalk === undefined
      ? []
      : [{ labels: { shard: String(shard) }, value: msOf(lastWalk, nowMs) / 1000 }];
}

/** The figures of shards as families. */
export const shardFamilies = (shards: readonly ShardFigures[], nowMs: number): readonly Family[] =>
  METRICS.map((metric) => ({
    ...metric,
    samples: shards.flatMap((figures) => metric.samples(figures, nowMs)),
  }));

const count = (value: number | undefined): readonly Sample[] =>
  value === undefined ? [] : [{ labels: {}, value }];

/** The figures of a deployment as families. */
export function deploymentFamilies(figures: DeploymentFigures): readonly Family[] {
  const { version, environment, tenants } = figures;
  return [
    {
      name: "upline_build",
      type: "info",
      help: "Which build answers",
      samples: [{ labels: { version, environment }, value: 1 }],
    },
    {
      name: "upline_tenants",
      type: "gauge",
      help: "Tenants of this deployment",
      samples: count(tenants?.all),
    },
    {
      name: "upline_tenants_omitted",
      type: "gauge",
      help: "Tenants behind the last one whose figures these are: ask for them with after=",
      samples: count(tenants?.omitted),
    },
  ];
}
