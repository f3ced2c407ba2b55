import { type CatalogueEvent, narrow } from "../contracts/catalogue.ts";
import type { GatewayEvent } from "../contracts/event.ts";
import { capOrder } from "../runs/cap-order.ts";
import type { Move } from "../subject/move.ts";
import type { Act, Moved, MoveMoment, Rules } from "../subject/rules.ts";
import type { Arrival, SubjectState } from "../subject/state.ts";
import type { Surroundings } from "../subject/surroundings.ts";
import { paymentConfirmed } from "./payment.ts";
import { cancelledPaid, withBreaks } from "./breaks.ts";
import { orderPlaced } from "./placed.ts";
import { chargebackClosed, refundFailed } from "./end.ts";
import { chargebackOpened, refundCompleted } from "./return.ts";
import { repriced } from "./repriced.ts";
import { orderIdOf, readOrder } from "./state.ts";
import { changedOrder, factOf, known, type OrderEvent, tell, type Told } from "./told.ts";

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
      return orderPlaced(event, told);
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

function cancelled({ key }: Of<"order.cancelled">, { order, state, eventId }: Told): Act {
  const fact = factOf("cancelled", []);
  const answer = known(fact, state.fact(fact.key));
  if (answer !== undefined) return answer;
  const after = { ...order, cancelled: true } as const;
  const effects = withBreaks(cancelledPaid(orderIdOf(key), after));
  const change = { key, before: order, after, changed: [], effects, writes: [tell(fact, eventId)] };
  return { kind: "effect", ...changedOrder(change) };
}

/** Moves no money: it is kept with the order, by attempt. */
function failed({ data }: Of<"payment.failed">, { state, eventId }: Told): Act {
  const fact = factOf(`failed:${data.payment_id ?? ""}:${data.attempt}`, []);
  const answer = known(fact, state.fact(fact.key));
  return answer ?? { kind: "effect", effects: {}, writes: [tell(fact, eventId)] };
}

function move(moved: Move, state: SubjectState, at: MoveMoment): Moved | undefined {
  if (moved.kind === "cap") return capOrder(moved, state);
  return moved.kind === "recompute" ? repriced(moved, state, at) : undefined;
}
