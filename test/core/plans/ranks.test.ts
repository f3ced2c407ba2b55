import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RankRule } from "#src/core/plans/plan.ts";
import {
  evaluateRanks,
  type FormerRank,
  missingToNext,
  type RankFacts,
  type RankNode,
} from "#src/core/plans/ranks.ts";
import { runs } from "../../support/runs.ts";
import { naiveRank } from "./naive-ranks.ts";
import { planOf } from "./samples.ts";

const node = (
  id: string,
  parent_id: string | null,
  pv_x100: number,
  gv_x100?: number,
): RankNode => ({
  id,
  parent_id,
  pv_x100,
  ...(gv_x100 === undefined ? {} : { gv_x100 }),
});

const RANKS: readonly RankRule[] = [
  { code: "Member" },
  { code: "Silver", min_pv_x100: 100 },
  { code: "Gold", min_pv_x100: 100, min_gv_x100: 1000, max_leg_ppm: 600_000, grace_periods: 2 },
  { code: "Diamond", legs_with_rank: { rank: "Gold", count: 2 } },
];

const evaluate = (
  nodes: readonly RankNode[],
  { ranks = RANKS, former }: { ranks?: readonly RankRule[]; former?: Map<string, FormerRank> } = {},
) => evaluateRanks(planOf({ ranks }), nodes, former);

const ranksOf = (standings: ReturnType<typeof evaluate>) =>
  Object.fromEntries([...standings].map(([id, { rank }]) => [id, rank]));

