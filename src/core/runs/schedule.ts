import { type Period, periodAt } from "../plans/period.ts";
import type { Plan } from "../plans/plan.ts";
import { planAt } from "../plans/versions.ts";
import { periodBefore, type RunKind, type RunName, type RunState, runIdOf } from "./run.ts";

const MINUTE_MS = 60_000;
/** What happened at the end of a period is on its way for a while yet. */
export const RANKS_AFTER_MS = 15 * MINUTE_MS;
/** Payments of the last evening are confirmed by then, as a rule; later ones count in the next. */
export const CLOSE_AFTER_MS = 60 * MINUTE_MS;
/** Periods looked back at: cron was out for no longer than that, or a person knows. */
const PERIODS_MAX = 3;

export interface ScheduledPlan {
  readonly plan_id: string;
  readonly versions: readonly Plan[];
  /** When the plan was first saved: what ended before is somebody else's history. */
  readonly since_ms: number;
}

/**
 * The runs to be started now: of each plan the next step of the oldest period that is not through
 * with its ranks, its close and its payouts. A run that is on its way or has failed holds back those
 * behind it: the second is for a person to see.
 */
export function dueRuns(
  plans: readonly ScheduledPlan[],
  runs: ReadonlyMap<string, RunState>,
  nowMs: number,
): readonly RunName[] {
  return plans.flatMap((plan) => {
    const steps = endedPeriods(plan, nowMs).flatMap((period) => stepsOf(plan, period));
    const open = steps.find(({ name }) => runs.get(runIdOf(name)) !== "done");
    if (open === undefined || runs.has(runIdOf(open.name))) return [];
    return open.dueMs <= nowMs ? [open.name] : [];
  });
}

interface Step {
  readonly name: RunName;
  readonly dueMs: number;
}

function stepsOf({ plan_id, versions }: ScheduledPlan, period: Period): readonly Step[] {
  const plan = planAt(versions, period.end_ms - 1);
  if (plan === undefined) return [];
  const { period_id, end_ms } = period;
  const step = (kind: RunKind, dueMs: number) => ({ name: { kind, plan_id, period_id }, dueMs });
  return [
    ...(plan.ranks.length === 0 ? [] : [step("ranks", end_ms + RANKS_AFTER_MS)]),
    step("close", end_ms + CLOSE_AFTER_MS),
    ...(plan.payout === undefined ? [] : [step("payouts", end_ms + CLOSE_AFTER_MS)]),
  ];
}

/** Oldest first. */
function endedPeriods({ versions, since_ms }: ScheduledPlan, nowMs: number): readonly Period[] {
  const plan = planAt(versions, nowMs);
  const ended: Period[] = [];
  let period = plan === undefined ? undefined : periodAt(plan.period, nowMs);
  while (period !== undefined && ended.length < PERIODS_MAX) {
    period = periodBefore(versions, period);
    if (period === undefined || period.end_ms <= since_ms) break;
    ended.unshift(period);
  }
  return ended;
}
