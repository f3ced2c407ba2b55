import { expect, test } from "vitest";
import { orderIdOf, readOrder, sumOf } from "#src/core/order/state.ts";

test("readOrder() begins with nothing, and reads what was written", () => {
  const empty = readOrder(undefined);
  expect(empty).toEqual({
    extras: [],
    returns: [],
    returned: { net_minor: 0, tax_minor: 0, shipping_minor: 0 },
    lines: [],
    computation: 0,
    volumes: {},
  });
  const cancelled = { ...empty, order_id: "O1", cancelled: true } as const;
  expect(readOrder(JSON.stringify(cancelled))).toEqual(cancelled);
});

test.each([
  ["order:O1", "O1"],
  ["order:order:1", "order:1"],
])("orderIdOf(%s) is %s", (key, id) => {
  expect(orderIdOf(key)).toBe(id);
});

test("sumOf() adds the parts", () => {
  expect(sumOf({ net_minor: 1, tax_minor: 20, shipping_minor: 300 })).toBe(321);
});
