import type { Plan } from "#src/core/plans/plan.ts";
import type { Entries } from "./book.ts";
import type { Count } from "./count.ts";
import { areAtOdds, type Fact, factsOf, fullFirst, ofType, type Told } from "./event.ts";
import { planAt } from "./plan.ts";
import { type Parts, partsOf, type Return, returnsOf } from "./returns.ts";

/** The payment of an order, with all that went back of it. */
export interface Sale extends Draft {
  readonly plan: Plan | undefined;
  readonly returns: readonly Return[];
}

interface Draft {
  readonly paymentId: string;
  readonly orderId: string;
  readonly ids: readonly string[];
  readonly currency: string;
  readonly atMs: number;
  readonly parts: Parts;
  readonly fee: bigint;
  readonly sourceNode: string;
  readonly cvX100: number;
  readonly pvX100: number;
  readonly orderKind: string;
}

/** How many confirmations of a payment there may be, by its id. */
export type Confirmations = Record<string, readonly number[]>;

/** Posts the cash side of every order (P1, P2, P6, P7, P13) and gives back what was sold. */
export function countSales(count: Count): { sales: Sale[]; confirmations: Confirmations } {
  const confirmations: Confirmations = {};
  const sales: { draft: Draft; plan: Plan | undefined }[] = [];
  const seconds: Fact<Payment>[] = [];
  for (const [, payments] of Map.groupBy(paymentsOf(count), ({ event }) => event.data.order_id)) {
    const { isAlike, orderly } = inOrder(count, payments);
    const ready = orderly.flatMap((payment) => saleOf(count, goodsFrom(payment, payments)) ?? []);
    const [first] = ready;
    for (const { event } of payments) confirmations[event.data.payment_id] = first ? [0, 1] : [0];
    if (first === undefined) continue;
    sales.push(first);
    const at = orderly.findIndex(({ event }) => event.data.payment_id === first.draft.paymentId);
    // One that would have come first still waits for somebody above it.
    const others = isAlike ? orderly.slice(at + 1) : orderly.toSpliced(at, 1);
    if (payments.length === 1) confirmations[first.draft.paymentId] = [1];
    else if (!isAlike) count.doubt(`which payment of ${first.draft.orderId} is the first`);
    for (const { ids } of others) count.held.drop(ids);
    seconds.push(...others);
  }
  const returns = returnsOf(count, [
    ...sales.map(({ draft }) => draft),
    ...seconds.map(({ event }) => ({
      paymentId: event.data.payment_id,
      currency: event.data.currency,
      parts: whole(BigInt(event.data.amount_minor)),
    })),
  ]);
  for (const { event } of seconds) postSecond(count, event, returns.get(event.data.payment_id));
  const sold = sales.map(({ draft, plan }) => ({
    ...draft,
    plan,
    returns: returns.get(draft.paymentId) ?? [],
  }));
  for (const sale of sold) {
    postSale(count, sale);
    const gone = sale.returns.reduce((so, { parts }) => so + parts.amount, 0n);
    // Whether the last of it was back before the payment was told of is a matter of arrival.
    if (gone >= sale.parts.amount) confirmations[sale.paymentId] = [0, 1];
  }
  return { sales: sold, confirmations };
}

type Payment = Told<"payment.confirmed">;

/** Of payments for the same goods the earliest bought them; of others the first to arrive. */
function inOrder(count: Count, payments: readonly Fact<Payment>[]) {
  const isThin = payments.some(({ event }) => event.data.net_minor === undefined);
  const orderId = payments[0]?.event.data.order_id;
  const told = payments.map(({ event: { data } }) => {
    const { payment_id: _id, fee_minor: _fee, ...goods } = data;
    return isThin ? goods : { currency: goods.currency };
  });
  const orders = ofType(count.events, "order.placed").flatMap(({ data }) =>
    isThin && data.order_id === orderId ? [data] : [],
  );
  // What each bought is plain where each says so; of one that does not, another has to say it.
  const isAlike = !areAtOdds([...told, ...orders]);
  const byArrival = (a: Fact<Payment>, b: Fact<Payment>) =>
    count.arrival(a.ids) - count.arrival(b.ids);
  const byTime = ({ event: a }: Fact<Payment>, { event: b }: Fact<Payment>) =>
    a.occurredAtMs - b.occurredAtMs || (a.data.payment_id < b.data.payment_id ? -1 : 1);
  return { isAlike, orderly: payments.toSorted(isAlike ? byTime : byArrival) };
}

/** A payment that tells no goods bought what another of the same order says. */
function goodsFrom(payment: Fact<Payment>, all: readonly Fact<Payment>[]): Fact<Payment> {
  if (payment.event.data.net_minor !== undefined) return payment;
  const full = all.find(({ event }) => event.data.net_minor !== undefined)?.event.data;
  if (full === undefined) return payment;
  const { payment_id, fee_minor } = payment.event.data;
  const { fee_minor: _fee, ...goods } = full;
  const own = fee_minor === undefined ? { payment_id } : { payment_id, fee_minor };
  return { ...payment, event: { ...payment.event, data: { ...goods, ...own } } };
}

