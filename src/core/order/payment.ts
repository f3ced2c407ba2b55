import { type EventOf, narrow } from "../contracts/catalogue.ts";
import type { LineageGap } from "../genealogy/lineage.ts";
import { isPayable } from "../plans/sale.ts";
import { plansAt } from "../plans/versions.ts";
import type { Break, Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Fact, SubjectState } from "../subject/state.ts";
import { price, type Priced } from "./lines.ts";
import { postFee, postSale, postUnapplied } from "./posting.ts";
import { isUndone } from "./end.ts";
import { returnOf } from "./return-of.ts";
import { isWholeReturned, returnedParts } from "./returned.ts";
import { type Extra, type Goods, NOTHING, orderIdOf, type OrderState, type Sale } from "./state.ts";
import {
  changedOrder,
  factOf,
  goodsOf,
  impossible,
  known,
  type OrderFact,
  partsTold,
  paymentKey,
  tell,
  type Told,
} from "./told.ts";

type Payment = EventOf<"payment.confirmed">;

/** What the fact of a payment keeps. */
interface Paid {
  readonly fee_minor: number | null;
}

export const PLACED = "placed";

/** P1, P2, P13: a payment brings the sale, its lines and one message, by itself. */
export function paymentConfirmed(event: Payment, told: Told): Act {
  const { payment_id, currency, amount_minor } = event.data;
  const fact = factOf(paymentKey(payment_id), [currency, amount_minor]);
  const before = told.state.fact(fact.key);
  if (before?.essence === fact.essence) {
    return toldAgain(event, before, { fact, order: told.order });
  }
  const answer = known(fact, before);
  if (answer !== undefined) return answer;
  return told.order.sale === undefined ? sold(event, fact, told) : paidAgain(event, fact, told);
}

/** Shop and processor tell one payment each: whoever knows the fee, it is posted once. */
function toldAgain(
  { key, data }: Payment,
  before: Fact,
  { fact, order }: { readonly fact: OrderFact; readonly order: OrderState },
): Act {
  const of = before.eventId;
  const { fee_minor } = data;
  const paid: Paid = JSON.parse(before.state);
  if (fee_minor === undefined || fee_minor === paid.fee_minor) return { kind: "repeat", of };
  if (paid.fee_minor !== null) {
    const reason = `The fee of "${fact.key}" was told before with another amount: the first stands`;
    return { kind: "contradiction", of, reason };
  }
  const money = { amount_minor: fee_minor, currency: data.currency, reference: data.payment_id };
  const after = withFee(order, data.payment_id, fee_minor);
  const writes = [tell(fact, of, stateOf(fee_minor))];
  const effects = { transfers: postFee(money) };
  return {
    kind: "effect",
    ...changedOrder({ key, before: order, after, changed: [], effects, writes }),
  };
}

const stateOf = (fee_minor: number | undefined): string =>
  JSON.stringify({ fee_minor: fee_minor ?? null } satisfies Paid);

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

/** The goods that a payment tells itself, or those of the order that it pays. */
function goodsPaid({ data }: Payment, { placed }: OrderState): Goods | Act {
  const { source_node, cv_x100, order_kind } = data;
  const parts = partsTold(data);
  if (
    parts !== null &&
    source_node !== undefined &&
    cv_x100 !== undefined &&
    order_kind !== undefined
  ) {
    return goodsOf({ ...data, ...parts, source_node, cv_x100, order_kind });
  }
  if (placed === undefined) {
    const reason = `Order "${data.order_id}" is not known yet, and the payment does not say what it is for`;
    return { kind: "waits", code: "order_unknown", reason, needs: PLACED, ...namedBy(data) };
  }
  if (placed.currency !== data.currency) {
    const reason = `data.currency: the order is in ${placed.currency}, the payment in ${data.currency}`;
    return impossible("currency_mismatch", reason);
  }
  if (placed.amount_minor !== data.amount_minor) {
    const reason = `data.amount_minor: the order costs ${placed.amount_minor}, the payment is ${data.amount_minor} ${data.currency}`;
    return impossible("amount_mismatch", reason);
  }
  return placed;
}

/** What returns it finds the order by it, though it waits there. */
const namedBy = ({ payment_id }: Payment["data"]) => ({ aliases: [paymentKey(payment_id)] });

