import {
  type CoreState,
  judgeAnswer,
  judgeState,
  type StateNoted,
  type ToldState,
} from "../../../core/reconciliation/core-state.ts";
import { rowsOf } from "../reads/session.ts";

const jobOf = (tenant: string): string => `core:${tenant}:state`;

const STATES = `SELECT t.value AS tenant, j.state FROM json_each(?1) t CROSS JOIN jobs j
  ON j.job = 'core:' || t.value || ':state' WHERE j.state ->> '$.due' IS NOT NULL`;

/** Cores that were restored, and what of them is still to be looked at. */
export async function restoredCores(db: D1Database, tenants: readonly string[]) {
  type Row = { readonly tenant: string; readonly state: string };
  const values = [JSON.stringify(tenants)];
  const rows = await rowsOf<Row>(db.withSession("first-primary"), STATES, values);
  return rows.flatMap(({ tenant, state }) => {
    const { epoch, due, told = epoch } = parseState(state);
    return due === undefined ? [] : [{ tenant, epoch: told, due }];
  });
}

const KNOWN = "SELECT state FROM jobs WHERE job = ?1";
// As it was when it was judged by: a person may have accepted another epoch meanwhile.
const KEEP = `INSERT INTO jobs (job, state, ran_ms) SELECT ?1, ?2, ?3
  WHERE ?4 IS NOT NULL OR NOT EXISTS (SELECT 1 FROM jobs WHERE job = ?1)
  ON CONFLICT DO UPDATE SET state = excluded.state, ran_ms = excluded.ran_ms WHERE state = ?4`;

const ATTEMPTS_MAX = 3;

/** Holds what a core tells against what it told before. */
export async function judgeCoreState(
  db: D1Database,
  { tenant, told }: Telling,
): Promise<StateNoted> {
  const read = db.withSession("first-primary").prepare(KNOWN).bind(jobOf(tenant));
  const text = await read.first<string>("state");
  return judgeState(text === null ? undefined : parseState(text), told).noted;
}

interface Telling {
  readonly tenant: string;
  readonly told: ToldState;
}

const keeping =
  (judge: typeof judgeState) =>
  async (db: D1Database, { tenant, told }: Telling, nowMs: number): Promise<StateNoted> => {
    const session = db.withSession("first-primary");
    const job = jobOf(tenant);
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const text = await session.prepare(KNOWN).bind(job).first<string>("state");
      const { noted, state } = judge(text === null ? undefined : parseState(text), told);
      if (state === undefined || JSON.stringify(state) === text) return noted;
      const keep = session.prepare(KEEP).bind(job, JSON.stringify(state), nowMs, text);
      if ((await keep.run()).meta.changes > 0) return noted;
    }
    throw new Error(`Cannot keep the state of the core of tenant "${tenant}": others change it`);
  };

/** Holds what a core tells against what it told before, and keeps it where it is believed. */
export const noteState = keeping(judgeState);

/** The same of one answer outside any run, of which no more is kept than that all lines are due. */
export const noteAnswer = keeping(judgeAnswer);

// Balances after lines, for the same epoch; none where the core is not in the epoch of that answer.
const LOOKED = `UPDATE jobs SET ran_ms = ?4, state = iif(?3 = 'lines' AND state ->> '$.told' IS NULL,
    json_set(state, '$.due', 'balances'), json_remove(state, '$.due', '$.told'))
  WHERE job = ?1 AND coalesce(state ->> '$.told', state ->> '$.epoch') = ?2
    AND state ->> '$.due' = ?3`;

/** Of a restored core this much is looked at. */
export async function restoredLooked(
  db: D1Database,
  {
    tenant,
    epoch,
    kind,
  }: { readonly tenant: string; readonly epoch: number; readonly kind: string },
  nowMs: number,
): Promise<void> {
  await db.prepare(LOOKED).bind(jobOf(tenant), epoch, kind, nowMs).run();
}

// Own text: what the statements above wrote.
const parseState = (text: string): CoreState => JSON.parse(text);

/** A telling of a period's close. */
interface Close {
  readonly id: string;
  readonly epoch: number;
  readonly rev: string;
}

const CLOSES = `SELECT r.tenant, r.id, r.epoch, r.rev FROM json_each(?1) t CROSS JOIN records r
    ON r.tenant = t.value AND r.kind = 'period' AND r.recorded_ms <= ?2
  WHERE NOT EXISTS (SELECT 1 FROM jobs j
    WHERE j.job = 'closed:' || r.tenant || ':' || r.epoch || '.' || r.rev || ':' || r.id)
  ORDER BY r.recorded_ms, r.id LIMIT ?3`;

/** Closes that were recorded by then, and that no run over lines was for yet; the oldest first. */
export const closesToCover = (
  db: D1Database,
  tenants: readonly string[],
  { recordedByMs, limit }: { readonly recordedByMs: number; readonly limit: number },
): Promise<readonly (Close & { readonly tenant: string })[]> =>
  rowsOf(db.withSession("first-primary"), CLOSES, [JSON.stringify(tenants), recordedByMs, limit]);

const COVERED = `INSERT INTO jobs (job, state, ran_ms)
  SELECT 'closed:' || ?1 || ':' || (value ->> 'epoch') || '.' || (value ->> 'rev') || ':' ||
    (value ->> 'id'), '{}', ?3 FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING`;

/** No run has to be made for these closes any more. */
export async function putCovered(
  db: D1Database,
  { tenant, closes }: { readonly tenant: string; readonly closes: readonly Close[] },
  nowMs: number,
): Promise<void> {
  if (closes.length === 0) return;
  await db.prepare(COVERED).bind(tenant, JSON.stringify(closes), nowMs).run();
}
