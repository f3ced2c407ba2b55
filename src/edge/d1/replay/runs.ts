import { uuidV7 } from "../../event-id.ts";
import type { Marked, Part, Reader, Reading } from "../../reading.ts";
import type { OpenReplay, ReplayAsked, ReplayCursor, ReplayName, ReplayRow } from "../../replay.ts";
import { type MirrorOf, readingOf, readRows, rowsOf, sessionOf } from "../reads/session.ts";

const COLUMNS = `replay_id AS replayId, state, actor, started_ms AS startedMs, ended_ms AS endedMs,
  asked, cursor, report`;

// One statement: of two that ask at once, one finds the other's.
const START = `INSERT INTO replays
    (tenant, replay_id, state, actor, started_ms, lease_ms, asked, cursor, report)
  SELECT ?1, ?2, 'running', ?3, ?4, 0, ?5, ?6, '{}' WHERE NOT EXISTS
    (SELECT 1 FROM replays INDEXED BY replays_running WHERE tenant = ?1 AND state = 'running')`;

const ONE = `SELECT ${COLUMNS} FROM replays WHERE tenant = ?1 AND replay_id = ?2`;

const RUNNING = `SELECT ${COLUMNS} FROM replays INDEXED BY replays_running
  WHERE tenant = ?1 AND state = 'running' ORDER BY replay_id LIMIT 1`;

const LIST = `SELECT ${COLUMNS} FROM replays
  WHERE tenant = ?1 AND replay_id < ?2 ORDER BY replay_id DESC LIMIT ?3`;

/** Sorts behind every id. */
const NEWEST = "~";

export type ReplayStarted = {
  /** `running`: another one of the tenant's is on its way, and none was started. */
  readonly kind: "started" | "running";
  readonly replay: ReplayRow;
} & Marked;

/** The one that was found on its way can have ended before it is read. */
const ATTEMPTS_MAX = 3;

const BEGINNING: ReplayCursor = { phase: "events" };

/** Starts a replay, for the next minute's cron; or finds the one that is on its way. */
export async function startReplay(
  mirror: D1Database,
  { tenant, actor, asked }: { tenant: string; actor: string; asked: ReplayAsked },
  nowMs: number,
): Promise<ReplayStarted> {
  const session = mirror.withSession("first-primary");
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const replayId = `replay_${uuidV7(nowMs)}`;
    const told = [JSON.stringify(asked), JSON.stringify(BEGINNING)];
    const start = session.prepare(START).bind(tenant, replayId, actor, nowMs, ...told);
    const isStarted = (await start.run()).meta.changes > 0;
    const [sql, values] = isStarted ? [ONE, [tenant, replayId]] : [RUNNING, [tenant]];
    const [row] = await rowsOf<ReplayRow>(session, sql, values);
    if (row === undefined) continue;
    const { value: replay, ...marked } = readingOf(session, row);
    return { kind: isStarted ? "started" : "running", replay, ...marked };
  }
  throw new Error(`Cannot start a replay of tenant "${tenant}": others begin and end`);
}

export const replayReads = (mirrorOf: MirrorOf) => ({
  /** Newest first. */
  list: (
    reader: Reader,
    { after = NEWEST, limit }: Part<string>,
  ): Promise<Reading<readonly ReplayRow[]>> =>
    readRows<ReplayRow>(sessionOf(mirrorOf, reader), LIST, [reader.tenant, after, limit]),

  async one(reader: Reader, replayId: string): Promise<Reading<ReplayRow | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    const [row] = await rowsOf<ReplayRow>(session, ONE, [reader.tenant, replayId]);
    return readingOf(session, row);
  },
});

// While a mirror is rebuilt, half an index would tell the other half to be lost: they wait. So does
// whatever begins behind a rebuild that failed: half an index is all that there is.
const OPEN = `SELECT tenant, ${COLUMNS} FROM replays INDEXED BY replays_running
  WHERE state = 'running' AND lease_ms <= ?1
    AND NOT EXISTS (SELECT 1 FROM reconciliation_runs b INDEXED BY reconciliation_runs_running
      WHERE b.tenant = replays.tenant AND b.state = 'running' AND b.kind = 'rebuild')
    AND 'failed' IS NOT (SELECT b.state FROM reconciliation_runs b
      WHERE b.tenant = replays.tenant AND b.run_id >= 'rebuild_' AND b.run_id < 'rebuild\`'
        AND b.kind = 'rebuild' ORDER BY b.run_id DESC LIMIT 1)
  ORDER BY max(lease_ms, started_ms), tenant LIMIT ?2`;

/** Replays that nobody is at, those first that nobody was at for the longest. */
export async function openReplays(
  db: D1Database,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): Promise<readonly OpenReplay[]> {
  return (await db.prepare(OPEN).bind(nowMs, limit).all<OpenReplay>()).results;
}

// Whoever takes it counts as having failed until it says otherwise: a call that is killed says nothing.
const LEASE = `UPDATE replays SET lease_ms = ?4,
    cursor = json_set(cursor, '$.failures', coalesce(cursor ->> '$.failures', 0) + 1)
  WHERE tenant = ?1 AND replay_id = ?2 AND state = 'running' AND lease_ms <= ?3`;

// A call that D1 kept waiting beyond its lease must not write over whoever is at it by then.
const IS_HELD = "tenant = ?1 AND replay_id = ?2 AND state = 'running' AND lease_ms = ?3";

const SAVE = `UPDATE replays SET cursor = ?4, report = ?5, lease_ms = ?6 WHERE ${IS_HELD}`;

const END = `UPDATE replays SET state = ?4, report = ?5, ended_ms = ?6, lease_ms = 0
  WHERE ${IS_HELD}`;

/** Takes a replay until then; false where somebody else is at it. */
export async function leaseReplay(
  db: D1Database,
  { tenant, replayId }: ReplayName,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): Promise<boolean> {
  const { meta } = await db.prepare(LEASE).bind(tenant, replayId, nowMs, untilMs).run();
  return meta.changes > 0;
}

export interface KeptReplay {
  readonly cursor: ReplayCursor;
  readonly report: object;
  /** A lease that is over by now gives it back. */
  readonly leaseMs: number;
}

/** Keeps where a replay goes on. Throws where another call has taken it over since `heldMs`. */
export async function saveReplay(
  db: D1Database,
  { tenant, replayId }: ReplayName,
  { cursor, report, leaseMs }: KeptReplay,
  heldMs: number,
): Promise<void> {
  const values = [JSON.stringify(cursor), JSON.stringify(report), leaseMs];
  const { meta } = await db
    .prepare(SAVE)
    .bind(tenant, replayId, heldMs, ...values)
    .run();
  refuseLost(meta.changes);
}

export interface EndedReplay {
  readonly state: "done" | "failed";
  readonly report: object;
  readonly nowMs: number;
}

/** Ends a replay. Throws as {@link saveReplay} does. */
export async function endReplay(
  db: D1Database,
  { tenant, replayId }: ReplayName,
  { state, report, nowMs }: EndedReplay,
  heldMs: number,
): Promise<void> {
  const values = [state, JSON.stringify(report), nowMs];
  const { meta } = await db
    .prepare(END)
    .bind(tenant, replayId, heldMs, ...values)
    .run();
  refuseLost(meta.changes);
}

function refuseLost(changes: number): void {
  if (changes === 0) {
    throw new Error("Cannot go on with a replay that another call has taken over, or ended");
  }
}
