import type { EventType } from "../core/contracts/catalogue.ts";
import { parseInstant } from "../core/contracts/instant.ts";
import { fromDecimal } from "../core/money.ts";
import type { Fact } from "./read/facts.ts";
import { itemsOf, type Loose, looseOf, textOf, told } from "./read/loose.ts";
import { decimalText } from "./read/pick.ts";

/** What of a webhook decides its meaning. */
interface BillingEvent {
  readonly type: string;
  readonly occurredAtMs: number;
  /** `subscription`, `payment`, `invoice`, `refund`, each where the event is about one. */
  readonly data: Loose;
}

/** https://www.zoho.com/billing/api/v1/events/ */
const PAID = new Set(["payment_thankyou", "payment_succeeded"]);
const DECLINED = new Set(["payment_declined", "payment_failed"]);
const REFUNDED = new Set(["payment_refunded", "refund_created", "refund_succeeded"]);

/** Where nothing is billed until somebody does something about it. */
const RESTING = new Set([
  "cancelled",
  "cancelled_from_dunning",
  "creation_failed",
  "expired",
  "expired_from_dunning",
  "non_renewing",
  "paused",
  "trial_cancelled",
  "trial_expired",
]);

/** `2026-07-25T19:20:31+0200`: RFC 3339, had its offset a colon. What has no offset is no moment. */
export function zohoInstant(text: unknown): number | undefined {
  if (typeof text !== "string") return undefined;
  return parseInstant(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
}

/** What an event says in our words, or a sentence why it says nothing. */
export function translateBilling(event: BillingEvent): Fact | string {
  const { type } = event;
  if (PAID.has(type)) return confirmPayment(event);
  if (DECLINED.has(type)) return failPayment(event);
  if (REFUNDED.has(type)) return completeRefund(event);
  if (type.startsWith("subscription_")) return changeAutoship(event);
  return `No event of ours says "${type}": say in options.rules what it is, and when it occurred`;
}

/**
 * The state a subscription is in after the event. Its own time of change is the revision where it
 * is told, as two events of one change then are one.
 */
function changeAutoship({ type, occurredAtMs, data }: BillingEvent): Fact | string {
  if (type === "subscription_deleted") return "A subscription that is gone tells no status";
  const subscription = looseOf(data["subscription"]);
  const status = subscription["status"];
  const isResting = typeof status === "string" && RESTING.has(status);
  const changedAtMs = zohoInstant(subscription["updated_time"]) ?? occurredAtMs;
  const next = isResting ? null : textOf(subscription["next_billing_at"]);
  const known = told({ autoship_id: subscription["subscription_id"], status });
  return {
    type: "autoship.changed",
    // Null is told, and nothing is not: it never runs again, as opposed to who knows when.
    data: next === undefined ? known : { ...known, next_run: next },
    rev: String(Math.max(0, changedAtMs)),
  };
}

/** Each invoice is an order. A payment of several is several, and Zoho gives it one id. */
function confirmPayment({ data }: BillingEvent): Fact | string {
  const payment = looseOf(data["payment"]);
  const status = textOf(payment["status"]) ?? "success";
  if (!["success", "paid"].includes(status)) return `The payment is ${status}: no money came`;
  const invoices = invoicesOf(data);
  if (invoices.length > 1) {
    return `The payment is of ${invoices.length} invoices: say in options.rules which order it pays`;
  }
  return fact("payment.confirmed", {
    payment_id: payment["payment_id"],
    order_id: invoices[0],
    ...money(payment["amount"], payment["currency_code"]),
  });
}

/** Zoho does not number attempts: the second of the failure tells them apart. */
function failPayment({ data, occurredAtMs }: BillingEvent): Fact {
  const payment = looseOf(data["payment"]);
  const transaction = looseOf(payment["autotransaction"]);
  return fact("payment.failed", {
    payment_id: payment["payment_id"],
    order_id: invoicesOf(data)[0],
    reason: textOf(transaction["gateway_error_message"]) ?? textOf(payment["status"]) ?? "declined",
    attempt: Math.max(0, Math.floor(occurredAtMs / 1000)),
  });
}

/** A payment tells the sum of its refunds alone, from which no single one can be made. */
function completeRefund({ data }: BillingEvent): Fact | string {
  const [refund, payment] = [looseOf(data["refund"]), looseOf(data["payment"])];
  if (refund["refund_id"] === undefined) {
    return "Tells no refund by its id: say in options.rules how it is told";
  }
  const status = textOf(refund["status"]) ?? "success";
  if (status !== "success") return `The refund is ${status}: no money went back`;
  return fact("refund.completed", {
    refund_id: refund["refund_id"],
    payment_id: refund["payment_id"] ?? payment["payment_id"],
    ...money(refund["amount"], refund["currency_code"] ?? payment["currency_code"]),
  });
}

const invoicesOf = ({ payment, invoice }: Loose): readonly unknown[] => {
  const listed = itemsOf(looseOf(payment)["invoices"]).map((one) => looseOf(one)["invoice_id"]);
  const own = looseOf(invoice)["invoice_id"];
  return listed.length > 0 || own === undefined ? listed : [own];
};

/** Amounts are decimals of the currency, as JSON numbers: what does not fit its minor unit stays. */
function money(amount: unknown, currency: unknown): Loose {
  const code = typeof currency === "string" ? currency : "";
  return { currency, amount_minor: fromDecimal(decimalText(amount), code) ?? amount };
}

const fact = (type: EventType, data: Loose): Fact => ({ type, data: told(data) });
