import { formatInstant } from "../contracts/instant.ts";
import { exponentOf } from "../money.ts";
import {
  breakId,
  type BreakAbout,
  type BreakClass,
  coreSide,
  localSide,
  nthBreakId,
} from "./break-id.ts";
import { type CoreLine, reversedOf } from "./core-line.ts";
import type { Difference, LocalLine } from "./differ.ts";
import type { Sha256 } from "./digest.ts";

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
  | "never_automatic"
  | "still_there"
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
}

export interface Limits {
  /** Both sides must have rested so long: what is younger is in flight. */
  readonly grace_ms: number;
  /** More missing lines in one run are a failure of something else: none of them is healed. */
  readonly missing_max: number;
  /** Whole units of a currency that an amount is corrected by at most. */
  readonly amount_units_max: number;
}

export const LIMITS: Limits = { grace_ms: 15 * 60_000, missing_max: 50, amount_units_max: 100 };

/** How long a line that the core does not have stays payable, with payouts waiting (DOMAIN §8). */
export const SUSPENSE_AFTER_MS = 24 * 3_600_000;

export interface JudgeContext {
  readonly nowMs: number;
  /** Ids of the tenant's closed periods. */
  readonly closed: ReadonlySet<string>;
  /** Every break ever kept of the lines (or balances) that are judged, by whatever id. */
  readonly known: ReadonlyMap<string, KnownBreak>;
  readonly limits: Limits;
  readonly sha256: Sha256;
}

export interface Judgement {
  /** In the order of the differences; those of one line in the order of `BreakClass`. */
  readonly breaks: readonly JudgedBreak[];
  /** Too young to be judged. */
  readonly in_flight: readonly Difference[];
  readonly alerts: readonly { readonly kind: "missing_local_limit"; readonly found: number }[];
}

/** Judges all differences of a run at once: how many lines are missing depends on all of them. */
export function judge(differences: readonly Difference[], context: JudgeContext): Judgement {
  const { nowMs, limits } = context;
  const { young = [], old = [] } = Object.groupBy(differences, (difference) =>
    isInFlight(difference, nowMs, limits.grace_ms) ? "young" : "old",
  );
  const found = old.filter(({ kind }) => kind === "missing").length;
  const isAboveRun = found > limits.missing_max;
  return {
    breaks: old.flatMap((difference) => breaksOf(difference, { ...context, isAboveRun })),
    in_flight: young,
    alerts: isAboveRun ? [{ kind: "missing_local_limit", found }] : [],
  };
}

function isInFlight({ core, local }: Difference, nowMs: number, graceMs: number): boolean {
  const changes = [core?.updated_ms, local === null ? undefined : changedMs(local)];
  return changes.some((ms) => ms !== undefined && isYoung(ms, nowMs, graceMs));
}

/** A clock that is further ahead than the grace says nothing: it must not hide a line for ever. */
export const isYoung = (ms: number, nowMs: number, graceMs: number): boolean =>
  Math.abs(nowMs - ms) < graceMs;

const changedMs = ({ changed_ms, effective_ms }: LocalLine): number => changed_ms ?? effective_ms;

interface Judging extends JudgeContext {
  readonly isAboveRun: boolean;
}

type Verdict = Pick<JudgedBreak, "action" | "why">;

const doing = (action: Exclude<Action, "none">): Verdict => ({ action, why: null });
const leaving = (why: Why): Verdict => ({ action: "none", why });

function breaksOf(difference: Difference, judging: Judging): readonly JudgedBreak[] {
  const { distributor_id, line_id, core, local } = difference;
  return classesOf(difference).map((kind) => {
    const sides = { core: coreSide(core), local: localSide(local) };
    const about = { class: kind, distributor_id, line_id, ...sides };
    const place = placeOf(about, judging);
    return {
      ...place.at,
      class: kind,
      distributor_id,
      line_id,
      core,
      local,
      ...(place.verdict ?? verdictOn(kind, difference, { ...judging, ...place.at })),
      detail: detailOf(difference),
    };
  });
}

/** Amounts of two currencies are not compared. */
function classesOf(difference: Difference): readonly BreakClass[] {
  if (difference.kind === "missing") return ["MISSING_LOCAL"];
  if (difference.kind === "extra") return ["EXTRA_LOCAL"];
  const { core, local, members } = difference;
  const isComparable = members.includes("left") && !members.includes("currency");
  const isReversed = isComparable && reversedOf(core) !== local.reversed_minor;
  const applies = {
    CURRENCY: members.includes("currency"),
    AMOUNT: isComparable && core.amount_minor !== local.amount_minor,
    STATUS: isReversed || members.includes("status"),
    TIMING: members.includes("effective"),
  };
  return OTHER_CLASSES.filter((kind) => applies[kind]);
}

