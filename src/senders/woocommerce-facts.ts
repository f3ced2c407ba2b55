import type { EventType } from "../core/contracts/catalogue.ts";
import { parseInstant } from "../core/contracts/instant.ts";
import type { JsonObject } from "../core/json.ts";
import type { Fact } from "./read/facts.ts";
import { itemsOf, type Loose, looseOf, textOf, told } from "./read/loose.ts";
import { decimalText } from "./read/pick.ts";
import { metaOf, minorOf, saleOf } from "./woocommerce-sale.ts";

/** What of a delivery decides its meaning. */
interface WooEvent {
  /** `order.updated`. It is not signed, so no translation may rest on it alone. */
  readonly topic: string;
  readonly subject: Loose;
  readonly options: JsonObject;
  readonly receivedAtMs: number;
}

/** One thing that a delivery tells. */
export interface Told {
  /** What tells it from the others of the delivery; the first one needs nothing. */
  readonly part?: string;
  readonly occurredAtMs: number | undefined;
  /** The fact, or a sentence saying why there is none. */
  readonly fact: Fact | string;
}

/** An order's statuses: https://woocommerce.com/document/managing-orders/order-statuses/ */
const STATUSES = {
  paid: new Set<unknown>(["processing", "completed", "refunded"]),
  open: new Set<unknown>(["pending", "on-hold", "processing"]),
};

/**
 * What a delivery tells. An order is sent whole whenever it changes, so each delivery tells all of
 * it that we have a word for, again and again: its payment, and every refund so far. Nothing is
 * tried twice by the shop, and so the next change tells what a lost delivery would have.
 */
export function tellingsOf(event: WooEvent): readonly Told[] {
  const { topic, subject } = event;
  const [resource = "", verb] = topic.split(".");
  // Of what is deleted no moment is told, and no delivery of it comes twice.
  if (verb === "deleted") return [only(gapOf(resource, subject), event.receivedAtMs)];
  const read = READERS.get(resource);
  if (read !== undefined) return read(event);
  return [only(`No event of ours says "${topic}": switch it off, or write a rule`, undefined)];
}

const READERS: ReadonlyMap<string, (event: WooEvent) => readonly Told[]> = new Map([
  ["order", readOrder],
  ["subscription", (event) => [only(changeAutoship(event), modifiedOf(event.subject))]],
  ["customer", (event) => [only(readCustomer(event), changedAt(event.subject))]],
  ["product", (event) => [only(adjustInventory(event), modifiedOf(event.subject))]],
]);

const only = (fact: Fact | string, occurredAtMs: number | undefined): Told => ({
  occurredAtMs,
  fact,
});

/** `2026-07-25T17:20:31`, which is UTC and does not say so. */
export const gmtOf = (text: unknown): number | undefined =>
  typeof text === "string" ? parseInstant(`${text}Z`) : undefined;

const modifiedOf = (subject: Loose): number | undefined => gmtOf(subject["date_modified_gmt"]);

/** A customer that was never changed has no date of it. */
const changedAt = (subject: Loose): number | undefined =>
  modifiedOf(subject) ?? gmtOf(subject["date_created_gmt"]);

const NO_ORDER = "This is no order: does the topic fit?";

function readOrder(event: WooEvent): readonly Told[] {
  const { subject } = event;
  const { status } = subject;
  // A subscription has all of an order's members besides its own, and is no payment.
  if (subject["billing_period"] !== undefined) return [only(NO_ORDER, undefined)];
  if (typeof status !== "string" || typeof subject["currency"] !== "string") {
    return [only(NO_ORDER, undefined)];
  }
  const modifiedMs = modifiedOf(subject);
  const refunds = itemsOf(subject["refunds"]).map(looseOf);
  const paid = isPaid(subject) ? [only(confirmPayment(event), paidAt(subject))] : [];
  const tellings: Told[] = [
    ...paid,
    ...refunds.map((refund, place) => ({
      part: `refund:${textOf(refund["id"]) ?? `#${place}`}`,
      occurredAtMs: modifiedMs,
      fact: completeRefund(refund, event),
    })),
  ];
  if (status === "cancelled") {
    const fact = cancelOrder(event);
    tellings.push({ part: "cancelled", occurredAtMs: modifiedMs, fact });
  }
  return tellings.length > 0 ? tellings : [only(readUnpaid(event), modifiedMs)];
}

/**
 * Whether money has come. Goods for cash on delivery are processed before: such an order has no
 * date of payment. Where that member is left out altogether, the status has to do.
 */
function isPaid({ status, date_paid_gmt: paidGmt }: Loose): boolean {
  if (paidGmt === undefined) return STATUSES.paid.has(status);
  return typeof paidGmt === "string" && paidGmt !== "";
}

const paidAt = (order: Loose): number | undefined =>
  gmtOf(order["date_paid_gmt"]) ?? changedAt(order);

/** An id of this shop's, told apart from the same number of another shop of the tenant. */
function ownId(id: unknown, { options }: WooEvent): string | undefined {
  const text = textOf(id);
  return text === undefined ? undefined : `${textOf(options["prefix"]) ?? ""}${text}`;
}

const NO_TRANSACTION =
  "The order has no transaction_id, by which options.payment_id calls its payment: see it in the shop";

const isByTransaction = ({ options }: WooEvent): boolean => options["payment_id"] === "transaction";

