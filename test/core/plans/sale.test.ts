import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Rounding } from "#src/core/plans/rounding.ts";
import { ALL_PPM, isPayable, moneyOf, payOn, weightOf } from "#src/core/plans/sale.ts";
import { runs } from "../../support/runs.ts";
import { planOf } from "./samples.ts";

const fivePercent = { pool_ppm: ALL_PPM, rate_ppm: 50_000 };

describe("payOn()", () => {
  test.each([
    { name: "W1: 5 % of 40 % of 200.00 points", points: 20_000, pool: 400_000, pays: 400 },
    { name: "W11: 80.00 points at 0.92 EUR", points: 8_000, cur: "EUR", ppm: 920_000, pays: 368 },
    { name: "no minor units", points: 10_000, cur: "JPY", ppm: 150_000_000, pays: 750 },
    { name: "two", points: 10_000, cur: "USD", ppm: 1_000_000, pays: 500 },
    { name: "three", points: 10_000, cur: "KWD", ppm: 307_000, pays: 1535 },
    { name: "four", points: 10_000, cur: "CLF", ppm: 25_000, pays: 1250 },
    { name: "less than a unit", points: 1, pays: 0 },
    { name: "nothing", points: 0, pays: 0 },
  ])("pays $pays for $name", ({ points, pool = ALL_PPM, cur = "USD", ppm = ALL_PPM, pays }) => {
    const plan = planOf({ currency: cur, volume: { cv_to_money_ppm: ppm } });
    expect(payOn(plan, { points_x100: points, pool_ppm: pool, rate_ppm: 50_000 })).toBe(pays);
  });

  test.each<{ rounding: Rounding; points: number; pays: number }>([
    { rounding: "half_even", points: 10, pays: 0 },
    { rounding: "half_even", points: 30, pays: 2 },
    { rounding: "half_even", points: 50, pays: 2 },
    { rounding: "half_up", points: 10, pays: 1 },
    { rounding: "half_up", points: 50, pays: 3 },
    { rounding: "half_up", points: 9, pays: 0 },
    { rounding: "down", points: 39, pays: 1 },
  ])("rounds 5 % of $points hundredths $rounding to $pays", ({ rounding, points, pays }) => {
    expect(payOn(planOf({ rounding }), { points_x100: points, ...fivePercent })).toBe(pays);
  });

  test("rounds once: three halves of 3 are 0.375, and not 2, 1, 1", () => {
    const plan = planOf({ rounding: "half_up", volume: { cv_to_money_ppm: 500_000 } });
    expect(payOn(plan, { points_x100: 3, pool_ppm: 500_000, rate_ppm: 500_000 })).toBe(0);
  });

  test("throws beyond 2^53", () => {
    const plan = planOf({ currency: "KWD" });
    const all = { points_x100: Number.MAX_SAFE_INTEGER, pool_ppm: ALL_PPM, rate_ppm: ALL_PPM };
    expect(() => payOn(plan, all)).toThrow("beyond 2^53");
  });
});

describe("moneyOf()", () => {
  test("is the formula of DOMAIN §4.1, digit by digit", () => {
    const anyPpm = fc.integer({ min: 0, max: ALL_PPM });
    const currencies = fc.constantFrom(
      { currency: "JPY", unit: 1n },
      { currency: "CLF", unit: 10_000n },
    );
    const args = [fc.maxSafeNat(), anyPpm, anyPpm, fc.integer({ min: 1, max: 10 ** 12 })] as const;
    fc.assert(
      fc.property(currencies, ...args, ({ currency, unit }, cv, pool, rate, factor) => {
        const plan = planOf({ currency, rounding: "down", volume: { cv_to_money_ppm: factor } });
        const share = { points_x100: cv, pool_ppm: pool, rate_ppm: rate };
        const exact = BigInt(cv) * BigInt(pool) * BigInt(rate) * BigInt(factor) * unit;
        expect(moneyOf(plan, weightOf(share))).toBe(exact / (100n * 10n ** 18n));
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("isPayable()", () => {
  test.each([
    { cv: 0, currency: "USD", factor: ALL_PPM, is: true },
    { cv: Number.MAX_SAFE_INTEGER, currency: "USD", factor: ALL_PPM, is: true },
    { cv: Number.MAX_SAFE_INTEGER, currency: "USD", factor: ALL_PPM + 1, is: false },
    { cv: Number.MAX_SAFE_INTEGER, currency: "KWD", factor: ALL_PPM, is: false },
    { cv: Number.MAX_SAFE_INTEGER, currency: "JPY", factor: 100 * ALL_PPM, is: true },
  ])("is $is for $cv at $factor ppm of $currency", ({ cv, currency, factor, is }) => {
    expect(isPayable(planOf({ currency, volume: { cv_to_money_ppm: factor } }), cv)).toBe(is);
  });
});
