import type { OrderRow } from "../subject/entry.ts";
import { isWholeReturned } from "./returned.ts";
import { type Goods, type OrderState, type Sale, sumOf } from "./state.ts";

/** The order as the mirror shows it. */
export function rowOf(orderId: string, state: OrderState): OrderRow {
  const { returned, lines } = state;
  return {
    order_id: orderId,
    state: stateOf(state),
    ...goodsIn(state.sale ?? state.placed ?? NO_GOODS),
    ...paymentIn(state.sale),
    returned_minor: sumOf(returned),
    lines: lines.filter(({ amount_minor }) => amount_minor > 0).length,
    manifest: manifestOf(state),
  };
}

/** An order that was only cancelled: nothing else is known of it. */
const NO_GOODS = {
  source_node: null,
  order_kind: null,
  currency: null,
  net_minor: 0,
  tax_minor: 0,
  shipping_minor: 0,
  amount_minor: 0,
  cv_x100: 0,
  pv_x100: 0,
};

const goodsIn = (goods: Goods | typeof NO_GOODS) => ({
  source_node: goods.source_node,
  order_kind: goods.order_kind,
  currency: goods.currency,
  net_minor: goods.net_minor,
  tax_minor: goods.tax_minor,
  shipping_minor: goods.shipping_minor,
  amount_minor: goods.amount_minor,
  cv_x100: goods.cv_x100,
  pv_x100: goods.pv_x100,
});

const paymentIn = (sale: Sale | undefined) =>
  sale === undefined
    ? { payment_id: null, fee_minor: 0, paid_ms: null, period_id: null }
    : {
        payment_id: sale.payment_id,
        fee_minor: sale.fee_minor ?? 0,
        paid_ms: sale.paid_ms,
        period_id: sale.period_id,
      };

function stateOf({ sale, cancelled, returned, returns }: OrderState): OrderRow["state"] {
  if (sale === undefined) return cancelled === true ? "cancelled" : "placed";
  if (returns.some(({ open }) => open)) return "disputed";
  return isWholeReturned(sale, { returned, returns }) ? "refunded" : "paid";
}

/** What the lines come to by currency: the mirror's lines have to come to the same. */
function manifestOf({ lines }: OrderState): string {
  const sums = new Map<string, [bigint, bigint]>();
  for (const { currency, amount_minor, reversed_minor } of lines) {
    // A line of nothing is none: the mirror counts it neither.
    if (amount_minor === 0) continue;
    const [amount, reversed] = sums.get(currency) ?? [0n, 0n];
    sums.set(currency, [amount + BigInt(amount_minor), reversed + BigInt(reversed_minor)]);
  }
  const rows = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(
    rows.map(([currency, [amount, reversed]]) => [currency, String(amount), String(reversed)]),
  );
}
