import {
  breakId,
  type BreakAbout,
  type BreakClass,
  coreSide,
  localSide,
  nthBreakId,
} from "./break-id.ts";
import { classesOf, detailOf } from "./classes.ts";
import type { CoreLine } from "./core-line.ts";
import type { Difference, LineName, LocalLine } from "./differ.ts";
import type { Sha256 } from "./digest.ts";
import { type Flights, isStranded } from "./flights.ts";
import { type LimitAlert, limitAlerts, type RunCounts, type RunLimits } from "./run-limits.ts";
import { type Sent, sendingOf } from "./sending.ts";
import { isAboveMissing, isDue, leaving, textOf, type Verdict, verdictOn } from "./verdict.ts";

/** What the gateway does about a break by itself; `none` leaves it to a person. */
export type Action =
  /** The core's line is posted here, with what became of it. */
  | "backfill"
  /** The difference of the amounts is posted. */
  | "correct"
  /** The core's reversals and its release are posted. */
  | "advance"
  /** The line gets the core's date. */
  | "redate"
  /** What is left of the line is put aside; the break stays open. */
  | "suspend"
  /** The mirror's balances are computed again from the object's. */
  | "recompute"
  | "none";

/** Why nothing is done automatically. */
export type Why =
  | "above_limit"
  | "run_limit"
  | "closed_period"
  | "mirror_ahead"
  | "other_currency"
  | "below_reversed"
  | "above_line"
  | "waits_a_day"
  | "not_looked_up"
  | "never_automatic"
  | "still_there"
  | "not_effective"
  | "frozen"
  | "reversed_for_good"
  | "refused"
  | "accepted";

/** A difference that was judged. */
export interface JudgedBreak {
  readonly break_id: string;
  readonly class: BreakClass;
  readonly distributor_id: string;
  /** Null where it is about balances. */
  readonly line_id: string | null;
  readonly core: CoreLine | null;
  readonly local: LocalLine | null;
  readonly action: Action;
  /** Null where something is done. */
  readonly why: Why | null;
  readonly opened_ms: number;
  readonly is_new: boolean;
  /** What was sent to heal it, in this run too; absent where nothing was. */
  readonly sent?: Sent;
  /** Nothing is sent in this run, though something is to be done. */
  readonly is_paused?: true;
  /** Ids and amounts only. */
  readonly detail: string;
}

/** A break as it is kept. */
export interface KnownBreak {
  readonly break_id: string;
  readonly opened_ms: number;
  /** How it ended; null while it is open. */
  readonly outcome: "healed" | "resolved" | "accepted" | "gone" | null;
  /** The object could not take what was to heal it. */
  readonly refused?: boolean;
  /** The run that found it first. */
  readonly run_id?: string | null;
  /** What was done about it so far. */
  readonly action?: Action | null;
  /** The line that was put aside by it, for as long as nobody has decided upon that. */
  readonly put_aside?: LineName | null;
  /** The line that a person has taken back for good by it. */
  readonly reversed?: LineName | null;
  /** What was sent to heal it so far. */
  readonly sent?: Sent | null;
}

export interface Limits extends RunLimits {
  /** Both sides must have rested so long: what is younger is in flight. */
  readonly grace_ms: number;
  /** Whole units of a currency that an amount is corrected by at most. */
  readonly amount_units_max: number;
}

export const LIMITS: Limits = {
  grace_ms: 15 * 60_000,
  missing_max: 50,
  extra_max: 50,
  amount_units_max: 100,
};

export interface JudgeContext {
  readonly nowMs: number;
  /** Ids of the tenant's closed periods. */
  readonly closed: ReadonlySet<string>;
  /** Every break ever kept of the lines (or balances) that are judged, by whatever id. */
  readonly known: ReadonlyMap<string, KnownBreak>;
  readonly limits: Limits;
  readonly sha256: Sha256;
  /**
   * The run began that long after this, its grace: what changed since then may be on one side alone
   * in what it looked at, however long it has taken.
   */
  readonly settledMs?: number;
  /** The run that judges: what it found before it died it has found for the first time still. */
  readonly runId?: string;
  /** Of the whole run, where only a part of its differences is judged; absent: these are all. */
  readonly counts?: RunCounts;
  /** Lines that runs before have found in flight. */
  readonly flights?: Flights;
  /** Time zones of the tenant's plans: where days begin, and periods end. */
  readonly zones?: readonly string[];
  /** Distributors whose objects take nothing any more. */
  readonly frozen?: ReadonlySet<string>;
  /** False where the core was not asked for what we alone have: it may have it under another date. */
  readonly isLookedUp?: boolean;
}

export interface Judgement {
  /** In the order of the differences; those of one line in the order of `BreakClass`. */
  readonly breaks: readonly JudgedBreak[];
  /** Too young to be judged. */
  readonly in_flight: readonly Difference[];
  readonly alerts: readonly LimitAlert[];
}

/** Judges differences of a run: what its limits are on depends on all of them. */
export function judge(differences: readonly Difference[], context: JudgeContext): Judgement {
  const { young = [], old = [] } = Object.groupBy(differences, (difference) =>
    isInFlight(difference, context) ? "young" : "old",
  );
  const counts = context.counts ?? countOld(old, context);
  const known = [...context.known.values()];
  const lines = {
    aside: linesIn(known, ({ outcome, put_aside }) => (outcome === null ? put_aside : null)),
    reversed: linesIn(known, ({ reversed }) => reversed),
  };
  return {
    breaks: old.flatMap((difference) => breaksOf(difference, { ...context, counts, ...lines })),
    in_flight: young,
    alerts: limitAlerts(counts, context.limits),
  };
}

