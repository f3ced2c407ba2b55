import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "#src/core/json.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { ended as play, type Instant, type Step } from "../support/gateway/ended.ts";
import { differences } from "../support/gateway/compare.ts";
import { byDay, FLAT, type Payments, payments } from "../support/histories/payments.ts";
import type { PlainEvent } from "../support/naive/event.ts";
import { naive } from "../support/naive/naive.ts";
import {
  disputeClosed,
  disputed,
  enrolled,
  linked,
  moved,
  paid,
  placed,
  ranked,
  refunded,
} from "../support/naive/told.ts";
import { runs } from "../support/runs.ts";
import { LEVEL, PLAN, SALE_OF_C } from "./order/support.ts";

/*
 * Of two payments of an order, and of two tellings of one payment, the earlier counts: with its own
 * date, period, holdback and goods, whichever was heard of first.
 */

const NOW_MS = Date.parse("2026-11-22T12:00:00.000Z");
const day = (at: string) => ({ occurred_at: `${at}T05:00:00.000Z` });
const COMPANY = [
  enrolled("S"),
  enrolled("A", { sponsor_id: "S" }),
  enrolled("B", { sponsor_id: "S" }),
  linked("C", "A"),
  linked("E", "B"),
];
const first = paid("P1", SALE_OF_C, day("2026-10-20"));
const second = (more: object = {}, at = "2026-11-15") =>
  paid("P2", { ...SALE_OF_C, ...more }, day(at));
const back = (payment_id: string, at: string, amount_minor = 10_000) =>
  refunded(`R-${payment_id}`, { payment_id, currency: "USD", amount_minor }, day(at));
const RANKS: Pick<Plan, "ranks" | "components"> = {
  ranks: [{ code: "Member" }, { code: "Silver" }],
  components: [
    {
      kind: "unilevel",
      code: "level",
      tree: "sponsor",
      max_level: 2,
      pool_ppm: 400_000,
      rates_ppm: { Member: [], Silver: [50_000, 50_000] },
      compression: "none",
    },
  ],
};

const ended = (steps: readonly Step[], plans: readonly Plan[], shown?: Instant) =>
  play(steps, { plans, nowMs: NOW_MS, company: COMPANY }, shown).end;

interface Case {
  readonly name: string;
  readonly events: readonly Step[];
  readonly plan?: Partial<Plan>;
  /** A further version of the plan, of another time. */
  readonly next?: Partial<Plan>;
  /** Of two times of one day the first that was heard of stays. */
  readonly isByDay?: true;
}

const toldTwice = (shop: string, psp: string) => [
  paid("P1", SALE_OF_C, { id: "shop", occurred_at: shop }),
  paid("P1", SALE_OF_C, { id: "psp", occurred_at: psp }),
];
const at = (instant: string) => ({ occurred_at: `2026-${instant}.000Z` });
/** Another payment of the order, by somebody else. */
const other = (on: string) => paid("P2", { ...SALE_OF_C, source_node: "E" }, day(`2026-${on}`));
const disputedOn = (on: string, payment_id = "P1") =>
  disputed(
    "D1",
    {
      payment_id,
      currency: "USD",
      amount_minor: 9999,
      net_minor: 9999,
      tax_minor: 0,
      fee_minor: 1500,
    },
    day(on),
  );
const wonOn = (on: string, payment_id = "P1") =>
  disputeClosed(
    "D1",
    { payment_id, currency: "USD", outcome: "won", fee_refunded_minor: 500 },
    day(on),
  );
const won = wonOn("2026-11-15");
const EXCLUDED = { cv_to_money_ppm: 1_000_000, exclude_kinds: ["store"] };

const THIN = { order_id: "O1", currency: "USD", amount_minor: 25_000 };
const { pv_x100: _pv, ...WITHOUT_PV } = SALE_OF_C;
const placeOf = (id: string, date = "2026-10-20") => ({ id, ...day(date) });
/** What was ordered by {@link SALE_OF_C}, told with some members otherwise. */
const ordered = (data: Readonly<Record<string, Json>> = {}, id = "placed") =>
  placed("O1", { ...SALE_OF_C, buyer_kind: "customer", ...data }, { id, ...day("2026-10-19") });
