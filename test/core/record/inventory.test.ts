import { describe, expect, test } from "vitest";
import { isLow, lowStock, stockIdsOf } from "#src/core/record/inventory.ts";
import { event } from "../support/events.ts";

const at = { epoch: 0, rev: "9" };

describe("isLow()", () => {
  test.each([
    { stock: { on_hand: 1 }, low: false },
    { stock: { on_hand: 0 }, low: true },
    { stock: { on_hand: -3 }, low: true },
    { stock: { on_hand: 6, low_stock_at: 5 }, low: false },
    { stock: { on_hand: 5, low_stock_at: 5 }, low: true },
    { stock: { on_hand: -1, low_stock_at: -2 }, low: false },
    { stock: {}, low: false },
  ])("is $low of $stock", ({ stock, low }) => {
    expect(isLow(stock)).toBe(low);
  });
});

describe("lowStock()", () => {
  test("alerts once for each crossing, by place and revision", () => {
    const stock = { on_hand: 2, low_stock_at: 5 };
    const alert = {
      break_id: "LOW_STOCK:SKU-1:-:0.9",
      class: "LOW_STOCK",
      reference: "SKU-1:-",
      detail: "2 on hand, low at 5",
    };
    expect(lowStock("SKU-1:-", { stock, before: undefined, at })).toEqual([alert]);
    expect(lowStock("SKU-1:-", { stock, before: { on_hand: 6 }, at })).toEqual([alert]);
    expect(lowStock("SKU-1:-", { stock, before: { ...stock, on_hand: 5 }, at })).toEqual([]);
    expect(lowStock("SKU-1:-", { stock: { on_hand: 6 }, before: stock, at })).toEqual([]);
  });
});

describe("stockIdsOf()", () => {
  test.each(["SKU-1", "a:b%", ":"])("begins the id of %j at every place", (sku) => {
    for (const location of [{}, { location: "Ulm" }, { location: "x:y" }]) {
      const { key } = event("inventory.adjusted", { rev: 1 }, { sku, ...location });
      const rest = key.slice(`sku:${stockIdsOf(sku)}`.length);
      expect(`sku:${stockIdsOf(sku)}${rest}`).toBe(key);
      expect(rest).toBe(location.location ?? "-");
    }
  });
});
