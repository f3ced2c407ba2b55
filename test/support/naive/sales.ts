import type { Plan } from "#src/core/plans/plan.ts";
import type { Entries } from "./book.ts";
import type { Count } from "./count.ts";
import { areAtOdds, earliest, type Fact, factsOf, fullFirst, ofType, type Told } from "./event.ts";
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
  readonly package: string | undefined;
  /** Of a kind that the plan leaves out of its volumes. */
  readonly isWithoutVolume: boolean;
}

/** How many confirmations of a payment there may be, by its id. */
export type Confirmations = Record<string, readonly number[]>;

/** Posts the cash side of every order (P1, P2, P6, P7, P13) and gives back what was sold. */
export function countSales(count: Count): { sales: Sale[]; confirmations: Confirmations } {
  const confirmations: Confirmations = {};
  const sales: Sold[] = [];
  const seconds: Fact<Payment>[] = [];
  const orders = ordersOf(count);
  for (const [orderId, all] of Map.groupBy(paymentsOf(count), ({ event }) => event.data.order_id)) {
    const payments = all.toSorted(
      ({ event: a }, { event: b }) =>
        a.occurredAtMs - b.occurredAtMs || (a.data.payment_id < b.data.payment_id ? -1 : 1),
    );
    const found = payments.map((payment) =>
      saleOf(count, payment, goodsOf(payment.event.data, orders.get(orderId), payments)),
    );
    const at = found.findIndex((each) => typeof each === "object");
    const first = found[at];
    for (const { event } of payments) confirmations[event.data.payment_id] = first ? [0, 1] : [0];
    if (typeof first !== "object") {
      for (const [i, { ids }] of payments.entries())
        count.held.put(ids, found[i] === "misfit" ? "quarantined" : "parked");
      continue;
    }
    sales.push(first);
    if (payments.length === 1) confirmations[first.draft.paymentId] = [1];
    for (const [i, payment] of payments.entries()) {
      // One that would have come first still waits for somebody above it.
      if (i < at && found[i] === "gap") count.held.put(payment.ids, "parked");
      else if (i !== at) seconds.push(payment);
    }
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
type Order = Told<"order.placed">["data"];
type Paid = Payment["data"];

/** What a telling says of goods: each member only where it says it. */
type Goods = Partial<
  Pick<
    Order,
    | "net_minor"
    | "tax_minor"
    | "shipping_minor"
    | "cv_x100"
    | "pv_x100"
    | "source_node"
    | "order_kind"
  >
> & {
  readonly package?: string;
};

const GOODS = new Set([
  "net_minor",
  "tax_minor",
  "shipping_minor",
  "cv_x100",
  "pv_x100",
  "source_node",
  "order_kind",
  "package",
]);

const goodsIn = (data: object): Goods =>
  Object.fromEntries(Object.entries(data).filter(([name]) => GOODS.has(name)));

/** Several tellings as one: of members that they tell otherwise the first stands. */
const asOne = <Data extends object>(first: Data, others: readonly Data[]): Data =>
  Object.assign({}, ...[first, ...others].toReversed());

/** By order. What one telling leaves out, such as a package, another may say. */
function ordersOf(count: Count): ReadonlyMap<string, Order> {
  const told = ofType(count.events, "order.placed").toSorted(
    (a, b) => count.arrival([a.id]) - count.arrival([b.id]),
  );
  const facts = factsOf(told, ({ data }) => data.order_id).map(({ event, ids }) => {
    const tellings = told.filter(({ id }) => ids.includes(id)).map(({ data }) => data);
    if (areAtOdds(tellings)) {
      count.held.contest(ids);
      count.doubt(`which telling of ${event.data.order_id} is the first`);
    }
    return [event.data.order_id, asOne(event.data, tellings)] as const;
  });
  return new Map(facts);
}

/**
 * What a payment was for. Its own tellings come first; of the rest its order knows better than nobody.
 * One that tells an amount alone is for what its order says, where that costs as much; else for the
 * same as the earliest payment of the order that was as much and says what it was for.
 */
function goodsOf(
  data: Paid,
  order: Order | undefined,
  payments: readonly Fact<Payment>[],
): Goods | "unknown" | "misfit" {
  const rest = order === undefined ? {} : { pv_x100: order.pv_x100, ...packageOf(order) };
  if (data.net_minor !== undefined) return { ...rest, ...goodsIn(data) };
  const isAsMuch = (other: Paid | Order) =>
    other.amount_minor === data.amount_minor && other.currency === data.currency;
  if (order !== undefined && isAsMuch(order)) return { ...goodsIn(order), ...goodsIn(data) };
  const lender = payments.find(
    ({ event: { data: other } }) =>
      other.net_minor !== undefined &&
      isAsMuch(other) &&
      !areAtOdds([goodsIn(other), goodsIn(data)]),
  );
  if (lender !== undefined) return { ...rest, ...goodsIn(lender.event.data), ...goodsIn(data) };
  return order === undefined ? "unknown" : "misfit";
}

const packageOf = (data: object): Goods =>
  "package" in data ? goodsIn({ package: data.package }) : {};

/** An unapplied payment has no parts: what went back of it counts as a whole. */
const whole = (amount: bigint): Parts => ({ net: amount, tax: 0n, shipping: 0n, amount });

/**
 * What all tellings of a payment say is what it was, as of the earliest time. Of tellings that
 * contradict each other the first to arrive stands.
 */
function paymentsOf(count: Count): Fact<Payment>[] {
  const told = ofType(count.events, "payment.confirmed");
  const facts = factsOf(
    fullFirst(told, ({ id }) => count.arrival([id])),
    ({ data }) => data.payment_id,
  );
  const merged = facts.map(({ event, ids }): Fact<Payment> => {
    const tellings = told.filter(({ id }) => ids.includes(id)).map(({ data }) => data);
    if (areAtOdds(tellings)) {
      count.held.contest(ids);
      count.doubt(`which telling of ${event.data.payment_id} is the first`);
    }
    return { event: { ...event, data: asOne(event.data, tellings) }, ids };
  });
  return earliest(merged, told);
}

interface Sold {
  readonly draft: Draft;
  readonly plan: Plan | undefined;
}

/** What a payment sells, with the plan it is paid by; else why it sells nothing, or not yet. */
function saleOf(
  count: Count,
  { event, ids }: Fact<Payment>,
  goods: ReturnType<typeof goodsOf>,
): Sold | "unknown" | "misfit" | "gap" {
  if (typeof goods === "string") return goods;
  const { data, occurredAtMs: atMs } = event;
  const { net_minor, source_node, cv_x100, order_kind } = goods;
  if (
    net_minor === undefined ||
    source_node === undefined ||
    cv_x100 === undefined ||
    order_kind === undefined
  ) {
    return "unknown";
  }
  const plan = planAt(count.plans, atMs);
  const trees = ["sponsor", ...(plan?.components ?? []).map(treeOf)] as const;
  const isKnown = trees.every((tree) => count.company.upline(tree, source_node, atMs));
  if (plan !== undefined && !isKnown) return "gap";
  const draft = {
    paymentId: data.payment_id,
    orderId: data.order_id,
    ids,
    currency: data.currency,
    atMs,
    parts: partsOf({ ...goods, amount_minor: data.amount_minor, net_minor }),
    fee: BigInt(data.fee_minor ?? 0),
    sourceNode: source_node,
    cvX100: cv_x100,
    // Where nobody tells two kinds of points, there is one.
    pvX100: goods.pv_x100 ?? cv_x100,
    orderKind: order_kind,
    package: goods.package,
    isWithoutVolume: plan?.volume.exclude_kinds?.includes(order_kind) === true,
  };
  return { draft, plan };
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
