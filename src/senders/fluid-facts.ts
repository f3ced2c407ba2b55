import type { EventType } from "../core/contracts/catalogue.ts";
import { parseInstant } from "../core/contracts/instant.ts";
import type { JsonObject } from "../core/json.ts";
import { fromDecimal, scaled } from "../core/money.ts";
import type { Fact } from "./read/facts.ts";
import { itemsOf, type Loose, looseOf, textOf, told } from "./read/loose.ts";
import { decimalText, instantText } from "./read/pick.ts";

/** What of a delivery decides its meaning. */
interface FluidEvent {
  /** `order_created`, …; `order_paid` of an order that says it is paid. */
  readonly type: string;
  /** The order, subscription, … the event is about. */
  readonly subject: Loose;
  readonly company: string | undefined;
  readonly occurredAtMs: number;
  readonly options: JsonObject;
}

type Translate = (event: FluidEvent) => Fact | string;

/** What Fluid's own reports count as paid: https://docs.fluid.app/api-reference */
const PAID: ReadonlySet<unknown> = new Set(["paid", "marked_paid", "partially_refunded"]);
/** After these an order may have been paid; a refund or cancellation tells its own story. */
const TOLD_PAID: ReadonlySet<string> = new Set([
  "order_created",
  "order_updated",
  "order_completed",
]);

/**
 * Whether an order's event says that it is paid: by its financial status, or by being completed
 * where it tells no status that says otherwise.
 */
export function isFluidOrderPaid(type: string, order: Loose): boolean {
  if (!TOLD_PAID.has(type)) return false;
  const status = order["financial_status"];
  if (textOf(status) !== undefined) return PAID.has(status);
  return type === "order_completed" && order["status"] !== "awaiting_payment";
}

const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ["order_created", placeOrder],
  ["order_paid", payOrder],
  ["order_completed", () => "The order is completed, but not paid: order_updated tells when it is"],
  ["order_updated", () => "The order was changed and is not paid: order_updated tells when it is"],
  ["order_cancelled", cancelOrder],
  ["order_canceled", cancelOrder],
  ["order_refunded", refundOrder],
  ["enrollment_completed", enrol],
  ["customer_created", linkOrLead("customer")],
  ["customer_updated", linkOrLead("customer")],
  ["contact_created", linkOrLead("contact")],
  ["contact_updated", linkOrLead("contact")],
  ...["started", "paused", "cancelled", "canceled", "billed", "declined", "resumed"].map(
    (event) => [`subscription_${event}`, changeAutoship(event)] as const,
  ),
  ["user_created", look("user")],
  ["user_updated", look("user")],
  ["member_created", look("member")],
  ["member_updated", look("member")],
]);

/** What a Fluid event says in our words. Money is not judged here: the contract does that. */
export const translateFluid: Translate = (event) =>
  TRANSLATIONS.get(event.type)?.(event) ??
  `No event of ours says "${event.type}": end the subscription, or say in options.rules what it is`;

function placeOrder(event: FluidEvent): Fact {
  const { subject } = event;
  return fact("order.placed", {
    order_id: textOf(subject["id"]),
    // The one class that Fluid's documents name; others are for the source's mapping.
    buyer_kind: subject["order_class"] === "customer_order" ? "customer" : undefined,
    source_node: repOf(subject),
    order_kind: orderKindOf(subject),
    ...amountsOf(event),
    ...volumesOf(subject),
  });
}

/** Of the sale behind the payment all is told, or nothing: a part of it could not be understood. */
function payOrder(event: FluidEvent): Fact {
  const { subject, options } = event;
  // Where the provider's own source tells payments, a second confirmation would book them twice.
  if (options["payments"] === "provider") return placeOrder(event);

  const id = textOf(subject["id"]);
  const { currency, amount_minor, ...parts } = amountsOf(event);
  const { cv_x100, pv_x100 } = volumesOf(subject);
  const source_node = repOf(subject);
  const isWhole =
    parts["net_minor"] !== undefined && cv_x100 !== undefined && source_node !== undefined;
  return fact("payment.confirmed", {
    payment_id: id,
    order_id: id,
    currency,
    amount_minor,
    ...(isWhole
      ? { ...parts, cv_x100, pv_x100, source_node, order_kind: orderKindOf(subject) }
      : {}),
  });
}

