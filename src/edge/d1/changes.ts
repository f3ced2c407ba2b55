import type { Change } from "./touched-orders.ts";

/*
 * Rows of `changes`, by what they say:
 * - with a node: it hangs otherwise or stands otherwise from `at_ms` on;
 * - with an empty node: somebody hangs otherwise, so that a sale that waits for a way up may have one;
 * - at position 0, where no log has a row: a sale cannot be priced anew before the node is known.
 */

const field = (name: string) => `change ->> '${name}'`;
const isAuto = `${field("version")} >= 'd' AND ${field("version")} < 'e'`;

// Of edges that all lead to the same parent it does not matter which one holds. A first edge is no
// change: nobody was paid by another one, and whoever waits for the node is woken by its name.
const othersLead = (trees: string) => `EXISTS (SELECT 1 FROM edges o
    WHERE o.tenant = ${field("t")} AND o.tree IN (${trees}) AND o.node = ${field("node")}
      AND o.version <> ${field("version")}
      AND (o.parent_id IS NOT ${field("parent")} OR o.node_kind <> ${field("node_kind")}))`;

const IS_EARLIEST_EDGE = `(${field("version")} < 'm' AND NOT EXISTS (SELECT 1 FROM edges o
    WHERE o.tenant = ${field("t")} AND o.tree = ${field("tree")} AND o.node = ${field("node")}
      AND o.node_kind = ${field("node_kind")} AND o.version < 'm'
      AND o.version <> ${field("version")} AND o.effective_ms < ${field("at")}))`;

const ENROLMENTS = `SELECT 1 FROM standings o WHERE o.tenant = ${field("t")}
    AND o.distributor_id = ${field("node")} AND o.kind = 'enrolment'`;

/** Whether sales can have passed by a node: it has bought, or has somebody below. */
const IS_PASSED = `(EXISTS (SELECT 1 FROM volumes v
      WHERE v.tenant = ${field("t")} AND v.distributor_id = ${field("node")})
    OR EXISTS (SELECT 1 FROM edges b INDEXED BY edges_parent WHERE b.tenant = ${field("t")}
      AND b.tree IN ('sponsor', 'placement') AND b.parent_id = ${field("node")}))`;

/**
 * From when on something is otherwise. Before the first edge of a tree a node hangs by the earliest,
 * and before its first status it has that of the earliest enrolment: what becomes the earliest holds
 * from ever. Slots are found all the time, mostly for people nobody has bought from yet: for those
 * not every order there is has to be looked through.
 */
const FROM = `CASE
    WHEN ${field("kind")} = 'edge' AND ${IS_EARLIEST_EDGE} AND (NOT (${isAuto}) OR ${IS_PASSED}) THEN 0
    WHEN ${field("kind")} = 'enrolment'
      AND NOT EXISTS (${ENROLMENTS} AND o.effective_ms < ${field("at")}) THEN 0
    ELSE ${field("at")} END`;

const IS_NEWS = `CASE ${field("kind")} WHEN 'edge' THEN ${othersLead(`${field("tree")}, 'sponsor'`)}
    WHEN 'enrolment' THEN EXISTS (${ENROLMENTS} AND o.value ->> 'status' IS NOT ${field("status")})
    ELSE 1 END`;

// A slot lies below the sponsor: the first one opens no way up that was closed.
const IS_WAY = `${field("kind")} = 'edge'
    AND (NOT (${isAuto}) OR ${othersLead(field("tree"))})`;

const IS_WAITED_FOR = `EXISTS (SELECT 1 FROM held h INDEXED BY held_needs
    WHERE h.tenant = n.tenant AND h.needs >= 'node:' AND h.needs < 'node;' AND h.state = 'parked')`;

/**
 * Puts into the outbox, of what is `fresh` (a JSON `change`), what orders were priced without, and
 * that ways up are others now; each only where there is somebody to tell. Orders that are mirrored
 * later look at the trees again by themselves.
 */
