import { describe, expect, test } from "vitest";
import type { Json } from "#src/core/json.ts";
import { readOrder } from "#src/core/order/state.ts";
import { NOW_MS, OUT } from "../support/events.ts";
import { PLAN, TestOrder } from "./support.ts";

/*
 * Orders that an older version kept: further payments as sums without dates, fees without theirs,
 * ends of returns without any; returns whose parts it forgot where they did not fit for a moment.
 */

const SECOND = { payment_id: "P2", fee_minor: 30 };
const EARLIER = { occurred_at: "2026-07-20T05:00:00.000Z" };
const LATER = { occurred_at: "2026-07-29T05:00:00.000Z" };
const REFUND = {
  payment_id: "P2",
  amount_minor: 500,
  net_minor: 500,
  tax_minor: 0,
  shipping_minor: 0,
};

/** The sample's payment and a second one, as they were kept before their tellings had dates. */
function kept(told: (order: TestOrder) => void, returned_minor = 0): TestOrder {
  const order = new TestOrder();
  order.tell("payment.confirmed");
  order.tell("payment.confirmed", SECOND, LATER);
  told(order);
  const { sale, extras, ...rest } = readOrder(order.store.view());
  const { fee_ms: _fee, ...older } = sale ?? {};
  const sums = extras.map(({ payment_id, currency, amount_minor, fee_minor }) => ({
    payment_id,
    currency,
    amount_minor,
    fee_minor,
    returned_minor,
  }));
  const view = JSON.stringify({ ...rest, sale: older, extras: sums });
  const ends = [...order.store.facts].filter(([key]) => key.includes("_end:"));
  order.store.commit({ recorded_ms: NOW_MS, effects: {} }, [
    { put: "view", view },
    ...ends.map(([key, fact]) => ({ put: "fact", key, fact: { ...fact, state: "" } }) as const),
  ]);
  return order;
}

const refunded = (order: TestOrder) => order.tell("refund.completed", REFUND);
const failed: Readonly<Record<string, Json>> = { payment_id: "P2", amount_minor: 500 };

describe("an order that an older version kept", () => {
  test("knows what went back of a further payment, and takes no more than is left", () => {
    const order = kept(refunded, 500);
    const more = { ...REFUND, refund_id: "R2", amount_minor: 27_001, net_minor: 27_001 };
    expect(order.tell("refund.completed", more)).toBe("quarantined refund_exceeds_payment");
    const rest = { amount_minor: 27_000, refund_id: "R3", payment_id: "P2" };
    const parts = { net_minor: 24_500, tax_minor: 2000, shipping_minor: 500 };
    expect(order.tell("refund.completed", { ...rest, ...parts })).toBe("applied");
    expect(order.balances["cust:unapplied"]).toBeUndefined();
  });

  test("gives back what failed of it, once", () => {
    const order = kept(refunded, 500);
    expect(order.balances["cust:unapplied"]).toBe(-27_000);
    expect(order.tell("refund.failed", failed)).toBe("applied");
    expect(order.tell("refund.failed", failed, EARLIER)).toBe("duplicate");
    expect(order.balances["cust:unapplied"]).toBe(-27_500);
    expect(order.state.extras[0]?.returned_minor).toBe(0);
  });

  test("has no date of an end: another telling of it moves nothing", () => {
    const order = new TestOrder();
    order.tell("payment.confirmed");
    order.tell("refund.completed");
    order.tell("refund.failed");
    const fact = order.store.fact("refund_end:R1");
    if (fact === undefined) throw new Error("No end is kept");
    order.store.commit({ recorded_ms: NOW_MS, effects: {} }, [
      { put: "fact", key: "refund_end:R1", fact: { ...fact, state: "" } },
    ]);
    expect(order.tell("refund.failed", {}, EARLIER)).toBe("duplicate");
  });

  test("is sold by a further payment that is told with an earlier time", () => {
    const order = kept(() => undefined);
    const before = order.balances;
    expect(order.tell("payment.confirmed", SECOND, EARLIER)).toBe("applied");
    expect(order.row).toMatchObject({ payment_id: "P2", fee_minor: 30, state: "paid" });
    expect(order.state.extras).toMatchObject([{ payment_id: "P1", paid_ms: NOW_MS }]);
    expect(order.balances).toEqual(before);
  });

  test("stays sold as it is where nobody knows when something went back of the other", () => {
    const order = kept(refunded, 500);
    expect(order.tell("payment.confirmed", SECOND, EARLIER)).toBe("duplicate");
    expect(order.row).toMatchObject({ payment_id: "P1" });
  });

  test("keeps the day of a fee that nobody dated", () => {
    const order = kept(() => undefined);
    order.tell("payment.confirmed", {}, EARLIER);
    const fees = order.effects.flatMap(({ transfers = [] }) =>
      transfers.filter(({ rule, reference }) => rule === "P2" && reference === "P1"),
    );
    expect(fees).toHaveLength(1);
  });
});

