import type { EventType } from "../core/contracts/catalogue.ts";
import { parseInstant } from "../core/contracts/instant.ts";
import { fromDecimal } from "../core/money.ts";
import type { JsonObject } from "../core/json.ts";
import type { Fact } from "./read/facts.ts";
import { itemsOf, type Loose, looseOf, textOf, told } from "./read/loose.ts";
import { decimalText } from "./read/pick.ts";
import { saleOf, sumOf } from "./shopify-sale.ts";

/** What of a delivery decides its meaning. */
interface ShopifyEvent {
  /** `orders/paid`. It is not signed, so no translation may rest on it alone. */
  readonly topic: string;
  readonly subject: Loose;
  readonly options: JsonObject;
  /** The object's id from the headers of the newer events. */
  readonly resource?: string | undefined;
}

/** The fact, or a sentence saying why this event tells none. */
type Translate = (event: ShopifyEvent) => Fact | string;

const PRIVACY = "the privacy desk has to act within 30 days, and to confirm who it is";

const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ["orders/paid", confirmPayment],
  ["orders/create", placeOrder],
  ["orders/cancelled", cancelOrder],
  ["orders/delete", gapOf("shopify:orders")],
  ["order_transactions/create", readTransaction],
  ["refunds/create", completeRefund],
  ["disputes/create", readDispute],
  ["disputes/update", readDispute],
  ["customers/create", readCustomer],
  ["customers/update", readCustomer],
  ["customers/delete", gapOf("shopify:customers")],
  ["inventory_levels/update", adjustInventory],
  ["customers/redact", () => `Shopify asks to erase a customer: ${PRIVACY}`],
  ["customers/data_request", () => `A customer asks for the data held: ${PRIVACY}`],
  ["shop/redact", () => `Shopify asks to erase all data of a shop: ${PRIVACY}`],
  ["app/uninstalled", () => "The shop removed the app: nothing comes from it until it is back"],
]);

const CONTRACT = /^subscription_contracts\/[a-z]+$/;
/** `Order/update`: topics of the newer events are named in the singular, after their object. */
const EVENT = /^([A-Z][A-Za-z]*)(?:\/[a-z]+)?$/;

/** What an object is by its own id, which is signed: topics are not. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["orders", "Order"],
  ["order_transactions", "OrderTransaction"],
  ["refunds", "Refund"],
  ["customers", "Customer"],
  ["subscription_contracts", "SubscriptionContract"],
]);

export const translateShopify: Translate = (event) => {
  const [family = ""] = event.topic.split("/");
  const [kind, gid] = [KINDS.get(family), event.subject["admin_graphql_api_id"]];
  if (kind !== undefined && typeof gid === "string" && !gid.includes(`/${kind}/`)) {
    return `The body is none of "${event.topic}": somebody changed the topic on the way`;
  }
  const translate = TRANSLATIONS.get(event.topic);
  if (translate !== undefined) return translate(event);
  if (CONTRACT.test(event.topic)) return changeAutoship(event);
  const [, object] = EVENT.exec(event.topic) ?? [];
  if (object !== undefined) return gapOf(`shopify:${object}`)(event);
  return `No event of ours says "${event.topic}": unsubscribe from it, or write a rule`;
};

/** Where the moment of an event stands in its body, where that is not `updated_at`. */
const MOMENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["orders/create", ["created_at"]],
  ["orders/cancelled", ["cancelled_at"]],
  ["refunds/create", ["processed_at"]],
  ["order_transactions/create", ["processed_at"]],
  ["disputes/create", ["initiated_at"]],
  ["disputes/update", ["finalized_on", "initiated_at"]],
]);

/** When it happened, by the body alone: that is what was signed. */
export function momentOf(topic: string, subject: Loose): number | undefined {
  return [...(MOMENTS.get(topic) ?? []), "updated_at", "created_at"]
    .map((member) => subject[member])
    .map((value) => (typeof value === "string" ? parseInstant(value) : undefined))
    .find((ms) => ms !== undefined);
}

/** Of an order that was paid some time. */
const PAID: ReadonlySet<unknown> = new Set(["paid", "partially_refunded", "refunded"]);