const CASES: readonly Case[] = [
  { name: "two payments in two months", events: [first, second()] },
  { name: "that pay at once", events: [first, second()], plan: { holdback_days: 90 } },
  { name: "of other amounts", events: [first, second({ net_minor: 9000, amount_minor: 9000 })] },
  { name: "of other points", events: [first, second({ cv_x100: 10_000, pv_x100: 5000 })] },
  { name: "of another buyer", events: [first, second({ source_node: "E" })] },
  {
    name: "of which the later is refunded in part",
    events: [first, second(), back("P2", "2026-11-18")],
  },
  {
    name: "of which the earlier is refunded in part",
    events: [first, second(), back("P1", "2026-11-18")],
  },
  {
    name: "of which no plan covers the earlier",
    events: [first, second(), back("P1", "2026-11-18")],
    plan: { effective_from: "2026-11-01" },
  },
  {
    name: "between which somebody rose",
    events: [
      ranked("A", "Silver", { rev: 1, ...day("2026-11-01") }),
      ranked("S", "Silver", { rev: 1, ...day("2026-01-01") }),
      first,
      second(),
    ],
    plan: RANKS,
  },
  {
    name: "and a third",
    events: [first, second(), paid("P3", SALE_OF_C, day("2026-10-02"))],
  },
  {
    name: "one payment told with two times about a month's end",
    events: [
      paid("P1", SALE_OF_C, { id: "shop", occurred_at: "2026-10-31T23:59:59.000Z" }),
      paid(
        "P1",
        { ...SALE_OF_C, fee_minor: 30 },
        { id: "psp", occurred_at: "2026-11-01T00:00:02.000Z" },
      ),
    ],
  },
  {
    name: "the earlier of which is paid in another currency",
    events: [first, second(), back("P1", "2026-11-18")],
    next: { effective_from: "2026-11-01", currency: "EUR" },
  },
  {
    name: "that is told with two times, before and after the plan's currency changed",
    events: toldTwice("2026-10-31T23:59:59.000Z", "2026-11-01T00:00:02.000Z"),
    next: { effective_from: "2026-11-01", currency: "EUR" },
  },
  {
    name: "that is told with two times, before and after its plan changed within a month",
    events: toldTwice("2026-10-20T05:00:00.000Z", "2026-10-20T05:00:02.000Z"),
    next: {
      effective_from: "2026-10-20T05:00:01.000Z",
      holdback_days: 90,
      volume: { cv_to_money_ppm: 500_000 },
    },
  },
  {
    name: "that is told with two times about the end of a second plan's week",
    events: toldTwice("2026-10-18T23:59:59.000Z", "2026-10-19T00:00:02.000Z"),
    next: {
      plan_id: "weekly",
      effective_from: "2026-01-01",
      period: { unit: "week", tz: "UTC" },
      components: [{ ...LEVEL, code: "weekly" }],
    },
  },
  {
    name: "that counts nowhere, told with two times about a month's end",
    events: toldTwice("2026-10-31T23:59:59.000Z", "2026-11-01T00:00:02.000Z"),
    plan: { volume: { cv_to_money_ppm: 1_000_000, exclude_kinds: ["store"] } },
  },
  {
    name: "by no plan at all, told with two times about a month's end",
    events: toldTwice("2026-10-31T23:59:59.000Z", "2026-11-01T00:00:02.000Z"),
    plan: { effective_from: "2027-01-01" },
  },
  {
    name: "told with two times about a month's end, and returned twice",
    events: [
      ...toldTwice("2026-10-31T23:59:59.000Z", "2026-11-01T00:00:02.000Z"),
      back("P1", "2026-11-12", 8333),
      refunded("R2", { payment_id: "P1", currency: "USD", amount_minor: 6001 }, day("2026-11-18")),
    ],
  },
  {
    name: "of which the later is returned in two months",
    events: [
      paid("P1", SALE_OF_C, day("2026-09-20")),
      second({}, "2026-10-15"),
      back("P2", "2026-10-28", 8333),
      refunded("R2", { payment_id: "P2", currency: "USD", amount_minor: 6001 }, day("2026-11-18")),
    ],
  },
  {
    name: "of which the earlier pays whom the later paid only by what is known late",
    events: [linked("C", "B", { rev: 2 }), first, second({ source_node: "E" })],
  },
  {
    name: "one payment, refunded in a later month, and somebody rose before it",
    events: [
      ranked("A", "Silver", { rev: 1, ...day("2026-10-01") }),
      ranked("S", "Silver", { rev: 1, ...day("2026-01-01") }),
      first,
      back("P1", "2026-11-12", 8333),
      refunded("R2", { payment_id: "P1", currency: "USD", amount_minor: 6001 }, day("2026-11-18")),
    ],
    plan: RANKS,
  },
  {
    name: "one payment, refunded in a later month, from whom somebody was hung elsewhere",
    events: [
      moved(
        "A",
        { tree: "sponsor", parent_id: "B", effective_at: "2026-10-01" },
        { seq: 1, ...day("2026-10-01") },
      ),
      first,
      back("P1", "2026-11-12"),
    ],
  },
  {
    name: "one payment that is returned in part, disputed, and won",
    events: [first, back("P1", "2026-11-12", 8333), disputedOn("2026-11-10"), won],
  },
  {
    name: "one payment whose refund is told with two times about a month's end",
    events: [
      first,
      { ...back("P1", "2026-10-31", 8333), id: "a" },
      { ...back("P1", "2026-11-01", 8333), id: "b" },
      refunded("R2", { payment_id: "P1", currency: "USD", amount_minor: 6001 }, day("2026-10-25")),
    ],
  },
  {
    name: "one payment whose dispute is told with two times about a month's end",
    events: [
      first,
      { ...disputedOn("2026-10-31"), id: "a" },
      { ...disputedOn("2026-11-01"), id: "b" },
      won,
    ],
  },
  {
    name: "in another currency before it",
    events: [first, paid("P2", { ...SALE_OF_C, currency: "EUR" }, day("2026-10-02"))],
  },
  {
    name: "between two times of one payment in one month",
    events: [...toldTwice("2026-10-14T05:00:00.000Z", "2026-10-22T05:00:00.000Z"), other("10-20")],
  },
  {
    name: "between two times of one payment on one day",
    events: [
      ...toldTwice("2026-10-20T05:00:00.000Z", "2026-10-20T05:00:02.000Z"),
      paid("P2", { ...SALE_OF_C, source_node: "E" }, at("10-20T05:00:01")),
    ],
    isByDay: true,
  },
  {
    name: "each told twice, the earlier of each later than one of the other",
    events: [
      ...toldTwice("2026-10-14T05:00:00.000Z", "2026-10-22T05:00:00.000Z"),
      other("10-20"),
      { ...other("10-12"), id: "other" },
    ],
  },
  {
    name: "between two times of which somebody rose",
    events: [
      ranked("S", "Silver", { rev: 1, ...day("2026-01-01") }),
      ...toldTwice("2026-10-21T05:00:00.000Z", "2026-10-21T05:00:02.000Z"),
      ranked("A", "Silver", { rev: 1, ...at("10-21T05:00:01") }),
    ],
    plan: RANKS,
  },
  {
    name: "each with a fee that two tell with two times",
    events: [
      paid("P1", { ...SALE_OF_C, fee_minor: 30 }, at("10-20T05:00:00")),
      paid("P1", { ...SALE_OF_C, fee_minor: 30 }, { id: "psp", ...at("10-18T05:00:00") }),
      paid("P2", { ...SALE_OF_C, fee_minor: 31 }, at("11-02T05:00:00")),
      paid("P2", { ...SALE_OF_C, fee_minor: 31 }, { id: "psp-2", ...at("10-31T05:00:00") }),
      paid("P2", SALE_OF_C, { id: "shop-2", ...at("10-25T05:00:00") }),
    ],
  },
  {
    name: "of which the later is refunded, told with two times about a month's end",
    events: [
      first,
      second({}, "2026-10-25"),
      { ...back("P2", "2026-10-31", 8333), id: "a" },
      { ...back("P2", "2026-11-01", 8333), id: "b" },
    ],
  },
  {
    name: "of which the later is disputed, and both that and its end told with two times",
    events: [
      first,
      second({}, "2026-10-25"),
      ...["2026-10-28", "2026-11-01"].map((on) => ({ ...disputedOn(on, "P2"), id: on })),
      ...["2026-11-04", "2026-11-15"].map((on) => ({ ...wonOn(on, "P2"), id: on })),
    ],
  },
  {
    name: "the earlier of which cannot say what it was for until its order is told of",
    events: [
      paid("P1", { order_id: "O1", currency: "USD", amount_minor: 25_000 }, day("2026-10-20")),
      second({ source_node: "E" }),
      placed("O1", { ...SALE_OF_C, buyer_kind: "customer" }, day("2026-10-19")),
    ],
  },
  {
    name: "the earlier of which says what it was for in its second telling only",
    events: [
      paid("P1", { order_id: "O1", currency: "USD", amount_minor: 25_000 }, day("2026-10-20")),
      paid("P1", SALE_OF_C, { id: "full", ...day("2026-10-20") }),
      second({ source_node: "E", net_minor: 9000, amount_minor: 9000 }),
    ],
  },
  {
    name: "that count nowhere, and a plan of before them that has other periods",
    events: [
      first,
      {
        plan: {
          ...PLAN,
          volume: EXCLUDED,
          holdback_days: 60,
          version: 2,
          effective_from: "2026-10-10",
          period: { unit: "week", tz: "UTC" },
        },
      },
    ],
    plan: { volume: EXCLUDED },
  },
  {
    name: "one payment, its part returned, and a plan of before it that rounds down",
    events: [
      first,
      back("P1", "2026-11-12", 8350),
      {
        plan: {
          ...PLAN,
          holdback_days: 60,
          version: 2,
          effective_from: "2026-10-10",
          rounding: "down",
        },
      },
    ],
  },
  ...Object.entries({
    "another currency": { currency: "EUR" },
    "another holdback": { holdback_days: 50 },
    "no holdback": { holdback_days: 0 },
    "other periods": { period: { unit: "week", tz: "UTC" } },
  } satisfies Record<string, Partial<Plan>>).map(([name, next]) => ({
    name: `one payment, and a plan of before it with ${name}`,
    events: [
      first,
      back("P1", "2026-11-12"),
      {
        plan: {
          ...PLAN,
          holdback_days: 60,
          version: 2,
          effective_from: "2026-10-10",
          ...next,
        },
      },
    ],
  })),
];

