import type { EventOf } from "../contracts/catalogue.ts";
import { asOf, opposite, type Transfer } from "../ledger/transfer.ts";
import type { Act } from "../subject/rules.ts";
import type { Surroundings } from "../subject/surroundings.ts";
import { isUndone, partsKnown, returnKeyOf, takenText } from "./end.ts";
import {
  giveBack,
  giveExtraBack,
  type GivingBack,
  withExtraReturned,
  withReturns,
} from "./give-back.ts";
import { postDisputeFee } from "./posting.ts";
import { type ReturnEvent, returnIdOf, returnOf } from "./return-of.ts";
import { differingIn } from "./retold.ts";
import { isReturnEarlier, unlessUnseen } from "./sold-earlier.ts";
import { leftOf } from "./returned.ts";
import type { Extra, Return, Sale } from "./state.ts";
import {
  closedIn,
  contradicted,
  disputeKey,
  factOf,
  impossible,
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
 * Another telling of a return can know its parts where the first knew the amount alone, or a time
 * in an earlier period.
 */
function detailed(event: ReturnEvent, of: string, told: Told): Act {
  const { order } = told;
  const { sale } = order;
  const { kind, id } = returnOf(event);
  const index = order.returns.findIndex((one) => one.kind === kind && one.id === id);
  const first = order.returns[index];
  if (sale === undefined || first === undefined) return { kind: "repeat", of };
  const seen = { around: told.around, sale };
  const unseen = unlessUnseen(event.occurredAtMs, first.occurred_ms, seen);
  if (unseen !== undefined) return unseen;
  const one = completed(event, first, seen);
  if (one === undefined) return { kind: "repeat", of };
  const after = withReturns(order, sale, order.returns.with(index, one));
  if (after === undefined) return noRoom(event, sale, told);
  const transfers = feeRedated(event, first, one);
  const giving = { ...givingOf(event, told), transfers, writes: [] };
  return unlessBlind(told, sale) ?? giveBack({ ...giving, after });
}

/** A return with what this telling of it adds; nothing where that is nothing. */
function completed(
  event: ReturnEvent,
  first: Return,
  { around, sale }: { readonly around: Surroundings | undefined; readonly sale: Sale },
): Return | undefined {
  const parts = first.parts ?? partsTold(event.data);
  const toldMs = event.occurredAtMs;
  const isEarlier =
    around !== undefined && isReturnEarlier(toldMs, first.occurred_ms, { around, sale });
  if (parts === first.parts && !isEarlier) return undefined;
  return { ...first, parts, occurred_ms: isEarlier ? toldMs : first.occurred_ms };
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
  if (told.state.fact(paymentKey(payment_id)) === undefined) {
    const reason = `Payment "${payment_id}" is not known yet: applied by itself when it arrives`;
    const needs = paymentKey(payment_id);
    return { kind: "waits", code: "payment_unknown", reason, needs, ...namedBy(event) };
  }
  const { sale, extras } = told.order;
  const extra = extras.find((one) => one.payment_id === payment_id);
  const paid = sale?.payment_id === payment_id ? sale : extra;
  if (paid === undefined) return impossible("payment_unknown", "The order does not know it");
  if (paid.currency !== currency) {
    const reason = `data.currency: the payment is in ${paid.currency}, this in ${currency}`;
    return impossible("currency_mismatch", reason);
  }
  if (sale !== undefined && paid === sale) return saleReturned(event, fact, { told, sale });
  return extra === undefined
    ? impossible("payment_unknown", "The order does not know it")
    : extraReturned(event, fact, { told, extra });
}

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

function saleReturned(
  event: ReturnEvent,
  fact: OrderFact,
  { told, sale }: { readonly told: Told; readonly sale: Sale },
): Act {
  const { order, state, eventId } = told;
  const undone = isUndone(event, state);
  const one: Return = undone ? { ...returnOf(event), open: false, undone } : returnOf(event);
  const after = withReturns(order, sale, [...order.returns, one]);
  if (after === undefined) return noRoom(event, sale, told);
  const writes = [tell(fact, eventId, takenText(event, undone ? 0 : event.data.amount_minor))];
  const giving = { ...givingOf(event, told), fee_minor: feeOf(event), writes };
  return unlessBlind(told, sale) ?? giveBack({ ...giving, after });
}

/** It is tried again whenever another return turns out to take nothing. */
function noRoom(event: ReturnEvent, sale: Sale, { order }: Told): Act {
  const { amount_minor, currency } = event.data;
  const reason = `data.amount_minor: ${amount_minor} ${currency} or its parts are more than what is left of the payment, ${leftOf(order)} of ${sale.amount_minor}`;
  return { ...impossible("refund_exceeds_payment", reason, ROOM), ...namedBy(event) };
}

/** P13 back: what no order has got goods for. */
function extraReturned(
  event: ReturnEvent,
  fact: OrderFact,
  { told, extra }: { readonly told: Told; readonly extra: Extra },
): Act {
  const { payment_id, currency, amount_minor } = event.data;
  const { order, state, eventId } = told;
  const taken = isUndone(event, state) ? 0 : amount_minor;
  const left = extra.amount_minor - extra.returned_minor;
  if (taken > left) {
    const reason = `data.amount_minor: ${amount_minor} ${currency} are more than what is left of the payment, ${left}`;
    return { ...impossible("refund_exceeds_payment", reason, ROOM), ...namedBy(event) };
  }
  const after = withExtraReturned(order, payment_id, taken);
  const writes = [tell(fact, eventId, takenText(event, taken))];
  const giving = { ...givingOf(event, told), fee_minor: feeOf(event), writes };
  return giveExtraBack({ ...giving, after }, taken);
}