/** Bogus orders look like any other: only a source of a shop under test may take them. */
function isTest({ subject, options }: ShopifyEvent): boolean {
  return subject["test"] === true && options["test_orders"] !== true;
}

const TEST = "A test order moves no money: set options.test_orders where they are wanted";

/**
 * The order stands for its payment: neither this body nor a refund's tells the transaction that
 * paid. An order placed but unpaid, sent again under this topic, is not believed.
 */
function confirmPayment(event: ShopifyEvent): Fact | string {
  const { subject, options } = event;
  if (!PAID.has(subject["financial_status"])) return "The order does not say that it is paid";
  if (isTest(event)) return TEST;
  const sale = saleOf(subject, options);
  const isWhole =
    sale.net_minor !== undefined && sale.cv_x100 !== undefined && sale.source_node !== undefined;
  return fact("payment.confirmed", {
    payment_id: textOf(subject["id"]),
    order_id: textOf(subject["id"]),
    ...money(subject["total_price"], subject["currency"]),
    ...(isWhole ? sale : {}),
  });
}

function placeOrder(event: ShopifyEvent): Fact | string {
  const { subject, options } = event;
  if (subject["financial_status"] === undefined) return "This is no order: does the topic fit?";
  if (isTest(event)) return TEST;
  return fact("order.placed", {
    order_id: textOf(subject["id"]),
    ...money(subject["total_price"], subject["currency"]),
    ...saleOf(subject, options),
  });
}

function cancelOrder(event: ShopifyEvent): Fact | string {
  const { subject } = event;
  if (typeof subject["cancelled_at"] !== "string") {
    return "The order does not say that it is cancelled";
  }
  if (isTest(event)) return TEST;
  const reason = subject["cancel_reason"] ?? "unknown";
  return fact("order.cancelled", { order_id: textOf(subject["id"]), reason });
}

const PAYING: ReadonlySet<unknown> = new Set(["sale", "capture", "authorization"]);

/** What pays tells orders/paid; what failed tells nobody else. */
function readTransaction(event: ShopifyEvent): Fact | string {
  const { subject } = event;
  const { status } = subject;
  if (status !== "failure" && status !== "error") {
    return "Of transactions only failed ones are taken: orders/paid and refunds/create tell the rest";
  }
  if (!PAYING.has(subject["kind"])) {
    return "What failed is no payment: see the order in the shop";
  }
  if (isTest(event)) return TEST;
  return fact("payment.failed", {
    payment_id: textOf(subject["id"]),
    order_id: textOf(subject["order_id"]),
    reason: subject["error_code"] ?? "unknown",
    // Each attempt is a transaction of its own.
    attempt: 1,
  });
}

/** The parts are told only where they are the amount: not where prices include the tax. */
function completeRefund(event: ShopifyEvent): Fact | string {
  const { subject } = event;
  const refunds = itemsOf(subject["transactions"])
    .map(looseOf)
    .filter(({ kind }) => kind === "refund");
  if (refunds.some((refund) => isTest({ ...event, subject: refund }))) return TEST;
  const paid = refunds.filter(({ status }) => status === "success");
  const [first] = paid;
  if (first === undefined) return "The refund has paid nothing back, or not yet";
  if (refunds.some(({ status }) => status === "pending")) {
    return "Part of the refund is still on its way: confirm it in the shop, then write it";
  }
  const { currency } = first;
  if (paid.some((refund) => refund["currency"] !== currency)) {
    return "The refund was paid in several currencies: see the order in the shop";
  }
  const amount = sumOf(paid, "amount", currency);
  const orderId = textOf(subject["order_id"]);
  return fact("refund.completed", {
    refund_id: textOf(subject["id"]),
    payment_id: orderId,
    order_id: orderId,
    currency,
    amount_minor: amount ?? first["amount"],
    ...refundParts(subject, currency, amount),
  });
}

