import { exponentOf } from "#src/core/money.ts";
import type { Component, Flat, Generation, LevelWalk, Plan } from "#src/core/plans/plan.ts";
import type { Company } from "./company.ts";
import { divide } from "./plan.ts";

/** A commission as computed here. */
export interface Earned {
  readonly component: string;
  readonly distributor: string;
  readonly level: number;
  readonly depth: number;
  /** Null for a fixed sum. */
  readonly ratePpm: number | null;
  readonly amount: bigint;
}

/** A level that nobody may take; what it comes to stays with the company. */
export interface Breakage {
  readonly component: string;
  readonly level: number;
  readonly depth: number;
}

export interface Walked {
  readonly earned: readonly Earned[];
  readonly breakage: readonly Breakage[];
}

export interface Sold {
  readonly source: string;
  /** 0 where the plan counts none. */
  readonly cvX100: number;
  /** What fixed sums are paid for: the package, else the kind of order. */
  readonly package: string;
  readonly atMs: number;
}

/** What a sale pays in each component of the plan: DOMAIN §4.2, word by word. */
export function walk(company: Company, plan: Plan, sold: Sold): Walked {
  const each = plan.components.map((component) =>
    walkComponent(company, { plan, component, sold }),
  );
  return {
    earned: each.flatMap(({ earned }) => earned),
    breakage: each.flatMap(({ breakage }) => breakage),
  };
}

interface Asked<Of extends Component> {
  readonly plan: Plan;
  readonly component: Of;
  readonly sold: Sold;
}

function walkComponent(company: Company, asked: Asked<Component>): Walked {
  const { component, sold } = asked;
  if (component.kind === "flat") return walkFlat(company, { ...asked, component });
  // Without volume nothing is paid on it, and nothing is left.
  if (sold.cvX100 === 0) return { earned: [], breakage: [] };
  switch (component.kind) {
    case "unilevel":
      return walkLevels(company, { ...asked, component }, component.max_level);
    case "matrix":
      return walkLevels(
        company,
        { ...asked, component },
        Math.min(component.max_level, component.height),
      );
    case "generation":
      return walkGenerations(company, { ...asked, component });
    case "binary":
    case "stairstep":
      throw new Error(`The naive calculator does not know ${component.kind}`);
  }
}

function walkLevels(
  company: Company,
  { plan, component, sold }: Asked<LevelWalk & Component>,
  max: number,
): Walked {
  const people = peopleOf(company, plan, sold.atMs);
  const upline = company.upline(component.tree, sold.source, sold.atMs) ?? [];
  const earned: Earned[] = [];
  const breakage: Breakage[] = [];
  const sourceIsOut =
    company.statusAt(sold.source, sold.atMs) !== undefined && !people.isEligible(sold.source);
  if (component.source_must_qualify === true && sourceIsOut) return { earned, breakage };
  let level = 1;
  let depth = 0;
  const isBoundary = (node: string) =>
    component.boundary_rank !== undefined && people.hasRank(node, component.boundary_rank);
  if (isBoundary(sold.source)) return { earned, breakage };
  for (const node of upline) {
    if (level > max) break;
    depth += 1;
    const ok = people.isEligible(node);
    const rate = component.rates_ppm[people.rank(node)]?.[level - 1] ?? 0;
    if (!isSkipped()) {
      if (ok && rate > 0) {
        const amount = priceOf(plan, { sold, poolPpm: component.pool_ppm, ratePpm: rate });
        earned.push({
          component: component.code,
          distributor: node,
          level,
          depth,
          ratePpm: rate,
          amount,
        });
      } else breakage.push({ component: component.code, level, depth });
      level += 1;
    }
    if (isBoundary(node)) break;

    function isSkipped(): boolean {
      switch (component.compression) {
        case "skip_inactive":
          return !ok;
        case "skip_below_rank":
          return !ok || people.isBelow(node, component.compress_min_rank);
        case "pay_to_qualified":
          return !ok || rate === 0;
        case "none":
          return false;
      }
    }
  }
  return { earned, breakage };
}

