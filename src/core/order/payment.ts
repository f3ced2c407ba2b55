import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Fact } from "../subject/state.ts";
import { paymentAgain } from "./again.ts";
import { cancelledPaid, isOther, orderDiffers, withBreaks } from "./breaks.ts";
import { goodsPaid, isTooMuch, volumeTooLarge } from "./goods-paid.ts";
import { price, type Priced } from "./lines.ts";
import { confirmed, paidText, type Payment, readPaid, waitFor } from "./paid.ts";
import { postSale } from "./posting.ts";
import { differingIn, goodsToldBy, tellingsOf } from "./retold.ts";
import { paidAgain } from "./second.ts";
import { orderIdOf, type OrderState, type Sale } from "./state.ts";
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
 * Shop and processor tell one payment each: whoever knows the fee, it is posted once, and the
 * earliest time counts. Tellings that contradict each other in their goods would leave it to their
 * arrival what was sold.
 */
function toldAgain(
  event: Payment,
  before: Fact,
  { fact, told }: { readonly fact: OrderFact; readonly told: Told },
): Act {
  const { key, data } = event;
  const of = before.eventId;
  const paid = readPaid(before.state);
  const goodsKnown = tellingsOf(told)(data.payment_id);
  const { fee_minor = paid.fee_minor } = data;
  const isFeeNew = fee_minor !== paid.fee_minor;
  const other = differingIn(goodsKnown, goodsToldBy(data));
  if (other !== undefined) return contradicted(fact, other, of);
  if (isFeeNew && paid.fee_minor !== null) return contradicted(fact, "fee_minor", of);
  const goodsTold = { ...goodsKnown, ...goodsToldBy(data) };
  const text = paidText({ ...paid, fee_minor, goods: goodsTold });
  const writes = text === before.state ? [] : [tell(fact, of, text)];
  const { placed } = told.order;
  const isNews = isOther(placed, data, goodsTold) && !isOther(placed, data, goodsKnown);
  const breaks = isNews ? [orderDiffers(orderIdOf(key))] : [];
  return paymentAgain(event, { told, of, isFeeNew, writes, goodsTold, breaks });
}

function sold(event: Payment, fact: OrderFact, told: Told): Act {
  const { key, data, occurredAtMs: paidMs } = event;
  const goodsTold = goodsToldBy(data);
  const goods = goodsPaid(data, goodsTold, told.order);
  if ("kind" in goods) return goods;
  if (isTooMuch(goods, paidMs, told)) return volumeTooLarge();
  const pricing = price({ orderId: orderIdOf(key), goods, paidMs, computation: 1 }, told.around);
  if (pricing.kind === "wants") return pricing;
  if (pricing.kind === "gap") return waitFor(pricing.gap, data);

  const sale: Sale = {
    ...goods,
    payment_id: data.payment_id,
    fee_minor: data.fee_minor ?? null,
    ...(data.fee_minor === undefined ? {} : { fee_ms: paidMs }),
    paid_ms: paidMs,
    period_id: pricing.periodId,
  };
  const after = soldOrder(told.order, sale, pricing);
  const orderId = orderIdOf(key);
  const isDiffering = isOther(after.placed, data, goodsTold);
  const effects: Effects = {
    transfers: postSale(sale),
    aliases: [fact.key],
    messages: confirmed(key, sale, told.state),
    ...withBreaks([
      ...cancelledPaid(orderId, after),
      ...(isDiffering ? [orderDiffers(orderId)] : []),
    ]),
  };
  // Payments that could not say what they are for need nobody to say it any more.
  const freed = { put: "met", key: PLACED } as const;
  const text = paidText({ fee_minor: sale.fee_minor, goods: goodsTold });
  const writes = [tell(fact, told.eventId, text), freed];
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
