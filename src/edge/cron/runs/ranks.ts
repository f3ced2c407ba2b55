import { evaluateRun, type Grace, rankChanged } from "../../../core/runs/rank-run.ts";
import { periodBefore, runIdOf } from "../../../core/runs/run.ts";
import type { Plan } from "../../../core/plans/plan.ts";
import type { Progress, Running, Step, StepPorts } from "./ports.ts";
import { arrived, awaiting, sendEvents, TOLD_MAX } from "./tell.ts";

/**
 * Evaluates the ranks of a period and tells those whose rank differs from the one in force. Nothing
 * is remembered of what was told: the run is done when there is nobody left to tell.
 */
export async function stepRanks(
  { run, planned, progress }: Running,
  versions: readonly Plan[],
  ports: StepPorts,
): Promise<Step> {
  const { tenant, runId, attempt, periodId } = run;
  const { plan, period } = planned;
  const people = await ports.people({ tenant, periodId, endMs: period.end_ms });
  const before = periodBefore(versions, period);
  const grace = before === undefined ? {} : await graceOf(run, before.period_id, ports);
  const { changes, grace: kept } = evaluateRun(plan, people, { period, attempt, grace });
  const after = { ...progress, grace: kept };
  if (changes.length === 0) return { kind: "done", progress: arrived(after) };

  const events = changes
    .slice(0, TOLD_MAX)
    .map((change) => rankChanged(change, { period, run_id: runId }));
  await sendEvents(run, events, ports);
  return awaiting(after, changes.length);
}

async function graceOf(
  { tenant, planId }: Running["run"],
  periodId: string,
  { run }: Pick<StepPorts, "run">,
): Promise<Grace> {
  const name = { kind: "ranks", plan_id: planId, period_id: periodId } as const;
  const before = await run(tenant, runIdOf(name));
  if (before === undefined) return {};
  const { grace = {} }: Progress = JSON.parse(before.progress);
  return grace;
}
