import type { Plan, RankRule } from "../plans/plan.ts";
import { type Missing, missingToNext, type RankFacts, rankFactsOf } from "../plans/ranks.ts";

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

/** A pay rank that was told: by the core, or by a run of the gateway's own. */
export interface ToldRank {
  readonly rank: string;
  readonly by: "core" | "run";
}

/** Somebody below, with the volumes of the period; hundredths of a point. */
export interface Below {
  readonly id: string;
  readonly parent_id: string;
  readonly pv_x100: number;
  readonly gv_x100: number;
  /** The rank that was told for the period. */
  readonly told: string | null;
}

/** Who is looked at for somebody's rank of a period. */
export interface Downline {
  readonly people: readonly Below[];
  /** False where there are more people than are looked at. */
  readonly isWhole: boolean;
}

export interface Progress {
  /** Null below the first rank. */
  readonly rank: string | null;
  readonly rank_source: ToldRank["by"] | "estimate";
  /** The rank as counted here, whatever was told. */
  readonly estimated_rank: string | null;
  /** Null at the highest. */
  readonly next_rank: string | null;
  readonly requirements: readonly Requirement[];
}

type Ranks = Pick<Plan, "ranks">;

/** Whether a rank depends on ranks below, so that a whole downline has to be looked at. */
export const asksForLegs = ({ ranks }: Ranks): boolean =>
  ranks.some(({ legs_with_rank }) => legs_with_rank !== undefined);

/**
 * What somebody's rank is held against, with the ranks below evaluated from the deepest up, as a
 * run of the period would (DOMAIN §4.6), without grace. What was told of a rank wins. Of a downline
 * that is not whole, whose group volumes are right all the same, no rank counts but those told.
 */
export function factsOf(
  plan: Ranks,
  self: Omit<Below, "parent_id" | "told">,
  { people, isWhole }: Downline,
): RankFacts {
  const below = people.map(({ told, ...person }) =>
    told === null && isWhole ? person : { ...person, rank: told },
  );
  return rankFactsOf(plan, [{ ...self, parent_id: null }, ...below], self.id);
}

/**
 * Where somebody stands and what is missing to the next rank (DOMAIN §4.6). A pay rank that was
 * told stands; otherwise the rank is the highest whose own requirements hold.
 */
export function progressOf(plan: Ranks, told: ToldRank | null, facts: RankFacts): Progress {
  const estimated_rank = reached(plan, facts);
  const rank = told?.rank ?? estimated_rank;
  const { next_rank, missing } = missingToNext(plan, rank, facts);
  const rule = plan.ranks.find(({ code }) => code === next_rank);
  return {
    rank,
    rank_source: told?.by ?? "estimate",
    estimated_rank,
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
