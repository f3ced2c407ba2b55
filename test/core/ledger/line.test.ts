import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  adjust,
  type Line,
  type LineChange,
  type LineRefusal,
  type LineState,
  postLine,
  releaseLine,
  reverseLine,
} from "#src/core/ledger/line.ts";
import { post } from "#src/core/ledger/transfer.ts";

const line = (given: Partial<Line> = {}): Line => ({
  line_id: "L1",
  distributor_id: "B",
  order_id: "O1",
  component: "unilevel",
  level: 1,
  depth: 1,
  rate_ppm: 50_000,
  amount_minor: 400,
  reversed_minor: 0,
  currency: "USD",
  state: "held",
  period_id: "2026-07",
  effective_ms: 0,
  ...given,
});

const reversal = (amount_minor: number, currency = "USD") => ({
  line_id: "L1-R",
  amount_minor,
  currency,
});

/** `rule debit credit amount reference` of each transfer. */
const rowsOf = (change: LineChange | LineRefusal): string[] | string =>
  typeof change === "string"
    ? change
    : change.transfers.map(
        ({ rule, debit, credit, amount_minor, currency, reference }) =>
          `${rule} ${debit} ${credit} ${amount_minor} ${currency} ${reference}`,
      );

describe("postLine()", () => {
  test.each<{ name: string; given: Partial<Line>; rows: string[] }>([
    { name: "a held line", given: {}, rows: ["P3 exp:commission dist:B:held 400 USD L1"] },
    {
      name: "a payable line",
      given: { state: "available" },
      rows: ["P3 exp:commission dist:B:available 400 USD L1"],
    },
    { name: "a line of nothing", given: { amount_minor: 0 }, rows: [] },
    {
      name: "the largest line",
      given: { amount_minor: Number.MAX_SAFE_INTEGER },
      rows: ["P3 exp:commission dist:B:held 9007199254740991 USD L1"],
    },
  ])("posts $name", ({ given, rows }) => {
    expect(rowsOf(postLine(line(given)))).toEqual(rows);
    expect(postLine(line(given)).line).toEqual(line(given));
  });
});

describe("releaseLine()", () => {
  test.each<{ name: string; given: Partial<Line>; rows: string[] | string }>([
    { name: "a whole line", given: {}, rows: ["P4 dist:B:held dist:B:available 400 USD L1"] },
    {
      name: "what is left of a line",
      given: { reversed_minor: 160 },
      rows: ["P4 dist:B:held dist:B:available 240 USD L1"],
    },
    { name: "a line of which nothing is left", given: { reversed_minor: 400 }, rows: [] },
    { name: "a line that is payable", given: { state: "available" }, rows: [] },
    { name: "a pending line", given: { state: "pending" }, rows: "line_not_held" },
    { name: "a superseded line", given: { state: "superseded" }, rows: "line_not_held" },
    { name: "a void line", given: { state: "void" }, rows: "line_not_held" },
  ])("of $name moves $rows", ({ given, rows }) => {
    const change = releaseLine(line(given));
    expect(rowsOf(change)).toEqual(rows);
    const released = typeof rows === "string" ? undefined : line({ ...given, state: "available" });
    expect(typeof change === "string" ? undefined : change.line).toEqual(released);
  });
});

describe("reverseLine()", () => {
  test.each<{ state: LineState; rows: string[] | string }>([
    { state: "held", rows: ["P5 dist:B:held exp:commission 160 USD L1"] },
    { state: "available", rows: ["P5 dist:B:available exp:commission 160 USD L1"] },
    { state: "pending", rows: "line_not_held" },
    { state: "superseded", rows: "line_not_held" },
    { state: "void", rows: "line_not_held" },
  ])("of a line that is $state moves $rows", ({ state, rows }) => {
    expect(rowsOf(reverseLine(line({ state }), reversal(160)))).toEqual(rows);
  });

  const MAX = Number.MAX_SAFE_INTEGER;
  test.each<{ amount: number; reversed: number; take: number; expected: number | string }>([
    { amount: 400, reversed: 0, take: 400, expected: 400 },
    { amount: 400, reversed: 0, take: 401, expected: "reversal_exceeds_line" },
    { amount: 400, reversed: 240, take: 160, expected: 400 },
    { amount: 400, reversed: 240, take: 161, expected: "reversal_exceeds_line" },
    { amount: 400, reversed: 400, take: 0, expected: 400 },
    { amount: 0, reversed: 0, take: 1, expected: "reversal_exceeds_line" },
    { amount: MAX, reversed: MAX - 1, take: 1, expected: MAX },
    { amount: MAX, reversed: MAX - 1, take: 2, expected: "reversal_exceeds_line" },
    { amount: MAX, reversed: MAX, take: MAX, expected: "reversal_exceeds_line" },
  ])(
    "takes $take of $amount after $reversed: $expected",
    ({ amount, reversed, take, expected }) => {
      const given = line({ amount_minor: amount, reversed_minor: reversed });
      const change = reverseLine(given, reversal(take));
      expect(typeof change === "string" ? change : change.line.reversed_minor).toBe(expected);
    },
  );

  test("refuses another currency before it looks at the amount", () => {
    expect(reverseLine(line(), reversal(1, "EUR"))).toBe("currency_mismatch");
    expect(reverseLine(line(), reversal(401, "EUR"))).toBe("currency_mismatch");
  });

  test("leaves nothing behind after any parts of the whole, wherever the release comes", () => {
    const parts = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(parts, fc.nat(), (amounts, nth) => {
        const release = nth % (amounts.length + 1);
        const whole = amounts.reduce((sum, amount) => sum + amount, 0);
        let change: LineChange | LineRefusal = postLine(line({ amount_minor: whole }));
        let balances = {};
        const apply = (next: LineChange | LineRefusal) => {
          if (typeof next === "string") throw new Error(next);
          balances = post(balances, next.transfers);
          change = next;
          return next.line;
        };
        let at = apply(change);
        for (const [i, amount] of amounts.entries()) {
          if (i === release) at = apply(releaseLine(at));
          at = apply(reverseLine(at, reversal(amount)));
        }
        expect(at.reversed_minor).toBe(whole);
        const sums = Object.values<Record<string, string>>(balances).map(({ USD }) => USD);
        expect(sums.filter((sum) => sum !== "0")).toEqual([]);
      }),
    );
  });
});

describe("adjust()", () => {
  test.each([
    { amount_minor: 12_100, rows: ["P8 exp:commission dist:B:available 12100 USD A1"] },
    { amount_minor: -12_100, rows: ["P8 dist:B:available exp:commission 12100 USD A1"] },
    { amount_minor: 0, rows: [] },
    {
      amount_minor: Number.MIN_SAFE_INTEGER,
      rows: ["P8 dist:B:available exp:commission 9007199254740991 USD A1"],
    },
  ])("by $amount_minor moves $rows", ({ amount_minor, rows }) => {
    const adjustment = { line_id: "A1", distributor_id: "B", amount_minor, currency: "USD" };
    expect(rowsOf({ line: line(), transfers: adjust(adjustment) })).toEqual(rows);
  });
});
