import { asOf, opposite, type Transfer } from "../ledger/transfer.ts";
import { underCaps } from "../runs/cap-order.ts";
import type { Break, Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Write } from "../subject/state.ts";
import { linesAnew, price, type Priced } from "./lines.ts";
import { confirmed, paidText, type Payment, readPaid, waitFor } from "./paid.ts";
import { goodsPaid, isTooMuch, volumeTooLarge } from "./goods-paid.ts";
import { postFee, postSale, postUnapplied } from "./posting.ts";
import { differingIn, goodsToldBy } from "./retold.ts";
import { isWholeReturned, liveReturns } from "./returned.ts";
import { type Extra, type Goods, NOTHING, orderIdOf, type OrderState, type Sale } from "./state.ts";
import {
  changedOrder,
  closedIn,
  goodsOf,
  type OrderFact,
  paymentKey,
  tell,
  type Told,
} from "./told.ts";
import { postTakings, takingsOf } from "./takings.ts";

/**
 * P13: the order was paid before. Money without goods is the customer's; which of two payments it is
 * follows from when they happened, not from which was heard of first.
 */
export function paidAgain(event: Payment, fact: OrderFact, told: Told): Act {
  const { sale } = told.order;
  if (sale === undefined || !comesFirst(event, sale)) return paidLater(event, fact, told);
  const goods = goodsBought(event, told.order, sale);
  return goods === undefined
    ? paidLater(event, fact, told)
    : paidFirst(event, fact, { told, old: sale, goods });
}

/** The earlier payment bought the goods; among equals the one that sorts first. */
const comesFirst = ({ data, occurredAtMs }: Payment, sale: Sale): boolean =>
  data.currency === sale.currency &&
  (occurredAtMs === sale.paid_ms ? data.payment_id < sale.payment_id : occurredAtMs < sale.paid_ms);

/**
 * What the earlier payment was for, as it says itself or as its order does. One that cannot say it
 * paid for the same goods, where it is the same amount; else it is money alone.
 */
function goodsBought(event: Payment, order: OrderState, sale: Sale): Goods | undefined {
  const { data } = event;
  const goods = goodsPaid(event, order);
  if (!("kind" in goods)) return goods;
  const isSame =
    data.amount_minor === sale.amount_minor && differingIn(sale, goodsToldBy(data)) === undefined;
  return isSame ? goodsOf(sale) : undefined;
}

/** The money of a payment that buys nothing. */
function postMoney({ payment_id, currency, amount_minor, fee_minor = 0 }: Payment["data"]) {
  const money = { currency, reference: payment_id };
  return [
    ...postUnapplied({ ...money, amount_minor }),
    ...postFee({ ...money, amount_minor: fee_minor }),
  ];
}

const duplicate = (orderId: string, second: string, first: string): Break => ({
  break_id: `DUPLICATE_PAYMENT:${second}`,
  class: "DUPLICATE_PAYMENT",
  reference: second,
  detail: `Order "${orderId}" was paid by "${first}" already`,
});

function paidLater({ key, data }: Payment, fact: OrderFact, told: Told): Act {
  const { payment_id, currency, amount_minor, fee_minor = null } = data;
  const { order, eventId } = told;
  const extra: Extra = { payment_id, currency, amount_minor, fee_minor, returned_minor: 0 };
  const effects: Effects = {
    transfers: postMoney(data),
    aliases: [fact.key],
    breaks: [duplicate(orderIdOf(key), payment_id, order.sale?.payment_id ?? "")],
  };
  const writes = [tell(fact, eventId, paidText({ fee_minor, goods: goodsToldBy(data) }))];
  const after = { ...order, extras: [...order.extras, extra] };
  return {
    kind: "effect",
    ...changedOrder({ key, before: order, after, changed: [], effects, writes }),
  };
}

interface Exchange {
  readonly told: Told;
  /** The sale as it was: of the payment that comes second now. */
  readonly old: Sale;
  readonly goods: Goods;
}

/**
 * The payment heard of now is the sale, and the one before it is what came twice: as if they had
 * come in the order in which they happened, each as of its own time. What was returned of the other
 * was the customer's money, and takes nothing back from anybody.
 */
