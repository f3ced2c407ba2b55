import type { Attempt } from "../../../core/outbound/delivery.ts";
import type { DestinationPlace, DueDelivery } from "../../outbound/ports.ts";

type Named = Pick<DestinationPlace, "tenant" | "destination">;

type Row = Omit<DueDelivery, "attempts" | "isSpoilt"> & { readonly attempts: string };

/** Deliveries of a destination whose time has come, the longest due first: from the primary, as saved. */
export async function dueDeliveries(
  db: D1Database,
  { tenant, destination }: Named,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): Promise<readonly DueDelivery[]> {
  const { results } = await db
    .withSession("first-primary")
    .prepare(
      `SELECT delivery_id AS deliveryId, body, step, attempts, due_ms AS dueMs,
         destination_ms AS destinationMs FROM deliveries
       WHERE tenant = ?1 AND destination = ?2 AND due_ms <= ?3 ORDER BY due_ms LIMIT ?4`,
    )
    .bind(tenant, destination, nowMs, limit)
    .all<Row>();
  return results.map(dueOf);
}

function dueOf(row: Row): DueDelivery {
  const attempts = attemptsIn(row.attempts);
  return attempts === undefined ? { ...row, attempts: [], isSpoilt: true } : { ...row, attempts };
}

/** Own text; nothing where it was spoilt by hand, which holds up no other delivery. */
function attemptsIn(text: string): readonly Attempt[] | undefined {
  try {
    const attempts: unknown = JSON.parse(text);
    return Array.isArray(attempts) ? attempts : undefined;
  } catch {
    return undefined;
  }
}

/** When the next delivery of a destination is due, UTC ms; nothing where none is pending. */
export async function nextDueMs(
  db: D1Database,
  { tenant, destination }: Named,
): Promise<number | undefined> {
  const dueMs = await db
    .withSession("first-primary")
    .prepare(
      `SELECT min(due_ms) AS dueMs FROM deliveries
       WHERE tenant = ?1 AND destination = ?2 AND due_ms IS NOT NULL`,
    )
    .bind(tenant, destination)
    .first<number>("dueMs");
  return dueMs ?? undefined;
}

/** A destination that something is due for, and since when, UTC ms. */
export interface Waiting extends Named {
  readonly dueMs: number;
}

// The next name behind one, each found in the index: pending rows are many, and are not all read.
// In two looks: SQLite would take a pair's `>` for `>=`, and go through all of one destination.
const NEXT_NAME = (tenant: string, destination: string) =>
  `coalesce(
    (SELECT json_array(tenant, destination) FROM deliveries
     WHERE due_ms IS NOT NULL AND tenant = ${tenant} AND destination > ${destination}
     ORDER BY destination LIMIT 1),
    (SELECT json_array(tenant, destination) FROM deliveries
     WHERE due_ms IS NOT NULL AND tenant > ${tenant} ORDER BY tenant, destination LIMIT 1))`;

const WAITING = `WITH RECURSIVE names(name, n) AS (
    SELECT ${NEXT_NAME("?1", "?2")}, 1
    UNION ALL
    SELECT ${NEXT_NAME("name ->> 0", "name ->> 1")}, n + 1 FROM names
      WHERE name IS NOT NULL AND n < ?3
  )
  SELECT name ->> 0 AS tenant, name ->> 1 AS destination,
    (SELECT min(due_ms) FROM deliveries
     WHERE tenant = name ->> 0 AND destination = name ->> 1 AND due_ms IS NOT NULL) AS dueMs
  FROM names WHERE name IS NOT NULL`;

/** Destinations with anything pending, by name, whether they still exist or not; a page of a walk. */
export async function waitingDestinations(
  db: D1Database,
  after: Named,
  limit: number,
): Promise<readonly Waiting[]> {
  const { results } = await db
    .withSession("first-primary")
    .prepare(WAITING)
    .bind(after.tenant, after.destination, limit)
    .all<Waiting>();
  return results;
}
