import { uuidV7 } from "../../event-id.ts";
import type { Marked, ReconciliationRow } from "../../reading.ts";
import { readingOf, rowsOf } from "../reads/session.ts";
import { RECONCILIATION_COLUMNS } from "../reads/reconciliations.ts";

/** What a run of reconciliation looks at, and who wants it. */
export interface RunAsked {
  readonly tenant: string;
  readonly kind: ReconciliationRow["kind"];
  /** Of what took effect in [fromMs, toMs); absent: without that end. UTC milliseconds. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** The core is believed in this epoch, whatever it told before. */
  readonly acceptEpoch?: number;
  /** `cron`, `period:{id}`, `epoch:{n}`, or who asked for it. */
  readonly cause: string;
  /** Closes of periods that it is for. */
  readonly closes?: readonly object[];
}

export type RunStarted = {
  /** `running`: another one of the tenant's is on its way, and none was started. */
  readonly kind: "started" | "running";
  readonly run: ReconciliationRow;
} & Marked;

// One statement: of two that ask at once, one finds the other's.
const START = `INSERT INTO reconciliation_runs
    (tenant, run_id, kind, state, cause, started_ms, lease_ms, cursor, report)
  SELECT ?1, ?2, ?3, 'running', ?4, ?5, 0, ?6, '{}' WHERE NOT EXISTS
    (SELECT 1 FROM reconciliation_runs WHERE tenant = ?1 AND state = 'running')`;

const ONE = `SELECT ${RECONCILIATION_COLUMNS} FROM reconciliation_runs
  WHERE tenant = ?1 AND run_id = ?2`;

const RUNNING = `SELECT ${RECONCILIATION_COLUMNS} FROM reconciliation_runs
  INDEXED BY reconciliation_runs_running
  WHERE tenant = ?1 AND state = 'running' ORDER BY run_id LIMIT 1`;

/** The run that was found on its way can have ended before it is read. */
const ATTEMPTS_MAX = 3;

/**
 * Starts a run, for whoever takes up runs next; or finds the one of the tenant's that is on its way.
 * There are never two.
 */
export async function startRun(
  mirror: D1Database,
  asked: RunAsked,
  nowMs: number,
): Promise<RunStarted> {
  const { tenant, kind, cause } = asked;
  const session = mirror.withSession("first-primary");
  const { fromMs: from_ms, toMs: to_ms, acceptEpoch: accept_epoch, closes } = asked;
  const cursor = JSON.stringify({ kind, from_ms, to_ms, accept_epoch, closes });
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const runId = `recon_${uuidV7(nowMs)}`;
    const start = session.prepare(START).bind(tenant, runId, kind, cause, nowMs, cursor);
    const { meta } = await start.run();
    const isStarted = meta.changes > 0;
    const [sql, values] = isStarted ? [ONE, [tenant, runId]] : [RUNNING, [tenant]];
    const [row] = await rowsOf<ReconciliationRow>(session, sql, values);
    if (row === undefined) continue;
    const { value: run, ...marked } = readingOf(session, row);
    return { kind: isStarted ? "started" : "running", run, ...marked };
  }
  throw new Error(`Cannot start a reconciliation of tenant "${tenant}": others begin and end`);
}
