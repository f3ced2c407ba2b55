import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import {
  type Difference,
  differenceOf,
  type LocalLine,
} from "../../../core/reconciliation/differ.ts";
import type { OpenRun } from "./runs.ts";

type Run = Pick<OpenRun, "tenant" | "runId">;

// A line that only moved in time is met on each side in another bucket: what was read later counts.
const PUT = `INSERT INTO differences (tenant, run_id, distributor_id, line_id, core, mirror)
  SELECT ?1, ?2, value ->> 'd', value ->> 'l', value ->> 'core', value ->> 'mirror' FROM json_each(?3)
  WHERE true ON CONFLICT DO UPDATE SET core = coalesce(excluded.core, core),
    mirror = coalesce(excluded.mirror, mirror)`;

/** Rows in one parameter: far below D1's 2 MB a value. */
const ROWS_AT_ONCE = 500;

/** Keeps what differs, each side as it was read last. */
export async function putDifferences(
  db: D1Database,
  { tenant, runId }: Run,
  found: readonly Pick<Difference, "distributor_id" | "line_id" | "core" | "local">[],
): Promise<void> {
  const rows = found.map(({ distributor_id: d, line_id: l, core, local }) => ({
    d,
    l,
    core: core === null ? null : JSON.stringify(core),
    mirror: local === null ? null : JSON.stringify(local),
  }));
  const parts = Array.from({ length: Math.ceil(rows.length / ROWS_AT_ONCE) }, (_, i) =>
    db
      .prepare(PUT)
      .bind(tenant, runId, JSON.stringify(rows.slice(i * ROWS_AT_ONCE, (i + 1) * ROWS_AT_ONCE))),
  );
  if (parts.length > 0) await db.batch(parts);
}

const READ = `SELECT core, mirror FROM differences WHERE tenant = ?1 AND run_id = ?2
  ORDER BY distributor_id, line_id`;

interface Row {
  readonly core: string | null;
  readonly mirror: string | null;
}

/** All that a run found to differ; lines that turned out to be alike are left out. */
export async function readDifferences(
  db: D1Database,
  { tenant, runId }: Run,
): Promise<readonly Difference[]> {
  const { results } = await db
    .withSession("first-primary")
    .prepare(READ)
    .bind(tenant, runId)
    .all<Row>();
  return results.flatMap(({ core, mirror }) => {
    const theirs = core === null ? null : parseCore(core);
    return differenceOf(theirs, mirror === null ? null : parseLocal(mirror)) ?? [];
  });
}

/** Begins anew. */
export async function dropDifferences(db: D1Database, { tenant, runId }: Run): Promise<void> {
  await db
    .prepare("DELETE FROM differences WHERE tenant = ?1 AND run_id = ?2")
    .bind(tenant, runId)
    .run();
}

// Own text: what putDifferences() wrote.
const parseCore = (text: string): CoreLine => JSON.parse(text);
const parseLocal = (text: string): LocalLine => JSON.parse(text);
