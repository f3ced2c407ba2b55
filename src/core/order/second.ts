import type { Effects } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Write } from "../subject/state.ts";
import { duplicatePayment, isOther, orderDiffers, withBreaks } from "./breaks.ts";
import { namedBy, paidText, type Payment } from "./paid.ts";
import { postFee, postUnapplied } from "./posting.ts";
import { restated } from "./restated.ts";
import { goodsToldBy, tellingsOf } from "./retold.ts";
import { type Extra, orderIdOf, type OrderState } from "./state.ts";
import { changedOrder, closedIn, impossible, type OrderFact, tell, type Told } from "./told.ts";

/** Payments of one order, before what comes besides is for a person: its object keeps them all. */
const PAYMENTS_MAX = 1000;

/**
 * P13: the order was paid before. Money without goods is the customer's; which of two payments it is
 * follows from when they happened, not from which was heard of first.
 */
export function paidAgain(event: Payment, fact: OrderFact, told: Told): Act {
  const { key, data, occurredAtMs: occurred_ms } = event;
  const { order, eventId } = told;
  const { sale } = order;
  if (order.extras.length + 1 >= PAYMENTS_MAX) {
    const reason = `data.order_id: one order takes ${PAYMENTS_MAX} payments at most, and has them`;
    return impossible("too_many_payments", reason);
  }
  const extra = extraOf(event);
  const { payment_id, fee_minor } = extra;
  const goods = goodsToldBy(data);
  const anew: OrderState = { ...order, extras: [...order.extras, extra] };
  const effects: Effects = {
    aliases: [fact.key],
    ...withBreaks([
      ...duplicatePayment(orderIdOf(key), order, extra),
      ...(isOther(order.placed, extra, goods) ? [orderDiffers(orderIdOf(key))] : []),
    ]),
  };
  const writes = [tell(fact, eventId, paidText({ fee_minor, goods }))];
  const later = { told, extra, effects, writes };
  if (sale === undefined) return paidLater(event, anew, later);
  const tellings = tellingsOf(told, { payment_id, goods });
  const is = restated({ ...later, key, occurred_ms, anew, tellings }, sale);
  if (is.kind === "stays") return paidLater(event, { ...anew, sale: is.sale }, later);
  // Its returns wait beside it, whichever payment it is that cannot be priced yet.
  return is.kind === "waits" ? { ...is, ...namedBy(data) } : is;
}

interface Later {
  readonly told: Told;
  readonly extra: Extra;
  readonly effects: Effects;
  readonly writes: readonly Write[];
}

/** A payment as money without goods. */
const extraOf = ({ data, occurredAtMs }: Payment): Extra => ({
  payment_id: data.payment_id,
  currency: data.currency,
  amount_minor: data.amount_minor,
  fee_minor: data.fee_minor ?? null,
  ...(data.fee_minor === undefined ? {} : { fee_ms: occurredAtMs }),
  paid_ms: occurredAtMs,
});

/** The money of a payment that buys nothing. */
function postMoney({ payment_id, currency, amount_minor, fee_minor }: Extra) {
  const money = { currency, reference: payment_id };
  return [
    ...postUnapplied({ ...money, amount_minor }),
    ...postFee({ ...money, amount_minor: fee_minor ?? 0 }),
  ];
}

function paidLater(event: Payment, after: OrderState, later: Later): Act {
  const { told, extra, effects, writes } = later;
  const { order: before } = told;
  const transfers = postMoney(extra);
  const change = { key: event.key, before, after, changed: [], writes, closed: closedIn(told) };
  return { kind: "effect", ...changedOrder({ ...change, effects: { transfers, ...effects } }) };
}