describe("in any order of arrival", () => {
  test.each(CASES)("$name: the earlier counts, as of its own time", (one) => {
    const whole = { ...PLAN, holdback_days: 60, ...one.plan };
    const plans = one.next === undefined ? [whole] : [whole, { ...whole, version: 2, ...one.next }];
    const shown = one.isByDay === true ? byDay : undefined;
    const inTime = ended(one.events, plans, shown);
    expect(inTime.faults).toEqual([]);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...one.events], { minLength: one.events.length }),
        (order) => {
          expect(ended(order, plans, shown)).toEqual(inTime);
        },
      ),
      { numRuns: runs(12) },
    );
  });

  test("a refund told with two times about a month's end takes points from the earlier month", () => {
    const tellings = [
      refunded(
        "R1",
        { payment_id: "P1", currency: "USD", amount_minor: 10_000 },
        { id: "a", occurred_at: "2026-10-31T23:59:59.000Z" },
      ),
      refunded(
        "R1",
        { payment_id: "P1", currency: "USD", amount_minor: 10_000 },
        { id: "b", occurred_at: "2026-11-01T00:00:02.000Z" },
      ),
    ];
    const [a, b] = [tellings, tellings.toReversed()].map((told) => ended([first, ...told], [PLAN]));
    expect(a?.points).toEqual(b?.points);
    expect(a?.points).toMatchObject({ "C 2026-10 cv": 12_000 });
  });
});

