const DISCARDED = `SELECT DISTINCT substr(target, 6) AS eventId FROM audit
  WHERE tenant = ?1 AND action = 'held.discard'
    AND target IN (SELECT 'held:' || value FROM json_each(?2))`;

/** Those of these held events that a person let go of, by the audit trail. */
export async function discardedHeld(
  control: D1Database,
  tenant: string,
  eventIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const query = control
    .withSession("first-primary")
    .prepare(DISCARDED)
    .bind(tenant, JSON.stringify(eventIds));
  return new Set((await query.all<{ eventId: string }>()).results.map(({ eventId }) => eventId));
}
