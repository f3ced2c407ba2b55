import { asOf, opposite } from "../ledger/transfer.ts";
import { periodAt } from "../plans/period.ts";
import { underCaps } from "../runs/cap-order.ts";
import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Write } from "../subject/state.ts";
import { linesAnew, price } from "./lines.ts";
import { type Payment, waitFor } from "./paid.ts";
import { postFee, postSale } from "./posting.ts";
import { lastReturn } from "./returned.ts";
import { orderIdOf, type OrderState, type Sale, type VolumeTerms } from "./state.ts";
import { changedOrder, closedIn, type Told } from "./told.ts";

/**
 * Whether one fact is told with an earlier time that lies in another period. Shop and processor
 * seldom agree to the second: that matters only where a period ends between them, and there the
 * earlier time counts, whichever was heard of first.
 */
export const isTimeEarlier = (
  toldMs: number,
  knownMs: number,
  terms: VolumeTerms | undefined,
): boolean =>
  terms !== undefined &&
  toldMs < knownMs &&
  periodAt(terms.period, toldMs).period_id !== periodAt(terms.period, knownMs).period_id;

/** The sale that a payment is told again for, where it happened earlier than was known. */
export function soldLater(
  { data, occurredAtMs }: Payment,
  { sale, terms }: OrderState,
): Sale | undefined {
  const isThis = sale?.payment_id === data.payment_id;
  return isThis && isTimeEarlier(occurredAtMs, sale.paid_ms, terms) ? sale : undefined;
}

interface Earlier {
  readonly told: Told;
  readonly old: Sale;
  /** What this telling adds, in minor units; null where it adds none. */
  readonly fee: number | null;
  readonly writes: readonly Write[];
}

/** The same payment, told with an earlier time: it is priced and posted as of that. */
export function soldEarlier(event: Payment, { told, old, fee, writes }: Earlier): Act {
  const { key, data, occurredAtMs: paidMs } = event;
  const { order, around, state, receivedAtMs } = told;
  const computation = order.computation + 1;
  const priced = price({ orderId: orderIdOf(key), goods: old, paidMs, computation }, around);
  if (priced.kind === "wants") return priced;
  if (priced.kind === "gap") return waitFor(priced.gap, data);
  const { terms: _terms, ...rest } = order;
  const fee_minor = fee ?? old.fee_minor;
  const sale: Sale = { ...old, fee_minor, paid_ms: paidMs, period_id: priced.periodId };
  const { terms } = priced;
  const anew: OrderState = {
    ...rest,
    sale,
    computation,
    ...(terms === undefined ? {} : { terms }),
  };
  const fresh = underCaps(priced.lines, state);
  const lines = linesAnew(anew, { fresh, nowMs: receivedAtMs, isMoved: true });
  const posted = postSale({ ...old, fee_minor: null });
  const { currency, payment_id: reference } = old;
  const effects: Effects = {
    transfers: [
      ...posted,
      ...asOf(old.paid_ms, opposite(posted)),
      ...postFee({ amount_minor: fee ?? 0, currency, reference }),
    ],
  };
  const after = { ...anew, lines };
  const changed = lines.filter((line, i) => line !== order.lines[i]);
  const returnedMs = lastReturn(order);
  const moved = { closed: closedIn(told), ...(returnedMs === undefined ? {} : { returnedMs }) };
  return {
    kind: "effect",
    ...changedOrder({ key, before: order, after, changed, effects, writes, ...moved }),
  };
}
