/** Where an event stands: its subject's log, under its sender's id. */
export interface LoggedPlace {
  readonly eventId: string;
  readonly subject: string;
  readonly senderId: string;
}

const PLACES = `SELECT event_id AS eventId, subject, sender_id AS senderId FROM events
  WHERE tenant = ?1 AND event_id IN (SELECT value FROM json_each(?2)) AND position IS NOT NULL`;

/** Those of these events that an object has in its log, by the mirror's primary. */
export async function loggedPlaces(
  db: D1Database,
  tenant: string,
  eventIds: readonly string[],
): Promise<readonly LoggedPlace[]> {
  const session = db.withSession("first-primary");
  const query = session.prepare(PLACES).bind(tenant, JSON.stringify(eventIds));
  return (await query.all<LoggedPlace>()).results;
}
