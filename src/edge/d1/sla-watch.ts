import { LIMITS } from "../../core/sla/objectives.ts";
import {
  HOUR_MS,
  hourOf,
  keptStanding,
  type Looked,
  type Minute,
  type Standing,
} from "../../core/sla/standing.ts";
import { legible } from "./count-lines.ts";
import { LONGEST_MS, tallies, tallyOf, type WindowsFound, windowsSql } from "./sla-windows.ts";

// A few look-ups a tenant, however many rows it has.
const TENANTS = `WITH RECURSIVE found(tenant) AS (
    SELECT min(tenant) FROM sla_minutes WHERE tenant > ?1
    UNION ALL
    SELECT (SELECT min(s.tenant) FROM sla_minutes s WHERE s.tenant > found.tenant)
    FROM found WHERE found.tenant IS NOT NULL LIMIT ?2)
  SELECT tenant, (SELECT ${legible("state")} FROM jobs WHERE job = 'slo:' || tenant) AS state,
    EXISTS (SELECT 1 FROM sla_minutes s WHERE s.tenant = found.tenant AND s.minute_ms >= ?3) AS news
  FROM found WHERE tenant IS NOT NULL`;

/** A tenant that lines were timed of, and how it stood when it was looked at last. */
export interface TimedTenant {
  readonly tenant: string;
  readonly before: Standing | undefined;
  /** Whether there were lines in a minute since the one that was asked for. */
  readonly hasNews: boolean;
}

/** Tenants that lines were timed of, by name. */
export async function timedTenants(
  mirror: D1Database,
  { after, sinceMs }: { readonly after: string; readonly sinceMs: number },
  limit: number,
): Promise<readonly TimedTenant[]> {
  const { results } = await mirror
    .prepare(TENANTS)
    .bind(after, limit, sinceMs)
    .all<{ tenant: string; state: string | null; news: number }>();
  return results.map(({ tenant, state, news }) => ({
    tenant,
    // Own text: what was kept.
    before: state === null ? undefined : keptStanding(JSON.parse(state)),
    hasNews: news === 1,
  }));
}

const LOOK = `SELECT j.value AS tenant, (${windowsSql("j.value", "?2", "?3")}) AS found
  FROM json_each(?1) j`;

/** What was counted of these tenants, by name. */
export async function lookAtTenants(
  mirror: D1Database,
  tenants: readonly string[],
  at: { readonly nowMs: number; readonly dayMs: number },
): Promise<ReadonlyMap<string, Looked>> {
  const { results } = await mirror
    .prepare(LOOK)
    .bind(JSON.stringify(tenants), at.nowMs, at.dayMs)
    .all<{ tenant: string; found: string }>();
  return new Map(
    results.map(({ tenant, found }) => {
      // Own text: what the statement builds.
      const windows: WindowsFound = JSON.parse(found);
      const { lines, within } = tallyOf(windows.day);
      const good = Object.fromEntries(LIMITS.map((ms) => [ms, within.get(ms) ?? 0]));
      const day = { since_ms: at.dayMs, lines, good };
      return [tenant, { windows: tallies(windows), day }] as const;
    }),
  );
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

// In the order of the key: it ends with the first minute that it finds.
const UNFOLDED = `SELECT tenant, minute_ms FROM (SELECT j.value AS tenant,
    (SELECT minute_ms FROM sla_minutes WHERE tenant = j.value AND minute_ms > ?2 - ${LONGEST_MS}
      AND minute_ms < ?2 AND minute_ms % ${HOUR_MS} <> 0 ORDER BY minute_ms LIMIT 1) AS minute_ms
    FROM json_each(?1) j) WHERE minute_ms IS NOT NULL`;

/** The first hour before a moment whose minutes have rows of their own, of each tenant that has any. */
export async function unfoldedHours(
  mirror: D1Database,
  tenants: readonly string[],
  beforeMs: number,
): Promise<readonly TenantHour[]> {
  const { results } = await mirror
    .prepare(UNFOLDED)
    .bind(JSON.stringify(tenants), beforeMs)
    .all<{ tenant: string; minute_ms: number }>();
  return results.map(({ tenant, minute_ms }) => ({ tenant, hourMs: hourOf(minute_ms) }));
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
