import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import type { Json } from "#src/core/json.ts";
import { runs } from "../../support/runs.ts";
import { OUT } from "../support/events.ts";
import { TestOrder } from "./support.ts";

type Data = Readonly<Record<string, Json>>;
type Telling = readonly [EventType, Data];

const SALE = { net_minor: 25_000, tax_minor: 2000, shipping_minor: 500 };
const share = (percent: number) => {
  const part = (of: number) => (of * percent) / 100;
  const parts = {
    net_minor: part(SALE.net_minor),
    tax_minor: part(SALE.tax_minor),
    shipping_minor: part(SALE.shipping_minor),
  };
  return { amount_minor: part(27_500), ...parts };
};

const paid = (payment_id = "P1"): Telling => ["payment.confirmed", { payment_id }];
const refund = (id: string, percent: number, more: Data = {}): Telling => [
  "refund.completed",
  { refund_id: id, ...share(percent), ...more },
];
const THIN = { net_minor: OUT, tax_minor: OUT, shipping_minor: OUT };
const opened = (id: string, percent: number, more: Data = {}): Telling => [
  "chargeback.opened",
  { dispute_id: id, ...share(percent), fee_minor: 1500, ...more },
];
const failed = (id: string): Telling => ["refund.failed", { refund_id: id }];
const closed = (id: string, outcome: "won" | "lost", fee_refunded_minor = 0): Telling => [
  "chargeback.closed",
  { dispute_id: id, outcome, fee_refunded_minor },
];

interface Case {
  readonly name: string;
  readonly told: readonly Telling[];
  readonly balances: Readonly<Record<string, number>>;
  readonly lines: readonly string[];
  readonly state: string;
  /** PV of the source, all of it in one month. */
  readonly pv: number;
}

const SOLD = {
  "cash:psp": 26_672,
  "exp:psp_fee": 828,
  "rev:product": -25_000,
  "tax:sales": -2000,
  "rev:shipping": -500,
};
const sixty = (fee = 0) => ({
  "cash:psp": 10_172 - fee,
  "exp:psp_fee": 828,
  "rev:product": -25_000,
  "rev:refund": 15_000,
  "tax:sales": -800,
  "rev:shipping": -200,
  ...(fee === 0 ? {} : { "exp:chargeback_fee": fee }),
});
const SIXTY = ["A 400-240", "S 400-240"];

