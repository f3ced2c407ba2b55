import type { EventType } from "../core/contracts/catalogue.ts";
import { STATUSES } from "../core/contracts/distributor.ts";
import { parseInstant } from "../core/contracts/instant.ts";
import type { JsonObject } from "../core/json.ts";
import { fromDecimal } from "../core/money.ts";
import type { Fact } from "./read/facts.ts";
import { type Loose, looseOf, textOf, told } from "./read/loose.ts";
import { decimalText } from "./read/pick.ts";

type Translate = (message: Loose, options: JsonObject) => Fact | string;

/** By the model of the message; hooks name it `OrderEvent`, or `CreateOrderEvent`. */
const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ["Enrollment", enrol],
  ["Order", tellOrder],
  ["CreateOrder", tellOrder],
  ["UpdateOrder", tellOrder],
  ["CreateAssociate", tellAssociate],
  ["UpdateAssociate", tellAssociate],
  ["CreateSubscription", changeSubscription],
  ["UpdateSubscription", changeSubscription],
]);

/** What a DirectScale message says in our words. */
export const translateDirectscale = (
  type: string,
  message: Loose,
  options: JsonObject,
): Fact | string =>
  TRANSLATIONS.get(type.replace(/Event$/, ""))?.(message, options) ??
  `No event of ours says "${type}": say in options.rules what it is`;

/** Dates are UTC, as their names say, and .NET may leave the `Z` out. */
export const directscaleMs = (date: unknown): number | undefined =>
  parseInstant(utcText(date) ?? "");

function utcText(date: unknown): string | undefined {
  const text = textOf(date);
  if (text === undefined) return undefined;
  return /T[\d:.]+$/.test(text) ? `${text}Z` : text;
}

/** Who buys and never sells enrols as well. */
function enrol(message: Loose, options: JsonObject): Fact | string {
  const id = textOf(message["DistributorId"]);
  // At the top of the tree the number is 0.
  const named = textOf(message["SponsorId"]);
  const sponsor = named === "0" ? undefined : named;
  const at = utcText(message["EnrollmentDateUtc"]) ?? utcText(message["EventDateUtc"]);
  if (isCustomer(message["DistributorType"], options)) {
    const link = { customer_id: id, enroller_id: sponsor, effective_at: at };
    return fact("customer.linked", link);
  }
  const status = statusOf(message["DistributorStatus"], options);
  if (status === undefined) return unknownStatus("DistributorStatus");
  return fact("distributor.enrolled", {
    distributor_id: id,
    sponsor_id: sponsor,
    status,
    joined_at: at,
    country: textOf(message["DistributorCountry"]),
  });
}

/**
 * An order tells its total and no parts, so a paid one is a thin payment: the order's net, volume
 * and node have to come from where they are known. One that is not settled yet is to be fetched.
 */
function tellOrder(message: Loose, options: JsonObject): Fact | string {
  const orderId = textOf(message["OrderId"]);
  const status = textOf(message["OrderStatus"]) ?? "";
  const paid = options["paid_statuses"];
  if (Array.isArray(paid) ? paid.includes(status) : status === "Paid") {
    const currency = textOf(message["OrderCurrency"])?.toUpperCase();
    return fact("payment.confirmed", {
      payment_id: orderId,
      order_id: orderId,
      currency,
      amount_minor: minorOf(message["OrderTotal"], currency),
    });
  }
  if (/^cancell?ed$/i.test(status)) {
    return fact("order.cancelled", { order_id: orderId, reason: `OrderStatus ${status}` });
  }
  return fact("cdc.gap", {
    table: "directscale:Order",
    pks: orderId === undefined ? undefined : [orderId],
  });
}

/** What is no amount is handed on for the contract to name. */
function minorOf(amount: unknown, currency: string | undefined): unknown {
  return currency === undefined ? amount : (fromDecimal(decimalText(amount), currency) ?? amount);
}

/** Of a distributor the status; the tree is told by enrolments. Customers are leads. */
function tellAssociate(message: Loose, options: JsonObject): Fact | string {
  const id = textOf(message["AssociateId"]);
  if (isCustomer(message["AssociateType"], options)) {
    const fields = told({
      Username: textOf(message["Username"]),
      FirstName: textOf(message["FirstName"]),
      LastName: textOf(message["LastName"]),
      CompanyName: textOf(message["CompanyName"]),
      EmailAddress: textOf(message["EmailAddress"]),
      BackOfficeId: textOf(message["BackOfficeId"]),
      ExternalReferenceId: textOf(message["ExternalReferenceId"]),
    });
    return fact("lead.upserted", { crm: "directscale", object_id: id, fields });
  }
  const status = statusOf(message["AssociateStatus"], options);
  if (status === undefined) return unknownStatus("AssociateStatus");
  const effective_at = utcText(message["EventDateUtc"]);
  return fact("distributor.status_changed", { distributor_id: id, status, effective_at });
}

/** One associate's booking of one service: its number is the service's, and repeats. */
function changeSubscription(message: Loose): Fact {
  const [associate, service] = [textOf(message["AssociateId"]), textOf(message["SubscriptionId"])];
  const isVoid = message["IsVoid"] === true;
  const { type, data } = fact("autoship.changed", {
    autoship_id:
      associate === undefined || service === undefined ? undefined : `${associate}:${service}`,
    status: isVoid ? "void" : "active",
    next_run: utcText(message["ExpirationDateUtc"]),
  });
  // Null is what says that it never runs again.
  return { type, data: isVoid ? { ...data, next_run: null } : data };
}

const isCustomer = (type: unknown, { customer_types: types }: JsonObject): boolean =>
  Array.isArray(types) && types.includes(textOf(type) ?? "");

/** The company numbers its statuses itself; a word of ours needs no translation. */
function statusOf(status: unknown, options: JsonObject): string | undefined {
  const text = textOf(status) ?? "";
  const words = looseOf(options["statuses"]);
  if (Object.hasOwn(words, text)) return textOf(words[text]);
  return STATUSES.find((known) => known === text.toLowerCase());
}

const unknownStatus = (member: string): string =>
  `The company's own word or number in ${member} is unknown: say in options.statuses what it is`;

/** What DirectScale left out is left out here. */
const fact = (type: EventType, data: Loose): Fact => ({ type, data: told(data) });
