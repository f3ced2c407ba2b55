import type { EventType } from "../core/contracts/catalogue.ts";
import type { JsonObject } from "../core/json.ts";
import { fromDecimal } from "../core/money.ts";
import type { Fact } from "./read/facts.ts";
import { itemsOf, type Loose, looseOf, textOf, told as toldOf } from "./read/loose.ts";
import { decimalText } from "./read/pick.ts";

/** What of an event decides its meaning. */
interface PaymentsEvent {
  readonly type: string;
  readonly occurredAtMs: number;
  /** `event_object`: a payment or a refund under its own name. */
  readonly told: Loose;
  readonly options: JsonObject;
}

/** What an event says in our words, or a sentence why it says nothing. */
export function translatePayments(event: PaymentsEvent): Fact | string {
  switch (event.type) {
    case "payment.succeeded":
      return confirmPayment(event);
    case "payment.failed":
      return failPayment(event);
    case "refund.succeeded":
      return completeRefund(event);
    case "payment.pending":
    case "refund.failed":
      return `No money has moved by "${event.type}"`;
    case "payment_link.paid":
      return 'The payment of a link is told by "payment.succeeded": leave this event out at Zoho';
    default:
      return `No event of ours says "${event.type}": say in options.rules what it is`;
  }
}

function confirmPayment({ told }: PaymentsEvent): Fact {
  const payment = looseOf(told["payment"]);
  return fact("payment.confirmed", {
    payment_id: payment["payment_id"],
    order_id: orderIdOf(payment),
    ...money(payment["amount"], payment["currency"]),
  });
}

/** Zoho does not number attempts: the second of the failure tells them apart. */
function failPayment({ told, occurredAtMs }: PaymentsEvent): Fact {
  const payment = looseOf(told["payment"]);
  return fact("payment.failed", {
    payment_id: payment["payment_id"],
    order_id: orderIdOf(payment),
    reason: textOf(payment["failure_code"]) ?? textOf(payment["failure_reason"]) ?? "unknown",
    attempt: Math.floor(occurredAtMs / 1000),
  });
}

/** The documented refund names no currency: it is the payment's, and only the source knows it. */
function completeRefund({ told, options }: PaymentsEvent): Fact {
  const refund = looseOf(told["refund"]);
  return fact("refund.completed", {
    refund_id: refund["refund_id"],
    payment_id: refund["payment_id"],
    ...money(refund["amount"], refund["currency"] ?? options["refund_currency"]),
  });
}

/** What the merchant's checkout said of the order: metadata first, then the invoice. */
function orderIdOf(payment: Loose): unknown {
  const pairs = itemsOf(payment["meta_data"]).map(looseOf);
  const pair = pairs.find(({ key }) => key === "order_id");
  return textOf(pair?.["value"]) ?? textOf(payment["invoice_number"]);
}

/** Amounts are decimals of the currency: what does not fit its minor unit stays, and is refused. */
function money(amount: unknown, currency: unknown): Loose {
  const code = typeof currency === "string" ? currency : "";
  return { currency, amount_minor: fromDecimal(decimalText(amount), code) ?? amount };
}

const fact = (type: EventType, data: Loose): Fact => ({ type, data: toldOf(data) });