function cancelOrder({ subject }: FluidEvent): Fact {
  return fact("order.cancelled", {
    order_id: textOf(subject["id"]),
    reason: textOf(subject["cancel_reason"]) ?? textOf(subject["note"]) ?? "cancelled in Fluid",
  });
}

/** Fluid tells the order, not the refund: only one of the whole order can be told from that. */
function refundOrder(event: FluidEvent): Fact | string {
  const { subject } = event;
  const orderId = textOf(subject["id"]);
  const currency = currencyOf(event);
  const refund = looseOf(subject["refund"] ?? itemsOf(subject["refunds"]).at(-1));
  const refundId = textOf(refund["id"]);
  if (refundId !== undefined) {
    const { status } = refund;
    if (status !== undefined && status !== null && !isPaidBack(status)) {
      return `The refund is ${textOf(status) ?? "without a status"}, not completed: fetch it by GET /orders/{id}`;
    }
    const amount_minor = minorOf(refund["amount"], currency);
    const ids = { refund_id: refundId, payment_id: orderId, order_id: orderId };
    return fact("refund.completed", { ...ids, currency, amount_minor });
  }
  if (subject["financial_status"] !== "refunded") {
    return "Part of the order was refunded, and Fluid does not tell how much: fetch it by GET /orders/{id}";
  }
  return fact("refund.completed", {
    refund_id: orderId === undefined ? undefined : `${orderId}:refund`,
    payment_id: orderId,
    order_id: orderId,
    ...amountsOf(event),
  });
}

/** Fluid documents no statuses of refunds: only words that leave no doubt are taken. */
const PAID_BACK = /^(?:succeeded|success|completed?|processed|refunded)$/i;
const isPaidBack = (status: unknown): boolean => PAID_BACK.test(textOf(status) ?? "");

function enrol({ subject, occurredAtMs }: FluidEvent): Fact {
  const user = looseOf(subject["user"] ?? subject["member"]);
  const joined = textOf(subject["completed_at"]) ?? instantText(occurredAtMs);
  const pii = told({
    name: textOf(user["name"]),
    given_name: textOf(user["first_name"]),
    family_name: textOf(user["last_name"]),
    email: textOf(user["email"]),
    phone: textOf(user["phone"]),
  });
  return fact("distributor.enrolled", {
    distributor_id: textOf(user["external_id"]),
    sponsor_id: textOf(looseOf(subject["sponsor"])["external_id"]),
    status: "active",
    joined_at: joined,
    country: textOf(subject["country"]) ?? textOf(subject["country_code"]),
    pii: Object.keys(pii).length === 0 ? undefined : pii,
  });
}

/**
 * With a rep a customer hangs below that rep. Without one it is a lead, and the two kinds of
 * person have numbers of their own.
 */
function linkOrLead(kind: "customer" | "contact"): Translate {
  return ({ subject, company, occurredAtMs }) => {
    const id = textOf(subject["id"]);
    const rev = revOf(subject);
    if (subject["is_rep"] === true) {
      return "This customer is a distributor: the enrolment tells who sponsors them";
    }
    const rep = repOf(subject);
    if (kind === "customer" && rep !== undefined) {
      const since = textOf(subject["created_at"]) ?? instantText(occurredAtMs);
      const link = { customer_id: id, enroller_id: rep, effective_at: since };
      return { ...fact("customer.linked", link), ...rev };
    }
    const lead = {
      crm: company === undefined ? "fluid" : `fluid:${company}`,
      object_id: id === undefined ? undefined : `${kind}:${id}`,
      owner_id: rep,
      fields: fieldsOf(subject),
    };
    return { ...fact("lead.upserted", lead), ...rev };
  };
}

function changeAutoship(event: string): Translate {
  return ({ subject }) => {
    const isEnded = event.startsWith("cancel");
    const next = textOf(subject["next_bill_date"]);
    const data = fact("autoship.changed", {
      autoship_id: textOf(subject["subscription_token"]) ?? textOf(subject["id"]),
      status: textOf(subject["status"]) ?? event,
    });
    // Null is what says that it never runs again; a paused one may have no date either.
    const isUndated = isEnded || (event === "paused" && next === undefined);
    const run = isUndated ? { next_run: null } : told({ next_run: next });
    return { ...data, data: { ...data.data, ...run }, ...revOf(subject) };
  };
}

