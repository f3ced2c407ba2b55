import {
  cutOutOf,
  formatBucket,
  parseBucket,
  type PartBucket,
  type Range,
  rangeOf,
} from "./buckets.ts";
import type { BucketSum, Counted } from "./walk.ts";

/** A part of an hour that is cut up further, and what the core's digest says of it. */
export interface Parent {
  /** `2026-11-19T13/17/a` */
  readonly bucket: string;
  readonly counted: Counted;
}

/** Parts of an hour and some shards; with `within` the sixteenths of those parts alone. */
export interface PartsAsked {
  readonly level: "part";
  readonly range: Range;
  readonly shards: readonly number[];
  readonly within?: readonly string[];
}

/** How the sixteenths of parts are asked for; all of them are of one hour, and there is one at least. */
export function withinAsked(parents: readonly Parent[]): PartsAsked {
  return askedAt(partsNamed(parents), { within: parents.map(({ bucket }) => bucket) });
}

/** How those parts themselves are asked for, among others. */
export function againAsked(parents: readonly Parent[]): PartsAsked {
  const parts = partsNamed(parents);
  const smaller = parts.filter(({ part }) => part.length > 1);
  const within = [...new Set(smaller.map((part) => formatBucket(cutOutOf(part))))];
  return askedAt(parts, within.length === 0 ? {} : { within });
}

const partsNamed = (parents: readonly Parent[]): readonly PartBucket[] =>
  parents.flatMap(({ bucket: name }) => {
    const bucket = parseBucket(name);
    return bucket?.level === "part" ? [bucket] : [];
  });

function askedAt(parts: readonly PartBucket[], more: Pick<PartsAsked, "within">): PartsAsked {
  const [first = NOWHERE] = parts;
  const shards = [...new Set(parts.map(({ shard }) => shard))].toSorted((a, b) => a - b);
  return { level: "part", range: rangeOf(first), shards, ...more };
}

/** No parent names nothing: they come from buckets. */
const NOWHERE: PartBucket = { level: "part", fromMs: 0, shard: 0, part: "0" };

/** What was told of the sixteenths of parts, by the part's name. */
export function childrenIn(sums: readonly BucketSum[]): ReadonlyMap<string, readonly BucketSum[]> {
  return Map.groupBy(sums, ({ name }) => name.slice(0, -1));
}

/** Parts whose sixteenths do not have as many lines together as the core's digest of them counts. */
export function notAddingUp(
  parents: readonly Parent[],
  sums: readonly BucketSum[],
): readonly Parent[] {
  const children = childrenIn(sums);
  return parents.filter(({ bucket, counted }) => {
    const of = children.get(bucket) ?? [];
    return of.reduce((sum, { lines }) => sum + lines, 0) !== counted.lines;
  });
}

/** Parts all of whose sixteenths are alike on both sides: then they are alike themselves. */
export function alikeIn(
  parents: readonly Parent[],
  core: readonly BucketSum[],
  local: readonly BucketSum[],
): readonly Parent[] {
  const [theirs, ours] = [childrenIn(core), childrenIn(local)];
  return parents.filter(({ bucket }) => textOf(theirs.get(bucket)) === textOf(ours.get(bucket)));
}

const textOf = (of: readonly BucketSum[] = []): string =>
  of
    .map(({ name, lines, digest }) => `${name} ${lines} ${digest}`)
    .toSorted()
    .join("\n");