describe("a closed period", () => {
  const close = (period_id: string): PlainEvent => ({
    id: `close-${period_id}`,
    type: "period.closed",
    version: 1,
    occurred_at: "2026-11-20T00:00:00.000Z",
    rev: 1,
    data: { period_id, run_id: `run-${period_id}`, totals: { USD: 800 }, lines: 2, digest: "d" },
  });
  const earlier = paid("P1", SALE_OF_C, day("2026-09-20"));
  const later = second({}, "2026-10-15");
  const [shop, psp] = toldTwice("2026-09-30T23:59:59.000Z", "2026-10-01T00:00:02.000Z");

  test.each<{ name: string; events: readonly (PlainEvent | undefined)[]; period: string }>([
    { name: "keeps its lines", events: [later, close("2026-10"), earlier], period: "2026-10" },
    {
      name: "keeps them though the earlier is closed, too",
      events: [later, close("2026-09"), close("2026-10"), earlier],
      period: "2026-10",
    },
    {
      name: "keeps those of a payment that is told again",
      events: [psp, close("2026-09"), close("2026-10"), shop],
      period: "2026-10",
    },
    { name: "gets none any more", events: [later, close("2026-09"), earlier], period: "2026-10" },
    { name: "gets none of the future", events: [earlier, close("2026-09")], period: "2026-09" },
    { name: "has no say in an open one", events: [later, earlier], period: "2026-09" },
  ])("$name: lines stand in $period", ({ events, period }) => {
    const given = events.flatMap((event) => event ?? []);
    const { lines, faults } = ended(given, [{ ...PLAN, holdback_days: 90 }]);
    expect(lines.map((line) => line.split(" ")[5])).toEqual([period, period]);
    expect(faults).toEqual([]);
  });
});

