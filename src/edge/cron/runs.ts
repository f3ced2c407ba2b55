import type { Plan } from "../../core/plans/plan.ts";
import {
  closedOf,
  openBefore,
  planRun,
  runIdOf,
  type RunName,
  type RunOccasion,
  type RunState,
} from "../../core/runs/run.ts";
import { dueRuns, type ScheduledPlan } from "../../core/runs/schedule.ts";
import { stepClose } from "./runs/close.ts";
import { stepPayouts } from "./runs/payouts.ts";
import type { OpenRun, Progress, Running, RunsPorts, Step } from "./runs/ports.ts";
import { stepRanks } from "./runs/ranks.ts";

/** How long a run belongs to whoever took it: far more than one step, less than a person waits. */
export const LEASE_MS = 5 * 60_000;
/** The same where a request took it: Cloudflare lets it go on for half a minute behind its answer. */
export const FIRST_LEASE_MS = 60_000;
/** Steps of all runs together in one invocation. */
const STEPS_MAX = 20;
/** Steps that may fail in a row: D1 is out for a while now and then. */
const FAILURES_MAX = 10;

/**
 * The runs of `gateway_final`: starts those whose time has come in the plan's time zone, and takes
 * every run that is on its way some steps further. A run that was cut off goes on from what it saved
 * last, and never two at once are at it.
 */
export async function doRuns(ports: RunsPorts): Promise<void> {
  const tenants = await ports.tenants();
  if (tenants.length === 0) return;
  const plans = await ports.plansOf(tenants);
  await startDue(tenants, plans, ports);
  let steps = 0;
  for (const run of await ports.running(tenants)) {
    if (steps >= STEPS_MAX) return;
    steps += await takeOn(run, plans.get(run.tenant) ?? [], ports);
  }
}

/**
 * Takes a run that somebody has just asked for its first steps, without waiting for cron: from there
 * on it is cron's. One that was taken before is not touched: its looks are a minute apart.
 */
export async function takeFirstSteps(run: OpenRun, ports: RunsPorts): Promise<void> {
  if (run.state !== "running" || run.progress !== "{}") return;
  const plans = await ports.plansOf([run.tenant]);
  await takeOn(run, plans.get(run.tenant) ?? [], { ...ports, ownedMs: FIRST_LEASE_MS });
}

async function startDue(
  tenants: readonly string[],
  plans: ReadonlyMap<string, readonly Plan[]>,
  ports: RunsPorts,
): Promise<void> {
  const since = Map.groupBy(await ports.plansSince(tenants), ({ tenant }) => tenant);
  for (const tenant of tenants) {
    const scheduled = (since.get(tenant) ?? []).map(({ planId, sinceMs }): ScheduledPlan => ({
      plan_id: planId,
      versions: (plans.get(tenant) ?? []).filter(({ plan_id }) => plan_id === planId),
      since_ms: sinceMs,
    }));
    await startTenant(tenant, { plans: plans.get(tenant) ?? [], scheduled }, ports);
  }
}

async function startTenant(
  tenant: string,
  { plans, scheduled }: { plans: readonly Plan[]; scheduled: readonly ScheduledPlan[] },
  ports: RunsPorts,
): Promise<void> {
  if (scheduled.length === 0) return;
  const nowMs = ports.nowMs();
  const runs = await ports.states(tenant);
  const states = new Map(runs.map(({ runId, state }) => [runId, state]));
  for (const due of dueRuns(scheduled, states, nowMs)) {
    const occasion = { mode: "gateway_final", plans, nowMs, closes: closesOf(runs, due) } as const;
    const name = await firstOf(tenant, { due, ...occasion }, ports);
    if (states.has(runIdOf(name)) || !planRun(name, occasion).ok) continue;
    const target = (await ports.start(tenant, name, nowMs)).runId;
    const deed = { tenant, action: "run.start", target, detail: { ...name } };
    await ports.record(deed, { actor: "cron", nowMs });
  }
}

/**
 * The run to start where this one is due: before a close that of the oldest period with sales that
 * nobody has closed, however long ago it was. One that has failed is for a person to see.
 */
