import { type EventOf, narrow } from "../contracts/catalogue.ts";
import type { Act } from "../subject/rules.ts";
import type { Fact, SubjectState } from "../subject/state.ts";
import { giveBack, giveExtraBack, withExtraReturned, withReturns } from "./give-back.ts";
import { type EndEvent, type ReturnEvent, returnIdOf } from "./return-of.ts";
import type { OrderState, Parts, Return } from "./state.ts";
import {
  closedIn,
  disputeKey,
  factOf,
  impossible,
  known,
  type OrderFact,
  partsTold,
  refundKey,
  ROOM,
  tell,
  type Told,
} from "./told.ts";

/** What the fact of a refund or dispute keeps for its end. */
interface Taken {
  readonly payment_id: string;
  readonly currency: string;
  /** What it took when it was applied: nothing, where its end was here before it. */
  readonly amount_minor: number;
  readonly fee_minor: number;
  /** As it told them. The order has the newest of those of its sale. */
  readonly parts?: Parts | null;
}

const takenBy = ({ type, data }: ReturnEvent): Taken => ({
  payment_id: data.payment_id,
  currency: data.currency,
  amount_minor: data.amount_minor,
  fee_minor: type === "chargeback.opened" ? data.fee_minor : 0,
  parts: partsTold(data),
});

/** What the fact of a return keeps, as JSON. */
export const takenText = (event: ReturnEvent, amount_minor: number): string =>
  JSON.stringify({ ...takenBy(event), amount_minor } satisfies Taken);

/** The parts of a return that is known already; nothing where only its amount was told. */
export function partsKnown(
  { kind, id }: Return,
  { returns }: OrderState,
  fact: Fact,
): Parts | undefined {
  const one = returns.find((each) => each.kind === kind && each.id === id);
  const taken: Taken = JSON.parse(fact.state);
  return one?.parts ?? taken.parts ?? undefined;
}

/** The fact that a return is. */
export const returnKeyOf = (event: ReturnEvent): string =>
  event.type === "refund.completed" ? refundKey(returnIdOf(event)) : disputeKey(returnIdOf(event));

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
  const answer = known(fact, told.state.fact(fact.key));
  if (answer !== undefined) return answer;
  const opened = told.state.fact(of);
  if (opened === undefined) {
    const what = kind === "refund" ? "Refund" : "Dispute";
    const reason = `${what} "${id}" is not known yet: applied by itself when it arrives`;
    const writes = end.undoes ? roomFor(told) : [];
    return { kind: "waits", code: `${kind}_unknown`, reason, needs: of, writes };
  }
  const taken: Taken = JSON.parse(opened.state);
  return misfit(end, taken) ?? undo(end, taken, told);
}

/** What it ends can be among those that found no room, and takes none any more. */
const roomFor = ({ state, eventId }: Told) =>
  state.waitingFor(ROOM).length === 0 ? [] : [tell({ key: ROOM, essence: "" }, eventId)];

function undo(end: End, taken: Taken, told: Told): Act {
  const { event, kind, id, fact, undoes, fee_refunded_minor } = end;
  const { order, eventId } = told;
  const giving = {
    key: event.key,
    before: order,
    currency: taken.currency,
    reference: id,
    fee_minor: -fee_refunded_minor,
    occurred_ms: event.occurredAtMs,
    closed: closedIn(told),
    writes: [tell(fact, eventId), ...(undoes ? [tell({ key: ROOM, essence: "" }, eventId)] : [])],
  };
  if (order.sale?.payment_id !== taken.payment_id) {
    const back = undoes ? taken.amount_minor : 0;
    const after = withExtraReturned(order, taken.payment_id, -back);
    return giveExtraBack({ ...giving, after }, -back);
  }
  const over = undoes ? { undone: true, ended_ms: event.occurredAtMs } : { undone: false };
  const returns = order.returns.map((one) =>
    one.kind === kind && one.id === id ? { ...one, open: false, ...over } : one,
  );
  const after = withReturns(order, order.sale, returns);
  if (after === undefined) return impossible("refund_exceeds_payment", "Returns exceed the sale");
  return giveBack({ ...giving, after });
}
