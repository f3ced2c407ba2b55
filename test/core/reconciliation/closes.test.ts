import { expect, test } from "vitest";
import { rangeOfPeriods } from "#src/core/reconciliation/closes.ts";

const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);

test.each<{ ids: string[]; range: [string, string] | undefined }>([
  { ids: ["2026-11"], range: ["2026-10-31", "2026-12-02"] },
  { ids: ["2026-11-2"], range: ["2026-11-15", "2026-12-02"] },
  { ids: ["2026-W01"], range: ["2025-12-28", "2026-01-06"] },
  { ids: ["2026-11", "2026-09", "2026-10"], range: ["2026-08-31", "2026-12-02"] },
  // Whatever else a core calls its periods: all time.
  { ids: ["autumn"], range: undefined },
  { ids: ["2026-11", "autumn"], range: undefined },
  { ids: ["2026-13"], range: undefined },
  { ids: [], range: undefined },
])("$ids lie in $range", ({ ids, range }) => {
  expect(rangeOfPeriods(ids)).toEqual(range && { fromMs: at(range[0]), toMs: at(range[1]) });
});
