import { describe, expect, test } from "vitest";
import { orderRules } from "#src/core/order/rules.ts";
import { capOrder, underCaps } from "#src/core/runs/cap-order.ts";
import type { Effects } from "#src/core/subject/entry.ts";
import type { Rules } from "#src/core/subject/rules.ts";
import { settleMove } from "#src/core/subject/settle.ts";
import { TestOrder } from "../order/support.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { NOW_MS } from "../support/events.ts";

const FIRST = "O1:level:1:A";
const SECOND = "O1:level:2:S";
const rules: Rules = {
  ...orderRules,
  move: (move, state, at) =>
    move.kind === "cap" ? capOrder(move, state) : orderRules.move?.(move, state, at),
};

/** W1's sale, with 4.00 for each of two people above. */
function sold(): TestOrder {
  const order = new TestOrder({ mode: "gateway_final" });
  order.tell("payment.confirmed");
  return order;
}

function cap(order: TestOrder, ...cuts: readonly (readonly [string, number])[]) {
  const before = order.store.position();
  const move = { kind: "cap", run_id: "close:main:2026-07", cuts } as const;
  settleMove(move, { store: order.store, rules, nowMs: NOW_MS });
  return order.store.entries[before]?.effects;
}
const told = (effects: Effects | undefined) =>
  effects?.dispatch?.map(({ line_id, amount_minor, reversed_minor, ver }) => ({
    line_id,
    amount_minor,
    reversed_minor,
    ver,
  }));

describe("capOrder()", () => {
  test("sends the smaller line as a later version, and its manifest says so", () => {
    const effects = cap(sold(), [FIRST, 160]);
    expect(told(effects)).toEqual([
      { line_id: FIRST, amount_minor: 160, reversed_minor: 0, ver: 2 },
    ]);
    expect(effects?.order?.manifest).toBe('[["USD","560","0"]]');
  });

  test("is nothing the second time, and never raises a line", () => {
    const order = sold();
    cap(order, [FIRST, 160]);
    expect(cap(order, [FIRST, 160])).toBeUndefined();
    expect(cap(order, [FIRST, 300], [SECOND, 500])).toBeUndefined();
  });

  test("a return takes its share of what the cap left, and the whole takes no more", () => {
    const order = sold();
    cap(order, [FIRST, 160]);
    order.tell("refund.completed");
    expect(told(order.store.entries.at(-1)?.effects)).toMatchObject([
      { line_id: FIRST, amount_minor: 160, reversed_minor: 64 },
      { line_id: SECOND, amount_minor: 400, reversed_minor: 160 },
    ]);
  });

  test("what was returned before is taken of the smaller line too", () => {
    const order = sold();
    order.tell("refund.completed");
    expect(told(cap(order, [FIRST, 200]))).toMatchObject([
      { line_id: FIRST, amount_minor: 200, reversed_minor: 80 },
    ]);
  });

  test("is nothing to an order that was never sold", () => {
    expect(cap(new TestOrder(), [FIRST, 0])).toBeUndefined();
  });
});

test("underCaps() keeps what a later computation finds below what the close left", () => {
  const order = sold();
  cap(order, [FIRST, 160]);
  const lines = [
    { line_id: FIRST, amount_minor: 900 },
    { line_id: SECOND, amount_minor: 900 },
  ];
  expect(underCaps(lines, order.store).map((line) => line.amount_minor)).toEqual([160, 900]);
  expect(underCaps([{ line_id: FIRST, amount_minor: 100 }], order.store)[0]).toMatchObject({
    amount_minor: 100,
  });
  expect(underCaps(lines, new MemoryStore())).toEqual(lines);
});
