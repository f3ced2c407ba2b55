import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exponentOf, toDecimal } from "#src/core/money.ts";

describe("exponentOf()", () => {
  test.each([
    { exponent: 0, codes: "JPY KRW VND CLP XAF ISK PYG UGX" },
    { exponent: 2, codes: "USD EUR GBP CHF MXN BRL INR TWD PEN HUF" },
    { exponent: 3, codes: "KWD BHD TND JOD OMR IQD LYD" },
    { exponent: 4, codes: "CLF UYW" },
    { exponent: undefined, codes: "usd XXX XTS XAU EURO US toString" },
  ])("is $exponent for $codes", ({ exponent, codes }) => {
    const found = codes.split(" ").map((code) => exponentOf(code));
    expect(new Set(found)).toEqual(new Set([exponent]));
  });
});

describe("toDecimal()", () => {
  test.each<{ amount: bigint | number; currency: string; text: string }>([
    { amount: 12_500, currency: "USD", text: "125.00" },
    { amount: -5, currency: "USD", text: "-0.05" },
    { amount: 0, currency: "USD", text: "0.00" },
    { amount: -0, currency: "USD", text: "0.00" },
    { amount: 99n, currency: "EUR", text: "0.99" },
    { amount: 400, currency: "JPY", text: "400" },
    { amount: -1, currency: "JPY", text: "-1" },
    { amount: 0, currency: "JPY", text: "0" },
    { amount: 1234, currency: "KWD", text: "1.234" },
    { amount: 7, currency: "KWD", text: "0.007" },
    { amount: 12_345, currency: "CLF", text: "1.2345" },
    { amount: 123_456_789_012_345_678_901n, currency: "USD", text: "1234567890123456789.01" },
  ])("writes $amount $currency as $text", ({ amount, currency, text }) => {
    expect(toDecimal(amount, currency)).toBe(text);
  });

  test.each<{ amount: bigint | number; currency: string }>([
    { amount: 1.5, currency: "USD" },
    { amount: 2 ** 53, currency: "USD" },
    { amount: Number.NaN, currency: "USD" },
    { amount: 1, currency: "ZZZ" },
  ])("throws at $amount $currency", ({ amount, currency }) => {
    expect(() => toDecimal(amount, currency)).toThrow("Cannot write an amount");
  });

  test("loses nothing: the digits without the point are the amount", () => {
    const currencies = fc.constantFrom("JPY", "USD", "KWD", "CLF");
    fc.assert(
      fc.property(fc.bigInt(), currencies, (amount, currency) => {
        const text = toDecimal(amount, currency);
        expect(BigInt(text.replace(".", ""))).toBe(amount);
        expect(text.split(".")[1]?.length ?? 0).toBe(exponentOf(currency));
      }),
    );
  });
});
