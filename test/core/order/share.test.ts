import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addsWithin, shareOut } from "#src/core/order/share.ts";
import { runs } from "../../support/runs.ts";

const MAX = Number.MAX_SAFE_INTEGER;

describe("shareOut()", () => {
  test.each<{ name: string; amount: number; parts: number[]; shares: number[] }>([
    { name: "whole shares", amount: 50, parts: [60, 30, 10], shares: [30, 15, 5] },
    { name: "the largest fraction first", amount: 10, parts: [2, 1, 0], shares: [7, 3, 0] },
    { name: "equal fractions to the first", amount: 1, parts: [5, 5, 5], shares: [1, 0, 0] },
    { name: "two units left over", amount: 2, parts: [1, 1, 1], shares: [1, 1, 0] },
    { name: "all of it", amount: 13, parts: [7, 5, 1], shares: [7, 5, 1] },
    { name: "nothing", amount: 0, parts: [7, 5, 1], shares: [0, 0, 0] },
    { name: "of nothing", amount: 0, parts: [0, 0, 0], shares: [0, 0, 0] },
    { name: "beyond 2^53 on the way", amount: MAX - 1, parts: [MAX, 1], shares: [MAX - 2, 1] },
  ])("$name", ({ amount, parts, shares }) => {
    expect(shareOut(amount, parts)).toEqual(shares);
  });

  test("shares out every unit, each part within one unit of its exact share", () => {
    const parts = fc.array(fc.nat({ max: 3_000_000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, fc.double({ min: 0, max: 1, noNaN: true }), (of, share) => {
        const whole = of.reduce((sum, part) => sum + part, 0);
        const amount = Math.floor(whole * share);
        const shares = shareOut(amount, of);
        expect(shares.reduce((sum, each) => sum + each, 0)).toBe(amount);
        for (const [i, each] of shares.entries()) {
          const part = of[i] ?? 0;
          expect(each).toBeLessThanOrEqual(part);
          expect(Math.abs(each - (amount * part) / Math.max(1, whole))).toBeLessThan(1);
        }
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("addsWithin()", () => {
  test.each([
    { parts: [60, 30, 10], amount: 100, isWithin: true },
    { parts: [60, 30, 10], amount: 101, isWithin: false },
    { parts: [], amount: 0, isWithin: true },
    { parts: [], amount: 1, isWithin: false },
  ])("$parts hold $amount: $isWithin", ({ parts, amount, isWithin }) => {
    expect(addsWithin(parts, amount)).toBe(isWithin);
  });
});
