import { FORGET_SOME, FORGOTTEN_AT_ONCE } from "./forget.ts";

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

/** How much later than others windows may have had their turn, and still come first: as often as they begin. */
const WINDOW_AHEAD_MS = 15 * 60_000;

const RUNNING = `SELECT tenant, run_id AS runId, kind, cause, started_ms AS startedMs, cursor, report
  FROM reconciliation_runs WHERE state = 'running' AND kind <> 'rebuild' AND lease_ms <= ?1
    AND tenant IN (SELECT value FROM json_each(?2))
    AND NOT EXISTS (SELECT 1 FROM reconciliation_runs b INDEXED BY reconciliation_runs_running
      WHERE b.tenant = reconciliation_runs.tenant AND b.state = 'running' AND b.kind = 'rebuild')
  ORDER BY max(lease_ms, started_ms) - iif(kind = 'window', ${WINDOW_AHEAD_MS}, 0), tenant LIMIT ?3`;

/**
 * Runs of these tenants that nobody is at, those first that nobody was at for the longest: each has its
 * turn, however many are on their way. Windows come before others, which wait no longer for them. While a mirror is rebuilt, what it lacks is
 * no difference: they wait.
 */
export async function openRuns(
  db: D1Database,
  tenants: readonly string[],
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): Promise<readonly OpenRun[]> {
  const query = db.prepare(RUNNING).bind(nowMs, JSON.stringify(tenants), limit);
  return (await query.all<OpenRun>()).results;
}

type Name = Pick<OpenRun, "tenant" | "runId">;

interface Kept {
  readonly cursor: object;
  readonly report: object;
  readonly leaseMs: number;
}

interface Ended {
  readonly state: "done" | "failed";
  readonly report: object;
  readonly nowMs: number;
}

const LEASE = `UPDATE reconciliation_runs SET lease_ms = ?4
  WHERE tenant = ?1 AND run_id = ?2 AND state = 'running' AND lease_ms <= ?3`;

/** Takes a run until then; false where somebody else is at it. */
async function leaseRun(
  db: D1Database,
  { tenant, runId }: Name,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): Promise<boolean> {
  const { meta } = await db.prepare(LEASE).bind(tenant, runId, nowMs, untilMs).run();
  return meta.changes > 0;
}

// A call that D1 kept waiting beyond its lease must not write over whoever is at the run by then.
const IS_HELD = `tenant = ?1 AND run_id = ?2 AND state = 'running'
  AND (?3 IS NULL OR lease_ms = ?3)`;

const SAVE = `UPDATE reconciliation_runs SET cursor = ?4, report = ?5, lease_ms = ?6
  WHERE ${IS_HELD}`;

/**
 * Keeps where a run goes on; a lease that is over by now gives it back. Of a call that says by which lease it holds
 * the run nothing is kept once another call has taken it over: that throws.
 */
async function saveRun(
  db: D1Database,
  { tenant, runId }: Name,
  run: Kept,
  heldMs?: number,
): Promise<void> {
  const values = [JSON.stringify(run.cursor), JSON.stringify(run.report), run.leaseMs];
  const write = db.prepare(SAVE).bind(tenant, runId, heldMs ?? null, ...values);
  refuseLost((await write.run()).meta.changes, heldMs);
}

function refuseLost(changes: number | undefined, heldMs: number | undefined): void {
  if (changes === 0 && heldMs !== undefined) {
    throw new Error("Cannot go on with a run that another call has taken over, or ended");
  }
}

const END = `UPDATE reconciliation_runs SET state = ?4, report = ?5, ended_ms = ?6, lease_ms = 0
  WHERE ${IS_HELD}`;
const FORGET = `${FORGET_SOME} AND EXISTS (SELECT 1 FROM reconciliation_runs WHERE ${IS_HELD})`;

/**
 * Ends a run; what it had found to differ is judged by then, and forgotten: at once as far as it is
 * little, the rest by `forgetOver`. Held as in {@link saveRun}.
 */
async function endRun(
  db: D1Database,
  { tenant, runId }: Name,
  end: Ended,
  heldMs?: number,
): Promise<void> {
  const held = [tenant, runId, heldMs ?? null];
  const [, ended] = await db.batch([
    db.prepare(FORGET).bind(...held, FORGOTTEN_AT_ONCE),
    db.prepare(END).bind(...held, end.state, JSON.stringify(end.report), end.nowMs),
  ]);
  refuseLost(ended?.meta.changes, heldMs);
}

/** Runs as one call of a job has them: what it keeps of one it keeps as long as its lease holds. */
export function heldRuns(db: D1Database, nowMs: () => number) {
  const held = new Map<string, number>();
  return {
    lease: async (run: Name, untilMs: number): Promise<boolean> => {
      const isTaken = await leaseRun(db, run, { nowMs: nowMs(), untilMs });
      if (isTaken) held.set(run.runId, untilMs);
      return isTaken;
    },
    save: async (run: Name, kept: Kept): Promise<void> => {
      await saveRun(db, run, kept, held.get(run.runId));
      held.set(run.runId, kept.leaseMs);
    },
    end: (run: Name, end: Ended): Promise<void> => endRun(db, run, end, held.get(run.runId)),
  };
}

/** As long as the rarest run is away, and a day. Ids of runs begin with when they were made. */
const LOOKED_BACK_MS = 8 * 86_400_000;

const LAST = `SELECT r.tenant, kind, state = 'failed' AS isFailed, max(started_ms) AS startedMs,
    coalesce(report ->> '$.error.kind', '') IN ('not_told', 'digest_contradicted') AS isNamed,
    cursor ->> '$.from_ms' IS NULL AND cursor ->> '$.to_ms' IS NULL AS isWhole
  FROM json_each(?1) t CROSS JOIN reconciliation_runs r ON r.tenant = t.value AND r.run_id >= ?2
  GROUP BY r.tenant, kind, isFailed, isNamed, isWhole`;

interface LastRow {
  readonly tenant: string;
  readonly kind: string;
  readonly isFailed: number;
  readonly isNamed: number;
  readonly isWhole: number;
  readonly startedMs: number;
}

/** What the ids of runs from then on are not below. */
function runIdAt(atMs: number): string {
  const time = Math.trunc(Math.max(0, atMs)).toString(16).padStart(12, "0");
  return `recon_${time.slice(0, 8)}-${time.slice(8)}`;
}

/** When a run of each kind last began: of the last eight days, as older ones change nothing. */
export async function lastRuns(db: D1Database, tenants: readonly string[], nowMs: number) {
  const since = runIdAt(nowMs - LOOKED_BACK_MS);
  const query = db.prepare(LAST).bind(JSON.stringify(tenants), since);
  return (await query.all<LastRow>()).results.map((row) => ({
    ...row,
    isFailed: row.isFailed === 1,
    isNamed: row.isNamed === 1,
    isWhole: row.isWhole === 1,
  }));
}
