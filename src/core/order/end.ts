import { type EventOf, narrow } from "../contracts/catalogue.ts";
import type { Act } from "../subject/rules.ts";
import { asOf, opposite, type Transfer } from "../ledger/transfer.ts";
import type { Fact, SubjectState, Write } from "../subject/state.ts";
import { isEarlier, periodsAt, unlessUnseen } from "./earlier.ts";
import { giveBack, withExtra, withReturns } from "./give-back.ts";
import { postDisputeFee, postUnapplied } from "./posting.ts";
import {
  overText,
  readOver,
  readTaken,
  returnKeyOf,
  returnsIn,
  roomFor,
  type Taken,
  takenBy,
  withPartsTold,
} from "./return-facts.ts";
import type { EndEvent, ReturnEvent } from "./return-of.ts";
import type { OrderState, Return } from "./state.ts";
import {
  closedIn,
  disputeKey,
  factOf,
  impossible,
  keepOrder,
  known,
  type OrderFact,
  refundKey,
  ROOM,
  tell,
  type Told,
} from "./told.ts";

/** An end as both kinds have it. */
interface End {
  readonly event: EndEvent;
  /** The fact that it ends. */
  readonly of: string;
  /** The refund's or dispute's own id. */
  readonly id: string;
  readonly kind: "refund" | "dispute";
  readonly fact: OrderFact;
  readonly undoes: boolean;
  readonly fee_refunded_minor: number;
}

function closing(event: EventOf<"chargeback.closed">): End {
  const { dispute_id: id = "", outcome, fee_refunded_minor } = event.data;
  const fact = factOf(`dispute_end:${id}`, [outcome, fee_refunded_minor]);
  const undoes = outcome === "won";
  return { event, id, of: disputeKey(id), kind: "dispute", fact, undoes, fee_refunded_minor };
}

function failure(event: EventOf<"refund.failed">): End {
  const { refund_id: id, payment_id, currency } = event.data;
  const fact = factOf(`refund_end:${id}`, [payment_id, currency]);
  const of = refundKey(id);
  return { event, id, of, kind: "refund", fact, undoes: true, fee_refunded_minor: 0 };
}

/** Why an end cannot be that of this return; nothing where it can. */
function misfit({ event, kind, fee_refunded_minor }: End, taken: Taken): Act | undefined {
  const { currency, payment_id } = event.data;
  if (taken.currency !== currency) {
    const reason = `data.currency: the ${kind} is in ${taken.currency}, its end in ${currency}`;
    return impossible("currency_mismatch", reason);
  }
  if (kind === "refund" && payment_id !== taken.payment_id) {
    const reason = `data.payment_id: the refund is of "${taken.payment_id}", its end of "${payment_id}"`;
    return impossible("payment_mismatch", reason);
  }
  if (fee_refunded_minor > taken.fee_minor) {
    const reason = `data.fee_refunded_minor: ${fee_refunded_minor} are more than the fee, ${taken.fee_minor}`;
    return impossible("fee_exceeds_dispute", reason);
  }
  return undefined;
}

/**
 * Whether a return takes nothing, as its end is here before it and waits for it: such a one always
 * fits, however little is left of the sale, and so no order of arrival matters.
 */
export function isUndone(event: ReturnEvent, state: SubjectState): boolean {
  for (const eventId of state.waitingFor(returnKeyOf(event))) {
    const kept = state.kept(eventId);
    const told = kept === undefined ? undefined : narrow(kept.arrival.event);
    if (told?.type !== "chargeback.closed" && told?.type !== "refund.failed") continue;
    const end = told.type === "refund.failed" ? failure(told) : closing(told);
    // Of ends that contradict each other the first stands.
    if (misfit(end, takenBy(event)) === undefined) return end.undoes;
  }
  return false;
}

/** Won: what the dispute took comes back, the lines with it. Lost: nothing but perhaps the fee. */
export const chargebackClosed = (event: EventOf<"chargeback.closed">, told: Told): Act =>
  ended(closing(event), told);

/** P6 mirrored: a refund that did not reach the customer is money we have again. */
export const refundFailed = (event: EventOf<"refund.failed">, told: Told): Act =>
  ended(failure(event), told);

function ended(end: End, told: Told): Act {
  const { kind, fact, of, id } = end;
  const before = told.state.fact(fact.key);
  const opened = told.state.fact(of);
  if (before?.essence === fact.essence && opened !== undefined) {
    return endedEarlier(end, { before, taken: readTaken(opened), told });
  }
  const answer = known(fact, before);
  if (answer !== undefined) return answer;
  if (opened === undefined) {
    const what = kind === "refund" ? "Refund" : "Dispute";
    const reason = `${what} "${id}" is not known yet: applied by itself when it arrives`;
    // What it ends can be among those that found no room, and takes none any more.
    const writes = end.undoes ? roomFor(told.state, told.eventId) : [];
    return { kind: "waits", code: `${kind}_unknown`, reason, needs: of, writes };
  }
  const taken = readTaken(opened);
  return misfit(end, taken) ?? undo(end, taken, told);
}