/** What counts towards the limits of a run; what is in flight does not. */
export const countDifferences = (
  differences: readonly Difference[],
  context: JudgeContext,
): RunCounts =>
  countOld(
    differences.filter((one) => !isInFlight(one, context)),
    context,
  );

function countOld(old: readonly Difference[], context: JudgeContext): RunCounts {
  // What is on its way into suspense is not stopped any more, and counted no more.
  const extra = old
    .filter(({ kind }) => kind === "extra")
    .map((one) => placeOf(aboutOf("EXTRA_LOCAL", one), context))
    .filter(({ verdict, isSuspended }) => verdict === undefined && isSuspended !== true);
  return {
    missing: old.filter(({ kind }) => kind === "missing").length,
    extra: extra.length,
    due: extra.filter(({ at }) => isDue(at, context)).length,
  };
}

/** Breaks by the lines that they name. */
function linesIn(
  known: readonly KnownBreak[],
  nameOf: (one: KnownBreak) => LineName | null | undefined,
): ReadonlyMap<string, KnownBreak> {
  const lines = new Map<string, KnownBreak>();
  for (const one of known) {
    const name = nameOf(one);
    if (name) lines.set(textOf(name), one);
  }
  return lines;
}

const isInFlight = (difference: Difference, context: JudgeContext): boolean =>
  isChanging(difference, context) &&
  !isStranded(difference, context.flights ?? new Map(), context.nowMs);

/** Whether either side says that it changed within the grace, or since the run began. */
export function isChanging(
  { core, local }: Difference,
  { nowMs, limits, settledMs = Infinity }: JudgeContext,
): boolean {
  const changes = [core?.updated_ms, local === null ? undefined : changedMs(local)];
  return changes.some((ms) => {
    if (ms === undefined) return false;
    return isYoung(ms, nowMs, limits.grace_ms) || (ms >= settledMs && ms <= nowMs);
  });
}

/** A clock that is further ahead than the grace says nothing: it must not hide a line for ever. */
export const isYoung = (ms: number, nowMs: number, graceMs: number): boolean =>
  Math.abs(nowMs - ms) < graceMs;

const changedMs = ({ changed_ms, effective_ms }: LocalLine): number => changed_ms ?? effective_ms;

export interface Judging extends JudgeContext {
  readonly counts: RunCounts;
  /** Lines that lie in suspense, each with the break that says so. */
  readonly aside: ReadonlyMap<string, KnownBreak>;
  /** Lines that were put aside, and that a person has taken back for good. */
  readonly reversed: ReadonlyMap<string, KnownBreak>;
}

function breaksOf(difference: Difference, judging: Judging): readonly JudgedBreak[] {
  const { distributor_id, line_id, core, local } = difference;
  const sides = { distributor_id, line_id, core, local, detail: detailOf(difference) };
  const kept = keptAside(difference, judging);
  if (kept !== undefined) return [{ ...sides, ...kept }];
  return classesOf(difference).map((kind) => {
    const place = placeOf(aboutOf(kind, difference), judging);
    const verdict = place.verdict ?? verdictOn(kind, difference, { ...judging, ...place });
    return {
      ...sides,
      ...place.at,
      class: kind,
      ...doneAbout(difference, verdict, place, judging),
    };
  });
}

/** An action as far as it can be done now, and has not been done in vain. */
function doneAbout(
  { distributor_id }: Difference,
  verdict: Verdict,
  { sent: before, isSuspended }: Place,
  { frozen, nowMs, settledMs = Infinity, limits }: Judging,
): Verdict {
  const kept = before === undefined ? {} : { sent: before };
  if (verdict.action === "none") return { ...verdict, ...kept };
  if (frozen?.has(distributor_id) === true) {
    // Told once, it may still be applied: nobody is to decide upon its line meanwhile.
    const action = isSuspended === true ? verdict.action : "none";
    return { action, why: "frozen", ...kept, is_paused: true };
  }
  const at = { nowMs, settledMs: Math.min(settledMs, nowMs - limits.grace_ms) };
  const { sent, isWithoutEffect, isPaused } = sendingOf(before, at);
  return {
    ...verdict,
    ...(isWithoutEffect ? { why: "not_effective" } : {}),
    sent,
    ...(isPaused ? { is_paused: true } : {}),
  };
}

const aboutOf = (kind: BreakClass, { distributor_id, line_id, core, local }: Difference) => ({
  class: kind,
  distributor_id,
  line_id,
  core: coreSide(core),
  local: localSide(local),
});

/**
 * A line that was put aside, and that the core has again: brought back as any missing line is. Where
 * a run has found too many of those, the break by which it lies in suspense is the one that is left.
 */
function keptAside({ kind, distributor_id, line_id }: Difference, judging: Judging) {
  if (kind !== "missing" || !isAboveMissing(judging)) return undefined;
  const found = judging.aside.get(textOf({ distributor_id, line_id }));
  if (found === undefined) return undefined;
  const { break_id, opened_ms } = found;
  const at = { break_id, opened_ms, is_new: false, class: "EXTRA_LOCAL" } as const;
  return { ...at, action: "suspend", why: "run_limit" } as const;
}

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
