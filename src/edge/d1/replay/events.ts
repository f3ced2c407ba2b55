import { eventIdsFrom } from "../../event-count.ts";
import type { DeliveryMessage } from "../../message.ts";
import type { IndexedEvent, IndexPage, ReplayAsked } from "../../replay.ts";

/** D1 is one thread: a search for what is rare looks at so many rows, and goes on from there. */
const LOOKED_AT_MAX = 5000;
/** Events of a page: all their deliveries are in memory at once, and each can be as large as a message. */
const PAGE_EVENTS = 200;

const COLUMNS = `e.event_id AS eventId, e.source, e.type, e.subject, e.outcome,
  e.position IS NOT NULL AS isLogged, h.event_id IS NOT NULL AS isHeld,
  e.delivery_id AS deliveryId, e.archive, e.recorded_ms AS recordedMs`;

const HELD = "LEFT JOIN held h ON h.tenant = e.tenant AND h.event_id = e.event_id";
const MATCHES = "(?4 IS NULL OR e.source = ?4) AND (?5 IS NULL OR e.subject = ?5)";

const PAGE = `SELECT ${COLUMNS} FROM
    (SELECT * FROM events WHERE tenant = ?1 AND event_id > ?2 AND event_id < ?3
      ORDER BY event_id LIMIT ${LOOKED_AT_MAX}) e ${HELD}
  WHERE ${MATCHES} ORDER BY e.event_id LIMIT ${PAGE_EVENTS}`;

const LOOKED_TO = `SELECT event_id AS eventId FROM events
  WHERE tenant = ?1 AND event_id > ?2 AND event_id < ?3
  ORDER BY event_id LIMIT 1 OFFSET ${LOOKED_AT_MAX - 1}`;

const NAMED = `SELECT ${COLUMNS} FROM events e ${HELD}
  WHERE e.tenant = ?1 AND e.event_id IN (SELECT value FROM json_each(?6))
    AND e.event_id > ?2 AND e.event_id < ?3 AND ${MATCHES} ORDER BY e.event_id`;

interface Row extends Omit<IndexedEvent, "isLogged" | "isHeld"> {
  readonly isLogged: number;
  readonly isHeld: number;
}

/** Where ids of a span begin and end: they tell when an event was received. */
export const idsOf = ({ fromMs, toMs }: Pick<ReplayAsked, "fromMs" | "toMs">) => ({
  from: eventIdsFrom(fromMs),
  until: eventIdsFrom(toMs),
});

/** A page of the events that a replay is about, by their ids, from the mirror's primary. */
export async function replayedEvents(
  db: D1Database,
  { tenant, asked }: { readonly tenant: string; readonly asked: ReplayAsked },
  after: string | undefined,
): Promise<IndexPage> {
  const { from, until } = idsOf(asked);
  const place = [tenant, after ?? from, until];
  const filters = [asked.source ?? null, asked.subject ?? null];
  const session = db.withSession("first-primary");
  if (asked.ids !== undefined) {
    const named = session.prepare(NAMED).bind(...place, ...filters, JSON.stringify(asked.ids));
    return { events: (await named.all<Row>()).results.map(eventOf) };
  }
  const [page, to] = await session.batch<Row>([
    session.prepare(PAGE).bind(...place, ...filters),
    session.prepare(LOOKED_TO).bind(...place),
  ]);
  const events = (page?.results ?? []).map(eventOf);
  // Where the page is full, the search may not have come to its end.
  const last = events.length < PAGE_EVENTS ? to?.results[0] : events.at(-1);
  return last === undefined ? { events } : { events, next: last.eventId };
}

const eventOf = ({ isLogged, isHeld, ...row }: Row): IndexedEvent => ({
  ...row,
  isLogged: isLogged === 1,
  isHeld: isHeld === 1,
});

const KNOWN = `SELECT event_id AS eventId FROM events
  WHERE tenant = ?1 AND event_id IN (SELECT value FROM json_each(?2))`;

/** Those of these events that the index has. */
export async function knownEvents(
  db: D1Database,
  tenant: string,
  eventIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const session = db.withSession("first-primary");
  const query = session.prepare(KNOWN).bind(tenant, JSON.stringify(eventIds));
  return new Set((await query.all<{ eventId: string }>()).results.map(({ eventId }) => eventId));
}

/** Each can be as large as a body. */
const MESSAGES_AT_ONCE = 20;

const MESSAGES = `SELECT event_id AS eventId, message FROM held
  WHERE tenant = ?1 AND event_id IN (SELECT value FROM json_each(?2)) AND message IS NOT NULL`;

/** What a retry of these events would put on the queue, where anybody keeps it. */
export async function heldMessages(
  db: D1Database,
  tenant: string,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, DeliveryMessage>> {
  const messages = new Map<string, DeliveryMessage>();
  for (let at = 0; at < eventIds.length; at += MESSAGES_AT_ONCE) {
    const some = JSON.stringify(eventIds.slice(at, at + MESSAGES_AT_ONCE));
    const query = db.prepare(MESSAGES).bind(tenant, some);
    const { results } = await query.all<{ eventId: string; message: string }>();
    for (const { eventId, message } of results) messages.set(eventId, parseMessage(message));
  }
  return messages;
}

// Own text: what the consumer wrote when it set the event aside.
const parseMessage = (text: string): DeliveryMessage => JSON.parse(text);
