import { bucketOf, formatBucket, parseBucket, type TimeBucket } from "./buckets.ts";
import { type CoreLine, digestLineOf } from "./core-line.ts";
import { type Difference, isCompared, localDigestLine } from "./differ.ts";
import {
  addTexts,
  canonicalLine,
  type DigestLine,
  digestOf,
  NO_LINES,
  type Sha256,
} from "./digest.ts";
import type { BucketSum } from "./walk.ts";

/** The levels that the lines of a core without digests are counted at. */
export type TallyLevel = "day" | "month";

/** What was counted so far, by the bucket's name: number of lines and sum of hashes. Plain JSON. */
export type Tally = Readonly<Record<string, readonly [lines: number, sum: string]>>;

interface Counting {
  readonly level: TallyLevel;
  readonly sha256: Sha256;
}

/** Counts lines of the core in: its digests, for a core that has none. */
export const tallyLines = (before: Tally, lines: readonly CoreLine[], counting: Counting): Tally =>
  counted(before, lines.map(digestLineOf), { ...counting, sign: 1 });

/**
 * What the mirror comes to, if it has every line that the core told, but for these differences, and
 * no other. Where its own digest says otherwise, it has lines that the core did not tell.
 */
export function tallyExpected(
  tally: Tally,
  differences: readonly Difference[],
  counting: Counting,
): Tally {
  const [theirs, ours] = [
    differences.flatMap(({ core }) => (core === null ? [] : [digestLineOf(core)])),
    differences.flatMap(({ local }) =>
      local === null || !isCompared(local) ? [] : [localDigestLine(local)],
    ),
  ];
  const less = counted(tally, theirs, { ...counting, sign: -1 });
  return counted(less, ours, { ...counting, sign: 1 });
}

/** Buckets whose digests are not those of a tally, in the order of their names. */
export function unlike(
  tally: Tally,
  local: readonly BucketSum[],
  sha256: Sha256,
): readonly TimeBucket[] {
  const ours = new Map(local.map((bucket) => [bucket.name, bucket]));
  const names = [...new Set([...Object.keys(tally), ...ours.keys()])].toSorted();
  return names.flatMap((name) => {
    const [lines, sum] = tally[name] ?? [0, NO_LINES.sum];
    const [bucket, own] = [parseBucket(name), ours.get(name)];
    const isLike =
      (own?.lines ?? 0) === lines &&
      (own === undefined ? sum === NO_LINES.sum : own.digest === digestOf({ lines, sum }, sha256));
    return isLike || bucket === undefined || bucket.level === "balances" ? [] : [bucket];
  });
}

function counted(
  before: Tally,
  lines: readonly DigestLine[],
  { level, sha256, sign }: Counting & { readonly sign: 1 | -1 },
): Tally {
  const after: Record<string, readonly [number, string]> = { ...before };
  const buckets = Map.groupBy(lines, (line) => formatBucket(bucketOf(line, level, sha256)));
  for (const [name, of] of buckets) {
    const [count, hash] = after[name] ?? [0, NO_LINES.sum];
    const sum = addTexts({ lines: count, sum: hash }, of.map(canonicalLine), sha256, sign);
    after[name] = [sum.lines, sum.sum];
  }
  return after;
}