/** Somebody has to look: what changed is not ours to apply from here. */
function look(kind: string): Translate {
  return ({ subject }) => {
    const id = textOf(subject["id"]);
    return fact("cdc.gap", { table: `fluid:${kind}`, pks: id === undefined ? undefined : [id] });
  };
}

/** Fluid numbers reps; the company's own number of the distributor is `external_id`. */
const repOf = (subject: Loose): string | undefined =>
  textOf(looseOf(subject["rep"])["external_id"]);

function orderKindOf(order: Loose): string {
  if (textOf(order["enrollment_token"]) !== undefined) return "enrollment_kit";
  const words = `${textOf(order["order_type"]) ?? ""} ${textOf(order["order_class"]) ?? ""}`;
  return /subscription|autoship/i.test(words) ? "autoship" : "store";
}

function currencyOf({ subject, options }: FluidEvent): string | undefined {
  const code = textOf(subject["currency_code"]) ?? textOf(subject["currency"]);
  return code?.toUpperCase() ?? textOf(options["currency"]);
}

/** An amount in major units, as number or text. What is none is handed on for the contract to name. */
function minorOf(amount: unknown, currency: string | undefined): unknown {
  if (amount === undefined || amount === null || currency === undefined) return undefined;
  return fromDecimal(decimalText(amount), currency) ?? amount;
}

/**
 * The goods are what is left of the total after tax and shipping, so that prices with the tax in
 * them add up too. Where no total is told: the subtotal, which is before discounts, less these.
 * Net, tax and shipping are there together or not at all.
 */
function amountsOf(event: FluidEvent): Loose {
  const { subject } = event;
  const currency = currencyOf(event);
  const of = (...names: readonly string[]) =>
    names.map((name) => minorOf(subject[name], currency)).find((amount) => amount !== undefined);
  const stated = of("amount", "total");
  const parts = [of("tax"), of("shipping", "shipping_total"), of("discount") ?? 0];
  const [tax, shipping, discount] = parts;
  const subtotal = of("subtotal", "sub_total");
  if (!isAmount(tax) || !isAmount(shipping)) return { currency, amount_minor: stated };

  const goods = isAmount(subtotal) && isAmount(discount) ? subtotal - discount : undefined;
  const total = stated ?? (goods === undefined ? undefined : goods + tax + shipping);
  if (!isAmount(total) || total < tax + shipping) return { currency, amount_minor: total };
  const net_minor = total - tax - shipping;
  return { currency, amount_minor: total, net_minor, tax_minor: tax, shipping_minor: shipping };
}

const isAmount = (amount: unknown): amount is number => typeof amount === "number";

/** Volumes stand on the lines, for one unit each. A line without one leaves the order's unknown. */
function volumesOf(order: Loose): { readonly cv_x100?: number; readonly pv_x100?: number } {
  const lines = itemsOf(order["items"]).map(looseOf);
  const [cv, pv] = [sumOf(lines, "cv"), sumOf(lines, "qv")];
  return {
    ...(cv === undefined ? {} : { cv_x100: cv }),
    ...(pv === undefined ? {} : { pv_x100: pv }),
  };
}

function sumOf(lines: readonly Loose[], name: "cv" | "qv"): number | undefined {
  const points = lines.map((line) => {
    const whole = scaled(decimalText(line[`${name}_total`]), 2);
    const unit = scaled(decimalText(line[name]), 2);
    const quantity = scaled(decimalText(line["quantity"]), 0);
    return whole ?? (unit === undefined || quantity === undefined ? undefined : unit * quantity);
  });
  const known = points.filter((one) => one !== undefined);
  if (known.length === 0 || known.length < points.length) return undefined;
  return known.reduce((sum, one) => sum + one, 0);
}

/** By when it changed in Fluid: deliveries have no order. The event's moment where it is not told. */
function revOf(subject: Loose): { readonly rev?: string } {
  const changed = parseInstant(textOf(subject["updated_at"]) ?? "");
  return changed === undefined || changed < 0 ? {} : { rev: String(changed) };
}

/** The plain members: what is nested has a life of its own. */
const fieldsOf = (subject: Loose): Loose =>
  Object.fromEntries(
    Object.entries(subject).filter(
      ([name, value]) => name !== "id" && ["string", "number", "boolean"].includes(typeof value),
    ),
  );

/** What Fluid left out is left out here. */
const fact = (type: EventType, data: Loose): Fact => ({ type, data: told(data) });