/** A fixed sum by package and level (DOMAIN §12.6): it depends on nobody's rank, nor on volume. */
function walkFlat(company: Company, { plan, component, sold }: Asked<Flat>): Walked {
  const people = peopleOf(company, plan, sold.atMs);
  const sums = component.amounts_minor[sold.package] ?? [];
  const earned: Earned[] = [];
  const breakage: Breakage[] = [];
  let level = 1;
  for (const [i, node] of (
    company.upline(component.tree, sold.source, sold.atMs) ?? []
  ).entries()) {
    if (level > component.max_level) break;
    const ok = people.isEligible(node);
    const isBelow =
      component.compression === "skip_below_rank" &&
      people.isBelow(node, component.compress_min_rank);
    if (component.compression !== "none" && (!ok || isBelow)) continue;
    const at = { component: component.code, level, depth: i + 1 };
    const amount = BigInt(sums[level - 1] ?? 0);
    if (amount > 0n && ok) earned.push({ ...at, distributor: node, ratePpm: null, amount });
    else if (amount > 0n) breakage.push(at);
    level += 1;
  }
  return { earned, breakage };
}

/** The override on groups that broke away (W9); DOMAIN has its numbers only, the plan's type the rest. */
function walkGenerations(company: Company, { plan, component, sold }: Asked<Generation>): Walked {
  const people = peopleOf(company, plan, sold.atMs);
  const upline = company.upline(component.tree, sold.source, sold.atMs) ?? [];
  const leaders = [sold.source, ...upline]
    .map((node, depth) => ({ node, depth }))
    .filter(({ node }) => people.hasRank(node, component.boundary_rank));
  const rateOf = (node: string, generation: number) =>
    component.rates_ppm[people.rank(node)]?.[generation - 1] ?? 0;
  const [head, ...above] = leaders;
  let best = head === undefined ? 0 : rateOf(head.node, 1);
  const earned: Earned[] = [];
  for (const [i, { node, depth }] of above.slice(0, component.max_generation).entries()) {
    const rate = rateOf(node, i + 1);
    const ratePpm = component.differential === true ? Math.max(0, rate - best) : rate;
    best = Math.max(best, rate);
    if (ratePpm === 0 || !people.isEligible(node)) continue;
    const amount = priceOf(plan, { sold, poolPpm: component.pool_ppm, ratePpm });
    earned.push({
      component: component.code,
      distributor: node,
      level: i + 1,
      depth,
      ratePpm,
      amount,
    });
  }
  return { earned, breakage: [] };
}

interface Priced {
  readonly sold: Sold;
  readonly poolPpm: number;
  readonly ratePpm: number;
}

/** round( cv_x100 · pool · rate · factor · 10^exp / (100 · 10^18) ), rounded once (DOMAIN §4.1). */
function priceOf(plan: Plan, { sold, poolPpm, ratePpm }: Priced): bigint {
  const exponent = exponentOf(plan.currency);
  if (exponent === undefined) throw new Error(`No currency: ${plan.currency}`);
  const factors = [sold.cvX100, poolPpm, ratePpm, plan.volume.cv_to_money_ppm].map(BigInt);
  const product = factors.reduce((so, factor) => so * factor, 1n);
  return divide(product * 10n ** BigInt(exponent), 100n * 10n ** 18n, plan.rounding);
}

function peopleOf(company: Company, { ranks, eligibility }: Plan, ms: number) {
  const rank = (node: string) => company.rankAt(node, ms) ?? ranks[0]?.code ?? "";
  const height = (code: string | undefined) => ranks.findIndex((each) => each.code === code);
  return {
    rank,
    isBelow: (node: string, code: string | undefined) => height(rank(node)) < height(code),
    hasRank: (node: string, code: string) =>
      company.isDistributor(node) && height(rank(node)) >= height(code),
    isEligible: (node: string) => {
      const pv = company.pvAt(node, ms);
      return (
        eligibility.statuses.includes(company.statusAt(node, ms) ?? "") &&
        (pv === undefined || pv >= eligibility.min_pv_x100)
      );
    },
  };
}
