import { describe, expect, test } from "vitest";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import type { Json } from "#src/core/json.ts";
import { orderRules } from "#src/core/order/rules.ts";
import { returnedParts } from "#src/core/order/returned.ts";
import { NOTHING, type Return } from "#src/core/order/state.ts";
import { proRata } from "#src/core/plans/rounding.ts";
import { settle } from "#src/core/subject/settle.ts";
import { arrive, NOW_MS, OUT } from "../support/events.ts";
import { TestOrder } from "./support.ts";

type Data = Readonly<Record<string, Json>>;
type Telling = readonly [EventType, Data?];

const PAID: Telling = ["payment.confirmed"];
const SECOND: Telling = ["payment.confirmed", { payment_id: "P2", fee_minor: 0 }];
/** W3: 40 % of the goods and their tax. */
const W3: Telling = ["refund.completed"];
const REST: Telling = [
  "refund.completed",
  {
    refund_id: "R2",
    amount_minor: 16_700,
    net_minor: 15_000,
    tax_minor: 1200,
    shipping_minor: 500,
  },
];
const thin = (refund_id: string, amount_minor: number, more: Data = {}): Telling => [
  "refund.completed",
  { refund_id, amount_minor, net_minor: OUT, tax_minor: OUT, ...more },
];
const dispute = (more: Data = {}): Telling => [
  "chargeback.opened",
  { amount_minor: 10_800, net_minor: 10_000, tax_minor: 800, ...more },
];
/** W3's amount, shared otherwise. */
const otherParts = (type: "refund.completed" | "chargeback.opened", more: Data = {}): Telling => [
  type,
  { amount_minor: 10_800, net_minor: 9000, tax_minor: 1800, ...more },
];
const ended = (outcome: "won" | "lost", fee_refunded_minor = 0, more: Data = {}): Telling => [
  "chargeback.closed",
  { outcome, fee_refunded_minor, ...more },
];

const SOLD = {
  "cash:psp": 26_672,
  "exp:psp_fee": 828,
  "rev:product": -25_000,
  "tax:sales": -2000,
  "rev:shipping": -500,
};
const AFTER_W3 = { ...SOLD, "cash:psp": 15_872, "rev:refund": 10_000, "tax:sales": -1200 };
const AFTER_W4 = {
  "cash:psp": -828,
  "exp:psp_fee": 828,
  "rev:product": -25_000,
  "rev:refund": 25_000,
};
const UNTOUCHED = ["A 400-0", "S 400-0"];
const PART = ["A 400-160", "S 400-160"];
const WHOLE = ["A 400-400", "S 400-400"];

interface Case {
  readonly name: string;
  readonly told: readonly Telling[];
  readonly outcomes: readonly string[];
  readonly balances: Readonly<Record<string, number>>;
  readonly lines: readonly string[];
  readonly state: string;
}

