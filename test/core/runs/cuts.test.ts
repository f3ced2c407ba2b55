import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { proRata, type Rounding } from "#src/core/plans/rounding.ts";
import type { Caps } from "#src/core/plans/plan.ts";
import { type Cut, cutsOf, type Followed, type PeriodLine } from "#src/core/runs/cuts.ts";
import { runs } from "../../support/runs.ts";
import { planOf, unilevelOf } from "../plans/samples.ts";

const lineOf = (line_id: string, parts: Partial<PeriodLine> = {}): PeriodLine => ({
  line_id,
  distributor_id: "B",
  order_id: `O-${line_id}`,
  component: "level",
  level: 1,
  rate_ppm: 50_000,
  amount_minor: 600,
  reversed_minor: 0,
  currency: "USD",
  state: "held",
  effective_ms: 0,
  ...parts,
});
const planWith = (caps: object) =>
  planOf({ components: [unilevelOf()], caps: { mode: "pro_rata", ...caps } });
const by = (cv_x100 = 0n, followed?: Followed) => ({ cv_x100, followed: () => followed });
const amounts = (cuts: readonly Cut[]) =>
  Object.fromEntries(cuts.map(({ line_id, cut_minor }) => [line_id, cut_minor]));

describe("cutsOf()", () => {
  test("cuts each person first, then everybody for the company", () => {
    const lines = [lineOf("L1"), lineOf("L2"), lineOf("L3", { distributor_id: "C" })];
    const each = planWith({ per_distributor_minor: 900 });
    expect(amounts(cutsOf(each, lines, by()))).toEqual({ L1: 450, L2: 450 });
    // 10 % of 100.00 is 10.00, of which 450, 450 and 600 are wanted.
    const both = planWith({ per_distributor_minor: 900, company_ppm_of_cv_value: 100_000 });
    expect(amounts(cutsOf(both, lines, by(10_000n)))).toEqual({ L1: 300, L2: 300, L3: 400 });
  });

  test("says nothing of lines that stay, and changes nothing when all is cut", () => {
    const plan = planWith({ per_distributor_minor: 1200 });
    expect(cutsOf(plan, [lineOf("L1"), lineOf("L2")], by())).toEqual([]);
  });

  test("weighs what returns have left, and cuts the rest in proportion", () => {
    const plan = planWith({ per_distributor_minor: 300 });
    const lines = [lineOf("L1", { amount_minor: 1000, reversed_minor: 400 })];
    expect(amounts(cutsOf(plan, lines, by()))).toEqual({ L1: 500 });
    const returned = lineOf("L2", { reversed_minor: 600 });
    expect(amounts(cutsOf(plan, [...lines, returned], by()))).toEqual({ L1: 500 });
  });

  test("leaves alone lines of another plan's components", () => {
    const plan = planWith({ per_distributor_minor: 0 });
    expect(cutsOf(plan, [lineOf("L1", { component: "other" })], by())).toEqual([]);
  });

  test.each<Caps["mode"]>(["pro_rata", "priority", "hard_stop"])(
    "leaves the cap to the unit of a line that was returned in part, %s",
    (mode) => {
      const plan = planWith({ mode, per_distributor_minor: 500 });
      const line = lineOf("L1", { amount_minor: 1000, reversed_minor: 333 });
      const followed = { part: 3000, whole: 9000, rounding: "half_even" } as const;
      const [cut] = cutsOf(plan, [line], by(0n, followed));
      expect(cut?.cut_minor).toBe(750);
    },
  );

  test("goes by the line's own proportion where what its order says is not how it stands", () => {
    const plan = planWith({ per_distributor_minor: 500 });
    const line = lineOf("L1", { amount_minor: 1000, reversed_minor: 333 });
    const late = { part: 6000, whole: 9000, rounding: "half_even" } as const;
    for (const followed of [late, undefined]) {
      const amount = cutsOf(plan, [line], by(0n, followed))[0]?.cut_minor ?? 0;
      expect(amount - proRata(amount, 333, 1000, "half_even")).toBe(500);
    }
  });

  test("leaves the caps exactly where there was more, whatever was returned; a whole return leaves nothing", () => {
    const anyLine = fc.record({
      distributor_id: fc.constantFrom("A", "B", "C"),
      level: fc.nat(3),
      effective_ms: fc.nat(3),
      amount_minor: fc.oneof(fc.nat(20), fc.nat(100_000), fc.maxSafeNat()),
      whole: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 2 ** 50 })),
      share: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
      further: fc.double({ min: 0, max: 1, noNaN: true }),
      rounding: fc.constantFrom<Rounding>("half_even", "half_up", "down"),
    });
    const anyCaps = fc.record({
      mode: fc.constantFrom<Caps["mode"]>("pro_rata", "priority", "hard_stop"),
      per_distributor_minor: fc.oneof(fc.nat(50), fc.nat(100_000), fc.maxSafeNat()),
      company_ppm_of_cv_value: fc.constantFrom(0, 400_000, 1_000_000),
    });
    const anyCv = fc.oneof(fc.nat(100), fc.nat(200_000), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 12 }), anyCaps, anyCv, (given, caps, cv) => {
        const orders = given.map(({ share, whole, further, rounding }) => {
          const part = Math.floor(share * whole);
          return { part, whole, rounding, later: part + Math.floor(further * (whole - part)) };
        });
        const lines = given.map(({ distributor_id, level, effective_ms, amount_minor }, i) => {
          const { part = 0, whole = 1, rounding = "down" } = orders[i] ?? {};
          const reversed_minor = proRata(amount_minor, part, whole, rounding);
          const money = { amount_minor, reversed_minor };
          return lineOf(`L${i}`, { distributor_id, level, effective_ms, ...money });
        });
        const followed = ({ line_id }: PeriodLine) => orders[Number(line_id.slice(1))];
        const cuts = cutsOf(planWith(caps), lines, { cv_x100: BigInt(cv), followed });
        const cutTo = new Map(cuts.map(({ line_id, cut_minor }) => [line_id, cut_minor]));

        const sums = { A: 0n, B: 0n, C: 0n };
        let left = 0n;
        for (const [i, line] of lines.entries()) {
          const { part = 0, whole = 1, rounding = "down", later = 0 } = orders[i] ?? {};
          const amount = cutTo.get(line.line_id) ?? line.amount_minor;
          const standing = amount - proRata(amount, part, whole, rounding);
          expect(amount).toBeLessThanOrEqual(line.amount_minor);
          left += BigInt(standing);
          const { distributor_id: id } = line;
          if (id === "A" || id === "B" || id === "C") {
            sums[id] += BigInt(line.amount_minor - line.reversed_minor);
          }
          // A further return takes its share of no more than the cap has left of the line.
          expect(amount - proRata(amount, later, whole, rounding)).toBeLessThanOrEqual(standing);
          expect(amount - proRata(amount, whole, whole, rounding)).toBe(0);
        }
        const least = (a: bigint, b: bigint) => (a < b ? a : b);
        const each = Object.values(sums).map((sum) =>
          least(sum, BigInt(caps.per_distributor_minor)),
        );
        const company = (BigInt(cv) * BigInt(caps.company_ppm_of_cv_value)) / 1_000_000n;
        expect(left).toBe(
          least(
            each.reduce((all, sum) => all + sum, 0n),
            company,
          ),
        );
      }),
      { numRuns: runs(300) },
    );
  });
});
