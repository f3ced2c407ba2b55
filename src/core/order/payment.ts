import type { Break, Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Fact, Write } from "../subject/state.ts";
import { goodsPaid, isTooMuch, volumeTooLarge } from "./goods-paid.ts";
import { price, type Priced } from "./lines.ts";
import { confirmed, paidText, type Payment, readPaid, waitFor } from "./paid.ts";
import { postFee, postSale } from "./posting.ts";
import { differingIn, goodsOfPayment, goodsToldBy } from "./retold.ts";
import { soldEarlier, soldLater, unseenSale } from "./sold-earlier.ts";
import { paidAgain } from "./second.ts";
import { type Goods, orderIdOf, type OrderState, type Sale } from "./state.ts";
import {
  changedOrder,
  contradicted,
  factOf,
  known,
  type OrderFact,
  paymentKey,
  PLACED,
  tell,
  type Told,
} from "./told.ts";

/** P1, P2, P13: a payment brings the sale, its lines and one message, by itself. */
export function paymentConfirmed(event: Payment, told: Told): Act {
  const { payment_id, currency, amount_minor } = event.data;
  const fact = factOf(paymentKey(payment_id), [currency, amount_minor]);
  const before = told.state.fact(fact.key);
  if (before?.essence === fact.essence) {
    return toldAgain(event, before, { fact, told });
  }
  const answer = known(fact, before);
  if (answer !== undefined) return answer;
  return told.order.sale === undefined ? sold(event, fact, told) : paidAgain(event, fact, told);
}

/**
 * Shop and processor tell one payment each: whoever knows the fee, it is posted once. Tellings that
 * contradict each other in their goods would leave it to their arrival what was sold.
 */
function toldAgain(
  event: Payment,
  before: Fact,
  { fact, told }: { readonly fact: OrderFact; readonly told: Told },
): Act {
  const { data } = event;
  const { order } = told;
  const of = before.eventId;
  const paid = readPaid(before.state);
  const first = goodsOfPayment(order, data.payment_id, paid.goods);
  const other = differingIn(first, goodsToldBy(data));
  if (other !== undefined) return contradicted(fact, other, of);
  const { fee_minor } = data;
  const isFeeNew = fee_minor !== undefined && fee_minor !== paid.fee_minor;
  if (isFeeNew && paid.fee_minor !== null) return contradicted(fact, "fee_minor", of);
  const fee = isFeeNew ? fee_minor : null;
  const writes = fee === null ? [] : [tell(fact, of, paidText({ ...paid, fee_minor: fee }))];
  const unseen = unseenSale(event, told);
  if (unseen !== undefined) return unseen;
  const old = soldLater(event, told);
  if (old !== undefined) return soldEarlier(event, { told, old, fee, writes });
  return fee === null ? { kind: "repeat", of } : feeTold(event, order, { fee, writes });
}

function feeTold(
  { key, data: { payment_id, currency } }: Payment,
  order: OrderState,
  { fee, writes }: { readonly fee: number; readonly writes: readonly Write[] },
): Act {
  const effects = {
    transfers: postFee({ amount_minor: fee, currency, reference: payment_id }),
  };
  const after = withFee(order, payment_id, fee);
  return {
    kind: "effect",
    ...changedOrder({ key, before: order, after, changed: [], effects, writes }),
  };
}

function withFee(order: OrderState, paymentId: string, fee_minor: number): OrderState {
  const { sale, extras } = order;
  if (sale?.payment_id === paymentId) return { ...order, sale: { ...sale, fee_minor } };
  return {
    ...order,
    extras: extras.map((extra) =>
      extra.payment_id === paymentId ? { ...extra, fee_minor } : extra,
    ),
  };
}

function sold(event: Payment, fact: OrderFact, told: Told): Act {
  const { key, data, occurredAtMs: paidMs } = event;
  const goods = goodsPaid(event, told.order);
  if ("kind" in goods) return goods;
  if (isTooMuch(goods, paidMs, told)) return volumeTooLarge();
  const pricing = price({ orderId: orderIdOf(key), goods, paidMs, computation: 1 }, told.around);
  if (pricing.kind === "wants") return pricing;
  if (pricing.kind === "gap") return waitFor(pricing.gap, data);

  const sale: Sale = {
    ...goods,
    payment_id: data.payment_id,
    fee_minor: data.fee_minor ?? null,
    paid_ms: paidMs,
    period_id: pricing.periodId,
  };
  const after = soldOrder(told.order, sale, pricing);
  const effects: Effects = {
    transfers: postSale(sale),
    aliases: [fact.key],
    messages: confirmed(key, sale, told.state),
    ...breaksOf(key, after),
  };
  // Payments that could not say what they are for need nobody to say it any more.
  const freed = { put: "met", key: PLACED } as const;
  const writes = [tell(fact, told.eventId, paidText({ fee_minor: sale.fee_minor })), freed];
  const change = { key, before: told.order, after, changed: after.lines, effects, writes };
  return { kind: "effect", ...changedOrder(change) };
}

const soldOrder = (order: OrderState, sale: Sale, { lines, terms }: Priced): OrderState => ({
  ...order,
  sale,
  lines,
  computation: 1,
  ...(terms === undefined ? {} : { terms }),
});

/** What a person has to look at once both sides of it are known, whichever came last. */
export function breaksOf(key: string, { sale, placed, cancelled }: OrderState): Effects {
  if (sale === undefined) return {};
  const orderId = orderIdOf(key);
  const found = (name: string, detail: string): Break => ({
    break_id: `${name}:${orderId}`,
    class: name,
    reference: orderId,
    detail,
  });
  const breaks: Break[] = [];
  if (cancelled === true) {
    breaks.push(found("CANCELLED_PAID", "The order was cancelled and paid: expect its refund"));
  }
  if (placed !== undefined && isOther(placed, sale)) {
    breaks.push(
      found("ORDER_DIFFERS", "Order and payment tell different amounts, goods or buyers"),
    );
  }
  return breaks.length === 0 ? {} : { breaks };
}

const isOther = (placed: Goods, sale: Sale): boolean =>
  placed.currency !== sale.currency ||
  placed.amount_minor !== sale.amount_minor ||
  differingIn(placed, sale) !== undefined;
