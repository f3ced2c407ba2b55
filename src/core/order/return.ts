import type { EventOf } from "../contracts/catalogue.ts";
import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import { reverse } from "./lines.ts";
import { postDisputeFee, postReturned, postUnapplied } from "./posting.ts";
import { returnIdOf, returnOf } from "./return-of.ts";
import { leftOf, minus, returnedParts } from "./returned.ts";
import type { OrderState, Return, Sale } from "./state.ts";
import {
  changedOrder,
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
} from "./told.ts";

type Refund = EventOf<"refund.completed">;
type Opened = EventOf<"chargeback.opened">;
type Closed = EventOf<"chargeback.closed">;

/** P6: a refund takes back its share of the sale, of every line and of the volume. */
export function refundCompleted(event: Refund, told: Told): Act {
  const { refund_id, payment_id, currency, amount_minor } = event.data;
  const fact = factOf(refundKey(refund_id), [payment_id, currency, amount_minor]);
  const before = told.state.fact(fact.key);
  if (before?.essence === fact.essence) return refundDetailed(event, fact, told);
  return known(fact, before) ?? returned(event, fact, told);
}

/** Another telling of a refund can know its parts where the first knew the amount alone. */
function refundDetailed(event: Refund, fact: OrderFact, told: Told): Act {
  const { key, data } = event;
  const { order, state, eventId } = told;
  const of = state.fact(fact.key)?.eventId ?? eventId;
  const parts = partsTold(data);
  const isThin = order.returns.some(
    (one) => one.kind === "refund" && one.id === data.refund_id && one.parts === null,
  );
  const { sale } = order;
  if (parts === null || !isThin || sale === undefined) return { kind: "repeat", of };
  const returns = order.returns.map((one) =>
    one.kind === "refund" && one.id === data.refund_id ? { ...one, parts } : one,
  );
  const change = withReturns(order, sale, returns);
  if (change === undefined) return { kind: "repeat", of };
  const more = { rule: "P6", currency: sale.currency, reference: data.refund_id } as const;
  return effectOf(key, order, change, { more, writes: [] });
}

/** P7: a dispute takes back like a refund, and its fee besides. */
export function chargebackOpened(event: Opened, told: Told): Act {
  const { dispute_id, payment_id, currency, amount_minor, fee_minor } = event.data;
  const key = disputeKey(dispute_id);
  const fact = factOf(key, [payment_id, currency, amount_minor, fee_minor]);
  return known(fact, told.state.fact(key)) ?? returned(event, fact, told);
}

function returned(event: Refund | Opened, fact: OrderFact, told: Told): Act {
  const { payment_id, currency, amount_minor } = event.data;
  if (told.state.fact(paymentKey(payment_id)) === undefined) {
    const reason = `Payment "${payment_id}" is not known yet: applied by itself when it arrives`;
    return { kind: "waits", code: "payment_unknown", reason, needs: paymentKey(payment_id) };
  }
  const { sale, extras } = told.order;
  const paid =
    sale?.payment_id === payment_id
      ? sale
      : extras.find((extra) => extra.payment_id === payment_id);
  if (paid === undefined) return impossible("payment_unknown", "The order does not know it");
  if (paid.currency !== currency) {
    const reason = `data.currency: the payment is in ${paid.currency}, this in ${currency}`;
    return impossible("currency_mismatch", reason);
  }
  if (sale === undefined || paid !== sale) return unappliedReturned(event, fact, told);

  const returns = [...told.order.returns, returnOf(event)];
  const change = withReturns(told.order, sale, returns);
  if (change === undefined) {
    const left = leftOf(told.order);
    const reason = `data.amount_minor: ${amount_minor} ${currency} or its parts are more than what is left of the payment, ${left} of ${sale.amount_minor}`;
    return impossible("refund_exceeds_payment", reason, ROOM);
  }
  return effectOf(event.key, told.order, change, {
    more: { rule: ruleOf(event), currency, reference: returnIdOf(event) },
    fee: feeOf(event),
    writes: [tell(fact, told.eventId, factState(event))],
  });
}

const ruleOf = ({ type }: Refund | Opened) => (type === "refund.completed" ? "P6" : "P7");

const feeOf = (event: Refund | Opened): number =>
  event.type === "refund.completed" ? 0 : event.data.fee_minor;

/** What the fact of a dispute keeps for its end. */
interface Disputed {
  readonly payment_id: string;
  readonly currency: string;
  readonly amount_minor: number;
  readonly fee_minor: number;
}

const factState = ({ type, data }: Refund | Opened): string => {
  if (type !== "chargeback.opened") return "";
  const { payment_id, currency, amount_minor, fee_minor } = data;
  return JSON.stringify({ payment_id, currency, amount_minor, fee_minor } satisfies Disputed);
};

/** The order with these returns, or nothing where they are more than the sale. */
function withReturns(
  order: OrderState,
  sale: Sale,
  returns: readonly Return[],
): OrderState | undefined {
  const parts = returnedParts(sale, returns);
  if (parts === undefined) return undefined;
  const after = { ...order, returns, returned: parts };
  return { ...after, lines: reverse(after) };
}

