import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan } from "#src/core/plans/plan.ts";
import { ownLines, Watch } from "../support/gateway/faults.ts";
import { Gateway } from "../support/gateway/gateway.ts";
import type { PlainEvent } from "../support/naive/event.ts";
import {
  disputeClosed,
  disputed,
  enrolled,
  linked,
  moved,
  paid,
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

/** What happens to the company: an event, or a version of a plan that is saved by then. */
type Step = PlainEvent | { readonly plan: Plan };

function play(gateway: Gateway, steps: readonly Step[]): void {
  for (const step of steps) {
    if ("plan" in step) gateway.savePlan(step.plan);
    else gateway.accept([step]);
    gateway.drain();
  }
  gateway.sweep();
  gateway.drain();
}

/** Account, currency and day → what was posted as of it; lines with their dates; points by period. */
function ended(steps: readonly Step[], plans: readonly Plan[]) {
  const gateway = new Gateway({ tenant: "acme", mode: "gateway_final", plans, nowMs: NOW_MS });
  const watch = new Watch(gateway);
  gateway.accept(COMPANY);
  gateway.drain();
  play(gateway, steps);
  const days: Record<string, number> = {};
  const points: Record<string, number> = {};
  const add = (sums: Record<string, number>, name: string, amount: number) => {
    sums[name] = (sums[name] ?? 0) + amount;
  };
  for (const store of gateway.stores.values()) {
    for (const { effects, event, cause } of store.entries) {
      const ms = effects.effective_ms ?? event?.occurred_ms ?? cause?.occurred_ms ?? 0;
      for (const transfer of effects.transfers ?? []) {
        const { debit, credit, currency, amount_minor, effective_ms = ms } = transfer;
        const at = new Date(effective_ms).toISOString().slice(0, 10);
        add(days, `${debit} ${currency} ${at}`, amount_minor);
        add(days, `${credit} ${currency} ${at}`, -amount_minor);
      }
      for (const { period_id, distributor_id, cv_x100, gv_x100 } of effects.volumes ?? []) {
        add(points, `${distributor_id} ${period_id} cv`, cv_x100);
        add(points, `${distributor_id} ${period_id} gv`, gv_x100);
      }
    }
  }
  const lines = [...gateway.stores.values()].flatMap(ownLines).flatMap(({ line, available_ms }) => {
    const { line_id, amount_minor, reversed_minor, currency, state, period_id } = line;
    const shown = [line_id, amount_minor, reversed_minor, currency, state, period_id];
    return amount_minor === 0 ? [] : [[...shown, line.effective_ms, available_ms].join(" ")];
  });
  const some = (sums: Record<string, number>) =>
    Object.fromEntries(
      Object.entries(sums)
        .filter(([, sum]) => sum !== 0)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  return {
    faults: watch.step(),
    days: some(days),
    points: some(points),
    lines: lines.toSorted(),
    orders: [...gateway.mirror.orders.values()].map(
      ({ payment_id, paid_ms, period_id, returned_minor }) =>
        [payment_id, paid_ms, period_id, returned_minor].join(" "),
    ),
  };
}

interface Case {
  readonly name: string;
  readonly events: readonly Step[];
  readonly plan?: Partial<Plan>;
  /** A further version of the plan, of another time. */
  readonly next?: Partial<Plan>;
  /** An end that was here before its return leaves nothing between the two. */
  readonly isEndLast?: true;
}

const toldTwice = (shop: string, psp: string) => [
  paid("P1", SALE_OF_C, { id: "shop", occurred_at: shop }),
  paid("P1", SALE_OF_C, { id: "psp", occurred_at: psp }),
];
const DISPUTE = { payment_id: "P1", currency: "USD" };
const disputedOn = (at: string) =>
  disputed(
    "D1",
    { ...DISPUTE, amount_minor: 9999, net_minor: 9999, tax_minor: 0, fee_minor: 1500 },
    day(at),
  );
const won = disputeClosed(
  "D1",
  { ...DISPUTE, outcome: "won", fee_refunded_minor: 500 },
  day("2026-11-15"),
);

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
    isEndLast: true,
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
    isEndLast: true,
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
    const isEnd = (step: Step) => "type" in step && step.type === "chargeback.closed";
    const held = one.isEndLast === true ? one.events.filter(isEnd) : [];
    const free = one.events.filter((step) => !held.includes(step));
    const inTime = ended(one.events, plans);
    expect(inTime.faults).toEqual([]);
    fc.assert(
      fc.property(fc.shuffledSubarray(free, { minLength: free.length }), (order) => {
        expect(ended([...order, ...held], plans)).toEqual(inTime);
      }),
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

test("two tellings of a payment between whose times nothing lies move nothing", () => {
  const [shop, psp] = toldTwice("2026-10-20T05:00:00.000Z", "2026-10-20T05:00:02.000Z");
  const told = [psp, shop].flatMap((event) => event ?? []);
  expect(ended(told, [PLAN])).toEqual(ended(told.slice(0, 1), [PLAN]));
});
