import type { BreakClass } from "./break-id.ts";
import { classesOf, detailOf } from "./classes.ts";
import type { CoreLine } from "./core-line.ts";
import type { Difference, LineName, LocalLine } from "./differ.ts";
import type { Sha256 } from "./digest.ts";
import { type Flights, isStranded } from "./flights.ts";
import { aboutOf, type Place, placeOf } from "./place.ts";
import {
  type LimitAlert,
  limitAlerts,
  NO_COUNTS,
  type RunCounts,
  type RunLimits,
} from "./run-limits.ts";
import { type Sent, sendingOf } from "./sending.ts";
import { isAboveMissing, isDue, textOf, type Verdict, verdictOn } from "./verdict.ts";

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
  | "distributor_unknown"
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
  /** Differences that one run keeps: with more of them nothing is judged at all. */
  readonly kept_max: number;
}

export const LIMITS: Limits = {
  grace_ms: 15 * 60_000,
  missing_max: 50,
  extra_max: 50,
  amount_units_max: 100,
  kept_max: 100_000,
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
  /** Distributors whom nobody has enrolled: no money goes to them. */
  readonly unknown?: ReadonlySet<string>;
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
  const judging = judgingBy(context);
  const counts = context.counts ?? countOld(old, judging);
  return {
    breaks: old.flatMap((difference) => breaksOf(difference, { ...judging, counts })),
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
    judgingBy(context),
  );

/** What is judged by, as long as no limit is on anything. */
function judgingBy(context: JudgeContext): Judging {
  const known = [...context.known.values()];
  return {
    ...context,
    counts: NO_COUNTS,
    aside: linesIn(known, ({ outcome, put_aside }) => (outcome === null ? put_aside : null)),
    reversed: linesIn(known, ({ reversed }) => reversed),
  };
}

/** What nobody would do anything about anyway must not keep a run from doing what it can. */
function countOld(old: readonly Difference[], judging: Judging): RunCounts {
  // What is on its way into suspense is not stopped any more, and counted no more.
  const extra = old
    .filter(({ kind, distributor_id }) => kind === "extra" && !judging.frozen?.has(distributor_id))
    .map((one) => placeOf(aboutOf("EXTRA_LOCAL", one), judging))
    .filter(({ verdict, isSuspended }) => verdict === undefined && isSuspended !== true);
  return {
    missing: old.filter((one) => one.kind === "missing" && isHealable(one, judging)).length,
    extra: extra.length,
    due: extra.filter(({ at }) => isDue(at, judging)).length,
  };
}

/** Whether a missing line would be brought back; what was sent in vain is not, by that. */
function isHealable(difference: Difference, judging: Judging): boolean {
  const { action, why } = judgedAs("MISSING_LOCAL", difference, judging);
  return action === "backfill" && why !== "not_effective";
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
  return classesOf(difference).map((kind) => ({
    ...sides,
    ...judgedAs(kind, difference, judging),
    class: kind,
  }));
}

function judgedAs(kind: BreakClass, difference: Difference, judging: Judging) {
  const place = placeOf(aboutOf(kind, difference), judging);
  const verdict = place.verdict ?? verdictOn(kind, difference, { ...judging, ...place });
  return { ...place.at, ...doneAbout(difference, verdict, place, judging) };
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
