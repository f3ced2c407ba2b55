import { describe, expect, test } from "vitest";
import { rowsOf } from "#src/core/statement/rows.ts";

describe("rowsOf()", () => {
  test("lists every figure in the order in which they add up", () => {
    const rows = rowsOf({
      currency: "USD",
      opening: 1n,
      lines: [
        { component: "matrix", amount: 2n },
        { component: "unilevel", amount: 3n },
      ],
      reversals: [{ component: null, amount: -4n }],
      adjustments: 5n,
      fees: -6n,
      withholding: -7n,
      payouts: -8n,
      other: 9n,
      closing: -5n,
      pending: 10n,
      in_transit: 11n,
    });
    expect(rows.map((row) => `${row.section} ${row.component ?? "-"} ${row.amount}`)).toEqual([
      "opening - 1",
      "line matrix 2",
      "line unilevel 3",
      "reversal - -4",
      "adjustments - 5",
      "fees - -6",
      "withholding - -7",
      "payouts - -8",
      "other - 9",
      "closing - -5",
      "pending - 10",
      "in_transit - 11",
    ]);
    const closing = rows.findIndex(({ section }) => section === "closing");
    const sum = rows.slice(0, closing).reduce((all, { amount }) => all + amount, 0n);
    expect(sum).toBe(rows[closing]?.amount);
  });
});
