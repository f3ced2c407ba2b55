import type { EventType } from "../core/contracts/catalogue.ts";
import { fromDecimal, scaled } from "../core/money.ts";
import type { Fact } from "./read/facts.ts";
import { type Loose, looseOf, textOf, told } from "./read/loose.ts";
import { decimalText } from "./read/pick.ts";

/** `line` is one of a batch's, and empty where there is none. */
type Translate = (message: Loose, line: Loose) => Fact | string;

const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ["member.enrolled", enrol],
  ["member.status_changed", changeStatus],
  ["customer.enrolled", link],
  ["rank.advanced", advance],
  ["order.placed", placeOrder],
  ["order.paid", payOrder],
  ["order.cancelled", cancelOrder],
  ["order.refunded", refundOrder],
  ["commission.earned", earn],
  ["commission.released", release],
]);

/** What a message of the plain form says in our words. */
export const translateMlmGeneric = (type: string, message: Loose, line: Loose): Fact | string =>
  TRANSLATIONS.get(type)?.(message, line) ??
  `The plain form has no "${type}": say in options.rules what it is`;

/**
 * Platforms that tell two parents call the recruiter the enroller, and the sponsor the one below
 * whom the new node hangs; with one parent alone, that is the recruiter.
 */
function enrol(message: Loose): Fact {
  const member = looseOf(message["member"]);
  const [enroller, sponsor] = [textOf(member["enroller_id"]), textOf(member["sponsor_id"])];
  const pii = looseOf(member["person"]);
  return register(message, "distributor.enrolled", {
    distributor_id: textOf(member["id"]),
    sponsor_id: enroller ?? sponsor,
    placement_id: textOf(member["placement_id"]) ?? (enroller === undefined ? undefined : sponsor),
    leg: member["leg"],
    status: member["status"] ?? "active",
    joined_at: member["joined_at"] ?? message["occurred_at"],
    country: member["country"],
    pii: Object.keys(pii).length === 0 ? undefined : pii,
  });
}

function changeStatus(message: Loose): Fact {
  const member = looseOf(message["member"]);
  return register(message, "distributor.status_changed", {
    distributor_id: textOf(member["id"]),
    status: member["status"],
    effective_at: message["effective_at"] ?? message["occurred_at"],
  });
}

function link(message: Loose): Fact {
  const customer = looseOf(message["customer"]);
  return register(message, "customer.linked", {
    customer_id: textOf(customer["id"]),
    enroller_id: textOf(customer["enroller_id"]),
    effective_at: message["effective_at"] ?? message["occurred_at"],
  });
}

/** The career rank is told where it is higher than the one just reached. */
function advance(message: Loose): Fact {
  const rank = looseOf(message["rank"]);
  const [from, to] = [textOf(rank["from"]), textOf(rank["to"])];
  const reached = from === undefined ? `reached ${to ?? ""}` : `from ${from} to ${to ?? ""}`;
  return register(message, "rank.changed", {
    distributor_id: textOf(looseOf(message["member"])["id"]),
    period_id: textOf(rank["period"]),
    pay_rank: to,
    career_rank: textOf(rank["career"]) ?? to,
    reason: rank["reason"] ?? reached,
  });
}

function placeOrder(message: Loose): Fact {
  const order = looseOf(message["order"]);
  return { type: "order.placed", data: told({ ...saleOf(order), buyer_kind: order["buyer"] }) };
}

function payOrder(message: Loose): Fact {
  const order = looseOf(message["order"]);
  const payment_id = textOf(message["payment_id"]) ?? textOf(order["id"]);
  return { type: "payment.confirmed", data: told({ payment_id, ...saleOf(order) }) };
}

function cancelOrder(message: Loose): Fact {
  const order = looseOf(message["order"]);
  const reason = message["reason"] ?? "cancelled";
  return { type: "order.cancelled", data: told({ order_id: textOf(order["id"]), reason }) };
}

/** Without parts a refund is shared as the payment was; with some, `net` has to be among them. */
function refundOrder(message: Loose): Fact {
  const [order, refund] = [looseOf(message["order"]), looseOf(message["refund"])];
  const currency = textOf(order["currency"]);
  const data = {
    refund_id: textOf(refund["id"]),
    payment_id: textOf(message["payment_id"]) ?? textOf(order["id"]),
    order_id: textOf(order["id"]),
    currency,
    amount_minor: minorOf(refund["total"], currency),
    net_minor: minorOf(refund["net"], currency),
    tax_minor: minorOf(refund["tax"], currency),
    shipping_minor: minorOf(refund["shipping"], currency),
  };
  return { type: "refund.completed", data: told(data) };
}

function saleOf(order: Loose): Loose {
  const currency = textOf(order["currency"]);
  return {
    order_id: textOf(order["id"]),
    order_kind: order["kind"],
    source_node: textOf(order["member_id"]),
    currency,
    amount_minor: minorOf(order["total"], currency),
    net_minor: minorOf(order["net"], currency),
    tax_minor: minorOf(order["tax"], currency),
    shipping_minor: minorOf(order["shipping"], currency),
    cv_x100: scaledOf(order["cv"], 2),
    pv_x100: scaledOf(order["pv"], 2),
  };
}

function earn(message: Loose, line: Loose): Fact {
  const currency = textOf(line["currency"]);
  const data = {
    line_id: textOf(line["line_id"]),
    distributor_id: textOf(line["node_id"]),
    order_id: textOf(line["order_id"]),
    component: textOf(line["bonus_title"]),
    level: line["level"],
    currency,
    amount_minor: minorOf(line["amount"], currency),
    cv_x100: scaledOf(line["cv"], 2),
    // A percentage has two digits less than parts per million have six.
    rate_ppm: scaledOf(line["rate_percent"], 4),
    period_id: textOf(message["period"]),
    run_id: textOf(message["batch_id"]),
    available_at: line["available_at"],
  };
  return placed(message, line, { type: "commission.posted", data: told(data) });
}

/** A release moves the line that was posted: an amount alone does not say which one that is. */
function release(message: Loose, line: Loose): Fact | string {
  const line_id = textOf(line["line_id"]);
  if (line_id === undefined) {
    return "The release names no line: send releases[].line_id as commission.earned told it, and seq";
  }
  const data = told({ line_id, distributor_id: textOf(line["node_id"]) });
  return placed(message, line, { type: "commission.released", data });
}

const register = (message: Loose, type: EventType, data: Loose): Fact => {
  const rev = textOf(message["rev"]);
  return { type, data: told(data), ...(rev === undefined ? {} : { rev }) };
};

/** Commission lines apply strictly in order: each is numbered among those of its distributor. */
const placed = ({ epoch }: Loose, { seq }: Loose, fact: Fact): Fact => ({
  ...fact,
  ...told({ seq, epoch }),
});

/** What is no amount is handed on for the contract to name. */
function minorOf(amount: unknown, currency: string | undefined): unknown {
  if (amount === undefined || amount === null || currency === undefined) return amount;
  return fromDecimal(decimalText(amount), currency) ?? amount;
}

const scaledOf = (points: unknown, exponent: number): unknown =>
  points === undefined || points === null
    ? undefined
    : (scaled(decimalText(points), exponent) ?? points);
