import { assert } from "../assert.ts";

/**
 * What becomes of a half and of a part: `half_even` and `half_up` go to the nearest, a half to the
 * even neighbour or away from zero; `down` goes towards zero. Each rounds −x to −round(x), so that
 * what is taken back is what was given.
 */
export type Rounding = "half_even" | "half_up" | "down";

/** The quotient as an integer, exact at any size and for either sign; throws for denominator 0. */
export function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  assert(denominator !== 0n, "Cannot divide by nothing");
  const isNegative = numerator < 0n !== denominator < 0n;
  const dividend = magnitude(numerator);
  const divisor = magnitude(denominator);
  const whole = dividend / divisor;
  const rounded = whole + carry({ whole, twice: 2n * (dividend % divisor), divisor, rounding });
  return isNegative ? -rounded : rounded;
}

/**
 * `round(amount · part / whole)`: the share of a line that follows its order's refunds (DOMAIN
 * §3.3). A whole of 0 gives 0. All in minor units.
 */
export function proRata(amount: number, part: number, whole: number, rounding: Rounding): number {
  if (whole === 0) return 0;
  return safe(divideRounded(BigInt(amount) * BigInt(part), BigInt(whole), rounding));
}

/** A result that storage and JSON keep exactly; throws beyond 2^53. */
export function safe(value: bigint): number {
  const number = Number(value);
  assert(Number.isSafeInteger(number), "Cannot keep an amount beyond 2^53 as a number");
  return number;
}

const magnitude = (value: bigint) => (value < 0n ? -value : value);

interface Remainder {
  readonly whole: bigint;
  /** The remainder doubled: it is compared with the divisor, so no half has to be written. */
  readonly twice: bigint;
  readonly divisor: bigint;
  readonly rounding: Rounding;
}

function carry({ whole, twice, divisor, rounding }: Remainder): bigint {
  if (rounding === "down" || twice < divisor) return 0n;
  if (twice > divisor || rounding === "half_up") return 1n;
  return whole % 2n;
}
