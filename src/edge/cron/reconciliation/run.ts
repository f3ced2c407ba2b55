import { aligned, type Range } from "../../../core/reconciliation/buckets.ts";
import { addReports, NO_REPORT, type RunReport } from "../../../core/reconciliation/report.ts";
import { firstQuestion } from "../../../core/reconciliation/walk.ts";
import type { KeptReport, ReconcilePorts, RunAt, RunCursor } from "./ports.ts";
import { type Going, type Outcome, step } from "./steps.ts";

/** How long one call of the job works at a run. */
const CALL_MS = 20_000;
/** Longer than any call: who dies leaves the run to the next one. */
const LEASE_MS = 120_000;
/** Calls in a row in which a core does not answer, or answers wrongly, before a run gives up. */
const FAILURES_MAX = 5;
/** How often a run begins anew as its core cannot tell its state of before any more. */
const BEGUN_MAX = 5;
/** A run that is not through by then is given up: the next one has another window. */
const RUN_MS_MAX = 6 * 3_600_000;
const DAY_MS = 86_400_000;
/** DOMAIN §8: what is looked at every quarter of an hour. */
export const WINDOW_MS = 72 * 3_600_000;

/**
 * Goes on with a run for as long as a call may: down the digests, one-sided lines looked up, then all
 * that differs judged at once, healed where the table of DOMAIN §8 allows it, and kept for a person
 * where not. Each step is kept; done again after a crash it ends the same, as breaks and their events
 * are named by what they are about.
 */
export async function continueRun(run: RunAt, ports: ReconcilePorts): Promise<void> {
  const startMs = ports.nowMs();
  if (!(await ports.lease(run, startMs + LEASE_MS))) return;
  const untilMs = startMs + CALL_MS;
  const core = await ports.core(run.tenant, untilMs);
  const report: KeptReport = { ...NO_REPORT, ...parseReport(run.report) };
  if (core === undefined) {
    return fail(
      run,
      report,
      { kind: "no_core", detail: "The tenant has no core, or is no mirror of it" },
      ports,
    );
  }
  const cursor = begun(run, startMs, ports);
  const going: Going = {
    run,
    core,
    ports,
    untilMs,
    cursor,
    report,
    answered: 0,
    counted: { requests: 0, bytes: 0 },
  };
  let outcome: Outcome = "on";
  while (outcome === "on" && ports.nowMs() < untilMs) {
    outcome = await step(going);
    count(going);
    if (outcome === "on") await keep(going, startMs + LEASE_MS);
  }
  await leave(going, outcome);
}

// Own text: what keep() wrote, or who started it.
const parseCursor = (text: string): RunCursor => JSON.parse(text);
const parseReport = (text: string): Partial<KeptReport> => JSON.parse(text);

function begun(run: RunAt, nowMs: number, { limits }: ReconcilePorts): Going["cursor"] {
  const kept = parseCursor(run.cursor);
  const isShort = run.kind === "window";
  const range = kept.range ?? rangeOf(kept, { nowMs, isShort });
  const settledMs = kept.settledMs ?? nowMs - limits.grace_ms;
  const questions = kept.questions ?? [firstQuestion(levelOf(range), range)];
  return { ...kept, range, settledMs, questions, phase: kept.phase ?? "walk" };
}

const levelOf = ({ fromMs, toMs }: Range): "day" | "month" =>
  toMs - fromMs > 40 * DAY_MS ? "month" : "day";

/** Where no system has lines from before. */
const FIRST_MS = Date.UTC(2000, 0);

function rangeOf(
  { from_ms, to_ms }: RunCursor,
  { nowMs, isShort }: { readonly nowMs: number; readonly isShort: boolean },
): Range {
  const fromMs = from_ms ?? (isShort ? nowMs - WINDOW_MS : FIRST_MS);
  const asked = { fromMs, toMs: Math.max(to_ms ?? nowMs, fromMs + 1) };
  return aligned(asked, levelOf(asked));
}

/** What the core was asked since it was counted last. */
function count(going: Going): void {
  const { requests, bytes } = going.core.spent();
  const part = {
    requests: requests - going.counted.requests,
    bytes: bytes - going.counted.bytes,
  };
  going.report = { ...going.report, ...addReports(going.report, part) };
  going.counted = { requests, bytes };
}

async function keep({ run, cursor, report, ports }: Going, leaseMs: number): Promise<void> {
  await ports.save(run, { cursor, report, leaseMs });
}

/** Ends a call: the run is over, goes on in the next call, begins anew, or gives up. */
async function leave(going: Going, outcome: Outcome): Promise<void> {
  const { run, ports, cursor } = going;
  const nowMs = ports.nowMs();
  if (outcome === "done") {
    const { error: _error, ...report } = going.report;
    await ports.end(run, { state: "done", report, nowMs });
    ports.log("info", "reconciled", { tenant: run.tenant, run: run.runId, ...summaryOf(report) });
    return;
  }
  if (nowMs - run.startedMs > RUN_MS_MAX) {
    const error = { kind: "too_long", detail: "The run was not through within six hours" };
    return fail(run, going.report, error, ports);
  }
  // An answer that no call is long enough for would be asked for on and on.
  if (outcome === "spent" && going.answered === 0) return failed(going, NO_PROGRESS);
  if (outcome === "on" || outcome === "spent") {
    going.cursor = { ...cursor, failures: 0 };
    return keep(going, 0);
  }
  return outcome.kind === "stale" ? beginAnew(going, outcome.detail) : failed(going, outcome);
}

const NO_PROGRESS = {
  kind: "failed",
  failure: "no_progress",
  detail: "The core's answer to one question takes more than a whole call may ask",
} as const;

const summaryOf = ({ compared, differing, healed, open, requests, bytes }: RunReport) => ({
  compared,
  differing,
  healed,
  open,
  requests,
  bytes,
});

async function beginAnew(going: Going, detail: string): Promise<void> {
  const { run, ports, cursor, report } = going;
  const begunTimes = (cursor.begun ?? 0) + 1;
  const error = { kind: "stale", detail };
  if (begunTimes > BEGUN_MAX) return fail(run, report, error, ports);
  await ports.dropDifferences(run);
  const { from_ms, to_ms } = cursor;
  const asked = {
    ...(from_ms === undefined ? {} : { from_ms }),
    ...(to_ms === undefined ? {} : { to_ms }),
  };
  const { requests, bytes } = report;
  await ports.save(run, {
    cursor: { ...asked, begun: begunTimes },
    report: { ...NO_REPORT, requests, bytes, error },
    leaseMs: 0,
  });
}

async function failed(
  going: Going,
  { failure, detail }: Extract<Outcome, { readonly kind: "failed" }>,
): Promise<void> {
  const { run, ports, cursor, report } = going;
  const failures = (cursor.failures ?? 0) + 1;
  const error = { kind: failure, detail };
  if (failures >= FAILURES_MAX) return fail(run, report, error, ports);
  ports.log("warn", "reconciliation_delayed", { tenant: run.tenant, run: run.runId, ...error });
  going.report = { ...report, error };
  going.cursor = { ...cursor, failures };
  await keep(going, 0);
}

async function fail(
  run: RunAt,
  report: KeptReport,
  error: { readonly kind: string; readonly detail: string },
  ports: ReconcilePorts,
): Promise<void> {
  ports.log("error", "reconciliation_failed", {
    alert: true,
    tenant: run.tenant,
    run: run.runId,
    ...error,
  });
  await ports.end(run, { state: "failed", report: { ...report, error }, nowMs: ports.nowMs() });
}