/** An unapplied payment has no parts: what went back of it counts as a whole. */
const whole = (amount: bigint): Parts => ({ net: amount, tax: 0n, shipping: 0n, amount });

/**
 * A payment that the shop tells in full and the processor as an amount is told in full. Of tellings
 * that contradict each other, or the order that a thin one is priced by, the first to arrive stands.
 */
function paymentsOf(count: Count): Fact<Payment>[] {
  const told = ofType(count.events, "payment.confirmed");
  const orders = ofType(count.events, "order.placed");
  const facts = factsOf(
    fullFirst(told, ({ id }) => count.arrival([id])),
    ({ data }) => data.payment_id,
  );
  for (const { event, ids } of facts) {
    const tellings = told.filter(({ id }) => ids.includes(id)).map(({ data }) => data);
    const isThin = ({ net_minor }: Payment["data"]) => net_minor === undefined;
    const order = orders.filter(({ data }) => data.order_id === event.data.order_id);
    const pricedBy = tellings.some(isThin) ? order.map(({ data }) => data) : [];
    if (tellings.length < 2 || !areAtOdds([...tellings, ...pricedBy])) continue;
    count.held.contest(ids);
    count.doubt(`which telling of ${event.data.payment_id} is the first`);
  }
  return facts;
}

/** What a payment sells, with the plan it is paid by; undefined while it has to wait. */
function saleOf(
  count: Count,
  { event, ids }: Fact<Payment>,
): { draft: Draft; plan: Plan | undefined } | undefined {
  const { data, occurredAtMs: atMs } = event;
  const order = ofType(count.events, "order.placed").find(
    (placed) => placed.data.order_id === data.order_id,
  )?.data;
  const detail = data.net_minor === undefined ? order : data;
  const { net_minor, source_node, cv_x100, order_kind } = detail ?? {};
  if (
    detail === undefined ||
    net_minor === undefined ||
    source_node === undefined ||
    cv_x100 === undefined ||
    order_kind === undefined
  ) {
    count.held.put(ids, "parked");
    return undefined;
  }
  if (detail.amount_minor !== data.amount_minor || detail.currency !== data.currency) {
    count.held.put(ids, "quarantined");
    return undefined;
  }
  const plan = planAt(count.plans, atMs);
  const trees = ["sponsor", ...(plan?.components ?? []).map(treeOf)] as const;
  const isKnown = trees.every((tree) => count.company.upline(tree, source_node, atMs));
  if (plan !== undefined && !isKnown) {
    count.held.put(ids, "parked");
    return undefined;
  }
  const isExcluded = plan?.volume.exclude_kinds?.includes(order_kind) === true;
  const draft = {
    paymentId: data.payment_id,
    orderId: data.order_id,
    ids,
    currency: data.currency,
    atMs,
    parts: partsOf({ ...detail, net_minor }),
    fee: BigInt(data.fee_minor ?? 0),
    sourceNode: source_node,
    cvX100: cv_x100,
    pvX100: detail.pv_x100 ?? 0,
    orderKind: order_kind,
  };
  return { draft, plan: isExcluded ? undefined : plan };
}

/** Pairs are made in the placement tree (DOMAIN §4.3), stairs climbed in the sponsors' (§4.5). */
function treeOf(component: Plan["components"][number]): "sponsor" | "placement" {
  if ("tree" in component) return component.tree;
  return component.kind === "binary" ? "placement" : "sponsor";
}

function postFee({ book }: Count, currency: string, fee: bigint): void {
  book.post(currency, { "exp:psp_fee": fee, "cash:psp": -fee });
}

/** P1 and P2; P6 and P7 for what went back. */
function postSale(count: Count, { currency, parts, fee, returns }: Sale): void {
  const sold: Entries = {
    "cash:psp": parts.amount,
    "rev:product": -parts.net,
    "tax:sales": -parts.tax,
    "rev:shipping": -parts.shipping,
  };
  count.book.post(currency, sold);
  postFee(count, currency, fee);
  for (const each of returns) {
    const { net, tax, shipping, amount } = each.parts;
    postReturn(count, currency, each, {
      "rev:refund": net,
      "tax:sales": tax,
      "rev:shipping": shipping,
      "cash:psp": -amount,
    });
  }
}

/** P13, and what went back of a payment that was never applied. */
function postSecond(count: Count, { data }: Payment, returns: readonly Return[] = []): void {
  const amount = BigInt(data.amount_minor);
  count.book.post(data.currency, { "cash:psp": amount, "cust:unapplied": -amount });
  postFee(count, data.currency, BigInt(data.fee_minor ?? 0));
  for (const each of returns) {
    postReturn(count, data.currency, each, {
      "cust:unapplied": each.parts.amount,
      "cash:psp": -each.parts.amount,
    });
  }
}

/** What was undone mirrors what it took; a dispute's fee comes back as far as the processor says. */
function postReturn({ book }: Count, currency: string, back: Return, entries: Entries): void {
  if (back.undone === undefined) book.post(currency, entries);
  const fee = back.fee - (back.undone?.feeBack ?? 0n);
  book.post(currency, { "exp:chargeback_fee": fee, "cash:psp": -fee });
}
