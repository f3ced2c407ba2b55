import type { EventOf } from "../contracts/catalogue.ts";
import type { PeriodRule } from "../plans/plan.ts";
import { isEarlier, timeOf } from "./earlier.ts";
import { readPaid } from "./paid.ts";
import type { Goods, Parts, PaymentKept, Sale } from "./state.ts";
import { partsTold, paymentKey, type Told } from "./told.ts";

type Payment = EventOf<"payment.confirmed">["data"];

/**
 * What the tellings of a payment say of its goods, besides its amount. What all of them leave out is
 * not among it, however it is counted: another telling, or the order, can say it yet.
 */
export type GoodsTold = Partial<
  Pick<Goods, keyof Parts | "cv_x100" | "pv_x100" | "source_node" | "order_kind" | "package">
>;

/** What this telling of a payment says of its goods. */
export const goodsToldBy = (data: Payment & { readonly package?: unknown }): GoodsTold => ({
  ...partsTold(data),
  ...(data.cv_x100 === undefined ? {} : { cv_x100: data.cv_x100 }),
  ...(data.pv_x100 === undefined ? {} : { pv_x100: data.pv_x100 }),
  ...(data.source_node === undefined ? {} : { source_node: data.source_node }),
  ...(data.order_kind === undefined ? {} : { order_kind: data.order_kind }),
  ...(typeof data.package === "string" ? { package: data.package } : {}),
});

/** What the tellings of each payment of an order say of its goods, by the payment's id. */
export type Tellings = (paymentId: string) => GoodsTold;

/** As they are known, with those of a payment that is told just now. */
export function tellingsOf(
  told: Pick<Told, "state" | "order">,
  now?: { readonly payment_id: string; readonly goods: GoodsTold },
): Tellings {
  const known = new Map<string, GoodsTold>();
  if (now !== undefined) known.set(now.payment_id, now.goods);
  return (paymentId) => {
    const goods = known.get(paymentId) ?? keptOf(told, paymentId);
    known.set(paymentId, goods);
    return goods;
  };
}

function keptOf({ state, order: { sale } }: Pick<Told, "state" | "order">, paymentId: string) {
  const fact = state.fact(paymentKey(paymentId));
  const goods = fact === undefined ? undefined : readPaid(fact.state).goods;
  if (goods !== undefined) return withoutDefaults(goods);
  const isCounted = sale?.payment_id === paymentId && sale.borrowed !== true;
  return isCounted ? withoutDefaults(goodsIn(sale)) : {};
}

/** An older version kept of a sale, and of what had been one, what it was counted by alone. */
const goodsIn = (sale: Sale): GoodsTold => ({
  net_minor: sale.net_minor,
  tax_minor: sale.tax_minor,
  shipping_minor: sale.shipping_minor,
  cv_x100: sale.cv_x100,
  pv_x100: sale.pv_x100,
  source_node: sale.source_node,
  order_kind: sale.order_kind,
  package: sale.package,
});

/** Nobody tells no package: points of both kinds alike can be of one telling beside it. */
function withoutDefaults(goods: GoodsTold): GoodsTold {
  if (goods.package !== null) return goods;
  const { package: _package, pv_x100, ...told } = goods;
  return pv_x100 === undefined || pv_x100 === told.cv_x100 ? told : { ...told, pv_x100 };
}

/**
 * What is known of a payment with what another telling adds: its fee, which counts from the earliest
 * telling that knows it, and an earlier time.
 */
export function withTelling<Known extends PaymentKept>(
  known: Known,
  { data: { fee_minor }, occurredAtMs }: EventOf<"payment.confirmed">,
  rules: readonly PeriodRule[],
): Known {
  const { fee_ms } = known;
  const isFeeNew = fee_minor !== undefined && known.fee_minor === null;
  const isFeeEarlier =
    fee_minor !== undefined && fee_ms !== undefined && isEarlier(occurredAtMs, fee_ms, rules);
  return {
    ...known,
    ...(isFeeNew ? { fee_minor } : {}),
    ...(isFeeNew || isFeeEarlier ? { fee_ms: occurredAtMs } : {}),
    ...(occurredAtMs < timeOf(known) ? { told_ms: occurredAtMs } : {}),
  };
}

const GOODS = [
  "net_minor",
  "tax_minor",
  "shipping_minor",
  "cv_x100",
  "pv_x100",
  "source_node",
  "order_kind",
  "package",
] as const;

/** The first member that both tell and that differs: what one leaves out contradicts nothing. */
export const differingIn = (known: GoodsTold, told: GoodsTold): string | undefined =>
  GOODS.find((name) => known[name] != null && told[name] != null && known[name] !== told[name]);

/** Whether two sales are counted by the same. */
export const isSameGoods = (a: Goods | undefined, b: Goods): boolean =>
  GOODS.every((name) => a?.[name] === b[name]);
