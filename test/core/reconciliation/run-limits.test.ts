import fc from "fast-check";
import { expect, test } from "vitest";
import { addCounts, limitAlerts, NO_COUNTS } from "#src/core/reconciliation/run-limits.ts";

const LIMITS = { missing_max: 50, extra_max: 50 };
const alerts = (missing: number, extra: number, due: number) =>
  limitAlerts({ missing, extra, due }, LIMITS).map(({ kind, found }) => `${kind} ${found}`);

test("limits are told of where they keep something from being done", () => {
  expect(alerts(50, 50, 50)).toEqual([]);
  expect(alerts(51, 0, 0)).toEqual(["missing_local_limit 51"]);
  expect(alerts(0, 51, 1)).toEqual(["extra_local_limit 51"]);
  // For a day nothing is done about those anyway.
  expect(alerts(0, 51, 0)).toEqual([]);
  expect(alerts(60, 70, 2)).toEqual(["missing_local_limit 60", "extra_local_limit 70"]);
});

test("counts of parts add up", () => {
  const counts = fc.record({ missing: fc.nat(), extra: fc.nat(), due: fc.nat() });
  fc.assert(
    fc.property(counts, counts, (a, b) => {
      expect(addCounts(a, b)).toEqual(addCounts(b, a));
      expect(addCounts(a, NO_COUNTS)).toEqual(a);
    }),
  );
});
