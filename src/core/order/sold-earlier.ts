import { plansAt } from "../plans/versions.ts";
import { underCaps } from "../runs/cap-order.ts";
import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Write } from "../subject/state.ts";
import type { Surroundings } from "../subject/surroundings.ts";
import { rebooked } from "./booked.ts";
import { isEarlier, periodsAt, timeOf } from "./earlier.ts";
import { isTooMuch, volumeTooLarge } from "./goods-paid.ts";
import { linesAnew, nextComputation, price } from "./lines.ts";
import { waitFor } from "./paid.ts";
import { isSameGoods } from "./retold.ts";
import { recounted } from "./recounted.ts";
import { orderIdOf, type OrderState, type OwnLine, type Sale } from "./state.ts";
import { changedOrder, closedIn, type Told } from "./told.ts";

/** By what event the sale is priced anew. */
interface Anew {
  readonly told: Told;
  readonly key: string;
  readonly occurred_ms: number;
  readonly effects?: Effects;
  readonly writes: readonly Write[];
}

/**
 * The same payment with an earlier time or goods of its own, priced and posted as of that; nothing
 * where they make no difference.
 */
export function soldAnew(known: Sale, { told, key, ...by }: Anew): Act | undefined {
  const paidMs = timeOf(known);
  const { order, around, state, receivedAtMs } = told;
  const computation = nextComputation(order);
  if (isTooMuch(known, paidMs, told)) return volumeTooLarge();
  const priced = price({ orderId: orderIdOf(key), goods: known, paidMs, computation }, around);
  if (priced.kind === "wants") return priced;
  if (priced.kind === "gap") return waitFor(priced.gap, known);
  const fresh = underCaps(priced.lines, state);
  const isAlike =
    isSameGoods(order.sale, known) && isPricedAlike(order, { ...priced, lines: fresh });
  if (isAlike && !isSaleEarlier(paidMs, known, around)) return undefined;
  const { terms: _terms, ...rest } = order;
  const { told_ms: _told, ...old } = known;
  const sale: Sale = { ...old, paid_ms: paidMs, period_id: priced.periodId };
  const { terms } = priced;
  const sold: OrderState = {
    ...rest,
    sale,
    computation,
    ...(terms === undefined ? {} : { terms }),
  };
  const recount = recounted(sold, told);
  const anew = recount.order;
  const closed = closedIn(told);
  const lines = linesAnew(anew, { fresh, nowMs: receivedAtMs, isMoved: true, closed });
  const after = { ...anew, lines };
  const transfers = [...rebooked(order, after, by.occurred_ms), ...recount.transfers];
  const effects = { ...by.effects, transfers };
  const changed = lines.filter((line, i) => line !== order.lines[i]);
  const change = { key, before: order, after, changed, effects, closed };
  return {
    kind: "effect",
    ...changedOrder({ ...change, writes: [...recount.writes, ...by.writes] }),
  };
}

/** Whether the earlier time is in another period or day, or of other versions of plans. */
export function isSaleEarlier(
  toldMs: number,
  sale: Sale,
  around: Surroundings | undefined,
): boolean {
  const plans = around?.plans ?? [];
  const [now, then] = [plansAt(plans, sale.paid_ms), plansAt(plans, toldMs)];
  return (
    now.length !== then.length ||
    now.some((plan, i) => plan !== then[i]) ||
    isEarlier(toldMs, sale.paid_ms, periodsAt(sale, around))
  );
}

type Earning = Pick<OrderState, "lines" | "terms">;

/** Whether the same people earn the same and get the same points. */
export const isPricedAlike = (a: Earning, b: Earning): boolean =>
  JSON.stringify(earnings(a.lines)) === JSON.stringify(earnings(b.lines)) &&
  JSON.stringify(a.terms) === JSON.stringify(b.terms);

const earnings = (lines: readonly OwnLine[]): readonly (readonly unknown[])[] =>
  lines
    .filter(({ amount_minor }) => amount_minor > 0)
    .toSorted((a, b) => (a.line_id < b.line_id ? -1 : 1))
    .map(({ line_id, amount_minor, currency, depth, rate_ppm }) => [
      line_id,
      amount_minor,
      currency,
      depth,
      rate_ppm,
    ]);
