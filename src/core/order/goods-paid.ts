import { isPayable } from "../plans/sale.ts";
import { plansAt } from "../plans/versions.ts";
import type { Act } from "../subject/rules.ts";
import { namedBy, type Payment } from "./paid.ts";
import type { Goods, OrderState } from "./state.ts";
import { goodsOf, impossible, partsTold, PLACED, type Told } from "./told.ts";

/** The goods that a payment tells itself, or those of the order that it pays. */
export function goodsPaid({ data }: Payment, { placed }: OrderState): Goods | Act {
  const { source_node, cv_x100, order_kind } = data;
  const parts = partsTold(data);
  if (
    parts !== null &&
    source_node !== undefined &&
    cv_x100 !== undefined &&
    order_kind !== undefined
  ) {
    return goodsOf({ ...data, ...parts, source_node, cv_x100, order_kind });
  }
  if (placed === undefined) {
    const reason = `Order "${data.order_id}" is not known yet, and the payment does not say what it is for`;
    return { kind: "waits", code: "order_unknown", reason, needs: PLACED, ...namedBy(data) };
  }
  if (placed.currency !== data.currency) {
    const reason = `data.currency: the order is in ${placed.currency}, the payment in ${data.currency}`;
    return impossible("currency_mismatch", reason);
  }
  if (placed.amount_minor !== data.amount_minor) {
    const reason = `data.amount_minor: the order costs ${placed.amount_minor}, the payment is ${data.amount_minor} ${data.currency}`;
    return impossible("amount_mismatch", reason);
  }
  return placed;
}

/** Whether a plan in force at the payment cannot pay on so many points without leaving whole numbers. */
export const isTooMuch = ({ cv_x100 }: Goods, paidMs: number, { around }: Told): boolean =>
  plansAt(around?.plans ?? [], paidMs).some((plan) => !isPayable(plan, cv_x100));

export const volumeTooLarge = (): Act =>
  impossible("volume_too_large", "data.cv_x100: more than any plan can pay on");
