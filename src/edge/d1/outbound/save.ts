import type { DeliveryResult, DestinationPlace } from "../../outbound/ports.ts";

type Named = Pick<DestinationPlace, "tenant" | "destination">;

// What a person has begun anew meanwhile stands at another step, and what was given up is not pending. The
// tenant comes with each result: as a parameter it has D1 read all of the tenant's deliveries for each.
const SAVE = `UPDATE deliveries SET state = r.state, step = r.step, due_ms = r.due_ms,
    attempts = r.attempts, ended_ms = r.ended_ms
  FROM (SELECT value ->> 'tenant' AS tenant, value ->> 'deliveryId' AS delivery_id,
      value ->> 'readStep' AS read_step,
      value ->> 'state' AS state, value ->> 'step' AS step, value ->> 'dueMs' AS due_ms,
      value -> 'attempts' AS attempts, value ->> 'endedMs' AS ended_ms FROM json_each(?1)) AS r
  WHERE deliveries.tenant = r.tenant AND deliveries.delivery_id = r.delivery_id
    AND deliveries.state = 'pending' AND deliveries.step = r.read_step`;

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

/** Cancels up to `limit` deliveries of a destination that were pending by then; answers how many. */
export async function cancelPending(
  db: D1Database,
  { tenant, destination }: Named,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): Promise<number> {
  const { results } = await db
    .prepare(
      `UPDATE deliveries SET state = 'cancelled', due_ms = NULL, ended_ms = ?3
       WHERE tenant = ?1 AND delivery_id IN (
         SELECT delivery_id FROM deliveries INDEXED BY deliveries_due
         WHERE tenant = ?1 AND destination = ?2 AND due_ms IS NOT NULL AND created_ms <= ?3 LIMIT ?4)
       RETURNING 1`,
    )
    .bind(tenant, destination, nowMs, limit)
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

/**
 * Forgets up to `limit` of a tenant's deliveries that ended before then; answers how many. Their ids
 * sort by time, and nothing ends before it began: younger ones are not looked at.
 */
export async function forgetEnded(
  db: D1Database,
  tenant: string,
  { beforeMs, limit }: { readonly beforeMs: number; readonly limit: number },
): Promise<number> {
  const { results } = await db
    .prepare(
      `DELETE FROM deliveries WHERE tenant = ?1 AND delivery_id IN (SELECT delivery_id FROM deliveries
         WHERE tenant = ?1 AND delivery_id < ?2 AND ended_ms < ?3 ORDER BY delivery_id LIMIT ?4)
       RETURNING 1`,
    )
    .bind(tenant, idAt(beforeMs), beforeMs, limit)
    .all();
  return results.length;
}
