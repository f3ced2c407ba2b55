import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan } from "#src/core/plans/plan.ts";
import { ownLines, Watch } from "../support/gateway/faults.ts";
import { Gateway } from "../support/gateway/gateway.ts";
import type { PlainEvent } from "../support/naive/event.ts";
import { enrolled, linked, paid, ranked, refunded } from "../support/naive/told.ts";
import { runs } from "../support/runs.ts";
import { PLAN, SALE_OF_C } from "./order/support.ts";

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

/** Account, currency and day → what was posted as of it; lines with their dates; points by period. */
function ended(events: readonly PlainEvent[], plan: Plan) {
  const gateway = new Gateway({
    tenant: "acme",
    mode: "gateway_final",
    plans: [plan],
    nowMs: NOW_MS,
  });
  const watch = new Watch(gateway);
  gateway.accept(COMPANY);
  gateway.drain();
  for (const event of events) {
    gateway.accept([event]);
    gateway.drain();
  }
  gateway.sweep();
  gateway.drain();
  const days: Record<string, number> = {};
  const points: Record<string, number> = {};
  const add = (sums: Record<string, number>, name: string, amount: number) => {
    sums[name] = (sums[name] ?? 0) + amount;
  };
  for (const store of gateway.stores.values()) {
    for (const { effects, event, cause } of store.entries) {
      const ms = effects.effective_ms ?? event?.occurred_ms ?? cause?.occurred_ms ?? 0;
      for (const { debit, credit, amount_minor, effective_ms = ms } of effects.transfers ?? []) {
        const at = new Date(effective_ms).toISOString().slice(0, 10);
        add(days, `${debit} ${at}`, amount_minor);
        add(days, `${credit} ${at}`, -amount_minor);
      }
      for (const { period_id, distributor_id, cv_x100, gv_x100 } of effects.volumes ?? []) {
        add(points, `${distributor_id} ${period_id} cv`, cv_x100);
        add(points, `${distributor_id} ${period_id} gv`, gv_x100);
      }
    }
  }
  const lines = [...gateway.stores.values()].flatMap(ownLines).flatMap(({ line, available_ms }) => {
    const { line_id, amount_minor, reversed_minor, state, period_id, effective_ms } = line;
    const shown = [line_id, amount_minor, reversed_minor, state, period_id, effective_ms];
    return amount_minor === 0 ? [] : [[...shown, available_ms].join(" ")];
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
  };
}

interface Case {
  readonly name: string;
  readonly events: readonly PlainEvent[];
  readonly plan?: Partial<Plan>;
}

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
];

describe("in any order of arrival", () => {
  test.each(CASES)("$name: the earlier counts, as of its own time", ({ events, plan }) => {
    const whole = { ...PLAN, holdback_days: 60, ...plan };
    const inTime = ended(events, whole);
    expect(inTime.faults).toEqual([]);
    fc.assert(
      fc.property(fc.shuffledSubarray([...events], { minLength: events.length }), (order) => {
        expect(ended(order, whole)).toEqual(inTime);
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
    const [a, b] = [tellings, tellings.toReversed()].map((told) => ended([first, ...told], PLAN));
    expect(a?.points).toEqual(b?.points);
    expect(a?.points).toMatchObject({ "C 2026-10 cv": 12_000 });
  });
});
