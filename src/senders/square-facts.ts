import type { EventType } from "../core/contracts/catalogue.ts";
import { parseInstant, parseInstantOrDay } from "../core/contracts/instant.ts";
import type { Fact } from "./read/facts.ts";
import { itemsOf, type Loose, looseOf, textOf, told } from "./read/loose.ts";
import { instantText } from "./read/pick.ts";

/** What of a notification decides its meaning. */
interface SquareEvent {
  readonly type: string;
  /** Of the object that changed, where Square names one. */
  readonly id: string | null | undefined;
  /** `data.object`: the object under its own name. */
  readonly object: Loose;
  readonly createdAt: string;
}

/** One thing that a notification tells. */
interface Told {
  /** When it happened, where that is not when it was told. */
  readonly at?: string;
  /** Which of several things this is about, for the source's rules. */
  readonly about?: Loose;
  /** The fact, or a sentence saying why there is none. */
  readonly fact: Fact | string;
}

/** The objects of `data.object` that are taken, by the name they stand under. */
const TRANSLATIONS: ReadonlyMap<string, (subject: Loose) => Fact | string> = new Map([
  ["payment", readPayment],
  ["refund", readRefund],
  ["dispute", readDispute],
  ["order_created", readOrder],
  ["order_updated", readOrder],
  ["subscription", changeAutoship],
  ["customer", readCustomer],
]);

/** The names of objects of which a change can be fetched, where the notification tells too little. */
const TABLES: ReadonlyMap<string, string> = new Map([
  ["customer", "square:customers"],
  ["order", "square:orders"],
]);

/** What a notification tells, one for each count of an inventory and one of all else. */
export function tellingsOf(event: SquareEvent): readonly Told[] {
  const { type, id, object } = event;
  if (type === "inventory.count.updated") return readCounts(event);
  const [family = "", verb] = type.split(".");
  const table = TABLES.get(family);
  if (verb === "deleted" && table !== undefined) {
    return [{ fact: textOf(id) === undefined ? NAMELESS : gap(table, id) }];
  }
  const name = Object.keys(object).find((key) => key.startsWith(family));
  const translate = TRANSLATIONS.get(name ?? "");
  if (name === undefined || translate === undefined) {
    return [{ fact: `No event of ours says "${type}": unsubscribe from it, or write a rule` }];
  }
  const subject = looseOf(object[name]);
  return [{ ...momentAt(subject["updated_at"]), fact: translate(subject) }];
}

const momentAt = (text: unknown): { readonly at?: string } =>
  typeof text === "string" && parseInstant(text) !== undefined ? { at: text } : {};

const NAMELESS = "The notification does not name what it is about";

/**
 * A payment is told whenever it changes, also after it was completed: by then only what stays the
 * same is told, or the same payment would have two stories. Its fees come later, so they are not.
 */
function readPayment(payment: Loose): Fact | string {
  const { status } = payment;
  const [payment_id, order_id] = [textOf(payment["id"]), textOf(payment["order_id"])];
  if (status === "COMPLETED") {
    const paid = money(payment["total_money"] ?? payment["amount_money"]);
    return fact("payment.confirmed", { payment_id, order_id, ...paid });
  }
  if (status !== "FAILED") return `The payment is ${text(status)}: not completed, not failed`;
  const [error] = itemsOf(looseOf(payment["card_details"])["errors"]).map(looseOf);
  const reason = error?.["code"] ?? "unknown";
  // Each attempt is a payment of its own.
  return fact("payment.failed", { payment_id, order_id, reason, attempt: 1 });
}

/** Its `order_id` is that of an order Square makes for the return, not the one that was paid. */
function readRefund(refund: Loose): Fact | string {
  const { status } = refund;
  if (status !== "COMPLETED") return `The refund is ${text(status)}, not completed`;
  return fact("refund.completed", {
    refund_id: textOf(refund["id"]),
    payment_id: textOf(refund["payment_id"]),
    ...money(refund["amount_money"]),
  });
}

const CLOSED: ReadonlyMap<unknown, string> = new Map([
  ["WON", "won"],
  ["LOST", "lost"],
  ["ACCEPTED", "lost"],
]);
const OPEN: ReadonlySet<unknown> = new Set(["EVIDENCE_REQUIRED", "PROCESSING"]);

