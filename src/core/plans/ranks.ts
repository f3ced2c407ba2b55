import { assert } from "../assert.ts";
import type { Plan, RankRule } from "./plan.ts";
import { divideRounded, safe } from "./rounding.ts";

/** One person of the tree whose legs count, with the volumes of the period; hundredths of a point. */
export interface RankNode {
  readonly id: string;
  /** Null at the top. A parent that is not among the nodes is taken for none. */
  readonly parent_id: string | null;
  readonly pv_x100: number;
  /** Own and downline volume as the core tells it; absent: it is summed up here. */
  readonly gv_x100?: number;
  /** A rank that stands whatever the volumes say, null for none; absent: it is evaluated. */
  readonly rank?: string | null;
}

/** The rank somebody had in the period before, and for how many they had missed it by then. */
export interface FormerRank {
  readonly rank: string;
  readonly periods_below: number;
}

/** What the requirements of a rank are held against. */
export interface RankFacts {
  readonly pv_x100: number;
  readonly gv_x100: number;
  readonly legs: readonly LegFacts[];
}

export interface LegFacts {
  readonly gv_x100: number;
  /** The highest rank anywhere in the leg. */
  readonly best_rank: string | null;
}

/** One requirement that does not hold. Volumes in hundredths of a point, legs as a count. */
export interface Missing {
  /** `max_leg_ppm`: the group volume would do, but too much of it lies in one leg. */
  readonly requirement: "min_pv_x100" | "min_gv_x100" | "max_leg_ppm" | "legs_with_rank";
  /** The rank that the legs must have. */
  readonly rank?: string;
  readonly have: number;
  readonly need: number;
}

/** The rank above, and what is missing to it; none at the highest. */
export interface Prospect {
  readonly next_rank: string | null;
  readonly missing: readonly Missing[];
}

export interface RankStanding extends Prospect {
  /** The pay rank of the period; null where not even the first rank's requirements hold. */
  readonly rank: string | null;
  /** For how many periods in a row it is kept although it is missed. */
  readonly periods_below: number;
}

type Ranks = Pick<Plan, "ranks">;

/**
 * The rank of everybody, from the deepest up: the highest one whose own requirements all hold,
 * whatever becomes of those below it (DOMAIN §4.6). A rank kept by grace counts for the upline as
 * one that was reached. Time and memory grow with the number of people, at any depth. Throws where
 * the edges run in a circle or an id comes twice.
 */
export function evaluateRanks(
  { ranks }: Ranks,
  nodes: readonly RankNode[],
  former: ReadonlyMap<string, FormerRank> = new Map(),
): ReadonlyMap<string, RankStanding> {
  const ladder = ladderOf(ranks);
  const standings = new Map<string, RankStanding>();
  for (const { id, facts, held } of fromBelow(ladder, nodes, former)) {
    standings.set(id, { ...held, ...prospect(ladder, held.rank, facts) });
  }
  return standings;
}

/**
 * What the rank of one of the nodes is held against, those below evaluated as by
 * {@link evaluateRanks}, without grace. Throws where nobody among them has the id.
 */
export function rankFactsOf(
  { ranks }: Ranks,
  nodes: readonly RankNode[],
  nodeId: string,
): RankFacts {
  let found: RankFacts | undefined;
  for (const { id, facts } of fromBelow(ladderOf(ranks), nodes, new Map())) {
    if (id === nodeId) found = facts;
  }
  assert(found !== undefined, "Cannot tell the legs of somebody who is not there");
  return found;
}

interface Evaluated {
  readonly id: string;
  readonly facts: RankFacts;
  readonly held: Pick<RankStanding, "rank" | "periods_below">;
}

function* fromBelow(
  ladder: Ladder,
  nodes: readonly RankNode[],
  former: ReadonlyMap<string, FormerRank>,
): Generator<Evaluated> {
  const legs = new Map<string, LegFacts[]>();
  for (const node of bottomUp(nodes)) {
    const { id, parent_id, pv_x100, gv_x100 } = node;
    const own = legs.get(id) ?? [];
    legs.delete(id);
    const facts = {
      pv_x100,
      gv_x100: gv_x100 ?? own.reduce((sum, leg) => added(sum, leg.gv_x100), pv_x100),
      legs: own,
    };
    const held =
      node.rank === undefined
        ? heldRank(ladder, reachedRank(ladder, facts), former.get(id))
        : { rank: node.rank, periods_below: 0 };
    yield { id, facts, held };
    if (parent_id === null) continue;
    const leg = { gv_x100: facts.gv_x100, best_rank: bestRank(ladder, held.rank, own) };
    const siblings = legs.get(parent_id);
    if (siblings === undefined) legs.set(parent_id, [leg]);
    else siblings.push(leg);
  }
}

