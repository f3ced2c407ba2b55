import {
  BANK,
  bucketOf,
  PAYOUT_FEE,
  type Rule,
  type Transfer,
  transferOf,
  WITHHOLDING,
} from "./transfer.ts";

/** A payout as the core started it; `gross_minor = net_minor + fee_minor + withholding_minor`. */
export interface Payout {
  readonly payout_id: string;
  readonly distributor_id: string;
  readonly gross_minor: number;
  readonly net_minor: number;
  readonly fee_minor: number;
  readonly withholding_minor: number;
  readonly currency: string;
}

/** One part of a payout: where it comes from, where it goes, how much. */
interface Part {
  readonly debit: string;
  readonly credit: string;
  readonly amount_minor: number;
}

const postAll = (payout: Payout, rule: Rule, parts: readonly Part[]): readonly Transfer[] =>
  parts.flatMap((part) =>
    transferOf({ ...part, rule, currency: payout.currency, reference: payout.payout_id }),
  );

/** P9: the gross amount leaves what is payable; the net is on its way. */
export function initiatePayout(payout: Payout): readonly Transfer[] {
  const available = bucketOf(payout.distributor_id, "available");
  const inTransit = bucketOf(payout.distributor_id, "in_transit");
  return postAll(payout, "P9", [
    { debit: available, credit: inTransit, amount_minor: payout.net_minor },
    { debit: available, credit: PAYOUT_FEE, amount_minor: payout.fee_minor },
    { debit: available, credit: WITHHOLDING, amount_minor: payout.withholding_minor },
  ]);
}

/** P10: the bank has paid. */
export function settlePayout(payout: Payout): readonly Transfer[] {
  const inTransit = bucketOf(payout.distributor_id, "in_transit");
  return postAll(payout, "P10", [
    { debit: inTransit, credit: BANK, amount_minor: payout.net_minor },
  ]);
}

/** P11: the mirror of P9; a fee that was kept stays with the company. */
export function failPayout(payout: Payout, feeKept: boolean): readonly Transfer[] {
  const available = bucketOf(payout.distributor_id, "available");
  const inTransit = bucketOf(payout.distributor_id, "in_transit");
  return postAll(payout, "P11", [
    { debit: inTransit, credit: available, amount_minor: payout.net_minor },
    { debit: PAYOUT_FEE, credit: available, amount_minor: feeKept ? 0 : payout.fee_minor },
    { debit: WITHHOLDING, credit: available, amount_minor: payout.withholding_minor },
  ]);
}
