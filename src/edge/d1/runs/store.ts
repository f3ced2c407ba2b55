import { runIdOf, type RunKind, type RunName, type RunState } from "../../../core/runs/run.ts";
import type { ControlReader, Part, Reading } from "../../reading.ts";
import { controlSession, readingOf, readRows, rowsOf } from "../reads/session.ts";

/** A run as it stands. */
export interface RunRow {
  readonly tenant: string;
  readonly runId: string;
  readonly kind: RunKind;
  readonly planId: string;
  readonly periodId: string;
  readonly state: RunState;
  readonly attempt: number;
  /** JSON of what the run's steps keep. */
  readonly progress: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
}

/** What names an attempt of a run. */
type RunTaken = Pick<RunRow, "tenant" | "runId" | "attempt">;

const COLUMNS = `tenant, run_id AS runId, kind, plan_id AS planId, period_id AS periodId, state,
  attempt, progress, started_ms AS startedMs, ended_ms AS endedMs`;

// Somebody is at it: then it is the same attempt.
const START = `INSERT INTO runs (tenant, run_id, kind, plan_id, period_id, state, attempt, progress,
    started_ms, ended_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, 'running', 1, '{}', ?6, NULL)
  ON CONFLICT DO UPDATE SET state = 'running', attempt = attempt + 1, progress = '{}',
    started_ms = excluded.started_ms, ended_ms = NULL WHERE state <> 'running'`;

const ONE = `SELECT ${COLUMNS} FROM runs WHERE tenant = ?1 AND run_id = ?2`;

const LIST = `SELECT ${COLUMNS} FROM runs WHERE tenant = ?1 AND run_id > ?2 ORDER BY run_id LIMIT ?3`;

/** Runs, in the control tables. */
export const runStore = (control: D1Database) => ({
  /** Starts a run, or does it again; one that is on its way goes on as it is. */
  async start(tenant: string, name: RunName, nowMs: number): Promise<Reading<RunRow>> {
    const runId = runIdOf(name);
    const session = primary(control);
    await session
      .prepare(START)
      .bind(tenant, runId, name.kind, name.plan_id, name.period_id, nowMs)
      .run();
    const [run] = await rowsOf<RunRow>(session, ONE, [tenant, runId]);
    if (run === undefined) throw new Error(`Cannot start run "${runId}"`);
    return readingOf(session, run);
  },

  /** From the primary: for whoever takes it on. */
  async get(tenant: string, runId: string): Promise<RunRow | undefined> {
    const [run] = await rowsOf<RunRow>(primary(control), ONE, [tenant, runId]);
    return run;
  },

  async read(reader: ControlReader, runId: string): Promise<Reading<RunRow | undefined>> {
    const session = controlSession(control, reader);
    const [run] = await rowsOf<RunRow>(session, ONE, [reader.tenant, runId]);
    return readingOf(session, run);
  },

  /** By run id. */
  list(
    reader: ControlReader,
    { after = "", limit }: Part<string>,
  ): Promise<Reading<readonly RunRow[]>> {
    return readRows(controlSession(control, reader), LIST, [reader.tenant, after, limit]);
  },

  /** Every run of a tenant and its state. */
  async states(
    tenant: string,
  ): Promise<readonly Pick<RunRow, "runId" | "state" | "planId" | "periodId" | "kind">[]> {
    const sql = `SELECT run_id AS runId, kind, plan_id AS planId, period_id AS periodId, state
      FROM runs WHERE tenant = ?1`;
    return rowsOf(primary(control), sql, [tenant]);
  },
});

/** The same, for whoever does the runs. */
export const runLeases = (control: D1Database) => ({
  /** Runs of these tenants that are on their way, whoever is at them; the oldest first. */
  running(tenants: readonly string[]): Promise<readonly RunRow[]> {
    const sql = `SELECT ${COLUMNS} FROM runs
      WHERE state = 'running' AND tenant IN (SELECT value FROM json_each(?1))
      ORDER BY started_ms, run_id`;
    return rowsOf(primary(control), sql, [JSON.stringify(tenants)]);
  },

  /** Takes a run for a while. False where somebody else has it, or has ended it. */
  async claim(run: RunTaken, lease: { readonly nowMs: number; readonly untilMs: number }) {
    const { meta } = await control
      .prepare(
        `UPDATE runs SET progress = json_set(progress, '$.lease_ms', ?4)
         WHERE tenant = ?1 AND run_id = ?2 AND state = 'running' AND attempt = ?5
           AND coalesce(progress ->> 'lease_ms', 0) <= ?3`,
      )
      .bind(run.tenant, run.runId, lease.nowMs, lease.untilMs, run.attempt)
      .run();
    return meta.changes > 0;
  },

  /** Saves a step. False where the lease has gone to somebody else: then nothing is saved. */
  async save(
    run: RunTaken,
    step: {
      readonly leaseMs: number;
      readonly progress: object;
      readonly state: RunState;
      readonly endedMs: number | null;
    },
  ): Promise<boolean> {
    const { meta } = await control
      .prepare(
        `UPDATE runs SET progress = ?4, state = ?5, ended_ms = ?6
         WHERE tenant = ?1 AND run_id = ?2 AND state = 'running' AND attempt = ?7
           AND progress ->> 'lease_ms' = ?3`,
      )
      .bind(
        run.tenant,
        run.runId,
        step.leaseMs,
        JSON.stringify(step.progress),
        step.state,
        step.endedMs,
        run.attempt,
      )
      .run();
    return meta.changes > 0;
  },
});

const primary = (control: D1Database): D1DatabaseSession => control.withSession("first-primary");

/**
 * Periods that a run is closing, or has closed: nothing new counts in them from the run's start on,
 * before their close is in the mirror. To be told to orders beside the closed ones.
 */
export async function closingPeriods(
  control: D1Database,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const sql = `SELECT tenant, period_id AS periodId FROM runs
    WHERE tenant IN (SELECT value FROM json_each(?1)) AND kind = 'close'
      AND state IN ('running', 'done')`;
  const rows = await rowsOf<{ tenant: string; periodId: string }>(primary(control), sql, [
    JSON.stringify(tenants),
  ]);
  const byTenant = Map.groupBy(rows, ({ tenant }) => tenant);
  return new Map([...byTenant].map(([tenant, of]) => [tenant, of.map(({ periodId }) => periodId)]));
}

/** The tenant's plans as the schedule of runs sees them: when each was first saved. */
export async function plansSince(
  control: D1Database,
  tenants: readonly string[],
): Promise<
  readonly { readonly tenant: string; readonly planId: string; readonly sinceMs: number }[]
> {
  const sql = `SELECT tenant, plan_id AS planId, min(created_ms) AS sinceMs FROM plans
    WHERE tenant IN (SELECT value FROM json_each(?1)) GROUP BY 1, 2 ORDER BY 1, 2`;
  return rowsOf(primary(control), sql, [JSON.stringify(tenants)]);
}
