import type { EventOf } from "../contracts/catalogue.ts";
import type { GatewayEvent } from "../contracts/event.ts";
import type { Return } from "./state.ts";
import { partsTold } from "./told.ts";

export type ReturnEvent = EventOf<"refund.completed"> | EventOf<"chargeback.opened">;

/** What says that a return is over: a dispute is decided, a refund did not arrive. */
export type EndEvent = EventOf<"chargeback.closed"> | EventOf<"refund.failed">;

const TYPES: ReadonlySet<string> = new Set<ReturnEvent["type"] | EndEvent["type"]>([
  "refund.completed",
  "refund.failed",
  "chargeback.opened",
  "chargeback.closed",
]);

/** Whether an event tells what becomes of money that was paid before. */
export const isReturn = ({ type }: GatewayEvent): boolean => TYPES.has(type);

/** The refund's or dispute's own id. */
export const returnIdOf = (event: ReturnEvent): string =>
  event.type === "refund.completed" ? event.data.refund_id : event.data.dispute_id;

/** A refund or an opened dispute as its order keeps it. */
export const returnOf = (event: ReturnEvent): Return => ({
  kind: event.type === "refund.completed" ? "refund" : "dispute",
  id: returnIdOf(event),
  amount_minor: event.data.amount_minor,
  parts: partsTold(event.data),
  occurred_ms: event.occurredAtMs,
  open: event.type === "chargeback.opened",
  undone: false,
});
