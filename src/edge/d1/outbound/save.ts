import type { Cancelling, DeliveryResult, DestinationPlace } from "../../outbound/ports.ts";

type Named = Pick<DestinationPlace, "tenant" | "destination">;

// What a person has begun anew meanwhile stands at another step or is due at another time (at the same step
// where the result was saved before, and only its answer was lost), and what was given up is not pending. The
// tenant comes with each result: as a parameter it has D1 read all of the tenant's deliveries for each.
const SAVE = `UPDATE deliveries SET state = r.state, step = r.step, due_ms = r.due_ms,
    attempts = r.attempts, ended_ms = r.ended_ms
  FROM (SELECT value ->> 'tenant' AS tenant, value ->> 'deliveryId' AS delivery_id,
      value ->> 'readStep' AS read_step, value ->> 'readDueMs' AS read_due_ms,
      value ->> 'state' AS state, value ->> 'step' AS step, value ->> 'dueMs' AS due_ms,
      value -> 'attempts' AS attempts, value ->> 'endedMs' AS ended_ms FROM json_each(?1)) AS r
  WHERE deliveries.tenant = r.tenant AND deliveries.delivery_id = r.delivery_id
    AND deliveries.state = 'pending' AND deliveries.step = r.read_step
    AND deliveries.due_ms = r.read_due_ms`;

/** Saves what became of deliveries, in one statement; a result that was overtaken is dropped. */
export async function saveResults(
  db: D1Database,
  { tenant }: Named,
  results: readonly DeliveryResult[],
): Promise<void> {
  if (results.length === 0) return;
  const rows = results.map((result) => ({ ...result, tenant }));
  await db.prepare(SAVE).bind(JSON.stringify(rows)).run();
}

/**
 * Cancels up to `limit` pending deliveries of those destinations of a name that were made by then; answers
 * how many. One that has been made since keeps its own.
 */
export async function cancelPending(
  db: D1Database,
  { tenant, destination }: Named,
  { nowMs, madeMs, limit }: Cancelling,
): Promise<number> {
  const { results } = await db
    .prepare(
      `UPDATE deliveries SET state = 'cancelled', due_ms = NULL, ended_ms = ?5
       WHERE tenant = ?1 AND delivery_id IN (
         SELECT delivery_id FROM deliveries INDEXED BY deliveries_due
         WHERE tenant = ?1 AND destination = ?2 AND due_ms IS NOT NULL AND destination_ms <= ?3 LIMIT ?4)
       RETURNING 1`,
    )
    .bind(tenant, destination, madeMs, limit, nowMs)
    .all();
  return results.length;
}

const idAt = (ms: number): string => {
  const time = Math.trunc(ms).toString(16).padStart(12, "0");
  return `out_${time.slice(0, 8)}-${time.slice(8)}`;
};

/** The first tenant behind another one that has deliveries. */
export async function tenantWithDeliveries(
  db: D1Database,
  after: string,
): Promise<string | undefined> {
  const tenant = await db
    .prepare("SELECT min(tenant) AS tenant FROM deliveries WHERE tenant > ?1")
    .bind(after)
    .first<string>("tenant");
  return tenant ?? undefined;
}

/** Where a walk over a tenant's deliveries is: behind the last one that it looked at. */
export interface Forgotten {
  /** Absent at the end of those that can be old enough. */
  readonly next?: string;
}

/**
 * Forgets those that ended before then among the next `limit` of a tenant's deliveries. Their ids sort by
 * time, and nothing ends before it began: younger ones are not looked at.
 */
export async function forgetEnded(
  db: D1Database,
  tenant: string,
  asked: { readonly beforeMs: number; readonly limit: number; readonly after: string },
): Promise<Forgotten> {
  const { beforeMs, limit, after } = asked;
  const page = `SELECT delivery_id FROM deliveries WHERE tenant = ?1 AND delivery_id > ?2
    AND delivery_id < ?3 ORDER BY delivery_id LIMIT ?4`;
  const values = [tenant, after, idAt(beforeMs), limit] as const;
  const [looked] = await db.batch<{ last: string | null; rows: number }>([
    db.prepare(`SELECT max(delivery_id) AS last, count(*) AS rows FROM (${page})`).bind(...values),
    db
      .prepare(
        `DELETE FROM deliveries WHERE tenant = ?1 AND delivery_id IN (${page}) AND ended_ms < ?5`,
      )
      .bind(...values, beforeMs),
  ]);
  const [{ last, rows } = { last: null, rows: 0 }] = looked?.results ?? [];
  return last === null || rows < limit ? {} : { next: last };
}
