// By the two indexes that leave out what is payable: a tenant's pending lines, and every held line
// that falls due, which are all of them.
const OPEN = `SELECT state FROM (
    SELECT 'pending' AS state FROM (SELECT 1 FROM lines INDEXED BY lines_pending
      WHERE tenant = ?1 AND state = 'pending' AND origin = 'gateway' AND amount_minor > 0 LIMIT 1)
    UNION ALL
    SELECT 'held' FROM (SELECT 1 FROM lines INDEXED BY lines_due
      WHERE due_ms IS NOT NULL AND tenant = ?1 AND state = 'held' AND origin = 'gateway'
        AND amount_minor > 0 LIMIT 1)
  ) LIMIT 1`;

/** Whether a tenant has lines of the gateway's that are pending, or else held. */
export async function openLines(
  db: D1Database,
  tenant: string,
): Promise<"pending" | "held" | undefined> {
  const state = await db
    .withSession("first-primary")
    .prepare(OPEN)
    .bind(tenant)
    .first<"pending" | "held">("state");
  return state ?? undefined;
}