describe("returns whose parts an older version forgot", () => {
  const RETURN = { refund_id: "R1", amount_minor: 500 };
  const PARTS = { net_minor: 0, tax_minor: 0, shipping_minor: 500 };
  const AMOUNT = { net_minor: OUT, tax_minor: OUT, shipping_minor: OUT };

  /** Posted by its amount alone, though its fact has the parts that it was told with. */
  function forgotten(payment_id = "P1"): TestOrder {
    const order = new TestOrder();
    order.tell("payment.confirmed");
    order.tell("payment.confirmed", { payment_id: "P2", fee_minor: 0 }, LATER);
    order.tell("refund.completed", { ...RETURN, ...AMOUNT, payment_id });
    const fact = order.store.fact("refund:R1");
    if (fact === undefined) throw new Error("No refund is kept");
    const state = JSON.stringify({ ...JSON.parse(fact.state), parts: PARTS });
    order.store.commit({ recorded_ms: NOW_MS, effects: {} }, [
      { put: "fact", key: "refund:R1", fact: { ...fact, state } },
    ]);
    return order;
  }

  test("count by them as soon as another return is told", () => {
    const order = forgotten();
    expect(order.balances["rev:shipping"]).toBe(-491);
    const other = { refund_id: "R2", amount_minor: 2500, net_minor: 2500, tax_minor: 0 };
    expect(order.tell("refund.completed", { ...other, shipping_minor: 0 })).toBe("applied");
    expect(order.balances["rev:shipping"]).toBeUndefined();
    expect(order.balances["rev:refund"]).toBe(2500);
    expect(order.lines).toEqual(["A 400-40", "S 400-40"]);
  });

  test("count by them as soon as the sale is priced anew", () => {
    const order = forgotten();
    expect(order.lines).toEqual(["A 400-7", "S 400-7"]);
    expect(order.recompute()?.transfers).toHaveLength(3);
    expect(order.lines).toEqual(["A 400-0", "S 400-0"]);
    expect(order.balances["rev:shipping"]).toBeUndefined();
    expect(order.recompute()).toBeUndefined();
  });

  test("count by them once their payment is the sale", () => {
    const order = forgotten("P2");
    expect(order.tell("payment.confirmed", { payment_id: "P2", fee_minor: 0 }, EARLIER)).toBe(
      "applied",
    );
    expect(order.row).toMatchObject({ payment_id: "P2", returned_minor: 500 });
    expect(order.lines).toEqual(["A 400-0", "S 400-0"]);
  });

  test("are none where the fact has none either", () => {
    const order = new TestOrder();
    order.tell("payment.confirmed");
    order.tell("refund.completed", { ...RETURN, ...AMOUNT });
    expect(order.recompute()).toBeUndefined();
    expect(order.lines).toEqual(["A 400-7", "S 400-7"]);
  });
});

test("an end of which only the time is kept moves its fee once it is told with an earlier one", () => {
  const order = new TestOrder();
  const end = { outcome: "lost", fee_refunded_minor: 1000 };
  const at = (time: string) => ({ occurred_at: `2026-08-01T${time}:00.000Z` });
  order.tell("payment.confirmed");
  order.tell("chargeback.opened", { fee_minor: 1500 });
  order.tell("chargeback.closed", end, at("05:00"));
  const fact = order.store.fact("dispute_end:D1");
  if (fact === undefined) throw new Error("No end is kept");
  const state = JSON.stringify({ ended_ms: Date.parse("2026-08-01T05:00:00.000Z") });
  order.store.commit({ recorded_ms: NOW_MS, effects: {} }, [
    { put: "fact", key: "dispute_end:D1", fact: { ...fact, state } },
  ]);
  expect(order.tell("chargeback.closed", end, at("03:00"))).toBe("duplicate");
  const plan = { ...PLAN, period: { unit: "month", tz: "America/New_York" } } as const;
  order.world = { plans: [plan] };
  const { transfers = [] } = order.recompute() ?? {};
  expect(
    transfers.map(({ debit, credit, amount_minor, effective_ms = 0 }) =>
      [debit, credit, amount_minor, new Date(effective_ms).toISOString().slice(5, 16)].join(" "),
    ),
  ).toEqual([
    "cash:psp exp:chargeback_fee 1000 08-01T03:00",
    "exp:chargeback_fee cash:psp 1000 08-01T05:00",
  ]);
});

