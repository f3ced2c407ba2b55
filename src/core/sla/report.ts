import { type Burn, burnsOf } from "./burn.ts";
import {
  ASIDE,
  type Counts,
  type Stage,
  sketchOf,
  type Tally,
  tallyOf,
  waitedOf,
} from "./counts.ts";
import { type Attainment, attainmentOf, goodOf, LIMITS, OBJECTIVES } from "./objectives.ts";
import { countOf, msOf, quantile, type Sketch } from "./sketch.ts";

/** How long a stage took: milliseconds within 5 %, null where nothing was timed. */
export interface StageTimes {
  readonly count: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
  /** Of the longest: what takes 10⁶ ms or more is told as 1 045 737. */
  readonly max_ms: number | null;
}

/** How lines fared of a tenant: what a person asks for. */
export interface SlaReport {
  readonly objectives: readonly Attainment[];
  readonly stages: Readonly<Record<Stage, StageTimes>>;
  readonly waited: {
    readonly lines: number;
    readonly within: readonly {
      readonly within_ms: number;
      readonly good: number;
      readonly bad: number;
    }[];
  };
  readonly aside: { readonly lines: number };
  readonly burn: readonly Burn[];
}

/** The report of a range's counts and of the windows up to now. */
export function slaReport(counts: Counts, windows: ReadonlyMap<number, Tally>): SlaReport {
  const tally = tallyOf(counts, LIMITS);
  const waited = waitedOf(counts, LIMITS);
  return {
    objectives: OBJECTIVES.map((objective) => attainmentOf(objective, tally)),
    stages: {
      producer: timesOf(counts, "producer"),
      queue: timesOf(counts, "queue"),
      apply: timesOf(counts, "apply"),
      mirror: timesOf(counts, "mirror"),
      visible: timesOf(counts, "visible"),
    },
    waited: {
      lines: waited.lines,
      within: OBJECTIVES.map((objective) => {
        const { good, bad } = goodOf(objective, waited);
        return { within_ms: objective.within_ms, good, bad };
      }),
    },
    aside: { lines: counts[ASIDE] ?? 0 },
    burn: burnsOf(windows),
  };
}

function timesOf(counts: Counts, stage: Stage): StageTimes {
  const sketch = sketchOf(counts, stage);
  return {
    count: countOf(sketch),
    p50_ms: whole(quantile(sketch, 500_000)),
    p95_ms: whole(quantile(sketch, 950_000)),
    p99_ms: whole(quantile(sketch, 990_000)),
    max_ms: whole(longest(sketch)),
  };
}

const longest = (sketch: Sketch): number | undefined =>
  sketch.size === 0 ? undefined : msOf(Math.max(...sketch.keys()));

const whole = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms));
