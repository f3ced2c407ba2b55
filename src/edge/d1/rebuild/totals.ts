import { repairLineDigests } from "../reconciliation/line-digests.ts";
import { slicesOf } from "../reconciliation/sum-slices.ts";
import { repairTotals } from "../reconciliation/totals.ts";
import type { RunName } from "./scratch.ts";

const rowsIn = (table: string): string => `SELECT count(*) AS held FROM ${table} WHERE tenant = ?1`;

/** Puts sums right a part of the days at a time, of about as many rows each; answers with how many. */
async function inSlices(
  db: D1Database,
  { tenant }: RunName,
  {
    tables,
    fix,
  }: {
    readonly tables: readonly string[];
    readonly fix: typeof repairTotals;
  },
): Promise<number> {
  const counts = tables.map((table) => db.prepare(rowsIn(table)).bind(tenant));
  const found = await db.batch<{ held: number }>(counts);
  const rows = found.reduce((sum, { results }) => sum + (results[0]?.held ?? 0), 0);
  let fixed = 0;
  for (const buckets of slicesOf(rows)) fixed += await fix(db, { tenant, buckets });
  return fixed;
}

/** A tenant's account totals by its transfers; each slice in one statement: what comes meanwhile moves both. */
export const fixDays = (db: D1Database, run: RunName): Promise<number> =>
  inSlices(db, run, { tables: ["transfers", "account_days"], fix: repairTotals });

/** The digests of a tenant's lines by what each line counts by. */
export const fixLineDigests = (db: D1Database, run: RunName): Promise<number> =>
  inSlices(db, run, { tables: ["lines", "digests"], fix: repairLineDigests });

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
