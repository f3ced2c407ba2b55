import {
  compareNames,
  finerThan,
  parseBucket,
  type Range,
  rangeOf,
  type TimeBucket,
  type TimeLevel,
} from "./buckets.ts";

/** A bucket with no more lines than this on either side is listed rather than cut up further. */
export const LISTED_MAX = 16;

/** What one side has in a bucket. */
export interface BucketSum {
  /** `2026-11-19T13/17` */
  readonly name: string;
  readonly lines: number;
  /** 32 hex digits. */
  readonly digest: string;
}

/** What a core's digest says of a bucket. */
export interface Counted {
  readonly lines: number;
  /** Absent where there are no lines: then a core tells no digest. */
  readonly digest?: string;
}

/** What the core is to be asked next: digests of a time and some shards, or the lines of a bucket. */
export type Question =
  | {
      readonly kind: "digests";
      readonly level: TimeLevel;
      readonly range: Range;
      /** Absent: all. */
      readonly shards?: readonly number[];
    }
  | {
      readonly kind: "lines";
      readonly bucket: string;
      /** What its lines have to come to; absent of a core without digests. */
      readonly counted?: Counted;
    };

export interface Comparison {
  /** Lines of buckets in which both sides agree. */
  readonly covered: number;
  readonly questions: readonly Question[];
}

/** The first question of a run: by days where its range is short, else by months. */
export const firstQuestion = (level: TimeLevel, range: Range): Question => ({
  kind: "digests",
  level,
  range,
});

/**
 * Holds the digests of the core against ours, both of one time, level and shards. Where a bucket
 * differs, its parts are asked for, those of one time together; or its lines, where they are few.
 * What ends after `settledMs` is in flight, and not asked for.
 */
export function compareBuckets(
  core: readonly BucketSum[],
  local: readonly BucketSum[],
  settledMs: number,
): Comparison {
  const ours = new Map(local.map((bucket) => [bucket.name, bucket]));
  const theirs = new Map(core.map((bucket) => [bucket.name, bucket]));
  const names = [...new Set([...theirs.keys(), ...ours.keys()])].toSorted(compareNames);
  let covered = 0;
  const differing: Differing[] = [];
  for (const name of names) {
    const [one, other] = [theirs.get(name), ours.get(name)];
    if (isSame(one, other)) covered += one?.lines ?? 0;
    else differing.push(...differingAt(name, one, other));
  }
  return { covered, questions: questionsOn(differing, settledMs) };
}

const isSame = (one?: BucketSum, other?: BucketSum): boolean =>
  one?.digest === other?.digest && one?.lines === other?.lines;

interface Differing {
  readonly name: string;
  readonly bucket: TimeBucket;
  /** On the side that has more. */
  readonly lines: number;
  readonly counted: Counted;
}

function differingAt(name: string, core?: BucketSum, local?: BucketSum): readonly Differing[] {
  const bucket = parseBucket(name);
  if (bucket === undefined || bucket.level === "balances") return [];
  const lines = Math.max(core?.lines ?? 0, local?.lines ?? 0);
  return [{ name, bucket, lines, counted: countedOf(core) }];
}

const countedOf = (core: BucketSum | undefined): Counted =>
  core === undefined ? { lines: 0 } : { lines: core.lines, digest: core.digest };

/** What a core's digests say of one bucket: those without lines are left out of them. */
export const countedIn = (sums: readonly BucketSum[], name: string): Counted =>
  countedOf(sums.find((sum) => sum.name === name));

function questionsOn(differing: readonly Differing[], settledMs: number): readonly Question[] {
  const settled = differing.filter(({ bucket }) => isSettled(bucket, settledMs));
  const few = settled.filter(({ bucket, lines }) => isListed(bucket, lines, settledMs));
  const many = settled.filter(({ bucket, lines }) => !isListed(bucket, lines, settledMs));
  const times = Map.groupBy(many, ({ bucket }) => `${bucket.level} ${bucket.fromMs}`);
  return [
    ...[...times.values()].flatMap(cutUp),
    ...few.map(({ name, counted }): Question => ({ kind: "lines", bucket: name, counted })),
  ];
}

/** Something of it, at least. */
function isSettled(bucket: TimeBucket, settledMs: number): boolean {
  const { fromMs, toMs } = rangeOf(bucket);
  return (isWhole(bucket) ? toMs : fromMs + HOUR_MS) <= settledMs;
}

const HOUR_MS = 3_600_000;

const isWhole = ({ level }: TimeBucket): boolean => level === "hour" || level === "part";

/** A bucket that ends in flight is cut up, that its settled hours alone are looked at. */
const isListed = (bucket: TimeBucket, lines: number, settledMs: number): boolean =>
  bucket.level === "part" || (lines <= LISTED_MAX && rangeOf(bucket).toMs <= settledMs);

function cutUp(of: readonly Differing[]): readonly Question[] {
  const [first] = of;
  const level = first === undefined ? undefined : finerThan(first.bucket.level);
  if (first === undefined || level === undefined) return [];
  const shards = of.map(({ bucket }) => bucket.shard).toSorted((a, b) => a - b);
  return [{ kind: "digests", level, range: rangeOf(first.bucket), shards }];
}
