import type { Violation } from "../contracts/event.ts";
import { pathText, type Segments } from "../contracts/path.ts";
import type { Component, Generation, LevelWalk, Plan, Rates } from "./plan.ts";
import { ALL_PPM } from "./sale.ts";

/** What the parts of a plan say of each other, beyond what its shape can. */
export function brokenRules(plan: Plan): readonly Violation[] {
  return [
    ...repeated(plan.ranks, { list: "ranks", name: "code" }),
    ...repeated(plan.components, { list: "components", name: "code" }),
    ...brokenRanks(plan),
    ...plan.components.flatMap((component, index) =>
      brokenComponent(component, { plan, root: ["components", index] }),
    ),
    ...overpaid(plan),
    ...unpayable(plan),
  ];
}

const violation = (path: Segments, rule: string, message: string): Violation => ({
  path: pathText(path),
  rule,
  message,
});

/** Items that say the same as an earlier one where each must say its own. */
function repeated<Name extends string>(
  items: readonly Readonly<Record<Name, string | number>>[],
  { list, root = [], name }: { list: string; root?: Segments; name: Name },
): readonly Violation[] {
  const seen = new Set<string | number>();
  return items.flatMap((item, index) => {
    if (!seen.has(item[name])) {
      seen.add(item[name]);
      return [];
    }
    const path = [...root, list, index, name];
    return [violation(path, "duplicate", `Must differ from every other ${name} in ${list}`)];
  });
}

function unknownRank(plan: Plan, rank: string | undefined, path: Segments): readonly Violation[] {
  if (rank === undefined || plan.ranks.some(({ code }) => code === rank)) return [];
  return [violation(path, "unknown_rank", "Must be a rank that ranks lists")];
}

const brokenRanks = (plan: Plan): readonly Violation[] =>
  plan.ranks.flatMap(({ legs_with_rank }, index) =>
    unknownRank(plan, legs_with_rank?.rank, ["ranks", index, "legs_with_rank", "rank"]),
  );

interface Place {
  readonly plan: Plan;
  readonly root: Segments;
}

function brokenComponent(component: Component, place: Place): readonly Violation[] {
  const { plan, root } = place;
  switch (component.kind) {
    case "unilevel":
    case "matrix":
      return [
        ...brokenLevels(component, place),
        ...brokenRates(component.rates_ppm, component.max_level, place),
        ...unknownRank(plan, component.boundary_rank, [...root, "boundary_rank"]),
      ];
    case "generation":
      return [
        ...brokenRates(component.rates_ppm, component.max_generation, place),
        ...unknownRank(plan, component.boundary_rank, [...root, "boundary_rank"]),
      ];
    case "flat":
      return [
        ...brokenLevels(component, place),
        ...brokenTable(component.amounts_minor, component.max_level, [...root, "amounts_minor"]),
      ];
    case "stairstep":
      // Two rates from the same volume on: which of them holds cannot be told.
      return repeated(component.brackets, { list: "brackets", root, name: "min_pv" }).map(
        (broken) => ({ ...broken, rule: "overlap" }),
      );
    case "binary":
      return [];
  }
}

function brokenLevels(
  { compression, compress_min_rank: rank }: Pick<LevelWalk, "compression" | "compress_min_rank">,
  { plan, root }: Place,
): readonly Violation[] {
  const path = [...root, "compress_min_rank"];
  if (compression === "skip_below_rank" && rank === undefined) {
    return [violation(path, "required", "Is required where compression is skip_below_rank")];
  }
  return unknownRank(plan, rank, path);
}

const brokenRates = (rates: Rates, levelMax: number, { plan, root }: Place) => [
  ...brokenTable(rates, levelMax, [...root, "rates_ppm"]),
  ...Object.keys(rates).flatMap((rank) => unknownRank(plan, rank, [...root, "rates_ppm", rank])),
];

/** A table that pays nobody, or at levels that are never reached, was meant otherwise. */
function brokenTable(table: Rates, levelMax: number, path: Segments): readonly Violation[] {
  const rows = Object.entries(table);
  if (rows.length === 0) return [violation(path, "length", "Must have at least 1 member")];
  return rows
    .filter(([, row]) => row.length > levelMax)
    .map(([name]) =>
      violation([...path, name], "length", `Must have at most ${levelMax} items, one a level`),
    );
}

/**
 * A component, or all together, that would pay out more than the whole CV of a sale if everybody
 * stood at the best rank. With a company cap that can be meant, and the cap holds it; without one
 * it is a slip of a digit. Binary and flat sums are no share of a sale's CV and stay out of it.
 */
function overpaid({ components, caps }: Plan): readonly Violation[] {
  if (caps?.company_ppm_of_cv_value !== undefined) return [];
  const shares = components.map(shareOfVolume);
  const limit = ALL_PPM * ALL_PPM;
  const single = shares.flatMap((share, index) =>
    share > limit ? [tooMuch(["components", index], "it pays at most")] : [],
  );
  if (single.length > 0) return single;
  const sum = shares.reduce((all, share) => all + share, 0);
  return sum > limit ? [tooMuch(["components"], "all together pay at most")] : [];
}

const tooMuch = (path: Segments, what: string) =>
  violation(
    path,
    "pays_too_much",
    `Must not pay more than the whole CV: pool by the best rate of each level, ${what} 100 %; ` +
      "or set caps.company_ppm_of_cv_value",
  );

/** The most a component pays of a sale's CV, in ppm of ppm. */
function shareOfVolume(component: Component): number {
  switch (component.kind) {
    case "unilevel":
      return component.pool_ppm * sum(bestRates(component, component.max_level));
    case "matrix":
      return (
        component.pool_ppm *
        sum(bestRates(component, Math.min(component.max_level, component.height)))
      );
    case "generation":
      return component.pool_ppm * generationShare(component);
    case "stairstep":
      return ALL_PPM * Math.max(...component.brackets.map(({ rate_ppm }) => rate_ppm));
    case "binary":
    case "flat":
      return 0;
  }
}

/** Differences to what is paid below never add up to more than the highest rate. */
function generationShare(component: Generation): number {
  const best = bestRates(component, component.max_generation);
  return component.differential === true ? Math.max(...best) : sum(best);
}

const bestRates = ({ rates_ppm }: { rates_ppm: Rates }, levels: number): readonly number[] =>
  Array.from({ length: levels }, (_, level) =>
    Math.max(0, ...Object.values(rates_ppm).map((row) => row[level] ?? 0)),
  );

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

/** The smallest payout must leave something after tax and fee, or nothing. */
function unpayable({ payout }: Plan): readonly Violation[] {
  if (payout === undefined) return [];
  const { minimum_minor: minimum, fee_minor: fee = 0, withholding_ppm: withholding = 0 } = payout;
  const left = BigInt(minimum) * BigInt(ALL_PPM - withholding);
  if (left >= BigInt(fee) * BigInt(ALL_PPM)) return [];
  const message = "Must be at most what minimum_minor leaves after withholding_ppm";
  return [violation(["payout", "fee_minor"], "maximum", message)];
}
