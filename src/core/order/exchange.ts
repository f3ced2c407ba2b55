import { underCaps } from "../runs/cap-order.ts";
import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Write } from "../subject/state.ts";
import { rebooked } from "./booked.ts";
import { timeOf } from "./earlier.ts";
import { isTooMuch, volumeTooLarge } from "./goods-paid.ts";
import { linesAnew, nextComputation, price, type Priced } from "./lines.ts";
import { confirmed, paidText, readPaid, waitFor } from "./paid.ts";
import { type Recounted, recounted } from "./recounted.ts";
import { isWholeReturned } from "./returned.ts";
import { tellingsOf } from "./retold.ts";
import { type Extra, type Goods, orderIdOf, type OrderState, type Sale } from "./state.ts";
import { changedOrder, closedIn, paymentKey, ROOM, tell, type Told } from "./told.ts";

export interface Exchange {
  readonly told: Told;
  readonly key: string;
  /** When the event happened that brings it about. */
  readonly occurred_ms: number;
  /** The order with all that is known by now, the old sale counted as before. */
  readonly anew: OrderState;
  /** The sale as it was: of the payment that comes second now. */
  readonly old: Sale;
  /** The payment that comes first, kept as money without goods so far. */
  readonly first: Extra;
  /** What it bought. */
  readonly goods: Goods;
  /** The other payment's word for it. */
  readonly borrowed?: true;
  readonly effects: Effects;
  readonly writes: readonly Write[];
}

/**
 * One payment of an order is the sale, and the one before it is what came twice: as if they had come
 * in the order in which they happened, each as of its own time. What was returned of the other was
 * the customer's money, and takes nothing back from anybody; what was returned of this one does.
 */
export function exchange(given: Exchange): Act {
  const { told, key, anew, old, first, goods, writes } = given;
  const { order, around, state } = told;
  const paidMs = timeOf(first);
  if (isTooMuch(goods, paidMs, told)) return volumeTooLarge();
  const computation = nextComputation(order);
  const priced = price({ orderId: orderIdOf(key), goods, paidMs, computation }, around);
  if (priced.kind === "wants") return priced;
  if (priced.kind === "gap") return waitFor(priced.gap, first);
  const { order: after, transfers, writes: redated } = exchanged(given, priced, computation);
  // Of the other somebody was told, unless all of it was back by then.
  const messages = isWholeReturned(old, anew)
    ? confirmed(key, { ...goods, payment_id: first.payment_id }, state)
    : [];
  const effects: Effects = {
    ...given.effects,
    transfers: [...rebooked(order, after, given.occurred_ms), ...transfers],
    ...(messages.length === 0 ? {} : { messages }),
  };
  const changed = after.lines.filter((line, i) => line !== order.lines[i]);
  const change = { key, before: order, after, changed, effects, closed: closedIn(told) };
  return {
    kind: "effect",
    ...changedOrder({
      ...change,
      writes: [...toldOfSecond(told, old), ...redated, ...writes, ...room(told)],
    }),
  };
}

function exchanged(
  { told, anew: known, old, first, goods, borrowed }: Exchange,
  priced: Priced,
  computation: number,
): Recounted {
  const { state, receivedAtMs, order: before } = told;
  // Whatever counted for the other payment's time counts no longer.
  const { terms: _terms, ...order } = known;
  const { returns = [], ...payment } = paymentOf(first);
  const lent = borrowed === undefined ? {} : { borrowed };
  const sale: Sale = { ...goods, ...payment, ...lent, period_id: priced.periodId };
  const { terms } = priced;
  const sold: OrderState = {
    ...order,
    sale,
    extras: [
      ...order.extras.filter(({ payment_id }) => payment_id !== first.payment_id),
      { ...paymentOf(old), returns: known.returns },
    ],
    returns,
    computation,
    ...(terms === undefined ? {} : { terms }),
  };
  const fresh = underCaps(priced.lines, state);
  const isMoved = sale.paid_ms !== old.paid_ms;
  const place = { nowMs: receivedAtMs, isMoved, closed: closedIn(told), before };
  const recount = recounted(sold, told);
  const anew = recount.order;
  return { ...recount, order: { ...anew, lines: linesAnew(anew, { fresh, ...place }) } };
}

/** A payment without its goods, as of the earliest time that was told of it. */
const paymentOf = (paid: Extra) => ({
  payment_id: paid.payment_id,
  currency: paid.currency,
  amount_minor: paid.amount_minor,
  fee_minor: paid.fee_minor,
  ...(paid.fee_ms === undefined ? {} : { fee_ms: paid.fee_ms }),
  paid_ms: timeOf(paid),
  ...(paid.returns === undefined ? {} : { returns: paid.returns }),
});

/** An older version kept of a sale what it was counted by alone: its fact says so from now on. */
function toldOfSecond(told: Told, { payment_id }: Sale): readonly Write[] {
  const key = paymentKey(payment_id);
  const fact = told.state.fact(key);
  const paid = fact && readPaid(fact.state);
  if (fact === undefined || paid === undefined || paid.goods !== undefined) return [];
  const text = paidText({ ...paid, goods: tellingsOf(told)(payment_id) });
  return [{ put: "fact", key, fact: { ...fact, state: text } }];
}

/** A return that had other parts than its payment may fit by now. */
export const room = ({ state, eventId }: Told): readonly Write[] =>
  state.waitingFor(ROOM).length === 0 ? [] : [tell({ key: ROOM, essence: "" }, eventId)];
