import * as z from "zod";
import { amount, currency, id, oneOf } from "./fields.ts";
import type { Data } from "./fields.ts";

export const ChargebackOpened = z.looseObject({
  dispute_id: id("The dispute"),
  payment_id: id("The payment that is disputed"),
  order_id: id("The order, where the sender knows it").optional(),
  currency: currency(),
  amount_minor: amount("What the processor took back"),
  net_minor: amount("Goods without tax and shipping"),
  tax_minor: amount("Sales tax"),
  shipping_minor: amount("Shipping; 0 if absent").optional(),
  fee_minor: amount("The processor's fee for the dispute, on top of the amount"),
});
export type ChargebackOpened = Data<typeof ChargebackOpened>;

/** `dispute_id` is always there after reading: it may be named by key alone. */
export const ChargebackClosed = z.looseObject({
  dispute_id: id("The dispute; may be left out where key is dispute:{dispute_id}").optional(),
  payment_id: id("The payment that was disputed").optional(),
  order_id: id("The order, where the sender knows it").optional(),
  outcome: oneOf("Who won, seen from the company", ["won", "lost"]),
  currency: currency(),
  fee_refunded_minor: amount("How much of the fee the processor gave back"),
});
export type ChargebackClosed = Data<typeof ChargebackClosed>;