function paidFirst(event: Payment, fact: OrderFact, { told, old, goods }: Exchange): Act {
  const { key, data, occurredAtMs: paidMs } = event;
  const { order, state, around, eventId } = told;
  if (isTooMuch(goods, paidMs, told)) return volumeTooLarge();
  const computation = old.period_id === null ? 1 : order.computation + 1;
  const priced = price({ orderId: orderIdOf(key), goods, paidMs, computation }, around);
  if (priced.kind === "wants") return priced;
  if (priced.kind === "gap") return waitFor(priced.gap, data);
  const sale: Sale = {
    ...goods,
    payment_id: data.payment_id,
    fee_minor: data.fee_minor ?? null,
    paid_ms: paidMs,
    period_id: priced.periodId,
  };
  const after = exchanged({ told, old }, { sale, priced, computation });
  const effects: Effects = {
    transfers: [...postSale(sale), ...postExchange(order, old)],
    aliases: [fact.key],
    breaks: [duplicate(orderIdOf(key), old.payment_id, data.payment_id)],
    // Of the other somebody was told, unless all of it was back by then.
    ...(isWholeReturned(old, order) ? { messages: confirmed(key, sale, state) } : {}),
  };
  const writes = [
    tell(fact, eventId, paidText({ fee_minor: sale.fee_minor })),
    ...toldOfSecond(told, old),
  ];
  const changed = after.lines.filter((line, i) => line !== order.lines[i]);
  const closed = closedIn(told);
  return {
    kind: "effect",
    ...changedOrder({ key, before: order, after, changed, effects, writes, closed }),
  };
}

/** The old sale becomes money without goods, and its returns take that; its fee stays a fee. */
function postExchange(order: OrderState, old: Sale): readonly Transfer[] {
  const money = referenceOf(old);
  return [
    ...asOf(old.paid_ms, [
      ...opposite(postSale({ ...old, fee_minor: null })),
      ...postUnapplied({ ...money, amount_minor: old.amount_minor }),
    ]),
    ...postTakings(old, [order.returns, []]),
    ...takingsOf(old, order.returns).flatMap(({ at_ms, of, isEnd }) => {
      const amount_minor = isEnd ? of.amount_minor : -of.amount_minor;
      return asOf(at_ms, postUnapplied({ ...money, amount_minor }));
    }),
  ];
}

const referenceOf = ({ currency, payment_id: reference }: Sale) => ({ currency, reference });

const returnedOf = (order: OrderState): number =>
  liveReturns(order).reduce((sum, { amount_minor }) => sum + amount_minor, 0);

function exchanged(
  { told, old }: Pick<Exchange, "told" | "old">,
  {
    sale,
    priced,
    computation,
  }: { readonly sale: Sale; readonly priced: Priced; readonly computation: number },
): OrderState {
  const { state, receivedAtMs } = told;
  // Whatever counted for the other payment's time counts no longer.
  const { terms: _terms, ...order } = told.order;
  const { payment_id, currency, amount_minor, fee_minor } = old;
  const returned_minor = returnedOf(told.order);
  const extra: Extra = { payment_id, currency, amount_minor, fee_minor, returned_minor };
  const { terms } = priced;
  const anew: OrderState = {
    ...order,
    sale,
    extras: [...order.extras, extra],
    returns: [],
    returned: NOTHING,
    computation,
    ...(terms === undefined ? {} : { terms }),
  };
  const fresh = underCaps(priced.lines, state);
  const isMoved = sale.paid_ms !== old.paid_ms;
  const closed = closedIn(told);
  return { ...anew, lines: linesAnew(anew, { fresh, nowMs: receivedAtMs, isMoved, closed }) };
}

/** The order no longer keeps what the second payment told of its goods: its fact does. */
function toldOfSecond({ state }: Told, old: Sale): readonly Write[] {
  const key = paymentKey(old.payment_id);
  const fact = state.fact(key);
  if (fact === undefined) return [];
  const { net_minor, tax_minor, shipping_minor, cv_x100, pv_x100, source_node, order_kind } = old;
  const parts = { net_minor, tax_minor, shipping_minor };
  const goods = { ...parts, cv_x100, pv_x100, source_node, order_kind, package: old.package };
  const text = paidText({ ...readPaid(fact.state), goods });
  return [{ put: "fact", key, fact: { ...fact, state: text } }];
}
