import type { Attempt } from "../../../core/outbound/delivery.ts";
import type {
  DeliveriesFound,
  DeliveryRead,
  DeliveryRow,
  DeliverySearch,
} from "../../deliveries.ts";
import type { Part, Reader, Reading } from "../../reading.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "../reads/session.ts";

/** D1 is one thread: one search looks at so many rows, then answers with where to go on. */
export const SEARCHED_ROWS_MAX = 5000;

const COLUMNS = `delivery_id AS deliveryId, destination, subscription, event_id AS eventId, type, subject,
  state, attempts, due_ms AS dueMs, created_ms AS createdMs, ended_ms AS endedMs`;

// The index's own condition has to stand here, or it cannot be used.
const looked = (isDead: boolean): string =>
  isDead
    ? `deliveries INDEXED BY deliveries_dead WHERE tenant = ?1 AND delivery_id < ?2 AND state = 'dead'`
    : "deliveries WHERE tenant = ?1 AND delivery_id < ?2";

const search = (isDead: boolean): string => `SELECT ${COLUMNS} FROM
    (SELECT * FROM ${looked(isDead)} ORDER BY delivery_id DESC LIMIT ?8)
  WHERE (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR destination = ?4)
    AND (?5 IS NULL OR event_id = ?5) AND (?6 IS NULL OR type = ?6)
  ORDER BY delivery_id DESC LIMIT ?7`;

const searchedTo = (isDead: boolean): string =>
  `SELECT delivery_id AS deliveryId FROM ${looked(isDead)}
  ORDER BY delivery_id DESC LIMIT 1 OFFSET ?3`;

const ONE = `SELECT ${COLUMNS}, body FROM deliveries WHERE tenant = ?1 AND delivery_id = ?2`;

interface Row extends Omit<DeliveryRow, "attempts" | "lastAttempt"> {
  readonly attempts: string;
}

/** Sorts behind every id of ours. */
const NEWEST = "~";

/** Deliveries as their destinations' objects have left them. */
export const deliveryReads = (mirrorOf: MirrorOf) => ({
  async search(
    reader: Reader,
    { state = null, destination = null, event_id = null, type = null }: Nullable<DeliverySearch>,
    { after = NEWEST, limit }: Part<string>,
  ): Promise<Reading<DeliveriesFound>> {
    const session = sessionOf(mirrorOf, reader);
    const isDead = state === "dead";
    const place = [reader.tenant, after] as const;
    const values = [...place, state, destination, event_id, type, limit, SEARCHED_ROWS_MAX];
    const rows = (await rowsOf<Row>(session, search(isDead), values)).map(rowOf);
    if (rows.length >= limit) return readingOf(session, { rows });
    const to = [...place, SEARCHED_ROWS_MAX - 1];
    const [last] = await rowsOf<Pick<Row, "deliveryId">>(session, searchedTo(isDead), to);
    const found = last === undefined ? { rows } : { rows, searchedTo: last.deliveryId };
    return readingOf(session, found);
  },

  async one(reader: Reader, deliveryId: string): Promise<Reading<DeliveryRead | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    return readingOf(session, await readDelivery(session, reader.tenant, deliveryId));
  },
});

type Nullable<Of> = { readonly [Name in keyof Of]?: Of[Name] | null };

/** One delivery with all that is kept of it, in whatever session. */
export async function readDelivery(
  session: D1DatabaseSession,
  tenant: string,
  deliveryId: string,
): Promise<DeliveryRead | undefined> {
  const values = [tenant, deliveryId];
  const [row] = await rowsOf<Row & Pick<DeliveryRead, "body">>(session, ONE, values);
  if (row === undefined) return undefined;
  return { ...rowOf(row), attemptsMade: attemptsIn(row.attempts), body: row.body };
}

function rowOf({ attempts: text, ...row }: Row): DeliveryRow {
  const attempts = attemptsIn(text);
  const lastAttempt = attempts.at(-1);
  const counted = { ...row, attempts: attempts.length };
  return lastAttempt === undefined ? counted : { ...counted, lastAttempt };
}

/** Own text: what the object keeps. What was spoilt by hand says nothing, and hides no other row. */
function attemptsIn(text: string): readonly Attempt[] {
  try {
    const attempts: unknown = JSON.parse(text);
    return Array.isArray(attempts) ? attempts.filter(isAttempt) : [];
  } catch {
    return [];
  }
}

const isAttempt = (one: unknown): one is Attempt =>
  typeof one === "object" &&
  one !== null &&
  "at_ms" in one &&
  "took_ms" in one &&
  Number.isSafeInteger(one.at_ms) &&
  Number.isSafeInteger(one.took_ms);
