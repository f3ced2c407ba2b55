import { asOf, opposite } from "../ledger/transfer.ts";
import { periodAt } from "../plans/period.ts";
import type { PeriodRule, Plan } from "../plans/plan.ts";
import { plansAt } from "../plans/versions.ts";
import { underCaps } from "../runs/cap-order.ts";
import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Write } from "../subject/state.ts";
import type { Surroundings } from "../subject/surroundings.ts";
import { linesAnew, price } from "./lines.ts";
import { type Payment, waitFor } from "./paid.ts";
import { postFee, postSale } from "./posting.ts";
import { orderIdOf, type OrderState, type Sale } from "./state.ts";
import { changedOrder, closedIn, type Told } from "./told.ts";

/** Where no plan says what a period is, books are kept by the calendar's months. */
const CALENDAR: PeriodRule = { unit: "month", tz: "UTC" };

/** Whether an instant is earlier than another, and in an earlier period by any of these rules. */
const isPeriodEarlier = (toldMs: number, knownMs: number, rules: readonly PeriodRule[]): boolean =>
  toldMs < knownMs &&
  (rules.length === 0 ? [CALENDAR] : rules).some(
    (rule) => periodAt(rule, toldMs).period_id !== periodAt(rule, knownMs).period_id,
  );

const periodsOf = (plans: readonly Plan[]): readonly PeriodRule[] =>
  plans.map(({ period }) => period);

/**
 * Whether a payment is told with an earlier time that makes a difference: another period, or other
 * versions of plans. Shop and processor seldom agree to the second; where nothing lies between their
 * times it is one and the same, and elsewhere the earlier counts, whichever was heard of first.
 */
function isSaleEarlier(toldMs: number, knownMs: number, { plans }: Surroundings): boolean {
  if (toldMs >= knownMs) return false;
  const [now, then] = [plansAt(plans, knownMs), plansAt(plans, toldMs)];
  return (
    now.length !== then.length ||
    now.some((plan, i) => plan !== then[i]) ||
    isPeriodEarlier(toldMs, knownMs, periodsOf(now))
  );
}

/** Whether a refund or dispute is told with a time in an earlier period of its sale's plans. */
export const isReturnEarlier = (
  toldMs: number,
  knownMs: number,
  { around, sale }: { readonly around: Surroundings; readonly sale: Sale },
): boolean => isPeriodEarlier(toldMs, knownMs, periodsOf(plansAt(around.plans, sale.paid_ms)));

/** What has to be looked at to judge an earlier time; nothing where it is known, or none is. */
export const unlessUnseen = (
  toldMs: number,
  knownMs: number,
  { around, sale }: { readonly around: Surroundings | undefined; readonly sale: Sale },
): Act | undefined =>
  around === undefined && toldMs < knownMs
    ? { kind: "wants", want: { node: sale.source_node, at_ms: toldMs } }
    : undefined;

/** The sale, where this is its payment. */
const saleOf = ({ data }: Payment, { sale }: OrderState): Sale | undefined =>
  sale?.payment_id === data.payment_id ? sale : undefined;

/** What has to be looked at to judge a payment that is told again. */
export function unseenSale(event: Payment, { order, around }: Told): Act | undefined {
  const sale = saleOf(event, order);
  return sale && unlessUnseen(event.occurredAtMs, sale.paid_ms, { around, sale });
}

/** The sale that a payment is told again for, where it happened earlier than was known. */
export function soldLater(event: Payment, { order, around }: Told): Sale | undefined {
  const sale = saleOf(event, order);
  if (sale === undefined || around === undefined) return undefined;
  return isSaleEarlier(event.occurredAtMs, sale.paid_ms, around) ? sale : undefined;
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
  const closed = closedIn(told);
  const lines = linesAnew(anew, { fresh, nowMs: receivedAtMs, isMoved: true, closed });
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
  return {
    kind: "effect",
    ...changedOrder({ key, before: order, after, changed, effects, writes, closed }),
  };
}
