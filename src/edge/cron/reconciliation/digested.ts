import { rangeOf, type TimeBucket } from "../../../core/reconciliation/buckets.ts";
import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import { isCounted } from "../../../core/reconciliation/counted.ts";
import { type Counted, countedIn } from "../../../core/reconciliation/walk.ts";
import type { Going } from "./going.ts";
import type { Told } from "./ports.ts";

/** A bucket to be listed, and what the core's digest says of it; without one nothing is held against it. */
export interface Listable {
  readonly bucket: TimeBucket;
  readonly name: string;
  readonly counted: Counted | undefined;
}

/**
 * The core's lines of a bucket, held against its own digest: both are as of one state, and whoever
 * gives a line wrongly, or leaves one out, would have the mirror healed by that. What changed since
 * a core without a past leaves out of both, though out of the lines alone where the digest was told
 * before: the digest is asked again, and the lines once more.
 */
export async function linesAsDigested(
  { core, cursor: { snapshot }, ports: { sha256 } }: Going,
  { bucket, name, counted }: Listable,
): Promise<Told<CoreLine> | { readonly kind: "contradicted" }> {
  const first = await core.lines(bucket, snapshot);
  if (first.kind !== "all" || counted === undefined) return first;
  if (isCounted(first.items, counted, sha256)) return first;

  const { level, shard } = bucket;
  const sums = await core.digests({ level, range: rangeOf(bucket), shards: [shard] }, snapshot);
  if (sums.kind !== "all") return sums;
  const now = countedIn(sums.items, name);
  if (isCounted(first.items, now, sha256)) return first;

  const second = await core.lines(bucket, snapshot);
  if (second.kind !== "all" || isCounted(second.items, now, sha256)) return second;
  return { kind: "contradicted" };
}

const NAMED_MAX = 3;

/** One sentence for the report of a run. */
export function contradictedDetail(buckets: readonly string[]): string {
  const named = buckets.slice(0, NAMED_MAX).join(", ");
  const more = buckets.length > NAMED_MAX ? ` and ${buckets.length - NAMED_MAX} more` : "";
  return `The core's lines are not those that its own digest counts, in ${named}${more}: nothing is concluded from them`;
}
