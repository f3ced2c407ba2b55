import type { Plan, RankRule } from "../plans/plan.ts";
import { type Missing, missingToNext, type RankFacts } from "../plans/ranks.ts";

/** One requirement of a rank, met or not. Volumes in hundredths of a point, legs as a count. */
export interface Requirement {
  /** `max_leg_ppm`: the group volume would do, but too much of it lies in one leg. */
  readonly requirement: Missing["requirement"];
  /** The rank that the legs must have. */
  readonly rank?: string;
  readonly need: number;
  readonly have: number;
  /** 0 where it is met. */
  readonly missing: number;
}

export interface Progress {
  /** Null below the first rank. */
  readonly rank: string | null;
  readonly rank_source: "core" | "estimate";
  /** Null at the highest. */
  readonly next_rank: string | null;
  readonly requirements: readonly Requirement[];
}

type Ranks = Pick<Plan, "ranks">;

/**
 * Where somebody stands and what is missing to the next rank (DOMAIN §4.6). The core's pay rank
 * stands where it told one; otherwise the rank is the highest whose own requirements hold.
 */
export function progressOf(plan: Ranks, told: string | null, facts: RankFacts): Progress {
  const rank = told ?? reached(plan, facts);
  const { next_rank, missing } = missingToNext(plan, rank, facts);
  const rule = plan.ranks.find(({ code }) => code === next_rank);
  return {
    rank,
    rank_source: told === null ? "estimate" : "core",
    next_rank,
    requirements: rule === undefined ? [] : requirementsOf(rule, missing, facts),
  };
}

/** The highest rank that somebody lacks nothing for, whatever becomes of those below it. */
function reached(plan: Ranks, facts: RankFacts): string | null {
  const below = (index: number) => plan.ranks[index - 1]?.code ?? null;
  const rule = plan.ranks.findLast(
    (_, index) => missingToNext(plan, below(index), facts).missing.length === 0,
  );
  return rule?.code ?? null;
}

/** All that the rank asks for, in the order in which `missing` lists what does not hold of it. */
function requirementsOf(
  rule: RankRule,
  missing: readonly Missing[],
  facts: RankFacts,
): readonly Requirement[] {
  const { min_pv_x100: pv, min_gv_x100: gv, legs_with_rank: legs } = rule;
  const unmet = (...kinds: Missing["requirement"][]) =>
    missing.find(({ requirement }) => kinds.includes(requirement));
  const asked: (Missing | undefined)[] = [
    pv === undefined ? undefined : { requirement: "min_pv_x100", have: facts.pv_x100, need: pv },
    gv === undefined
      ? undefined
      : (unmet("min_gv_x100", "max_leg_ppm") ?? {
          requirement: "min_gv_x100",
          have: facts.gv_x100,
          need: gv,
        }),
    legs === undefined
      ? undefined
      : {
          requirement: "legs_with_rank",
          rank: legs.rank,
          // What holds is not listed as missing, and so has no count: it has what is needed.
          have: unmet("legs_with_rank")?.have ?? legs.count,
          need: legs.count,
        },
  ];
  return asked.flatMap((one) =>
    one === undefined ? [] : [{ ...one, missing: Math.max(0, one.need - one.have) }],
  );
}
