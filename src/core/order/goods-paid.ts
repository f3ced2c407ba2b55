import { isPayable } from "../plans/sale.ts";
import { plansAt } from "../plans/versions.ts";
import type { Act } from "../subject/rules.ts";
import { namedBy, type Payment } from "./paid.ts";
import type { GoodsTold } from "./retold.ts";
import type { Goods, OrderState } from "./state.ts";
import { goodsOf, impossible, partsTold, PLACED, type Told } from "./told.ts";

type Paying = Pick<Payment["data"], "order_id" | "payment_id" | "currency" | "amount_minor">;

/**
 * What a payment counts as: the goods that its tellings say, and where they leave something out what
 * its order says. One that its order does not fit is looked at again once another payment is the
 * order's: it can still be a further one.
 */
export function goodsPaid(paying: Paying, told: GoodsTold, { placed }: OrderState): Goods | Act {
  const { currency, amount_minor } = paying;
  if (isWhole(told)) {
    return goodsOf({
      ...told,
      currency,
      amount_minor,
      pv_x100: told.pv_x100 ?? placed?.pv_x100 ?? told.cv_x100,
      package: told.package ?? placed?.package,
    });
  }
  if (placed === undefined) {
    const reason = `Order "${paying.order_id}" is not known yet, and the payment does not say what it is for`;
    return { kind: "waits", code: "order_unknown", reason, needs: PLACED, ...namedBy(paying) };
  }
  if (placed.currency !== currency) {
    const reason = `data.currency: the order is in ${placed.currency}, the payment in ${currency}`;
    return impossible("currency_mismatch", reason, PLACED);
  }
  if (placed.amount_minor !== amount_minor) {
    const reason = `data.amount_minor: the order costs ${placed.amount_minor}, the payment is ${amount_minor} ${currency}`;
    return impossible("amount_mismatch", reason, PLACED);
  }
  return { ...placed, ...told };
}

/** All that a sale cannot do without: its points of one kind, and a package, it may leave out. */
type WholeTold = GoodsTold & Omit<Goods, "currency" | "amount_minor" | "pv_x100" | "package">;

export const isWhole = (told: GoodsTold): told is WholeTold =>
  partsTold(told) !== null &&
  told.source_node !== undefined &&
  told.cv_x100 !== undefined &&
  told.order_kind !== undefined;

/** Whether a plan in force at the payment cannot pay on so many points without leaving whole numbers. */
export const isTooMuch = ({ cv_x100 }: Goods, paidMs: number, { around }: Told): boolean =>
  plansAt(around?.plans ?? [], paidMs).some((plan) => !isPayable(plan, cv_x100));

export const volumeTooLarge = (): Act =>
  impossible("volume_too_large", "data.cv_x100: more than any plan can pay on");
