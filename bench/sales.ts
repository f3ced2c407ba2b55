import { envelope, TENANT } from "./company.ts";
import type { Rig } from "./rig.ts";

/** Levels that a rank opens: the plan's first rank pays the fewest. */
export const RANKS = [
  { code: "Member", levels: 5 },
  { code: "Silver", levels: 6 },
  { code: "Gold", levels: 7 },
] as const;
export const LEVELS_MAX = 7;

const RATE_PPM = 50_000;
const PLAN_ID = "main";

/** Saves a plan that pays whoever stands above a sale by level, none left out. */
export async function savePlan({ call }: Rig): Promise<void> {
  const rates = RANKS.map(({ code, levels }) => [
    code,
    Array.from({ length: levels }, () => RATE_PPM),
  ]);
  await call(`PUT /v1/tenants/${TENANT}/plans/${PLAN_ID}`, {
    effective_from: "2026-01-01",
    currency: "USD",
    rounding: "half_even",
    holdback_days: 30,
    period: { unit: "month", tz: "UTC" },
    volume: { cv_to_money_ppm: 1_000_000 },
    eligibility: { statuses: ["active"], min_pv_x100: 0 },
    ranks: RANKS.map(({ code }) => ({ code })),
    components: [
      {
        kind: "unilevel",
        code: "level",
        tree: "sponsor",
        max_level: LEVELS_MAX,
        pool_ppm: 400_000,
        compression: "none",
        rates_ppm: Object.fromEntries(rates),
      },
    ],
  });
}

/** Who stands above a buyer in a company of their own, nearest first. */
export const uplineOf = (buyer: string, depth: number): readonly string[] =>
  Array.from({ length: depth }, (_, i) => `${buyer}-up${i + 1}`);

/** The enrolments of a buyer and everybody above, and their ranks. */
export const people = (buyer: string, depth: number): readonly object[] => {
  const chain = [buyer, ...uplineOf(buyer, depth)];
  return chain.flatMap((distributor, i) => {
    const about = { distributor, n: 1 };
    const sponsor = chain[i + 1];
    return [
      envelope("distributor.enrolled", about, {
        distributor_id: distributor,
        ...(sponsor === undefined ? {} : { sponsor_id: sponsor }),
        status: "active",
        joined_at: "2026-01-31",
        country: "US",
      }),
      { ...envelope("rank.changed", about, RANK), rev: 1 },
    ];
  });
};

const RANK = {
  period_id: "2026-11",
  pay_rank: RANKS[0].code,
  career_rank: RANKS[0].code,
  reason: "volume",
};

/** Somebody's sale: its `n` is unique among the buyer's. */
interface Sale {
  readonly buyer: string;
  readonly n: number;
}

export const orderOf = ({ buyer, n }: Sale): string => `O-${buyer}-${n}`;
const paymentOf = ({ buyer, n }: Sale): string => `P-${buyer}-${n}`;

const MONEY = { currency: "USD", net_minor: 25_000, tax_minor: 2000, shipping_minor: 500 };
const AMOUNT_MINOR = 27_500;
const GOODS = { cv_x100: 20_000, pv_x100: 20_000, order_kind: "store" };

/** Everybody above was enrolled and ranked before it. */
const SOLD_BEFORE_MS = 30_000;
const RETURNED_BEFORE_MS = 10_000;

const sold = (type: string, sale: Sale, data: object) => ({
  ...envelope(type, { distributor: sale.buyer, n: sale.n }, data),
  key: `order:${orderOf(sale)}`,
  occurred_at: new Date(Date.now() - SOLD_BEFORE_MS).toISOString(),
});

/** A shop's payment: it says itself what was bought. */
export const paymentConfirmed = (sale: Sale) =>
  sold("payment.confirmed", sale, {
    payment_id: paymentOf(sale),
    order_id: orderOf(sale),
    ...MONEY,
    ...GOODS,
    amount_minor: AMOUNT_MINOR,
    fee_minor: 828,
    source_node: sale.buyer,
  });

export const orderPlaced = (sale: Sale) =>
  sold("order.placed", sale, {
    order_id: orderOf(sale),
    buyer_kind: "distributor",
    source_node: sale.buyer,
    ...MONEY,
    ...GOODS,
    amount_minor: AMOUNT_MINOR,
  });

/** A processor's payment: it knows the order, the amount and its fee. */
export const thinPayment = (sale: Sale) =>
  sold("payment.confirmed", sale, {
    payment_id: paymentOf(sale),
    order_id: orderOf(sale),
    currency: MONEY.currency,
    amount_minor: AMOUNT_MINOR,
    fee_minor: 828,
  });

/** A third of the sale, told by a processor that does not know the order. */
export const refundCompleted = (sale: Sale) => ({
  ...sold("refund.completed", sale, {
    refund_id: `R-${sale.buyer}-${sale.n}`,
    payment_id: paymentOf(sale),
    currency: MONEY.currency,
    amount_minor: 9000,
    net_minor: 9000,
  }),
  key: `payment:${paymentOf(sale)}`,
  occurred_at: new Date(Date.now() - RETURNED_BEFORE_MS).toISOString(),
});

/** The core's own line for every second `n`, at the first one above: ours gives way to it. */
export const lineConfirmed = (sale: Sale) => {
  const [distributor = ""] = uplineOf(sale.buyer, 1);
  const seq = (sale.n + 1) / 2;
  return {
    ...envelope(
      "commission.posted",
      { distributor, n: seq },
      {
        line_id: `L-${distributor}-${seq}`,
        distributor_id: distributor,
        order_id: orderOf(sale),
        component: "level",
        level: 1,
        cv_x100: GOODS.cv_x100,
        rate_ppm: RATE_PPM,
        currency: MONEY.currency,
        amount_minor: 400,
        period_id: "2026-11",
        run_id: "RUN-1",
      },
    ),
    seq,
  };
};

/** A move within the buyer's own upline; `seq` is its place in the company's one stream of moves. */
export const moved = (buyer: string, seq: number) => {
  const [first = "", second = ""] = uplineOf(buyer, 2);
  return {
    ...envelope(
      "distributor.moved",
      { distributor: buyer, n: seq },
      {
        distributor_id: buyer,
        tree: "sponsor",
        parent_id: seq % 2 === 0 ? first : second,
        effective_at: new Date().toISOString(),
      },
    ),
    key: `tree:${TENANT}`,
    seq,
  };
};
