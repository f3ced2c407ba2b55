import { describe, expect, test } from "vitest";
import type { Json } from "#src/core/json.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { OUT } from "../support/events.ts";
import { PLAN, TestOrder, type World } from "./support.ts";

type Data = Readonly<Record<string, Json>>;
type Telling = (order: TestOrder) => string;

/** 100.01 PV and 200.00 CV: not every share of them is whole. */
const sold: Telling = (order) =>
  order.tell("payment.confirmed", { cv_x100: 20_000, pv_x100: 10_001 });

const refund =
  (occurred_at: string, net_minor: number, more: Data = {}): Telling =>
  (order) =>
    order.tell(
      "refund.completed",
      {
        refund_id: `R${occurred_at}${net_minor}`,
        amount_minor: net_minor,
        net_minor,
        tax_minor: 0,
        ...more,
      },
      { occurred_at },
    );
const thin = (occurred_at: string, amount_minor: number): Telling =>
  refund(occurred_at, 0, {
    amount_minor,
    net_minor: OUT,
    tax_minor: OUT,
    refund_id: `T${amount_minor}`,
  });
const opened: Telling = (order) =>
  order.tell(
    "chargeback.opened",
    { amount_minor: 25_000, net_minor: 25_000, tax_minor: 0 },
    { occurred_at: "2026-08-02T00:00:00.000Z" },
  );
/** What a refund of 40 % has left. */
const opened15: Telling = (order) =>
  order.tell(
    "chargeback.opened",
    { amount_minor: 15_000, net_minor: 15_000, tax_minor: 0 },
    { occurred_at: "2026-08-04T00:00:00.000Z" },
  );
const won: Telling = (order) =>
  order.tell("chargeback.closed", { outcome: "won" }, { occurred_at: "2026-09-02T00:00:00.000Z" });

const planOf = (volume: Partial<Plan["volume"]>, more: Partial<Plan> = {}): World => ({
  plans: [{ ...PLAN, ...more, volume: { ...PLAN.volume, ...volume } }],
});

/** PV and CV of the source, the GV of all above with it. */
const all = (pv: number, cv: number) => ({ A: [0, 0, pv], B: [pv, cv, pv], S: [0, 0, pv] });

