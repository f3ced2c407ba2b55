/**
 * How often how long, in buckets whose bounds grow by one factor (DDSketch): bucket i holds what is
 * above γ^(i−1) and not above γ^i milliseconds. Two are merged by adding up.
 */
export type Sketch = ReadonlyMap<number, number>;

/** What a quantile of a sketch is off by at most, relatively. */
const ALPHA = 0.05;
const GAMMA = (1 + ALPHA) / (1 - ALPHA);
/** The natural logarithm of γ: SQL finds the same buckets by it. */
export const LN_GAMMA = Math.log(GAMMA);

/** 1 ms to 10⁶ ms; what is shorter is in the first bucket, what is longer in the last. */
export const BUCKETS = 139;

/** The bucket of a time; milliseconds. */
export const bucketOf = (ms: number): number =>
  Math.min(BUCKETS, Math.max(1, Math.ceil(Math.log(Math.max(ms, 1)) / LN_GAMMA)));

/** The milliseconds that a bucket stands for: within α of all that is in it. */
export const msOf = (bucket: number): number => (2 * GAMMA ** bucket) / (GAMMA + 1);

/** Both together. In whatever order sketches are merged, the same comes of it. */
export function merge(one: Sketch, other: Sketch): Sketch {
  const sums = new Map(one);
  for (const [bucket, n] of other) sums.set(bucket, (sums.get(bucket) ?? 0) + n);
  return sums;
}

/** How many times were put in. */
export const countOf = (sketch: Sketch): number =>
  [...sketch.values()].reduce((sum, n) => sum + n, 0);

/**
 * The milliseconds that so many of a million are not above, within α where it lies between 1 ms and
 * 10⁶ ms; undefined where nothing was put in.
 */
export function quantile(sketch: Sketch, ppm: number): number | undefined {
  const rank = Math.max(1, Math.ceil((countOf(sketch) * ppm) / 1_000_000));
  let below = 0;
  for (const [bucket, n] of [...sketch].toSorted(([a], [b]) => a - b)) {
    below += n;
    if (below >= rank) return msOf(bucket);
  }
  return undefined;
}
