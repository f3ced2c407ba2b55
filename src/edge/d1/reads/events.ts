import type {
  EventRead,
  EventRow,
  EventSearch,
  EventsNamed,
  EventsFound,
  Part,
  Reader,
  Reading,
  TransferRow,
} from "../../reading.ts";
import { TRANSFER_COLUMNS } from "./ledger.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

const COLUMNS = `event_id AS eventId, source, sender_id AS senderId, type, subject, outcome, code, of,
  position, delivery_id AS deliveryId, archive, occurred_ms AS occurredMs,
  received_ms AS receivedMs, recorded_ms AS recordedMs, errors, repeated`;

/**
 * D1 is one thread: a search for what is rare looks at so many rows, then answers with what it
 * found and where to go on.
 */
export const SEARCHED_ROWS_MAX = 5000;

const MATCHES = `(?3 IS NULL OR source = ?3) AND (?4 IS NULL OR type = ?4)
  AND (?5 IS NULL OR subject = ?5) AND (?6 IS NULL OR outcome = ?6)`;

const SEARCH = `SELECT ${COLUMNS} FROM
    (SELECT * FROM events WHERE tenant = ?1 AND event_id < ?2 ORDER BY event_id DESC LIMIT ?8)
  WHERE ${MATCHES} ORDER BY event_id DESC LIMIT ?7`;

const SEARCHED_TO = `SELECT event_id AS eventId FROM events
  WHERE tenant = ?1 AND event_id < ?2 ORDER BY event_id DESC LIMIT 1 OFFSET ?3`;

// Each index's own condition has to stand here, or it cannot be used.
const REPEATED = `events INDEXED BY events_repeated
  WHERE tenant = ?1 AND source = ?2 AND sender_id = ?3 AND repeated = 1 AND event_id > ?4`;

const BY_SENDER_ID = `SELECT ${COLUMNS} FROM
    (SELECT * FROM events INDEXED BY events_sender_id
      WHERE tenant = ?1 AND source = ?2 AND sender_id = ?3 AND repeated = 0 AND ?5 IS NULL
    UNION ALL
      SELECT * FROM (SELECT * FROM ${REPEATED} ORDER BY event_id LIMIT ?10))
  WHERE (?6 IS NULL OR type = ?6) AND (?7 IS NULL OR subject = ?7)
    AND (?8 IS NULL OR outcome = ?8) ORDER BY repeated, event_id LIMIT ?9`;

const REPEATED_TO = `SELECT event_id AS eventId FROM ${REPEATED}
  ORDER BY event_id LIMIT 1 OFFSET ?5`;

const ONE = `SELECT ${COLUMNS} FROM events WHERE tenant = ?1 AND event_id = ?2`;

const EFFECTS = `SELECT ${TRANSFER_COLUMNS} FROM transfers
  WHERE tenant = ?1 AND subject = ?2 AND position = ?3 ORDER BY n`;

/** Sorts behind every id of ours. */
const NEWEST = "~";

/** Events as the mirror has them: an index into the archive. */
export const eventReads = (mirrorOf: MirrorOf) => ({
  async search(
    reader: Reader,
    search: EventSearch,
    { after = NEWEST, limit }: Part<string>,
  ): Promise<Reading<EventsFound>> {
    const session = sessionOf(mirrorOf, reader);
    const { source = null, type = null, subject = null, outcome = null } = search;
    const values = [reader.tenant, after, source, type, subject, outcome];
    const rows = await rowsOf<EventRow>(session, SEARCH, [...values, limit, SEARCHED_ROWS_MAX]);
    if (rows.length >= limit) return readingOf(session, { rows });
    const [last] = await rowsOf<{ eventId: string }>(session, SEARCHED_TO, [
      reader.tenant,
      after,
      SEARCHED_ROWS_MAX - 1,
    ]);
    const found = last === undefined ? { rows } : { rows, searchedTo: last.eventId };
    return readingOf(session, found);
  },

  async named(
    reader: Reader,
    { source, id, type, subject, outcome }: EventsNamed,
    { after, limit }: Part<string>,
  ): Promise<Reading<EventsFound>> {
    const session = sessionOf(mirrorOf, reader);
    const name = [reader.tenant, source, id, after ?? ""];
    const filters = [type ?? null, subject ?? null, outcome ?? null];
    const isWhole = filters.every((filter) => filter === null);
    const looked = isWhole ? limit : SEARCHED_ROWS_MAX;
    const values = [...name, after ?? null, ...filters, limit, looked];
    const rows = await rowsOf<EventRow>(session, BY_SENDER_ID, values);
    if (isWhole || rows.length >= limit) return readingOf(session, { rows });
    const to = [...name, SEARCHED_ROWS_MAX - 1];
    const [last] = await rowsOf<{ eventId: string }>(session, REPEATED_TO, to);
    const found = last === undefined ? { rows } : { rows, searchedTo: last.eventId };
    return readingOf(session, found);
  },

  async one(reader: Reader, eventId: string): Promise<Reading<EventRead | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    const [event] = await rowsOf<EventRow>(session, ONE, [reader.tenant, eventId]);
    if (event === undefined) return readingOf(session, undefined);
    const { subject, position } = event;
    const isLogged = subject !== null && position !== null;
    const transfers = isLogged
      ? await rowsOf<TransferRow>(session, EFFECTS, [reader.tenant, subject, position])
      : [];
    return readingOf(session, { event, transfers });
  },
});
