/** A standing, edge or plan that became known, from when it holds. */
export interface Change {
  readonly tenant: string;
  /** Whose; {@link EVERYBODY} where no order is without it. */
  readonly node: string;
  readonly atMs: number;
  /** What brought it. */
  readonly eventId: string;
}

/** An order that was priced without it. */
export interface TouchedOrder {
  readonly orderId: string;
  readonly sourceNode: string;
  readonly paidMs: number;
}

export type OrderPlace = Pick<TouchedOrder, "paidMs" | "orderId">;

/** Orders looked at for one answer: each takes a walk up the trees. */
export const CANDIDATES_MAX = 2000;

/** Stands for whoever is above an order. */
export const EVERYBODY = "";

// Everybody who ever was above the source, by any version of any edge: rather one order too many
// than one too few, as an order that comes out the same changes nothing.
const TOUCHED = `WITH changes AS MATERIALIZED (
    SELECT value ->> 'node' AS node, value ->> 'atMs' AS at FROM json_each(?2)),
  candidates AS MATERIALIZED (
    SELECT order_id, source_node, paid_ms FROM orders INDEXED BY orders_paid
    WHERE tenant = ?1 AND paid_ms IS NOT NULL AND (paid_ms, order_id) > (?3, ?4)
      AND paid_ms >= (SELECT min(at) FROM changes)
    ORDER BY paid_ms, order_id LIMIT ?5)
  SELECT order_id AS orderId, source_node AS sourceNode, paid_ms AS paidMs, EXISTS (
    SELECT 1 FROM changes c WHERE c.node = '${EVERYBODY}' AND c.at <= candidates.paid_ms) OR EXISTS (
    WITH RECURSIVE above (node) AS (
      SELECT candidates.source_node UNION
      SELECT e.parent_id FROM above CROSS JOIN edges e
        ON e.tenant = ?1 AND e.tree IN ('sponsor', 'placement') AND e.node = above.node
      WHERE +e.parent_id IS NOT NULL)
    SELECT 1 FROM above CROSS JOIN changes c ON c.node = above.node
    WHERE c.at <= candidates.paid_ms) AS isTouched
  FROM candidates`;

/**
 * A page of a tenant's orders that were paid when these changes held already, of those with one of
 * the nodes above them; and where the next page begins, if there is one.
 */
export async function touchedOrders(
  db: D1Database,
  changes: readonly Change[],
  after: OrderPlace = { paidMs: -1, orderId: "" },
): Promise<{ readonly orders: readonly TouchedOrder[]; readonly next?: OrderPlace }> {
  const tenant = changes[0]?.tenant;
  if (tenant === undefined) return { orders: [] };
  const { results } = await db
    .withSession("first-primary")
    .prepare(TOUCHED)
    .bind(tenant, JSON.stringify(changes), after.paidMs, after.orderId, CANDIDATES_MAX)
    .all<TouchedOrder & { isTouched: number }>();
  const orders = results.filter(({ isTouched }) => isTouched === 1);
  const last = results.length < CANDIDATES_MAX ? undefined : results.at(-1);
  if (last === undefined) return { orders };
  return { orders, next: { paidMs: last.paidMs, orderId: last.orderId } };
}
