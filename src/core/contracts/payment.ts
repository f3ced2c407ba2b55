import * as z from "zod";
import { amount, count, currency, id, oneOf, points, words } from "./fields.ts";
import type { Data } from "./fields.ts";
import { ORDER_KINDS } from "./order.ts";

/** Thin, as a payment provider sends it, without net, volume, node and kind: see order.placed. */
export const PaymentConfirmed = z.looseObject({
  payment_id: id("The payment, one and the same from shop and provider"),
  order_id: id("The order it pays"),
  currency: currency(),
  amount_minor: amount("What was paid"),
  net_minor: amount("Goods without tax and shipping").optional(),
  tax_minor: amount("Sales tax; 0 if absent beside net_minor").optional(),
  shipping_minor: amount("Shipping; 0 if absent beside net_minor").optional(),
  fee_minor: amount("What the payment provider keeps").optional(),
  cv_x100: points("Commissionable volume").optional(),
  pv_x100: points("Personal volume").optional(),
  source_node: id("The distributor at whom the volume starts").optional(),
  order_kind: oneOf("How the order came about", ORDER_KINDS).optional(),
});
export type PaymentConfirmed = Data<typeof PaymentConfirmed>;

export const PaymentFailed = z.looseObject({
  order_id: id("The order that stays unpaid"),
  payment_id: id("The payment that failed, if it has an id").optional(),
  reason: words("Why it failed"),
  attempt: count("Which attempt on the order this was"),
});
export type PaymentFailed = Data<typeof PaymentFailed>;
