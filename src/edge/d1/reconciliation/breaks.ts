import type { LineName } from "../../../core/reconciliation/differ.ts";
import type { JudgedBreak, KnownBreak } from "../../../core/reconciliation/judge.ts";
import { rowsOf } from "../reads/session.ts";
import type { OpenRun } from "./runs.ts";

const KNOWN = `SELECT b.break_id, b.found_ms AS opened_ms, b.outcome,
    EXISTS (SELECT 1 FROM events e WHERE e.tenant = b.tenant AND e.source = ?3
      AND e.sender_id = 'recon:' || b.break_id AND e.outcome = 'quarantined') AS refused
  FROM breaks b WHERE b.tenant = ?1 AND b.run_id IS NOT NULL
    AND (b.distributor_id, b.reference) IN
      (SELECT value ->> 'd', value ->> 'l' FROM json_each(?2))`;

type KnownRow = Omit<KnownBreak, "refused"> & { readonly refused: number };

/** Every break that was ever kept of these lines. */
export async function knownBreaks(
  db: D1Database,
  { tenant, source }: { readonly tenant: string; readonly source: string },
  names: readonly LineName[],
): Promise<ReadonlyMap<string, KnownBreak>> {
  const asked = names.map(({ distributor_id: d, line_id: l }) => ({ d, l }));
  const values = [tenant, JSON.stringify(asked), source];
  const rows = await rowsOf<KnownRow>(db.withSession("first-primary"), KNOWN, values);
  return new Map(
    rows.map(({ refused, ...known }) => [known.break_id, { ...known, refused: refused === 1 }]),
  );
}

const PUT = `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms, run_id,
    distributor_id, currency, amount_minor, core, mirror, action, why)
  SELECT ?1, value ->> 'break_id', value ->> 'class', 'dist:' || (value ->> 'distributor_id'),
    coalesce(value ->> 'line_id', value ->> 'distributor_id'), value ->> 'detail',
    value ->> 'opened_ms', ?2, value ->> 'distributor_id',
    coalesce(value ->> '$.core.currency', value ->> '$.local.currency'),
    coalesce(value ->> '$.core.amount_minor', value ->> '$.local.amount_minor'),
    value -> 'core', value -> 'local', value ->> 'action', value ->> 'why'
  FROM json_each(?3) WHERE true
  ON CONFLICT (tenant, break_id) DO UPDATE SET action = excluded.action, why = excluded.why,
    detail = excluded.detail WHERE breaks.resolved_ms IS NULL`;

/** Keeps what was judged: each difference once, with what is done about it by now. */
export async function putBreaks(
  db: D1Database,
  { tenant, runId }: Pick<OpenRun, "tenant" | "runId">,
  breaks: readonly JudgedBreak[],
): Promise<void> {
  for (let i = 0; i < breaks.length; i += 200) {
    const part = JSON.stringify(breaks.slice(i, i + 200));
    await db.prepare(PUT).bind(tenant, runId, part).run();
  }
}

// Both sides of it lie in what the run has looked at, and it found no such difference any more.
const CLOSE = `UPDATE breaks SET resolved_ms = ?5, outcome = iif(action = 'none', 'gone', 'healed')
  WHERE tenant = ?1 AND run_id IS NOT NULL AND resolved_ms IS NULL AND class <> 'BALANCE_ONLY'
    AND NOT (class = 'EXTRA_LOCAL' AND action = 'suspend')
    AND coalesce(core ->> 'effective_ms', mirror ->> 'effective_ms') >= ?2
    AND coalesce(core ->> 'effective_ms', mirror ->> 'effective_ms') < ?3
    AND coalesce(mirror ->> 'effective_ms', core ->> 'effective_ms') >= ?2
    AND coalesce(mirror ->> 'effective_ms', core ->> 'effective_ms') < ?3
    AND break_id NOT IN (SELECT value FROM json_each(?4))
    AND (distributor_id, reference) NOT IN
      (SELECT value ->> 'd', value ->> 'l' FROM json_each(?6)) RETURNING break_id`;

/** Closes breaks that a run looked at and did not find again; answers with how many. */
export async function closeUnfound(
  db: D1Database,
  tenant: string,
  looked: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly found: readonly string[];
    /** Lines of which something is on its way. */
    readonly inFlight: readonly LineName[];
    readonly nowMs: number;
  },
): Promise<number> {
  const { fromMs, toMs, nowMs } = looked;
  const inFlight = looked.inFlight.map(({ distributor_id: d, line_id: l }) => ({ d, l }));
  const values = [JSON.stringify(looked.found), nowMs, JSON.stringify(inFlight)];
  const { results } = await db
    .prepare(CLOSE)
    .bind(tenant, fromMs, toMs, ...values)
    .all();
  return results.length;
}
