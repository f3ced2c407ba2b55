import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cut, cutsOf, type PeriodLine } from "#src/core/runs/cuts.ts";
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
const amounts = (cuts: readonly Cut[]) =>
  Object.fromEntries(cuts.map(({ line_id, cut_minor }) => [line_id, cut_minor]));

describe("cutsOf()", () => {
  test("cuts each person first, then everybody for the company", () => {
    const lines = [lineOf("L1"), lineOf("L2"), lineOf("L3", { distributor_id: "C" })];
    const each = planWith({ per_distributor_minor: 900 });
    expect(amounts(cutsOf(each, lines, 0n))).toEqual({ L1: 450, L2: 450 });
    // 10 % of 100.00 is 10.00, of which 450, 450 and 600 are wanted.
    const both = planWith({ per_distributor_minor: 900, company_ppm_of_cv_value: 100_000 });
    expect(amounts(cutsOf(both, lines, 10_000n))).toEqual({ L1: 300, L2: 300, L3: 400 });
  });

  test("says nothing of lines that stay, and changes nothing when all is cut", () => {
    const plan = planWith({ per_distributor_minor: 1200 });
    expect(cutsOf(plan, [lineOf("L1"), lineOf("L2")], 0n)).toEqual([]);
  });

  test("weighs what returns have left, and cuts the rest in proportion", () => {
    const plan = planWith({ per_distributor_minor: 300 });
    const lines = [lineOf("L1", { amount_minor: 1000, reversed_minor: 400 })];
    expect(amounts(cutsOf(plan, lines, 0n))).toEqual({ L1: 500 });
    const returned = lineOf("L2", { reversed_minor: 600 });
    expect(amounts(cutsOf(plan, [...lines, returned], 0n))).toEqual({ L1: 500 });
  });

  test("leaves alone lines of another plan's components", () => {
    const plan = planWith({ per_distributor_minor: 0 });
    expect(cutsOf(plan, [lineOf("L1", { component: "other" })], 0n)).toEqual([]);
  });

  test("never passes the cap, and never raises a line", () => {
    const line = fc.record({ amount: fc.nat(10_000), reversed: fc.nat(10_000) });
    fc.assert(
      fc.property(fc.array(line), fc.nat(20_000), (given, cap) => {
        const lines = given.map(({ amount, reversed }, i) =>
          lineOf(`L${i}`, { amount_minor: amount, reversed_minor: Math.min(amount, reversed) }),
        );
        const cuts = new Map(
          cutsOf(planWith({ per_distributor_minor: cap }), lines, 0n).map((cut) => [
            cut.line_id,
            cut.cut_minor,
          ]),
        );
        let left = 0;
        for (const { line_id, amount_minor, reversed_minor } of lines) {
          const amount = cuts.get(line_id) ?? amount_minor;
          expect(amount).toBeLessThanOrEqual(amount_minor);
          // What the order takes back of the smaller line, by the same part of it.
          left +=
            amount_minor === 0 ? 0 : (amount * (amount_minor - reversed_minor)) / amount_minor;
        }
        expect(left).toBeLessThanOrEqual(cap + 1e-6);
      }),
      { numRuns: runs(200) },
    );
  });
});
