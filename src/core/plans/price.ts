import type { Ancestor, Lineage, TreeName } from "../genealogy/lineage.ts";
import type { Component, Flat, Generation, Matrix, Plan, Rates, Unilevel } from "./plan.ts";
import { type Breakage, type LineDraft, payOn, type Priced, type Sale } from "./sale.ts";
import { isEligible, isLeader, payRank, skipOf, walk } from "./walk.ts";

const NOTHING: Priced = { lines: [], breakage: [] };

/**
 * The lines a sale brings its upline at once, component by component as the plan lists them, and
 * the levels that nobody may take (DOMAIN §4.2). Binary and stair-step pay at period close and
 * bring none. Throws for a volume that is not payable, see `isPayable`.
 */
export function priceSale(
  plan: Plan,
  sale: Sale,
  lineages: Readonly<Record<TreeName, Lineage>>,
): Priced {
  const priced = plan.components.map((component) =>
    priceComponent({ plan, sale, lineages }, component),
  );
  return {
    lines: priced.flatMap(({ lines }) => lines),
    breakage: priced.flatMap(({ breakage }) => breakage),
  };
}

interface Occasion {
  readonly plan: Plan;
  readonly sale: Sale;
  readonly lineages: Readonly<Record<TreeName, Lineage>>;
}

function priceComponent(occasion: Occasion, component: Component): Priced {
  switch (component.kind) {
    case "unilevel":
    case "matrix":
      return payLevels(occasion, component);
    case "generation":
      return payGenerations(occasion, component);
    case "flat":
      return payFlat(occasion, component);
    case "binary":
    case "stairstep":
      return NOTHING;
  }
}

/** Nothing is at stake without volume, so nothing breaks either. */
const paysNobody = ({ plan, sale }: Occasion) =>
  sale.cv_x100 === 0 || plan.volume.exclude_kinds?.includes(sale.order_kind) === true;

const rateOf = (plan: Plan, rates: Rates, person: Ancestor, level: number) =>
  rates[payRank(plan, person) ?? ""]?.[level - 1] ?? 0;

function payLevels(occasion: Occasion, component: Unilevel | Matrix): Priced {
  const { plan, sale, lineages } = occasion;
  const lineage = lineages[component.tree];
  if (paysNobody(occasion)) return NOTHING;
  // A customer has no standing that could be missing.
  const isDistributor = lineage.source.status !== null;
  const mustQualify = component.source_must_qualify === true && isDistributor;
  if (mustQualify && !isEligible(plan, lineage.source)) return NOTHING;

  const rateAt = (person: Ancestor, level: number) =>
    rateOf(plan, component.rates_ppm, person, level);
  const { max_level, boundary_rank } = component;
  const steps = walk(plan, lineage, {
    max_level: component.kind === "matrix" ? Math.min(max_level, component.height) : max_level,
    isSkipped: skipOf(plan, component, (person, level) => rateAt(person, level) > 0),
    boundary_rank,
  });
  const share = { points_x100: sale.cv_x100, pool_ppm: component.pool_ppm };
  return collect(
    plan,
    component.code,
    steps.map((step) => {
      const rate_ppm = rateAt(step.person, step.level);
      const reason = refusal(plan, step.person, rate_ppm);
      if (reason !== undefined) return { ...step, reason };
      return { ...step, rate_ppm, amount_minor: payOn(plan, { ...share, rate_ppm }) };
    }),
  );
}

function payGenerations(occasion: Occasion, component: Generation): Priced {
  const { plan, sale, lineages } = occasion;
  const { source, upline } = lineages[component.tree];
  const [head, ...above] = [source, ...upline].filter((person) =>
    isLeader(plan, person, component.boundary_rank),
  );
  if (paysNobody(occasion) || head === undefined) return NOTHING;

  const isDifferential = component.differential === true;
  const share = { points_x100: sale.cv_x100, pool_ppm: component.pool_ppm };
  const outcomes: Outcome[] = [];
  // What a leader may not take stays with the company: it is not left for those above.
  let passed = rateOf(plan, component.rates_ppm, head, 1);
  for (const [index, person] of above.slice(0, component.max_generation).entries()) {
    const level = index + 1;
    const own = rateOf(plan, component.rates_ppm, person, level);
    const rate_ppm = isDifferential ? Math.max(0, own - passed) : own;
    passed = Math.max(passed, own);
    const reason = refusal(plan, person, own);
    const amount_minor = payOn(plan, { ...share, rate_ppm });
    outcomes.push({ person, level, ...(reason ? { reason } : { rate_ppm, amount_minor }) });
  }
  return collect(plan, component.code, outcomes);
}

/** Not paid on volume: kits that carry none, and order kinds without any, pay all the same. */
function payFlat({ plan, sale, lineages }: Occasion, component: Flat): Priced {
  const amounts = component.amounts_minor[sale.package ?? sale.order_kind] ?? [];
  const steps = walk(plan, lineages[component.tree], {
    max_level: component.max_level,
    // A sum depends on nobody's rank: a level without one is passed by, not passed up.
    isSkipped: skipOf(plan, component, () => true),
  });
  const outcomes = steps.flatMap((step): readonly Outcome[] => {
    const amount_minor = amounts[step.level - 1] ?? 0;
    if (amount_minor === 0) return [];
    if (!isEligible(plan, step.person)) return [{ ...step, reason: "not_eligible" }];
    return [{ ...step, rate_ppm: null, amount_minor }];
  });
  return collect(plan, component.code, outcomes);
}

const refusal = (plan: Plan, person: Ancestor, rate: number): Breakage["reason"] | undefined => {
  if (!isEligible(plan, person)) return "not_eligible";
  return rate === 0 ? "no_rate" : undefined;
};

/** What becomes of one level: somebody takes an amount, or nobody may. */
type Outcome = { readonly person: Ancestor; readonly level: number } & (
  | { readonly rate_ppm: number | null; readonly amount_minor: number }
  | { readonly reason: Breakage["reason"] }
);

function collect({ currency }: Plan, component: string, outcomes: readonly Outcome[]): Priced {
  const lines: LineDraft[] = [];
  const breakage: Breakage[] = [];
  for (const outcome of outcomes) {
    const { person, level } = outcome;
    if ("reason" in outcome) {
      breakage.push({ component, level, reason: outcome.reason });
    } else if (outcome.amount_minor > 0) {
      const { rate_ppm, amount_minor } = outcome;
      const { id: distributor_id, depth } = person;
      lines.push({ component, level, depth, distributor_id, rate_ppm, amount_minor, currency });
    }
  }
  return { lines, breakage };
}
