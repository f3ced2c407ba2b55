import { describe, expect, test } from "vitest";
import { EVENT_TYPES, narrow } from "#src/core/contracts/catalogue.ts";
import type { EventOf } from "#src/core/contracts/catalogue.ts";
import { isReturn, returnIdOf, returnOf } from "#src/core/order/return-of.ts";
import type { Json } from "#src/core/json.ts";
import { event, NOW_MS, OUT } from "../support/events.ts";

function told(
  type: "refund.completed" | "chargeback.opened",
  data: Readonly<Record<string, Json>> = {},
): EventOf<"refund.completed"> | EventOf<"chargeback.opened"> {
  const read = narrow(event(type, {}, data));
  if (read.type !== "refund.completed" && read.type !== "chargeback.opened") {
    throw new Error(`Not a return: ${read.type}`);
  }
  return read;
}

test("isReturn() is what becomes of money that was paid before", () => {
  expect(EVENT_TYPES.filter((type) => isReturn(event(type)))).toEqual([
    "refund.completed",
    "refund.failed",
    "chargeback.opened",
    "chargeback.closed",
  ]);
});

describe("returnOf()", () => {
  test("reads a refund", () => {
    expect(returnOf(told("refund.completed"))).toEqual({
      kind: "refund",
      id: "R1",
      amount_minor: 10_800,
      parts: { net_minor: 10_000, tax_minor: 800, shipping_minor: 0 },
      occurred_ms: NOW_MS,
      open: false,
      undone: false,
    });
  });

  test("reads a refund that is told as an amount", () => {
    const thin = told("refund.completed", { net_minor: OUT, tax_minor: OUT });
    expect(returnOf(thin).parts).toBeNull();
  });

  test("reads a dispute, which is open", () => {
    expect(returnOf(told("chargeback.opened"))).toMatchObject({
      kind: "dispute",
      id: "D1",
      amount_minor: 10_825,
      open: true,
      undone: false,
    });
  });

  test("names each by its own id", () => {
    expect(returnIdOf(told("refund.completed"))).toBe("R1");
    expect(returnIdOf(told("chargeback.opened"))).toBe("D1");
  });
});
