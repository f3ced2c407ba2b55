import type { Period } from "#src/core/plans/period.ts";
import type { Person } from "#src/core/runs/people.ts";

export const JULY: Period = {
  period_id: "2026-07",
  start_ms: Date.parse("2026-07-01T00:00:00Z"),
  end_ms: Date.parse("2026-08-01T00:00:00Z"),
};

/** An active person at the top of both trees who did nothing, with whatever is given. */
export const personOf = (id: string, parts: Partial<Person> = {}): Person => ({
  id,
  sponsor_id: null,
  placement_id: parts.sponsor_id ?? null,
  leg: null,
  status: "active",
  pv_x100: 0,
  cv_x100: 0,
  gv_x100: 0,
  former_rank: null,
  standing: null,
  ...parts,
});
