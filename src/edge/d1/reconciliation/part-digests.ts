import { formatBucket, parseBucket, type Range } from "../../../core/reconciliation/buckets.ts";
import { digestOf, type Sha256 } from "../../../core/reconciliation/digest.ts";
import { LIMBS, sumOfLimbs } from "../../../core/reconciliation/limbs.ts";
import { partOf } from "../../../core/reconciliation/shard.ts";
import type { BucketSum } from "../../../core/reconciliation/walk.ts";
import { digestedLines } from "./digested-lines.ts";

/** What is cut into sixteen: an hour of a shard, or a part of one. */
interface Cut {
  readonly shard: number;
  /** Empty: all of the hour. */
  readonly part: string;
}

interface Sum extends Cut {
  lines: number;
  /** Without carry: a double holds two million of them exactly. */
  readonly limbs: number[];
}

/**
 * The mirror's digests of the parts of an hour and some shards, or of the sixteenths of those parts
 * that `within` names, all of as many digits: made of its lines, as nobody keeps sums so fine. Those
 * without lines are left out.
 */
export async function partDigests(
  db: D1Database,
  tenant: string,
  asked: {
    readonly hour: Range;
    readonly shards: readonly number[];
    readonly within?: readonly string[];
    readonly sha256: Sha256;
  },
): Promise<readonly BucketSum[]> {
  const { hour, sha256 } = asked;
  const cuts = asked.within?.flatMap(cutNamed) ?? asked.shards.map(cutWhole);
  const wanted = new Set(cuts.map(keyOf));
  const digits = cuts[0]?.part.length ?? 0;
  const sums = new Map<string, Sum>();
  const hours = cuts.map(({ shard }) => ({ ...hour, shard }));
  for await (const page of digestedLines(db, tenant, hours)) {
    for (const { line_id, shard, limbs } of page) {
      const part = partOf(line_id, sha256, digits + 1);
      if (wanted.has(keyOf({ shard, part: part.slice(0, digits) })))
        add(sums, { shard, part }, limbs);
    }
  }
  return [...sums.values()].map(({ shard, part, lines, limbs }) => {
    const sum = sumOfLimbs(limbs.map(String));
    const name = formatBucket({ level: "part", fromMs: hour.fromMs, shard, part });
    return { name, lines, digest: digestOf({ lines, sum }, sha256) };
  });
}

const cutWhole = (shard: number): Cut => ({ shard, part: "" });

function cutNamed(name: string): readonly Cut[] {
  const bucket = parseBucket(name);
  return bucket?.level === "part" ? [{ shard: bucket.shard, part: bucket.part }] : [];
}

const keyOf = ({ shard, part }: Cut): string => `${shard}/${part}`;

function add(sums: Map<string, Sum>, of: Cut, limbs: readonly number[]): void {
  const key = keyOf(of);
  const sum = sums.get(key) ?? { ...of, lines: 0, limbs: Array.from({ length: LIMBS }, () => 0) };
  sum.lines += 1;
  for (const [at, limb] of limbs.entries()) sum.limbs[at] = (sum.limbs[at] ?? 0) + limb;
  sums.set(key, sum);
}
