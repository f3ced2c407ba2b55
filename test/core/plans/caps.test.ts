import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyCaps, type CappedLine } from "#src/core/plans/caps.ts";
import type { Caps } from "#src/core/plans/plan.ts";
import { runs } from "../../support/runs.ts";
import { planOf, unilevelOf } from "./samples.ts";

const line = (
  line_id: string,
  amount_minor: number,
  parts: Partial<CappedLine> = {},
): CappedLine => ({
  line_id,
  distributor_id: "A",
  component: "one",
  level: 1,
  effective_ms: 0,
  amount_minor,
  ...parts,
});
const planWithCaps = (caps: Caps) =>
  planOf({ caps, components: [unilevelOf({ code: "one" }), unilevelOf({ code: "two" })] });
const cap = (caps: Caps, lines: readonly CappedLine[], cv_x100 = 0n) =>
  applyCaps(planWithCaps(caps), lines, cv_x100).map(({ amount_minor }) => amount_minor);

describe("applyCaps() pro rata", () => {
  const mode = "pro_rata";

  test.each([
    { name: "leaves what fits", limit: 30, amounts: [10, 20], are: [10, 20] },
    { name: "shares what does not", limit: 15, amounts: [10, 20], are: [5, 10] },
    {
      name: "gives a unit left over to the smaller id of equal fractions",
      limit: 10,
      amounts: [10, 10, 10],
      are: [4, 3, 3],
    },
    {
      name: "gives units left over to the largest fractions",
      // Exact shares 0.90, 2.70, 5.40: floors 0, 2, 5 leave two.
      limit: 9,
      amounts: [10, 30, 60],
      are: [1, 3, 5],
    },
    { name: "leaves nothing of nothing", limit: 0, amounts: [10, 20], are: [0, 0] },
    { name: "keeps lines of nothing", limit: 5, amounts: [0, 10, 0], are: [0, 5, 0] },
  ])("$name", ({ limit, amounts, are }) => {
    const lines = amounts.map((amount, index) => line(`L${index}`, amount));
    expect(cap({ mode, per_distributor_minor: limit }, lines)).toEqual(are);
  });

  test("the smaller id wins wherever its line stands", () => {
    const lines = [line("c", 10), line("a", 10), line("b", 10)];
    expect(cap({ mode, per_distributor_minor: 11 }, lines)).toEqual([3, 4, 4]);
  });

  test("the smaller distributor wins before the smaller line", () => {
    const lines = [
      line("O:one:1:S", 10, { distributor_id: "S" }),
      line("O:one:2:A", 10, { distributor_id: "A" }),
      line("O:one:3:A", 10, { distributor_id: "A" }),
    ];
    const company = (cv: bigint) => cap({ mode, company_ppm_of_cv_value: 1_000_000 }, lines, cv);
    expect(company(10n)).toEqual([3, 4, 3]);
    expect(company(11n)).toEqual([3, 4, 4]);
  });

  test("caps each person apart", () => {
    const lines = [line("1", 50), line("2", 50, { distributor_id: "B" }), line("3", 50)];
    expect(cap({ mode, per_distributor_minor: 60 }, lines)).toEqual([30, 50, 30]);
  });

  test("is exact beyond 2^53", () => {
    const most = Number.MAX_SAFE_INTEGER;
    const lines = [line("1", most), line("2", most), line("3", most)];
    const amounts = cap({ mode, per_distributor_minor: most }, lines);
    expect(amounts.reduce((sum, amount) => sum + BigInt(amount), 0n)).toBe(BigInt(most));
  });
});

describe("applyCaps() in turn", () => {
  const lines = [
    line("1", 40, { component: "two", effective_ms: 1 }),
    line("2", 40, { component: "other", effective_ms: 2 }),
    line("3", 40, { level: 2, effective_ms: 3 }),
    line("4", 40, { level: 1, effective_ms: 5 }),
    line("5", 40, { level: 1, effective_ms: 4 }),
  ];

  test.each<{ mode: Caps["mode"]; limit: number; are: number[] }>([
    { mode: "priority", limit: 50, are: [0, 0, 0, 10, 40] },
    { mode: "priority", limit: 130, are: [10, 0, 40, 40, 40] },
    { mode: "priority", limit: 170, are: [40, 10, 40, 40, 40] },
    { mode: "hard_stop", limit: 50, are: [40, 10, 0, 0, 0] },
    { mode: "hard_stop", limit: 120, are: [40, 40, 40, 0, 0] },
    { mode: "hard_stop", limit: 130, are: [40, 40, 40, 0, 10] },
    { mode: "hard_stop", limit: 200, are: [40, 40, 40, 40, 40] },
  ])("$mode with $limit leaves $are", ({ mode, limit, are }) => {
    expect(cap({ mode, per_distributor_minor: limit }, lines)).toEqual(are);
  });

  test("takes the smaller id first of lines of one time", () => {
    const same = [line("b", 10), line("a", 10)];
    expect(cap({ mode: "hard_stop", per_distributor_minor: 10 }, same)).toEqual([0, 10]);
  });

  test("pays period bonuses, which have no level, before those of level 1", () => {
    const bonus = [line("1", 10), line("2", 10, { level: null })];
    expect(cap({ mode: "priority", per_distributor_minor: 10 }, bonus)).toEqual([0, 10]);
  });
});

