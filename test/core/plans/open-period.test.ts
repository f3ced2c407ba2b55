import { expect, test } from "vitest";
import { openPeriod } from "#src/core/plans/open-period.ts";
import { periodOf } from "#src/core/plans/period.ts";
import type { PeriodRule } from "#src/core/plans/plan.ts";

const MONTH: PeriodRule = { unit: "month", tz: "UTC" };
const WEEK: PeriodRule = { unit: "week", tz: "UTC" };

test.each<[PeriodRule, string, readonly string[], string]>([
  [MONTH, "2026-07", [], "2026-07"],
  [MONTH, "2026-07", ["2026-06"], "2026-07"],
  [MONTH, "2026-11", ["2026-11", "2026-12"], "2027-01"],
  [MONTH, "2026-07", ["2026-07", "2026-09"], "2026-08"],
  [WEEK, "2026-W53", ["2026-W53"], "2027-W01"],
])("openPeriod() of %o from %s, closed %o: %s", (rule, from, closed, open) => {
  const period = periodOf(rule, from);
  expect(period && openPeriod(rule, period, closed).period_id).toBe(open);
});
