import * as z from "zod";
import { amount, currency, id, oneOf, points, words } from "./fields.ts";
import type { Data } from "./fields.ts";

export const ORDER_KINDS = ["store", "autoship", "enrollment_kit"] as const;

export const OrderPlaced = z.looseObject({
  order_id: id("The order"),
  buyer_kind: oneOf("Who buys", ["distributor", "customer"]),
  source_node: id("The distributor at whom the volume starts"),
  order_kind: oneOf("How the order came about", ORDER_KINDS),
  currency: currency(),
  net_minor: amount("Goods without tax and shipping"),
  tax_minor: amount("Sales tax"),
  shipping_minor: amount("Shipping"),
  amount_minor: amount("What the buyer pays"),
  cv_x100: points("Commissionable volume"),
  pv_x100: points("Personal volume"),
});
export type OrderPlaced = Data<typeof OrderPlaced>;

export const OrderCancelled = z.looseObject({
  order_id: id("The order"),
  reason: words("Why it was cancelled"),
});
export type OrderCancelled = Data<typeof OrderCancelled>;