function refundParts(refund: Loose, currency: unknown, amount: number | undefined): Loose {
  const lines = itemsOf(refund["refund_line_items"]).map(looseOf);
  const adjustments = itemsOf(refund["order_adjustments"]).map(looseOf);
  const [net, lineTax] = [sumOf(lines, "subtotal", currency), sumOf(lines, "total_tax", currency)];
  // Adjustments are negative: what the shop gave up.
  const given = adjustments.filter(({ kind }) => kind === "shipping_refund");
  const [shipping, shippingTax] = [
    sumOf(given, "amount", currency),
    sumOf(given, "tax_amount", currency),
  ];
  if (net === undefined || lineTax === undefined) return {};
  if (shipping === undefined || shippingTax === undefined) return {};
  const [tax_minor, shipping_minor] = [lineTax - shippingTax, 0 - shipping];
  if (net + tax_minor + shipping_minor !== amount) return {};
  return { net_minor: net, tax_minor, shipping_minor };
}

const CLOSED: ReadonlyMap<unknown, string> = new Map([
  ["won", "won"],
  ["lost", "lost"],
  ["accepted", "lost"],
]);

/** Shopify tells neither the parts of the amount nor the fee: the source's mapping has to. */
function readDispute({ subject }: ShopifyEvent): Fact | string {
  const { type, status } = subject;
  if (type !== "chargeback") return "An inquiry moves no money: not a chargeback";
  const orderId = textOf(subject["order_id"]);
  const dispute = { dispute_id: textOf(subject["id"]), payment_id: orderId, order_id: orderId };
  const outcome = CLOSED.get(status);
  if (outcome === undefined) {
    return fact("chargeback.opened", {
      ...dispute,
      ...money(subject["amount"], subject["currency"]),
    });
  }
  return fact("chargeback.closed", {
    ...dispute,
    outcome,
    currency: subject["currency"],
    // A fee is given back only to who wins.
    fee_refunded_minor: outcome === "lost" ? 0 : undefined,
  });
}

/** A customer is linked where the shop knows the distributor, and a lead until then. */
function readCustomer({ subject, options }: ShopifyEvent): Fact | string {
  if (subject["created_at"] === undefined) return "This is no customer: does the topic fit?";
  const id = textOf(subject["id"]);
  const wanted = options["distributor_attribute"];
  const fields = itemsOf(subject["metafields"]).map(looseOf);
  const distributor = fields.find(({ key }) => key === wanted && wanted !== undefined)?.["value"];
  if (textOf(distributor) !== undefined) {
    return fact("customer.linked", {
      customer_id: id,
      enroller_id: textOf(distributor),
      effective_at: subject["created_at"],
    });
  }
  const { state, tags } = subject;
  return fact("lead.upserted", { crm: "shopify", object_id: id, fields: told({ state, tags }) });
}

const OVER: ReadonlySet<unknown> = new Set(["cancelled", "expired", "failed"]);

/** Contracts tell no date: one that goes on has to be fetched to know when it runs next. */
function changeAutoship({ subject }: ShopifyEvent): Fact | string {
  const [id, rev] = [textOf(subject["id"]), textOf(subject["revision_id"])];
  const { status } = subject;
  if (id === undefined || rev === undefined) return "This is no contract: does the topic fit?";
  const isOver = OVER.has(textOf(status)?.toLowerCase());
  const next = subject["next_billing_date"];
  if (!isOver && typeof next !== "string") {
    return { type: "cdc.gap", data: { table: "shopify:subscription_contracts", pks: [id] } };
  }
  const data = { autoship_id: id, next_run: isOver ? null : next, status };
  return { type: "autoship.changed", data, rev };
}

function adjustInventory({ topic, subject }: ShopifyEvent): Fact | string {
  if (subject["available"] === null) return "The shop does not count this article";
  return fact("inventory.adjusted", {
    sku: textOf(subject["inventory_item_id"]),
    location: textOf(subject["location_id"]),
    on_hand: subject["available"],
    reason: topic,
  });
}

/** What only says where to look. */
function gapOf(table: string): Translate {
  return ({ subject, resource }) => {
    const pk = textOf(subject["id"]) ?? resource;
    if (pk === undefined) return "The event does not name what it is about";
    return { type: "cdc.gap", data: { table, pks: [pk] } };
  };
}

/** What is no amount of the currency is handed on as it is: the contract says what is wrong. */
const money = (amount: unknown, currency: unknown): Loose => ({
  currency,
  amount_minor:
    typeof currency === "string" ? (fromDecimal(decimalText(amount), currency) ?? amount) : amount,
});

/** What Shopify left out is left out here. */
const fact = (type: EventType, data: Loose): Fact => ({ type, data: told(data) });
