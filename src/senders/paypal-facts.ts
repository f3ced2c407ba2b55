import type { EventType } from "../core/contracts/catalogue.ts";
import { parseInstant } from "../core/contracts/instant.ts";
import type { JsonObject } from "../core/json.ts";
import { fromDecimal } from "../core/money.ts";
import type { Fact } from "./read/facts.ts";
import { itemsOf, type Loose, looseOf, textOf, told } from "./read/loose.ts";

/** What of a webhook event decides its meaning. */
interface PaypalEvent {
  readonly type: string;
  readonly occurredAtMs: number;
  readonly resource: Loose;
  readonly options: JsonObject;
}

/** The fact, or a sentence saying why this event tells none. */
type Translate = (event: PaypalEvent) => Fact | string;

const saying =
  (sentence: string): Translate =>
  () =>
    sentence;

/** https://developer.paypal.com/api/rest/webhooks/event-names/ */
const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ["PAYMENT.CAPTURE.COMPLETED", confirmPayment],
  ["PAYMENT.CAPTURE.PENDING", saying("No money yet: PAYMENT.CAPTURE.COMPLETED or DENIED follows")],
  ["PAYMENT.CAPTURE.DENIED", failPayment],
  ["PAYMENT.CAPTURE.DECLINED", failPayment],
  ["PAYMENT.CAPTURE.REFUNDED", completeRefund],
  ["PAYMENT.CAPTURE.REVERSED", reversePayment],
  ["PAYMENT.SALE.COMPLETED", confirmPayment],
  ["PAYMENT.SALE.PENDING", saying("No money yet: PAYMENT.SALE.COMPLETED or DENIED follows")],
  ["PAYMENT.SALE.DENIED", failPayment],
  ["PAYMENT.SALE.REFUNDED", completeRefund],
  ["PAYMENT.SALE.REVERSED", reversePayment],
  ["PAYMENT.AUTHORIZATION.CREATED", saying("An authorisation moves no money: its capture does")],
  ["PAYMENT.AUTHORIZATION.VOIDED", saying("An authorisation moved no money")],
  ["CHECKOUT.ORDER.APPROVED", saying("Approved and not captured: no money has moved")],
  // Told twice, with its fee and without, it would be two payments that differ.
  ["CHECKOUT.ORDER.COMPLETED", saying("PAYMENT.CAPTURE.COMPLETED tells this: subscribe to that")],
  ["CHECKOUT.ORDER.DECLINED", failOrder],
  ["CHECKOUT.PAYMENT-APPROVAL.REVERSED", failOrder],
  ["CHECKOUT.ORDER.VOIDED", cancelOrder],
  ["CUSTOMER.DISPUTE.CREATED", openDispute],
  ["CUSTOMER.DISPUTE.UPDATED", openDispute],
  ["CUSTOMER.DISPUTE.RESOLVED", closeDispute],
  ["BILLING.SUBSCRIPTION.CREATED", changeSubscription],
  ["BILLING.SUBSCRIPTION.ACTIVATED", changeSubscription],
  ["BILLING.SUBSCRIPTION.RE-ACTIVATED", changeSubscription],
  ["BILLING.SUBSCRIPTION.UPDATED", changeSubscription],
  ["BILLING.SUBSCRIPTION.SUSPENDED", changeSubscription],
  ["BILLING.SUBSCRIPTION.CANCELLED", changeSubscription],
  ["BILLING.SUBSCRIPTION.EXPIRED", changeSubscription],
  ["BILLING.SUBSCRIPTION.PAYMENT.FAILED", failSubscription],
]);

/** What a PayPal event says in our words. Money is not judged here: the contract does that. */
export const translatePaypal: Translate = (event) => {
  const translate = TRANSLATIONS.get(event.type);
  if (translate !== undefined) return translate(event);
  return `No event of ours says "${event.type}": unsubscribe from it, or map it in options.rules`;
};

/** What is paid back later was paid before: a state of today does not deny the event. */
const PAID: ReadonlySet<string> = new Set(["COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"]);

function confirmPayment({ resource }: PaypalEvent): Fact | string {
  const state = stateOf(resource)?.toUpperCase() ?? "COMPLETED";
  if (!PAID.has(state)) return `The payment is ${state}, not completed`;
  const money = moneyOf(resource["amount"]);
  return fact("payment.confirmed", {
    payment_id: resource["id"],
    order_id: paidOrderOf(resource),
    ...money,
    fee_minor: feeOf(resource, money["currency"]),
  });
}

