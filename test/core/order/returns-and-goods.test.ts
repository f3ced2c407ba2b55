import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan } from "#src/core/plans/plan.ts";
import { ended, type Step } from "../../support/gateway/ended.ts";
import { byDay } from "../../support/histories/payments.ts";
import {
  disputeClosed,
  disputed,
  enrolled,
  linked,
  paid,
  placed,
  refunded,
} from "../../support/naive/told.ts";
import { runs } from "../../support/runs.ts";
import { PLAN as W1, SALE_OF_C } from "./support.ts";

/*
 * Returns that are told before the goods or the plans are known that they count by: what they come
 * to in the end is what they would have come to had all been known.
 */

/** Nothing is payable by the time that it is told. */
const PLAN: Plan = { ...W1, holdback_days: 180 };
const NOW_MS = Date.parse("2026-11-22T12:00:00.000Z");
const COMPANY = [
  enrolled("S"),
  enrolled("A", { sponsor_id: "S" }),
  enrolled("B", { sponsor_id: "S" }),
  linked("C", "A"),
  linked("E", "B"),
];
const at = (instant: string, id?: string) => ({
  occurred_at: `2026-${instant}Z`,
  ...(id === undefined ? {} : { id }),
});
const day = (date: string, id?: string) => at(`${date}T05:00:00.000`, id);

const MONEY = { currency: "USD", amount_minor: 11_000 };
const PARTS = { net_minor: 10_000, tax_minor: 0, shipping_minor: 1000 };
const GOODS = { ...SALE_OF_C, ...MONEY, ...PARTS };
/** A payment that says nothing of its goods, and what it says later. */
const thin = paid("P1", { order_id: "O1", ...MONEY }, day("07-20", "thin"));
const full = paid("P1", GOODS, day("07-20", "full"));
const second = (more: object = {}) =>
  paid(
    "P2",
    { ...GOODS, net_minor: 500, shipping_minor: 0, amount_minor: 500, ...more },
    day("07-25"),
  );

const shipping = { amount_minor: 1000, net_minor: 0, tax_minor: 0, shipping_minor: 1000 };
const opened = (id: string, more: object = {}, date = "07-26") =>
  disputed(
    id,
    { payment_id: "P1", currency: "USD", ...shipping, fee_minor: 15, ...more },
    day(date),
  );
const closed = (id: string, outcome: "won" | "lost", date = "07-28") =>
  disputeClosed(
    id,
    { payment_id: "P1", currency: "USD", outcome, fee_refunded_minor: 15 },
    day(date),
  );
const won = (id: string, date?: string) => closed(id, "won", date);
const back = (id: string, parts: object, more: object = {}) =>
  refunded(id, { payment_id: "P1", currency: "USD", ...parts, ...more }, day("07-27"));

interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly plans?: readonly Plan[];
  /** Distributor and what of 400 is taken back. */
  readonly lines: readonly string[];
  /** Of the order. */
  readonly returned: number;
  readonly shipping: number;
  /** By period. */
  readonly cv: Readonly<Record<string, number>>;
}

const WEEKS: Plan = {
  ...PLAN,
  version: 2,
  effective_from: "2026-07-10",
  period: { unit: "week", tz: "UTC" },
};
const UNTOUCHED = ["A 400-0", "S 400-0"];

