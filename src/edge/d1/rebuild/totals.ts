import type { RunName } from "./scratch.ts";

const FOUND = `SELECT account, currency, day, known_day, sum(amount) AS amount FROM (
    SELECT debit AS account, currency, date(effective_ms / 1000.0, 'unixepoch') AS day,
      date(recorded_ms / 1000.0, 'unixepoch') AS known_day, amount_minor AS amount
    FROM transfers WHERE tenant = ?1
    UNION ALL
    SELECT credit, currency, date(effective_ms / 1000.0, 'unixepoch'),
      date(recorded_ms / 1000.0, 'unixepoch'), -amount_minor FROM transfers WHERE tenant = ?1
    UNION ALL
    SELECT account, currency, day, known_day, -amount_minor FROM account_days WHERE tenant = ?1)
  GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0`;

const FIX_DAYS = `INSERT INTO account_days (tenant, account, currency, day, known_day, amount_minor)
  SELECT ?1, account, currency, day, known_day, amount FROM (${FOUND}) WHERE true
  ON CONFLICT DO UPDATE SET amount_minor = amount_minor + excluded.amount_minor`;

/** A tenant's account totals by its transfers, in one statement: what comes meanwhile moves both. */
export async function fixDays(db: D1Database, { tenant }: RunName): Promise<number> {
  return (await db.prepare(FIX_DAYS).bind(tenant).run()).meta.changes;
}

const SUMS = ["items", "amount_minor", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];
const LIMBS = [0, 1, 2, 3, 4, 5, 6, 7];

const FIX_LINES = `INSERT INTO digests (tenant, kind, hour_ms, shard, currency, ${SUMS.join(", ")})
  SELECT ?1, 'line', hour_ms, shard, currency, ${SUMS.map((sum) => `sum(${sum}) AS ${sum}`).join(", ")}
  FROM (
    SELECT digest ->> '$[8]' AS hour_ms, digest ->> '$[9]' AS shard, digest ->> '$[10]' AS currency,
      1 AS items, digest ->> '$[11]' AS amount_minor,
      ${LIMBS.map((i) => `digest ->> '$[${i}]' AS s${i}`).join(", ")}
    FROM lines WHERE tenant = ?1 AND digest IS NOT NULL
    UNION ALL
    SELECT hour_ms, shard, currency, ${SUMS.map((sum) => `-${sum}`).join(", ")}
    FROM digests WHERE tenant = ?1 AND kind = 'line')
  GROUP BY 2, 3, 4 HAVING ${SUMS.map((sum) => `sum(${sum}) <> 0`).join(" OR ")}
  ON CONFLICT DO UPDATE SET ${SUMS.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(", ")}`;

/** The digests of a tenant's lines by what each line counts by. */
export async function fixLineDigests(db: D1Database, { tenant }: RunName): Promise<number> {
  return (await db.prepare(FIX_LINES).bind(tenant).run()).meta.changes;
}

const SPONSORS = `SELECT DISTINCT parent_id FROM edges INDEXED BY edges_parent
  WHERE tenant = ?1 AND tree = 'sponsor' AND parent_id IS NOT NULL AND node_kind = 'distributor'`;

const FIX_FRONTLINES = `INSERT INTO frontlines (tenant, distributor_id, distributors)
  SELECT ?1, s.parent_id, (SELECT count(*) FROM edges e INDEXED BY edges_parent
    WHERE e.tenant = ?1 AND e.tree = 'sponsor' AND e.parent_id = s.parent_id
      AND e.node_kind = 'distributor' AND NOT EXISTS (SELECT 1 FROM edges h
        WHERE h.tenant = e.tenant AND h.tree = 'sponsor' AND h.node = e.node
          AND h.version > e.version))
  FROM (${SPONSORS}) s WHERE true
  ON CONFLICT DO UPDATE SET distributors = excluded.distributors
    WHERE distributors <> excluded.distributors`;
const DROP_FRONTLINES = `DELETE FROM frontlines
  WHERE tenant = ?1 AND distributor_id NOT IN (${SPONSORS})`;

/** How many each one sponsors, by the highest edge of each. */
export async function fixFrontlines(db: D1Database, { tenant }: RunName): Promise<number> {
  const results = await db.batch(
    [FIX_FRONTLINES, DROP_FRONTLINES].map((sql) => db.prepare(sql).bind(tenant)),
  );
  return results.reduce((total, { meta }) => total + meta.changes, 0);
}
