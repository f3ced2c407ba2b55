import { describe, expect, test } from "vitest";
import { recounted } from "#src/core/order/recounted.ts";
import { type OrderState, readOrder, type Return } from "#src/core/order/state.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { around, PLAN, TestOrder } from "./support.ts";

/*
 * What is told of a return within one day moves nothing, until plans see a difference between its
 * times: a month that ends at that hour.
 */

const at = (instant: string) => ({ occurred_at: `2026-${instant}:00.000Z` });
const ms = (instant: string) => Date.parse(`2026-${instant}:00.000Z`);
const [LATE, EARLY] = ["11-01T05:00", "11-01T03:00"] as const;
const [LATE_END, EARLY_END] = ["12-01T06:00", "12-01T04:30"] as const;
const NEW_YORK: Plan = { ...PLAN, version: 2, period: { unit: "month", tz: "America/New_York" } };
/** No month of it ends at these hours. */
const LONDON: Plan = { ...PLAN, version: 2, period: { unit: "month", tz: "Europe/London" } };

const DISPUTE = { fee_minor: 1500 };
const closed = (outcome: "won" | "lost") => ({ outcome, fee_refunded_minor: 1000 });

/** Two payments, and a dispute of one, told with two times of one day, as its end is. */
function told(outcome: "won" | "lost" | undefined, payment_id = "P1"): TestOrder {
  const order = new TestOrder({ mode: "gateway_final" });
  order.tell("payment.confirmed");
  order.tell("payment.confirmed", { payment_id: "P2" }, at("11-22T13:00"));
  const data = { payment_id };
  order.tell("chargeback.opened", { ...DISPUTE, ...data }, at(LATE));
  expect(order.tell("chargeback.opened", { ...DISPUTE, ...data }, at(EARLY))).toBe("duplicate");
  expect(order.tell("chargeback.opened", { ...DISPUTE, ...data }, at("11-01T04:00"))).toBe(
    "duplicate",
  );
  if (outcome === undefined) return order;
  order.tell("chargeback.closed", { ...closed(outcome), ...data }, at(LATE_END));
  const again = () =>
    order.tell("chargeback.closed", { ...closed(outcome), ...data }, at(EARLY_END));
  expect([again(), again()]).toEqual(["duplicate", "duplicate"]);
  return order;
}

/** As of when each of a rule's transfers counts, in whole: instant → amount taken from the processor. */
function cash(order: TestOrder): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { event, cause, effects } of order.store.entries) {
    for (const { rule, debit, effective_ms, amount_minor } of effects.transfers ?? []) {
      if (rule !== "P7") continue;
      const instant = effective_ms ?? event?.occurred_ms ?? cause?.occurred_ms ?? 0;
      const name = new Date(instant).toISOString().slice(5, 16);
      sums[name] = (sums[name] ?? 0) + (debit === "cash:psp" ? -amount_minor : amount_minor);
    }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0));
}

describe("a dispute that is told with two times of one day", () => {
  test("counts as of the first that was heard of, and its end likewise", () => {
    expect(cash(told("won"))).toEqual({ [LATE]: 12_325, [LATE_END]: -11_825 });
  });

  test.each<{ name: string; plan: Plan; outcome?: "won" | "lost"; taken: Record<string, number> }>([
    { name: "and is open", plan: NEW_YORK, taken: { [EARLY]: 12_325 } },
    {
      name: "and was won",
      plan: NEW_YORK,
      outcome: "won",
      taken: { [EARLY]: 12_325, [EARLY_END]: -11_825 },
    },
    {
      name: "and was lost",
      plan: NEW_YORK,
      outcome: "lost",
      taken: { [EARLY]: 12_325, [EARLY_END]: -1000 },
    },
    {
      name: "neither of which a month's end lies between",
      plan: LONDON,
      outcome: "won",
      taken: { [LATE]: 12_325, [LATE_END]: -11_825 },
    },
  ])("$name: as of the earlier where a plan's month ends between", ({ plan, outcome, taken }) => {
    const order = told(outcome);
    const before = order.balances;
    order.world = { ...order.world, plans: [plan] };
    order.recompute();
    expect(cash(order)).toEqual(taken);
    expect(order.balances).toEqual(before);
    const [one] = order.state.returns;
    expect(one?.told_ms === undefined).toBe(plan === NEW_YORK);
    expect(order.recompute()).toBeUndefined();
  });
});

test("of a payment that has no goods a dispute is redated, too", () => {
  const order = told("won", "P2");
  order.world = { ...order.world, plans: [NEW_YORK] };
  order.recompute();
  const [one] = order.state.extras[0]?.returns ?? [];
  expect(one).toMatchObject({ occurred_ms: ms(EARLY), ended_ms: ms(EARLY_END) });
  expect(one).not.toHaveProperty("told_ms");
  expect(one).not.toHaveProperty("ended_told_ms");
  expect(cash(order)).toEqual({ [EARLY]: 1500, [EARLY_END]: -1000 });
});

test("an earlier day is posted at once, and nothing is remembered", () => {
  const order = told("won");
  expect(order.tell("chargeback.opened", DISPUTE, at("10-31T23:00"))).toBe("applied");
  expect(order.tell("chargeback.closed", closed("won"), at("11-30T23:00"))).toBe("applied");
  expect(cash(order)).toEqual({ "10-31T23:00": 12_325, "11-30T23:00": -11_825 });
  const [one] = order.state.returns;
  expect([one?.told_ms, one?.ended_told_ms]).toEqual([undefined, undefined]);
});

describe("recounted()", () => {
  const shown = { state: new MemoryStore(), around: around({ plans: [NEW_YORK] }, []) };

  test("leaves an order without a sale as it is", () => {
    const order = readOrder(undefined);
    expect(recounted(order, shown)).toEqual({ order, transfers: [], writes: [] });
  });

  test("moves no fee of a return whose fact is not there", () => {
    const order = told(undefined).state;
    const [one] = order.returns;
    const { order: after, transfers } = recounted(order, shown);
    expect(after.returns).toEqual([{ ...rest(one), occurred_ms: ms(EARLY) }]);
    expect(transfers).toEqual([]);
  });

  test("keeps the time of an end whose fact is not there", () => {
    const order: OrderState = told("won").state;
    expect(recounted(order, shown).order.returns).toMatchObject([{ ended_told_ms: ms(EARLY_END) }]);
  });

  function rest(one: Return | undefined) {
    const { told_ms: _told, ...others } = one ?? {};
    return others;
  }
});