const CASES: readonly Case[] = [
  {
    name: "two disputes of one part, of which one was won, of a payment that is only the sale later",
    steps: [second(), thin, opened("D1"), opened("D2"), full, won("D2")],
    lines: UNTOUCHED,
    returned: 1000,
    shipping: 0,
    cv: { "2026-07": 20_000 },
  },
  {
    name: "and a refund of the goods in parts, and one by its amount alone",
    steps: [
      second(),
      thin,
      opened("D1"),
      opened("D2", { amount_minor: 5000, net_minor: 4000 }),
      full,
      won("D2"),
      back("R1", { amount_minor: 2500, net_minor: 2500 }),
      back("R2", { amount_minor: 2500 }),
    ],
    lines: ["A 400-200", "S 400-200"],
    returned: 6000,
    shipping: 0,
    cv: { "2026-07": 10_000 },
  },
  {
    name: "of a payment for which another one's word stood first",
    steps: [
      second({ ...MONEY, net_minor: 11_000 }),
      thin,
      back("R1", shipping),
      opened("D1"),
      won("D1"),
      full,
    ],
    lines: UNTOUCHED,
    returned: 1000,
    shipping: 0,
    cv: { "2026-07": 20_000 },
  },
  {
    name: "of a payment for which another one's word stands, and that never says what it had",
    steps: [
      second({ ...MONEY, net_minor: 11_000 }),
      thin,
      back("R1", shipping),
      refunded(
        "R2",
        { payment_id: "P1", currency: "USD", amount_minor: 1000, net_minor: 1000 },
        day("08-02"),
      ),
    ],
    lines: ["A 400-73", "S 400-73"],
    returned: 2000,
    shipping: 0,
    cv: { "2026-07": 18_182, "2026-08": -1818 },
  },
  {
    name: "of a payment that was the sale for a while",
    steps: [
      paid("P0", { ...GOODS, source_node: "E" }, day("07-10")),
      thin,
      placed("O1", { ...GOODS, buyer_kind: "customer" }, day("07-09")),
      opened("D1"),
      opened("D2"),
      won("D2"),
      refunded("R0", { payment_id: "P0", currency: "USD", ...shipping }, day("07-27")),
    ],
    lines: ["B 400-0", "S 400-0"],
    returned: 1000,
    shipping: 0,
    cv: { "2026-07": 20_000 },
  },
  {
    name: "as the shop splits the sale, of a payment that splits it a unit otherwise",
    steps: [
      placed("O1", { ...GOODS, buyer_kind: "customer" }, day("07-19")),
      thin,
      paid("P1", { ...GOODS, net_minor: 10_001, shipping_minor: 999 }, day("07-20", "full")),
      back("R1", { amount_minor: 11_000, ...PARTS }),
    ],
    lines: ["A 400-400", "S 400-400"],
    returned: 11_000,
    shipping: 0,
    cv: {},
  },
  {
    name: "in parts whose rounding comes to more of one than there was",
    steps: [
      full,
      back("R1", { amount_minor: 3667, net_minor: 3333, shipping_minor: 334 }),
      back("R2", { amount_minor: 3667, net_minor: 3333, shipping_minor: 334 }),
      back("R3", { amount_minor: 3666, net_minor: 3332, shipping_minor: 334 }),
    ],
    lines: ["A 400-400", "S 400-400"],
    returned: 11_000,
    shipping: 0,
    cv: {},
  },
  {
    name: "told by its amount and in parts, beside another one of more of a part than there was",
    steps: [
      full,
      back("R1", { amount_minor: 4000 }, {}),
      {
        ...back("R1", { amount_minor: 4000, net_minor: 3300, shipping_minor: 700 }),
        id: "R1-full",
      },
      back("R2", { amount_minor: 4000, net_minor: 3300, shipping_minor: 700 }),
    ],
    // 3300 and 3300, and 400 of the second one's shipping by its amount.
    lines: ["A 400-280", "S 400-280"],
    returned: 8000,
    shipping: 0,
    cv: { "2026-07": 6000 },
  },
  {
    name: "told twice within a day, of which a plan of before them makes two months",
    steps: [
      full,
      ...["03:00:00.000", "05:00:00.000"].map((time) =>
        refunded(
          "R1",
          { payment_id: "P1", currency: "USD", amount_minor: 5000, net_minor: 5000 },
          at(`11-01T${time}`, time),
        ),
      ),
      {
        plan: {
          ...PLAN,
          version: 2,
          effective_from: "2026-07-10",
          period: { unit: "month", tz: "America/New_York" },
        },
      },
    ],
    lines: ["A 400-200", "S 400-200"],
    returned: 5000,
    shipping: -1000,
    cv: { "2026-07": 20_000, "2026-10": -10_000 },
  },
  {
    name: "told twice within a day, of a payment that is only the sale later, by another plan",
    steps: [
      paid("P2", { ...GOODS, source_node: "E" }, day("07-28")),
      paid("P1", GOODS, day("07-27", "late")),
      paid("P1", GOODS, day("07-05", "early")),
      ...["14:00:00.000", "16:00:00.000"].map((time) =>
        refunded(
          "R1",
          { payment_id: "P1", currency: "USD", amount_minor: 5000, net_minor: 5000 },
          at(`10-31T${time}`, time),
        ),
      ),
    ],
    plans: [{ ...PLAN, period: { unit: "month", tz: "Asia/Tokyo" } }, WEEKS],
    lines: ["A 400-200", "S 400-200"],
    returned: 5000,
    shipping: -1000,
    cv: { "2026-07": 20_000, "2026-10": -10_000 },
  },
  {
    name: "a dispute and its end, each told twice within a day about two weeks' end",
    steps: [
      full,
      ...["10-19T03:00:00.000", "10-19T05:00:00.000"].map((instant) => ({
        ...opened("D1"),
        ...at(instant, instant),
      })),
      ...["10-26T03:00:00.000", "10-26T05:00:00.000"].map((instant) => ({
        ...closed("D1", "lost"),
        ...at(instant, `${instant} end`),
      })),
      { plan: { ...WEEKS, period: { unit: "week", tz: "America/New_York" } } },
    ],
    lines: UNTOUCHED,
    returned: 1000,
    shipping: 0,
    cv: { "2026-W30": 20_000 },
  },
];

const ends = (steps: readonly Step[], plans: readonly Plan[] = [PLAN]) =>
  ended(steps, { plans, nowMs: NOW_MS, company: COMPANY }, byDay);

describe("in any order of arrival", () => {
  test.each(CASES)("returns $name", ({ name: _name, steps, plans, ...expected }) => {
    const { end: inTime, gateway } = ends(steps, plans);
    expect(inTime.faults).toEqual([]);
    const sumOf = (account: string) =>
      Object.entries(inTime.days).reduce(
        (sum, [name, minor]) => sum + (name.startsWith(`${account} `) ? minor : 0),
        0,
      );
    const [order] = [...gateway.mirror.orders.values()];
    const lines = inTime.lines.map((line) => {
      const [name = "", amount, reversed] = line.split(" ");
      return `${name.split(":").at(-1)} ${amount}-${reversed}`;
    });
    const cv = Object.fromEntries(
      Object.entries(inTime.points).flatMap(([name, points]) => {
        const [, period = "", kind] = /^[CE] (\S+) (cv)$/.exec(name) ?? [];
        return kind === undefined ? [] : [[period, points]];
      }),
    );
    const returned = order?.returned_minor;
    expect({ lines, returned, shipping: sumOf("rev:shipping"), cv }).toEqual(expected);
    fc.assert(
      fc.property(fc.shuffledSubarray([...steps], { minLength: steps.length }), (order_) => {
        expect(ends(order_, plans).end).toEqual(inTime);
      }),
      { numRuns: runs(25) },
    );
  });
});
