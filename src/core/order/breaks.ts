import type { Break, Effects } from "../subject/entry.ts";
import { paymentsIn } from "./bought.ts";
import { differingIn, type GoodsTold, type Tellings } from "./retold.ts";
import type { Extra, Goods, OrderState } from "./state.ts";

/*
 * What a person has to look at once both sides of it are known, whichever came last. Nothing takes a
 * break back: none is told by which payment is the sale so far.
 */

const breakOf = (name: string, reference: string, detail: string): Break => ({
  break_id: `${name}:${reference}`,
  class: name,
  reference,
  detail,
});

export const withBreaks = (breaks: readonly Break[]): Pick<Effects, "breaks"> =>
  breaks.length === 0 ? {} : { breaks };

export const cancelledPaid = (orderId: string, { sale, cancelled }: OrderState): readonly Break[] =>
  sale !== undefined && cancelled === true
    ? [breakOf("CANCELLED_PAID", orderId, "The order was cancelled and paid: expect its refund")]
    : [];

/**
 * A further payment of an order: of those that are known by then, with this one, each but the
 * earliest is one. A time that is told later may make another the earliest: the order shows which.
 */
export function duplicatePayment(
  orderId: string,
  order: OrderState,
  extra: Extra,
): readonly Break[] {
  const [earliest, next] = paymentsIn({ ...order, extras: [...order.extras, extra] });
  if (earliest === undefined || next === undefined) return [];
  const named = earliest.payment_id === extra.payment_id ? next : extra;
  const detail = `Order "${orderId}" was paid more than once: it shows the payment that bought its goods, the others are the customer's money`;
  return [breakOf("DUPLICATE_PAYMENT", named.payment_id, detail)];
}

type Money = Pick<Extra, "currency" | "amount_minor">;

/** Whether a payment, whether it is the sale or not, tells something else than its order does. */
export const isOther = (placed: Goods | undefined, paid: Money, told: GoodsTold): boolean =>
  placed !== undefined &&
  (placed.currency !== paid.currency ||
    placed.amount_minor !== paid.amount_minor ||
    differingIn(placed, told) !== undefined);

export const orderDiffers = (orderId: string): Break =>
  breakOf("ORDER_DIFFERS", orderId, "Order and payment tell different amounts, goods or buyers");

/** What is to be told of an order that is placed, with all of its payments. */
export const breaksOf = (
  orderId: string,
  order: OrderState,
  tellings: Tellings,
): readonly Break[] => {
  const isDiffering = paymentsIn(order).some((one) =>
    isOther(order.placed, one, tellings(one.payment_id)),
  );
  return [...cancelledPaid(orderId, order), ...(isDiffering ? [orderDiffers(orderId)] : [])];
};
