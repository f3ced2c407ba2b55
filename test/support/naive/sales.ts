import { canonicalJson } from "#src/core/canonical.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import type { Entries } from "./book.ts";
import type { Count } from "./count.ts";
import { type Fact, factsOf, ofType, type Told } from "./event.ts";
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
    const orderly = payments.toSorted((a, b) => count.arrival(a.ids) - count.arrival(b.ids));
    const ready = orderly.flatMap((payment) => saleOf(count, payment) ?? []);
    const [first] = ready;
    for (const { event } of payments) confirmations[event.data.payment_id] = first ? [0, 1] : [0];
    if (first === undefined) continue;
    sales.push(first);
    const others = orderly.filter(({ event }) => event.data.payment_id !== first.draft.paymentId);
    if (others.length === 0) confirmations[first.draft.paymentId] = [1];
    else if (!areAlike(count, payments)) {
      count.doubt(`which payment of ${first.draft.orderId} is the first`);
    }
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

/** Payments between which it makes no difference which one came first. */
function areAlike({ events }: Count, payments: readonly Fact<Payment>[]): boolean {
  const ids = payments.map(({ event }) => event.data.payment_id);
  const back = [...ofType(events, "refund.completed"), ...ofType(events, "chargeback.opened")];
  const told = payments.map(({ event: { data, occurredAtMs } }) =>
    canonicalJson({ ...data, payment_id: "", occurredAtMs }),
  );
  return new Set(told).size === 1 && !back.some(({ data }) => ids.includes(data.payment_id));
}

/** An unapplied payment has no parts: what went back of it counts as a whole. */
const whole = (amount: bigint): Parts => ({ net: amount, tax: 0n, shipping: 0n, amount });

/** A payment that the shop tells in full and the processor as an amount is told in full. */
function paymentsOf({ events }: Count): Fact<Payment>[] {
  const told = ofType(events, "payment.confirmed");
  return factsOf(
    told.toSorted(
      (a, b) => Number(b.data.net_minor !== undefined) - Number(a.data.net_minor !== undefined),
    ),
    ({ data }) => data.payment_id,
  );
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

const treeOf = (component: Plan["components"][number]): "sponsor" | "placement" =>
  "tree" in component ? component.tree : "placement";

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
