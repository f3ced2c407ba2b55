import { NO_REPORT, type RunReport } from "../../../core/reconciliation/report.ts";
import { type Going, noteSnapshot, type Outcome } from "./going.ts";
import type { KeptReport, KeptRun, ReconcilePorts, RunAt, RunCursor } from "./ports.ts";
import { endOf } from "./unread.ts";

/** Calls in a row in which a core does not answer, or answers wrongly, before a run gives up. */
const FAILURES_MAX = 5;
/** How often a run begins anew as its core cannot tell its state of before any more. */
const BEGUN_MAX = 5;
/** A run that is not through by then is given up: the next one has another window. */
const RUN_MS_MAX = 6 * 3_600_000;

/** Failures that asking again does not mend. */
const FINAL: ReadonlySet<string> = new Set([
  "unsupported",
  "digest_contradicted",
  "not_told",
  "too_many",
]);

interface Failure {
  readonly kind: string;
  readonly detail: string;
}

export const TOO_LONG: Failure = {
  kind: "too_long",
  detail: "The run was not through within six hours",
};

export const isTooLong = ({ startedMs }: RunAt, nowMs: number): boolean =>
  nowMs - startedMs > RUN_MS_MAX;

/** Keeps how far a run is. */
export async function keep(going: Going, leaseMs: number): Promise<void> {
  const { run, cursor, report, ports, kept } = going;
  await ports.save(run, { cursor, report, leaseMs });
  kept.cursor = cursor;
  kept.report = report;
}

/** Ends a call: the run is over, goes on in the next call, begins anew, or gives up. */
export async function leave(going: Going, outcome: Outcome): Promise<void> {
  const { run, ports, cursor } = going;
  if (outcome === "done") return finish(going);
  const nowMs = ports.nowMs();
  if (isTooLong(run, nowMs)) return fail(run, going.report, TOO_LONG, ports);
  // An answer that no call is long enough for would be asked for on and on.
  if (outcome === "spent" && going.answered === 0) {
    return failed(going, going.core.spent().bytes === 0 ? NO_ANSWER : NO_PROGRESS);
  }
  if (outcome === "on" || outcome === "spent") {
    going.cursor = { ...cursor, failures: 0 };
    return keep(going, nowMs);
  }
  return outcome.kind === "stale"
    ? beginAnew(going, outcome.detail)
    : failed(going, { kind: outcome.failure, detail: outcome.detail });
}

const NO_PROGRESS: Failure = {
  kind: "no_progress",
  detail: "The core's answer to one question takes more than a whole call may ask",
};

/** It took a connection and nothing came: for whoever reads alerts that is a core that is not there. */
const NO_ANSWER: Failure = {
  kind: "timeout",
  detail: "The core did not answer in all the time that a call may take",
};

async function finish(going: Going): Promise<void> {
  const { run, ports, cursor } = going;
  // All answers have agreed on it, also where not all that was asked for was told.
  await noteSnapshot(going);
  // What it was started for is still to be done: parts of it nobody has looked at.
  const passed = endOf(cursor);
  if (passed !== undefined) {
    const error = { kind: passed.failure, detail: passed.detail };
    return fail(run, going.report, error, ports);
  }
  await ports.fulfil(run, cursor.closes ?? []);
  const { error: _error, ...report } = going.report;
  await ports.end(run, { state: "done", report, nowMs: ports.nowMs() });
  ports.log("info", "reconciled", { tenant: run.tenant, run: run.runId, ...summaryOf(report) });
}

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
  const { requests, bytes } = report;
  await ports.save(run, {
    cursor: { ...askedOf(cursor), begun: begunTimes },
    report: { ...NO_REPORT, requests, bytes, error },
    leaseMs: ports.nowMs(),
  });
}

/** What the run was started with. */
const askedOf = ({ from_ms, to_ms, accept_epoch, closes }: RunCursor): RunCursor => ({
  ...(from_ms === undefined ? {} : { from_ms }),
  ...(to_ms === undefined ? {} : { to_ms }),
  ...(accept_epoch === undefined ? {} : { accept_epoch }),
  ...(closes === undefined ? {} : { closes }),
});

type Failing = Pick<Going, "run" | "ports"> & KeptRun;

/** Goes on at the same place in the next call, as long as that can help. */
async function failed({ run, ports, cursor, report }: Failing, error: Failure): Promise<void> {
  const failures = (cursor.failures ?? 0) + 1;
  const isOver = failures >= FAILURES_MAX || FINAL.has(error.kind);
  if (isOver) return fail(run, report, error, ports);
  ports.log("warn", "reconciliation_delayed", { tenant: run.tenant, run: run.runId, ...error });
  await ports.save(run, {
    cursor: { ...cursor, failures },
    report: { ...report, error },
    leaseMs: ports.nowMs(),
  });
}

/** A step threw: that is no core's fault, and what it threw is for the log alone. */
export async function broke(failing: Failing, error: unknown): Promise<void> {
  const { run, ports, cursor } = failing;
  const { phase = "begin" } = cursor;
  ports.log("error", "reconciliation_broke", { tenant: run.tenant, run: run.runId, phase, error });
  const detail = `The gateway broke at its step "${phase}": its log says how (reconciliation_broke)`;
  await failed(failing, { kind: "broke", detail });
}

/** Ends a run that is given up, for whoever has to look at it. */
export async function fail(
  run: RunAt,
  report: KeptReport,
  error: Failure,
  ports: ReconcilePorts,
): Promise<void> {
  // A core need not offer balances: that wakes nobody, and is not tried again before its time.
  const isOptional = run.kind === "balances" && error.kind === "unsupported";
  if (isOptional) await ports.fulfil(run, []);
  ports.log(isOptional ? "warn" : "error", "reconciliation_failed", {
    ...(isOptional ? {} : { alert: true }),
    tenant: run.tenant,
    run: run.runId,
    ...error,
  });
  await ports.end(run, { state: "failed", report: { ...report, error }, nowMs: ports.nowMs() });
}
