// Guarded: of several at once one finds the lease over, as D1 is one thread.
const TAKE = `INSERT INTO jobs (job, state, ran_ms) VALUES (?1, json_object('lease_ms', ?3), ?2)
  ON CONFLICT DO UPDATE SET state = json_set(state, '$.lease_ms', ?3), ran_ms = ?2
    WHERE coalesce(state ->> '$.lease_ms', 0) <= ?2
  RETURNING state`;

/**
 * Takes a job of a shard until then, unless another call is at it: what the call before left, or
 * nothing where it is taken. Who dies leaves it to whoever comes once the lease is over.
 */
export async function takeJob<State extends object>(
  db: D1Database,
  job: string,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): Promise<Partial<State> | undefined> {
  const state = await db.prepare(TAKE).bind(job, nowMs, untilMs).first<string>("state");
  return state === null ? undefined : JSON.parse(state);
}

const LEAVE = `UPDATE jobs SET state = ?3 WHERE job = ?1 AND state ->> '$.lease_ms' = ?2`;

/** Gives a job back; changes nothing where the lease was over and another call has taken it. */
export async function leaveJob(
  db: D1Database,
  job: string,
  { heldMs, state }: { readonly heldMs: number; readonly state: object },
): Promise<void> {
  await db.prepare(LEAVE).bind(job, heldMs, JSON.stringify(state)).run();
}
