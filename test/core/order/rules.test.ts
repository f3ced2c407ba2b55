import { describe, expect, test } from "vitest";
import { EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { isOrderEvent, orderRules } from "#src/core/order/rules.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { settleMove } from "#src/core/subject/settle.ts";
import { event, NOW_MS } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { around, PLAN, SOLD_MS, TestOrder } from "./support.ts";

const DAY_MS = 86_400_000;

const WANT = { node: "B", at_ms: SOLD_MS };

describe("isOrderEvent()", () => {
  test("knows what an order applies", () => {
    expect(EVENT_TYPES.filter((type) => isOrderEvent(event(type))).toSorted()).toEqual([
      "chargeback.closed",
      "chargeback.opened",
      "order.cancelled",
      "order.placed",
      "payment.confirmed",
      "payment.failed",
      "refund.completed",
      "refund.failed",
    ]);
  });
});

describe("an order", () => {
  test("cannot do anything with what is not its own", () => {
    const order = new TestOrder();
    expect(order.tell("rank.changed")).toBe("quarantined type_not_applied");
  });

  test("that is placed moves nothing and is shown", () => {
    const order = new TestOrder();
    expect(order.tell("order.placed")).toBe("applied");
    expect([order.balances, order.lines, order.volumes]).toEqual([{}, [], {}]);
    expect(order.row).toMatchObject({ state: "placed", amount_minor: 27_500, payment_id: null });
    expect(order.tell("order.placed")).toBe("duplicate");
    expect(order.tell("order.placed", { source_node: "X" })).toBe("conflict fact_contradicted");
    expect(order.tell("order.placed", { buyer_kind: "distributor" })).toBe(
      "conflict fact_contradicted",
    );
  });

  test("that is cancelled unpaid is shown so, and is told once", () => {
    const order = new TestOrder();
    order.tell("order.placed");
    expect(order.tell("order.cancelled")).toBe("applied");
    expect(order.row).toMatchObject({ state: "cancelled", amount_minor: 27_500 });
    expect(order.breaks).toEqual([]);
    expect(order.tell("order.cancelled", { reason: "fraud" })).toBe("duplicate");
  });

  test("keeps failed payments apart by their attempt", () => {
    const order = new TestOrder();
    const outcomes = [1, 2, 2].map((attempt) => order.tell("payment.failed", { attempt }));
    expect(outcomes).toEqual(["applied", "applied", "duplicate"]);
    expect(order.tell("payment.failed", { attempt: 2, payment_id: "P9" })).toBe("applied");
    expect(order.effects.every((effects) => Object.keys(effects).length === 0)).toBe(true);
  });

  test("sends its lines as absolute state, a version later each time", () => {
    const order = new TestOrder();
    order.tell("payment.confirmed");
    order.tell("refund.completed");
    const sent = order.effects.map(({ dispatch = [] }) =>
      dispatch.map(({ distributor_id, ver, amount_minor, reversed_minor, returned }) => [
        distributor_id,
        ver,
        amount_minor,
        reversed_minor,
        returned,
      ]),
    );
    expect(sent).toEqual([
      [
        ["A", 1, 400, 0, [0, 25_000]],
        ["S", 1, 400, 0, [0, 25_000]],
      ],
      [
        ["A", 2, 400, 160, [10_000, 25_000]],
        ["S", 2, 400, 160, [10_000, 25_000]],
      ],
    ]);
  });
});

describe("recompute", () => {
  const sold = () => {
    const order = new TestOrder();
    order.tell("payment.confirmed");
    order.tell("refund.completed");
    return order;
  };

  test("says nothing where nothing changed, nor a second time where something did", () => {
    const order = sold();
    expect(order.recompute()).toBeUndefined();
    order.world = { upline: ["S"] };
    const { dispatch = [] } = order.recompute() ?? {};
    expect(dispatch.map(({ line_id, amount_minor }) => `${line_id} ${amount_minor}`)).toEqual([
      "O1:level:1:A 0",
      "O1:level:2:S 0",
      "O1:level:1:S 400",
    ]);
    expect(order.recompute()).toBeUndefined();
  });

  test("takes the line of who is gone and adds that of who is new, with what went back", () => {
    const order = sold();
    order.world = { upline: ["S", "T"] };
    const { dispatch = [], order: row, transfers } = order.recompute() ?? {};
    expect(
      dispatch.map(({ line_id, amount_minor, reversed_minor, computation }) => [
        line_id,
        amount_minor,
        reversed_minor,
        computation,
      ]),
    ).toEqual([
      ["O1:level:1:A", 0, 0, 2],
      ["O1:level:2:S", 0, 0, 2],
      ["O1:level:1:S", 400, 160, 2],
      ["O1:level:2:T", 400, 160, 2],
    ]);
    expect(row).toMatchObject({ lines: 2, manifest: '[["USD","800","320"]]' });
    expect(transfers).toBeUndefined();
    expect(order.store.entries.at(-1)?.cause).toEqual({
      kind: "due",
      event_id: "later",
      occurred_ms: SOLD_MS,
    });
  });

  test.each([
    { name: "before its holdback is over", days: 10, bucket: "held" },
    { name: "when its holdback is over", days: 14, bucket: "available" },
  ])("sends the lines that changed as they are $name", ({ days, bucket }) => {
    const world = { mode: "gateway_final", plans: [{ ...PLAN, holdback_days: 14 }] } as const;
    const order = new TestOrder(world);
    order.tell("payment.confirmed");
    settleMove(
      { kind: "recompute", event_id: "later", want: WANT },
      {
        store: order.store,
        rules: orderRules,
        nowMs: SOLD_MS + days * DAY_MS,
        surroundings: around({ ...world, upline: ["T", "S"] }, [WANT]),
      },
    );
    const sent = order.effects.at(-1)?.dispatch ?? [];
    const available_ms = SOLD_MS + 14 * DAY_MS;
    expect(sent.map((line) => [line.line_id, line.bucket, line.available_ms])).toEqual([
      ["O1:level:1:A", bucket, available_ms],
      ["O1:level:1:T", bucket, available_ms],
    ]);
  });

  test("comes back to where it was, and every version is a later one", () => {
    const order = sold();
    const lines = order.lines;
    const seen = new Map<string, number>();
    for (const upline of [["S"], ["A", "S"], ["S", "A"], ["A", "S"]]) {
      order.world = { upline };
      for (const { line_id, ver } of order.recompute()?.dispatch ?? []) {
        expect(ver).toBeGreaterThan(seen.get(line_id) ?? 0);
        seen.set(line_id, ver);
      }
    }
    const isSome = (line: string) => !line.endsWith(" 0-0");
    expect(order.lines.filter(isSome)).toEqual(lines);
  });

  test.each([
    { name: "counts such orders nowhere", volume: { exclude_kinds: ["store"] } },
    { name: "takes returns from the sale's own period", volume: { refund_volume: "original" } },
  ] as const)("follows a plan of that time, saved since, that $name", ({ volume }) => {
    const plan: Plan = { ...PLAN, version: 2, volume: { ...PLAN.volume, ...volume } };
    const inTime = new TestOrder({ plans: [plan] });
    const late = new TestOrder();
    for (const order of [inTime, late]) {
      order.tell("payment.confirmed");
      order.tell(
        "refund.completed",
        {},
        { occurred_at: new Date(SOLD_MS + 40 * DAY_MS).toISOString() },
      );
    }
    late.world = { plans: [plan] };
    late.recompute();
    expect(late.state.volumes).toEqual(inTime.state.volumes);
    expect(late.state.terms).toEqual(inTime.state.terms);
  });

  test("leaves all as it was while somebody above is unknown", () => {
    const order = sold();
    order.world = { upline: { kind: "unknown", node: "X" } };
    expect(order.recompute()).toBeUndefined();
  });

  test("of an order without a sale is nothing, and so is any other move", () => {
    const store = new MemoryStore();
    const desk = { store, rules: orderRules, nowMs: NOW_MS, surroundings: around({}, [WANT]) };
    settleMove({ kind: "recompute", event_id: "later", want: WANT }, desk);
    settleMove({ kind: "due", line_id: "L1" }, desk);
    expect(store.entries).toEqual([]);
    const order = sold();
    const before = order.store.position();
    settleMove({ kind: "void", line_id: "O1:level:1:A" }, { ...desk, store: order.store });
    expect(order.store.position()).toBe(before);
  });
});
