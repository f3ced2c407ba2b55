import { exponentOf } from "../money.ts";
import { periodAt } from "../plans/period.ts";
import type { PeriodRule } from "../plans/plan.ts";
import type { BreakClass } from "./break-id.ts";
import { reversedOf } from "./core-line.ts";
import type { Difference, LineName } from "./differ.ts";
import type { Action, JudgeContext, JudgedBreak, Judging, Why } from "./judge.ts";
import type { Place } from "./place.ts";

/** What is done about a break, or why nothing is. */
export type Verdict = Pick<JudgedBreak, "action" | "why" | "sent" | "is_paused">;

const doing = (action: Exclude<Action, "none">): Verdict => ({ action, why: null });
export const leaving = (why: Why): Verdict => ({ action: "none", why });

/** How long a line that the core does not have stays payable, with payouts waiting (DOMAIN §8). */
export const SUSPENSE_AFTER_MS = 24 * 3_600_000;

type Opened = Judging & Place;

/** Names a line in maps. */
export const textOf = ({ distributor_id, line_id }: LineName): string =>
  JSON.stringify([distributor_id, line_id]);

/** Whether a run has found more missing lines than it brings back by itself. */
export const isAboveMissing = ({ counts, limits }: Judging): boolean =>
  counts.missing > limits.missing_max;

/** Whether a line that the core does not have was found so long ago that it is put aside. */
export const isDue = ({ opened_ms }: Place["at"], { nowMs }: JudgeContext): boolean =>
  nowMs - opened_ms >= SUSPENSE_AFTER_MS;

/** What is to be done about a break that nobody has decided upon yet. */
export function verdictOn(kind: BreakClass, difference: Difference, judging: Opened): Verdict {
  if (difference.kind === "missing") return missingVerdict(difference, judging);
  if (difference.kind === "extra") return extraVerdict(judging);
  if (kind === "AMOUNT") return amountVerdict(difference, judging);
  if (kind === "STATUS") return statusVerdict(difference, judging);
  return kind === "TIMING" ? timingVerdict(difference, judging) : leaving("never_automatic");
}

/** What a person has taken back for good is not brought back by itself: nothing would be left of it. */
function missingVerdict(difference: LineName, judging: Opened): Verdict {
  if (judging.reversed.has(textOf(difference))) return leaving("reversed_for_good");
  if (judging.unknown?.has(difference.distributor_id)) return leaving("distributor_unknown");
  return isAboveMissing(judging) ? leaving("run_limit") : doing("backfill");
}

/** Told once, it may be on its way: then nothing stops it any more. */
function extraVerdict(judging: Opened): Verdict {
  if (judging.isSuspended === true) return doing("suspend");
  if (!isDue(judging.at, judging)) return leaving("waits_a_day");
  if (judging.isLookedUp === false) return leaving("not_looked_up");
  const isAbove = judging.counts.extra > judging.limits.extra_max;
  return isAbove ? leaving("run_limit") : doing("suspend");
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

function timingVerdict({ core, local, members }: Other, { closed, zones = [] }: Opened): Verdict {
  if (members.includes("currency")) return leaving("other_currency");
  const named = [core.period_id, local.period_id ?? core.period_id] as const;
  const dates = [core.effective_ms, local.effective_ms] as const;
  const moves = [named, ...periodsOf(dates, zones)];
  const isCrossing = moves.some(
    ([to, from]) => to !== from && (closed.has(to) || closed.has(from)),
  );
  return isCrossing ? leaving("closed_period") : doing("redate");
}

const UNITS = ["week", "semi_month", "month"] as const satisfies readonly PeriodRule["unit"][];

/**
 * The periods that two dates lie in, of every unit: a core names a period as it likes, and its name
 * may stay while the date leaves it. Without a plan, days are those of UTC.
 */
function periodsOf(
  [to, from]: readonly [toMs: number, fromMs: number],
  zones: readonly string[],
): readonly (readonly [to: string, from: string])[] {
  const rules = (zones.length === 0 ? ["UTC"] : zones).flatMap((tz) =>
    UNITS.map((unit) => ({ unit, tz })),
  );
  return rules.map((rule) => [periodAt(rule, to).period_id, periodAt(rule, from).period_id]);
}
