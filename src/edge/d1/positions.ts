import type { Mirrored } from "../subject.ts";

interface Place {
  readonly tenant: string;
  readonly subject: string;
}

export interface PositionsPage {
  readonly items: readonly (Place & Mirrored)[];
  readonly next?: string;
}

/** Mirrored positions in key order, for the sweep; frozen ones wait for a person, and are left out. */
export async function positionsAfter(
  db: D1Database,
  cursor: string | undefined,
  limit: number,
): Promise<PositionsPage> {
  const [tenant = "", subject = ""] = cursor === undefined ? [] : JSON.parse(cursor);
  const { results } = await db
    .prepare(
      `SELECT tenant, subject, position, head FROM subjects
       WHERE (tenant, subject) > (?1, ?2) AND frozen_ms IS NULL
       ORDER BY tenant, subject LIMIT ?3`,
    )
    .bind(tenant, subject, limit)
    .all<Place & Mirrored>();
  const last = results.at(-1);
  if (last === undefined || results.length < limit) return { items: results };
  return { items: results, next: JSON.stringify([last.tenant, last.subject]) };
}

/** Those of these positions that the mirror has not reached. A frozen subject waits for a person. */
export async function stillBehind<Lag extends Place & { readonly position: number }>(
  db: D1Database,
  lags: readonly Lag[],
): Promise<readonly Lag[]> {
  if (lags.length === 0) return [];
  const { results } = await db
    .prepare(
      `SELECT j.key FROM json_each(?1) j LEFT JOIN subjects p
         ON p.tenant = j.value ->> 'tenant' AND p.subject = j.value ->> 'subject'
       WHERE p.frozen_ms IS NULL AND coalesce(p.position, 0) < j.value ->> 'position'`,
    )
    .bind(JSON.stringify(lags))
    .all<{ key: number }>();
  const behind = new Set(results.map(({ key }) => key));
  return lags.filter((_, key) => behind.has(key));
}

/** Stops a subject: nothing is mirrored or settled for it until a person has looked. */
export async function freezeSubject(
  db: D1Database,
  { tenant, subject, detail, nowMs }: Place & { readonly detail: string; readonly nowMs: number },
): Promise<void> {
  await db.batch([
    db
      .prepare(
        "UPDATE subjects SET frozen_ms = ?3 WHERE tenant = ?1 AND subject = ?2 AND frozen_ms IS NULL",
      )
      .bind(tenant, subject, nowMs),
    db
      .prepare(
        `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms)
         VALUES (?1, 'CHAIN:' || ?2, 'CHAIN', ?2, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET detail = excluded.detail,
           found_ms = iif(resolved_ms IS NULL, found_ms, excluded.found_ms),
           told = iif(resolved_ms IS NULL, told, NULL), resolved_ms = NULL, outcome = NULL`,
      )
      .bind(tenant, subject, detail, nowMs),
  ]);
}

/** What a job left for its next run. */
export async function loadJob<State>(db: D1Database, job: string): Promise<State | undefined> {
  const state = await db
    .prepare("SELECT state FROM jobs WHERE job = ?")
    .bind(job)
    .first<string>("state");
  return state === null ? undefined : JSON.parse(state);
}

export async function saveJob(
  db: D1Database,
  job: string,
  run: { readonly state: object; readonly nowMs: number },
): Promise<void> {
  await db
    .prepare("INSERT OR REPLACE INTO jobs (job, state, ran_ms) VALUES (?, ?, ?)")
    .bind(job, JSON.stringify(run.state), run.nowMs)
    .run();
}
