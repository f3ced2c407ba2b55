import { assert } from "../assert.ts";
import { exponentOf } from "../money.ts";
import type { Plan } from "./plan.ts";
import { divideRounded, safe } from "./rounding.ts";

/** What a plan looks at in a sale. Volumes in hundredths of a point, from 0. */
export interface Sale {
  readonly cv_x100: number;
  readonly pv_x100: number;
  readonly order_kind: string;
  /** What flat sums are looked up by; absent: the order kind. */
  readonly package?: string;
}

/** A commission line that a sale brings; minor units of the plan's currency, above 0. */
export interface LineDraft {
  readonly component: string;
  /** The level or generation that is paid. */
  readonly level: number;
  /** Steps above the source, those left out counted too. */
  readonly depth: number;
  readonly distributor_id: string;
  /** Null for a flat sum. */
  readonly rate_ppm: number | null;
  readonly amount_minor: number;
  readonly currency: string;
}

/** A level that nobody may take: the company keeps it, and it is told but never posted. */
export interface Breakage {
  readonly component: string;
  readonly level: number;
  readonly reason: "not_eligible" | "no_rate";
}

export interface Priced {
  readonly lines: readonly LineDraft[];
  readonly breakage: readonly Breakage[];
}

export const ALL_PPM = 1_000_000;

/** Points and the two shares of them that are paid: a pool, and a rate of it. */
export interface Share {
  readonly points_x100: number;
  readonly pool_ppm: number;
  readonly rate_ppm: number;
}

/** A share as an exact number: hundredths of a point in millionths of millionths. */
export const weightOf = ({ points_x100, pool_ppm, rate_ppm }: Share): bigint =>
  BigInt(points_x100) * BigInt(pool_ppm) * BigInt(rate_ppm);

/** Hundredths, and ppm three times: pool, rate and what a point is worth. */
const SCALE = 100n * 10n ** 18n;

/** Whatever turns points into money. */
export type Pricing = Pick<Plan, "currency" | "rounding" | "volume">;

/** Minor units of a weight, or of a sum of weights: the plan's one rounding (DOMAIN §4.1). */
export function moneyOf({ currency, rounding, volume }: Pricing, weight: bigint): bigint {
  const exponent = exponentOf(currency);
  assert(exponent !== undefined, "Cannot pay in a currency that no plan can name");
  const minor = weight * BigInt(volume.cv_to_money_ppm) * 10n ** BigInt(exponent);
  return divideRounded(minor, SCALE, rounding);
}

/** Minor units that a share of points pays; see {@link isPayable} for what it can keep. */
export const payOn = (pricing: Pricing, share: Share): number =>
  safe(moneyOf(pricing, weightOf(share)));

/**
 * Whether every line of such a volume is an amount that can be kept: below 2^53 minor units even at
 * 100 %. Volumes beyond that are a sender's mistake, for a person to see; pricing one throws.
 */
export function isPayable(pricing: Pricing, cv_x100: number): boolean {
  const share = { points_x100: cv_x100, pool_ppm: ALL_PPM, rate_ppm: ALL_PPM };
  return moneyOf(pricing, weightOf(share)) <= BigInt(Number.MAX_SAFE_INTEGER);
}
