import type { PlainEvent } from "../../support/naive/event.ts";
import {
  coreStream,
  disputeClosed,
  disputed,
  enrolled,
  linked,
  paid,
  placed,
  refunded,
} from "../../support/naive/told.ts";

/** An event that must change nothing, after others that are applied. */
export interface Refusal {
  readonly name: string;
  readonly before: readonly PlainEvent[];
  readonly refused: PlainEvent;
  readonly state: "quarantined" | "parked" | "conflict";
  readonly code: string;
  /** What a person reads in `held`. */
  readonly reason: RegExp;
}

const SALE = {
  order_id: "O1",
  currency: "USD",
  net_minor: 10_000,
  tax_minor: 825,
  amount_minor: 10_825,
  fee_minor: 344,
  cv_x100: 8000,
  pv_x100: 8000,
  source_node: "C",
  order_kind: "store",
};

const SOLD = { occurred_at: "2026-07-10T12:00:00.000Z" };
const LATER = { occurred_at: "2026-07-20T12:00:00.000Z" };

const PEOPLE = [enrolled("U"), linked("C", "U")];
const SALES = [...PEOPLE, paid("P1", SALE, SOLD)];

const BACK = { payment_id: "P1", currency: "USD" };

const refund = (id: string, net_minor: number, data = {}) =>
  refunded(id, { ...BACK, net_minor, amount_minor: net_minor, ...data }, LATER);

const DISPUTE = { ...BACK, net_minor: 5000, tax_minor: 0, amount_minor: 5000, fee_minor: 1500 };
const END = { ...BACK, outcome: "lost", fee_refunded_minor: 0 };
const OPENED = [...SALES, disputed("D1", DISPUTE, LATER)];

const THIN = { order_id: "O1", currency: "USD", amount_minor: 10_825 };
const { fee_minor: _, ...GOODS } = SALE;
const ORDERED = [...PEOPLE, placed("O1", { ...GOODS, shipping_minor: 0, buyer_kind: "customer" })];

const LINE = {
  line_id: "L1",
  component: "bonus",
  currency: "USD",
  amount_minor: 400,
  period_id: "2026-07",
  run_id: "RUN-1",
};

/** The core's stream of U: its line, and what comes after it. */
const stream = (...after: Parameters<typeof coreStream>[1]) =>
  coreStream("U", [["commission.posted", LINE], ...after], LATER);

const lineThen = (type: PlainEvent["type"], data: PlainEvent["data"]) => {
  const [line, then] = stream([type, data]);
  if (line === undefined || then === undefined) throw new Error("A stream of two has two events");
  return { before: [...PEOPLE, line], refused: then };
};

const REVERSAL = { line_id: "R1", reverses_line_id: "L1", currency: "USD", amount_minor: 100 };

const [UNKNOWN] = coreStream("Nobody", [["commission.posted", LINE]], LATER);
if (UNKNOWN === undefined) throw new Error("A stream of one has an event");

const exceeds = { state: "quarantined", code: "refund_exceeds_payment" } as const;
const otherCurrency = { state: "quarantined", code: "currency_mismatch" } as const;