const CASES: readonly Case[] = [
  {
    name: "a refund, and a dispute for the same money that is won",
    told: [paid(), refund("R1", 60), opened("D1", 60), closed("D1", "won", 1000)],
    balances: sixty(500),
    lines: SIXTY,
    state: "paid",
    pv: 8000,
  },
  {
    name: "a dispute that is lost, and one for the same money that is won",
    told: [
      paid(),
      opened("D1", 60),
      closed("D1", "lost"),
      opened("D2", 60),
      closed("D2", "won", 1500),
    ],
    balances: sixty(1500),
    lines: SIXTY,
    state: "paid",
    pv: 8000,
  },
  {
    name: "two disputes that are won, and a refund of the whole",
    told: [
      paid(),
      opened("D1", 60),
      closed("D1", "won", 1500),
      opened("D2", 100),
      closed("D2", "won", 1500),
      refund("R1", 100),
    ],
    balances: {
      "cash:psp": -828,
      "exp:psp_fee": 828,
      "rev:product": -25_000,
      "rev:refund": 25_000,
    },
    lines: ["A 400-400", "S 400-400"],
    state: "refunded",
    pv: 0,
  },
  {
    name: "a refund told as an amount and in parts, while a dispute that is won takes its room",
    told: [
      paid(),
      refund("R1", 60, THIN),
      refund("R1", 60),
      opened("D1", 60),
      closed("D1", "won", 1500),
    ],
    balances: sixty(),
    lines: SIXTY,
    state: "paid",
    pv: 8000,
  },
  {
    name: "a dispute won of which a refund is left, of money without goods (P13)",
    told: [
      paid(),
      ["payment.confirmed", { payment_id: "P2", fee_minor: 0 }],
      refund("R1", 60, { payment_id: "P2" }),
      opened("D1", 60, { payment_id: "P2" }),
      closed("D1", "won", 1000),
    ],
    balances: {
      ...SOLD,
      "cash:psp": 26_672 + 11_000 - 500,
      "cust:unapplied": -11_000,
      "exp:chargeback_fee": 500,
    },
    lines: ["A 400-0", "S 400-0"],
    state: "paid",
    pv: 20_000,
  },
  {
    name: "of the first of two payments all, of the second a part (P13)",
    told: [
      paid(),
      ["payment.confirmed", { payment_id: "P2", fee_minor: 0 }],
      refund("R1", 60, { payment_id: "P2" }),
      refund("R2", 100),
    ],
    balances: {
      "cash:psp": 26_672 + 11_000 - 27_500,
      "exp:psp_fee": 828,
      "rev:product": -25_000,
      "rev:refund": 25_000,
      "cust:unapplied": -11_000,
    },
    lines: ["A 400-400", "S 400-400"],
    state: "refunded",
    pv: 0,
  },
  {
    name: "all of the second of two payments (P13)",
    told: [
      paid(),
      ["payment.confirmed", { payment_id: "P2", fee_minor: 828 }],
      refund("R1", 100, { payment_id: "P2" }),
    ],
    balances: { ...SOLD, "cash:psp": 26_672 - 828, "exp:psp_fee": 1656 },
    lines: ["A 400-0", "S 400-0"],
    state: "paid",
    pv: 20_000,
  },
  {
    name: "a refund that failed, and another of the same money",
    told: [paid(), refund("R1", 60), failed("R1"), refund("R2", 60)],
    balances: sixty(),
    lines: SIXTY,
    state: "paid",
    pv: 8000,
  },
  {
    name: "a refund told by two senders, one by its amount alone, that failed, told twice too",
    told: [paid(), refund("R1", 60, THIN), refund("R1", 60), failed("R1"), failed("R1")],
    balances: SOLD,
    lines: ["A 400-0", "S 400-0"],
    state: "paid",
    pv: 20_000,
  },
  {
    name: "refunds of the whole that failed, a dispute that is won, and what stays",
    told: [
      paid(),
      refund("R1", 100),
      failed("R1"),
      refund("R2", 80, THIN),
      failed("R2"),
      opened("D1", 100),
      closed("D1", "won", 1500),
      refund("R3", 60),
    ],
    balances: sixty(),
    lines: SIXTY,
    state: "paid",
    pv: 8000,
  },
  {
    name: "a refund that failed, of money without goods (P13)",
    told: [
      paid(),
      ["payment.confirmed", { payment_id: "P2", fee_minor: 0 }],
      refund("R1", 100, { payment_id: "P2" }),
      ["refund.failed", { refund_id: "R1", payment_id: "P2" }],
      refund("R2", 60, { payment_id: "P2" }),
    ],
    balances: { ...SOLD, "cash:psp": 26_672 + 11_000, "cust:unapplied": -11_000 },
    lines: ["A 400-0", "S 400-0"],
    state: "paid",
    pv: 20_000,
  },
];

describe("returns of one sale end the same in any order, with repeats", () => {
  test.each(CASES)("$name", ({ told, balances, lines, state, pv }) => {
    const all = told.map((telling, i) => ({ telling, id: `${telling[0]} ${i}` }));
    const arrivals = fc
      .tuple(fc.shuffledSubarray(all, { minLength: all.length }), fc.shuffledSubarray(all))
      .map(([once, again]) => [...once, ...again]);
    fc.assert(
      fc.property(arrivals, (order) => {
        const given = new TestOrder();
        for (const { telling, id } of order) given.tell(...telling, { id });
        expect(given.balances).toEqual(balances);
        expect(given.lines).toEqual(lines);
        expect(given.row?.state).toBe(state);
        const outcomes = all.map(({ id }) => given.outcomeOf(id));
        expect(
          outcomes.filter((outcome) => !/^(?:applied|duplicate)$/.test(outcome ?? "")),
        ).toEqual([]);
        const months =
          pv === 0 ? {} : { "2026-07": { A: [0, 0, pv], B: [pv, pv, pv], S: [0, 0, pv] } };
        expect(given.volumes).toEqual(months);
      }),
      { numRuns: runs(60) },
    );
  });
});
