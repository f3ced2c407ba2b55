import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Legs, payBinary } from "#src/core/plans/binary.ts";
import type { Binary } from "#src/core/plans/plan.ts";
import { payOn } from "#src/core/plans/sale.ts";
import { runs } from "../../support/runs.ts";
import { planOf } from "./samples.ts";

const PLAN = planOf();
const binary = (parts: Partial<Binary> = {}): Binary => ({
  kind: "binary",
  code: "pair",
  pair_ppm: 100_000,
  after: "carry_forward",
  ...parts,
});
const pay = (parts: Partial<Binary>, legs: Legs, isEligible = true) =>
  payBinary(PLAN, binary(parts), { legs, isEligible });

describe("payBinary()", () => {
  test("W7: pays 20.00, carries 300, then pays 40.00 and carries nothing", () => {
    const first = pay({}, { L: 20_000, R: 50_000 });
    expect(first).toEqual({
      amount_minor: 2000,
      matched_x100: 20_000,
      carry: { L: 0, R: 30_000 },
      lost: { amount_minor: 0, x100: { L: 0, R: 0 } },
    });
    const second = pay({}, { L: 40_000 + first.carry.L, R: 10_000 + first.carry.R });
    expect(second).toMatchObject({ amount_minor: 4000, carry: { L: 0, R: 0 } });
  });

  test("W7 with flush: the second period pays 10.00", () => {
    const first = pay({ after: "flush" }, { L: 20_000, R: 50_000 });
    expect(first).toMatchObject({ amount_minor: 2000, carry: { L: 0, R: 0 } });
    expect(first.lost.x100).toEqual({ L: 0, R: 30_000 });
    const second = pay({ after: "flush" }, { L: 40_000, R: 10_000 });
    expect(second).toMatchObject({ amount_minor: 1000, carry: { L: 0, R: 0 } });
  });

  test.each<{
    after: Binary["after"];
    isEligible: boolean;
    carry: Legs;
    pays: number;
    lost: number;
  }>([
    { after: "carry_forward", isEligible: true, carry: { L: 0, R: 300 }, pays: 20, lost: 0 },
    { after: "carry_forward", isEligible: false, carry: { L: 0, R: 300 }, pays: 0, lost: 20 },
    { after: "net_off", isEligible: true, carry: { L: 0, R: 300 }, pays: 20, lost: 0 },
    { after: "net_off", isEligible: false, carry: { L: 200, R: 500 }, pays: 0, lost: 0 },
    { after: "flush", isEligible: true, carry: { L: 0, R: 0 }, pays: 20, lost: 0 },
    { after: "flush", isEligible: false, carry: { L: 0, R: 0 }, pays: 0, lost: 20 },
  ])("$after, eligible $isEligible: pays $pays and carries $carry", (row) => {
    const paid = pay({ after: row.after }, { L: 200, R: 500 }, row.isEligible);
    expect(paid).toMatchObject({ amount_minor: row.pays, carry: row.carry });
    expect(paid.lost.amount_minor).toBe(row.lost);
  });

  test.each([
    {
      name: "matches whole units alone",
      parts: { unit_x100: 10_000 },
      legs: { L: 29_999, R: 50_000 },
      is: { amount_minor: 2000, matched_x100: 20_000, carry: { L: 9_999, R: 30_000 } },
    },
    {
      name: "matches a unit that is just full",
      parts: { unit_x100: 10_000 },
      legs: { L: 10_000, R: 10_000 },
      is: { amount_minor: 1000, carry: { L: 0, R: 0 } },
    },
    {
      name: "matches nothing below the unit",
      parts: { unit_x100: 10_000 },
      legs: { L: 9_999, R: 50_000 },
      is: { amount_minor: 0, matched_x100: 0, carry: { L: 9_999, R: 50_000 } },
    },
    {
      name: "loses what is above the cap, and does not carry it",
      parts: { cap_minor: 1500 },
      legs: { L: 20_000, R: 50_000 },
      is: {
        amount_minor: 1500,
        carry: { L: 0, R: 30_000 },
        lost: { amount_minor: 500, x100: { L: 0, R: 0 } },
      },
    },
    {
      name: "pays up to the cap in full",
      parts: { cap_minor: 2000 },
      legs: { L: 20_000, R: 50_000 },
      is: { amount_minor: 2000, lost: { amount_minor: 0, x100: { L: 0, R: 0 } } },
    },
    {
      name: "cuts each leg at the carry cap",
      parts: { carry_cap_x100: 25_000 },
      legs: { L: 20_000, R: 50_000 },
      is: { carry: { L: 0, R: 25_000 }, lost: { amount_minor: 0, x100: { L: 0, R: 5_000 } } },
    },
    {
      name: "carries a leg below zero as it is",
      parts: {},
      legs: { L: -300, R: 500 },
      is: { amount_minor: 0, matched_x100: 0, carry: { L: -300, R: 500 } },
    },
    {
      name: "pays nothing on one leg",
      parts: {},
      legs: { L: 0, R: 500 },
      is: { amount_minor: 0, carry: { L: 0, R: 500 } },
    },
  ])("$name", ({ parts, legs, is }) => {
    expect(pay(parts, legs)).toMatchObject(is);
  });

  test("cuts the carry of somebody not eligible, whose legs stay", () => {
    const paid = pay({ after: "net_off", carry_cap_x100: 400 }, { L: 200, R: 500 }, false);
    expect(paid).toMatchObject({ carry: { L: 200, R: 400 }, lost: { x100: { L: 0, R: 100 } } });
  });

  test("loses no point unseen: each leg is matched, carried or lost, over many periods", () => {
    const anyLeg = fc.integer({ min: -20_000, max: 1_000_000 });
    const anyPeriod = fc.record({ L: anyLeg, R: anyLeg, isEligible: fc.boolean() });
    const anyBinary = fc.record(
      {
        after: fc.constantFrom<Binary["after"]>("carry_forward", "net_off", "flush"),
        unit_x100: fc.constantFrom(1, 100, 9_999, 50_000),
        cap_minor: fc.nat(20_000),
        carry_cap_x100: fc.nat(500_000),
      },
      { requiredKeys: ["after"] },
    );
    fc.assert(
      fc.property(anyBinary, fc.array(anyPeriod, { maxLength: 8 }), (parts, periods) => {
        let carry: Legs = { L: 0, R: 0 };
        for (const { L, R, isEligible } of periods) {
          const legs = { L: L + carry.L, R: R + carry.R };
          const paid = pay(parts, legs, isEligible);
          expect({
            L: paid.matched_x100 + paid.carry.L + paid.lost.x100.L,
            R: paid.matched_x100 + paid.carry.R + paid.lost.x100.R,
          }).toEqual(legs);
          expect(paid.matched_x100 % (parts.unit_x100 ?? 1)).toBe(0);
          const rate = { pool_ppm: 1_000_000, rate_ppm: 100_000 };
          expect(paid.amount_minor + paid.lost.amount_minor).toBe(
            payOn(PLAN, { points_x100: paid.matched_x100, ...rate }),
          );
          expect(paid.amount_minor).toBeLessThanOrEqual(parts.cap_minor ?? Infinity);
          carry = paid.carry;
        }
      }),
      { numRuns: runs(300) },
    );
  });
});
