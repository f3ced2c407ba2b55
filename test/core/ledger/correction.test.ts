import { describe, expect, test } from "vitest";
import {
  bringBack,
  type Correction,
  type CorrectionRefusal,
  correctLine,
  leftOf,
  releaseCoreLine,
  reverseCoreLine,
} from "#src/core/ledger/correction.ts";
import type { Line, LineChange, LineRefusal } from "#src/core/ledger/line.ts";

const line = (given: Partial<Line> = {}): Line => ({
  line_id: "L1",
  distributor_id: "B",
  order_id: "O1",
  component: "unilevel",
  level: 1,
  depth: 1,
  rate_ppm: 50_000,
  amount_minor: 400,
  reversed_minor: 100,
  currency: "USD",
  state: "held",
  period_id: "2026-07",
  effective_ms: 7,
  ...given,
});

const ASIDE = line({
  state: "void",
  reversed_minor: 400,
  suspense: { amount_minor: 300, state: "held" },
});

const correct = (of: Line, correction: Partial<Correction>) =>
  correctLine(of, { line_id: "L1", currency: "USD", amount_minor: 0, ...correction });

/** `rule debit credit amount currency reference` of each transfer. */
function rowsOf(change: LineChange | CorrectionRefusal | LineRefusal): readonly string[] {
  if (typeof change === "string") return [change];
  return change.transfers.map(
    ({ rule, debit, credit, amount_minor, currency, reference }) =>
      `${rule} ${debit} ${credit} ${amount_minor} ${currency} ${reference}`,
  );
}

const lineIn = (change: LineChange | CorrectionRefusal | LineRefusal) =>
  typeof change === "string" ? change : change.line;

describe("correctLine()", () => {
  test.each<{
    name: string;
    of?: Partial<Line>;
    correction: Partial<Correction>;
    line: Partial<Line>;
    rows: string[];
  }>([
    {
      name: "posts more of a held line",
      correction: { amount_minor: 25, line_amount_minor: 400 },
      line: { amount_minor: 425, state: "held" },
      rows: ["P12 exp:commission dist:B:held 25 USD L1"],
    },
    {
      name: "takes some of what is payable back",
      of: { state: "available" },
      correction: { amount_minor: -25 },
      line: { amount_minor: 375, state: "available" },
      rows: ["P12 dist:B:available exp:commission 25 USD L1"],
    },
    {
      name: "leaves no less than was reversed",
      correction: { amount_minor: -300 },
      line: { amount_minor: 100, reversed_minor: 100 },
      rows: ["P12 dist:B:held exp:commission 300 USD L1"],
    },
    {
      name: "moves a date, and no money",
      correction: { effective_ms: 8 },
      line: { effective_ms: 8, period_id: "2026-07" },
      rows: [],
    },
    {
      name: "moves a date into another period",
      correction: { effective_ms: 8, period_id: "2026-06" },
      line: { effective_ms: 8, period_id: "2026-06" },
      rows: [],
    },
    {
      name: "puts a line aside",
      correction: { to: "suspense", amount_minor: -300 },
      line: ASIDE,
      rows: ["P12 dist:B:held suspense:recon 300 USD L1"],
    },
    {
      name: "puts a line aside of which nothing is left",
      of: { reversed_minor: 400 },
      correction: { to: "suspense" },
      line: { state: "void", suspense: { amount_minor: 0, state: "held" } },
      rows: [],
    },
    {
      name: "brings it back",
      of: ASIDE,
      correction: { to: "suspense", amount_minor: 300 },
      line: { state: "held", reversed_minor: 100, amount_minor: 400 },
      rows: ["P12 suspense:recon dist:B:held 300 USD L1"],
    },
    {
      name: "takes it back for good",
      of: ASIDE,
      correction: { to: "expense", amount_minor: -300 },
      line: { state: "void", reversed_minor: 400, suspense: { amount_minor: 0, state: "held" } },
      rows: ["P12 suspense:recon exp:commission 300 USD L1"],
    },
  ])("$name", ({ of = {}, correction, line: changed, rows }) => {
    const change = correct(line(of), correction);
    expect(rowsOf(change)).toEqual(rows);
    expect(lineIn(change)).toMatchObject(changed);
  });

  test.each<{
    name: CorrectionRefusal;
    of?: Line;
    correction: Partial<Correction>;
  }>([
    { name: "currency_mismatch", correction: { currency: "EUR", amount_minor: 1 } },
    { name: "line_changed", correction: { amount_minor: 1, line_amount_minor: 399 } },
    { name: "correction_without_effect", correction: {} },
    { name: "correction_without_effect", correction: { effective_ms: 7 } },
    {
      name: "correction_without_effect",
      correction: { effective_ms: 7, period_id: "2026-07" },
    },
    { name: "correction_exceeds_line", correction: { amount_minor: -301 } },
    { name: "amount_unsafe", correction: { amount_minor: Number.MAX_SAFE_INTEGER } },
    { name: "correction_exceeds_line", correction: { to: "suspense", amount_minor: -301 } },
    { name: "correction_not_whole", correction: { to: "suspense", amount_minor: -299 } },
    { name: "line_not_in_suspense", correction: { to: "suspense", amount_minor: 300 } },
    { name: "line_not_in_suspense", correction: { to: "expense", amount_minor: -300 } },
    { name: "line_in_suspense", of: ASIDE, correction: { amount_minor: 1 } },
    { name: "line_in_suspense", of: ASIDE, correction: { effective_ms: 8 } },
    { name: "line_in_suspense", of: ASIDE, correction: { to: "suspense", amount_minor: -1 } },
    { name: "correction_not_whole", of: ASIDE, correction: { to: "suspense", amount_minor: 299 } },
    {
      name: "correction_exceeds_line",
      of: ASIDE,
      correction: { to: "expense", amount_minor: -301 },
    },
    {
      name: "correction_without_effect",
      of: { ...ASIDE, suspense: { amount_minor: 0, state: "held" } },
      correction: { to: "expense" },
    },
  ])("refuses: $name, $correction", ({ name, of = line(), correction }) => {
    expect(correct(of, correction)).toBe(name);
  });
});