interface EndedBefore {
  readonly before: Fact;
  readonly taken: Taken;
  readonly told: Told;
}

/** The same end, told with an earlier time: what came back counts from then. */
function endedEarlier(end: End, { before, taken, told }: EndedBefore): Act {
  const { event, fact } = end;
  const { around, order } = told;
  const repeat = { kind: "repeat", of: before.eventId } as const;
  const { occurredAtMs: toldMs } = event;
  const { ended_ms: knownMs } = readOver(before);
  const one = returnsIn(order).find(isReturnOf(end));
  if (knownMs === undefined || order.sale === undefined || one === undefined) return repeat;
  const earliestMs = one.ended_told_ms ?? knownMs;
  if (toldMs >= earliestMs) return repeat;
  const unseen = unlessUnseen(toldMs, earliestMs, { around, sale: order.sale });
  if (unseen !== undefined) return unseen;
  const { fee_refunded_minor } = end;
  const over = (ended_ms: number) =>
    tell(fact, before.eventId, overText({ ended_ms, fee_refunded_minor }));
  if (!isEarlier(toldMs, knownMs, periodsAt(order.sale, around))) {
    const after = withReturn(order, { ...one, ended_told_ms: toldMs });
    return { ...repeat, writes: [over(knownMs), keepOrder(after)] };
  }
  const money = { currency: taken.currency, reference: end.id };
  const fee = postDisputeFee({ ...money, amount_minor: -fee_refunded_minor });
  const transfers = [...fee, ...asOf(knownMs, opposite(fee))];
  const writes = [over(toldMs)];
  return undone({ ...end, fee_refunded_minor: 0 }, { taken, told, writes, transfers });
}

/** The order with a return as it is remembered from now on: one that counts as it did. */
function withReturn(order: OrderState, now: Return): OrderState {
  const within = (returns: readonly Return[]) =>
    returns.map((one) => (one.kind === now.kind && one.id === now.id ? now : one));
  const extras = order.extras.map((extra) =>
    extra.returns === undefined ? extra : { ...extra, returns: within(extra.returns) },
  );
  return { ...order, returns: within(order.returns), extras };
}

function undo(end: End, taken: Taken, told: Told): Act {
  const { event, fact, undoes, fee_refunded_minor } = end;
  const over = overText({ ended_ms: event.occurredAtMs, fee_refunded_minor });
  const writes = [
    tell(fact, told.eventId, over),
    ...(undoes ? [tell({ key: ROOM, essence: "" }, told.eventId)] : []),
  ];
  return undone(end, { taken, told, writes });
}

interface Undoing {
  readonly taken: Taken;
  readonly told: Told;
  readonly writes: readonly Write[];
  readonly transfers?: readonly Transfer[];
}

function undone(end: End, { taken, told, writes, transfers = [] }: Undoing): Act {
  const { event, id, fee_refunded_minor } = end;
  const { order, state } = told;
  const after = withEnded(order, end, { taken, state });
  if (after === undefined) return impossible("refund_exceeds_payment", "Returns exceed the sale");
  return giveBack({
    key: event.key,
    before: order,
    after,
    currency: taken.currency,
    reference: id,
    fee_minor: -fee_refunded_minor,
    occurred_ms: event.occurredAtMs,
    closed: closedIn(told),
    transfers: [...transfers, ...undatedBack(order, end, taken)],
    writes,
  });
}

/** The order whose return is over; nothing where its other returns are more than the sale then. */
function withEnded(
  order: OrderState,
  end: End,
  { taken, state }: { readonly taken: Taken; readonly state: SubjectState },
): OrderState | undefined {
  const over = end.undoes ? { undone: true, ended_ms: end.event.occurredAtMs } : { undone: false };
  const isIt = isReturnOf(end);
  const ends = (returns: readonly Return[]) =>
    withPartsTold(returns, state).map((one) => {
      const { ended_told_ms: _told, ...rest } = one;
      return isIt(one) ? { ...rest, open: false, ...over } : one;
    });
  const { sale } = order;
  if (sale?.payment_id === taken.payment_id) return withReturns(order, sale, ends(order.returns));
  const extra = order.extras.find((one) => one.payment_id === taken.payment_id);
  if (extra === undefined) return order;
  const { returns, returned_minor = 0 } = extra;
  if (returns?.some(isIt) === true) return withExtra(order, { ...extra, returns: ends(returns) });
  const back = end.undoes ? taken.amount_minor : 0;
  return withExtra(order, { ...extra, returned_minor: returned_minor - back });
}

const isReturnOf =
  ({ kind, id }: End) =>
  (one: Return): boolean =>
    one.kind === kind && one.id === id;

/** What an older version took of money without goods, and kept no return of, comes back. */
function undatedBack(order: OrderState, end: End, taken: Taken): readonly Transfer[] {
  const extra = order.extras.find((one) => one.payment_id === taken.payment_id);
  if (!end.undoes || extra === undefined || extra.returns?.some(isReturnOf(end)) === true)
    return [];
  const { currency, amount_minor } = taken;
  return postUnapplied({ currency, reference: end.id, amount_minor });
}
