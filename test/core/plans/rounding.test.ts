import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { divideRounded, proRata, type Rounding, safe } from "#src/core/plans/rounding.ts";
import { runs } from "../../support/runs.ts";

const anyRounding = fc.constantFrom<Rounding>("half_even", "half_up", "down");
const anyDivisor = fc
  .oneof(fc.bigInt({ min: -(10n ** 21n), max: 10n ** 21n }), fc.bigInt({ min: -6n, max: 6n }))
  .filter((value) => value !== 0n);

const anyDividend = fc.oneof(fc.bigInt(), fc.bigInt({ min: -20n, max: 20n }));

const size = (value: bigint) => (value < 0n ? -value : value);

/** What each mode promises, told without dividing. */
function isRight({
  numerator,
  denominator,
  rounding,
  rounded,
}: {
  numerator: bigint;
  denominator: bigint;
  rounding: Rounding;
  rounded: bigint;
}): boolean {
  const error = size(rounded * denominator - numerator);
  const isOutward = size(rounded * denominator) > size(numerator);
  if (rounding === "down") return error < size(denominator) && !isOutward;
  if (2n * error < size(denominator)) return true;
  const isTieRight = rounding === "half_up" ? isOutward : rounded % 2n === 0n;
  return 2n * error === size(denominator) && isTieRight;
}

describe("divideRounded()", () => {
  test.each([
    { quotient: "0/7", half_even: 0n, half_up: 0n, down: 0n },
    { quotient: "1/2", half_even: 0n, half_up: 1n, down: 0n },
    { quotient: "3/2", half_even: 2n, half_up: 2n, down: 1n },
    { quotient: "5/2", half_even: 2n, half_up: 3n, down: 2n },
    { quotient: "7/2", half_even: 4n, half_up: 4n, down: 3n },
    { quotient: "-1/2", half_even: 0n, half_up: -1n, down: 0n },
    { quotient: "-3/2", half_even: -2n, half_up: -2n, down: -1n },
    { quotient: "-5/2", half_even: -2n, half_up: -3n, down: -2n },
    { quotient: "5/-2", half_even: -2n, half_up: -3n, down: -2n },
    { quotient: "-5/-2", half_even: 2n, half_up: 3n, down: 2n },
    { quotient: "49/100", half_even: 0n, half_up: 0n, down: 0n },
    { quotient: "51/100", half_even: 1n, half_up: 1n, down: 0n },
    { quotient: "8/3", half_even: 3n, half_up: 3n, down: 2n },
    { quotient: "-8/3", half_even: -3n, half_up: -3n, down: -2n },
    { quotient: "12/4", half_even: 3n, half_up: 3n, down: 3n },
    // One third of the smallest unit away from a half, far beyond what a float tells apart.
    {
      quotient: "1500000000000000000000001/1000000000000000000000000",
      half_even: 2n,
      half_up: 2n,
      down: 1n,
    },
    {
      quotient: "2500000000000000000000001/1000000000000000000000000",
      half_even: 3n,
      half_up: 3n,
      down: 2n,
    },
  ])("rounds $quotient", ({ quotient, ...expected }) => {
    const [numerator = 0n, denominator = 0n] = quotient.split("/").map(BigInt);
    const rounded = (rounding: Rounding) => divideRounded(numerator, denominator, rounding);
    expect({
      half_even: rounded("half_even"),
      half_up: rounded("half_up"),
      down: rounded("down"),
    }).toEqual(expected);
  });

  test("is never further off than its mode allows, and the same on both sides of zero", () => {
    fc.assert(
      fc.property(anyDividend, anyDivisor, anyRounding, (numerator, denominator, rounding) => {
        const rounded = divideRounded(numerator, denominator, rounding);
        expect(isRight({ numerator, denominator, rounding, rounded })).toBe(true);
        expect(divideRounded(-numerator, denominator, rounding)).toBe(-rounded);
        expect(divideRounded(numerator, -denominator, rounding)).toBe(-rounded);
      }),
      { numRuns: runs(500) },
    );
  });

  test("throws for a denominator of 0", () => {
    expect(() => divideRounded(1n, 0n, "down")).toThrow("Cannot divide by nothing");
  });
});

describe("proRata()", () => {
  test.each([
    { name: "W3, 40 % of a line of 400", of: [400, 10_000, 25_000], is: 160 },
    { name: "W4, all of it", of: [400, 25_000, 25_000], is: 400 },
    { name: "nothing refunded", of: [400, 0, 25_000], is: 0 },
    { name: "an order without a net", of: [400, 0, 0], is: 0 },
    { name: "a half to the even unit", of: [5, 1, 2], is: 2 },
    { name: "products beyond 2^53", of: [2 ** 53 - 1, 2 ** 53 - 2, 2 ** 53 - 1], is: 2 ** 53 - 2 },
  ])("gives $is for $name", ({ of: [amount = 0, part = 0, whole = 0], is }) => {
    expect(proRata(amount, part, whole, "half_even")).toBe(is);
  });

  test("reaches the whole line with the whole refund, never goes beyond, never goes back", () => {
    const anyAmount = fc.maxSafeNat();
    const anyOrder = fc
      .tuple(fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat())
      .map((parts) => parts.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(anyAmount, anyOrder, anyRounding, (amount, order, rounding) => {
        const [first = 0, second = 0, net = 0] = order;
        const targets = [first, second, net].map((part) => proRata(amount, part, net, rounding));
        expect(targets).toEqual(targets.toSorted((a, b) => a - b));
        expect(targets.at(-1)).toBe(net === 0 ? 0 : amount);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("safe()", () => {
  test.each([2n ** 53n, -(2n ** 53n)])("throws at %s", (value) => {
    expect(() => safe(value)).toThrow("beyond 2^53");
  });

  test("keeps the last one before", () => {
    expect(safe(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
  });
});
