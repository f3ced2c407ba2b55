interface SourceName {
  readonly tenant: string;
  readonly source: string;
}

/** An event that told an id alone, and waits for its record to be looked up. */
export interface AwaitingRow {
  readonly eventId: string;
  /** JSON of the delivery's message, its body sealed. */
  readonly message: string;
  readonly sinceMs: number;
}

const WAITING = "state = 'parked' AND code = 'awaits_hydration' AND message IS NOT NULL";

/** Sources of some tenants for which something waits. */
export async function sourcesAwaiting(
  db: D1Database,
  tenants: readonly string[],
): Promise<readonly SourceName[]> {
  const sql = `SELECT DISTINCT tenant, source FROM held
    WHERE tenant IN (SELECT value FROM json_each(?1)) AND ${WAITING}`;
  return (await db.prepare(sql).bind(JSON.stringify(tenants)).all<SourceName>()).results;
}

/** What waits for one source, the oldest first. */
export async function awaiting(
  db: D1Database,
  { tenant, source }: SourceName,
  limit: number,
): Promise<readonly AwaitingRow[]> {
  const sql = `SELECT event_id AS eventId, message, since_ms AS sinceMs FROM held
    WHERE tenant = ?1 AND source = ?2 AND ${WAITING} ORDER BY event_id LIMIT ?3`;
  return (await db.prepare(sql).bind(tenant, source, limit).all<AwaitingRow>()).results;
}

const EVENTS_DONE = `UPDATE events SET outcome = 'applied', code = 'hydrated'
  WHERE tenant = ?1 AND position IS NULL AND event_id IN (SELECT value FROM json_each(?2))`;

const HELD_DONE = `DELETE FROM held WHERE tenant = ?1 AND ${WAITING}
  AND event_id IN (SELECT value FROM json_each(?2))`;

/** Ends events whose records are on the queue. */
export async function endHydrated(
  db: D1Database,
  tenant: string,
  eventIds: readonly string[],
): Promise<void> {
  if (eventIds.length === 0) return;
  const ids = JSON.stringify(eventIds);
  await db.batch([
    db.prepare(EVENTS_DONE).bind(tenant, ids),
    db.prepare(HELD_DONE).bind(tenant, ids),
  ]);
}

/** Why an event's records are not to be had. */
export interface Unhydrated {
  readonly eventId: string;
  readonly code: string;
  readonly reason: string;
}

const found = (column: string) =>
  `(SELECT value ->> '${column}' FROM json_each(?2) WHERE value ->> 'eventId' = event_id)`;
const NAMED = "event_id IN (SELECT value ->> 'eventId' FROM json_each(?2))";

const EVENTS_FAILED = `UPDATE events SET outcome = 'quarantined', code = ${found("code")}
  WHERE tenant = ?1 AND position IS NULL AND ${NAMED}`;

const HELD_FAILED = `UPDATE held SET state = 'quarantined', code = ${found("code")},
    reason = ${found("reason")} WHERE tenant = ?1 AND ${WAITING} AND ${NAMED}`;

/** Keeps events for a person, with what the product said. A retry has them looked up again. */
export async function keepUnhydrated(
  db: D1Database,
  tenant: string,
  events: readonly Unhydrated[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = JSON.stringify(events);
  await db.batch([
    db.prepare(EVENTS_FAILED).bind(tenant, rows),
    db.prepare(HELD_FAILED).bind(tenant, rows),
  ]);
}
