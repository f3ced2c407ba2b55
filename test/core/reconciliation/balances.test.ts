import { describe, expect, test } from "vitest";
import {
  balanceRows,
  type BalancesFound,
  type BalanceVector,
  judgeBalances,
} from "#src/core/reconciliation/balances.ts";
import type { JudgedBreak } from "#src/core/reconciliation/judge.ts";
import { NOW_MS } from "../support/events.ts";
import { contextOf, knownOf } from "./support.ts";

const HAVE: BalanceVector = { held: { USD: "400" }, available: { USD: "-5", EUR: "7" } };

const judged = (given: Partial<BalancesFound>, context = contextOf()) =>
  judgeBalances(
    { distributor_id: "B", core: HAVE, local: HAVE, isExplained: false, ...given },
    context,
  );

function breakIn(given: Partial<BalancesFound>, context = contextOf()): JudgedBreak {
  const found = judged(given, context);
  if (typeof found === "string") throw new Error(found);
  return found;
}

describe("judgeBalances()", () => {
  test.each<{ name: string; local: BalanceVector }>([
    { name: "the same", local: HAVE },
    { name: "zeros that one side leaves out", local: { ...HAVE, in_transit: { USD: "0" } } },
  ])("has nothing to say of $name", ({ local }) => {
    expect(judged({ local })).toBe("alike");
  });

  const local: BalanceVector = { ...HAVE, held: { USD: "399" }, in_transit: { JPY: "3" } };

  test("recomputes what differs without a line that does", () => {
    expect(breakIn({ local })).toMatchObject({
      class: "BALANCE_ONLY",
      distributor_id: "B",
      line_id: null,
      action: "recompute",
      why: null,
      is_new: true,
      detail:
        "held: the core has 400 USD, the mirror 399; in_transit: the core has 0 JPY, the mirror 3",
    });
  });

  test("leaves what is still there to a person", () => {
    const { break_id } = breakIn({ local });
    const known = knownOf({ break_id, opened_ms: 1, outcome: null });
    expect(breakIn({ local }, contextOf({ known }))).toMatchObject({
      break_id,
      action: "none",
      why: "still_there",
      opened_ms: 1,
    });
  });

  test("waits for lines that explain it, and for what is in flight", () => {
    expect(judged({ local, isExplained: true })).toBe("explained");
    expect(judged({ local, changed_ms: NOW_MS - 1000 })).toBe("in_flight");
    expect(breakIn({ local, changed_ms: NOW_MS - 3_600_000 }).action).toBe("recompute");
  });
});

test("rows of balances are sorted, without zeros", () => {
  expect(balanceRows("B", { ...HAVE, in_transit: { USD: "0" } })).toEqual([
    "B|available|EUR|7",
    "B|available|USD|-5",
    "B|held|USD|400",
  ]);
});
