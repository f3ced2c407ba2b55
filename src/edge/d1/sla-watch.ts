import { LIMITS } from "../../core/sla/objectives.ts";
import {
  HOUR_MS,
  keptStanding,
  type Looked,
  type Minute,
  type Standing,
} from "../../core/sla/standing.ts";
import { legible } from "./count-lines.ts";
import { tallies, tallyOf, type WindowsFound, windowsSql } from "./sla-windows.ts";

// One look-up a tenant, however many rows it has.
const TENANTS = `WITH RECURSIVE found(tenant) AS (
    SELECT min(tenant) FROM sla_minutes WHERE tenant > ?1
    UNION ALL
    SELECT (SELECT min(s.tenant) FROM sla_minutes s WHERE s.tenant > found.tenant)
    FROM found WHERE found.tenant IS NOT NULL LIMIT ?2)
  SELECT tenant FROM found WHERE tenant IS NOT NULL`;

/** Tenants that lines were timed of, by name. */
export async function timedTenants(
  mirror: D1Database,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const { results } = await mirror.prepare(TENANTS).bind(after, limit).all<{ tenant: string }>();
  return results.map(({ tenant }) => tenant);
}

const LOOK = `SELECT j.value AS tenant, (${windowsSql("j.value", "?2", "?3")}) AS found,
    (SELECT ${legible("state")} FROM jobs WHERE job = 'slo:' || j.value) AS state
  FROM json_each(?1) j`;

/** What was counted of a tenant, and how it stood when it was looked at last. */
export interface LookedTenant {
  readonly tenant: string;
  readonly looked: Looked;
  readonly before: Standing | undefined;
  /** The first minute that is in no hour's row yet, of the last three days. */
  readonly oldestMs: number | undefined;
}

export async function lookAtTenants(
  mirror: D1Database,
  tenants: readonly string[],
  at: { readonly nowMs: number; readonly dayMs: number },
): Promise<readonly LookedTenant[]> {
  const { results } = await mirror
    .prepare(LOOK)
    .bind(JSON.stringify(tenants), at.nowMs, at.dayMs)
    .all<{ tenant: string; found: string; state: string | null }>();
  return results.map(({ tenant, found, state }) => {
    // Own text: what the statement builds, and what was kept.
    const windows: WindowsFound = JSON.parse(found);
    const { lines, within } = tallyOf(windows.day);
    const good = Object.fromEntries(LIMITS.map((ms) => [ms, within.get(ms) ?? 0]));
    return {
      tenant,
      looked: { windows: tallies(windows), day: { since_ms: at.dayMs, lines, good } },
      before: state === null ? undefined : keptStanding(JSON.parse(state)),
      oldestMs: windows.oldest ?? undefined,
    };
  });
}

// Not for a tenant that has left meanwhile: nobody would take its name away again.
const KEEP = `INSERT OR REPLACE INTO jobs (job, state, ran_ms)
  SELECT 'slo:' || (value ->> 0), value ->> 1, ?2 FROM json_each(?1)
  WHERE EXISTS (SELECT 1 FROM sla_minutes WHERE tenant = value ->> 0)`;

/** Keeps how tenants stand, for alerts and metrics. */
export async function keepStandings(
  mirror: D1Database,
  standings: ReadonlyMap<string, Standing>,
  nowMs: number,
): Promise<void> {
  const rows = [...standings].map(([tenant, one]) => [tenant, JSON.stringify(one)]);
  await mirror.prepare(KEEP).bind(JSON.stringify(rows), nowMs).run();
}

/** An hour of a tenant. */
export interface TenantHour {
  readonly tenant: string;
  readonly hourMs: number;
}

const MINUTES = `SELECT s.tenant, s.minute_ms, ${legible("s.counts")} AS counts
  FROM json_each(?1) j CROSS JOIN sla_minutes s ON s.tenant = j.value ->> 'tenant'
    AND s.minute_ms >= j.value ->> 'hourMs' AND s.minute_ms < (j.value ->> 'hourMs') + ${HOUR_MS}`;

/** The minutes of these hours, by tenant. */
export async function minutesOf(
  mirror: D1Database,
  hours: readonly TenantHour[],
): Promise<ReadonlyMap<string, readonly Minute[]>> {
  const { results } = await mirror
    .prepare(MINUTES)
    .bind(JSON.stringify(hours))
    .all<{ tenant: string; minute_ms: number; counts: string }>();
  const minutes = results.map(({ tenant, minute_ms, counts }) => {
    return { tenant, minute: { minute_ms, counts: JSON.parse(counts) } };
  });
  const byTenant = Map.groupBy(minutes, ({ tenant }) => tenant);
  return new Map([...byTenant].map(([tenant, of]) => [tenant, of.map(({ minute }) => minute)]));
}

/** An hour's minutes in one row. */
export interface FoldedHour {
  readonly tenant: string;
  readonly hour: Minute;
}

/**
 * Puts hours into one row each, and takes their minutes away. Absolute, and a row that came while
 * nobody looked would be one of the present: whoever does it twice does it once.
 */
export async function foldHours(mirror: D1Database, folded: readonly FoldedHour[]): Promise<void> {
  const rows = JSON.stringify(
    folded.map(({ tenant, hour }) => [tenant, hour.minute_ms, JSON.stringify(hour.counts)]),
  );
  const isOfHour = `s.tenant = j.value ->> 0 AND s.minute_ms >= j.value ->> 1
    AND s.minute_ms < (j.value ->> 1) + ${HOUR_MS}`;
  await mirror.batch([
    mirror
      .prepare(
        `INSERT INTO sla_minutes (tenant, minute_ms, counts)
         SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1) j
         WHERE EXISTS (SELECT 1 FROM sla_minutes s WHERE ${isOfHour})
         ON CONFLICT DO UPDATE SET counts = excluded.counts`,
      )
      .bind(rows),
    mirror
      .prepare(
        `DELETE FROM sla_minutes WHERE (tenant, minute_ms) IN (SELECT s.tenant, s.minute_ms
           FROM json_each(?1) j CROSS JOIN sla_minutes s WHERE ${isOfHour}
             AND s.minute_ms > j.value ->> 1)`,
      )
      .bind(rows),
  ]);
}

const PRUNE = `DELETE FROM sla_minutes WHERE (tenant, minute_ms) IN (
    SELECT s.tenant, s.minute_ms FROM json_each(?1) j CROSS JOIN sla_minutes s
    WHERE s.tenant = j.value AND s.minute_ms < ?2 LIMIT ?3)`;

/** Deletes rows of these tenants that are older, so many at most; says how many there were. */
export async function pruneSla(
  mirror: D1Database,
  tenants: readonly string[],
  { beforeMs, limit }: { readonly beforeMs: number; readonly limit: number },
): Promise<number> {
  const { meta } = await mirror.prepare(PRUNE).bind(JSON.stringify(tenants), beforeMs, limit).run();
  return meta.changes;
}