async function firstOf(
  tenant: string,
  { due, ...occasion }: RunOccasion & { readonly due: RunName },
  { closed, firstSold }: RunsPorts,
): Promise<RunName> {
  const planned = planRun(due, occasion);
  if (due.kind !== "close" || !planned.ok) return due;
  const versions = occasion.plans.filter(({ plan_id }) => plan_id === due.plan_id);
  const known = closedOf(await closed(tenant), occasion.closes);
  const first = await firstSold(tenant, openBefore(versions, planned.value.period, known));
  return first === undefined ? due : { ...due, period_id: first };
}

/** The states of a plan's closes, by period. */
export const closesOf = (
  runs: readonly Pick<OpenRun, "kind" | "planId" | "periodId" | "state">[],
  { plan_id }: Pick<RunName, "plan_id">,
): ReadonlyMap<string, RunState> =>
  new Map(
    runs
      .filter(({ kind, planId }) => kind === "close" && planId === plan_id)
      .map(({ periodId, state }) => [periodId, state]),
  );

/** Takes a run as far as it goes without waiting for others; answers how many steps that were. */
async function takeOn(
  run: OpenRun,
  plans: readonly Plan[],
  { ownedMs = LEASE_MS, ...ports }: RunsPorts & { readonly ownedMs?: number },
): Promise<number> {
  const nowMs = ports.nowMs();
  const leaseMs = nowMs + ownedMs;
  if (!(await ports.claim(run, { nowMs, untilMs: leaseMs }))) return 0;
  let progress: Progress = JSON.parse(run.progress);
  for (let steps = 1; ; steps += 1) {
    const step = await tryStep(run, progress, { plans, ports });
    const goesOn = step.kind === "more" && steps < STEPS_MAX;
    // Free again, for the next minute's invocation.
    progress = { ...step.progress, lease_ms: goesOn ? leaseMs : 0 };
    if (!(await saveStep(run, { step, progress, leaseMs }, ports)) || !goesOn) return steps;
  }
}

async function saveStep(
  run: OpenRun,
  { step, progress, leaseMs }: { step: Step; progress: Progress; leaseMs: number },
  { save, log, nowMs }: RunsPorts,
): Promise<boolean> {
  const isOver = step.kind === "done" || step.kind === "failed";
  const state = step.kind === "done" ? "done" : step.kind === "failed" ? "failed" : "running";
  const { tenant, runId, attempt } = run;
  if (step.kind === "failed") {
    log("error", "run_failed", {
      alert: true,
      tenant,
      run_id: runId,
      attempt,
      reason: step.reason,
    });
  }
  const told = step.kind === "failed" ? { ...progress, reason: step.reason } : progress;
  return save(run, { leaseMs, progress: told, state, endedMs: isOver ? nowMs() : null });
}

/** A step that throws is tried again by the next invocations, some times. */
async function tryStep(
  run: OpenRun,
  progress: Progress,
  { plans, ports }: { plans: readonly Plan[]; ports: RunsPorts },
): Promise<Step> {
  try {
    const step = await stepOf(run, progress, { plans, ports });
    const { failures: _failures, ...rest } = step.progress;
    return { ...step, progress: rest };
  } catch (error) {
    const failures = (progress.failures ?? 0) + 1;
    ports.log("warn", "run_step_failed", { tenant: run.tenant, run_id: run.runId, error });
    const after = { ...progress, failures };
    if (failures < FAILURES_MAX) return { kind: "wait", progress: after };
    const reason = "A step failed time and again: the cause is in the log";
    return { kind: "failed", progress: after, reason };
  }
}

async function stepOf(
  run: OpenRun,
  progress: Progress,
  { plans, ports }: { plans: readonly Plan[]; ports: RunsPorts },
): Promise<Step> {
  const { kind, planId: plan_id, periodId: period_id } = run;
  const occasion = {
    mode: "gateway_final",
    plans,
    nowMs: ports.nowMs(),
    closes: new Map(),
  } as const;
  const planned = planRun({ kind, plan_id, period_id }, occasion);
  if (!planned.ok) {
    return { kind: "failed", progress, reason: `It may not be done any more: ${planned.refusal}` };
  }
  const running: Running = { run, planned: planned.value, progress };
  const versions = plans.filter((plan) => plan.plan_id === plan_id);
  switch (kind) {
    case "ranks":
      return stepRanks(running, versions, ports);
    case "close":
      return stepClose(running, versions, ports);
    case "payouts":
      return stepPayouts(running, ports);
  }
}
