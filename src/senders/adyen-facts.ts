import type { EventType } from "../core/contracts/catalogue.ts";
import type { JsonObject } from "../core/json.ts";
import type { Fact } from "./read/facts.ts";
import { type Loose, told } from "./read/loose.ts";

/** The proven part of an item: see `adyen-items.ts`. */
interface AdyenItem {
  readonly eventCode: string;
  readonly success: string;
  /** Of what this item tells: the payment itself, or its refund, capture or dispute. */
  readonly pspReference: string;
  /** Of the payment, where the item is about something done to it. */
  readonly originalReference?: string | null | undefined;
  readonly merchantReference?: string | null | undefined;
  readonly amount?:
    | { readonly value?: number | null | undefined; readonly currency?: string | null | undefined }
    | null
    | undefined;
}

/** The fact, or a sentence saying why this item tells none. */
type Translate = (item: AdyenItem, options: JsonObject) => Fact | string;

/**
 * Amounts of Adyen are ISO 4217 minor units but for four currencies: CLP and ISK have no minor
 * unit, yet Adyen keeps two decimals for them; CVE and IDR have two, which Adyen leaves out.
 * https://docs.adyen.com/development-resources/currency-codes
 */
const ISO_PER_ADYEN: ReadonlyMap<string, readonly [times: number, over: number]> = new Map([
  ["CLP", [1, 100]],
  ["ISK", [1, 100]],
  ["CVE", [100, 1]],
  ["IDR", [100, 1]],
]);

const NOT_YET = "Nothing has moved yet: another item tells the outcome";
const BY_HAND = "What was told before does not hold: put it right by hand";

/** https://docs.adyen.com/development-resources/webhooks/webhook-types */
const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ["AUTHORISATION", authorise],
  ["CAPTURE", capture],
  ["CAPTURE_FAILED", failCapture],
  ["CANCELLATION", cancel],
  ["TECHNICAL_CANCEL", cancel],
  ["OFFER_CLOSED", closeOffer],
  ["REFUND", refund],
  ["REFUND_FAILED", () => `Adyen could not pay the refund back. ${BY_HAND}`],
  ["REFUNDED_REVERSED", () => `The refund came back from the shopper's bank. ${BY_HAND}`],
  ["CANCEL_OR_REFUND", () => "Whether it was cancelled or refunded is not signed: see the payment"],
  ["CHARGEBACK", openChargeback],
  ["CHARGEBACK_REVERSED", closeChargeback("won")],
  ["PREARBITRATION_WON", closeChargeback("won")],
  ["PREARBITRATION_LOST", closeChargeback("lost")],
  ["SECOND_CHARGEBACK", () => `The chargeback was won, and lost again. ${BY_HAND}`],
  ["NOTIFICATION_OF_CHARGEBACK", () => NOT_YET],
  ["REQUEST_FOR_INFORMATION", () => NOT_YET],
]);

export const translateAdyen: Translate = (item, options) => {
  const translate = TRANSLATIONS.get(item.eventCode);
  if (translate !== undefined) return translate(item, options);
  return `No event of ours says "${item.eventCode}": switch it off, or write a rule`;
};

const isCaptured = (options: JsonObject): boolean => options["paid_on"] === "capture";

function authorise(item: AdyenItem, options: JsonObject): Fact | string {
  const payment = { payment_id: item.pspReference, order_id: item.merchantReference };
  if (item.success !== "true") {
    // Why is not signed; each attempt is a payment of its own.
    return fact("payment.failed", { ...payment, reason: "refused", attempt: 1 });
  }
  if (item.amount?.value === 0) return "An authorisation of nothing only looks at a card";
  if (isCaptured(options)) return "Authorised and not captured: CAPTURE tells when it is paid";
  return fact("payment.confirmed", { ...payment, ...money(item) });
}

/** A capture may have a reference of its own: told beside the authorisation it could pay twice. */
function capture(item: AdyenItem, options: JsonObject): Fact | string {
  if (item.success !== "true") return failCapture(item, options);
  if (!isCaptured(options)) {
    return "AUTHORISATION told this payment: switch CAPTURE off, or set options.paid_on to capture";
  }
  return fact("payment.confirmed", {
    payment_id: item.originalReference,
    order_id: item.merchantReference,
    ...money(item),
  });
}

function failCapture(item: AdyenItem, options: JsonObject): Fact | string {
  if (!isCaptured(options)) return `The capture failed, the money will not come. ${BY_HAND}`;
  return fact("payment.failed", {
    payment_id: item.originalReference,
    order_id: item.merchantReference,
    reason: "capture failed",
    attempt: 1,
  });
}

/** An authorisation that was told as paid cannot be taken back by cancelling its order. */
function cancel(item: AdyenItem, options: JsonObject): Fact | string {
  if (item.success !== "true") return "The payment could not be cancelled: it stands";
  if (!isCaptured(options)) return `The payment was cancelled, the money will not come. ${BY_HAND}`;
  const reason = "payment cancelled at Adyen";
  return fact("order.cancelled", { order_id: item.merchantReference, reason });
}

function closeOffer(item: AdyenItem): Fact {
  return fact("payment.failed", {
    payment_id: item.pspReference,
    order_id: item.merchantReference,
    reason: "offer closed",
    attempt: 1,
  });
}

function refund(item: AdyenItem): Fact | string {
  if (item.success !== "true") return "The refund was refused: nothing was paid back";
  return fact("refund.completed", {
    refund_id: item.pspReference,
    payment_id: item.originalReference,
    ...money(item),
  });
}

/** Neither the parts of the amount nor the fee are told: the source's mapping has to. */
function openChargeback(item: AdyenItem): Fact {
  return fact("chargeback.opened", {
    dispute_id: item.pspReference,
    payment_id: item.originalReference,
    ...money(item),
  });
}

/** All items of one dispute have its reference: https://docs.adyen.com/risk-management/disputes-api/dispute-notifications */
function closeChargeback(outcome: "won" | "lost"): Translate {
  return (item) =>
    fact("chargeback.closed", {
      dispute_id: item.pspReference,
      payment_id: item.originalReference,
      outcome,
      currency: item.amount?.currency,
      // A fee is given back only to who wins.
      fee_refunded_minor: outcome === "lost" ? 0 : undefined,
    });
}

/** What is no whole minor unit stays a fraction, and is refused. */
function money({ amount }: AdyenItem): Loose {
  const { value, currency } = amount ?? {};
  const [times, over] = ISO_PER_ADYEN.get(currency ?? "") ?? [1, 1];
  const isAmount = typeof value === "number";
  return { amount_minor: isAmount ? (value * times) / over : undefined, currency };
}

/** What Adyen left out, or wrote as "", is left out here. */
const fact = (type: EventType, data: Loose): Fact => ({
  type,
  data: told(Object.fromEntries(Object.entries(data).filter(([, value]) => value !== ""))),
});
