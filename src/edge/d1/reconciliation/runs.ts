/** A run of reconciliation that is on its way. */
export interface OpenRun {
  readonly tenant: string;
  readonly runId: string;
  readonly kind: string;
  readonly cause: string;
  readonly startedMs: number;
  /** JSON: where it goes on. */
  readonly cursor: string;
  /** JSON of core/reconciliation/report.ts, as far as it is; `{}` before it began. */
  readonly report: string;
}

const RUNNING = `SELECT tenant, run_id AS runId, kind, cause, started_ms AS startedMs, cursor, report
  FROM reconciliation_runs WHERE state = 'running' AND lease_ms <= ?1
    AND tenant IN (SELECT value FROM json_each(?2)) ORDER BY started_ms LIMIT ?3`;

/** Runs of these tenants that nobody is at, the oldest first. */
export async function openRuns(
  db: D1Database,
  tenants: readonly string[],
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): Promise<readonly OpenRun[]> {
  const query = db.prepare(RUNNING).bind(nowMs, JSON.stringify(tenants), limit);
  return (await query.all<OpenRun>()).results;
}

type Name = Pick<OpenRun, "tenant" | "runId">;

const LEASE = `UPDATE reconciliation_runs SET lease_ms = ?4
  WHERE tenant = ?1 AND run_id = ?2 AND state = 'running' AND lease_ms <= ?3`;

/** Takes a run until then; false where somebody else is at it. */
export async function leaseRun(
  db: D1Database,
  { tenant, runId }: Name,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): Promise<boolean> {
  const { meta } = await db.prepare(LEASE).bind(tenant, runId, nowMs, untilMs).run();
  return meta.changes > 0;
}

const SAVE = `UPDATE reconciliation_runs SET cursor = ?3, report = ?4, lease_ms = ?5
  WHERE tenant = ?1 AND run_id = ?2 AND state = 'running'`;

/** Keeps where a run goes on; `leaseMs` 0 gives it back. */
export async function saveRun(
  db: D1Database,
  { tenant, runId }: Name,
  run: { readonly cursor: object; readonly report: object; readonly leaseMs: number },
): Promise<void> {
  const values = [JSON.stringify(run.cursor), JSON.stringify(run.report), run.leaseMs];
  await db
    .prepare(SAVE)
    .bind(tenant, runId, ...values)
    .run();
}

const END = `UPDATE reconciliation_runs SET state = ?3, report = ?4, ended_ms = ?5, lease_ms = 0
  WHERE tenant = ?1 AND run_id = ?2 AND state = 'running'`;
const FORGET = "DELETE FROM differences WHERE tenant = ?1 AND run_id = ?2";

/** Ends a run; what it had found to differ is judged by then. */
export async function endRun(
  db: D1Database,
  { tenant, runId }: Name,
  end: { readonly state: "done" | "failed"; readonly report: object; readonly nowMs: number },
): Promise<void> {
  await db.batch([
    db.prepare(FORGET).bind(tenant, runId),
    db.prepare(END).bind(tenant, runId, end.state, JSON.stringify(end.report), end.nowMs),
  ]);
}

const LAST = `SELECT tenant, kind, max(started_ms) AS startedMs FROM reconciliation_runs
  WHERE tenant IN (SELECT value FROM json_each(?1)) GROUP BY 1, 2`;

/** When a run of each kind last began. */
export async function lastRuns(db: D1Database, tenants: readonly string[]) {
  const query = db.prepare(LAST).bind(JSON.stringify(tenants));
  type Row = { readonly tenant: string; readonly kind: string; readonly startedMs: number };
  return (await query.all<Row>()).results;
}