export const RECORD_CHANGES = `, news AS MATERIALIZED (
    SELECT ${field("t")} AS tenant, ${field("s")} AS subject, ${field("p")} AS position,
      ${field("node")} AS node, ${FROM} AS at, ${IS_WAY} AS is_way, ${field("event_id")} AS event_id
    FROM fresh WHERE ${IS_NEWS})
  INSERT INTO changes (tenant, subject, position, node, at_ms, event_id)
    SELECT n.tenant, n.subject, n.position, n.node, min(n.at), min(n.event_id) FROM news n
    WHERE EXISTS (SELECT 1 FROM orders o WHERE o.tenant = n.tenant AND o.paid_ms >= n.at)
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT n.tenant, n.subject, n.position, '', 0, min(n.event_id) FROM news n
    WHERE n.is_way AND ${IS_WAITED_FOR} GROUP BY 1, 2, 3
    ON CONFLICT DO NOTHING`;

interface Row {
  readonly tenant: string;
  readonly subject: string;
  readonly position: number;
  readonly node: string;
  readonly atMs: number;
  readonly eventId: string;
}

/** Rows taken at once: what is left over is taken by the next batch, or by cron. */
const TAKEN_MAX = 2000;

const SOURCE = "source";
const ABOVE = "above";

// Who has bought may be a customer; nobody's ancestor is one. By half a mirror nothing is priced: while
// it is rebuilt, changes wait.
const PENDING = `SELECT c.tenant, c.subject, c.position, c.node, c.at_ms AS atMs, c.event_id AS eventId
  FROM changes c WHERE (?1 IS NULL OR c.tenant IN (SELECT value FROM json_each(?1)))
    AND (c.position > 0 OR EXISTS (SELECT 1 FROM edges e
      WHERE e.tenant = c.tenant AND e.tree = 'sponsor' AND e.node = c.node
        AND (c.subject = '${SOURCE}' OR e.node_kind = 'distributor')))
    AND NOT EXISTS (SELECT 1 FROM reconciliation_runs b INDEXED BY reconciliation_runs_running
      WHERE b.tenant = c.tenant AND b.state = 'running' AND b.kind = 'rebuild')
  ORDER BY c.tenant, c.subject, c.position LIMIT ${TAKEN_MAX}`;

const DONE = `DELETE FROM changes WHERE (tenant, subject, position, node) IN
  (SELECT value ->> 'tenant', value ->> 'subject', value ->> 'position', value ->> 'node'
    FROM json_each(?1))`;

/** Changes that nobody was told of yet; of these tenants, or of all. */
export interface PendingChanges {
  readonly changes: readonly Change[];
  /** Tenants in which somebody hangs otherwise: a sale that waits for a way up may have one. */
  readonly rehung: readonly string[];
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
  const ways = results.filter(({ node }) => node === "");
  return {
    changes: results
      .filter(({ node }) => node !== "")
      .map(({ tenant, node, atMs, eventId }) => ({ tenant, node, atMs, eventId })),
    rehung: [...new Set(ways.map(({ tenant }) => tenant))],
    done: async () => {
      if (results.length > 0) await db.prepare(DONE).bind(JSON.stringify(results)).run();
    },
  };
}

/** Somebody on the way up from a sale whom nobody knows, so that it cannot be priced anew. */
export interface Missing {
  readonly tenant: string;
  readonly node: string;
  /** Whether it is who has bought, and not somebody above. */
  readonly isSource: boolean;
}

const AWAIT = `INSERT INTO changes (tenant, subject, position, node, at_ms, event_id)
  SELECT value ->> 'tenant', value ->> 'subject', 0, value ->> 'node', 0, ''
  FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`;

/** Has the orders below these priced anew once they are known: {@link pendingChanges} shows them then. */
export async function awaitNodes(db: D1Database, missing: readonly Missing[]): Promise<void> {
  if (missing.length === 0) return;
  const rows = missing.map(({ tenant, node, isSource }) => ({
    tenant,
    node,
    subject: isSource ? SOURCE : ABOVE,
  }));
  await db.prepare(AWAIT).bind(JSON.stringify(rows)).run();
}
