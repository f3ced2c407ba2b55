import type { Message } from "../message.ts";

/** A name by which somebody knows a subject: `payment:P1`. */
export interface Alias {
  readonly tenant: string;
  readonly alias: string;
}

export interface KnownAlias extends Alias {
  readonly subject: string;
}

const FIND = `SELECT a.tenant, a.alias, a.subject FROM json_each(?1) j CROSS JOIN aliases a
    ON a.tenant = j.value ->> 'tenant' AND a.alias = j.value ->> 'alias'`;

/** The subjects of these names, as far as D1's primary knows them. */
export async function findAliases(
  db: D1Database,
  aliases: readonly Alias[],
): Promise<readonly KnownAlias[]> {
  const session = db.withSession("first-primary");
  const found = await session.prepare(FIND).bind(JSON.stringify(aliases)).all<KnownAlias>();
  return found.results;
}

/** Parked events sent again at once; what is left over is found by the cron's {@link wakeable}. */
export const WOKEN_MAX = 500;

// What is in an object already is set free there: a payment has its name while it is parked itself.
const IS_MET = `((h.message IS NOT NULL
    AND EXISTS (SELECT 1 FROM aliases a WHERE a.tenant = h.tenant AND a.alias = h.needs))
  OR (substr(h.needs, 1, 5) = 'node:' AND EXISTS (SELECT 1 FROM edges e
    WHERE e.tenant = h.tenant AND e.tree = 'sponsor' AND e.node = substr(h.needs, 6))))`;

const COLUMNS = "h.tenant, h.event_id AS eventId, h.key, h.message";

const WAITING = `SELECT ${COLUMNS} FROM json_each(?1) j CROSS JOIN held h INDEXED BY held_needs
    ON h.tenant = j.value ->> 'tenant' AND h.needs = j.value ->> 'alias'
  WHERE h.state = 'parked' AND ${IS_MET} LIMIT ?2`;

const WAKEABLE = `SELECT ${COLUMNS} FROM held h
  WHERE h.needs IS NOT NULL AND h.state = 'parked' AND h.since_ms < ?1 AND ${IS_MET} LIMIT ?2`;

interface Row {
  readonly tenant: string;
  readonly eventId: string;
  readonly key: string | null;
  readonly message: string | null;
}

/**
 * Messages that set parked events going whose need is among these and is met. Whoever writes a name
 * asks this afterwards, and so does whoever parks: D1 is one thread, so one of them sees the other.
 */
export async function waitingFor(
  db: D1Database,
  needs: readonly Alias[],
): Promise<readonly Message[]> {
  if (needs.length === 0) return [];
  const session = db.withSession("first-primary");
  const statement = session.prepare(WAITING).bind(JSON.stringify(needs), WOKEN_MAX);
  return messagesOf((await statement.all<Row>()).results);
}

/** The same for whatever was parked before an instant: the net below, for what a crash left. */
export async function wakeable(db: D1Database, beforeMs: number): Promise<readonly Message[]> {
  const { results } = await db.prepare(WAKEABLE).bind(beforeMs, WOKEN_MAX).all<Row>();
  return messagesOf(results);
}

/** Where a page of what is parked begins. */
export interface ParkedPlace {
  readonly needs: string;
  readonly eventId: string;
}

const WAYLESS = `SELECT ${COLUMNS}, h.needs FROM held h INDEXED BY held_needs
  WHERE h.tenant = ?1 AND h.needs >= 'node:' AND h.needs < 'node;'
    AND (h.needs, h.event_id) > (?2, ?3)
    AND h.state = 'parked' AND h.code IN ('ancestor_unknown', 'tree_cycle')
  ORDER BY h.needs, h.event_id LIMIT ?4`;

/**
 * A page of messages that have a tenant's sales tried again of which somebody above was not known;
 * and where the next page begins, if there is one. Not only for who was missing: where somebody on
 * the way hangs otherwise, the way leads past.
 */
export async function waylessSales(
  db: D1Database,
  tenant: string,
  after: ParkedPlace = { needs: "", eventId: "" },
): Promise<{ readonly messages: readonly Message[]; readonly next?: ParkedPlace }> {
  const { results } = await db
    .withSession("first-primary")
    .prepare(WAYLESS)
    .bind(tenant, after.needs, after.eventId, WOKEN_MAX)
    .all<Row & ParkedPlace>();
  const messages = messagesOf(results);
  const last = results.length < WOKEN_MAX ? undefined : results.at(-1);
  if (last === undefined) return { messages };
  return { messages, next: { needs: last.needs, eventId: last.eventId } };
}

/** What an object keeps is asked for by its subject; what never reached one is sent as it came. */
function messagesOf(rows: readonly Row[]): readonly Message[] {
  const sent: Message[] = [];
  const redrives = new Map<string, { tenant: string; subject: string; redrive: string[] }>();
  for (const { tenant, eventId, key, message } of rows) {
    if (message !== null) sent.push(parseMessage(message));
    else if (key !== null) {
      const name = `${tenant}/${key}`;
      const known = redrives.get(name) ?? { tenant, subject: key, redrive: [] };
      known.redrive.push(eventId);
      redrives.set(name, known);
    }
  }
  return [...sent, ...[...redrives.values()].map((one) => ({ kind: "subject", ...one }) as const)];
}

// Own text: what the consumer wrote when it parked the event.
const parseMessage = (text: string): Message => JSON.parse(text);
