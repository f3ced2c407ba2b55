import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Stairstep } from "#src/core/plans/plan.ts";
import { type Group, payStairstep } from "#src/core/plans/stairstep.ts";
import { payOn } from "#src/core/plans/sale.ts";
import { runs } from "../../support/runs.ts";
import { planOf } from "./samples.ts";

const STAIRS: Stairstep = {
  kind: "stairstep",
  code: "stairs",
  brackets: [
    { min_pv: 1000, rate_ppm: 90_000 },
    { min_pv: 100, rate_ppm: 30_000 },
    { min_pv: 300, rate_ppm: 60_000 },
  ],
};
const PLAN = planOf();
/** A group whose CV is its PV, in whole points. */
const points = (value: number): Group => ({ pv_x100: value * 100, cv_x100: value * 100 });

describe("payStairstep()", () => {
  test.each([
    { name: "nothing below the first bracket", group: points(99), pays: 0, rate: 0 },
    { name: "the first bracket from its first point", group: points(100), pays: 300, rate: 30_000 },
    { name: "the second bracket", group: points(300), pays: 1800, rate: 60_000 },
    { name: "the last bracket for ever", group: points(5000), pays: 45_000, rate: 90_000 },
    {
      name: "what the legs' own brackets leave",
      group: points(1000),
      legs: [points(300), points(100), points(50)],
      // 90.00 − 18.00 − 3.00 − 0
      pays: 6900,
      rate: 90_000,
    },
    {
      name: "nothing on a leg of the same bracket but the rest of the group",
      group: points(1200),
      legs: [points(1000)],
      pays: 1800,
      rate: 90_000,
    },
    {
      name: "nothing rather than a debt, where a leg has outrun the group",
      group: { pv_x100: 25_000, cv_x100: 25_000 },
      legs: [points(400)],
      pays: 0,
      rate: 30_000,
    },
    {
      name: "the bracket of PV on the volume of CV",
      group: { pv_x100: 100_000, cv_x100: 50_000 },
      pays: 4500,
      rate: 90_000,
    },
  ])("pays $name", ({ group, legs = [], pays, rate }) => {
    const paid = payStairstep(PLAN, STAIRS, { group, legs, isEligible: true });
    expect(paid).toEqual({ amount_minor: pays, rate_ppm: rate });
  });

  test("pays nobody who is not eligible", () => {
    const period = { group: points(1000), legs: [], isEligible: false };
    expect(payStairstep(PLAN, STAIRS, period)).toEqual({ amount_minor: 0, rate_ppm: 90_000 });
  });

  test("shares out a whole line of people at the bracket of its top, but for rounding", () => {
    const anyOwn = fc.array(fc.integer({ min: 0, max: 50_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(anyOwn, (own) => {
        // Each has one leg, the next: a group is own volume and all that follows.
        const groups = own.map((_, index) => {
          const volume = own.slice(index).reduce((sum, value) => sum + value, 0);
          return { pv_x100: volume, cv_x100: volume };
        });
        const paid = groups.map((group, index) =>
          payStairstep(PLAN, STAIRS, {
            group,
            legs: groups.slice(index + 1, index + 2),
            isEligible: true,
          }),
        );
        const [top = { pv_x100: 0, cv_x100: 0 }] = groups;
        const share = { pool_ppm: 1_000_000, rate_ppm: paid[0]?.rate_ppm ?? 0 };
        const whole = payOn(PLAN, { points_x100: top.cv_x100, ...share });
        const sum = paid.reduce((all, { amount_minor }) => all + amount_minor, 0);
        expect(Math.abs(sum - whole)).toBeLessThanOrEqual((own.length + 1) / 2);
      }),
      { numRuns: runs(300) },
    );
  });
});
