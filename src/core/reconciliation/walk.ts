import {
  compareNames,
  finerThan,
  parseBucket,
  type Range,
  rangeOf,
  type TimeBucket,
  type TimeLevel,
} from "./buckets.ts";
import { childrenIn, type Parent, withinAsked } from "./parts.ts";
import { PART_DIGITS_MAX } from "./shard.ts";

/** A bucket with no more lines than this on either side is listed rather than cut up further. */
export const LISTED_MAX = 16;
/** A part all of whose sixteenths differ is listed with as many lines: in four answers and not sixteen. */
const LISTED_WHOLE_MAX = 4000;
const SIXTEEN = 16;
/** Parts that are cut up by one question: their names are in its address. */
export const WITHIN_MAX = 100;

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
      /** Parts of that range and those shards: their sixteenths alone. */
      readonly within?: readonly Parent[];
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

export interface Comparing {
  /** What ends later is in flight, and not asked for. */
  readonly settledMs: number;
  /** Where a month begins that is not in flight any more, nor is what comes behind it; absent: none is. */
  readonly aheadMs?: number;
  /** How many digits parts of this core may have. */
  readonly partDigits?: number;
  /** The parts that both sides are the sixteenths of; absent for whole hours and more. */
  readonly within?: readonly Parent[];
}

/**
 * Holds the digests of the core against ours, both of one time, level and shards. Where a bucket
 * differs, its parts are asked for, those of one time together; or its lines, where they are few, or
 * differ nearly all.
 */
export function compareBuckets(
  core: readonly BucketSum[],
  local: readonly BucketSum[],
  { settledMs, aheadMs = Infinity, partDigits = 1, within = [] }: Comparing,
): Comparison {
  const ours = new Map(local.map((bucket) => [bucket.name, bucket]));
  const theirs = new Map(core.map((bucket) => [bucket.name, bucket]));
  const names = [...new Set([...theirs.keys(), ...ours.keys()])].toSorted(compareNames);
  const whole = listedWhole(within, core, local);
  const wholeNames = new Set(whole.map(({ bucket }) => bucket));
  let covered = 0;
  const differing: Differing[] = [];
  for (const name of names) {
    if (wholeNames.has(name.slice(0, -1))) continue;
    const [one, other] = [theirs.get(name), ours.get(name)];
    if (isSame(one, other)) covered += one?.lines ?? 0;
    else differing.push(...differingAt(name, one, other));
  }
  const questions = questionsOn(differing, { settledMs, aheadMs, partDigits });
  return { covered, questions: [...questions, ...whole.map(linesOf)] };
}

const linesOf = ({ bucket, counted }: Parent): Question => ({ kind: "lines", bucket, counted });

/**
 * Parts that are listed rather than cut up further, now that their sixteenths are known: one question
 * for all of their lines instead of one for each sixteenth, where that is few lines for each of them.
 */
function listedWhole(
  within: readonly Parent[],
  core: readonly BucketSum[],
  local: readonly BucketSum[],
): readonly Parent[] {
  const [theirs, ours] = [childrenIn(core), childrenIn(local)];
  return within.filter(({ bucket }) => {
    const others = new Map((ours.get(bucket) ?? []).map((sum) => [sum.name, sum]));
    const of = theirs.get(bucket) ?? [];
    const pairs = [
      ...of.map((one) => [one, others.get(one.name)] as const),
      ...[...others.values()]
        .filter(({ name }) => of.every((one) => one.name !== name))
        .map((other) => [undefined, other] as const),
    ];
    const lines = pairs.reduce((sum, pair) => sum + linesIn(...pair), 0);
    const differing = pairs.filter((pair) => !isSame(...pair)).length;
    return (
      (differing > 1 && lines <= LISTED_MAX * differing) ||
      (differing === SIXTEEN && lines <= LISTED_WHOLE_MAX)
    );
  });
}

/** On the side that has more. */
const linesIn = (one?: BucketSum, other?: BucketSum): number =>
  Math.max(one?.lines ?? 0, other?.lines ?? 0);

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
  return [{ name, bucket, lines: linesIn(core, local), counted: countedOf(core) }];
}

const countedOf = (core: BucketSum | undefined): Counted =>
  core === undefined ? { lines: 0 } : { lines: core.lines, digest: core.digest };

/** What a core's digests say of one bucket: those without lines are left out of them. */
export const countedIn = (sums: readonly BucketSum[], name: string): Counted =>
  countedOf(sums.find((sum) => sum.name === name));

function questionsOn(
  differing: readonly Differing[],
  { partDigits, ...settled }: Required<Omit<Comparing, "within">>,
): readonly Question[] {
  const looked = differing.filter(({ bucket }) => isSettled(bucket, settled));
  const digits = Math.min(partDigits, PART_DIGITS_MAX);
  const isListed = ({ bucket, lines }: Differing): boolean =>
    (bucket.level === "part" && bucket.part.length >= digits) ||
    (lines <= LISTED_MAX && isAllSettled(bucket, settled));
  const few = looked.filter(isListed);
  const many = looked.filter((one) => !isListed(one));
  const times = Map.groupBy(many, ({ bucket }) => `${bucket.level} ${bucket.fromMs}`);
  return [
    ...[...times.values()].flatMap(cutUp),
    ...few.map(({ name, counted }): Question => ({ kind: "lines", bucket: name, counted })),
  ];
}

type Settled = Required<Pick<Comparing, "settledMs" | "aheadMs">>;

/** Something of it, at least. */
function isSettled(bucket: TimeBucket, { settledMs, aheadMs }: Settled): boolean {
  const { fromMs, toMs } = rangeOf(bucket);
  return fromMs >= aheadMs || (isWhole(bucket) ? toMs : fromMs + HOUR_MS) <= settledMs;
}

const HOUR_MS = 3_600_000;

const isWhole = ({ level }: TimeBucket): boolean => level === "hour" || level === "part";

/** A bucket that ends in flight is cut up, that its settled hours alone are looked at. */
const isAllSettled = (bucket: TimeBucket, { settledMs, aheadMs }: Settled): boolean =>
  bucket.fromMs >= aheadMs || rangeOf(bucket).toMs <= settledMs;

function cutUp(of: readonly Differing[]): readonly Question[] {
  const [first] = of;
  if (first?.bucket.level === "part") return cutUpParts(of);
  const level = first === undefined ? undefined : finerThan(first.bucket.level);
  if (first === undefined || level === undefined) return [];
  const shards = of.map(({ bucket }) => bucket.shard).toSorted((a, b) => a - b);
  return [{ kind: "digests", level, range: rangeOf(first.bucket), shards }];
}

function cutUpParts(of: readonly Differing[]): readonly Question[] {
  const parents = of.map(({ name, counted }): Parent => ({ bucket: name, counted }));
  return Array.from({ length: Math.ceil(parents.length / WITHIN_MAX) }, (_, i): Question => {
    const within = parents.slice(i * WITHIN_MAX, (i + 1) * WITHIN_MAX);
    return { kind: "digests", ...withinAsked(within), within };
  });
}