function sold(event: Payment, fact: OrderFact, told: Told): Act {
  const { key, data, occurredAtMs: paidMs } = event;
  const goods = goodsPaid(event, told.order);
  if ("kind" in goods) return goods;
  const tooMuch = plansAt(told.around?.plans ?? [], paidMs).some(
    (plan) => !isPayable(plan, goods.cv_x100),
  );
  if (tooMuch) return impossible("volume_too_large", "data.cv_x100: more than any plan can pay on");
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
    ...(isReturnedAlready(sale, told.state) ? {} : { messages: [confirmation(key, sale)] }),
    ...breaksOf(key, after),
  };
  const writes = [tell(fact, told.eventId, stateOf(data.fee_minor))];
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

function waitFor({ kind, node }: LineageGap, data: Payment["data"]): Act {
  if (kind === "cycle") {
    return impossible("tree_cycle", `The tree runs in a circle at "${node}": nobody can be paid`);
  }
  const reason = `Nobody is known as "${node}" in the tree: paid by itself once that is known`;
  const needs = `node:${node}`;
  return { kind: "waits", code: "ancestor_unknown", reason, needs, ...namedBy(data) };
}

/** P13: the order was paid before. Money without goods is the customer's. */
function paidAgain({ key, data }: Payment, fact: OrderFact, told: Told): Act {
  const { payment_id, currency, amount_minor, fee_minor } = data;
  const extra: Extra = {
    payment_id,
    currency,
    amount_minor,
    fee_minor: fee_minor ?? null,
    returned_minor: 0,
  };
  const money = { currency, reference: payment_id };
  const found: Break = {
    break_id: `DUPLICATE_PAYMENT:${payment_id}`,
    class: "DUPLICATE_PAYMENT",
    reference: payment_id,
    detail: `Order "${data.order_id}" was paid by "${told.order.sale?.payment_id}" already`,
  };
  const effects: Effects = {
    transfers: [
      ...postUnapplied({ ...money, amount_minor }),
      ...postFee({ ...money, amount_minor: fee_minor ?? 0 }),
    ],
    aliases: [fact.key],
    breaks: [found],
  };
  const writes = [tell(fact, told.eventId, stateOf(fee_minor))];
  const after = { ...told.order, extras: [...told.order.extras, extra] };
  const change = { key, before: told.order, after, changed: [], effects, writes };
  return { kind: "effect", ...changedOrder(change) };
}

/** Nobody is told of a payment that was refunded before we heard of it (DOMAIN §2.3). */
function isReturnedAlready(sale: Sale, state: SubjectState): boolean {
  let all: Pick<OrderState, "returns" | "returned"> = { returns: [], returned: NOTHING };
  for (const eventId of state.waitingFor(paymentKey(sale.payment_id))) {
    const one = waitingRefund(eventId, state);
    if (one === undefined || one.data.currency !== sale.currency) continue;
    const fresh = returnOf(one);
    // Shop and processor can both have told it.
    if (all.returns.some(({ id }) => id === fresh.id)) continue;
    const returns = [...all.returns, fresh];
    const returned = returnedParts(sale, returns);
    // One that the ledger will not take takes nothing back.
    if (returned !== undefined) all = { returns, returned };
  }
  return isWholeReturned(sale, all);
}

/** A refund that waits, unless its end, which is here too, says that it failed. */
function waitingRefund(eventId: string, state: SubjectState) {
  const kept = state.kept(eventId);
  const event = kept === undefined ? undefined : narrow(kept.arrival.event);
  return event?.type !== "refund.completed" || isUndone(event, state) ? undefined : event;
}

const confirmation = (key: string, sale: Sale) => ({
  key: `msg:payment_confirmed:${sale.payment_id}`,
  kind: "payment_confirmed",
  about: {
    payment_id: sale.payment_id,
    order_id: orderIdOf(key),
    source_node: sale.source_node,
    amount_minor: sale.amount_minor,
    currency: sale.currency,
  },
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
  const differs =
    placed !== undefined &&
    (placed.currency !== sale.currency || placed.amount_minor !== sale.amount_minor);
  if (differs) breaks.push(found("ORDER_DIFFERS", "Order and payment tell different amounts"));
  return breaks.length === 0 ? {} : { breaks };
}
