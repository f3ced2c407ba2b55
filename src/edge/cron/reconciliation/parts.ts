import {
  againAsked,
  alikeIn,
  notAddingUp,
  type Parent,
  withinAsked,
} from "../../../core/reconciliation/parts.ts";
import { type BucketSum, countedIn } from "../../../core/reconciliation/walk.ts";
import type { Going } from "./going.ts";
import type { Told } from "./ports.ts";

type PartsTold = Extract<Told<BucketSum>, { readonly kind: "all" }> & {
  /** The parts that these are the sixteenths of, with what the core counts in them by now. */
  readonly within: readonly Parent[];
  /** Parts whose sixteenths do not add up to them: left out of both. */
  readonly contradicted: readonly string[];
};

/**
 * The core's digests of the sixteenths of parts, held against its own digests of those parts: together
 * they have to have as many lines. What changed since a core without a past leaves out of all that it
 * tells from then on: so the parts are asked for again, and their sixteenths once more.
 */
export async function partsAsDigested(
  { core, cursor: { snapshot } }: Pick<Going, "core" | "cursor">,
  within: readonly Parent[],
): Promise<PartsTold | Exclude<Told<never>, { readonly kind: "all" }>> {
  const first = await core.digests(withinAsked(within), snapshot);
  if (first.kind !== "all") return first;
  const wrong = new Set(notAddingUp(within, first.items));
  if (wrong.size === 0) return { ...first, within, contradicted: [] };

  const sums = await core.digests(againAsked([...wrong]), first.snapshot);
  if (sums.kind !== "all") return sums;
  const now = within.map((one): Parent => {
    const { bucket } = one;
    return wrong.has(one) ? { bucket, counted: countedIn(sums.items, bucket) } : one;
  });
  const still = notAddingUp(now, first.items);
  if (still.length === 0) return { ...first, within: now, contradicted: [] };

  const second = await core.digests(withinAsked(still), first.snapshot);
  if (second.kind !== "all") return second;
  const contradicted = notAddingUp(still, second.items).map(({ bucket }) => bucket);
  const asked = new Set(still.map(({ bucket }) => bucket));
  const items = [
    ...first.items.filter(({ name }) => !asked.has(name.slice(0, -1))),
    ...second.items.filter(({ name }) => !contradicted.includes(name.slice(0, -1))),
  ];
  return { ...first, items, within: without(now, contradicted), contradicted };
}

/**
 * Parts that differ, as the core says of them, and all of whose sixteenths are ours, as it says of
 * those: where ours come to something else, one of the two is not true.
 */
export async function contradictedBy(
  { ports, run }: Pick<Going, "ports" | "run">,
  within: readonly Parent[],
  sums: { readonly core: readonly BucketSum[]; readonly local: readonly BucketSum[] },
): Promise<readonly string[]> {
  const alike = alikeIn(within, sums.core, sums.local);
  if (alike.length === 0) return [];
  const ours = await ports.localDigests(run.tenant, againAsked(alike));
  return alike.flatMap(({ bucket, counted }) =>
    countedIn(ours, bucket).digest === counted.digest ? [] : [bucket],
  );
}

export const without = (
  parents: readonly Parent[],
  contradicted: readonly string[],
): readonly Parent[] => parents.filter(({ bucket }) => !contradicted.includes(bucket));
