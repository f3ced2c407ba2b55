import { uuidV7 } from "../../event-id.ts";
import type { RebuildAsked, RebuildCursor, RebuildRow } from "../../rebuild.ts";
import type { Marked, Part, Reader, Reading } from "../../reading.ts";
import { type MirrorOf, readingOf, readRows, rowsOf, sessionOf } from "../reads/session.ts";

const COLUMNS = `run_id AS runId, state, cause, started_ms AS startedMs, ended_ms AS endedMs, cursor,
  report`;

// One statement: of two that ask at once, one finds the other's.
const START = `INSERT INTO reconciliation_runs
    (tenant, run_id, kind, state, cause, started_ms, lease_ms, cursor, report)
  SELECT ?1, ?2, 'rebuild', 'running', ?3, ?4, 0, ?5, '{}' WHERE NOT EXISTS
    (SELECT 1 FROM reconciliation_runs
     WHERE tenant = ?1 AND state = 'running' AND kind = 'rebuild')`;

const ONE = `SELECT ${COLUMNS} FROM reconciliation_runs
  WHERE tenant = ?1 AND run_id = ?2 AND kind = 'rebuild'`;

const RUNNING = `SELECT ${COLUMNS} FROM reconciliation_runs INDEXED BY reconciliation_runs_running
  WHERE tenant = ?1 AND state = 'running' AND kind = 'rebuild' ORDER BY run_id LIMIT 1`;

/** They sort among themselves, and stand apart from reconciliations. */
const LIST = `SELECT ${COLUMNS} FROM reconciliation_runs
  WHERE tenant = ?1 AND run_id >= 'rebuild_' AND run_id < ?2 AND kind = 'rebuild'
  ORDER BY run_id DESC LIMIT ?3`;

const NEWEST = "rebuild_~";

export type RebuildStarted = {
  /** `running`: another one of the tenant's is on its way, and none was started. */
  readonly kind: "started" | "running";
  readonly run: RebuildRow;
} & Marked;

/** The run that was found on its way can have ended before it is read. */
const ATTEMPTS_MAX = 3;

/** Starts a rebuild, for the next minute's cron; or finds the one that is on its way. */
export async function startRebuild(
  mirror: D1Database,
  { tenant, cause, asked }: { tenant: string; cause: string; asked: RebuildAsked },
  nowMs: number,
): Promise<RebuildStarted> {
  const session = mirror.withSession("first-primary");
  const cursor: RebuildCursor = { asked, phase: "begin" };
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const runId = `rebuild_${uuidV7(nowMs)}`;
    const start = session.prepare(START).bind(tenant, runId, cause, nowMs, JSON.stringify(cursor));
    const isStarted = (await start.run()).meta.changes > 0;
    const [sql, values] = isStarted ? [ONE, [tenant, runId]] : [RUNNING, [tenant]];
    const [row] = await rowsOf<RebuildRow>(session, sql, values);
    if (row === undefined) continue;
    const { value: run, ...marked } = readingOf(session, row);
    return { kind: isStarted ? "started" : "running", run, ...marked };
  }
  throw new Error(`Cannot start a rebuild of tenant "${tenant}": others begin and end`);
}

export const rebuildReads = (mirrorOf: MirrorOf) => ({
  /** Newest first. */
  list: (
    reader: Reader,
    { after = NEWEST, limit }: Part<string>,
  ): Promise<Reading<readonly RebuildRow[]>> =>
    readRows<RebuildRow>(sessionOf(mirrorOf, reader), LIST, [reader.tenant, after, limit]),

  async one(reader: Reader, runId: string): Promise<Reading<RebuildRow | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    const [row] = await rowsOf<RebuildRow>(session, ONE, [reader.tenant, runId]);
    return readingOf(session, row);
  },
});

interface OpenRebuild extends Pick<
  RebuildRow,
  "runId" | "cause" | "startedMs" | "cursor" | "report"
> {
  readonly tenant: string;
}

const OPEN = `SELECT tenant, ${COLUMNS} FROM reconciliation_runs
  WHERE state = 'running' AND kind = 'rebuild' AND lease_ms <= ?1 ORDER BY started_ms LIMIT ?2`;

/** Rebuilds that nobody is at, the oldest first. */
export async function openRebuilds(
  db: D1Database,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): Promise<readonly OpenRebuild[]> {
  return (await db.prepare(OPEN).bind(nowMs, limit).all<OpenRebuild>()).results;
}

/** Tenants whose mirror is rebuilt just now: nothing is decided by it that could wait. */
export async function rebuildingTenants(db: D1Database): Promise<ReadonlySet<string>> {
  const { results } = await db
    .prepare(
      "SELECT DISTINCT tenant FROM reconciliation_runs WHERE state = 'running' AND kind = 'rebuild'",
    )
    .all<{ tenant: string }>();
  return new Set(results.map(({ tenant }) => tenant));
}