const CASES: readonly Case[] = [
  {
    name: "a part of the sale (W3)",
    told: [PAID, W3],
    outcomes: ["applied", "applied"],
    balances: AFTER_W3,
    lines: PART,
    state: "paid",
  },
  {
    name: "then the rest (W4)",
    told: [PAID, W3, REST],
    outcomes: ["applied", "applied", "applied"],
    balances: AFTER_W4,
    lines: WHOLE,
    state: "refunded",
  },
  {
    name: "before the payment (W5)",
    told: [REST, W3, PAID, PAID],
    outcomes: ["parked payment_unknown", "parked payment_unknown", "applied", "applied"],
    balances: AFTER_W4,
    lines: WHOLE,
    state: "refunded",
  },
  {
    name: "an amount alone, shared pro rata",
    told: [PAID, thin("R1", 5500)],
    outcomes: ["applied", "applied"],
    balances: {
      ...SOLD,
      "cash:psp": 21_172,
      "rev:refund": 5000,
      "tax:sales": -1600,
      "rev:shipping": -400,
    },
    lines: ["A 400-80", "S 400-80"],
    state: "paid",
  },
  {
    name: "the whole in two amounts",
    told: [PAID, thin("R1", 13_751), thin("R2", 13_749)],
    outcomes: ["applied", "applied", "applied"],
    balances: AFTER_W4,
    lines: WHOLE,
    state: "refunded",
  },
  {
    name: "an amount whose parts another sender tells later",
    told: [PAID, thin("R1", 10_800), W3],
    outcomes: ["applied", "applied", "applied"],
    balances: AFTER_W3,
    lines: PART,
    state: "paid",
  },
  {
    name: "parts, then the amount alone by another sender",
    told: [PAID, W3, thin("R1", 10_800)],
    outcomes: ["applied", "applied", "duplicate"],
    balances: AFTER_W3,
    lines: PART,
    state: "paid",
  },
  {
    name: "the same with another amount",
    told: [PAID, W3, thin("R1", 10_801)],
    outcomes: ["applied", "applied", "conflict fact_contradicted"],
    balances: AFTER_W3,
    lines: PART,
    state: "paid",
  },
  {
    name: "the same with other parts",
    told: [PAID, W3, otherParts("refund.completed")],
    outcomes: ["applied", "applied", "conflict fact_contradicted"],
    balances: AFTER_W3,
    lines: PART,
    state: "paid",
  },
  {
    name: "an amount, its parts later, and then others",
    told: [PAID, thin("R1", 10_800), W3, otherParts("refund.completed")],
    outcomes: ["applied", "applied", "applied", "conflict fact_contradicted"],
    balances: AFTER_W3,
    lines: PART,
    state: "paid",
  },
  {
    name: "a refund of a second payment, told again with other parts",
    told: [
      PAID,
      SECOND,
      ["refund.completed", { payment_id: "P2" }],
      otherParts("refund.completed", { payment_id: "P2" }),
      thin("R1", 10_800, { payment_id: "P2" }),
    ],
    outcomes: ["applied", "applied", "applied", "conflict fact_contradicted", "duplicate"],
    balances: { ...SOLD, "cash:psp": 43_372, "cust:unapplied": -16_700 },
    lines: UNTOUCHED,
    state: "paid",
  },
  {
    name: "the same dispute with other parts",
    told: [PAID, dispute(), otherParts("chargeback.opened")],
    outcomes: ["applied", "applied", "conflict fact_contradicted"],
    balances: { ...AFTER_W3, "cash:psp": 14_372, "exp:chargeback_fee": 1500 },
    lines: PART,
    state: "disputed",
  },
  {
    name: "more than the sale",
    told: [PAID, thin("R1", 27_501)],
    outcomes: ["applied", "quarantined refund_exceeds_payment"],
    balances: SOLD,
    lines: UNTOUCHED,
    state: "paid",
  },
  {
    name: "more than what is left",
    told: [PAID, W3, thin("R2", 16_701)],
    outcomes: ["applied", "applied", "quarantined refund_exceeds_payment"],
    balances: AFTER_W3,
    lines: PART,
    state: "paid",
  },
  {
    name: "more of its goods than the sale had",
    told: [PAID, ["refund.completed", { amount_minor: 25_001, net_minor: 25_001, tax_minor: 0 }]],
    outcomes: ["applied", "quarantined refund_exceeds_payment"],
    balances: SOLD,
    lines: UNTOUCHED,
    state: "paid",
  },
  {
    name: "in another currency",
    told: [PAID, thin("R1", 1, { currency: "EUR" })],
    outcomes: ["applied", "quarantined currency_mismatch"],
    balances: SOLD,
    lines: UNTOUCHED,
    state: "paid",
  },
  {
    name: "a dispute, open",
    told: [PAID, dispute()],
    outcomes: ["applied", "applied"],
    balances: { ...AFTER_W3, "cash:psp": 14_372, "exp:chargeback_fee": 1500 },
    lines: PART,
    state: "disputed",
  },
  {
    name: "a dispute, lost",
    told: [PAID, dispute(), ended("lost", 500)],
    outcomes: ["applied", "applied", "applied"],
    balances: { ...AFTER_W3, "cash:psp": 14_872, "exp:chargeback_fee": 1000 },
    lines: PART,
    state: "paid",
  },
  {
    name: "a dispute, won, its fee back",
    told: [PAID, dispute(), ended("won", 1500)],
    outcomes: ["applied", "applied", "applied"],
    balances: SOLD,
    lines: UNTOUCHED,
    state: "paid",
  },
  {
    name: "a dispute whose end is told first",
    told: [PAID, ended("won", 1000), dispute()],
    outcomes: ["applied", "parked dispute_unknown", "applied"],
    balances: { ...SOLD, "cash:psp": 26_172, "exp:chargeback_fee": 500 },
    lines: UNTOUCHED,
    state: "paid",
  },
  {
    name: "a dispute that ends twice",
    told: [PAID, dispute(), ended("won"), ended("won", 0, { note: "again" }), ended("lost")],
    outcomes: ["applied", "applied", "applied", "duplicate", "conflict fact_contradicted"],
    balances: { ...SOLD, "cash:psp": 25_172, "exp:chargeback_fee": 1500 },
    lines: UNTOUCHED,
    state: "paid",
  },
  {
    name: "a dispute that gives back more than its fee",
    told: [PAID, dispute(), ended("won", 1501)],
    outcomes: ["applied", "applied", "quarantined fee_exceeds_dispute"],
    balances: { ...AFTER_W3, "cash:psp": 14_372, "exp:chargeback_fee": 1500 },
    lines: PART,
    state: "disputed",
  },
  {
    name: "a dispute that ends in another currency",
    told: [PAID, dispute(), ended("won", 0, { currency: "EUR" })],
    outcomes: ["applied", "applied", "quarantined currency_mismatch"],
    balances: { ...AFTER_W3, "cash:psp": 14_372, "exp:chargeback_fee": 1500 },
    lines: PART,
    state: "disputed",
  },
  {
    name: "a refund that failed",
    told: [PAID, W3, ["refund.failed"]],
    outcomes: ["applied", "applied", "applied"],
    balances: SOLD,
    lines: UNTOUCHED,
    state: "paid",
  },
  {
    name: "a refund that failed, told first",
    told: [PAID, ["refund.failed"], W3, ["refund.failed", { reason: "again" }]],
    outcomes: ["applied", "parked refund_unknown", "applied", "duplicate"],
    balances: SOLD,
    lines: UNTOUCHED,
    state: "paid",
  },
  {
    name: "a refund that failed of another payment, or in another currency",
    told: [
      PAID,
      W3,
      ["refund.failed", { payment_id: "P9" }],
      ["refund.failed", { currency: "EUR" }],
    ],
    outcomes: [
      "applied",
      "applied",
      "quarantined payment_mismatch",
      "quarantined currency_mismatch",
    ],
    balances: AFTER_W3,
    lines: PART,
    state: "paid",
  },
  {
    name: "a refund that found no room until it failed",
    told: [PAID, W3, thin("R2", 20_000), ["refund.failed", { refund_id: "R2" }]],
    outcomes: ["applied", "applied", "quarantined refund_exceeds_payment", "parked refund_unknown"],
    balances: AFTER_W3,
    lines: PART,
    state: "paid",
  },
  {
    name: "the same dispute with another fee",
    told: [PAID, dispute(), dispute({ fee_minor: 1 })],
    outcomes: ["applied", "applied", "conflict fact_contradicted"],
    balances: { ...AFTER_W3, "cash:psp": 14_372, "exp:chargeback_fee": 1500 },
    lines: PART,
    state: "disputed",
  },
];

