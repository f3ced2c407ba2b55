import { underCaps } from "../runs/cap-order.ts";
import type { Move } from "../subject/move.ts";
import type { Moved, MoveMoment } from "../subject/rules.ts";
import type { SubjectState } from "../subject/state.ts";
import { rebooked } from "./booked.ts";
import { recounted } from "./recounted.ts";
import { linesAnew, nextComputation, price, type Priced } from "./lines.ts";
import { isPricedAlike, isSaleEarlier } from "./sold-earlier.ts";
import { type OrderState, readOrder, type Sale } from "./state.ts";
import { changedOrder } from "./told.ts";

type Recompute = Extract<Move, { readonly kind: "recompute" }>;

/**
 * Prices the sale anew, as somebody's edge or standing of that time became known later; the lines
 * that come out otherwise are sent out as a further computation. What became known can lie between
 * two times that the payment was told with: the earlier counts then.
 */
export function repriced(moved: Recompute, state: SubjectState, at: MoveMoment): Moved | undefined {
  const order = readOrder(state.view());
  const { sale } = order;
  if (sale === undefined || order.order_id === undefined) return undefined;
  const place = { sale, at, state };
  const priced = priceAt(sale.paid_ms, order, place);
  const between = toldBefore(order, place);
  if (priced === undefined || priced === "unseen" || between === "unseen") return undefined;
  if (between === undefined || !isOther(between, { sale, priced, at })) {
    return sentOut(moved, { order, sale, priced, at, state });
  }
  const { told_ms: _told, ...rest } = sale;
  const earlier = { ...rest, paid_ms: between.told_ms };
  return sentOut(moved, { order, sale: earlier, priced: between.priced, at, state });
}

interface Between {
  readonly told_ms: number;
  readonly priced: Priced;
}

/** What the sale earns as of the earlier time that was told of it, if there is one. */
function toldBefore(order: OrderState, place: Place): Between | "unseen" | undefined {
  const { told_ms } = place.sale;
  if (told_ms === undefined) return undefined;
  const priced = priceAt(told_ms, order, place);
  return priced === undefined || priced === "unseen" ? priced : { told_ms, priced };
}

const isOther = (
  between: Between,
  { sale, priced, at }: Pick<Repricing, "sale" | "priced" | "at">,
): boolean =>
  isSaleEarlier(between.told_ms, sale, at.surroundings) || !isPricedAlike(priced, between.priced);

interface Place {
  readonly sale: Sale;
  readonly at: MoveMoment;
  readonly state: SubjectState;
}

/** What the sale earns as of an instant; nothing where nobody can say who is above it. */
function priceAt(
  paidMs: number,
  order: OrderState,
  { sale, at, state }: Place,
): Priced | "unseen" | undefined {
  const { order_id: orderId = "" } = order;
  const computation = nextComputation(order);
  const priced = price({ orderId, goods: sale, paidMs, computation }, at.surroundings);
  if (priced.kind === "gap") return undefined;
  if (priced.kind === "priced") return { ...priced, lines: underCaps(priced.lines, state) };
  at.wanted?.(priced.want);
  return "unseen";
}

interface Repricing {
  readonly order: OrderState;
  readonly sale: Sale;
  readonly priced: Priced;
  readonly at: MoveMoment;
  readonly state: SubjectState;
}

function sentOut(
  { event_id }: Recompute,
  { order, sale, priced, at, state }: Repricing,
): Moved | undefined {
  const { closed = [] } = at.surroundings ?? {};
  const isMoved = sale.paid_ms !== order.sale?.paid_ms;
  const sold = { ...orderOf(order, priced), sale: periodKept(sale, priced, closed) };
  const recount = recounted(sold, { state, around: at.surroundings });
  const anew = recount.order;
  const place = { nowMs: at.nowMs, isMoved, closed, before: order };
  const after = { ...anew, lines: linesAnew(anew, { fresh: priced.lines, ...place }) };
  const changed = after.lines.filter((line, i) => line !== order.lines[i]);
  const isSame = changed.length === 0 && counting(after) === counting(order);
  if (isSame && !isMoved) return undefined;
  const key = `order:${order.order_id ?? ""}`;
  const transfers = [...rebooked(order, after, sale.paid_ms), ...recount.transfers];
  const effects = transfers.length === 0 ? {} : { transfers };
  const change = { key, before: order, after, changed, effects, writes: recount.writes, closed };
  const cause = { kind: "due", event_id, occurred_ms: sale.paid_ms } as const;
  return { cause, ...changedOrder(change) };
}

/** Where a sale counts besides its lines, and its returns, which can be of another time by now. */
const counting = ({ sale, terms, returns, extras }: OrderState): string =>
  JSON.stringify([sale?.period_id, terms, returns, extras]);

/** A closed period keeps its sales. */
const periodKept = (sale: Sale, { periodId }: Priced, closed: readonly string[]): Sale => ({
  ...sale,
  period_id: sale.period_id !== null && closed.includes(sale.period_id) ? sale.period_id : periodId,
});

/** A plan of that time, known since, can have it count nowhere. */
function orderOf(order: OrderState, { terms }: Priced): OrderState {
  const { terms: _terms, ...rest } = order;
  const computation = nextComputation(order);
  return { ...rest, ...(terms === undefined ? {} : { terms }), computation };
}
