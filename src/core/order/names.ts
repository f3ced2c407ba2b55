import type { GatewayEvent } from "../contracts/event.ts";
import { isReturn } from "./return-of.ts";
import { disputeKey, paymentKey, refundKey } from "./told.ts";

/** The names by which a refund, a dispute, or the end of one finds its order. */
export interface ReturnNames {
  /** What has to be known before it: its payment, or where it tells none, its dispute. */
  readonly of: string;
  /** The refund's or dispute's own. */
  readonly own: string;
  /** Whether it is the refund or dispute itself, and not its end: its own name leads to its order. */
  readonly isNamed: boolean;
}

/**
 * The names of a return; nothing for other events. The order that it may tell besides is a hint of
 * its sender, who may number orders otherwise: where its payment is, its payment says.
 */
export function returnNames(event: GatewayEvent): ReturnNames | undefined {
  if (!isReturn(event)) return undefined;
  const { type, data } = event;
  const { payment_id, refund_id, dispute_id } = data;
  const isRefund = type === "refund.completed" || type === "refund.failed";
  const id = isRefund ? refund_id : dispute_id;
  if (typeof id !== "string") return undefined;
  const own = isRefund ? refundKey(id) : disputeKey(id);
  const of = typeof payment_id === "string" ? paymentKey(payment_id) : own;
  return { of, own, isNamed: type === "refund.completed" || type === "chargeback.opened" };
}
