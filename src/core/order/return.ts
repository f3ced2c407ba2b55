import type { EventOf } from "../contracts/catalogue.ts";
import { asOf, opposite, type Transfer } from "../ledger/transfer.ts";
import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import { isUndone } from "./end.ts";
import { dayOf, isEarlier, periodsAt, unlessUnseen } from "./earlier.ts";
import { giveBack, type GivingBack } from "./give-back.ts";
import { type PaidBack, paidBack } from "./paid-back.ts";
import { postDisputeFee } from "./posting.ts";
import { partsKnown, returnKeyOf, returnsIn, takenText } from "./return-facts.ts";
import { type ReturnEvent, returnIdOf, returnOf } from "./return-of.ts";
import { differingIn } from "./retold.ts";
import { beganMs } from "./returned.ts";
import type { OrderState, Return, Sale } from "./state.ts";
import {
  closedIn,
  contradicted,
  disputeKey,
  factOf,
  impossible,
  keepOrder,
  known,
  type OrderFact,
  partsTold,
  paymentKey,
  refundKey,
  ROOM,
  tell,
  type Told,
  unlessBlind,
} from "./told.ts";

type Refund = EventOf<"refund.completed">;
type Opened = EventOf<"chargeback.opened">;

/** P6: a refund takes back its share of the sale, of every line and of the volume. */
export function refundCompleted(event: Refund, told: Told): Act {
  const { refund_id, payment_id, currency, amount_minor } = event.data;
  const fact = factOf(refundKey(refund_id), [payment_id, currency, amount_minor]);
  return toldAgain(event, fact, told) ?? returned(event, fact, told);
}

/** P7: a dispute takes back like a refund, and its fee besides. */
export function chargebackOpened(event: Opened, told: Told): Act {
  const { dispute_id, payment_id, currency, amount_minor, fee_minor } = event.data;
  const fact = factOf(disputeKey(dispute_id), [payment_id, currency, amount_minor, fee_minor]);
  return toldAgain(event, fact, told) ?? returned(event, fact, told);
}

/** Answers a telling of a return that is known already; nothing where it is the first. */
function toldAgain(event: ReturnEvent, fact: OrderFact, told: Told): Act | undefined {
  const before = told.state.fact(fact.key);
  return before?.essence === fact.essence
    ? (otherParts(event, fact, told) ?? detailed(event, before.eventId, told))
    : known(fact, before);
}

/**
 * Another telling of a return can know its parts where the first knew the amount alone, or an earlier
 * time.
 */
function detailed(event: ReturnEvent, of: string, told: Told): Act {
  const { around, order } = told;
  const { sale } = order;
  const paid = paidBack(event, told);
  const first = paid?.returns.find(isReturn(event));
  const repeat = { kind: "repeat", of } as const;
  if (sale === undefined || paid === undefined || first === undefined) return repeat;
  const unseen = unlessUnseen(event.occurredAtMs, beganMs(first), { around, sale });
  if (unseen !== undefined) return unseen;
  const now = completed(event, first, periodsAt(sale, around));
  return now === undefined ? repeat : retold(event, { of, told, sale, paid, first, now });
}

interface Retold {
  readonly of: string;
  readonly told: Told;
  readonly sale: Sale;
  readonly paid: PaidBack;
  /** As it was known. */
  readonly first: Return;
  readonly now: Return;
}

function retold(event: ReturnEvent, { of, told, sale, paid, first, now }: Retold): Act {
  const returns = paid.returns.map((each) => (each === first ? now : each));
  const isMore = now.parts !== first.parts;
  const after = isMore ? within(paid, returns) : paid.with(returns);
  if (after === undefined) return noRoom(event, paid);
  const transfers = feeRedated(event, first, now);
  const giving = { ...givingOf(event, told), transfers, writes: [] };
  const act = unlessBlind(told, sale) ?? giveBack({ ...giving, after });
  // A duplicate, of which the order remembers what counts once plans see a difference.
  const isQuiet = !isMore && act.kind === "effect" && movesNothing(act.effects);
  return isQuiet ? { kind: "repeat", of, writes: [keepOrder(after)] } : act;
}

/** The order with these returns of a payment; nothing where that has no room for them. */
const within = (paid: PaidBack, returns: readonly Return[]): OrderState | undefined =>
  paid.hasRoom(returns) ? paid.with(returns) : undefined;

const movesNothing = ({ transfers = [], volumes = [], dispatch = [] }: Effects): boolean =>
  transfers.length + volumes.length + dispatch.length === 0;

const isReturn = (event: ReturnEvent) => {
  const { kind, id } = returnOf(event);
  return (one: Return): boolean => one.kind === kind && one.id === id;
};

