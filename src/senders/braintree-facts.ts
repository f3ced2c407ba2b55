import type { EventType } from "../core/contracts/catalogue.ts";
import { fromDecimal } from "../core/money.ts";
import type { Fact } from "./read/facts.ts";
import { itemsOf, type Loose, looseOf, textOf, told } from "./read/loose.ts";
import { decimalText } from "./read/pick.ts";

/** The fact, or a sentence saying why this notification tells none. */
type Translate = (subject: Loose, kind: string) => Fact | string;

/** https://developer.paypal.com/braintree/docs/reference/general/webhooks/overview */
const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ["subscription_charged_successfully", (subject) => confirmPayment(chargeIn(subject))],
  ["subscription_charged_unsuccessfully", failCharge],
  ["subscription_canceled", changeAutoship("Canceled")],
  ["subscription_expired", changeAutoship("Expired")],
  ["subscription_trial_ended", changeAutoship("Active")],
  ["subscription_went_active", changeAutoship("Active")],
  ["subscription_went_past_due", changeAutoship("Past Due")],
  ["subscription_billing_skipped", changeAutoship("Active")],
  ["transaction_disbursed", ({ transaction }) => settle(looseOf(transaction))],
  ["transaction_settled", ({ transaction }) => settle(looseOf(transaction))],
  ["transaction_settlement_declined", ({ transaction }) => failPayment(looseOf(transaction))],
  ["local_payment_funded", fundLocal],
  ["dispute_opened", openChargeback],
  ["dispute_won", closeChargeback("won")],
  ["dispute_lost", closeChargeback("lost")],
  ["dispute_accepted", closeChargeback("lost")],
  ["dispute_auto_accepted", closeChargeback("lost")],
  ["dispute_expired", closeChargeback("lost")],
  ["refund_failed", () => "A refund told before could not be paid back: put it right by hand"],
  ["local_payment_reversed", () => "The money of this payment went back: see it at Braintree"],
]);

export function translateBraintree(kind: string, subject: Loose): Fact | string {
  const translate = TRANSLATIONS.get(kind);
  if (translate !== undefined) return translate(subject, kind);
  return `No event of ours says "${kind}": switch it off, or write a rule`;
}

/** The newest charge comes first. */
function chargeIn(subject: Loose): Loose {
  return looseOf(itemsOf(looseOf(subject["subscription"])["transactions"])[0]);
}

const NO_CHARGE = "The notification names no transaction: see the subscription at Braintree";

function confirmPayment(transaction: Loose): Fact | string {
  if (textOf(transaction["id"]) === undefined) return NO_CHARGE;
  return fact("payment.confirmed", {
    payment_id: textOf(transaction["id"]),
    order_id: textOf(transaction["order_id"]),
    ...money(transaction["amount"], transaction),
  });
}

/** A credit is a refund where it names what it pays back. */
function settle(transaction: Loose): Fact | string {
  if (transaction["type"] !== "credit") return confirmPayment(transaction);
  const paymentId = textOf(transaction["refunded_transaction_id"]);
  if (paymentId === undefined) return "A credit that refunds no payment";
  return fact("refund.completed", {
    refund_id: textOf(transaction["id"]),
    payment_id: paymentId,
    ...money(transaction["amount"], transaction),
  });
}

function fundLocal(subject: Loose): Fact | string {
  return confirmPayment(looseOf(looseOf(subject["local_payment_funded"])["transaction"]));
}

function failCharge(subject: Loose): Fact | string {
  return failPayment(chargeIn(subject));
}

/** Each attempt is a transaction of its own. */
function failPayment(transaction: Loose): Fact | string {
  if (textOf(transaction["id"]) === undefined) return NO_CHARGE;
  return fact("payment.failed", {
    payment_id: textOf(transaction["id"]),
    order_id: textOf(transaction["order_id"]),
    reason: transaction["processor_response_code"] ?? transaction["status"] ?? "unknown",
    attempt: 1,
  });
}

const OVER: ReadonlySet<string> = new Set(["Canceled", "Expired"]);

/** `status` is what the kind means, where the subscription does not say it. */
function changeAutoship(status: string): Translate {
  return ({ subscription: told_ }) => {
    const subscription = looseOf(told_);
    const [id, next] = [textOf(subscription["id"]), textOf(subscription["next_billing_date"])];
    if (id === undefined) return "The notification names no subscription";
    if (!OVER.has(status) && next === undefined) {
      return { type: "cdc.gap", data: { table: "braintree:subscriptions", pks: [id] } };
    }
    const data = { autoship_id: id, status: textOf(subscription["status"]) ?? status };
    const next_run = OVER.has(status) ? null : next;
    return { type: "autoship.changed", data: { ...data, next_run } };
  };
}

/** A retrieval only asks for documents. Of a chargeback neither the parts of the amount nor the fee are told. */
function openChargeback(subject: Loose): Fact | string {
  const dispute = looseOf(subject["dispute"]);
  const kind = textOf(dispute["kind"]) ?? "unknown";
  if (kind !== "chargeback") return `A dispute of kind ${kind}: see at Braintree what it asks`;
  return fact("chargeback.opened", {
    ...partiesOf(dispute),
    ...money(dispute["amount_disputed"] ?? dispute["amount"], dispute),
  });
}

function closeChargeback(outcome: "won" | "lost"): Translate {
  return (subject) => {
    const dispute = looseOf(subject["dispute"]);
    const kind = textOf(dispute["kind"]) ?? "chargeback";
    if (kind !== "chargeback") return `A dispute of kind ${kind}: see at Braintree what came of it`;
    return fact("chargeback.closed", {
      ...partiesOf(dispute),
      outcome,
      currency: dispute["currency_iso_code"],
      // A fee is given back only to who wins.
      fee_refunded_minor: outcome === "lost" ? 0 : undefined,
    });
  };
}

function partiesOf(dispute: Loose): Loose {
  const transaction = looseOf(dispute["transaction"]);
  return {
    dispute_id: textOf(dispute["id"]),
    payment_id: textOf(transaction["id"]),
    order_id: textOf(transaction["order_id"]),
  };
}

/** What is no amount of the currency is handed on as it is: the contract says what is wrong. */
function money(amount: unknown, { currency_iso_code: currency }: Loose): Loose {
  const minor =
    typeof currency === "string" ? fromDecimal(decimalText(amount), currency) : undefined;
  return { amount_minor: minor ?? amount, currency };
}

/** What Braintree left out, or wrote as nil, is left out here. */
const fact = (type: EventType, data: Loose): Fact => ({ type, data: told(data) });