describe("evaluateRanks()", () => {
  test.each([
    { name: "own volume just there", nodes: [node("A", null, 100)], is: { A: "Silver" } },
    { name: "own volume just missed", nodes: [node("A", null, 99)], is: { A: "Member" } },
    {
      name: "the group's volume, the deepest summed up first",
      nodes: [
        node("A", null, 100),
        node("B", "A", 100),
        node("C", "A", 0),
        node("D", "B", 400),
        node("E", "C", 400),
      ],
      is: { A: "Gold", B: "Silver", C: "Member", D: "Silver", E: "Silver" },
    },
    {
      name: "no more of one leg than its share",
      nodes: [node("A", null, 399), node("B", "A", 5000)],
      is: { A: "Silver", B: "Gold" },
    },
    {
      name: "all of its share",
      nodes: [node("A", null, 400), node("B", "A", 5000)],
      is: { A: "Gold", B: "Gold" },
    },
    {
      name: "the volume that the core tells, of a person and of the legs above it",
      nodes: [node("A", null, 100, 1000), node("B", "A", 0, 100), node("C", "A", 9000, 300)],
      is: { A: "Gold", B: "Member", C: "Silver" },
    },
    {
      name: "the highest rank, though the one below is missed",
      nodes: [node("A", null, 0), node("B", "A", 1000), node("C", "A", 0), node("D", "C", 1000)],
      is: { A: "Diamond", B: "Gold", C: "Member", D: "Gold" },
    },
    {
      name: "legs, not people: two of a rank in one leg are one",
      nodes: [node("A", null, 0), node("B", "A", 1000), node("C", "B", 1000)],
      is: { A: "Member", B: "Gold", C: "Gold" },
    },
    {
      name: "a higher rank in a leg as the one that is asked for",
      nodes: [
        node("A", null, 0),
        node("B", "A", 0),
        node("C", "B", 1000),
        node("D", "B", 1000),
        node("E", "A", 1000),
      ],
      is: { A: "Diamond", B: "Diamond", C: "Gold", D: "Gold", E: "Gold" },
    },
    {
      name: "returns that outweigh sales",
      nodes: [node("A", null, 1500), node("B", "A", -600)],
      is: { A: "Silver", B: "Member" },
    },
    {
      name: "somebody whose parent is not there as one without",
      nodes: [node("B", "elsewhere", 100)],
      is: { B: "Silver" },
    },
    { name: "nobody", nodes: [], is: {} },
  ])("counts $name", ({ nodes, is }) => {
    expect(ranksOf(evaluate(nodes))).toEqual(is);
    expect(ranksOf(evaluate(nodes.toReversed()))).toEqual(is);
  });

  test("knows no rank where not even the first is reached, or none is listed", () => {
    const ranks = [{ code: "Silver", min_pv_x100: 100 }];
    const missing = [{ requirement: "min_pv_x100", have: 99, need: 100 }];
    expect(evaluate([node("A", null, 99)], { ranks }).get("A")).toEqual({
      rank: null,
      next_rank: "Silver",
      missing,
      periods_below: 0,
    });
    expect(ranksOf(evaluate([node("A", null, 99)], { ranks: [] }))).toEqual({ A: null });
  });

  test.each([
    { name: "kept for the first period", former: ["Gold", 0], is: { rank: "Gold", below: 1 } },
    { name: "kept for the last period", former: ["Gold", 1], is: { rank: "Gold", below: 2 } },
    { name: "lost after it", former: ["Gold", 2], is: { rank: "Silver", below: 0 } },
    {
      name: "lost at once without grace",
      former: ["Diamond", 0],
      is: { rank: "Silver", below: 0 },
    },
    { name: "raised from below", former: ["Member", 3], is: { rank: "Silver", below: 0 } },
    { name: "unchanged", former: ["Silver", 2], is: { rank: "Silver", below: 0 } },
    { name: "not that of another plan", former: ["Legend", 0], is: { rank: "Silver", below: 0 } },
  ])("a rank is $name", ({ former: [rank, periods_below], is }) => {
    const former = new Map([["A", { rank: String(rank), periods_below: Number(periods_below) }]]);
    const standing = evaluate([node("A", null, 100)], { former }).get("A");
    expect(standing).toMatchObject({ rank: is.rank, periods_below: is.below });
  });

  test("counts a rank kept by grace for the upline", () => {
    const nodes = [node("A", null, 0), node("B", "A", 0), node("C", "A", 1000)];
    const former = new Map([["B", { rank: "Gold", periods_below: 0 }]]);
    expect(ranksOf(evaluate(nodes, { former }))).toEqual({ A: "Diamond", B: "Gold", C: "Gold" });
  });

  test("goes 100 000 deep", () => {
    const size = 100_000;
    const nodes = Array.from({ length: size }, (_, index) =>
      node(`p${index}`, index === 0 ? null : `p${index - 1}`, 100),
    );
    const standings = evaluate(nodes, { ranks: [{ code: "All", min_gv_x100: 100 * size }] });
    expect(standings.size).toBe(size);
    expect(standings.get("p0")?.rank).toBe("All");
    expect(standings.get("p1")?.rank).toBeNull();
  });

  test("stays at the limit with volumes beyond 2^53", () => {
    const most = Number.MAX_SAFE_INTEGER;
    const nodes = [node("A", null, most), node("B", "A", most), node("C", "A", most)];
    const ranks = [{ code: "All", min_gv_x100: most }];
    expect(ranksOf(evaluate(nodes, { ranks }))).toEqual({ A: "All", B: "All", C: "All" });
  });

  test.each([
    { name: "a circle", nodes: [node("A", "B", 0), node("B", "A", 0)], why: "run in a circle" },
    { name: "somebody twice", nodes: [node("A", null, 0), node("A", null, 0)], why: "twice" },
  ])("throws for $name", ({ nodes, why }) => {
    expect(() => evaluate(nodes)).toThrow(why);
  });

  test("finds what a naive evaluation finds", () => {
    const anyVolume = fc.constantFrom(-50, 0, 50, 100, 150, 400);
    const anyNodes = fc
      .array(
        fc.record({ parent: fc.nat(), pv: anyVolume, gv: fc.option(fc.nat(1500), { freq: 6 }) }),
        { minLength: 1, maxLength: 10 },
      )
      .map((given) =>
        given.map(({ parent, pv, gv }, index) =>
          node(`p${index}`, index === 0 ? null : `p${parent % index}`, pv, gv ?? undefined),
        ),
      );
    const codes = ["r0", "r1", "r2", "r3"];
    const anyRule = fc.record(
      {
        min_pv_x100: fc.constantFrom(0, 50, 100),
        min_gv_x100: fc.constantFrom(100, 333, 700, 1000),
        max_leg_ppm: fc.constantFrom(0, 333_333, 500_000, 1_000_000),
        legs_with_rank: fc.record({
          rank: fc.constantFrom(...codes),
          count: fc.integer({ min: 1, max: 2 }),
        }),
        grace_periods: fc.nat(2),
      },
      { requiredKeys: [] },
    );
    const anyRanks = fc
      .tuple(anyRule, anyRule, anyRule, anyRule)
      .map((rules) => rules.map((rule, index) => ({ ...rule, code: codes[index] ?? "" })));
    const anyFormer = fc
      .array(
        fc.tuple(
          fc.nat(9),
          fc.record({ rank: fc.constantFrom(...codes, "r9"), periods_below: fc.nat(3) }),
        ),
        { maxLength: 5 },
      )
      .map((given) => new Map(given.map(([index, before]) => [`p${index}`, before])));
    fc.assert(
      fc.property(anyNodes, anyRanks, anyFormer, (nodes, ranks, former) => {
        const expected = nodes.map(({ id }) => [id, naiveRank(ranks, nodes, former, id)]);
        expect(ranksOf(evaluate(nodes, { ranks, former }))).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("missingToNext()", () => {
  const facts: RankFacts = {
    pv_x100: 50,
    gv_x100: 1200,
    legs: [
      { gv_x100: 1150, best_rank: "Diamond" },
      { gv_x100: 0, best_rank: "Silver" },
      { gv_x100: 0, best_rank: null },
    ],
  };
  const next = (rank: string | null, parts: Partial<RankFacts> = {}) =>
    missingToNext(planOf({ ranks: RANKS }), rank, { ...facts, ...parts });

  test.each([
    { name: "nothing to the first", rank: null, is: { next_rank: "Member", missing: [] } },
    {
      name: "own volume",
      rank: "Member",
      is: {
        next_rank: "Silver",
        missing: [{ requirement: "min_pv_x100", have: 50, need: 100 }],
      },
    },
    {
      name: "volume outside the strongest leg",
      rank: "Silver",
      is: {
        next_rank: "Gold",
        missing: [
          { requirement: "min_pv_x100", have: 50, need: 100 },
          { requirement: "max_leg_ppm", have: 650, need: 1000 },
        ],
      },
    },
    {
      name: "a second leg of the rank or above",
      rank: "Gold",
      is: {
        next_rank: "Diamond",
        missing: [{ requirement: "legs_with_rank", rank: "Gold", have: 1, need: 2 }],
      },
    },
    { name: "nothing above the highest", rank: "Diamond", is: { next_rank: null, missing: [] } },
    { name: "all of it for an unknown rank", rank: "?", is: { next_rank: "Member", missing: [] } },
  ])("names $name", ({ rank, is }) => {
    expect(next(rank)).toEqual(is);
  });

  test("names the group's volume where there is too little of it at all", () => {
    const { missing } = next("Silver", { pv_x100: 100, gv_x100: 900, legs: [] });
    expect(missing).toEqual([{ requirement: "min_gv_x100", have: 900, need: 1000 }]);
  });

  test("says what the evaluation said", () => {
    const nodes = [node("A", null, 99), node("B", "A", 5000), node("C", "A", 100)];
    const plan = planOf({ ranks: RANKS });
    const standing = evaluateRanks(plan, nodes).get("A");
    const { next_rank, missing } = missingToNext(plan, "Member", {
      pv_x100: 99,
      gv_x100: 5199,
      legs: [
        { gv_x100: 5000, best_rank: "Gold" },
        { gv_x100: 100, best_rank: "Silver" },
      ],
    });
    expect(standing).toEqual({ rank: "Member", periods_below: 0, next_rank, missing });
  });
});