/**
 * Square asks no fee for a dispute, its inquiries move no money, and of the parts of the amount it
 * knows nothing: https://developer.squareup.com/docs/disputes-api/overview
 */
function readDispute(dispute: Loose): Fact | string {
  const { state } = dispute;
  const outcome = CLOSED.get(state);
  const parties = {
    dispute_id: textOf(dispute["dispute_id"]) ?? textOf(dispute["id"]),
    payment_id: textOf(looseOf(dispute["disputed_payment"])["payment_id"]),
  };
  const taken = money(dispute["amount_money"]);
  if (outcome !== undefined) {
    const { currency } = taken;
    return fact("chargeback.closed", { ...parties, outcome, currency, fee_refunded_minor: 0 });
  }
  if (!OPEN.has(state)) return `The dispute is ${text(state)}: it moves no money`;
  return fact("chargeback.opened", { ...parties, ...taken, fee_minor: 0 });
}

/** Notifications of orders name them and their state, nothing of what was bought. */
function readOrder(order: Loose): Fact | string {
  const id = textOf(order["order_id"]);
  if (id === undefined) return NAMELESS;
  if (order["state"] !== "CANCELED") return gap("square:orders", id);
  return fact("order.cancelled", { order_id: id, reason: "cancelled at Square" });
}

const DAY_MS = 86_400_000;
const OVER: ReadonlySet<unknown> = new Set(["CANCELED", "DEACTIVATED", "COMPLETED"]);

/** It is billed the day after the one it is paid through; one that is paused has no such day. */
function changeAutoship(subscription: Loose): Fact | string {
  const { status } = subscription;
  const id = textOf(subscription["id"]);
  if (id === undefined) return NAMELESS;
  const rev = textOf(subscription["version"]);
  const next = OVER.has(status) ? null : nextRunOf(subscription);
  if (next === undefined) return gap("square:subscriptions", id);
  const data = told({ autoship_id: id, status });
  return {
    type: "autoship.changed",
    data: { ...data, next_run: next },
    ...(rev === undefined ? {} : { rev }),
  };
}

function nextRunOf(subscription: Loose): string | undefined {
  const { status, start_date: start, charged_through_date: through } = subscription;
  if (status === "PENDING") return textOf(start);
  if (status !== "ACTIVE" || typeof through !== "string") return undefined;
  const throughMs = parseInstantOrDay(through);
  if (throughMs === undefined) return undefined;
  // Nothing can write the day after the last of the year 9999.
  return instantText(throughMs + DAY_MS)?.slice(0, "2026-01-31".length);
}

function readCustomer(customer: Loose): Fact | string {
  const { version, creation_source } = customer;
  const rev = textOf(version);
  const data = told({
    crm: "square",
    object_id: textOf(customer["id"]),
    fields: told({ creation_source, reference_id: customer["reference_id"] }),
  });
  return { type: "lead.upserted", data, ...(rev === undefined ? {} : { rev }) };
}

/** Several articles may be counted at once, and each in several states. */
function readCounts({ object }: SquareEvent): readonly Told[] {
  const counts = itemsOf(object["inventory_counts"]).map(looseOf);
  if (counts.length === 0) return [{ fact: "The notification tells no count" }];
  return counts.map((count) => ({
    ...momentAt(count["calculated_at"]),
    about: { count },
    fact: readCount(count),
  }));
}

function readCount(count: Loose): Fact | string {
  if (count["state"] !== "IN_STOCK") return `Of articles ${text(count["state"])} no stock is told`;
  const quantity = textOf(count["quantity"]) ?? "";
  return fact("inventory.adjusted", {
    sku: textOf(count["catalog_object_id"]),
    location: textOf(count["location_id"]),
    on_hand: /^-?\d{1,15}$/.test(quantity) ? Number(quantity) : quantity,
    reason: "counted at Square",
  });
}

/** `{amount, currency}` in the smallest unit: https://developer.squareup.com/docs/build-basics/common-data-types/working-with-monetary-amounts */
function money(amount: unknown): Loose {
  const { amount: amount_minor, currency } = looseOf(amount);
  return { amount_minor, currency };
}

const text = (word: unknown): string => textOf(word) ?? "without a state";

const gap = (table: string, id: unknown): Fact => ({
  type: "cdc.gap",
  data: { table, pks: [id] },
});

/** What Square left out is left out here. */
const fact = (type: EventType, data: Loose): Fact => ({ type, data: told(data) });
