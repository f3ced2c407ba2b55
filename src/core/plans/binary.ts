import type { Binary } from "./plan.ts";
import { ALL_PPM, payOn, type Pricing } from "./sale.ts";

/** One number for each leg, in hundredths of a point. */
export interface Legs {
  readonly L: number;
  readonly R: number;
}

/** A person's period in a binary tree: volumes of the legs, what was carried into it included. */
export interface BinaryPeriod {
  readonly legs: Legs;
  readonly isEligible: boolean;
}

export interface BinaryPay {
  readonly amount_minor: number;
  /** Volume of each leg that was used up by matching, paid or not. */
  readonly matched_x100: number;
  /** What the next period starts with. */
  readonly carry: Legs;
  /** Pay above the cap or for a person not eligible, and volume flushed or above the carry cap. */
  readonly lost: { readonly amount_minor: number; readonly x100: Legs };
}

/**
 * The pay of a period on the weaker leg (DOMAIN §4.3). Of each leg, what came in is matched,
 * carried or lost. A leg below 0, after returns, matches nothing and is carried as it is.
 */
export function payBinary(
  pricing: Pricing,
  component: Binary,
  { legs, isEligible }: BinaryPeriod,
): BinaryPay {
  const weaker = Math.max(0, Math.min(legs.L, legs.R));
  const matchable = weaker - (weaker % (component.unit_x100 ?? 1));
  const matched = component.after === "net_off" && !isEligible ? 0 : matchable;

  const share = { points_x100: matched, pool_ppm: ALL_PPM, rate_ppm: component.pair_ppm };
  const full = payOn(pricing, share);
  const paid = isEligible ? Math.min(full, component.cap_minor ?? full) : 0;

  const carry = {
    L: carried(component, legs.L - matched),
    R: carried(component, legs.R - matched),
  };
  return {
    amount_minor: paid,
    matched_x100: matched,
    carry,
    lost: {
      amount_minor: full - paid,
      x100: { L: legs.L - matched - carry.L, R: legs.R - matched - carry.R },
    },
  };
}

const carried = ({ after, carry_cap_x100: cap }: Binary, left: number) =>
  after === "flush" ? 0 : Math.min(left, cap ?? left);
