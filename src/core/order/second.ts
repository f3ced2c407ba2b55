import { underCaps } from "../runs/cap-order.ts";
import type { Break, Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Write } from "../subject/state.ts";
import { linesAnew, price, type Priced } from "./lines.ts";
import { confirmed, paidText, type Payment, readPaid, waitFor } from "./paid.ts";
import { postFee, postReturned, postUnapplied } from "./posting.ts";
import { differingIn, goodsToldBy } from "./retold.ts";
import { isWholeReturned, minus } from "./returned.ts";
import { type Extra, NOTHING, orderIdOf, type OrderState, type Sale } from "./state.ts";
import { changedOrder, closedIn, type OrderFact, paymentKey, tell, type Told } from "./told.ts";

/**
 * P13: the order was paid before. Money without goods is the customer's; which of two payments it is
 * follows from when they happened, not from which was heard of first.
 */
export function paidAgain(event: Payment, fact: OrderFact, told: Told): Act {
  const { sale } = told.order;
  return sale !== undefined && comesFirst(event, sale)
    ? paidFirst(event, fact, { told, old: sale })
    : paidLater(event, fact, told);
}

/** The earlier payment of the same goods bought them; among equals the one that sorts first. */
function comesFirst({ data, occurredAtMs }: Payment, sale: Sale): boolean {
  const isSame =
    data.currency === sale.currency &&
    data.amount_minor === sale.amount_minor &&
    differingIn(sale, goodsToldBy(data)) === undefined;
  const isEarlier =
    occurredAtMs === sale.paid_ms ? data.payment_id < sale.payment_id : occurredAtMs < sale.paid_ms;
  return isSame && isEarlier;
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
}

/**
 * The payment heard of now is the sale, and the one before it is what came twice: what was returned
 * of that was the customer's money, and takes nothing back from anybody.
 */
function paidFirst(event: Payment, fact: OrderFact, { told, old }: Exchange): Act {
  const { key, data, occurredAtMs: paidMs } = event;
  const { order, state, around, eventId } = told;
  const computation = old.period_id === null ? 1 : order.computation + 1;
  const priced = price({ orderId: orderIdOf(key), goods: old, paidMs, computation }, around);
  if (priced.kind === "wants") return priced;
  if (priced.kind === "gap") return waitFor(priced.gap, data);
  const sale: Sale = {
    ...old,
    payment_id: data.payment_id,
    fee_minor: data.fee_minor ?? null,
    paid_ms: paidMs,
    period_id: priced.periodId ?? old.period_id,
  };
  const after = exchanged({ told, old }, { sale, priced, computation });
  const effects: Effects = {
    transfers: [
      ...postMoney(data),
      ...postReturned("P6", minus(NOTHING, order.returned), referenceOf(old)),
      ...postUnapplied({ ...referenceOf(old), amount_minor: -returnedOf(order) }),
    ],
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

const referenceOf = ({ currency, payment_id: reference }: Sale) => ({ currency, reference });

const returnedOf = ({ returns }: OrderState): number =>
  returns.reduce((sum, { undone, amount_minor }) => (undone ? sum : sum + amount_minor), 0);

function exchanged(
  { told, old }: Exchange,
  {
    sale,
    priced,
    computation,
  }: { readonly sale: Sale; readonly priced: Priced; readonly computation: number },
): OrderState {
  const { order, state, receivedAtMs } = told;
  const { payment_id, currency, amount_minor, fee_minor } = old;
  const returned_minor = returnedOf(order);
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
  return { ...anew, lines: linesAnew(anew, underCaps(priced.lines, state), receivedAtMs) };
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
