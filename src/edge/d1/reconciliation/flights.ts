import { type Flight, flightName } from "../../../core/reconciliation/flights.ts";
import type { LineName } from "../../../core/reconciliation/differ.ts";
import { rowsOf } from "../reads/session.ts";
import type { OpenRun } from "./runs.ts";

/** A line in flight, as a run has found it. */
export interface Flying extends LineName {
  /** How the mirror has it, as break ids see it. */
  readonly local: string;
  /** When it took effect: runs that look at that time find it, or not. */
  readonly effective_ms: number;
}

/** They outlive their runs: among the differences of none. No id of a run is like this. */
const IN_FLIGHT = "'in_flight'";

/** Rows in one parameter: far below D1's 2 MB a value. */
const ROWS_AT_ONCE = 500;

const FIND = `SELECT d.distributor_id, d.line_id, d.core ->> 'since_ms' AS since_ms, d.mirror AS local
  FROM json_each(?2) j CROSS JOIN differences d ON d.tenant = ?1 AND d.run_id = ${IN_FLIGHT}
    AND d.distributor_id = j.value ->> 'd' AND d.line_id = j.value ->> 'l'`;

/** Since when these lines are in flight, as far as any run has found them so. */
export async function flightsOf(
  db: D1Database,
  tenant: string,
  names: readonly LineName[],
): Promise<ReadonlyMap<string, Flight>> {
  const session = db.withSession("first-primary");
  const found = new Map<string, Flight>();
  for (let i = 0; i < names.length; i += ROWS_AT_ONCE) {
    const part = names.slice(i, i + ROWS_AT_ONCE);
    const asked = part.map(({ distributor_id: d, line_id: l }) => ({ d, l }));
    const rows = await rowsOf<LineName & Flight>(session, FIND, [tenant, JSON.stringify(asked)]);
    for (const { since_ms, local, ...name } of rows) {
      found.set(flightName(name), { since_ms, local });
    }
  }
  return found;
}

const PUT = `INSERT INTO differences (tenant, run_id, distributor_id, line_id, core, mirror)
  SELECT ?1, ${IN_FLIGHT}, value ->> 'd', value ->> 'l',
    json_object('since_ms', ?4, 'run_id', ?2, 'effective_ms', value ->> 'effective_ms'),
    value ->> 'local' FROM json_each(?3)
  WHERE true ON CONFLICT DO UPDATE SET mirror = excluded.mirror, core = json_set(excluded.core,
    '$.since_ms', iif(mirror = excluded.mirror, core ->> 'since_ms', ?4))`;

/** Keeps what a run finds in flight: since then, or since it was found so with the same side of ours. */
export async function putFlights(
  db: D1Database,
  { tenant, runId }: Pick<OpenRun, "tenant" | "runId">,
  { flying, nowMs }: { readonly flying: readonly Flying[]; readonly nowMs: number },
): Promise<void> {
  const rows = flying.map(({ distributor_id: d, line_id: l, ...more }) => ({ d, l, ...more }));
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
    const part = JSON.stringify(rows.slice(i, i + ROWS_AT_ONCE));
    await db.prepare(PUT).bind(tenant, runId, part, nowMs).run();
  }
}

const LAND = `DELETE FROM differences WHERE tenant = ?1 AND run_id = ${IN_FLIGHT}
  AND core ->> 'run_id' <> ?2 AND core ->> 'effective_ms' >= ?3 AND core ->> 'effective_ms' < ?4`;

/** Forgets what took effect in a time that a run has looked at, and was not found in flight there. */
export async function landFlights(
  db: D1Database,
  { tenant, runId }: Pick<OpenRun, "tenant" | "runId">,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  await db.prepare(LAND).bind(tenant, runId, fromMs, toMs).run();
}
