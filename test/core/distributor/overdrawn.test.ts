import { describe, expect, test } from "vitest";
import { debtsOf, overdrawn } from "#src/core/distributor/overdrawn.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { WORKED } from "../../support/naive/worked.ts";

const view = (balances: object) => JSON.stringify({ balances, statuses: [] });

const plan = (more: Partial<Plan> = {}): Plan => {
  const [worked] = WORKED;
  if (worked === undefined) throw new Error("There is no worked example");
  return { ...worked.plan, ...more };
};

const AT = Date.parse("2026-07-10");

describe("debtsOf()", () => {
  test("is what stands on the debit side of the payable balance, by currency", () => {
    const balances = {
      "dist:B:available": { USD: "500", EUR: "-1", JPY: "0" },
      "dist:B:held": { CHF: "9" },
      "dist:A:available": { GBP: "7" },
    };
    expect([...debtsOf(view(balances), "B")]).toEqual([["USD", 500n]]);
    expect(debtsOf(undefined, "B").size).toBe(0);
  });
});

describe("overdrawn()", () => {
  const debts = new Map([
    ["USD", 500n],
    ["EUR", 9_007_199_254_740_993n],
  ]);

  test.each([
    { name: "no limit", plans: [plan()], expected: [] },
    {
      name: "a limit not reached",
      plans: [plan({ clawback: { limit_minor: 500 } })],
      expected: [],
    },
    {
      name: "a limit passed by one",
      plans: [plan({ clawback: { limit_minor: 499 } })],
      expected: [{ currency: "USD", owed_minor: "500", limit_minor: 499 }],
    },
    {
      name: "another currency, beyond what a number keeps",
      plans: [plan({ currency: "EUR", clawback: { limit_minor: 0 } })],
      expected: [{ currency: "EUR", owed_minor: "9007199254740993", limit_minor: 0 }],
    },
    {
      name: "a plan that does not hold yet",
      plans: [plan({ effective_from: "2026-08-01", clawback: { limit_minor: 0 } })],
      expected: [],
    },
  ])("tells of $name: $expected", ({ plans, expected }) => {
    expect(overdrawn(debts, plans, AT)).toEqual(expected);
  });
});