describe("a return", () => {
  test.each(CASES)("$name", ({ told, outcomes, balances, lines, state }) => {
    const order = new TestOrder();
    const ids = told.map(([type, data], i) => ({ type, data, id: `${type} ${i}` }));
    const found = ids.map(({ type, data, id }) => order.tell(type, data, { id }));
    // A payment that comes again is one.
    const expected = outcomes.map((outcome, i) =>
      told.slice(0, i).some((each) => each === told[i]) ? "duplicate" : outcome,
    );
    expect(found).toEqual(expected);
    expect(order.balances).toEqual(balances);
    expect(order.lines).toEqual(lines);
    expect(order.row?.state).toBe(state);
  });

  test("finds room where a dispute was won that had taken it", () => {
    const order = new TestOrder();
    order.tell(...PAID);
    order.tell("chargeback.opened", {
      amount_minor: 27_500,
      net_minor: 25_000,
      tax_minor: 2000,
      shipping_minor: 500,
    });
    expect(order.tell("refund.completed", {}, { id: "refund" })).toBe(
      "quarantined refund_exceeds_payment",
    );
    order.tell(...ended("lost", 0, { dispute_id: "D9" }));
    expect(order.outcomeOf("refund")).toBe("quarantined refund_exceeds_payment");
    order.tell(...ended("won", 1500));
    expect(order.outcomeOf("refund")).toBe("applied");
    expect(order.balances).toEqual(AFTER_W3);
    expect(order.lines).toEqual(PART);
  });

  test("of money without goods comes out of what is unapplied (P13)", () => {
    const order = new TestOrder();
    order.tell(...PAID);
    order.tell(...SECOND);
    const { "cash:psp": cash } = SOLD;
    const after = (unapplied: number, fee = 0) => ({
      ...SOLD,
      "cash:psp": cash + unapplied - fee,
      ...(unapplied === 0 ? {} : { "cust:unapplied": -unapplied }),
      ...(fee === 0 ? {} : { "exp:chargeback_fee": fee }),
    });
    expect(order.balances).toEqual(after(27_500));
    const back = { payment_id: "P2" };
    expect(order.tell(...thin("R1", 27_501, back))).toBe("quarantined refund_exceeds_payment");
    expect(order.tell(...thin("R2", 500, back))).toBe("applied");
    expect(order.tell(...thin("R3", 27_001, back))).toBe("quarantined refund_exceeds_payment");
    expect(order.balances).toEqual(after(27_000));
    expect(order.tell(...dispute(back))).toBe("applied");
    expect(order.balances).toEqual(after(16_200, 1500));
    expect(order.tell(...ended("won", 500, back))).toBe("applied");
    expect(order.balances).toEqual(after(27_000, 1000));
    expect(order.tell(...thin("R4", 1, { ...back, currency: "EUR" }))).toBe(
      "quarantined currency_mismatch",
    );
    expect(order.lines).toEqual(UNTOUCHED);
    expect(order.row).toMatchObject({ state: "paid", returned_minor: 0 });
  });

  test.each<[string, readonly Telling[]]>([
    ["applied", [PAID, dispute()]],
    ["waiting for its payment", [dispute()]],
    ["without room", [PAID, thin("R1", 27_500), dispute()]],
  ])("makes a dispute known by its id, so that its end finds the order: %s", (_name, told) => {
    const order = new TestOrder();
    for (const telling of told) order.tell(...telling);
    expect(order.effects.at(-1)?.aliases).toEqual(["dispute:D1"]);
  });

  test.each<[string, readonly Telling[]]>([
    ["applied", [PAID, W3]],
    ["waiting for its payment", [W3]],
    ["without room", [PAID, thin("R1", 27_501)]],
  ])("makes a refund known by its id, so that no other order takes it: %s", (_name, told) => {
    const order = new TestOrder();
    for (const telling of told) order.tell(...telling);
    expect(order.effects.at(-1)?.aliases).toEqual(["refund:R1"]);
  });

  test("cannot be judged without knowing which periods are closed", () => {
    const order = new TestOrder();
    order.tell(...PAID);
    const desk = { store: order.store, rules: orderRules, nowMs: NOW_MS };
    const refund = arrive("refund.completed", { key: "order:O1" }, { order_id: "O1" });
    expect(settle(refund, desk)).toMatchObject({ kind: "wants", want: { node: "B" } });
  });

  describe("of goods that were given away", () => {
    const FREE = { amount_minor: 0, net_minor: 0, tax_minor: 0, shipping_minor: 0, fee_minor: 0 };
    const NONE = { amount_minor: 0, net_minor: OUT, tax_minor: OUT };

    test.each<[string, readonly Telling[], readonly string[], string]>([
      ["takes all of it", [["payment.confirmed", FREE], thin("R1", 0, NONE)], WHOLE, "refunded"],
      [
        "takes all, told first",
        [thin("R1", 0, NONE), ["payment.confirmed", FREE]],
        WHOLE,
        "refunded",
      ],
      [
        "takes nothing where it failed",
        [["payment.confirmed", FREE], thin("R1", 0, NONE), ["refund.failed"]],
        UNTOUCHED,
        "paid",
      ],
      [
        "is no cancellation: that is for a person",
        [["payment.confirmed", FREE], ["order.cancelled"]],
        UNTOUCHED,
        "paid",
      ],
    ])("%s", (_name, told, lines, state) => {
      const order = new TestOrder();
      for (const telling of told) order.tell(...telling);
      expect(order.balances).toEqual({});
      expect(order.lines).toEqual(lines);
      expect(order.row?.state).toBe(state);
      const points = state === "paid" ? 20_000 : 0;
      expect(order.volumes["2026-07"]?.["B"]?.[0] ?? 0).toBe(points);
    });

    test("follows the whole amount where only the shipping cost something", () => {
      const order = new TestOrder();
      order.tell("payment.confirmed", { ...FREE, amount_minor: 1000, shipping_minor: 1000 });
      order.tell(...thin("R1", 250));
      expect(order.lines).toEqual(["A 400-100", "S 400-100"]);
      expect(order.volumes["2026-07"]?.["B"]).toEqual([15_000, 15_000, 15_000]);
    });
  });

  test("tells distributors nothing where their lines stay as they are", () => {
    const order = new TestOrder();
    order.tell(...PAID);
    order.tell("refund.completed", {
      amount_minor: 500,
      net_minor: 0,
      tax_minor: 0,
      shipping_minor: 500,
    });
    expect(order.effects.at(-1)?.dispatch).toBeUndefined();
    expect(order.effects.at(-1)?.transfers).toHaveLength(1);
  });
});

