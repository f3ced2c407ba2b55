import * as z from "zod";
import { amount, currency, id, words } from "./fields.ts";
import type { Data } from "./fields.ts";

export const RefundCompleted = z.looseObject({
  refund_id: id("The refund"),
  payment_id: id("The payment that is paid back, wholly or in part"),
  order_id: id("The order, where the sender knows it").optional(),
  currency: currency(),
  amount_minor: amount("What was paid back"),
  net_minor: amount("Goods without tax and shipping; absent: shared pro rata").optional(),
  tax_minor: amount("Sales tax; 0 if absent beside net_minor").optional(),
  shipping_minor: amount("Shipping; 0 if absent beside net_minor").optional(),
});
export type RefundCompleted = Data<typeof RefundCompleted>;

/** The money did not reach the customer and is ours again: the refund counts no more. */
export const RefundFailed = z.looseObject({
  refund_id: id("The refund that was told as completed before"),
  payment_id: id("The payment it was to pay back"),
  order_id: id("The order, where the sender knows it").optional(),
  currency: currency(),
  reason: words("Why it failed").optional(),
});
export type RefundFailed = Data<typeof RefundFailed>;
