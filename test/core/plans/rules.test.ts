import { describe, expect, test } from "vitest";
import type { Plan } from "#src/core/plans/plan.ts";
import { brokenRules } from "#src/core/plans/rules.ts";
import { readShape } from "#src/core/plans/schema.ts";
import { FULL_PLAN, type Place, withChange } from "./full-plan.ts";
import { planOf, planWith, unilevelOf } from "./samples.ts";

const told = (plan: Plan) => brokenRules(plan).map(({ path, rule }) => `${path} ${rule}`);

/** What is wrong with the full plan after one change that leaves its shape right. */
function brokenBy(place: Place, value: unknown): readonly string[] {
  const shape = readShape(withChange(place, value));
  if (!shape.ok) throw new Error("The shape itself is broken");
  return told({ ...FULL_PLAN, ...shape.value });
}

describe("brokenRules()", () => {
  test("finds nothing wrong with a plan that uses everything", () => {
    expect(told(FULL_PLAN)).toEqual([]);
  });

  test.each<{ place: Place; value: unknown; are: string[] }>([
    { place: "ranks.3", value: { code: "Member" }, are: ["ranks[3].code duplicate"] },
    { place: "components.1.code", value: "level", are: ["components[1].code duplicate"] },
    {
      place: "ranks.2.legs_with_rank.rank",
      value: "Iron",
      are: ["ranks[2].legs_with_rank.rank unknown_rank"],
    },
    {
      place: "components.0.compress_min_rank",
      value: "Iron",
      are: ["components[0].compress_min_rank unknown_rank"],
    },
    {
      place: "components.0.compress_min_rank",
      value: undefined,
      are: ["components[0].compress_min_rank required"],
    },
    {
      place: "components.5.compression",
      value: "skip_below_rank",
      are: ["components[5].compress_min_rank required"],
    },
    {
      place: "components.5.compress_min_rank",
      value: "Iron",
      are: ["components[5].compress_min_rank unknown_rank"],
    },
    {
      place: "components.0.boundary_rank",
      value: "Iron",
      are: ["components[0].boundary_rank unknown_rank"],
    },
    {
      place: "components.4.boundary_rank",
      value: "Iron",
      are: ["components[4].boundary_rank unknown_rank"],
    },
    {
      place: "components.0.rates_ppm.Iron",
      value: [1],
      are: ["components[0].rates_ppm.Iron unknown_rank"],
    },
    {
      place: "components.1.rates_ppm.Iron",
      value: [1],
      are: ["components[1].rates_ppm.Iron unknown_rank"],
    },
    {
      place: "components.4.rates_ppm.Iron",
      value: [1],
      are: ["components[4].rates_ppm.Iron unknown_rank"],
    },
    { place: "components.0.rates_ppm", value: {}, are: ["components[0].rates_ppm length"] },
    { place: "components.5.amounts_minor", value: {}, are: ["components[5].amounts_minor length"] },
    { place: "components.0.rates_ppm.Gold", value: [1, 1, 1], are: [] },
    {
      place: "components.0.rates_ppm.Gold",
      value: [1, 1, 1, 1],
      are: ["components[0].rates_ppm.Gold length"],
    },
    {
      place: "components.1.rates_ppm.Member",
      value: [1, 1, 1],
      are: ["components[1].rates_ppm.Member length"],
    },
    {
      place: "components.4.rates_ppm.Gold",
      value: [1, 1, 1],
      are: ["components[4].rates_ppm.Gold length"],
    },
    {
      place: "components.5.amounts_minor.premium",
      value: [1, 1, 1],
      are: ["components[5].amounts_minor.premium length"],
    },
    {
      place: "components.3.brackets.1.min_pv",
      value: 100,
      are: ["components[3].brackets[1].min_pv overlap"],
    },
    // 24 % of 20.00 leave 15.20 for the fee.
    { place: "payout.fee_minor", value: 1520, are: [] },
    { place: "payout.fee_minor", value: 1521, are: ["payout.fee_minor maximum"] },
    { place: "payout.minimum_minor", value: 100, are: ["payout.fee_minor maximum"] },
  ])("says $are for $place = $value", ({ place, value, are }) => {
    expect(brokenBy(place, value)).toEqual(are);
  });

  test("refuses to pay levels by rank in a plan without ranks", () => {
    expect(told(planWith(unilevelOf(), { ranks: [] }))).toEqual([
      "components[0].rates_ppm.Member unknown_rank",
    ]);
  });

  const half = unilevelOf({
    code: "half",
    max_level: 2,
    pool_ppm: 500_000,
    // The best of each level: 60 % and 40 %.
    rates_ppm: { Member: [600_000, 100_000], Gold: [200_000, 400_000] },
  });
  const generation = {
    kind: "generation",
    code: "over",
    tree: "sponsor",
    pool_ppm: 1_000_000,
    boundary_rank: "Gold",
    max_generation: 2,
    rates_ppm: { Gold: [300_000, 250_000] },
  } as const;

  test.each<{ name: string; components: Plan["components"]; are: string[]; caps?: Plan["caps"] }>([
    { name: "halves that are a whole", components: [half, { ...half, code: "other" }], are: [] },
    {
      name: "a component that pays all of it",
      components: [{ ...half, pool_ppm: 1_000_000 }],
      are: [],
    },
    {
      name: "a component above the CV",
      components: [{ ...half, pool_ppm: 1_000_000, rates_ppm: { Member: [600_000, 400_001] } }],
      are: ["components[0] pays_too_much"],
    },
    {
      name: "components that are above it together",
      components: [half, { ...half, code: "other", pool_ppm: 500_001 }],
      are: ["components pays_too_much"],
    },
    {
      name: "a company cap that holds them",
      components: [half, { ...half, code: "other", pool_ppm: 500_001 }],
      caps: { mode: "pro_rata", company_ppm_of_cv_value: 400_000 },
      are: [],
    },
    {
      name: "a person's cap, which does not",
      components: [half, { ...half, code: "other", pool_ppm: 500_001 }],
      caps: { mode: "pro_rata", per_distributor_minor: 100 },
      are: ["components pays_too_much"],
    },
    {
      name: "levels of a matrix that its height never reaches",
      components: [
        half,
        { ...half, code: "m", kind: "matrix", width: 2, height: 1, pool_ppm: 800_000 },
      ],
      are: [],
    },
    {
      name: "generations, which add up",
      components: [half, generation],
      are: ["components pays_too_much"],
    },
    {
      name: "differences, which do not",
      components: [half, { ...generation, differential: true }],
      are: [],
    },
    {
      name: "the highest bracket",
      components: [
        half,
        {
          kind: "stairstep",
          code: "s",
          brackets: [
            { min_pv: 0, rate_ppm: 500_001 },
            { min_pv: 1, rate_ppm: 300_000 },
          ],
        },
      ],
      are: ["components pays_too_much"],
    },
    {
      name: "what is no share of a sale's CV",
      components: [
        half,
        { ...half, code: "other" },
        { kind: "binary", code: "b", pair_ppm: 1_000_000, after: "flush" },
        {
          kind: "flat",
          code: "f",
          tree: "sponsor",
          max_level: 1,
          compression: "none",
          amounts_minor: { kit: [1_000_000] },
        },
      ],
      are: [],
    },
  ])("weighs $name", ({ components, caps, are }) => {
    expect(told(planOf({ components, ...(caps && { caps }) }))).toEqual(are);
  });
});
