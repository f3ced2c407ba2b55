import type { EventType } from "../core/contracts/catalogue.ts";
import { formatInstant } from "../core/contracts/instant.ts";
import { fromDecimal } from "../core/money.ts";
import type { Fact } from "./read/facts.ts";
import { type Loose, textOf, told as toldOf } from "./read/loose.ts";
import { decimalText } from "./read/pick.ts";

interface GohighlevelEvent {
  readonly type: string;
  readonly occurredAtMs: number;
  /** The body: what it is about stands beside the type. */
  readonly told: Loose;
}

/** The fact, or a sentence saying why this event tells none. */
type Translate = (event: GohighlevelEvent) => Fact | string;

const saying =
  (sentence: string): Translate =>
  () =>
    sentence;

/** https://github.com/GoHighLevel/highlevel-api-docs, «webhook events» */
const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ["ContactCreate", upsertLead],
  ["ContactUpdate", upsertLead],
  ["ContactTagUpdate", upsertLead],
  ["ContactDndUpdate", upsertLead],
  ["ContactDelete", saying("A contact was deleted: the privacy desk has to confirm who it was")],
  ["OpportunityStatusUpdate", changeOf("status")],
  ["OpportunityStageUpdate", changeOf("pipelineStageId")],
  ["OpportunityMonetaryValueUpdate", changeOf("monetaryValue")],
  ["OpportunityAssignedToUpdate", changeOf("assignedTo")],
  ["OrderCreate", payOrder],
  ["OrderStatusUpdate", payOrder],
  ["InvoicePaid", payInvoice],
  ["InvoicePartiallyPaid", saying("Part of an invoice: InvoicePaid tells the whole amount")],
  ["InvoiceVoid", cancelInvoice],
]);

/** What a GoHighLevel event says in our words. Money is not judged here: the contract does that. */
export const translateGohighlevel: Translate = (event) => {
  const translate = TRANSLATIONS.get(event.type);
  if (translate !== undefined) return translate(event);
  return `No event of ours says "${event.type}": unsubscribe from it, or map it in options.rules`;
};

/** What is of the delivery and not of the contact. */
const ENVELOPE = new Set([
  "type",
  "timestamp",
  "webhookId",
  "locationId",
  "id",
  "appId",
  "versionId",
]);

/** Each of them brings the contact as a whole. Ids repeat from one location to the next. */
function upsertLead({ told }: GohighlevelEvent): Fact {
  const fields = Object.entries(told).filter(([name]) => !ENVELOPE.has(name));
  return fact("lead.upserted", {
    crm: crmOf(told),
    object_id: told["id"],
    owner_id: textOf(told["assignedTo"]),
    fields: Object.fromEntries(fields),
  });
}

/** The type names the field that changed. Neither it nor the body says who changed it. */
function changeOf(field: string): Translate {
  return ({ told, occurredAtMs }) => ({
    type: "crm.field_changed",
    data: {
      ...toldOf({ crm: crmOf(told), object_id: told["id"] }),
      object: "opportunity",
      field,
      value: told[field] ?? null,
      change_source: "unknown",
      actor: "unknown",
      occurred_at: occurredAtMs < 0 ? "" : formatInstant(occurredAtMs),
    },
  });
}

const TEST_MODE = "A payment in test mode moves no money";

function payOrder({ told }: GohighlevelEvent): Fact | string {
  if (told["liveMode"] === false) return TEST_MODE;
  const { status } = told;
  if (status !== "completed") return `The order is ${textOf(status) ?? "unknown"}, not completed`;
  return payment(told, told["amount"]);
}

function payInvoice({ told }: GohighlevelEvent): Fact | string {
  return told["liveMode"] === false ? TEST_MODE : payment(told, told["amountPaid"]);
}

function cancelInvoice({ told }: GohighlevelEvent): Fact | string {
  if (told["liveMode"] === false) return TEST_MODE;
  return fact("order.cancelled", { order_id: told["_id"], reason: "Invoice voided" });
}

/** GoHighLevel names no payment here: an order, as an invoice, is paid once. */
function payment(told: Loose, amount: unknown): Fact {
  const currency =
    typeof told["currency"] === "string" ? told["currency"].toUpperCase() : undefined;
  const minor = currency === undefined ? undefined : fromDecimal(decimalText(amount), currency);
  return fact("payment.confirmed", {
    payment_id: told["_id"],
    order_id: told["_id"],
    currency,
    amount_minor: minor ?? amount,
  });
}

const crmOf = (told: Loose): string => `gohighlevel:${textOf(told["locationId"]) ?? ""}`;

/** What GoHighLevel left out is left out here. */
const fact = (type: EventType, data: Loose): Fact => ({ type, data: toldOf(data) });
