import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differ } from "#src/core/reconciliation/differ.ts";
import { judge } from "#src/core/reconciliation/judge.ts";
import {
  addReports,
  coverageOf,
  leftOpen,
  NO_REPORT,
  reportOf,
  type RunReport,
} from "#src/core/reconciliation/report.ts";
import { contextOf, coreLine, localLine } from "./support.ts";

const counts = fc.record({ found: fc.nat(), added: fc.nat(), healed: fc.nat(), open: fc.nat() });
const report: fc.Arbitrary<RunReport> = fc.record({
  expected: fc.nat(),
  covered: fc.nat(),
  compared: fc.nat(),
  differing: fc.nat(),
  in_flight: fc.nat(),
  healed: fc.nat(),
  open: fc.nat(),
  oldest_open_ms: fc.option(fc.nat()),
  requests: fc.nat(),
  bytes: fc.nat(),
  contradicted: fc.nat(),
  by_class: fc.record({ AMOUNT: counts, STATUS: counts }, { requiredKeys: [] }),
});

describe("addReports()", () => {
  test("adds parts in any order, and nothing to nothing", () => {
    fc.assert(
      fc.property(report, report, report, (a, b, c) => {
        expect(addReports(addReports(a, b), c)).toEqual(addReports(a, addReports(b, c)));
        expect(addReports(a, b)).toEqual(addReports(b, a));
        expect(addReports(a, NO_REPORT)).toEqual(a);
        expect(addReports(NO_REPORT, a)).toEqual(a);
        expect(addReports(a, {})).toEqual(a);
      }),
    );
  });

  test("remembers the oldest", () => {
    const at = (oldest_open_ms: number | null) => ({ ...NO_REPORT, oldest_open_ms });
    expect(addReports(at(5), at(3)).oldest_open_ms).toBe(3);
    expect(addReports(at(5), at(null)).oldest_open_ms).toBe(5);
  });
});

test("reportOf() counts breaks by what is done about them", () => {
  const core = [coreLine(), coreLine({ line_id: "L2", status: "available", amount_minor: 401 })];
  const local = [
    localLine({ line_id: "L2" }),
    localLine({ line_id: "L3" }),
    localLine({ line_id: "L4" }),
  ];
  const { differences } = differ(core, local);
  const first = judge(differences, contextOf()).breaks;
  const known = new Map(
    first.map(({ break_id, line_id }, i) => [
      break_id,
      {
        break_id,
        opened_ms: i === 0 ? 3 : 9,
        outcome: line_id === "L4" ? ("accepted" as const) : null,
      },
    ]),
  );
  expect(reportOf(judge(differences, contextOf({ known })).breaks)).toEqual({
    ...NO_REPORT,
    healed: 3,
    open: 1,
    oldest_open_ms: 9,
    by_class: {
      MISSING_LOCAL: { found: 1, added: 0, healed: 1, open: 0 },
      AMOUNT: { found: 1, added: 0, healed: 1, open: 0 },
      STATUS: { found: 1, added: 0, healed: 1, open: 0 },
      // One is put aside and stays open; the other was accepted.
      EXTRA_LOCAL: { found: 2, added: 0, healed: 0, open: 1 },
    },
  });
  expect(reportOf(first).by_class.MISSING_LOCAL?.added).toBe(1);
});

test("leftOpen() counts what a run has not found, and is open all the same", () => {
  const aside = { class: "EXTRA_LOCAL", opened_ms: 9 } as const;
  expect(leftOpen([aside, { ...aside, opened_ms: 4 }])).toEqual({
    ...NO_REPORT,
    open: 2,
    oldest_open_ms: 4,
    by_class: { EXTRA_LOCAL: { found: 0, added: 0, healed: 0, open: 2 } },
  });
  expect(leftOpen([])).toEqual(NO_REPORT);
});

test.each([
  [0, 0, "100.00"],
  [0, 5, "0.00"],
  [1, 3, "33.33"],
  [2999, 3000, "99.96"],
  [1, 10_001, "0.00"],
  [7, 1000, "0.70"],
  [5, 5, "100.00"],
  [6, 5, "100.00"],
])("%i covered of %i expected are %s percent", (covered, expected, percent) => {
  expect(coverageOf({ covered, expected })).toBe(percent);
});
