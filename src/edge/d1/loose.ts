import type { DeliveryMessage } from "../message.ts";
import type { LooseEvent, LooseRows } from "../mirror.ts";
import type { Alias } from "./aliases.ts";

export const NO_LOOSE_ROWS: LooseRows = { events: [], revived: [] };

const field = (name: string) => `r.value ->> '${name}'`;
const fields = (...names: string[]) => names.map(field).join(", ");

// Each stands on its own key, so that writing it twice is writing it once: no fence is needed.
// What was told before under the same sender's id, and stands there for the same, is a duplicate:
// a product's retry is not shown to a person a second time.
const EVENTS = `INSERT INTO events (tenant, event_id, source, sender_id, type, subject, outcome, code,
    of, position, delivery_id, archive, occurred_ms, received_ms, recorded_ms, errors, repeated, digest)
  SELECT ${fields("tenant", "eventId", "source", "id", "type", "subject")},
    iif(same.event_id IS NULL, ${field("outcome")}, 'duplicate'),
    iif(same.event_id IS NULL, ${field("code")}, NULL),
    coalesce(same.event_id, ${field("of")}),
    NULL, ${fields("deliveryId", "archive", "occurredMs", "receivedMs", "recordedMs", "errors")},
    CASE WHEN ${field("outcome")} = 'duplicate' OR ${field("repeated")} = 1 OR e.event_id IS NOT NULL
      THEN 1 ELSE 0 END,
    ${field("digest")}
  FROM json_each(?1) r
  LEFT JOIN events e ON e.tenant = ${field("tenant")} AND e.source = ${field("source")}
    AND e.sender_id = ${field("id")} AND e.repeated = 0 AND e.event_id <> ${field("eventId")}
  LEFT JOIN events same ON same.tenant = e.tenant AND same.event_id = e.event_id
    AND same.outcome <> 'rejected' AND same.digest = ${field("digest")}
  WHERE true
  ON CONFLICT (tenant, event_id) DO UPDATE SET outcome = excluded.outcome, code = excluded.code,
    of = excluded.of, errors = excluded.errors WHERE events.position IS NULL`;

/** A refusal leaves the sender free to send the mended event under the same id. */
const YIELD = `UPDATE events SET repeated = 1
  WHERE repeated = 0 AND position IS NULL AND outcome = 'rejected'
    AND (tenant, source, sender_id) IN
      (SELECT ${fields("tenant", "source", "id")} FROM json_each(?1) r)
    AND event_id NOT IN (SELECT ${field("eventId")} FROM json_each(?1) r)`;

const HELD = `INSERT INTO held (tenant, event_id, state, source, sender_id, type, key, code, reason, since_ms, message, needs)
  SELECT ${fields("tenant", "eventId", "state", "source", "id", "type", "key", "code", "reason", "recordedMs", "message", "needs")}
  FROM json_each(?1) r WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.tenant = ${field("tenant")}
    AND e.event_id = ${field("eventId")} AND (e.position IS NOT NULL OR e.outcome = 'duplicate'))
  ON CONFLICT DO UPDATE SET state = excluded.state, code = excluded.code, reason = excluded.reason,
    message = excluded.message, needs = excluded.needs`;

/** What turned out to be told before waits for nobody any more. */
const REPEATED_HELD = `DELETE FROM held WHERE (tenant, event_id) IN
  (SELECT e.tenant, e.event_id FROM json_each(?1) r CROSS JOIN events e
    ON e.tenant = ${field("tenant")} AND e.event_id = ${field("eventId")}
    WHERE e.outcome = 'duplicate' AND e.position IS NULL)`;

const REVIVED_EVENTS = `UPDATE events SET outcome = ${field("outcome")}, of = ${field("of")}, code = NULL
  FROM json_each(?1) r
  WHERE events.tenant = ${field("tenant")} AND events.event_id = ${field("eventId")}
    AND events.position IS NULL`;

const REVIVED_HELD = `DELETE FROM held WHERE (tenant, event_id) IN
  (SELECT ${fields("tenant", "eventId")} FROM json_each(?1) r)`;

export function looseStatements(
  db: D1Database,
  { events, revived }: LooseRows,
): readonly D1PreparedStatement[] {
  const statements: D1PreparedStatement[] = [];
  const add = (sql: string, rows: readonly object[]) => {
    if (rows.length > 0) statements.push(db.prepare(sql).bind(JSON.stringify(rows)));
  };
  add(YIELD, events);
  add(EVENTS, withRepeats(events));
  const held = events.flatMap(({ held: state, ...event }) =>
    state === undefined ? [] : [{ ...event, ...state }],
  );
  add(HELD, held);
  add(REPEATED_HELD, held);
  add(REVIVED_EVENTS, revived);
  add(REVIVED_HELD, revived);
  return statements;
}

/** Of what is parked for one name, and for all of a batch together: more is woken afterwards. */
const PARKED_MAX = 100;
const PARKED_IN_ALL_MAX = 200;

const PARKED = `SELECT p.message, e.archive FROM (
    SELECT h.tenant, h.event_id, h.message,
      row_number() OVER (PARTITION BY h.tenant, h.needs ORDER BY h.since_ms, h.event_id) AS nth
    FROM json_each(?1) j CROSS JOIN held h INDEXED BY held_needs
      ON h.tenant = j.value ->> 'tenant' AND h.needs = j.value ->> 'alias'
    WHERE h.state = 'parked' AND h.message IS NOT NULL) p
  LEFT JOIN events e ON e.tenant = p.tenant AND e.event_id = p.event_id
  WHERE p.nth <= ?2 ORDER BY p.nth LIMIT ?3`;

/** Events that wait for one of these names and that no object has, from the primary. */
export async function parkedFor(
  db: D1Database,
  needs: readonly Alias[],
): Promise<readonly { readonly message: DeliveryMessage; readonly archive: string }[]> {
  const { results } = await db
    .withSession("first-primary")
    .prepare(PARKED)
    .bind(JSON.stringify(needs), PARKED_MAX, PARKED_IN_ALL_MAX)
    .all<{ message: string; archive: string | null }>();
  return results.map(({ message, archive }) => ({
    message: parseMessage(message),
    archive: archive ?? "",
  }));
}

// Own text: what the consumer wrote when it parked the event.
const parseMessage = (text: string): DeliveryMessage => JSON.parse(text);

/** Within one statement a second row of the same sender's id cannot see the first. */
function withRepeats(events: readonly LooseEvent[]): readonly object[] {
  const firsts = new Map<string, LooseEvent>();
  return events.map(({ held: _held, ...event }) => {
    const sender = JSON.stringify([event.tenant, event.source, event.id]);
    const first = firsts.get(sender) ?? event;
    firsts.set(sender, first);
    if (first.eventId === event.eventId) return { ...event, repeated: 0 };
    const isSame = event.digest !== undefined && event.digest === first.digest;
    const repeat = { outcome: "duplicate", code: undefined, of: first.eventId };
    return { ...event, ...(isSame ? repeat : {}), repeated: 1 };
  });
}
