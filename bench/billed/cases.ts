import * as company from "../company.ts";
import * as sales from "../sales.ts";

/** An event whose rows are counted. */
export interface Case {
  /** What its figures are called: its type, and what is special about it. */
  readonly name: string;
  readonly rowsMax?: number;
  /** The event under measure; what comes before it in its stream is posted beforehand. */
  readonly event: (distributor: string, n: number) => object;
  /** Said again of the same distributor it is another thing: a repeat or a conflict. */
  readonly isOnce?: boolean;
  readonly before?: (distributor: string, n: number) => object;
  /** Not counted in batches: too many people would have to be known. */
  readonly isAlone?: boolean;
  /** Who has to be known before any of it. */
  readonly people?: (distributor: string) => readonly object[];
  /** Whose event it is, where that is not the distributor. */
  readonly subjectOf?: (distributor: string, n: number) => string;
}

const line = (distributor: string, n: number) => company.commissionPosted({ distributor, n });
const money =
  (type: string, data: (distributor: string, n: number) => object) =>
  (distributor: string, n: number) =>
    company.moneyEvent(type, { distributor, n }, data(distributor, n));
const register = (write: (about: { distributor: string; n: number }) => object, rowsMax = 8) => ({
  rowsMax,
  event: (distributor: string, n: number) => write({ distributor, n }),
});

const adjustment = money("adjustment.posted", (distributor, n) => ({
  line_id: `A-${distributor}-${n}`,
  currency: "USD",
  amount_minor: 12_100,
  reason_code: "promotion",
  effective_at: "2026-07-25",
  approved_by: "user:7",
}));

/** Nobody earns before an enrolment. */
const earning = {
  people: (distributor: string) => [company.enrolled({ distributor, n: 1 })],
};

const DISTRIBUTOR_CASES: readonly Case[] = [
  { name: "distributor.enrolled", isOnce: true, ...register(company.enrolled) },
  { name: "distributor.status_changed", ...register(company.statusChanged) },
  { name: "rank.changed", ...register(company.rankChanged) },
  { name: "volume.snapshot", ...register(company.volumeSnapshot) },
  { name: "commission.posted", rowsMax: 16, ...earning, event: line },
  {
    name: "commission.released",
    ...earning,
    before: line,
    event: money("commission.released", (d, n) => ({ line_id: `L-${d}-${n - 1}` })),
  },
  {
    name: "commission.reversed",
    ...earning,
    before: line,
    event: money("commission.reversed", (d, n) => ({
      line_id: `R-${d}-${n}`,
      reverses_line_id: `L-${d}-${n - 1}`,
      currency: "USD",
      amount_minor: 160,
    })),
  },
  { name: "adjustment.posted", ...earning, event: adjustment },
  {
    name: "payout.initiated",
    ...earning,
    before: adjustment,
    event: money("payout.initiated", (d, n) => ({
      payout_id: `P-${d}-${n}`,
      currency: "USD",
      gross_minor: 12_100,
      net_minor: 11_950,
      fee_minor: 150,
      method: "ach",
    })),
  },
];

/** As many as the first rank's levels: each of them is paid. */
const UPLINE = 5;
const DEEP = 30;

const sale = (write: (sale: { buyer: string; n: number }) => object) => ({
  people: (buyer: string) => sales.people(buyer, UPLINE),
  event: (buyer: string, n: number) => write({ buyer, n }),
  subjectOf: (buyer: string, n: number) => `order:${sales.orderOf({ buyer, n })}`,
});

/** What its order was told before, one `n` earlier. */
const after = (
  first: (sale: { buyer: string; n: number }) => object,
  then: (sale: { buyer: string; n: number }) => object,
) => ({
  ...sale(first),
  before: (buyer: string, n: number) => first({ buyer, n }),
  event: (buyer: string, n: number) => then({ buyer, n: n - 1 }),
});

/** One stream of moves a company: every case before has taken its places in it. */
function moves(): Case["event"] {
  let seq = 0;
  return (distributor) => {
    seq += 1;
    return sales.moved(distributor, seq);
  };
}

// Last, as a company with paid orders looks for those that a standing of the past touches.
const SALE_CASES: readonly Case[] = [
  {
    name: "distributor.moved",
    people: (node) => sales.people(node, 2),
    event: moves(),
    subjectOf: () => `tree:${company.TENANT}`,
  },
  { name: "payment.confirmed, 5 lines", rowsMax: 80, ...sale(sales.paymentConfirmed) },
  {
    name: `payment.confirmed, 5 lines, ${DEEP} above`,
    ...sale(sales.paymentConfirmed),
    isAlone: true,
    people: (buyer) => sales.people(buyer, DEEP),
  },
  { name: "order.placed", ...sale(sales.orderPlaced) },
  { name: "payment.confirmed, thin", ...after(sales.orderPlaced, sales.thinPayment) },
  { name: "refund.completed, 5 lines", ...after(sales.paymentConfirmed, sales.refundCompleted) },
  {
    name: "commission.posted, supersedes",
    ...after(sales.paymentConfirmed, sales.lineConfirmed),
  },
];

export const CASES: readonly Case[] = [...DISTRIBUTOR_CASES, ...SALE_CASES];