/** PayPal does not number attempts: the second of the failure tells them apart. */
function failPayment({ resource, occurredAtMs }: PaypalEvent): Fact {
  const { reason } = looseOf(resource["status_details"]);
  return fact("payment.failed", {
    payment_id: resource["id"],
    order_id: paidOrderOf(resource),
    reason: reason ?? resource["reason_code"] ?? stateOf(resource) ?? "denied",
    attempt: secondOf(occurredAtMs),
  });
}

/** A refund names its payment in v1, and in v2 only by the link to it. */
function completeRefund({ resource }: PaypalEvent): Fact | string {
  const state = stateOf(resource)?.toUpperCase();
  if (state === "PENDING" || state === "FAILED" || state === "CANCELLED") {
    return `The refund is ${state}, not completed`;
  }
  return refundOf(resource);
}

/** PayPal took the money back by itself: a returned bank debit, or a dispute that is lost. */
function reversePayment({ resource, options }: PaypalEvent): Fact | string {
  if (isToldByDispute(options)) {
    return "The dispute tells this as a chargeback (options.money_back); without one, refund it";
  }
  return refundOf(resource);
}

/** By its payment alone: what stands in `custom_id` may be another order than the mapping's. */
function refundOf(resource: Loose): Fact {
  return fact("refund.completed", {
    refund_id: resource["id"],
    payment_id: refundedPaymentOf(resource),
    ...returnedOf(resource["amount"]),
  });
}