/** What tellings of a payment leave out, their order says, or another telling. */
function leftOut(): Readonly<Record<string, readonly PlainEvent[]>> {
  const full = paid("P1", WITHOUT_PV, placeOf("full"));
  const thin = paid("P1", THIN, placeOf("thin", "2026-10-21"));
  const gold = paid("P1", { ...THIN, package: "gold" }, placeOf("gold"));
  const otherParts = { net_minor: 23_000, tax_minor: 2000 };
  return {
    "points and package": [ordered({ pv_x100: 30_000, package: "gold" }), thin, full],
    "points and package, which a second telling of its order knows": [
      ordered({ pv_x100: 30_000 }),
      ordered({ pv_x100: 30_000, package: "gold" }, "placed again"),
      thin,
      full,
    ],
    "points, and another telling tells others than its order": [
      ordered({ pv_x100: 30_000, package: "gold" }),
      full,
      paid("P1", { ...THIN, pv_x100: 10_000 }, placeOf("pv")),
    ],
    "its package, and another telling tells it": [full, gold, thin],
    "its package, and another telling tells another than its order": [
      ordered({ package: "silver" }),
      full,
      gold,
    ],
    "its goods, and another telling tells other parts than its order": [
      ordered(),
      thin,
      paid("P1", { ...WITHOUT_PV, ...otherParts }, placeOf("full")),
    ],
    "its goods, and another telling tells other parts than its order, of which some go back": [
      ordered({ pv_x100: 30_000 }),
      thin,
      paid("P1", { ...WITHOUT_PV, ...otherParts, cv_x100: 18_000 }, placeOf("full")),
      refunded(
        "R1",
        {
          payment_id: "P1",
          currency: "USD",
          amount_minor: 7590,
          net_minor: 6990,
          tax_minor: 600,
        },
        day("2026-11-12"),
      ),
    ],
    "its goods, as another payment before it tells others": [
      ordered({ package: "gold" }),
      thin,
      paid("P2", { ...WITHOUT_PV, source_node: "E" }, placeOf("P2", "2026-10-14")),
    ],
    "its goods, as two others of its order tell theirs": [
      paid("P1", THIN, placeOf("thin")),
      paid("P2", { ...SALE_OF_C, source_node: "E" }, placeOf("P2", "2026-10-25")),
      paid("P3", { ...SALE_OF_C, cv_x100: 12_000 }, placeOf("P3", "2026-11-02")),
    ],
    "its goods but not its package, as two others of its order tell theirs": [
      paid("P1", { ...THIN, package: "gold" }, placeOf("thin")),
      paid(
        "P2",
        { ...SALE_OF_C, package: "silver", source_node: "E" },
        placeOf("P2", "2026-10-25"),
      ),
      paid("P3", { ...SALE_OF_C, cv_x100: 12_000 }, placeOf("P3", "2026-11-02")),
    ],
    "its goods, as the third of another amount tells them for it": [
      paid("P1", { ...THIN, amount_minor: 9000 }, placeOf("thin")),
      paid("P2", { ...SALE_OF_C, source_node: "E" }, placeOf("P2", "2026-10-25")),
      paid(
        "P3",
        { ...SALE_OF_C, net_minor: 9000, amount_minor: 9000 },
        placeOf("P3", "2026-11-02"),
      ),
    ],
  };
}

