import { BUCKETS, type Sketch } from "./sketch.ts";

/** The ways of a line that are timed; `visible` is the whole of it. */
export const STAGES = ["producer", "queue", "apply", "mirror", "visible"] as const;

export type Stage = (typeof STAGES)[number];

/**
 * Counts by key, those that are zero left out. `lines` are those that were timed, `within:5000` those
 * of them that were visible by then, `waited` and `waited:5000` the same of those that were kept back,
 * `aside` those that nobody waited for, and `queue:57` how many were in that bucket of that stage.
 */
export type Counts = Readonly<Record<string, number>>;

/** How many lines, and how many of them were visible in time, by milliseconds. Exact, unlike buckets. */
export interface Tally {
  readonly lines: number;
  readonly within: ReadonlyMap<number, number>;
}

export const LINES = "lines";
export const WAITED = "waited";
export const ASIDE = "aside";

export const withinKey = (ms: number): string => `within:${ms}`;
export const waitedKey = (ms: number): string => `${WAITED}:${ms}`;
export const bucketKey = (stage: Stage, bucket: number): string => `${stage}:${bucket}`;

/** All of them together. */
export function mergeCounts(some: readonly Counts[]): Counts {
  const sums: Record<string, number> = {};
  for (const counts of some) {
    for (const [key, n] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + n;
  }
  return sums;
}

/** How long a stage took. */
export function sketchOf(counts: Counts, stage: Stage): Sketch {
  const sketch = new Map<number, number>();
  for (let bucket = 1; bucket <= BUCKETS; bucket += 1) {
    const n = counts[bucketKey(stage, bucket)] ?? 0;
    if (n > 0) sketch.set(bucket, n);
  }
  return sketch;
}

/** Every line that was timed. */
export const tallyOf = (counts: Counts, limits: readonly number[]): Tally => ({
  lines: counts[LINES] ?? 0,
  within: new Map(limits.map((ms) => [ms, counts[withinKey(ms)] ?? 0])),
});

/** Those of them that were kept back for a gap, a fact or somebody that was missing. */
export const waitedOf = (counts: Counts, limits: readonly number[]): Tally => ({
  lines: counts[WAITED] ?? 0,
  within: new Map(limits.map((ms) => [ms, counts[waitedKey(ms)] ?? 0])),
});
