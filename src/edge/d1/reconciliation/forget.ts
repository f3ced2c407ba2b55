import { rowsOf } from "../reads/session.ts";
import type { OpenRun } from "./runs.ts";

type Run = Pick<OpenRun, "tenant" | "runId">;

/** Rows that one statement deletes: D1 is one thread, and every other tenant of the shard waits. */
export const FORGOTTEN_AT_ONCE = 5000;
/** Statements of one call. */
const STATEMENTS_MAX = 8;

/** Deletes some of what a run has kept: `?1` its tenant, `?2` its id, `?4` how much. */
export const FORGET_SOME = `DELETE FROM differences WHERE tenant = ?1 AND run_id = ?2
  AND (distributor_id, line_id) IN (SELECT d.distributor_id, d.line_id FROM differences d
    WHERE d.tenant = ?1 AND d.run_id = ?2 LIMIT ?4)`;

async function forgetSome(db: D1Database, { tenant, runId }: Run): Promise<boolean> {
  const statement = db.prepare(FORGET_SOME).bind(tenant, runId, null, FORGOTTEN_AT_ONCE);
  return (await statement.run()).meta.changes === FORGOTTEN_AT_ONCE;
}

/** Begins anew: nothing is left of what a run has kept. */
export async function dropDifferences(db: D1Database, run: Run): Promise<void> {
  let isMore = true;
  while (isMore) isMore = await forgetSome(db, run);
}

// Ids of runs sort by time, and a tenant has one at a time: behind the oldest that has kept anything
// there is none that is over, if that one is not. What is in flight is kept under no run's id.
const OVER = `SELECT k.tenant, k.runId FROM (
    SELECT t.value AS tenant, (SELECT min(d.run_id) FROM differences d WHERE d.tenant = t.value
      AND d.run_id >= 'recon_' AND d.run_id < 'recon_~') AS runId FROM json_each(?1) t) k
  LEFT JOIN reconciliation_runs r ON r.tenant = k.tenant AND r.run_id = k.runId
  WHERE k.runId IS NOT NULL AND r.state IS NOT 'running' LIMIT ${STATEMENTS_MAX}`;

/**
 * Deletes some of what runs have kept that are over, and had found so much that it was not all
 * deleted with their end: the next call goes on.
 */
export async function forgetOver(db: D1Database, tenants: readonly string[]): Promise<void> {
  const session = db.withSession("first-primary");
  let over = await rowsOf<Run>(session, OVER, [JSON.stringify(tenants)]);
  for (let left = STATEMENTS_MAX; left > 0 && over.length > 0;) {
    const more: Run[] = [];
    for (const run of over.slice(0, left)) {
      if (await forgetSome(db, run)) more.push(run);
    }
    left -= over.length;
    over = more;
  }
}