/** Issue and DOMAIN §3.2: quarantined or parked with a clear reason, never posted. */
export const REFUSALS: readonly Refusal[] = [
  {
    name: "a refund above the sale",
    before: SALES,
    refused: refund("R1", 10_826),
    ...exceeds,
    reason: /10826 USD .* more than what is left of the payment, 10825 of 10825/,
  },
  {
    name: "a refund of more net than was sold",
    before: SALES,
    refused: refund("R1", 10_001),
    ...exceeds,
    reason: /10001 USD or its parts are more than what is left/,
  },
  {
    name: "a refund above what an earlier one left",
    before: [...SALES, refund("R1", 6000)],
    refused: refund("R2", 4001),
    ...exceeds,
    reason: /4001 USD or its parts are more than what is left of the payment, 4825 of 10825/,
  },
  {
    name: "a refund in another currency",
    before: SALES,
    refused: refund("R1", 100, { currency: "EUR" }),
    ...otherCurrency,
    reason: /the payment is in USD, this in EUR/,
  },
  {
    name: "a refund told again with another amount",
    before: [...SALES, refund("R1", 100)],
    refused: { ...refund("R1", 101), id: "refund-again" },
    state: "conflict",
    code: "fact_contradicted",
    reason: /told before with other particulars: the first stands/,
  },
  {
    name: "a refund of a payment that nobody told of",
    before: PEOPLE,
    refused: refund("R1", 100),
    state: "parked",
    code: "payment_unknown",
    reason: /Nothing is known of ".*P1" yet/,
  },
  {
    name: "a dispute above what a refund left",
    before: [...SALES, refund("R1", 6000)],
    refused: disputed("D1", DISPUTE, LATER),
    ...exceeds,
    reason: /5000 USD or its parts are more than what is left of the payment, 4825 of 10825/,
  },
  {
    name: "a dispute in another currency",
    before: SALES,
    refused: disputed("D1", { ...DISPUTE, currency: "JPY" }, LATER),
    ...otherCurrency,
    reason: /the payment is in USD, this in JPY/,
  },
  {
    name: "a dispute's end in another currency",
    before: OPENED,
    refused: disputeClosed("D1", { ...END, currency: "EUR" }, LATER),
    ...otherCurrency,
    reason: /the dispute is in USD, its end in EUR/,
  },
  {
    name: "a dispute's end that gives back more than its fee",
    before: OPENED,
    refused: disputeClosed("D1", { ...END, fee_refunded_minor: 1501 }, LATER),
    state: "quarantined",
    code: "fee_exceeds_dispute",
    reason: /1501 are more than the fee, 1500/,
  },
  {
    name: "the end of a dispute that nobody told of",
    before: SALES,
    refused: disputeClosed("D1", END, LATER),
    state: "parked",
    code: "dispute_unknown",
    reason: /D1" is not known yet/,
  },
  {
    name: "a payment in another currency than its order",
    before: ORDERED,
    refused: paid("P1", { ...THIN, currency: "EUR" }, SOLD),
    ...otherCurrency,
    reason: /the order is in USD, the payment in EUR/,
  },
  {
    name: "a payment of another amount than its order",
    before: ORDERED,
    refused: paid("P1", { ...THIN, amount_minor: 10_824 }, SOLD),
    state: "quarantined",
    code: "amount_mismatch",
    reason: /the order costs 10825, the payment is 10824 USD/,
  },
  {
    name: "a payment told again with another amount",
    before: SALES,
    refused: { ...paid("P1", { ...THIN, amount_minor: 10_824 }, SOLD), id: "paid-again" },
    state: "conflict",
    code: "fact_contradicted",
    reason: /told before with other particulars: the first stands/,
  },
  {
    name: "a payment without its order",
    before: PEOPLE,
    refused: paid("P1", THIN, SOLD),
    state: "parked",
    code: "order_unknown",
    reason: /O1" is not known yet, and the payment does not say what it is for/,
  },
  {
    name: "a payment of somebody whom nobody knows",
    before: PEOPLE,
    refused: paid("P1", { ...SALE, source_node: "Stranger" }, SOLD),
    state: "parked",
    code: "ancestor_unknown",
    reason: /Nobody is known as ".*Stranger" in the sponsor tree/,
  },
  {
    name: "a commission of a distributor whom nobody enrolled",
    before: PEOPLE,
    refused: UNKNOWN,
    state: "parked",
    code: "distributor_unknown",
    reason: /Nobody is enrolled as ".*Nobody"/,
  },
  {
    name: "a reversal above its line",
    ...lineThen("commission.reversed", { ...REVERSAL, amount_minor: 401 }),
    state: "quarantined",
    code: "reversal_exceeds_line",
    reason: /400 USD are left of the line/,
  },
  {
    name: "a reversal in another currency than its line",
    ...lineThen("commission.reversed", { ...REVERSAL, currency: "EUR" }),
    ...otherCurrency,
    reason: /the line is in USD/,
  },
  {
    name: "a release of a line that nobody posted",
    ...lineThen("commission.released", { line_id: "L2" }),
    state: "quarantined",
    code: "line_unknown",
    reason: /No line ".*L2" is known here/,
  },
  {
    name: "the settling of a payout that nobody started",
    ...lineThen("payout.settled", { payout_id: "PO1" }),
    state: "quarantined",
    code: "payout_unknown",
    reason: /No payout ".*PO1" is known here/,
  },
];
