import { describe, expect, test } from "vitest";
import {
  balanceRows,
  type BalancesFound,
  type BalanceVector,
  broughtUp,
  comparableOf,
  isAlike,
  judgeBalances,
  vectorsOf,
} from "#src/core/reconciliation/balances.ts";
import type { JudgedBreak } from "#src/core/reconciliation/judge.ts";
import { NOW_MS } from "../support/events.ts";
import { contextOf, coreLine, knownOf, localLine } from "./support.ts";

const HAVE: BalanceVector = { held: { USD: "400" }, available: { USD: "-5", EUR: "7" } };

const judged = (given: Partial<BalancesFound>, context = contextOf()) =>
  judgeBalances(
    { distributor_id: "B", core: HAVE, local: HAVE, isRecomputed: false, ...given },
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
    expect(breakIn({ local, isRecomputed: true }, contextOf({ known }))).toMatchObject({
      break_id,
      action: "none",
      why: "still_there",
      opened_ms: 1,
    });
  });

  test("names a break by what is missing, whatever else comes and goes", () => {
    const before = breakIn({ local });
    const more = (vector: BalanceVector): BalanceVector => ({
      ...vector,
      available: { USD: "900", EUR: "7" },
    });
    expect(breakIn({ core: more(HAVE), local: more(local) }).break_id).toBe(before.break_id);
    expect(breakIn({ local: { ...local, held: { USD: "398" } } }).break_id).not.toBe(
      before.break_id,
    );
  });

  test("passes over what a person accepted, and waits for what is in flight", () => {
    const { break_id } = breakIn({ local });
    const known = knownOf({ break_id, opened_ms: 1, outcome: "accepted" });
    expect(breakIn({ local }, contextOf({ known }))).toMatchObject({
      action: "none",
      why: "accepted",
    });
    expect(judged({ local, changed_ms: NOW_MS - 1000 })).toBe("in_flight");
    expect(breakIn({ local, changed_ms: NOW_MS - 3_600_000 }).action).toBe("recompute");
  });
});

describe("what the core has to have", () => {
  const balances = {
    "dist:B:pending": { USD: "-999" },
    "dist:B:held": { USD: "-400" },
    "dist:B:available": { USD: "0", EUR: "-7" },
    "dist:B:in_transit": { USD: "-80" },
    "exp:commission": { USD: "1400" },
    "recv:dist:B": { USD: "30" },
    "exp:bad_debt": { USD: "12" },
    "rev:payout_fee": { USD: "-5" },
    "tax:withholding": { USD: "-15" },
    "cash:bank": { USD: "-200" },
  };
  const money = { distributor_id: "B", balances, gateway: { held: { USD: "150" } } };

  test("is held, available and in transit, without lines of ours and moved debts", () => {
    expect(balanceRows("B", comparableOf(money, true))).toEqual([
      "B|available|EUR|7",
      "B|available|USD|-42",
      "B|held|USD|250",
      "B|in_transit|USD|80",
    ]);
  });

  test("is what was paid out, too, where the core leaves payouts to others", () => {
    expect(balanceRows("B", comparableOf(money, false))).toEqual([
      "B|available|EUR|7",
      // -42, and 80 on their way, 200 that have arrived, 5 of fees and 15 withheld.
      "B|available|USD|258",
      "B|held|USD|250",
    ]);
  });

  test("is nothing of somebody without any", () => {
    expect(
      isAlike(comparableOf({ distributor_id: "B", balances: {}, gateway: {} }, true), {}),
    ).toBe(true);
  });
});

test.each([
  { name: "that only the core has", core: coreLine(), local: null, held: "800" },
  { name: "that only we have", core: null, local: localLine(), held: "0" },
  {
    name: "that is another amount there",
    core: coreLine({ amount_minor: 450, reversals: [{ line_id: "R", amount_minor: 20 }] }),
    local: localLine(),
    held: "430",
  },
  { name: "that we put aside", core: null, local: localLine({ state: "void" }), held: "400" },
  { name: "of ours alone", core: null, local: localLine({ origin: "gateway" }), held: "400" },
])("a line $name is counted as the core has it", ({ core, local, held }) => {
  const vector = broughtUp({ held: { USD: "400" } }, [{ core, local }]);
  expect(isAlike(vector, { held: { USD: held } })).toBe(true);
});

test("a line that was released there moves from held to available", () => {
  const lines = [{ core: coreLine({ status: "available" }), local: localLine() }];
  expect(isAlike(broughtUp(HAVE, lines), { available: { USD: "395", EUR: "7" } })).toBe(true);
});

test("rows of balances are sorted, without zeros, and read back as they were", () => {
  expect(balanceRows("B", { ...HAVE, in_transit: { USD: "0" } })).toEqual([
    "B|available|EUR|7",
    "B|available|USD|-5",
    "B|held|USD|400",
  ]);
  const rows = [
    { distributor_id: "B", bucket: "held", currency: "USD", amount: "400" },
    { distributor_id: "B", bucket: "available", currency: "USD", amount: "-5" },
    { distributor_id: "B", bucket: "available", currency: "EUR", amount: "7" },
    { distributor_id: "C", bucket: "held", currency: "USD", amount: "1" },
  ] as const;
  expect(vectorsOf(rows)).toEqual(
    new Map([
      ["B", HAVE],
      ["C", { held: { USD: "1" } }],
    ]),
  );
});
