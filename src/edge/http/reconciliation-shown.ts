import { formatInstant } from "../../core/contracts/instant.ts";
import { coverageOf, NO_REPORT, type RunReport } from "../../core/reconciliation/report.ts";
import type { ReconciliationRow } from "../reading.ts";

/** What a run keeps as its report: none of it before its first step. */
interface KeptReport extends Partial<RunReport> {
  /** Why it failed, or what last kept it from going on. */
  readonly error?: { readonly kind: string; readonly detail: string };
}

export type ShownReconciliation = ReturnType<typeof showReconciliation>;

/** A run as answers show it. */
export function showReconciliation(row: ReconciliationRow) {
  // Own text: what the run wrote.
  const { error, ...kept }: KeptReport = JSON.parse(row.report);
  const { fromMs, toMs } = shownRange(JSON.parse(row.cursor));
  return {
    run_id: row.runId,
    kind: row.kind,
    state: row.state,
    cause: row.cause,
    started_at: formatInstant(row.startedMs),
    ended_at: row.endedMs === null ? null : formatInstant(row.endedMs),
    from: fromMs === null ? null : formatInstant(fromMs),
    to: toMs === null ? null : formatInstant(toMs),
    report: showReport({ ...NO_REPORT, ...kept }, row.state),
    error: error === undefined ? null : { kind: error.kind, detail: error.detail },
  };
}

/** Of what took effect in a range: as it was asked for, and as it is compared, once it has begun. */
interface KeptRange {
  readonly range?: { readonly fromMs: number; readonly toMs: number };
  readonly from_ms?: number | null;
  readonly to_ms?: number | null;
}

/** What is judged: no more than was asked for, though whole days or months are compared. */
function shownRange({ range, from_ms = null, to_ms = null }: KeptRange) {
  if (range === undefined) return { fromMs: from_ms, toMs: to_ms };
  return {
    fromMs: Math.max(range.fromMs, from_ms ?? range.fromMs),
    toMs: Math.min(range.toMs, to_ms ?? range.toMs),
  };
}

function showReport(report: RunReport, state: ReconciliationRow["state"]) {
  const { expected, covered, compared, differing, in_flight, healed, open } = report;
  const { requests, bytes, contradicted, oldest_open_ms, by_class } = report;
  // Nothing is expected yet, or nobody knows: all of it is not what that would be.
  const isKnown = state === "done" || expected > 0;
  return {
    coverage_percent: isKnown ? coverageOf(report) : null,
    expected,
    covered,
    compared,
    differing,
    in_flight,
    healed,
    open,
    oldest_open_at: oldest_open_ms === null ? null : formatInstant(oldest_open_ms),
    requests,
    bytes,
    contradicted,
    by_class,
  };
}