/** A return with what this telling of it adds; nothing where that is nothing. */
function completed(
  event: ReturnEvent,
  first: Return,
  rules: Parameters<typeof isEarlier>[2],
): Return | undefined {
  const parts = first.parts ?? partsTold(event.data);
  const toldMs = event.occurredAtMs;
  const isBefore = toldMs < beganMs(first);
  if (parts === first.parts && !isBefore) return undefined;
  if (!isBefore) return { ...first, parts };
  const { told_ms: _told, ...rest } = first;
  return isEarlier(toldMs, first.occurred_ms, rules)
    ? { ...rest, parts, occurred_ms: toldMs }
    : { ...rest, parts, told_ms: toldMs };
}

/** The fee of a dispute counts from the earlier time, too. */
function feeRedated(event: ReturnEvent, from: Return, to: Return): readonly Transfer[] {
  if (from.occurred_ms === to.occurred_ms) return [];
  const { currency } = event.data;
  const money = { currency, reference: returnIdOf(event), amount_minor: feeOf(event) };
  const fee = postDisputeFee(money);
  return [...fee, ...asOf(from.occurred_ms, opposite(fee))];
}

/** A return that is known with other parts of the same amount; nothing where none contradicts. */
function otherParts(event: ReturnEvent, fact: OrderFact, { order, state }: Told): Act | undefined {
  const before = state.fact(fact.key);
  const parts = partsTold(event.data);
  if (before?.essence !== fact.essence || parts === null) return undefined;
  const first = partsKnown(returnOf(event), order, before);
  const other = first === undefined ? undefined : differingIn(first, parts);
  return other === undefined ? undefined : contradicted(fact, other, before.eventId);
}

function returned(event: ReturnEvent, fact: OrderFact, told: Told): Act {
  const { payment_id, currency } = event.data;
  const { order, state, eventId } = told;
  if (state.fact(paymentKey(payment_id)) === undefined) {
    const reason = `Payment "${payment_id}" is not known yet: applied by itself when it arrives`;
    const needs = paymentKey(payment_id);
    return { kind: "waits", code: "payment_unknown", reason, needs, ...namedBy(event) };
  }
  const paid = paidBack(event, told);
  if (paid === undefined || order.sale === undefined) {
    return impossible("payment_unknown", "The order does not know it");
  }
  if (paid.currency !== currency) {
    const reason = `data.currency: the payment is in ${paid.currency}, this in ${currency}`;
    return impossible("currency_mismatch", reason);
  }
  const undone = isUndone(event, state);
  const one: Return = undone ? { ...returnOf(event), open: false, undone } : returnOf(event);
  if (isTooMany(one, order)) return tooMany(event);
  const after = within(paid, [...paid.returns, one]);
  if (after === undefined) return noRoom(event, paid);
  const writes = [tell(fact, eventId, takenText(event, undone ? 0 : event.data.amount_minor))];
  const giving = { ...givingOf(event, told), fee_minor: feeOf(event), writes };
  return unlessBlind(told, order.sale) ?? giveBack({ ...giving, after });
}

/** Returns of one order, and days on which they happened: its row and its lines name each of them. */
const RETURNS_MAX = 1000;
const DAYS_MAX = 250;

function isTooMany(one: Return, order: OrderState): boolean {
  const all = [one, ...returnsIn(order)];
  const days = new Set(all.map(({ occurred_ms }) => dayOf(occurred_ms)));
  return all.length > RETURNS_MAX || days.size > DAYS_MAX;
}

const tooMany = (event: ReturnEvent): Act => ({
  ...impossible(
    "too_many_returns",
    `data.payment_id: payments of one order are returned ${RETURNS_MAX} times at most, on ${DAYS_MAX} days at most`,
  ),
  ...namedBy(event),
});

/**
 * Its own name leads here though it waits: a dispute's end may know the dispute alone, and another
 * order that is told to have it does not take it a second time.
 */
const namedBy = (event: ReturnEvent) => ({ aliases: [returnKeyOf(event)] });

const givingOf = (event: ReturnEvent, told: Told): Omit<GivingBack, "after" | "writes"> => ({
  key: event.key,
  before: told.order,
  currency: event.data.currency,
  reference: returnIdOf(event),
  fee_minor: 0,
  occurred_ms: event.occurredAtMs,
  closed: closedIn(told),
  ...namedBy(event),
});

const feeOf = (event: ReturnEvent): number =>
  event.type === "refund.completed" ? 0 : event.data.fee_minor;

/** It is tried again whenever another return turns out to take nothing. */
function noRoom(event: ReturnEvent, { left_minor, amount_minor: paid }: PaidBack): Act {
  const { amount_minor, currency } = event.data;
  const reason = `data.amount_minor: ${amount_minor} ${currency} or its parts are more than what is left of the payment, ${left_minor} of ${paid}`;
  return { ...impossible("refund_exceeds_payment", reason, ROOM), ...namedBy(event) };
}