describe("a payment of which an older version kept what it was counted by alone", () => {
  const GOLD = { pv_x100: 30_000, package: "gold" };

  /** With this as all that its fact says of it, and of its order nothing that was not there then. */
  function counted(data: Readonly<Record<string, Json>>, state: object = { fee_minor: 828 }) {
    const order = new TestOrder();
    order.tell("payment.confirmed", data);
    keep(order, "P1", state);
    return order;
  }

  function keep(order: TestOrder, paymentId: string, state: object): void {
    const key = `payment:${paymentId}`;
    const fact = order.store.fact(key);
    if (fact === undefined) throw new Error(`No ${key} is kept`);
    order.store.commit({ recorded_ms: NOW_MS, effects: {} }, [
      { put: "fact", key, fact: { ...fact, state: JSON.stringify(state) } },
    ]);
  }

  const goodsOf = (order: TestOrder, paymentId: string) =>
    JSON.parse(order.store.fact(`payment:${paymentId}`)?.state ?? "{}").goods;

  test("has points alike and no package by default: its order can say them yet", () => {
    const order = counted({ pv_x100: OUT });
    expect(order.tell("order.placed", GOLD)).toBe("applied");
    expect(order.state.sale).toMatchObject(GOLD);
    expect(order.volumes["2026-07"]?.["B"]).toEqual([30_000, 20_000, 30_000]);
    expect(order.breaks).toEqual([]);
  });

  test("gets what its order said all along as soon as it is told again", () => {
    const order = counted({ pv_x100: OUT });
    const { placed: _placed, ...rest } = order.state;
    order.tell("order.placed", GOLD);
    const placed = order.state.placed;
    const view = JSON.stringify({ ...rest, placed });
    order.store.commit({ recorded_ms: NOW_MS, effects: {} }, [{ put: "view", view }]);
    expect(order.tell("payment.confirmed", { pv_x100: OUT })).toBe("applied");
    expect(order.row).toMatchObject({ pv_x100: 30_000 });
  });

  test.each<readonly [string, Readonly<Record<string, Json>>, string]>([
    ["the same", { pv_x100: 9999 }, "duplicate"],
    ["other parts", { net_minor: 24_000, tax_minor: 3000 }, "conflict fact_contradicted"],
    ["other points", { pv_x100: 9998 }, "conflict fact_contradicted"],
    ["a package besides", { package: "gold" }, "duplicate"],
  ])("is told again with %s", (_name, data, outcome) => {
    const order = counted({ pv_x100: 9999 });
    expect(order.tell("payment.confirmed", data)).toBe(outcome);
  });

  test("is known by that once another comes before it", () => {
    const order = counted({ pv_x100: OUT });
    expect(order.tell("payment.confirmed", { ...SECOND, source_node: "C" }, EARLIER)).toBe(
      "applied",
    );
    expect(order.row).toMatchObject({ payment_id: "P2", source_node: "C" });
    expect(goodsOf(order, "P1")).toEqual({
      net_minor: 25_000,
      tax_minor: 2000,
      shipping_minor: 500,
      cv_x100: 20_000,
      source_node: "B",
      order_kind: "store",
    });
  });

  test("and that was the sale once, can still be told with a package", () => {
    const order = new TestOrder();
    order.tell("payment.confirmed", { pv_x100: OUT });
    order.tell("payment.confirmed", SECOND, EARLIER);
    const goods = { ...goodsOf(order, "P1"), pv_x100: 20_000, package: null };
    keep(order, "P1", { fee_minor: 828, goods });
    expect(order.tell("payment.confirmed", GOLD)).toBe("duplicate");
    expect(goodsOf(order, "P1")).toMatchObject(GOLD);
  });
});
