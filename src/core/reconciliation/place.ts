import {
  breakId,
  type BreakAbout,
  type BreakClass,
  coreSide,
  localSide,
  nthBreakId,
} from "./break-id.ts";
import type { Difference } from "./differ.ts";
import type { JudgeContext, JudgedBreak, KnownBreak } from "./judge.ts";
import type { Sent } from "./sending.ts";
import { leaving, type Verdict } from "./verdict.ts";

/** What a break of a difference is about. */
export const aboutOf = (
  kind: BreakClass,
  { distributor_id, line_id, core, local }: Difference,
) => ({
  class: kind,
  distributor_id,
  line_id,
  core: coreSide(core),
  local: localSide(local),
});

export interface Place {
  readonly at: Pick<JudgedBreak, "break_id" | "opened_ms" | "is_new">;
  /** Where what is known of it decides already. */
  readonly verdict?: Verdict;
  /** Its line was put aside, or is about to be. */
  readonly isSuspended?: boolean;
  /** What was sent to heal it so far. */
  readonly sent?: Sent;
}

/** The break that a difference is: one that is open or accepted, or the first after those that ended. */
export function placeOf(about: BreakAbout, { known, nowMs, sha256, runId }: JudgeContext): Place {
  const id = breakId(about, sha256);
  let nth = 1;
  let before = known.get(id);
  while (before !== undefined && isOver(before)) {
    nth += 1;
    before = known.get(nthBreakId(id, nth));
  }
  const break_id = nthBreakId(id, nth);
  if (before === undefined) return { at: { break_id, opened_ms: nowMs, is_new: true } };
  const is_new = runId !== undefined && before.run_id === runId;
  const at = { break_id, opened_ms: before.opened_ms, is_new };
  if (before.outcome === "accepted") return { at, verdict: leaving("accepted") };
  if (before.refused === true) return { at, verdict: leaving("refused") };
  const sent = before.sent ? { sent: before.sent } : {};
  return { at, ...sent, ...(before.action === "suspend" ? { isSuspended: true } : {}) };
}

const isOver = ({ outcome }: KnownBreak): boolean => outcome !== null && outcome !== "accepted";
