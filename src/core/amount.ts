import { toDecimal } from "./money.ts";

/** Money as answers show it: exact in minor units, and once more as people write it. */
export interface Amount {
  readonly amount_minor: number | string;
  readonly currency: string;
  readonly amount: string;
}

/** A JSON number where every reader gets it exactly, up to 2^53 − 1; decimal text beyond that. */
export function exactInteger(value: bigint): number | string {
  const isExact =
    value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return isExact ? Number(value) : String(value);
}

export const amountOf = (minor: bigint, currency: string): Amount => ({
  amount_minor: exactInteger(minor),
  currency,
  amount: toDecimal(minor, currency),
});
