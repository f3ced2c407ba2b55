import type { CountedDay, EventsCounted, EventsToCount } from "../event-count.ts";

/** Rows of a tenant that one run looks at: more than a D1 can have written since the last one. */
export const COUNTED_ROWS_MAX = 100_000;

const COUNT = `SELECT j.value ->> 'tenant' AS tenant,
    (SELECT json_object('rows', coalesce(sum(n), 0), 'last', max(last),
        'events', coalesce(sum(iif(outcome = 'rejected', 0, n)), 0),
        'outcomes', json_group_object(outcome, n))
     FROM (SELECT outcome, count(*) AS n, max(event_id) AS last FROM
        (SELECT event_id, outcome FROM events
           WHERE tenant = j.value ->> 'tenant' AND event_id > j.value ->> 'after'
             AND event_id < j.value ->> 'until'
           ORDER BY event_id LIMIT ${COUNTED_ROWS_MAX}) GROUP BY outcome)) AS counted
  FROM json_each(?1) j`;

interface Counted extends Pick<EventsCounted, "rows" | "events" | "outcomes"> {
  readonly last: string | null;
}

/** Events between two ids of each tenant: a range of the primary key, so each row is read once. */
export async function countEvents(
  mirror: D1Database,
  asked: readonly EventsToCount[],
): Promise<readonly EventsCounted[]> {
  const { results } = await mirror
    .prepare(COUNT)
    .bind(JSON.stringify(asked))
    .all<{ tenant: string; counted: string }>();
  return results.map(({ tenant, counted }) => {
    const { last, ...sums }: Counted = JSON.parse(counted);
    const isMore = sums.rows === COUNTED_ROWS_MAX && last !== null;
    return { tenant, ...sums, ...(isMore ? { stoppedAt: last } : {}) };
  });
}

const jobOf = (tenant: string): string => `usage:${tenant}`;

/** What was counted of these tenants so far. */
export async function loadCounts(
  mirror: Pick<D1Database, "prepare">,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, CountedDay>> {
  const { results } = await mirror
    .prepare("SELECT job, state FROM jobs WHERE job IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(tenants.map(jobOf)))
    .all<{ job: string; state: string }>();
  return new Map(results.map(({ job, state }) => [job.slice(jobOf("").length), JSON.parse(state)]));
}

export async function saveCounts(
  mirror: D1Database,
  counts: ReadonlyMap<string, CountedDay>,
  nowMs: number,
): Promise<void> {
  const rows = [...counts].map(([tenant, day]) => [jobOf(tenant), JSON.stringify(day)]);
  await mirror
    .prepare(
      `INSERT OR REPLACE INTO jobs (job, state, ran_ms)
       SELECT value ->> 0, value ->> 1, ?2 FROM json_each(?1)`,
    )
    .bind(JSON.stringify(rows), nowMs)
    .run();
}