interface Case {
  readonly name: string;
  readonly world?: World;
  readonly told: readonly Telling[];
  readonly volumes: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

const AUGUST = "2026-08-03T00:00:00.000Z";
const SEPTEMBER = "2026-09-03T00:00:00.000Z";

const CASES: readonly Case[] = [
  { name: "of a sale", told: [sold], volumes: { "2026-07": all(10_001, 20_000) } },
  { name: "without a plan: none", world: { plans: [] }, told: [sold], volumes: {} },
  {
    name: "of an excluded kind: none",
    world: planOf({ exclude_kinds: ["store"] }),
    told: [sold],
    volumes: {},
  },
  {
    name: "of a closed period: in the next one",
    world: { closed: ["2026-07"] },
    told: [sold],
    volumes: { "2026-08": all(10_001, 20_000) },
  },
  {
    name: "that a refund takes from its own month",
    told: [sold, refund(AUGUST, 10_000)],
    volumes: { "2026-07": all(10_001, 20_000), "2026-08": all(-4000, -8000) },
  },
  {
    name: "that a refund takes from the month of the sale, where the plan says so",
    world: planOf({ refund_volume: "original" }),
    told: [sold, refund(AUGUST, 10_000)],
    volumes: { "2026-07": all(6001, 12_000) },
  },
  {
    name: "that refunds of two months take, rounded as one",
    told: [sold, refund(AUGUST, 12_500), refund(SEPTEMBER, 12_500)],
    volumes: {
      "2026-07": all(10_001, 20_000),
      "2026-08": all(-5000, -10_000),
      "2026-09": all(-5001, -10_000),
    },
  },
  {
    name: "that refunds of two months take, the later one told first",
    told: [sold, refund(SEPTEMBER, 12_500), refund(AUGUST, 12_500)],
    volumes: {
      "2026-07": all(10_001, 20_000),
      "2026-08": all(-5000, -10_000),
      "2026-09": all(-5001, -10_000),
    },
  },
  {
    name: "that a refund of tax leaves alone",
    told: [sold, refund(AUGUST, 0, { amount_minor: 2000, tax_minor: 2000 })],
    volumes: { "2026-07": all(10_001, 20_000) },
  },
  {
    name: "that a refund told as an amount takes by its share of the goods",
    told: [sold, thin(AUGUST, 13_750)],
    volumes: { "2026-07": all(10_001, 20_000), "2026-08": all(-5000, -10_000) },
  },
  {
    name: "that two amounts take whole",
    told: [sold, thin(AUGUST, 13_751), thin(SEPTEMBER, 13_749)],
    volumes: {
      "2026-07": all(10_001, 20_000),
      "2026-08": all(-5000, -10_000),
      "2026-09": all(-5001, -10_000),
    },
  },
  {
    name: "that an open dispute takes",
    told: [sold, opened],
    volumes: { "2026-07": all(10_001, 20_000), "2026-08": all(-10_001, -20_000) },
  },
  {
    name: "that a dispute which was won took never",
    told: [sold, opened, won],
    volumes: { "2026-07": all(10_001, 20_000) },
  },
];

describe("volume", () => {
  test.each(CASES)("$name", ({ world, told, volumes }) => {
    const order = new TestOrder(world);
    expect(new Set(told.map((tell) => tell(order)))).toEqual(new Set(["applied"]));
    expect(order.volumes).toEqual(volumes);
  });

  test("goes to who stands above now, and is given back by who no longer does", () => {
    const order = new TestOrder();
    sold(order);
    refund(AUGUST, 10_000)(order);
    order.world = { upline: ["X", "S"] };
    expect(order.recompute()?.volumes).toEqual([
      { period_id: "2026-07", distributor_id: "A", pv_x100: 0, cv_x100: 0, gv_x100: -10_001 },
      { period_id: "2026-07", distributor_id: "X", pv_x100: 0, cv_x100: 0, gv_x100: 10_001 },
      { period_id: "2026-08", distributor_id: "A", pv_x100: 0, cv_x100: 0, gv_x100: 4000 },
      { period_id: "2026-08", distributor_id: "X", pv_x100: 0, cv_x100: 0, gv_x100: -4000 },
    ]);
    const { "2026-07": july } = order.volumes;
    expect(july).toEqual({ B: [10_001, 20_000, 10_001], S: [0, 0, 10_001], X: [0, 0, 10_001] });
  });

  describe("never changes a closed period", () => {
    const close =
      (...closed: readonly string[]): Telling =>
      (order) => {
        order.world = { ...order.world, closed };
        return "applied";
      };
    const failed: Telling = (order) =>
      order.tell("refund.failed", { refund_id: `R${AUGUST}10000` });

    test.each<Case>([
      {
        name: "with a refund of that month",
        told: [sold, close("2026-07", "2026-08"), refund(AUGUST, 10_000)],
        volumes: { "2026-07": all(10_001, 20_000), "2026-09": all(-4000, -8000) },
      },
      {
        name: "with a refund, where the plan takes it from the month of the sale",
        world: planOf({ refund_volume: "original" }),
        told: [sold, close("2026-07"), refund(AUGUST, 10_000)],
        volumes: { "2026-07": all(10_001, 20_000), "2026-08": all(-4000, -8000) },
      },
      {
        name: "with a refund that failed, or a dispute that was won",
        told: [sold, refund(AUGUST, 10_000), opened15, close("2026-08"), failed, won],
        volumes: {
          "2026-07": all(10_001, 20_000),
          "2026-08": all(-10_001, -20_000),
          "2026-09": all(10_001, 20_000),
        },
      },
      {
        name: "with a refund that is told late and rounds another one otherwise",
        told: [
          sold,
          refund(SEPTEMBER, 12_500),
          close("2026-07", "2026-08", "2026-09"),
          refund(AUGUST, 12_500),
        ],
        volumes: {
          "2026-07": all(10_001, 20_000),
          "2026-09": all(-5000, -10_000),
          "2026-10": all(-5001, -10_000),
        },
      },
    ])("$name", ({ world, told, volumes }) => {
      const order = new TestOrder(world);
      expect(new Set(told.map((tell) => tell(order)))).toEqual(new Set(["applied"]));
      expect(order.volumes).toEqual(volumes);
    });

    test("with who stands above now", () => {
      const order = new TestOrder();
      sold(order);
      refund(AUGUST, 10_000)(order);
      order.world = { upline: ["X", "S"], closed: ["2026-07"] };
      expect(order.recompute()?.volumes).toEqual([
        { period_id: "2026-08", distributor_id: "A", pv_x100: 0, cv_x100: 0, gv_x100: -6001 },
        { period_id: "2026-08", distributor_id: "X", pv_x100: 0, cv_x100: 0, gv_x100: 6001 },
      ]);
    });
  });

  test("of weeks has their names", () => {
    const order = new TestOrder(planOf({}, { period: { unit: "week", tz: "UTC" } }));
    sold(order);
    expect(Object.keys(order.volumes)).toEqual(["2026-W30"]);
  });
});
