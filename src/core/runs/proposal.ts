import type { PayoutRule, Plan } from "../plans/plan.ts";
import { divideRounded, safe } from "../plans/rounding.ts";

/** What somebody is owed, in minor units above zero; below, the distributor owes (clawback). */
export interface Payable {
  readonly distributor_id: string;
  readonly available_minor: bigint;
  /** Open breaks that make the balance doubtful. */
  readonly doubts: readonly string[];
}

/** A payout for a person to approve: gross = fee + withholding + net, minor units. */
export interface Proposal {
  readonly distributor_id: string;
  readonly currency: string;
  readonly gross_minor: number;
  readonly fee_minor: number;
  readonly withholding_minor: number;
  readonly net_minor: number;
}

export interface LeftOut {
  readonly distributor_id: string;
  readonly reason: "break_open" | "nothing_left";
  readonly detail: string;
}

export interface Proposed {
  readonly proposals: readonly Proposal[];
  readonly left_out: readonly LeftOut[];
}

type PayingPlan = Pick<Plan, "currency" | "rounding"> & { readonly payout: PayoutRule };

/**
 * Payouts to propose: of everybody whose payable balance, what was clawed back already taken from
 * it, reaches the plan's minimum. Who has an open AMOUNT or EXTRA break waits (DOMAIN §8).
 */
export function proposePayouts(plan: PayingPlan, payables: readonly Payable[]): Proposed {
  const proposals: Proposal[] = [];
  const left_out: LeftOut[] = [];
  for (const payable of payables) {
    const { distributor_id, available_minor, doubts } = payable;
    if (available_minor <= 0n || available_minor < BigInt(plan.payout.minimum_minor)) continue;
    const proposal = proposalOf(plan, payable);
    if (doubts.length > 0) {
      left_out.push({ distributor_id, reason: "break_open", detail: doubts.join(", ") });
    } else if (proposal.net_minor <= 0) {
      const detail = `Fee and withholding take all of ${available_minor} ${plan.currency}`;
      left_out.push({ distributor_id, reason: "nothing_left", detail });
    } else {
      proposals.push(proposal);
    }
  }
  return { proposals, left_out };
}

function proposalOf(
  { currency, rounding, payout }: PayingPlan,
  { distributor_id, available_minor }: Payable,
): Proposal {
  const { fee_minor = 0, withholding_ppm = 0 } = payout;
  const withheld = divideRounded(available_minor * BigInt(withholding_ppm), 1_000_000n, rounding);
  return {
    distributor_id,
    currency,
    gross_minor: safe(available_minor),
    fee_minor,
    withholding_minor: safe(withheld),
    net_minor: safe(available_minor - withheld - BigInt(fee_minor)),
  };
}
