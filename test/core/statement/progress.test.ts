import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateRanks, type RankFacts } from "#src/core/plans/ranks.ts";
import { asksForLegs, type Below, factsOf, progressOf } from "#src/core/statement/progress.ts";
import { runs } from "../../support/runs.ts";

const RANKS = [
  { code: "member" },
  { code: "silver", min_pv_x100: 10_000, min_gv_x100: 100_000 },
  {
    code: "gold",
    min_pv_x100: 20_000,
    min_gv_x100: 500_000,
    max_leg_ppm: 500_000,
    legs_with_rank: { rank: "silver", count: 2 },
  },
];

const leg = (gv_x100: number, best_rank: string | null = null) => ({ gv_x100, best_rank });

const facts = (given: Partial<RankFacts>): RankFacts => ({
  pv_x100: 0,
  gv_x100: 0,
  legs: [],
  ...given,
});

describe("progressOf()", () => {
  test.each([
    {
      name: "all that is asked for, met or not",
      told: "member",
      given: facts({ pv_x100: 12_000, gv_x100: 90_000 }),
      next: "silver",
      requirements: ["min_pv_x100 12000/10000 0", "min_gv_x100 90000/100000 10000"],
    },
    {
      name: "legs that lack a rank",
      told: "silver",
      given: facts({ pv_x100: 19_999, gv_x100: 400_000, legs: [leg(1, "gold"), leg(2, "member")] }),
      next: "gold",
      requirements: [
        "min_pv_x100 19999/20000 1",
        "min_gv_x100 400000/500000 100000",
        "legs_with_rank silver 1/2 1",
      ],
    },
    {
      name: "volume that lies too much in one leg",
      told: "silver",
      given: facts({
        pv_x100: 20_000,
        gv_x100: 600_000,
        legs: [leg(400_000, "silver"), leg(180_000, "silver")],
      }),
      next: "gold",
      requirements: [
        "min_pv_x100 20000/20000 0",
        "max_leg_ppm 450000/500000 50000",
        "legs_with_rank silver 2/2 0",
      ],
    },
    {
      name: "nothing at the highest rank",
      told: "gold",
      given: facts({}),
      next: null,
      requirements: [],
    },
    {
      name: "the first rank to whom has one that the plan does not list",
      told: "founder",
      given: facts({}),
      next: "member",
      requirements: [],
    },
  ])("shows $name", ({ told, given, next, requirements }) => {
    const progress = progressOf({ ranks: RANKS }, { rank: told, by: "run" }, given);
    expect(progress).toMatchObject({ rank: told, rank_source: "run", next_rank: next });
    const shown = progress.requirements.map(({ requirement, rank, have, need, missing }) =>
      [requirement, ...(rank === undefined ? [] : [rank]), `${have}/${need}`, missing].join(" "),
    );
    expect(shown).toEqual(requirements);
  });

  test("has no rank where the plan has none", () => {
    expect(progressOf({ ranks: [] }, null, facts({}))).toEqual({
      rank: null,
      rank_source: "estimate",
      estimated_rank: null,
      next_rank: null,
      requirements: [],
    });
  });

  test("estimates the rank that the plan gives, and lacks something for the next", () => {
    const volume = fc.integer({ min: 0, max: 600_000 });
    const given = fc.record({ pv: fc.integer({ min: 0, max: 30_000 }), legs: fc.array(volume) });
    fc.assert(
      fc.property(given, ({ pv, legs }) => {
        const people = [
          { id: "top", parent_id: null, pv_x100: pv },
          ...legs.map((gv_x100, i) => ({
            id: `d${i}`,
            parent_id: "top",
            pv_x100: 10_000,
            gv_x100,
          })),
        ];
        const standings = evaluateRanks({ ranks: RANKS }, people);
        const counted = facts({
          pv_x100: pv,
          gv_x100: legs.reduce((sum, gv) => sum + gv, pv),
          legs: legs.map((gv, i) => leg(gv, standings.get(`d${i}`)?.rank ?? null)),
        });
        const progress = progressOf({ ranks: RANKS }, null, counted);
        const expected = standings.get("top");
        expect(progress.rank).toBe(expected?.rank);
        expect(progress.next_rank).toBe(expected?.next_rank);
        const unmet = progress.requirements.filter(({ missing }) => missing > 0);
        const told = expected?.missing.map((one) => ({ ...one, missing: one.need - one.have }));
        expect(unmet).toEqual(told);
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("factsOf()", () => {
  const LEGS = {
    ranks: [
      { code: "M" },
      { code: "S", min_pv_x100: 10_000 },
      { code: "D", legs_with_rank: { rank: "S", count: 2 } },
    ],
  };
  const below = (
    id: string,
    parent_id: string,
    pv_x100: number,
    told: string | null = null,
  ): Below => ({ id, parent_id, pv_x100, gv_x100: pv_x100, told });
  const rankOf = (people: readonly Below[], isWhole = true) => {
    const top = { id: "A", pv_x100: 0, gv_x100: 0 };
    return progressOf(LEGS, null, factsOf(LEGS, top, { people, isWhole })).rank;
  };

  test.each([
    { name: "of the legs' heads", people: [below("B", "A", 80_000), below("C", "A", 50_000)] },
    {
      name: "of people deep in them",
      people: [
        below("B", "A", 0),
        below("B2", "B", 0),
        below("B3", "B2", 10_000),
        below("C", "A", 10_000),
      ],
    },
    {
      name: "that follow from ranks below",
      people: [
        below("B", "A", 0),
        below("B1", "B", 10_000),
        below("B2", "B", 10_000),
        below("C", "A", 0, "D"),
      ],
    },
    { name: "that were told", people: [below("B", "A", 0, "S"), below("C", "A", 0, "S")] },
  ])("estimates the ranks $name", ({ people }) => {
    expect(rankOf(people)).toBe("D");
    expect(rankOf(people.toReversed())).toBe("D");
  });

  test.each([
    { name: "a told rank over the estimate", told: "M", isWhole: true },
    { name: "told ranks alone where not everybody is looked at", told: null, isWhole: false },
  ])("counts $name", ({ told, isWhole }) => {
    const people = [below("B", "A", 80_000, told), below("C", "A", 50_000, "S")];
    expect(rankOf(people, isWhole)).toBe("M");
  });

  test("evaluates what the run of the period would, at any depth and in any order", () => {
    const tree = fc.array(fc.record({ under: fc.nat(), pv: fc.constantFrom(0, 9999, 10_000) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(tree, fc.nat(), (drawn, turn) => {
        // 0 is the top, and each hangs under somebody drawn before it.
        const idOf = (n: number) => (n === 0 ? "A" : `d${n}`);
        const people = drawn.map(({ under, pv }, i) =>
          below(idOf(i + 1), idOf(under % (i + 1)), pv),
        );
        const ranked = evaluateRanks(LEGS, [
          { id: "A", parent_id: null, pv_x100: 0, gv_x100: 0 },
          ...people,
        ]);
        const cut = people.length === 0 ? 0 : turn % people.length;
        const turned = [...people.slice(cut), ...people.slice(0, cut)];
        expect(rankOf(turned)).toBe(ranked.get("A")?.rank);
      }),
      { numRuns: runs(100) },
    );
  });

  test("is asked for by legs_with_rank alone", () => {
    expect(asksForLegs(LEGS)).toBe(true);
    expect(asksForLegs({ ranks: [{ code: "M", max_leg_ppm: 1, min_gv_x100: 1 }] })).toBe(false);
  });
});