describe("applyCaps() on the company", () => {
  test.each([
    { name: "40 % of 1.00 point", ppm: 400_000, cv: 100n, are: [20, 20] },
    { name: "a share rounded down", ppm: 399_999, cv: 100n, are: [20, 19] },
    { name: "nothing, where no volume came in", ppm: 400_000, cv: 0n, are: [0, 0] },
    { name: "nothing, where returns outweigh sales", ppm: 400_000, cv: -500n, are: [0, 0] },
    { name: "all of it, where it fits", ppm: 400_000, cv: 10n ** 30n, are: [50, 50] },
  ])("leaves $name", ({ ppm, cv, are }) => {
    const lines = [line("1", 50), line("2", 50, { distributor_id: "B" })];
    expect(cap({ mode: "pro_rata", company_ppm_of_cv_value: ppm }, lines, cv)).toEqual(are);
  });

  test("comes after the persons' caps", () => {
    const lines = [line("1", 90), line("2", 10, { distributor_id: "B" })];
    const caps = { per_distributor_minor: 30, company_ppm_of_cv_value: 200_000 };
    // 30 and 10 are left; half of that is the company's 20.
    expect(cap({ mode: "pro_rata", ...caps }, lines, 100n)).toEqual([15, 5]);
  });
});

describe("applyCaps()", () => {
  test("changes nothing of a plan without caps, or with caps without limits", () => {
    const lines = [line("1", 50)];
    expect(applyCaps(planOf(), lines, 0n)).toBe(lines);
    expect(cap({ mode: "hard_stop" }, lines)).toEqual([50]);
  });

  test("keeps whatever else a line says", () => {
    const lines = [{ ...line("1", 50), note: "kept" }];
    const capped = applyCaps(
      planWithCaps({ mode: "pro_rata", per_distributor_minor: 7 }),
      lines,
      0n,
    );
    expect(capped).toEqual([{ ...line("1", 7), note: "kept" }]);
  });

  test("throws at a line below 0", () => {
    expect(() => cap({ mode: "pro_rata" }, [line("1", -1)])).toThrow("below 0");
  });

  test("adds up to the smaller of sum and cap, whatever the mode and the order of the lines", () => {
    const anyLine = fc.record({
      distributor_id: fc.constantFrom("A", "B", "C"),
      component: fc.constantFrom("one", "two", "other"),
      level: fc.option(fc.nat(3)),
      effective_ms: fc.nat(3),
      amount_minor: fc.oneof(fc.nat(20), fc.nat(100_000)),
    });
    const anyLines = fc
      .array(anyLine, { maxLength: 20 })
      .map((lines) => lines.map((given, index) => ({ ...given, line_id: `L${index}` })));
    const anyCaps = fc.record({
      mode: fc.constantFrom<Caps["mode"]>("pro_rata", "priority", "hard_stop"),
      per_distributor_minor: fc.nat(100_000),
      company_ppm_of_cv_value: fc.integer({ min: 0, max: 1_000_000 }),
    });
    const shuffled = anyLines.chain((lines) =>
      fc.record({
        lines: fc.constant(lines),
        order: fc.shuffledSubarray(lines, { minLength: lines.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, anyCaps, fc.nat(200_000), ({ lines, order }, caps, cv) => {
        const plan = planWithCaps(caps);
        const capped = applyCaps(plan, lines, BigInt(cv));
        const sum = (of: readonly CappedLine[]) =>
          of.reduce((all, { amount_minor }) => all + amount_minor, 0);
        const person = (id: string) =>
          sum(lines.filter(({ distributor_id }) => distributor_id === id));
        const persons = ["A", "B", "C"].map((id) =>
          Math.min(person(id), caps.per_distributor_minor),
        );
        const wanted = persons.reduce((all, amount) => all + amount, 0);
        const company = Number((BigInt(cv) * BigInt(caps.company_ppm_of_cv_value)) / 1_000_000n);
        expect(sum(capped)).toBe(Math.min(wanted, company));
        const isCut = capped.every(
          ({ amount_minor }, index) =>
            amount_minor >= 0 && amount_minor <= (lines[index]?.amount_minor ?? 0),
        );
        expect(isCut).toBe(true);
        const byId = (of: readonly CappedLine[]) =>
          of.toSorted((a, b) => Number(a.line_id.slice(1)) - Number(b.line_id.slice(1)));
        expect(byId(applyCaps(plan, order, BigInt(cv)))).toEqual(capped);
      }),
      { numRuns: runs(500) },
    );
  });
});