const PAYMENT_PATH = /\/(?:captures?|sale)\/([^/?#]+)$/;

function refundedPaymentOf(resource: Loose): unknown {
  const named = resource["sale_id"] ?? resource["capture_id"];
  if (named !== undefined) return named;
  const paths = itemsOf(resource["links"]).map((link) => {
    const { rel, href } = looseOf(link);
    return rel === "self" || typeof href !== "string" ? undefined : PAYMENT_PATH.exec(href)?.[1];
  });
  return paths.find((id) => id !== undefined);
}

const APPROVAL_REVERSED = "The buyer's approval was reversed";

function failOrder({ type, resource, occurredAtMs }: PaypalEvent): Fact {
  return fact("payment.failed", {
    order_id: orderIdOf(firstOf(resource["purchase_units"])),
    reason: type === "CHECKOUT.ORDER.DECLINED" ? "declined" : APPROVAL_REVERSED,
    attempt: secondOf(occurredAtMs),
  });
}

function cancelOrder({ resource }: PaypalEvent): Fact {
  const orderId = orderIdOf(firstOf(resource["purchase_units"]));
  return fact("order.cancelled", { order_id: orderId, reason: "Voided at PayPal" });
}

/** An inquiry is talk between buyer and seller: PayPal has taken no side and no money. */
function openDispute({ resource, options }: PaypalEvent): Fact | string {
  const silence = silenceOf(resource, options);
  if (silence !== undefined) return silence;
  if (resource["status"] === "RESOLVED") return "CUSTOMER.DISPUTE.RESOLVED tells its outcome";
  return fact("chargeback.opened", {
    ...disputeOf(resource),
    ...moneyOf(resource["dispute_amount"]),
  });
}

/** Who keeps the money: https://developer.paypal.com/docs/api/customer-disputes/v1/#disputes_get */
const OUTCOMES: ReadonlyMap<unknown, "won" | "lost"> = new Map([
  ["RESOLVED_BUYER_FAVOUR", "lost"],
  ["RESOLVED_SELLER_FAVOUR", "won"],
  ["RESOLVED_WITH_PAYOUT", "won"],
  ["CANCELED_BY_BUYER", "won"],
]);

function closeDispute({ resource, options }: PaypalEvent): Fact | string {
  const silence = silenceOf(resource, options);
  if (silence !== undefined) return silence;
  const outcome = OUTCOMES.get(looseOf(resource["dispute_outcome"])["outcome_code"]);
  if (outcome === undefined) return "The dispute's outcome does not tell who keeps the money";
  const { currency } = moneyOf(resource["dispute_amount"]);
  return fact("chargeback.closed", {
    ...disputeOf(resource),
    outcome,
    currency,
    fee_refunded_minor: 0,
  });
}

function silenceOf(resource: Loose, options: JsonObject): string | undefined {
  if (!isToldByDispute(options)) {
    return "PAYMENT.CAPTURE.REVERSED takes the money back: see options.money_back for disputes";
  }
  if (resource["dispute_life_cycle_stage"] !== "INQUIRY") return undefined;
  return "An inquiry moves no money: not a chargeback";
}

const isToldByDispute = (options: JsonObject): boolean => options["money_back"] === "dispute";

function disputeOf(resource: Loose): Loose {
  const transaction = firstOf(resource["disputed_transactions"]);
  return {
    dispute_id: resource["dispute_id"],
    payment_id: transaction["seller_transaction_id"],
  };
}

const ENDED: ReadonlySet<unknown> = new Set(["CANCELLED", "EXPIRED"]);

/**
 * What has ended runs never again, even where PayPal still shows the date it would have had. One
 * that lives and shows none is not approved yet, or suspended: when it runs has to be asked.
 */
function changeSubscription({ resource }: PaypalEvent): Fact | string {
  const { status } = resource;
  const id = textOf(resource["id"]);
  if (id === undefined) return "The event does not name its subscription";
  const next = ENDED.has(status) ? null : looseOf(resource["billing_info"])["next_billing_time"];
  if (next === undefined || (next === null && !ENDED.has(status))) {
    return fact("cdc.gap", { table: "paypal:subscriptions", pks: [id] });
  }
  const data = told({ autoship_id: id, status });
  return { type: "autoship.changed", data: { ...data, next_run: next } };
}

/**
 * No order comes of a cycle that was not paid: the subscription stands for it. PayPal counts
 * failures anew after each payment, so it is their second that tells attempts apart.
 */
function failSubscription({ resource, occurredAtMs }: PaypalEvent): Fact {
  const failed = looseOf(looseOf(resource["billing_info"])["last_failed_payment"]);
  const failedAtMs = parseInstant(textOf(failed["time"]) ?? "");
  return fact("payment.failed", {
    order_id: resource["id"],
    reason: failed["reason_code"] ?? "failed",
    attempt: secondOf(failedAtMs ?? occurredAtMs),
  });
}

/**
 * Orders and payments of v2 say `currency_code` and `value`, those of v1 `currency` and `total`:
 * decimal text. What is no amount is handed on, and refused; so is one below nothing.
 */
function moneyOf(amount: unknown): Loose {
  const { currency_code, currency = currency_code, value, total = value } = looseOf(amount);
  if (typeof total !== "string" || typeof currency !== "string") {
    return { currency, amount_minor: total };
  }
  return { currency, amount_minor: fromDecimal(total, currency) ?? total };
}

/** v1 writes what flows back with a minus; v2 does not, and there it would be no refund. */
function returnedOf(amount: unknown): Loose {
  const { total } = looseOf(amount);
  if (typeof total !== "string") return moneyOf(amount);
  return moneyOf({ ...looseOf(amount), total: total.replace(/^-/, "") });
}

/** What PayPal keeps, where it keeps it in the payment's currency. */
function feeOf(resource: Loose, paidIn: unknown): unknown {
  const { paypal_fee: fee } = looseOf(resource["seller_receivable_breakdown"]);
  const { currency, amount_minor: feeMinor } = moneyOf(fee ?? resource["transaction_fee"]);
  return currency === paidIn && typeof feeMinor === "number" ? feeMinor : undefined;
}

/** The shop's own name of its order: v2 in custom_id or invoice_id, v1 in custom or invoice_number. */
const orderIdOf = (resource: Loose): string | undefined =>
  ["custom_id", "custom", "invoice_id", "invoice_number"]
    .map((name) => textOf(resource[name]))
    .find((id) => id !== undefined);

/**
 * Every payment of a subscription repeats the `custom` it began with, and each is an order of its
 * own: where it has no invoice, the payment's id stands for that.
 */
const paidOrderOf = (resource: Loose): unknown =>
  resource["billing_agreement_id"] === undefined
    ? orderIdOf(resource)
    : (textOf(resource["invoice_number"]) ?? resource["id"]);

const stateOf = (resource: Loose): string | undefined =>
  textOf(resource["status"]) ?? textOf(resource["state"]);

const secondOf = (ms: number): number => Math.max(0, Math.floor(ms / 1000));

const firstOf = (list: unknown): Loose => looseOf(itemsOf(list)[0]);

/** What PayPal left out is left out here. */
const fact = (type: EventType, data: Loose): Fact => ({ type, data: told(data) });