/**
 * What a payment is called has to stay: a transaction may be written into an order long after it
 * was paid, and would be a second payment. Only a source that asks for it has the provider's name.
 */
const paymentIdOf = (event: WooEvent): string | undefined =>
  isByTransaction(event)
    ? textOf(event.subject["transaction_id"])
    : ownId(event.subject["id"], event);

function confirmPayment(event: WooEvent): Fact | string {
  const { subject, options } = event;
  const paymentId = paymentIdOf(event);
  if (paymentId === undefined && isByTransaction(event)) return NO_TRANSACTION;
  const sale = saleOf(subject, options);
  const isWhole =
    sale.net_minor !== undefined && sale.cv_x100 !== undefined && sale.source_node !== undefined;
  return fact("payment.confirmed", {
    payment_id: paymentId,
    order_id: ownId(subject["id"], event),
    ...money(subject["total"], subject["currency"]),
    ...(isWhole ? sale : {}),
  });
}

/** The shop writes what it paid back as a negative amount: one without the sign is no refund. */
function completeRefund(refund: Loose, event: WooEvent): Fact | string {
  const { subject: order } = event;
  const paymentId = paymentIdOf(event);
  if (paymentId === undefined && isByTransaction(event)) return NO_TRANSACTION;
  const total = negated(decimalText(refund["total"]));
  return fact("refund.completed", {
    refund_id: ownId(refund["id"], event),
    payment_id: paymentId,
    order_id: ownId(order["id"], event),
    ...money(total, order["currency"]),
  });
}

const negated = (decimal: string): string =>
  decimal.startsWith("-") ? decimal.slice(1) : `-${decimal}`;

const cancelOrder = (event: WooEvent): Fact =>
  fact("order.cancelled", {
    order_id: ownId(event.subject["id"], event),
    reason: "cancelled in the shop",
  });

function readUnpaid(event: WooEvent): Fact | string {
  const { subject, options } = event;
  const { status } = subject;
  const order = { order_id: ownId(subject["id"], event) };
  if (status === "failed") {
    return fact("payment.failed", {
      ...order,
      payment_id: isByTransaction(event) ? paymentIdOf(event) : undefined,
      reason: "failed in the shop",
      // The shop does not number attempts: the second of the failure tells them apart.
      attempt: Math.floor((modifiedOf(subject) ?? 0) / 1000),
    });
  }
  if (!STATUSES.open.has(status)) return `An order that is "${textOf(status)}" is none of ours`;
  return fact("order.placed", {
    ...order,
    ...money(subject["total"], subject["currency"]),
    ...saleOf(subject, options),
  });
}

/** A customer is linked where the shop knows the distributor, and a lead until then. */
function readCustomer(event: WooEvent): Fact | string {
  const { subject, options } = event;
  const { id, role, username } = subject;
  if (role === undefined && username === undefined) {
    return "This is no customer: does the topic fit?";
  }
  const distributor = metaOf(subject, options["distributor_attribute"]);
  if (textOf(distributor) === undefined) {
    const fields = told({ role, is_paying_customer: subject["is_paying_customer"] });
    const crm = ownId("woocommerce", event);
    return fact("lead.upserted", { crm, object_id: textOf(id), fields });
  }
  const since = gmtOf(subject["date_created_gmt"]);
  return fact("customer.linked", {
    customer_id: ownId(id, event),
    enroller_id: textOf(distributor),
    effective_at: since === undefined ? undefined : `${textOf(subject["date_created_gmt"])}Z`,
  });
}

const OVER: ReadonlySet<unknown> = new Set(["cancelled", "expired", "switched", "trash"]);

/** Of the extension WooCommerce Subscriptions; a date it does not have is empty. */
function changeAutoship(event: WooEvent): Fact | string {
  const { subject } = event;
  const { id, status, next_payment_date_gmt: next } = subject;
  if (subject["billing_period"] === undefined)
    return "This is no subscription: does the topic fit?";
  const isKnown = !OVER.has(status) && gmtOf(next) !== undefined;
  const isOver = OVER.has(status) || status === "pending-cancel";
  if (!isKnown && !isOver) return gapOf("subscription", subject);
  const nextRun = isOver ? null : `${textOf(next)}Z`;
  const data = { ...told({ autoship_id: ownId(id, event), status }), next_run: nextRun };
  return { type: "autoship.changed", data };
}

function adjustInventory({ topic, subject }: WooEvent): Fact | string {
  const sku = textOf(subject["sku"]);
  if (subject["manage_stock"] !== true || sku === undefined) {
    return "The shop does not count this product, or it has no SKU";
  }
  return fact("inventory.adjusted", { sku, on_hand: subject["stock_quantity"], reason: topic });
}

/** What only says where to look: of what is deleted nothing but the id is told. */
function gapOf(resource: string, { id }: Loose): Fact | string {
  const pk = textOf(id);
  if (pk === undefined) return "The event does not name what it is about";
  return { type: "cdc.gap", data: { table: `woocommerce:${resource}`, pks: [pk] } };
}

/** What is no amount of the currency is handed on as it is: the contract says what is wrong. */
const money = (amount: unknown, currency: unknown): Loose => ({
  currency,
  amount_minor: minorOf(amount, currency) ?? amount,
});

/** What the shop left out is left out here. */
const fact = (type: EventType, data: Loose): Fact => ({ type, data: told(data) });
