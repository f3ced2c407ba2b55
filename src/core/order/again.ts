import type { Break } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Write } from "../subject/state.ts";
import { rebooked } from "./booked.ts";
import { withBreaks } from "./breaks.ts";
import { isEarlier, periodsAt, unlessUnseen } from "./earlier.ts";
import { withExtra } from "./give-back.ts";
import type { Payment } from "./paid.ts";
import { restated } from "./restated.ts";
import { type GoodsTold, tellingsOf, withTelling } from "./retold.ts";
import type { Extra, OrderState, Sale } from "./state.ts";
import { changedOrder, closedIn, keepOrder, type Told } from "./told.ts";

/** A payment is told again, and contradicts nothing. */
export interface Again {
  readonly told: Told;
  /** The event that told it first. */
  readonly of: string;
  readonly isFeeNew: boolean;
  /** What its tellings say it was for, all together. */
  readonly goodsTold: GoodsTold;
  /** What this one shows for the first time. */
  readonly breaks: readonly Break[];
  /** What its fact says from now on, where that is more than it did. */
  readonly writes: readonly Write[];
}

/** With a fee, with an earlier time, with what it was for, or with nothing new. */
export function paymentAgain(event: Payment, again: Again): Act {
  const { sale, extras } = again.told.order;
  const { payment_id } = event.data;
  if (sale?.payment_id === payment_id) return saleAgain(event, sale, again);
  const extra = extras.find((one) => one.payment_id === payment_id);
  return extra === undefined || sale === undefined
    ? { kind: "repeat", of: again.of }
    : extraAgain(event, { extra, sale }, again);
}

function saleAgain(event: Payment, sale: Sale, again: Again): Act {
  const { around, order } = again.told;
  const knownMs = Math.max(sale.paid_ms, sale.fee_ms ?? sale.paid_ms);
  const unseen = unlessUnseen(event.occurredAtMs, knownMs, { around, sale });
  if (unseen !== undefined) return unseen;
  const next = withTelling(sale, event, periodsAt(sale, around));
  return restatedBy(event, { anew: { ...order, sale: next }, sale: next }, again);
}

/** A payment that the order has no goods for: by what is told now it can be the sale. */
function extraAgain(
  event: Payment,
  { extra, sale }: { readonly extra: Extra; readonly sale: Sale },
  again: Again,
): Act {
  const { around, order } = again.told;
  const knownMs = Math.max(extra.paid_ms ?? Infinity, extra.fee_ms ?? 0);
  const unseen = unlessUnseen(event.occurredAtMs, knownMs, { around, sale });
  if (unseen !== undefined) return unseen;
  const rules = periodsAt(sale, around);
  const first = redated(withTelling(extra, event, rules), rules);
  return restatedBy(event, { anew: withExtra(order, first), sale }, again);
}

/** Posted as of the earlier time, where that makes a difference. */
function redated(extra: Extra, rules: Parameters<typeof isEarlier>[2]): Extra {
  const { told_ms, paid_ms, ...rest } = extra;
  const isMoved =
    told_ms !== undefined && paid_ms !== undefined && isEarlier(told_ms, paid_ms, rules);
  return isMoved ? { ...rest, paid_ms: told_ms } : extra;
}

interface Anew {
  readonly anew: OrderState;
  readonly sale: Sale;
}

function restatedBy(event: Payment, { anew, sale }: Anew, again: Again): Act {
  const { told, goodsTold, breaks, writes } = again;
  const { key, occurredAtMs: occurred_ms, data } = event;
  const tellings = tellingsOf(told, { payment_id: data.payment_id, goods: goodsTold });
  const effects = withBreaks(breaks);
  const is = restated({ told, key, occurred_ms, anew, tellings, effects, writes }, sale);
  return is.kind === "stays" ? remember(event, { ...anew, sale: is.sale }, again) : is;
}

/**
 * A telling that leaves the order's lines as they are. Where it moves no money either it is a
 * duplicate, of which the order may remember what counts once it is told more.
 */
function remember(event: Payment, after: OrderState, again: Again): Act {
  const { told, of, isFeeNew, breaks, writes } = again;
  const { order: before } = told;
  const transfers = rebooked(before, after, event.occurredAtMs);
  const isCounted = before.sale?.pv_x100 !== after.sale?.pv_x100;
  if (transfers.length > 0 || isFeeNew || isCounted || breaks.length > 0) {
    const effects = { transfers, ...withBreaks(breaks) };
    const closed = closedIn(told);
    const change = { key: event.key, before, after, changed: [], effects, writes, closed };
    return { kind: "effect", ...changedOrder(change) };
  }
  const isMore = JSON.stringify(after) !== JSON.stringify(before);
  const kept = [...writes, ...(isMore ? [keepOrder(after)] : [])];
  return kept.length === 0 ? { kind: "repeat", of } : { kind: "repeat", of, writes: kept };
}