interface Posting {
  readonly more: {
    readonly rule: "P6" | "P7";
    readonly currency: string;
    readonly reference: string;
  };
  /** Below zero where it is given back. */
  readonly fee?: number;
  readonly writes: Parameters<typeof changedOrder>[0]["writes"];
}

function effectOf(key: string, before: OrderState, after: OrderState, posting: Posting): Act {
  const { more, fee = 0, writes } = posting;
  const { rule, ...money } = more;
  const transfers = [
    ...postReturned(rule, minus(after.returned, before.returned), money),
    ...postDisputeFee({ ...money, amount_minor: fee }),
  ];
  const changed = after.lines.filter((line, i) => line !== before.lines[i]);
  const effects: Effects = {
    transfers,
    ...(rule === "P7" ? { aliases: [disputeKey(more.reference)] } : {}),
  };
  return { kind: "effect", ...changedOrder({ key, before, after, changed, effects, writes }) };
}

/** Money that was nobody's order goes back out of what is owed to the customer. */
function unappliedReturned(event: Refund | Opened, fact: OrderFact, told: Told): Act {
  const { key, data } = event;
  const { payment_id, currency, amount_minor } = data;
  const { order } = told;
  const extra = order.extras.find((one) => one.payment_id === payment_id);
  if (extra === undefined) return impossible("payment_unknown", "The order does not know it");
  if (extra.returned_minor + amount_minor > extra.amount_minor) {
    const reason = `data.amount_minor: ${amount_minor} ${currency} are more than what is left of the payment, ${extra.amount_minor - extra.returned_minor}`;
    return impossible("refund_exceeds_payment", reason, ROOM);
  }
  const money = { currency, reference: returnIdOf(event) };
  const after = extraReturned(order, payment_id, amount_minor);
  const effects: Effects = {
    transfers: [
      ...postUnapplied({ ...money, amount_minor: -amount_minor }),
      ...postDisputeFee({ ...money, amount_minor: feeOf(event) }),
    ],
    ...(event.type === "chargeback.opened" ? { aliases: [fact.key] } : {}),
  };
  const writes = [tell(fact, told.eventId, factState(event))];
  const change = { key, before: order, after, changed: [], effects, writes };
  return { kind: "effect", ...changedOrder(change) };
}

const extraReturned = (order: OrderState, paymentId: string, by: number): OrderState => ({
  ...order,
  extras: order.extras.map((extra) =>
    extra.payment_id === paymentId
      ? { ...extra, returned_minor: extra.returned_minor + by }
      : extra,
  ),
});

/** Won: what the dispute took comes back, the lines with it. Lost: nothing but perhaps the fee. */
export function chargebackClosed(event: Closed, told: Told): Act {
  const { dispute_id = "", outcome, fee_refunded_minor, currency } = event.data;
  const fact = factOf(`dispute_end:${dispute_id}`, [outcome, fee_refunded_minor]);
  const answer = known(fact, told.state.fact(fact.key));
  if (answer !== undefined) return answer;
  const opened = told.state.fact(disputeKey(dispute_id));
  if (opened === undefined) {
    const reason = `Dispute "${dispute_id}" is not known yet: applied by itself when it arrives`;
    return { kind: "waits", code: "dispute_unknown", reason, needs: disputeKey(dispute_id) };
  }
  const dispute: Disputed = JSON.parse(opened.state);
  if (dispute.currency !== currency) {
    const reason = `data.currency: the dispute is in ${dispute.currency}, its end in ${currency}`;
    return impossible("currency_mismatch", reason);
  }
  if (fee_refunded_minor > dispute.fee_minor) {
    const reason = `data.fee_refunded_minor: ${fee_refunded_minor} are more than the fee, ${dispute.fee_minor}`;
    return impossible("fee_exceeds_dispute", reason);
  }
  return closed(event, dispute, fact, told);
}

function closed(event: Closed, dispute: Disputed, fact: OrderFact, told: Told): Act {
  const { key, data } = event;
  const { dispute_id = "", outcome, fee_refunded_minor } = data;
  const { order, eventId } = told;
  const isWon = outcome === "won";
  const room = isWon ? [tell({ key: ROOM, essence: "" }, eventId)] : [];
  const writes = [tell(fact, eventId), ...room];
  const money = { currency: dispute.currency, reference: dispute_id };
  if (order.sale?.payment_id !== dispute.payment_id) {
    const back = isWon ? dispute.amount_minor : 0;
    const after = extraReturned(order, dispute.payment_id, -back);
    const effects = {
      transfers: [
        ...postUnapplied({ ...money, amount_minor: back }),
        ...postDisputeFee({ ...money, amount_minor: -fee_refunded_minor }),
      ],
    };
    const change = { key, before: order, after, changed: [], effects, writes };
    return { kind: "effect", ...changedOrder(change) };
  }
  const returns = order.returns.map((one) =>
    one.kind === "dispute" && one.id === dispute_id ? { ...one, open: false, won: isWon } : one,
  );
  const after = withReturns(order, order.sale, returns);
  if (after === undefined) return impossible("refund_exceeds_payment", "Returns exceed the sale");
  const more = { rule: "P7", ...money } as const;
  return effectOf(key, order, after, { more, fee: -fee_refunded_minor, writes });
}
