import {
  CONTRADICTED,
  type Difference,
  findingsOf,
  type FoundLine,
  type LineName,
  type LocalLine,
} from "../../../core/reconciliation/differ.ts";
import { rowsOf } from "../reads/session.ts";
import { inChunks } from "../rebuild/chunks.ts";
import type { OpenRun } from "./runs.ts";

type Run = Pick<OpenRun, "tenant" | "runId">;

// A line that only moved in time is met on each side in another bucket: what was read later counts.
// All that the core tells in a run is as of one state: what it tells otherwise it contradicts.
const PUT = `INSERT INTO differences (tenant, run_id, distributor_id, line_id, core, mirror)
  SELECT ?1, ?2, value ->> 'd', value ->> 'l', value ->> 'core', value ->> 'mirror' FROM json_each(?3)
  WHERE true ON CONFLICT DO UPDATE SET
    core = CASE WHEN json_remove(core, '$.updated_ms') <> json_remove(excluded.core, '$.updated_ms')
      THEN '"${CONTRADICTED}"' ELSE coalesce(excluded.core, core) END,
    mirror = coalesce(excluded.mirror, mirror)`;

/** Keeps what differs, each side as it was read last. */
export async function putDifferences(
  db: D1Database,
  { tenant, runId }: Run,
  found: readonly FoundLine[],
): Promise<void> {
  const rows = found.map(({ distributor_id: d, line_id: l, core, local }) => ({
    d,
    l,
    core: core === null ? null : JSON.stringify(core),
    mirror: local === null ? null : JSON.stringify(local),
  }));
  const parts = inChunks(rows).map((part) =>
    db.prepare(PUT).bind(tenant, runId, JSON.stringify(part)),
  );
  if (parts.length > 0) await db.batch(parts);
}

// Those without a line are balances.
const ROWS = `SELECT distributor_id, line_id, core, mirror FROM differences
  WHERE tenant = ?1 AND run_id = ?2 AND line_id <> ''`;
const AFTER = `${ROWS} AND (distributor_id, line_id) > (?3, ?4)
  ORDER BY distributor_id, line_id LIMIT ?5`;
const OF_DISTRIBUTORS = `${ROWS} AND distributor_id IN (SELECT value FROM json_each(?3))
  ORDER BY distributor_id, line_id`;
const NAMED = `${ROWS} AND (distributor_id, line_id) IN
  (SELECT value ->> 'd', value ->> 'l' FROM json_each(?3))`;

interface Row extends LineName {
  readonly core: string | null;
  readonly mirror: string | null;
}

/** What differs of these distributors; lines that turned out to be alike are left out. */
export async function differencesOf(
  db: D1Database,
  { tenant, runId }: Run,
  distributors: readonly string[],
): Promise<readonly Difference[]> {
  const values = [tenant, runId, JSON.stringify(distributors)];
  const rows = await rowsOf<Row>(db.withSession("first-primary"), OF_DISTRIBUTORS, values);
  return findingsOf(rows.map(parse)).differences;
}

/** Some of them, in the order of distributor and line, with what the core contradicts itself in. */
export async function foundAfter(
  db: D1Database,
  { tenant, runId }: Run,
  { after, limit }: { readonly after: LineName | undefined; readonly limit: number },
) {
  const { distributor_id = "", line_id = "" } = after ?? {};
  const values = [tenant, runId, distributor_id, line_id, limit];
  const rows = await rowsOf<Row>(db.withSession("first-primary"), AFTER, values);
  const last = rows.at(-1);
  const found = findingsOf(rows.map(parse));
  if (last === undefined || rows.length < limit) return found;
  return { ...found, last: { distributor_id: last.distributor_id, line_id: last.line_id } };
}

/** What was found of these lines. */
export async function foundOf(db: D1Database, { tenant, runId }: Run, names: readonly LineName[]) {
  const asked = names.map(({ distributor_id: d, line_id: l }) => ({ d, l }));
  const values = [tenant, runId, JSON.stringify(asked)];
  const rows = await rowsOf<Row>(db.withSession("first-primary"), NAMED, values);
  return findingsOf(rows.map(parse));
}

const COUNT = `SELECT count(*) AS kept FROM
  (SELECT 1 FROM differences WHERE tenant = ?1 AND run_id = ?2 LIMIT ?3)`;

/** How many differences a run has kept, counted up to a limit. */
export async function countKept(
  db: D1Database,
  { tenant, runId }: Run,
  limit: number,
): Promise<number> {
  const query = db.prepare(COUNT).bind(tenant, runId, limit);
  return (await query.first<number>("kept")) ?? 0;
}

// Own text: what putDifferences() wrote.
const parse = ({ core, mirror, ...name }: Row): FoundLine => ({
  ...name,
  core: core === null ? null : parseCore(core),
  local: mirror === null ? null : parseLocal(mirror),
});
const parseCore = (text: string): FoundLine["core"] => JSON.parse(text);
const parseLocal = (text: string): LocalLine => JSON.parse(text);
