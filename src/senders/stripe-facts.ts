import type { EventType } from "../core/contracts/catalogue.ts";
import type { JsonObject } from "../core/json.ts";
import type { Fact } from "./read/facts.ts";
import { type Loose, looseOf, textOf, told as toldOnly } from "./read/loose.ts";

/** What of a snapshot event decides its meaning. */
interface StripeEvent {
  readonly type: string;
  readonly createdS: number;
  /** `data.object`: a payment intent, charge, refund or dispute, by the event's type. */
  readonly subject: Loose;
  readonly previous: Loose;
  readonly options: JsonObject;
}

/** The fact, or a sentence saying why this event tells none. */
type Translate = (event: StripeEvent) => Fact | string;

/**
 * Amounts of Stripe are ISO 4217 minor units but for four currencies. ISK and UGX have no minor
 * unit, yet Stripe keeps two decimals for them; MGA has one, which Stripe leaves out. (HUF and TWD
 * are special in payouts alone.) https://docs.stripe.com/currencies#special-cases
 */
const ISO_PER_STRIPE: ReadonlyMap<string, readonly [times: number, over: number]> = new Map([
  ["ISK", [1, 100]],
  ["UGX", [1, 100]],
  ["MGA", [100, 1]],
]);

const INTEGER_TEXT = /^\d{1,15}$/;

/** What a shop may put into `metadata`; integers are ISO minor units, points hundredths. */
const METADATA_INTEGERS = ["net_minor", "tax_minor", "shipping_minor", "fee_minor", "cv_x100"];
const METADATA_TEXTS = ["source_node", "order_kind"];

const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ["payment_intent.succeeded", confirmPayment],
  ["payment_intent.payment_failed", failPayment],
  ["charge.refunded", onlyWhereRefundsAre("charge", refundCharge)],
  ["refund.created", onlyWhereRefundsAre("refund", completeRefund)],
  ["refund.updated", onlyWhereRefundsAre("refund", completeRefund)],
  ["charge.dispute.created", openChargeback],
  // An inquiry that is escalated is told by this alone; of another dispute it is told twice, alike.
  ["charge.dispute.funds_withdrawn", openChargeback],
  ["charge.dispute.closed", closeChargeback],
]);

/** What a Stripe event says in our words. Money is not judged here: the contract does that. */
export const translateStripe: Translate = (event) => {
  const translate = TRANSLATIONS.get(event.type);
  return translate === undefined ? `No event of ours says "${event.type}"` : translate(event);
};

function confirmPayment({ subject, options }: StripeEvent): Fact {
  return fact("payment.confirmed", {
    payment_id: subject["id"],
    order_id: orderIdOf(subject, options),
    ...money(subject["amount_received"], subject["currency"]),
    ...metadataParts(subject, [...METADATA_INTEGERS, ...METADATA_TEXTS]),
  });
}

/** Stripe does not number attempts: the second of the failure tells them apart. */
function failPayment({ subject, createdS, options }: StripeEvent): Fact {
  const error = looseOf(subject["last_payment_error"]);
  return fact("payment.failed", {
    payment_id: subject["id"],
    order_id: orderIdOf(subject, options),
    reason: error["decline_code"] ?? error["code"] ?? error["type"] ?? "unknown",
    attempt: createdS,
  });
}

/** What each kind of event says where `options.refunds` names the other one. */
const REFUNDED_ELSEWHERE = {
  charge: "refund.created or refund.updated tells this refund, as options.refunds has it",
  refund: 'charge.refunded tells this refund: set options.refunds to "refund" to take it from here',
};

/**
 * Charges and refunds name one refund differently: both taken, the same money would go back twice.
 */
function onlyWhereRefundsAre(teller: "charge" | "refund", translate: Translate): Translate {
  return (event) =>
    (event.options["refunds"] ?? "charge") === teller
      ? translate(event)
      : REFUNDED_ELSEWHERE[teller];
}

/**
 * A charge names its refunds only in old API versions. Otherwise the refund is what was added to
 * `amount_refunded`, and the sum it was added up to is its name.
 */
