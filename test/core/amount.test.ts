import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { amountOf, exactInteger } from "#src/core/amount.ts";

const MAX = BigInt(Number.MAX_SAFE_INTEGER);

describe("exactInteger()", () => {
  test.each([
    { given: 0n, expected: 0 },
    { given: -5n, expected: -5 },
    { given: MAX, expected: Number.MAX_SAFE_INTEGER },
    { given: -MAX, expected: -Number.MAX_SAFE_INTEGER },
    { given: MAX + 1n, expected: "9007199254740992" },
    { given: -MAX - 1n, expected: "-9007199254740992" },
  ])("tells $given as it is read back", ({ given, expected }) => {
    expect(exactInteger(given)).toBe(expected);
  });

  test("loses nothing on the way through JSON", () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        const [read] = JSON.parse(JSON.stringify([exactInteger(value)]));
        expect(BigInt(read)).toBe(value);
      }),
    );
  });
});

describe("amountOf()", () => {
  test.each([
    { minor: 12_500n, currency: "USD", amount: "125.00" },
    { minor: -5n, currency: "EUR", amount: "-0.05" },
    { minor: 400n, currency: "JPY", amount: "400" },
  ])("writes $amount $currency", ({ minor, currency, amount }) => {
    expect(amountOf(minor, currency)).toEqual({ amount_minor: Number(minor), currency, amount });
  });
});
