import type { OpenPeriod } from "../../../core/runs/run.ts";
import { rowsOf } from "../reads/session.ts";

// One look into the index a period, but for what came late to the one behind the closed ones.
const FIRST_SOLD = `SELECT j.value ->> 'period_id' AS periodId FROM json_each(?2) j
  WHERE EXISTS (SELECT 1 FROM orders o INDEXED BY orders_paid
    WHERE o.tenant = ?1 AND o.paid_ms >= j.value ->> 'late_ms' AND o.paid_ms < j.value ->> 'end_ms'
      AND (o.paid_ms >= j.value ->> 'start_ms' OR o.period_id = j.value ->> 'period_id'))
  ORDER BY j.key LIMIT 1`;

/** The first of these periods in which something was sold, or counts that was paid before. */
export async function firstSold(
  db: D1Database,
  tenant: string,
  periods: readonly OpenPeriod[],
): Promise<string | undefined> {
  if (periods.length === 0) return undefined;
  const session = db.withSession("first-primary");
  const values = [tenant, JSON.stringify(periods)];
  const [row] = await rowsOf<{ periodId: string }>(session, FIRST_SOLD, values);
  return row?.periodId;
}
