interface Found {
  readonly tenant: string;
  readonly distributorId: string;
  readonly lineId: string;
}

interface Page {
  readonly items: readonly Found[];
  readonly next?: string;
}

const DUE = `SELECT tenant, distributor_id AS distributorId, line_id AS lineId, due_ms AS at
  FROM lines INDEXED BY lines_due
  WHERE due_ms IS NOT NULL AND due_ms <= ?1
    AND (due_ms, tenant, distributor_id, line_id) > (?2, ?3, ?4, ?5)
  ORDER BY due_ms, tenant, distributor_id, line_id LIMIT ?6`;

/** Lines whose time has come, the longest due first. */
export async function dueLines(
  db: D1Database,
  cursor: string | undefined,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): Promise<Page> {
  const [at = 0, tenant = "", distributor = "", line = ""]: readonly (string | number)[] =
    cursor === undefined ? [] : JSON.parse(cursor);
  const { results } = await db
    .prepare(DUE)
    .bind(nowMs, at, tenant, distributor, line, limit)
    .all<Found & { readonly at: number }>();
  const items = results.map(({ at: _at, ...found }) => found);
  const last = results.length < limit ? undefined : results.at(-1);
  if (last === undefined) return { items };
  return { items, next: JSON.stringify([last.at, last.tenant, last.distributorId, last.lineId]) };
}

// Few periods are closed and have lines pending still: each is one look into the index.
const PENDING = `SELECT l.tenant, l.period_id AS periodId, l.distributor_id AS distributorId,
    l.line_id AS lineId
  FROM json_each(?1) t CROSS JOIN records r
    ON r.tenant = t.value AND r.kind = 'period' AND r.occurred_ms <= ?2
    CROSS JOIN lines l INDEXED BY lines_pending
    ON l.tenant = r.tenant AND l.period_id = r.id AND l.state = 'pending'
  WHERE (l.tenant, l.period_id, l.distributor_id, l.line_id) > (?3, ?4, ?5, ?6)
  ORDER BY l.tenant, l.period_id, l.distributor_id, l.line_id LIMIT ?7`;

/** Provisional lines of these tenants' periods that were closed at `closedByMs` or before. */
export async function pendingOfClosed(
  db: D1Database,
  tenants: readonly string[],
  asked: {
    readonly closedByMs: number;
    readonly cursor: string | undefined;
    readonly limit: number;
  },
): Promise<Page> {
  const { closedByMs, cursor, limit } = asked;
  if (tenants.length === 0) return { items: [] };
  const [tenant = "", period = "", distributor = "", line = ""]: readonly string[] =
    cursor === undefined ? [] : JSON.parse(cursor);
  const { results } = await db
    .prepare(PENDING)
    .bind(JSON.stringify(tenants), closedByMs, tenant, period, distributor, line, limit)
    .all<Found & { readonly periodId: string }>();
  const items = results.map(({ periodId: _period, ...found }) => found);
  const last = results.length < limit ? undefined : results.at(-1);
  if (last === undefined) return { items };
  const place = [last.tenant, last.periodId, last.distributorId, last.lineId];
  return { items, next: JSON.stringify(place) };
}

/** The tenants of a shard that are in this mode, and not on their way out. */
export async function tenantsIn(
  control: D1Database,
  { shard, mode }: { readonly shard: number; readonly mode: "mirror" | "gateway_final" },
): Promise<readonly string[]> {
  const { results } = await control
    .prepare(
      `SELECT tenant FROM tenants t WHERE shard = ? AND mode = ?
         AND NOT EXISTS (SELECT 1 FROM deletions d WHERE d.tenant = t.tenant) ORDER BY tenant`,
    )
    .bind(shard, mode)
    .all<{ tenant: string }>();
  return results.map(({ tenant }) => tenant);
}