describe("returns of one order", () => {
  const DAY_MS = 86_400_000;
  const SMALL = { amount_minor: 1, net_minor: OUT, tax_minor: OUT };

  /** The sample's order after so many returns of a unit each, spread over so many days. */
  function returned(count: number, days: number): TestOrder {
    const order = new TestOrder();
    order.tell("payment.confirmed");
    const { state } = order;
    const returns = Array.from({ length: count }, (_, i): Return => ({
      kind: "refund",
      id: `R-${String(i).padStart(120, "0")}`,
      amount_minor: 1,
      parts: null,
      occurred_ms: NOW_MS + (i % days) * DAY_MS + i,
      open: false,
      undone: false,
    }));
    const [part, whole] = [Math.round((count * 25_000) / 27_500), 25_000];
    const lines = state.lines.map((line) => ({
      ...line,
      reversed_minor: proRata(line.amount_minor, part, whole, line.rounding),
    }));
    const parts = returnedParts(state.sale ?? NOTHING, returns) ?? NOTHING;
    const view = JSON.stringify({ ...state, returns, returned: parts, lines });
    order.store.commit({ recorded_ms: NOW_MS, effects: {} }, [{ put: "view", view }]);
    return order;
  }

  test("are taken a thousand times, on 250 days, and fit into a row and a message", () => {
    const order = returned(999, 250);
    expect(order.tell("refund.completed", { ...SMALL, amount_minor: 9000 })).toBe("applied");
    const { dispatch = [] } = order.effects.at(-1) ?? {};
    expect(dispatch).toHaveLength(2);
    for (const { returns = [] } of dispatch) expect(returns.length).toBeLessThanOrEqual(250);
    expect(JSON.stringify(dispatch[0]).length).toBeLessThan(10_000);
    expect(order.store.view()?.length).toBeLessThan(400_000);
  });

  test.each([
    { name: "more of them", count: 1000, days: 2 },
    { name: "on more days", count: 250, days: 250, at: NOW_MS - 9 * DAY_MS },
  ])("$name are for a person", ({ count, days, at = NOW_MS }) => {
    const order = returned(count, days);
    const when = { occurred_at: new Date(at).toISOString() };
    expect(order.tell("refund.completed", SMALL, when)).toBe("quarantined too_many_returns");
    expect(order.store.entries.at(-1)?.reason).toBe(
      "data.payment_id: payments of one order are returned 1000 times at most, on 250 days at most",
    );
  });
});