describe("what tellings of a payment leave out", () => {
  const plans: readonly Plan[] = [{ ...PLAN, holdback_days: 60, components: [LEVEL, FLAT] }];
  const world = { plans, nowMs: NOW_MS, company: COMPANY };

  test.each(Object.entries(leftOut()))("%s: is counted alike in any order", (_name, events) => {
    const inTime = ended(events, plans, byDay);
    for (const arrivals of ordersOf(events)) {
      const { gateway, watch, faults, end } = play(arrivals, world, byDay);
      expect(end).toEqual(inTime);
      const played = { gateway, watch, faults, contradictions: [] };
      const told = { tenant: "acme", mode: "gateway_final", plans } as const;
      const counted = naive({ ...told, events: [...COMPANY, ...arrivals] });
      expect(differences(played, counted, { hasMoves: false })).toEqual([]);
    }
  });

  test("is what its order says: points count for everybody, and fixed sums are paid", () => {
    const { points, lines, breaks } = ended(leftOut()["points and package"] ?? [], plans, byDay);
    expect(points).toMatchObject({
      "C 2026-10 pv": 30_000,
      "C 2026-10 cv": 20_000,
      "S 2026-10 gv": 30_000,
    });
    expect(lines.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "O1:flat:1:A 1000",
      "O1:flat:2:S 500",
      "O1:level:1:A 400",
      "O1:level:2:S 400",
    ]);
    expect(breaks).toEqual([]);
  });

  test("is for a person where two tell it otherwise, whichever came first", () => {
    const gold = paid("P1", { ...SALE_OF_C, package: "gold" }, placeOf("gold"));
    const silver = paid("P1", { ...THIN, package: "silver" }, placeOf("silver"));
    for (const arrivals of ordersOf([gold, silver])) {
      const told = [ordered({ package: "bronze" }), ...arrivals];
      expect(ended(told, plans).without).toEqual([`${arrivals[1]?.id} conflict`]);
    }
  });

  test("is told of where order and payment tell it otherwise, whichever came last", () => {
    const gold = paid("P1", { ...SALE_OF_C, package: "gold" }, placeOf("gold"));
    const differs = "ORDER_DIFFERS:O1 Order and payment tell different amounts, goods or buyers";
    for (const arrivals of ordersOf([gold, ordered({ package: "silver" })])) {
      expect(ended(arrivals, plans).breaks).toEqual([differs]);
    }
  });
});

/** All orders in which they can arrive. */
const ordersOf = (events: readonly PlainEvent[]): readonly (readonly PlainEvent[])[] =>
  events.length < 2
    ? [events]
    : events.flatMap((one) =>
        ordersOf(events.filter((event) => event !== one)).map((rest) => [one, ...rest]),
      );

describe("orders of several payments, told and returned by several senders", () => {
  const components = [...(RANKS.components ?? []), FLAT];
  const history = payments({ ...PLAN, ...RANKS, components, holdback_days: 90 });
  const arriving = history.chain((told) => {
    const order = fc.shuffledSubarray([...told.steps], { minLength: told.steps.length });
    return order.map((arrivals) => ({ told, arrivals }));
  });
  const worldOf = ({ plans, mode, before }: Payments) => ({
    plans,
    mode,
    nowMs: NOW_MS,
    company: [...COMPANY, ...before],
  });

  test("end the same in any order", () => {
    fc.assert(
      fc.property(arriving, ({ told, arrivals }) => {
        const world = worldOf(told);
        // Where nothing lies between two times of one day, the first that was heard of stays.
        const [a, b] = [told.steps, arrivals].map((steps) => play(steps, world, byDay).end);
        expect(a?.faults).toEqual([]);
        expect(b).toEqual(a);
      }),
      { numRuns: runs(100) },
    );
  });

  test("end as they are counted", () => {
    fc.assert(
      fc.property(
        arriving.filter(({ told }) => isCountable(told)),
        ({ told, arrivals }) => {
          const world = worldOf(told);
          const { gateway, watch, faults } = play(arrivals, world);
          const events = [...world.company, ...arrivals.filter((step) => "id" in step)];
          const plans = [
            ...told.plans,
            ...arrivals.flatMap((step) => ("plan" in step ? step.plan : [])),
          ];
          const counted = naive({ tenant: "acme", mode: told.mode, plans, events });
          const played = { gateway, watch, faults, contradictions: [] };
          expect(differences(played, counted, { hasMoves: false })).toEqual([]);
        },
      ),
      { numRuns: runs(100) },
    );
  });
});

/** The calculator knows one plan, months, and neither closed periods nor how returns of several months cut points. */
function isCountable({ plans, before, steps }: Payments): boolean {
  const all = [...plans, ...steps.flatMap((step) => ("plan" in step ? [step.plan] : []))];
  const isMonthly = all.every(
    ({ plan_id, period }) => plan_id === "main" && period.unit === "month",
  );
  const types = [...before, ...steps].map((step) => ("type" in step ? step.type : ""));
  return isMonthly && !types.some((type) => /^(?:period|refund|chargeback)\./.test(type));
}

test("two tellings of a payment between whose times nothing lies move nothing", () => {
  const [shop, psp] = toldTwice("2026-10-20T05:00:00.000Z", "2026-10-20T05:00:02.000Z");
  const told = [psp, shop].flatMap((event) => event ?? []);
  expect(ended(told, [PLAN])).toEqual(ended(told.slice(0, 1), [PLAN]));
});
