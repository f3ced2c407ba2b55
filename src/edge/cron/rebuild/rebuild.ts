import { NO_REBUILD_REPORT, type RebuildCursor, type RebuildReport } from "../../rebuild.ts";
import type { OpenRebuild, RebuildPorts } from "./ports.ts";
import { type Step, stepRebuild } from "./steps.ts";

/** Longer than a slice takes with D1 stalling: nobody else is at it meanwhile. */
const LEASE_MS = 2 * 60_000;
/** Steps of one slice: within a minute's time, and an invocation's subrequests and queries. */
const SLICE_MS_MAX = 20_000;
const STEPS_MAX = 20;
/** Steps in a row that may fail: D1 is out for a while now and then. */
const FAILURES_MAX = 30;

/**
 * Goes on with what is rebuilt in a shard, one rebuild at a time: mirror tables from their objects, while
 * events keep coming in. What a crash cuts off, the next call does again.
 */
export async function rebuildMirror(ports: RebuildPorts): Promise<void> {
  const [run] = await ports.open(1);
  if (run === undefined) return;
  const leaseMs = ports.nowMs() + LEASE_MS;
  if (await ports.lease(run, leaseMs)) await slice(run, leaseMs, ports);
}

async function slice(run: OpenRebuild, leaseMs: number, ports: RebuildPorts): Promise<void> {
  const untilMs = ports.nowMs() + SLICE_MS_MAX;
  // Own text: what the step before kept.
  let cursor: RebuildCursor = JSON.parse(run.cursor);
  let report = keptReport(run);
  for (let steps = 1; ; steps += 1) {
    const step = await tryStep(run, cursor, ports);
    if (step.kind === "failed") return fail(run, cursor, step.error, ports);
    cursor = step.cursor;
    const goesOn = step.kind === "more" && steps < STEPS_MAX && ports.nowMs() < untilMs;
    // By its marks: they say the same whenever they are counted.
    if (!goesOn) report = await reportOf(run, cursor, ports);
    if (step.kind === "done") return finish(run, report, ports);
    await ports.save(run, { cursor, report, leaseMs: goesOn ? leaseMs : 0 });
    if (!goesOn) return;
  }
}

// Own text: what the slice before kept.
const keptReport = ({ report }: OpenRebuild): RebuildReport => ({
  ...NO_REBUILD_REPORT,
  ...JSON.parse(report),
});

async function tryStep(
  run: OpenRebuild,
  cursor: RebuildCursor,
  ports: RebuildPorts,
): Promise<Step | { readonly kind: "failed"; readonly error: unknown }> {
  try {
    const step = await stepRebuild(run, cursor, ports);
    const { failures: _failures, ...rest } = step.cursor;
    return { ...step, cursor: rest };
  } catch (error) {
    return { kind: "failed", error };
  }
}

async function finish(run: OpenRebuild, report: RebuildReport, ports: RebuildPorts): Promise<void> {
  await ports.end(run, { state: "done", report, nowMs: ports.nowMs() });
  const { tenant, runId } = run;
  const { named, results, rows } = report;
  ports.log("info", "mirror_rebuilt", { tenant, run: runId, named, results, rows });
}

/** The next minute's call does the step again; time and again, and a person has to look. */
async function fail(
  run: OpenRebuild,
  cursor: RebuildCursor,
  error: unknown,
  ports: RebuildPorts,
): Promise<void> {
  const { tenant, runId } = run;
  const failures = (cursor.failures ?? 0) + 1;
  const report = { ...keptReport(run), error: `A step failed: ${String(error)}` };
  const isOver = failures >= FAILURES_MAX;
  ports.log(isOver ? "error" : "warn", "rebuild_step_failed", {
    ...(isOver ? { alert: true } : {}),
    tenant,
    run: runId,
    phase: cursor.phase,
    error,
  });
  if (isOver) await ports.end(run, { state: "failed", report, nowMs: ports.nowMs() });
  else await ports.save(run, { cursor: { ...cursor, failures }, report, leaseMs: 0 });
}

async function reportOf(
  run: OpenRebuild,
  cursor: RebuildCursor,
  ports: RebuildPorts,
): Promise<RebuildReport> {
  if (cursor.phase === "begin") return NO_REBUILD_REPORT;
  const progress = await ports.progress(run);
  const behind = await ports.behind(run, 1000);
  const isTotal = cursor.phase === "totals";
  const isLeft = async () => !(await ports.hasReadAll(run)) || (await ports.holdsSome(run));
  return {
    ...progress,
    rows: { ...progress.rows, ...cursor.sums },
    behind: behind.length,
    sums_left: isTotal && (await isLeft()),
  };
}
