import { type CatalogueEvent, narrow } from "../contracts/catalogue.ts";
import type { GatewayEvent } from "../contracts/event.ts";
import { capOrder, underCaps } from "../runs/cap-order.ts";
import type { Move } from "../subject/move.ts";
import type { Act, Moved, MoveMoment, Rules } from "../subject/rules.ts";
import type { Arrival, SubjectState } from "../subject/state.ts";
import type { Surroundings } from "../subject/surroundings.ts";
import { linesAnew, price, type Priced } from "./lines.ts";
import { breaksOf, paymentConfirmed } from "./payment.ts";
import { chargebackClosed, refundFailed } from "./end.ts";
import { chargebackOpened, refundCompleted } from "./return.ts";
import { type OrderState, readOrder, type Sale } from "./state.ts";
import {
  changedOrder,
  factOf,
  goodsOf,
  known,
  type OrderEvent,
  PLACED,
  tell,
  type Told,
} from "./told.ts";

const TYPES: ReadonlySet<string> = new Set<OrderEvent["type"]>([
  "order.placed",
  "order.cancelled",
  "payment.confirmed",
  "payment.failed",
  "refund.completed",
  "refund.failed",
  "chargeback.opened",
  "chargeback.closed",
]);

const isOrders = (event: CatalogueEvent): event is OrderEvent => TYPES.has(event.type);

/** Whether an `Order` object applies this event. */
export const isOrderEvent = (event: GatewayEvent): boolean => TYPES.has(event.type);

/**
 * What an order's object does with its events: the cash side of the ledger, the cumulative reversal
 * and the manifest of the lines it sent out (DOMAIN §3).
 */
export const orderRules: Rules = {
  act,
  recall: () => undefined,
  // An order's rules write its state themselves.
  evolve: () => undefined,
  move,
};

function act(arrival: Arrival, state: SubjectState, around?: Surroundings): Act {
  const event = narrow(arrival.event);
  if (!isOrders(event)) {
    const reason = `An order has no effect for "${arrival.event.type}"`;
    return { kind: "impossible", code: "type_not_applied", reason };
  }
  const { eventId, receivedAtMs } = arrival;
  const told: Told = { eventId, receivedAtMs, state, order: readOrder(state.view()), around };
  return actOn(event, told);
}

function actOn(event: OrderEvent, told: Told): Act {
  switch (event.type) {
    case "order.placed":
      return placed(event, told);
    case "order.cancelled":
      return cancelled(event, told);
    case "payment.confirmed":
      return paymentConfirmed(event, told);
    case "payment.failed":
      return failed(event, told);
    case "refund.completed":
      return refundCompleted(event, told);
    case "refund.failed":
      return refundFailed(event, told);
    case "chargeback.opened":
      return chargebackOpened(event, told);
    case "chargeback.closed":
      return chargebackClosed(event, told);
  }
}

type Of<Type extends OrderEvent["type"]> = Extract<OrderEvent, { readonly type: Type }>;

function placed({ key, data }: Of<"order.placed">, { order, state, eventId }: Told): Act {
  const goods = goodsOf(data);
  const fact = factOf(PLACED, [{ ...goods }, data.buyer_kind]);
  const answer = known(fact, state.fact(fact.key));
  if (answer !== undefined) return answer;
  const after = { ...order, placed: goods };
  const effects = breaksOf(key, after);
  const change = { key, before: order, after, changed: [], effects, writes: [tell(fact, eventId)] };
  return { kind: "effect", ...changedOrder(change) };
}

function cancelled({ key }: Of<"order.cancelled">, { order, state, eventId }: Told): Act {
  const fact = factOf("cancelled", []);
  const answer = known(fact, state.fact(fact.key));
  if (answer !== undefined) return answer;
  const after = { ...order, cancelled: true } as const;
  const effects = breaksOf(key, after);
  const change = { key, before: order, after, changed: [], effects, writes: [tell(fact, eventId)] };
  return { kind: "effect", ...changedOrder(change) };
}

/** Moves no money: it is kept with the order, by attempt. */
function failed({ data }: Of<"payment.failed">, { state, eventId }: Told): Act {
  const fact = factOf(`failed:${data.payment_id ?? ""}:${data.attempt}`, []);
  const answer = known(fact, state.fact(fact.key));
  return answer ?? { kind: "effect", effects: {}, writes: [tell(fact, eventId)] };
}

/**
 * Prices the sale anew, as somebody's edge or standing of that time became known later; the lines
 * that come out otherwise are sent out as a further computation.
 */
function move(moved: Move, state: SubjectState, at: MoveMoment): Moved | undefined {
  if (moved.kind === "cap") return capOrder(moved, state);
  const order = readOrder(state.view());
  const { sale, order_id: orderId } = order;
  if (moved.kind !== "recompute" || sale === undefined || orderId === undefined) return undefined;
  // Sold without a plan, it was never priced: nobody can have been paid by it.
  const computation = sale.period_id === null ? 1 : order.computation + 1;
  const priced = price(
    { orderId, goods: sale, paidMs: sale.paid_ms, computation },
    at.surroundings,
  );
  if (priced.kind !== "priced") return undefined;
  return repriced(moved, { order, sale, priced, computation, at }, state);
}

interface Repricing {
  readonly order: OrderState;
  readonly sale: Sale;
  readonly priced: Priced;
  readonly computation: number;
  readonly at: MoveMoment;
}

function repriced(
  { event_id }: { readonly event_id: string },
  { order, sale, priced, computation, at }: Repricing,
  state: SubjectState,
): Moved | undefined {
  const { terms } = priced;
  const { closed = [] } = at.surroundings ?? {};
  // A closed period keeps its sales.
  const isClosed = sale.period_id !== null && closed.includes(sale.period_id);
  const counted = { ...sale, period_id: isClosed ? sale.period_id : priced.periodId };
  // A plan of that time, known since, can have it count nowhere.
  const { terms: counts, ...rest } = order;
  const anew: OrderState = {
    ...rest,
    sale: counted,
    ...(terms === undefined ? {} : { terms }),
    computation,
  };
  const fresh = underCaps(priced.lines, state);
  const after = { ...anew, lines: linesAnew(anew, { fresh, nowMs: at.nowMs, closed }) };
  const changed = after.lines.filter((line, i) => line !== order.lines[i]);
  const isSame = changed.length === 0 && JSON.stringify(terms) === JSON.stringify(counts);
  if (isSame) return undefined;
  const key = `order:${order.order_id ?? ""}`;
  const change = { key, before: order, after, changed, effects: {}, writes: [], closed };
  const cause = { kind: "due", event_id, occurred_ms: sale.paid_ms } as const;
  return { cause, ...changedOrder(change) };
}
