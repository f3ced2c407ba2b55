import { timeOf } from "./earlier.ts";
import { goodsPaid, isWhole } from "./goods-paid.ts";
import { differingIn, type Tellings } from "./retold.ts";
import type { Extra, Goods, OrderState, Sale } from "./state.ts";

/** What a payment bought. */
export interface Bought {
  readonly goods: Goods;
  /** Another payment's word for it. */
  readonly borrowed?: true;
}

/** The payment that bought the goods of its order. */
export interface First extends Bought {
  readonly first: Extra;
}

/**
 * By which payment an order is sold: the earliest that bought something, among equals the one that
 * sorts first, whichever was heard of when.
 */
export function firstOf(order: OrderState, tellings: Tellings): First | undefined {
  const payments = paymentsIn(order);
  for (const first of payments) {
    // Of what an older version kept, nobody knows when it went back.
    const isDated = (first.returned_minor ?? 0) === 0;
    const bought = isDated ? boughtBy(first, { order, payments, tellings }) : undefined;
    if (bought !== undefined) return { first, ...bought };
  }
  return undefined;
}

/** All payments of an order in the order of their time. */
export function paymentsIn({ sale, returns, extras }: OrderState): readonly Extra[] {
  const all = sale === undefined ? extras : [{ ...paymentOf(sale), returns }, ...extras];
  return all.toSorted((a, b) => timeOf(a) - timeOf(b) || (a.payment_id < b.payment_id ? -1 : 1));
}

/** A sale's payment without its goods. */
const paymentOf = (sale: Sale): Extra => ({
  payment_id: sale.payment_id,
  currency: sale.currency,
  amount_minor: sale.amount_minor,
  fee_minor: sale.fee_minor,
  ...(sale.fee_ms === undefined ? {} : { fee_ms: sale.fee_ms }),
  paid_ms: sale.paid_ms,
  ...(sale.told_ms === undefined ? {} : { told_ms: sale.told_ms }),
});

interface Place {
  readonly order: OrderState;
  readonly payments: readonly Extra[];
  readonly tellings: Tellings;
}

/**
 * What a payment was for, as its tellings say or as its order does. One that cannot say it paid for
 * the same goods as the earliest of the same amount that says it itself; without any it is money alone.
 */
function boughtBy(payment: Extra, { order, payments, tellings }: Place): Bought | undefined {
  const { payment_id, currency, amount_minor } = payment;
  const paying = { order_id: order.order_id ?? "", payment_id, currency, amount_minor };
  const told = tellings(payment_id);
  const own = goodsPaid(paying, told, order);
  if (!("kind" in own)) return { goods: own };
  const lender = payments.find(
    (other) =>
      other.currency === currency &&
      other.amount_minor === amount_minor &&
      isWhole(tellings(other.payment_id)) &&
      differingIn(tellings(other.payment_id), told) === undefined,
  );
  if (lender === undefined) return undefined;
  const lent = goodsPaid(paying, { ...tellings(lender.payment_id), ...told }, order);
  return "kind" in lent ? undefined : { goods: lent, borrowed: true };
}
