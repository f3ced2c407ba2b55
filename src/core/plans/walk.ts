import type { Ancestor, Lineage } from "../genealogy/lineage.ts";
import type { Levels, Plan } from "./plan.ts";

/** Whether a plan pays along the placement tree, at once or at period close: pairs are made there. */
export const walksPlacement = ({ components }: Plan): boolean =>
  components.some((component) =>
    "tree" in component ? component.tree === "placement" : component.kind === "binary",
  );

/** Whether somebody may be paid: status and own volume (DOMAIN §4.1). No volume meets any minimum. */
export function isEligible({ eligibility }: Plan, { status, pv_x100 }: Ancestor): boolean {
  const isInStanding = status !== null && eligibility.statuses.includes(status);
  return isInStanding && (pv_x100 === null || pv_x100 >= eligibility.min_pv_x100);
}

/** The rank somebody is paid at: without one, the plan's lowest. */
export const payRank = ({ ranks }: Plan, { rank }: Ancestor): string | undefined =>
  rank ?? ranks[0]?.code;

/** Where a rank stands in the plan, from 0; −1 for one it does not list, which is below them all. */
export const rankIndex = ({ ranks }: Plan, rank: string | undefined): number =>
  ranks.findIndex(({ code }) => code === rank);

export const hasRank = (plan: Plan, person: Ancestor, least: string): boolean =>
  rankIndex(plan, payRank(plan, person)) >= rankIndex(plan, least);

/**
 * Whether somebody leads a group of their own. By rank alone: who is not eligible this period still
 * parts the groups, so that nobody's group changes with a neighbour's order.
 */
export function isLeader(plan: Plan, person: Ancestor, boundaryRank: string): boolean {
  const isCustomer = person.status === null && person.rank === null;
  return !isCustomer && hasRank(plan, person, boundaryRank);
}

/** Somebody on the way up who is not left out, and the level that falls to them. */
export interface Step {
  readonly person: Ancestor;
  readonly level: number;
}

export interface Path {
  readonly max_level: number;
  readonly isSkipped: (person: Ancestor, level: number) => boolean;
  /** The walk ends with the first leader of at least this rank, the source included. */
  readonly boundary_rank?: string | undefined;
}

/**
 * The way up from the source's parent, level by level (DOMAIN §4.2). Who is left out takes no
 * level: the skips decide the level numbers, so nothing can be compressed afterwards.
 */
export function walk(plan: Plan, { source, upline }: Lineage, path: Path): readonly Step[] {
  const { max_level, isSkipped, boundary_rank } = path;
  const isLast = (person: Ancestor) =>
    boundary_rank !== undefined && isLeader(plan, person, boundary_rank);
  const steps: Step[] = [];
  if (isLast(source)) return steps;
  for (const person of upline) {
    const level = steps.length + 1;
    if (level > max_level) break;
    if (!isSkipped(person, level)) steps.push({ person, level });
    if (isLast(person)) break;
  }
  return steps;
}

/**
 * Who is left out, by the mode of compression. `isPaid` says whether the level would pay that
 * person anything: `pay_to_qualified` passes it on to the next one whom it does.
 */
export function skipOf(
  plan: Plan,
  { compression, compress_min_rank: least }: Levels,
  isPaid: (person: Ancestor, level: number) => boolean,
): Path["isSkipped"] {
  switch (compression) {
    case "none":
      return () => false;
    case "skip_inactive":
      return (person) => !isEligible(plan, person);
    case "skip_below_rank":
      return (person) =>
        !isEligible(plan, person) || (least !== undefined && !hasRank(plan, person, least));
    case "pay_to_qualified":
      return (person, level) => !isEligible(plan, person) || !isPaid(person, level);
  }
}
