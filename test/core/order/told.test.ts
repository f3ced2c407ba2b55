import { describe, expect, test } from "vitest";
import { readOrder } from "#src/core/order/state.ts";
import {
  changedOrder,
  disputeKey,
  factOf,
  goodsOf,
  impossible,
  known,
  partsTold,
  paymentKey,
  refundKey,
  tell,
} from "#src/core/order/told.ts";

const FACT = factOf(paymentKey("P1"), ["USD", 100]);

test("keys of payments, refunds and disputes never meet", () => {
  expect([paymentKey("1"), refundKey("1"), disputeKey("1")]).toEqual([
    "payment:1",
    "refund:1",
    "dispute:1",
  ]);
});

describe("known()", () => {
  const told = (essence: string) => ({ essence, eventId: "evt_1", state: "" });

  test.each([
    { name: "for the first time", before: undefined, answer: undefined },
    { name: "again", before: told(FACT.essence), answer: { kind: "repeat", of: "evt_1" } },
    {
      name: "otherwise",
      before: told(factOf("", ["EUR", 100]).essence),
      answer: {
        kind: "contradiction",
        of: "evt_1",
        reason: '"payment:P1" was told before with other particulars: the first stands',
      },
    },
  ])("answers a fact that is told $name", ({ before, answer }) => {
    expect(known(FACT, before)).toEqual(answer);
  });

  test("finds what tell() wrote", () => {
    const write = tell(FACT, "evt_1");
    expect(write).toEqual({ put: "fact", key: "payment:P1", fact: told('["USD",100]') });
  });
});

test("impossible() names what it needs only where it needs something", () => {
  expect(impossible("code", "reason")).toEqual({
    kind: "impossible",
    code: "code",
    reason: "reason",
  });
  expect(impossible("code", "reason", "room")).toMatchObject({ needs: "room" });
});

describe("partsTold()", () => {
  test.each([
    { data: {}, parts: null },
    { data: { tax_minor: 5 }, parts: null },
    { data: { net_minor: 0 }, parts: { net_minor: 0, tax_minor: 0, shipping_minor: 0 } },
    {
      data: { net_minor: 1, tax_minor: 2, shipping_minor: 3 },
      parts: { net_minor: 1, tax_minor: 2, shipping_minor: 3 },
    },
  ])("$data: $parts", ({ data, parts }) => {
    expect(partsTold(data)).toEqual(parts);
  });
});

describe("goodsOf()", () => {
  const data = {
    currency: "USD",
    amount_minor: 6,
    net_minor: 1,
    tax_minor: 2,
    shipping_minor: 3,
    cv_x100: 4,
    source_node: "B",
    order_kind: "store",
  };

  test.each([
    { more: {}, goods: { pv_x100: 4, package: null } },
    { more: { pv_x100: 0 }, goods: { pv_x100: 0, package: null } },
    { more: { package: "starter" }, goods: { pv_x100: 4, package: "starter" } },
    { more: { package: 7 }, goods: { pv_x100: 4, package: null } },
  ])("with $more: $goods", ({ more, goods }) => {
    expect(goodsOf({ ...data, ...more })).toEqual({ ...data, ...goods });
  });
});

test("changedOrder() shows the row, keeps the state, and says nothing of what did not change", () => {
  const before = readOrder(undefined);
  const after = { ...before, cancelled: true } as const;
  const change = { key: "order:O1", before, after, changed: [], effects: {}, writes: [] };
  const { effects, writes } = changedOrder(change);
  expect(Object.keys(effects)).toEqual(["order"]);
  expect(effects.order).toMatchObject({ order_id: "O1", state: "cancelled" });
  expect(writes).toEqual([
    { put: "view", view: JSON.stringify({ ...after, order_id: "O1", volumes: {} }) },
  ]);
});