describe("a line that was put aside", () => {
  test("is payable once it is brought back, where it was released meanwhile", () => {
    const released = releaseCoreLine(ASIDE);
    expect(rowsOf(released)).toEqual([]);
    const back = typeof released === "string" ? released : bringBack(released.line);
    expect(rowsOf(back)).toEqual(["P12 suspense:recon dist:B:available 300 USD L1"]);
    expect(lineIn(back)).toEqual(line({ state: "available" }));
  });

  test("is reversed out of suspense, and brought back with what is left then", () => {
    const reversed = reverseCoreLine(ASIDE, { line_id: "R", amount_minor: 120, currency: "USD" });
    expect(rowsOf(reversed)).toEqual(["P5 suspense:recon exp:commission 120 USD L1"]);
    const back = typeof reversed === "string" ? reversed : bringBack(reversed.line);
    expect(lineIn(back)).toEqual(line({ reversed_minor: 220 }));
  });

  test.each([
    [301, "USD", "reversal_exceeds_line"],
    [300, "EUR", "currency_mismatch"],
  ])("is not reversed by %i %s", (amount_minor, currency, told) => {
    expect(reverseCoreLine(ASIDE, { line_id: "R", amount_minor, currency })).toBe(told);
  });

  test("is a bug to bring back where it is not", () => {
    expect(() => bringBack(line())).toThrow("not in suspense");
  });
});

test("any other line is released and reversed as ever", () => {
  expect(rowsOf(releaseCoreLine(line()))).toEqual(["P4 dist:B:held dist:B:available 300 USD L1"]);
  const reversal = { line_id: "R", amount_minor: 300, currency: "USD" };
  expect(rowsOf(reverseCoreLine(line(), reversal))).toEqual([
    "P5 dist:B:held exp:commission 300 USD L1",
  ]);
  expect(leftOf(line())).toBe(300);
});
