import type { TenantFigures } from "../../core/operation/tenant-metrics.ts";
import { SOURCES_DEFAULT } from "../tenant-quotas.ts";
import { quotasOf } from "./published.ts";

/** Tenants that are counted: above that nobody needs to know how many there are to see that they are many. */
const COUNTED_TENANTS_MAX = 10_000;

// A tenant that is on its way out is gone for callers.
const STAYING = "NOT EXISTS (SELECT 1 FROM deletions d WHERE d.tenant = t.tenant)";
const COLUMNS = `t.tenant, t.shard, t.quotas,
  (SELECT count(*) FROM sources s WHERE s.tenant = t.tenant) AS sources,
  (SELECT json_group_array(s.source) FROM sources s
    WHERE s.tenant = t.tenant AND s.paused_ms IS NOT NULL) AS paused`;

const ONE = `SELECT ${COLUMNS} FROM tenants t WHERE t.tenant = ?1 AND ${STAYING}`;

const PAGE = `SELECT ${COLUMNS} FROM tenants t
  WHERE t.tenant > ?1 AND ${STAYING} ORDER BY t.tenant LIMIT ?2`;

const COUNT = `SELECT count(*) AS tenants, coalesce(sum(tenant > ?1), 0) AS behind FROM
  (SELECT tenant FROM tenants t WHERE ${STAYING} LIMIT ${COUNTED_TENANTS_MAX})`;

interface TenantRow {
  readonly tenant: string;
  readonly shard: number;
  readonly quotas: string | null;
  readonly sources: number;
  /** JSON. */
  readonly paused: string;
}

/** What the control tables know of a tenant's figures. */
export interface ControlFigures {
  readonly tenant: string;
  readonly shard: number;
  readonly paused: ReadonlySet<string>;
  /** With what was used, but for the events of the day, which the mirror counts. */
  readonly quotasWith: (eventsToday: number) => TenantFigures["quotas"];
}

export interface TenantsFound {
  readonly tenants: readonly ControlFigures[];
  readonly all: number;
  /** Behind the last of these. */
  readonly omitted: number;
}

/** One tenant's figures. */
export async function figuresOfTenant(
  session: D1DatabaseSession,
  tenant: string,
): Promise<readonly ControlFigures[]> {
  const { results } = await session.prepare(ONE).bind(tenant).all<TenantRow>();
  return results.map(figuresOf);
}

/** A page of all tenants by name, and how many there are. */
export async function figuresOfTenants(
  session: D1DatabaseSession,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<TenantsFound> {
  const { results } = await session.prepare(PAGE).bind(after, limit).all<TenantRow>();
  const last = results.at(-1)?.tenant ?? after;
  const count = await session
    .prepare(COUNT)
    .bind(last)
    .first<{ tenants: number; behind: number }>();
  return {
    tenants: results.map(figuresOf),
    all: count?.tenants ?? 0,
    omitted: count?.behind ?? 0,
  };
}

function figuresOf(row: TenantRow): ControlFigures {
  const { tenant, shard, sources } = row;
  const { events_per_day: limit = null, sources: sourcesMax = SOURCES_DEFAULT } = quotasOf(row);
  return {
    tenant,
    shard,
    // Own text: what the statement above builds.
    paused: new Set<string>(JSON.parse(row.paused)),
    quotasWith: (eventsToday) => [
      { resource: "events_per_day", used: eventsToday, limit },
      { resource: "sources", used: sources, limit: sourcesMax },
    ],
  };
}