/** What somebody of that rank lacks for the next one, as the facts stand. */
export const missingToNext = ({ ranks }: Ranks, rank: string | null, facts: RankFacts): Prospect =>
  prospect(ladderOf(ranks), rank, facts);

/** The ranks, and where each of them stands. */
interface Ladder {
  readonly ranks: readonly RankRule[];
  readonly places: ReadonlyMap<string, number>;
}

const ladderOf = (ranks: readonly RankRule[]): Ladder => ({
  ranks,
  places: new Map(ranks.map(({ code }, index) => [code, index])),
});

/** No rank, and one that the plan does not list, stand below the first. */
const placeOf = ({ places }: Ladder, rank: string | null): number =>
  rank === null ? -1 : (places.get(rank) ?? -1);

function reachedRank(ladder: Ladder, facts: RankFacts): string | null {
  const reached = ladder.ranks.findLast((rule) => missingFor(ladder, rule, facts).length === 0);
  return reached?.code ?? null;
}

function heldRank(
  ladder: Ladder,
  reached: string | null,
  former: FormerRank | undefined,
): Pick<RankStanding, "rank" | "periods_below"> {
  if (former !== undefined && placeOf(ladder, former.rank) > placeOf(ladder, reached)) {
    const grace = ladder.ranks[placeOf(ladder, former.rank)]?.grace_periods ?? 0;
    const periods_below = former.periods_below + 1;
    if (periods_below <= grace) return { rank: former.rank, periods_below };
  }
  return { rank: reached, periods_below: 0 };
}

function prospect(ladder: Ladder, rank: string | null, facts: RankFacts): Prospect {
  const next = ladder.ranks[placeOf(ladder, rank) + 1];
  if (next === undefined) return { next_rank: null, missing: [] };
  return { next_rank: next.code, missing: missingFor(ladder, next, facts) };
}

function missingFor(ladder: Ladder, rule: RankRule, facts: RankFacts): readonly Missing[] {
  return [...missingVolume(rule, facts), ...missingLegs(ladder, rule, facts)];
}

function missingVolume(rule: RankRule, facts: RankFacts): readonly Missing[] {
  const missing: Missing[] = [];
  const { min_pv_x100: pv, min_gv_x100: gv } = rule;
  if (pv !== undefined && facts.pv_x100 < pv) {
    missing.push({ requirement: "min_pv_x100", have: facts.pv_x100, need: pv });
  }
  if (gv === undefined) return missing;
  const have = countedVolume(rule, gv, facts);
  if (have >= gv) return missing;
  const requirement = facts.gv_x100 < gv ? "min_gv_x100" : "max_leg_ppm";
  missing.push({ requirement, have, need: gv });
  return missing;
}

/** Group volume without what each leg has above its share of what is needed. */
function countedVolume({ max_leg_ppm: ppm }: RankRule, need: number, facts: RankFacts): number {
  if (ppm === undefined) return facts.gv_x100;
  const most = safe(divideRounded(BigInt(need) * BigInt(ppm), 1_000_000n, "down"));
  return facts.legs.reduce(
    (left, { gv_x100 }) => added(left, -Math.max(0, gv_x100 - most)),
    facts.gv_x100,
  );
}

function missingLegs(
  ladder: Ladder,
  { legs_with_rank: needed }: RankRule,
  { legs }: RankFacts,
): readonly Missing[] {
  if (needed === undefined) return [];
  const { rank, count: need } = needed;
  const least = placeOf(ladder, rank);
  const have = legs.filter(({ best_rank }) => placeOf(ladder, best_rank) >= least).length;
  return have >= need ? [] : [{ requirement: "legs_with_rank", rank, have, need }];
}

const bestRank = (ladder: Ladder, own: string | null, legs: readonly LegFacts[]): string | null =>
  legs.reduce(
    (best, { best_rank }) =>
      placeOf(ladder, best_rank) > placeOf(ladder, best) ? best_rank : best,
    own,
  );

/** A volume beyond 2^53 meets every requirement there is: it stays at the limit. */
const added = (a: number, b: number) =>
  Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, a + b));

/** Everybody behind all of their downline. */
function bottomUp(nodes: readonly RankNode[]): readonly RankNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  assert(byId.size === nodes.length, "Cannot rank somebody twice");
  const children = new Map<string, number>();
  for (const { parent_id } of nodes) {
    if (parent_id !== null) children.set(parent_id, (children.get(parent_id) ?? 0) + 1);
  }
  const order = nodes.filter(({ id }) => !children.has(id));
  // The list grows while it is read: whoever's last child has been read comes next.
  for (const { parent_id } of order) {
    const parent = parent_id === null ? undefined : byId.get(parent_id);
    if (parent === undefined) continue;
    const left = (children.get(parent.id) ?? 0) - 1;
    children.set(parent.id, left);
    if (left === 0) order.push(parent);
  }
  assert(order.length === nodes.length, "Cannot rank people whose edges run in a circle");
  return order;
}