const OTHER_CLASSES = ["CURRENCY", "AMOUNT", "STATUS", "TIMING"] as const;

export interface Place {
  readonly at: Pick<JudgedBreak, "break_id" | "opened_ms" | "is_new">;
  /** Where what is known of it decides already. */
  readonly verdict?: Verdict;
}

/** The break that a difference is: one that is open or accepted, or the first after those that ended. */
export function placeOf(about: BreakAbout, { known, nowMs, sha256 }: JudgeContext): Place {
  const id = breakId(about, sha256);
  let nth = 1;
  let before = known.get(id);
  while (before !== undefined && isOver(before)) {
    nth += 1;
    before = known.get(nthBreakId(id, nth));
  }
  const break_id = nthBreakId(id, nth);
  if (before === undefined) return { at: { break_id, opened_ms: nowMs, is_new: true } };
  const at = { break_id, opened_ms: before.opened_ms, is_new: false };
  if (before.outcome === "accepted") return { at, verdict: leaving("accepted") };
  return before.refused === true ? { at, verdict: leaving("refused") } : { at };
}

const isOver = ({ outcome }: KnownBreak): boolean => outcome !== null && outcome !== "accepted";

interface Opened extends Judging {
  readonly opened_ms: number;
}

function verdictOn(kind: BreakClass, difference: Difference, judging: Opened): Verdict {
  if (difference.kind === "missing") {
    return judging.isAboveRun ? leaving("run_limit") : doing("backfill");
  }
  if (difference.kind === "extra") {
    const isDue = judging.nowMs - judging.opened_ms >= SUSPENSE_AFTER_MS;
    return isDue ? doing("suspend") : leaving("waits_a_day");
  }
  if (kind === "AMOUNT") return amountVerdict(difference, judging);
  if (kind === "STATUS") return statusVerdict(difference, judging);
  return kind === "TIMING" ? timingVerdict(difference, judging) : leaving("never_automatic");
}

type Other = Extract<Difference, { readonly kind: "other" }>;

function amountVerdict({ core, local }: Other, { limits }: Opened): Verdict {
  const exponent = exponentOf(core.currency);
  const max = exponent === undefined ? 0 : limits.amount_units_max * 10 ** exponent;
  if (Math.abs(core.amount_minor - local.amount_minor) > max) return leaving("above_limit");
  if (core.amount_minor < local.reversed_minor) return leaving("below_reversed");
  return doing("correct");
}

/** The core is followed, never overtaken: what the mirror has beyond it is for a person. */
function statusVerdict(difference: Other, judging: Opened): Verdict {
  const { core, local, members } = difference;
  if (members.includes("currency")) return leaving("other_currency");
  const reversed = reversedOf(core);
  const isLeftOther = members.includes("left");
  const isReleasedHere = local.state === "available" && core.status === "held";
  if (isReleasedHere || (isLeftOther && local.reversed_minor > reversed)) {
    return leaving("mirror_ahead");
  }
  const isCorrected = isLeftOther && amountVerdict(difference, judging).action === "correct";
  const amount = isCorrected ? core.amount_minor : local.amount_minor;
  return isLeftOther && reversed > amount ? leaving("above_line") : doing("advance");
}

function timingVerdict({ core, local, members }: Other, { closed }: Opened): Verdict {
  if (members.includes("currency")) return leaving("other_currency");
  const periods = [core.period_id, local.period_id ?? core.period_id];
  const isCrossing = periods[0] !== periods[1] && periods.some((period) => closed.has(period));
  return isCrossing ? leaving("closed_period") : doing("redate");
}

function detailOf({ core, local }: Difference): string {
  const theirs = core === null ? "nothing" : sideText(core, reversedOf(core), core.status);
  const ours = local === null ? "nothing" : sideText(local, local.reversed_minor, local.state);
  return `The core has ${theirs}; the mirror ${ours}`;
}

const sideText = (
  line: Pick<LocalLine, "amount_minor" | "currency" | "effective_ms">,
  reversed: number,
  status: string,
): string =>
  `${line.amount_minor} ${line.currency}, reversed ${reversed}, ${status}, of ${formatInstant(line.effective_ms)}`;
