import { describe, expect, test } from "vitest";
import { rowOf } from "#src/core/order/row.ts";
import { type OrderState, type OwnLine, readOrder, type Return } from "#src/core/order/state.ts";

const GOODS = {
  currency: "USD",
  amount_minor: 27_500,
  net_minor: 25_000,
  tax_minor: 2000,
  shipping_minor: 500,
  cv_x100: 20_000,
  pv_x100: 19_000,
  source_node: "C",
  order_kind: "store",
  package: null,
};
const SALE = {
  ...GOODS,
  payment_id: "P1",
  fee_minor: 828,
  paid_ms: 1000,
  period_id: "2026-07",
};
const ALL = { net_minor: 25_000, tax_minor: 2000, shipping_minor: 500 };
const DISPUTE: Return = {
  kind: "dispute",
  id: "D1",
  amount_minor: 27_500,
  parts: ALL,
  occurred_ms: 0,
  open: true,
  undone: false,
};

const order = (given: Partial<OrderState>): OrderState => ({ ...readOrder(undefined), ...given });

const line = (
  id: string,
  amount_minor: number,
  reversed_minor: number,
  currency = "USD",
): OwnLine => ({
  line_id: id,
  distributor_id: "B",
  component: "level",
  level: 1,
  depth: 1,
  rate_ppm: 50_000,
  amount_minor,
  reversed_minor,
  currency,
  rounding: "half_even",
  bucket: "pending",
  period_id: "2026-07",
  available_ms: null,
  ver: 1,
  computation: 1,
});

describe("rowOf()", () => {
  test.each<{ name: string; given: Partial<OrderState>; state: string }>([
    { name: "known by a cancellation alone", given: { cancelled: true }, state: "cancelled" },
    { name: "placed", given: { placed: GOODS }, state: "placed" },
    { name: "placed and cancelled", given: { placed: GOODS, cancelled: true }, state: "cancelled" },
    { name: "paid", given: { sale: SALE }, state: "paid" },
    { name: "paid although cancelled", given: { sale: SALE, cancelled: true }, state: "paid" },
    {
      name: "returned in part",
      given: { sale: SALE, returned: { ...ALL, net_minor: 1 } },
      state: "paid",
    },
    { name: "returned whole", given: { sale: SALE, returned: ALL }, state: "refunded" },
    {
      name: "worth nothing, and so never refunded",
      given: { sale: { ...SALE, amount_minor: 0 } },
      state: "paid",
    },
    {
      name: "in an open dispute",
      given: { sale: SALE, returned: ALL, returns: [DISPUTE] },
      state: "disputed",
    },
    {
      name: "after a dispute that was lost",
      given: { sale: SALE, returned: ALL, returns: [{ ...DISPUTE, open: false }] },
      state: "refunded",
    },
  ])("an order $name is $state", ({ given, state }) => {
    expect(rowOf("O1", order(given)).state).toBe(state);
  });

  test("shows the sale, and what was told of the order before there is one", () => {
    expect(rowOf("O1", order({ placed: GOODS }))).toMatchObject({
      order_id: "O1",
      payment_id: null,
      source_node: "C",
      order_kind: "store",
      currency: "USD",
      amount_minor: 27_500,
      fee_minor: 0,
      cv_x100: 20_000,
      pv_x100: 19_000,
      paid_ms: null,
      period_id: null,
      lines: 0,
      manifest: "[]",
    });
    expect(
      rowOf("O1", order({ placed: { ...GOODS, source_node: "X" }, sale: SALE })),
    ).toMatchObject({
      payment_id: "P1",
      source_node: "C",
      fee_minor: 828,
      paid_ms: 1000,
      period_id: "2026-07",
    });
    expect(rowOf("O1", order({ cancelled: true }))).toMatchObject({
      source_node: null,
      currency: null,
      amount_minor: 0,
    });
  });

  test("counts what went back and the lines, by currency, those of nothing left out of the number", () => {
    const lines = [line("1", 400, 160), line("2", 0, 0), line("3", 7, 7, "EUR"), line("4", 400, 0)];
    expect(rowOf("O1", order({ sale: SALE, lines, returned: ALL }))).toMatchObject({
      returned_minor: 27_500,
      lines: 3,
      manifest: '[["EUR","7","7"],["USD","800","160"]]',
    });
  });

  test("writes sums beyond 2^53 exactly", () => {
    const most = Number.MAX_SAFE_INTEGER;
    const { manifest } = rowOf("O1", order({ lines: [line("1", most, 0), line("2", most, 1)] }));
    expect(manifest).toBe('[["USD","18014398509481982","1"]]');
  });
});
