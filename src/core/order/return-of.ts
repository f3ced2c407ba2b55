import type { EventOf } from "../contracts/catalogue.ts";
import type { Return } from "./state.ts";
import { partsTold } from "./told.ts";

export type ReturnEvent = EventOf<"refund.completed"> | EventOf<"chargeback.opened">;

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
  won: false,
});
