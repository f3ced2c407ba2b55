import {
  CHARGEBACK_FEE,
  PRODUCT,
  PSP,
  PSP_FEE,
  REFUND,
  type Rule,
  SALES_TAX,
  SHIPPING,
  signedTransfer,
  type Transfer,
  transferOf,
  UNAPPLIED,
} from "../ledger/transfer.ts";
import type { Parts, Sale } from "./state.ts";

interface Money {
  readonly amount_minor: number;
  readonly currency: string;
  /** The payment, refund or dispute it is about. */
  readonly reference: string;
}

/** P1: the price is at the processor; goods, tax and shipping each have their account. */
export function postSale(sale: Sale): readonly Transfer[] {
  const { currency, payment_id: reference } = sale;
  const credit = (account: string, amount_minor: number) =>
    transferOf({ rule: "P1", debit: PSP, credit: account, amount_minor, currency, reference });
  return [
    ...credit(PRODUCT, sale.net_minor),
    ...credit(SALES_TAX, sale.tax_minor),
    ...credit(SHIPPING, sale.shipping_minor),
    ...postFee({ amount_minor: sale.fee_minor ?? 0, currency, reference }),
  ];
}

/** P2: what the processor keeps. */
export const postFee = (money: Money): readonly Transfer[] =>
  transferOf({ ...money, rule: "P2", debit: PSP_FEE, credit: PSP });

/** P13: a second payment is owed to the customer; a return of it takes the amount below zero. */
export const postUnapplied = (money: Money): readonly Transfer[] =>
  signedTransfer({ ...money, rule: "P13", debit: PSP, credit: UNAPPLIED });

/**
 * P6, P7: what returns took in addition, by part; below zero where a dispute was won. The ledger
 * gets the difference to what it has, so any series of returns ends the same.
 */
export function postReturned(
  rule: Extract<Rule, "P6" | "P7">,
  more: Parts,
  { currency, reference }: Pick<Money, "currency" | "reference">,
): readonly Transfer[] {
  const debit = (account: string, amount_minor: number) =>
    signedTransfer({ rule, debit: account, credit: PSP, amount_minor, currency, reference });
  return [
    ...debit(REFUND, more.net_minor),
    ...debit(SALES_TAX, more.tax_minor),
    ...debit(SHIPPING, more.shipping_minor),
  ];
}

/** P7: the processor's fee for a dispute; below zero where it is given back. */
export const postDisputeFee = (money: Money): readonly Transfer[] =>
  signedTransfer({ ...money, rule: "P7", debit: CHARGEBACK_FEE, credit: PSP });
