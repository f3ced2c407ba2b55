import type { Change } from "./touched-orders.ts";

interface Row {
  readonly tenant: string;
  readonly subject: string;
  readonly position: number;
  readonly node: string;
  readonly atMs: number;
  readonly eventId: string;
}

/** Changes taken at once: what is left over is taken by the next batch, or by cron. */
const TAKEN_MAX = 200;

const PENDING = `SELECT tenant, subject, position, node, at_ms AS atMs, event_id AS eventId FROM changes
  WHERE ?1 IS NULL OR tenant IN (SELECT value FROM json_each(?1))
  ORDER BY tenant, subject, position LIMIT ${TAKEN_MAX}`;

const DONE = `DELETE FROM changes WHERE (tenant, subject, position, node) IN
  (SELECT value ->> 'tenant', value ->> 'subject', value ->> 'position', value ->> 'node'
    FROM json_each(?1))`;

/** Changes that no order was told of yet; of these tenants, or of all. */
export interface PendingChanges {
  readonly changes: readonly Change[];
  /** Forgets them: everybody has been told. */
  readonly done: () => Promise<void>;
}

export async function pendingChanges(
  db: D1Database,
  tenants?: readonly string[],
): Promise<PendingChanges> {
  const asked = tenants === undefined ? null : JSON.stringify(tenants);
  const session = db.withSession("first-primary");
  const { results } = await session.prepare(PENDING).bind(asked).all<Row>();
  return {
    changes: results.map(({ tenant, node, atMs, eventId }) => ({ tenant, node, atMs, eventId })),
    done: async () => {
      if (results.length > 0) await db.prepare(DONE).bind(JSON.stringify(results)).run();
    },
  };
}
