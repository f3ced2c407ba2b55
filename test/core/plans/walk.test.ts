import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Compression } from "#src/core/plans/plan.ts";
import {
  hasRank,
  isEligible,
  isLeader,
  payRank,
  rankIndex,
  skipOf,
  walk,
  walksPlacement,
} from "#src/core/plans/walk.ts";
import { runs } from "../../support/runs.ts";
import {
  anyLineage,
  anyRank,
  customer,
  lineageOf,
  personOf,
  planOf,
  unilevelOf,
} from "./samples.ts";

const PLAN = planOf({ eligibility: { statuses: ["active", "grace"], min_pv_x100: 10_000 } });

describe("isEligible()", () => {
  test.each([
    { status: "active", pv_x100: 10_000, is: true },
    { status: "active", pv_x100: 9_999, is: false },
    { status: "active", pv_x100: null, is: true },
    { status: "grace", pv_x100: 10_000, is: true },
    { status: "suspended", pv_x100: 10_000, is: false },
    { status: null, pv_x100: 10_000, is: false },
    { status: null, pv_x100: null, is: false },
  ])("is $is for $status with $pv_x100 hundredths", ({ is, ...standing }) => {
    expect(isEligible(PLAN, personOf("A", standing))).toBe(is);
  });
});

test("walksPlacement() is true of components along that tree, and of pairs", () => {
  const pair = { kind: "binary", code: "pair", pair_ppm: 1, after: "flush" } as const;
  const stair = { kind: "stairstep", code: "stair", brackets: [] } as const;
  const placed = unilevelOf({ tree: "placement" });
  expect(walksPlacement(planOf({ components: [unilevelOf(), stair] }))).toBe(false);
  expect(walksPlacement(planOf({ components: [unilevelOf(), placed] }))).toBe(true);
  expect(walksPlacement(planOf({ components: [stair, pair] }))).toBe(true);
});

describe("ranks of people", () => {
  test.each([
    { rank: null, pay: "Member", index: 0, isGold: false },
    { rank: "Silver", pay: "Silver", index: 1, isGold: false },
    { rank: "Gold", pay: "Gold", index: 2, isGold: true },
    { rank: "Diamond", pay: "Diamond", index: 4, isGold: true },
    { rank: "Legend", pay: "Legend", index: -1, isGold: false },
  ])("pays $rank as $pay", ({ rank, pay, index, isGold }) => {
    const person = personOf("A", { rank });
    expect(payRank(PLAN, person)).toBe(pay);
    expect(rankIndex(PLAN, payRank(PLAN, person))).toBe(index);
    expect(hasRank(PLAN, person, "Gold")).toBe(isGold);
    expect(isLeader(PLAN, person, "Gold")).toBe(isGold);
  });

  test("nobody has a rank in a plan without any", () => {
    expect(payRank(planOf({ ranks: [] }), personOf("A"))).toBeUndefined();
  });

  test("a customer leads nothing, even where everybody else does", () => {
    expect(isLeader(PLAN, customer("C"), "Member")).toBe(false);
    expect(isLeader(PLAN, personOf("A"), "Member")).toBe(true);
  });
});

const levelsOf = (steps: ReturnType<typeof walk>) =>
  steps.map(({ person, level }) => `${person.id}${level}`).join(" ");

describe("walk()", () => {
  const all = { max_level: 5, isSkipped: () => false };

  test.each([
    { name: "starts at the source's parent", path: all, is: "A1 B2 C3 D4" },
    { name: "ends with the highest level", path: { ...all, max_level: 2 }, is: "A1 B2" },
    {
      name: "gives no level to who is left out",
      path: { max_level: 2, isSkipped: ({ id }: { id: string }) => id === "A" || id === "C" },
      is: "B1 D2",
    },
    {
      name: "ends with the first leader, who is paid",
      path: { ...all, boundary_rank: "Silver" },
      is: "A1 B2",
    },
    {
      name: "ends with a leader who is left out",
      path: {
        max_level: 5,
        isSkipped: ({ id }: { id: string }) => id === "B",
        boundary_rank: "Silver",
      },
      is: "A1",
    },
    {
      name: "never ends for a rank nobody has",
      path: { ...all, boundary_rank: "Diamond" },
      is: "A1 B2 C3 D4",
    },
  ])("$name", ({ path, is }) => {
    const lineage = lineageOf(customer("x"), "A(Member)", "B(Silver)", "C(Gold)", "D(Silver)");
    expect(levelsOf(walk(PLAN, lineage, path))).toBe(is);
  });

  test("goes nowhere from a leader: the volume is that of the leader's own group", () => {
    const lineage = lineageOf("S(Gold)", "A(Member)", "B(Diamond)");
    expect(walk(PLAN, lineage, { ...all, boundary_rank: "Gold" })).toEqual([]);
  });

  test("counts levels without a hole, upwards, and nobody twice", () => {
    const anyMode = fc.constantFrom<Compression>(
      "none",
      "skip_inactive",
      "skip_below_rank",
      "pay_to_qualified",
    );
    const maxLevel = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(anyLineage, anyMode, maxLevel, anyRank, (lineage, mode, max_level, rank) => {
        const levels = unilevelOf({ compression: mode, compress_min_rank: rank });
        const isSkipped = skipOf(PLAN, levels, (_, level) => level % 3 !== 0);
        const steps = walk(PLAN, lineage, { max_level, isSkipped });
        expect(steps.map(({ level }) => level)).toEqual(steps.map((_, index) => index + 1));
        const depths = steps.map(({ person }) => person.depth);
        expect(depths).toEqual([...new Set(depths)].toSorted((a, b) => a - b));
        expect(steps.length).toBeLessThanOrEqual(max_level);
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("skipOf()", () => {
  const active = personOf("A", { rank: "Silver" });
  const idle = personOf("I", { rank: "Silver", status: "suspended" });
  const low = personOf("L", { rank: "Member" });
  const unpaid = personOf("U", { rank: "Silver" });

  test.each<{ mode: Compression; skips: string }>([
    { mode: "none", skips: "" },
    { mode: "skip_inactive", skips: "I" },
    { mode: "skip_below_rank", skips: "IL" },
    { mode: "pay_to_qualified", skips: "IU" },
  ])("leaves out $skips with $mode", ({ mode, skips }) => {
    const levels = unilevelOf({ compression: mode, compress_min_rank: "Silver" });
    const isSkipped = skipOf(PLAN, levels, ({ id }) => id !== "U");
    const left = [active, idle, low, unpaid].filter((person) => isSkipped(person, 1));
    expect(left.map(({ id }) => id).join("")).toBe(skips);
  });
});
