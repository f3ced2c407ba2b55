/** Where an event stands by the index. */
export interface IndexedPlace {
  readonly eventId: string;
  /** Its subject as it was read when its row was written; null where it could not be read. */
  readonly subject: string | null;
  readonly senderId: string;
  readonly outcome: string;
  /** An object has it in its log: it stands there, whatever outcome it has. */
  readonly isLogged: boolean;
  /** It is on the list of what waits for something or somebody. */
  readonly isHeld: boolean;
}

interface Row extends Omit<IndexedPlace, "isLogged" | "isHeld"> {
  readonly isLogged: number;
  readonly isHeld: number;
}

const PLACES = `SELECT e.event_id AS eventId, e.subject, e.sender_id AS senderId, e.outcome,
    e.position IS NOT NULL AS isLogged, h.event_id IS NOT NULL AS isHeld
  FROM events e LEFT JOIN held h ON h.tenant = e.tenant AND h.event_id = e.event_id
  WHERE e.tenant = ?1 AND e.event_id IN (SELECT value FROM json_each(?2))`;

/** Where these events stand, those of them that the mirror's primary has. */
export async function indexedPlaces(
  db: D1Database,
  tenant: string,
  eventIds: readonly string[],
): Promise<readonly IndexedPlace[]> {
  const session = db.withSession("first-primary");
  const query = session.prepare(PLACES).bind(tenant, JSON.stringify(eventIds));
  const { results } = await query.all<Row>();
  return results.map(({ isLogged, isHeld, ...row }) => ({
    ...row,
    isLogged: isLogged === 1,
    isHeld: isHeld === 1,
  }));
}
