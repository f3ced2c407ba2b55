import { leftOfExtra, withExtraReturns, withReturns } from "./give-back.ts";
import { readPaid } from "./paid.ts";
import { withPartsTold } from "./return-facts.ts";
import type { ReturnEvent } from "./return-of.ts";
import { haveRoom, leftOf } from "./returned.ts";
import type { OrderState, Parts, Return } from "./state.ts";
import { paymentKey, type Told } from "./told.ts";

/** A payment that something goes back of. */
export interface PaidBack {
  readonly currency: string;
  readonly amount_minor: number;
  readonly left_minor: number;
  readonly returns: readonly Return[];
  /**
   * Whether it had so much of each part as these tell. Of one that another one's word stands for, or
   * that did not say what it is made of, nobody can tell yet.
   */
  readonly hasRoom: (returns: readonly Return[]) => boolean;
  /** The order with these returns of it; nothing where they are more than it was in sum. */
  readonly with: (returns: readonly Return[]) => OrderState | undefined;
}

/** What the event takes from: the sale, or money that no order has got goods for (P13). */
export function paidBack(
  { data: { payment_id } }: ReturnEvent,
  { order, state }: Told,
): PaidBack | undefined {
  const { sale, extras } = order;
  if (sale?.payment_id === payment_id) {
    const returns = withPartsTold(order.returns, state);
    return {
      ...sale,
      left_minor: leftOf(order),
      returns,
      hasRoom: (after) => sale.borrowed === true || haveRoom(sale, returns, after),
      with: (after) => withReturns(order, sale, after),
    };
  }
  const extra = extras.find((one) => one.payment_id === payment_id);
  if (extra === undefined) return undefined;
  const parts = partsPaid(state.fact(paymentKey(payment_id))?.state);
  const returns = withPartsTold(extra.returns ?? [], state);
  return {
    ...extra,
    left_minor: leftOfExtra(extra),
    returns,
    // It could be the sale yet.
    hasRoom: (after) => parts === undefined || haveRoom(parts, returns, after),
    with: (after) => withExtraReturns(order, extra, after),
  };
}

/** What a payment without goods said that it is made of, where it did. */
function partsPaid(paid: string | undefined): Parts | undefined {
  const { net_minor, tax_minor, shipping_minor } =
    (paid === undefined ? undefined : readPaid(paid).goods) ?? {};
  return net_minor === undefined || tax_minor === undefined || shipping_minor === undefined
    ? undefined
    : { net_minor, tax_minor, shipping_minor };
}