function refundCharge({ subject, previous }: StripeEvent): Fact | string {
  const paymentId = subject["payment_intent"];
  if (typeof paymentId !== "string") return "The charge belongs to no payment intent";

  const refunds = looseOf(subject["refunds"])["data"];
  const newest = Array.isArray(refunds) ? looseOf(refunds[0]) : {};
  if (typeof newest["id"] === "string") {
    const { status } = newest;
    if (status !== undefined && status !== null && status !== "succeeded") {
      return `The refund is ${wordOf(status)}: only with options.refunds "refund" its outcome is told`;
    }
    return refund(newest["id"], paymentId, { ...newest, currency: subject["currency"] });
  }

  const [total, before] = [subject["amount_refunded"], previous["amount_refunded"]];
  if (
    typeof total !== "number" ||
    typeof before !== "number" ||
    typeof subject["id"] !== "string"
  ) {
    return "The charge does not tell what was refunded this time";
  }
  const told = { amount: total - before, currency: subject["currency"] };
  return refund(`${subject["id"]}:${total}`, paymentId, told);
}

function completeRefund({ subject }: StripeEvent): Fact | string {
  const { id, payment_intent: paymentId, status } = subject;
  if (status !== "succeeded") return `The refund is ${wordOf(status)}, not succeeded`;
  if (typeof id !== "string" || typeof paymentId !== "string") {
    return "The refund belongs to no payment intent";
  }
  return refund(id, paymentId, subject);
}

const refund = (refundId: string, paymentId: string, told: Loose): Fact =>
  fact("refund.completed", {
    refund_id: refundId,
    payment_id: paymentId,
    ...money(told["amount"], told["currency"]),
    ...metadataParts(told, ["net_minor", "tax_minor", "shipping_minor"]),
  });

/** An inquiry (`warning_…`) is no chargeback: Stripe takes no money for it. */
function openChargeback({ subject }: StripeEvent): Fact | string {
  const { status, payment_intent: paymentId } = subject;
  if (typeof paymentId !== "string") return "The dispute belongs to no payment intent";
  if (textOf(status)?.startsWith("warning_")) {
    return "An inquiry moves no money: charge.dispute.funds_withdrawn tells if it is escalated";
  }

  const fees = disputeFees(subject);
  return fact("chargeback.opened", {
    dispute_id: subject["id"],
    payment_id: paymentId,
    ...money(subject["amount"], subject["currency"]),
    ...metadataParts(subject, ["net_minor", "tax_minor", "shipping_minor"]),
    fee_minor: fees.length === 0 ? undefined : sum(fees.filter((fee) => fee > 0)),
  });
}

function closeChargeback({ subject }: StripeEvent): Fact | string {
  const { status } = subject;
  if (status !== "won" && status !== "lost") return `The dispute is ${wordOf(status)}: no outcome`;
  return fact("chargeback.closed", {
    dispute_id: subject["id"],
    payment_id: subject["payment_intent"],
    outcome: status,
    currency: money(0, subject["currency"])["currency"],
    fee_refunded_minor: sum(disputeFees(subject).map((fee) => (fee < 0 ? -fee : 0))),
  });
}

/** The fees of a dispute, those given back negative; known where taken in the dispute's currency. */
function disputeFees(dispute: Loose): readonly number[] {
  const listed = dispute["balance_transactions"];
  const transactions: readonly unknown[] = Array.isArray(listed) ? listed : [];
  return transactions
    .map(looseOf)
    .filter(({ currency }) => currency === dispute["currency"])
    .map(({ fee, currency }) => money(fee, currency)["amount_minor"])
    .filter((fee) => typeof fee === "number");
}

const sum = (amounts: readonly number[]): number =>
  amounts.reduce((total, amount) => total + amount, 0);

/** Currencies come in lower case. What is no whole minor unit stays a fraction, and is refused. */
function money(amount: unknown, currency: unknown): Loose {
  if (typeof amount !== "number" || typeof currency !== "string") {
    return { amount_minor: amount, currency };
  }
  const code = currency.toUpperCase();
  const [times, over] = ISO_PER_STRIPE.get(code) ?? [1, 1];
  return { amount_minor: (amount * times) / over, currency: code };
}

function orderIdOf(subject: Loose, options: JsonObject): unknown {
  const key = options["order_id_metadata_key"];
  return looseOf(subject["metadata"])[typeof key === "string" ? key : "order_id"];
}

function metadataParts(subject: Loose, names: readonly string[]): Loose {
  const metadata = looseOf(subject["metadata"]);
  const parts: Record<string, unknown> = {};
  for (const name of names) {
    const value = metadata[name];
    if (typeof value !== "string" || value === "") continue;
    if (METADATA_TEXTS.includes(name)) parts[name] = value;
    else if (INTEGER_TEXT.test(value)) parts[name] = Number(value);
  }
  return parts;
}

/** For a sentence: JSON may hold what no text can be made of. */
const wordOf = (status: unknown): string => textOf(status) ?? "without a status";

/** What Stripe left out is left out here. */
const fact = (type: EventType, data: Loose): Fact => ({ type, data: toldOnly(data) });
