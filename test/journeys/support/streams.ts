import type { SentEvent } from "./tenant.ts";

type Fact = readonly [type: string, data: object];

const streamOf = (distributor: string, facts: readonly Fact[]): readonly SentEvent[] =>
  facts.map(([type, data], i) => ({
    id: `${distributor}-${i + 1}`,
    type,
    version: 1,
    occurred_at: `2026-07-0${i + 1}T10:00:00.000Z`,
    key: `dist:${distributor}`,
    seq: i + 1,
    data: { distributor_id: distributor, ...data },
  }));

const posted = (lineId: string, amountMinor: number): Fact => [
  "commission.posted",
  {
    line_id: lineId,
    component: "unilevel",
    level: 1,
    currency: "USD",
    amount_minor: amountMinor,
    period_id: "2026-07",
    run_id: "r1",
  },
];

const adjusted = (lineId: string, amountMinor: number): Fact => [
  "adjustment.posted",
  {
    line_id: lineId,
    currency: "USD",
    amount_minor: amountMinor,
    reason_code: "bonus",
    effective_at: "2026-07-03T10:00:00.000Z",
    approved_by: "cfo",
  },
];

/** Enrols somebody below nobody. */
export const enrolment = (distributor: string): SentEvent => ({
  id: `${distributor}-enrolled`,
  type: "distributor.enrolled",
  version: 1,
  occurred_at: "2026-06-30T10:00:00.000Z",
  key: `dist:${distributor}`,
  rev: 1,
  data: {
    distributor_id: distributor,
    status: "active",
    joined_at: "2026-06-30",
    country: "US",
  },
});

/** W2 of DOMAIN «Worked examples», without the payment of W1. */
export const w2 = (distributor: string): readonly SentEvent[] =>
  streamOf(distributor, [
    posted(`${distributor}-L1`, 400),
    ["commission.released", { line_id: `${distributor}-L1` }],
    adjusted(`${distributor}-A1`, 12_100),
    [
      "payout.initiated",
      {
        payout_id: `${distributor}-P1`,
        currency: "USD",
        gross_minor: 12_500,
        net_minor: 12_350,
        fee_minor: 150,
        method: "bank",
      },
    ],
    ["payout.settled", { payout_id: `${distributor}-P1` }],
  ]);

/** W13 names no facts: these leave other balances wherever one of them is skipped or overtaken. */
export const w13 = (distributor: string): readonly SentEvent[] =>
  streamOf(distributor, [
    posted(`${distributor}-L1`, 1000),
    adjusted(`${distributor}-A1`, 70),
    ["commission.released", { line_id: `${distributor}-L1` }],
    [
      "commission.reversed",
      {
        line_id: `${distributor}-R1`,
        reverses_line_id: `${distributor}-L1`,
        currency: "USD",
        amount_minor: 300,
      },
    ],
    adjusted(`${distributor}-A2`, -20),
  ]);

/** Every order of these items: 120 for five. */
export function ordersOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((first, i) =>
    ordersOf(items.toSpliced(i, 1)).map((rest) => [first, ...rest]),
  );
}
