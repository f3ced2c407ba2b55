import { gt, and, asc, eq, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { CountedDay } from "../event-count.ts";
import type { TenantQuotas } from "../tenant-quotas.ts";
import { quotasOf } from "./published.ts";
import { keysOf, sourcesOf } from "./room.ts";
import { tenants } from "./tables.ts";

/** What a tenant uses, and what it may. */
export interface Usage {
  readonly quotas: TenantQuotas;
  readonly sources: Used;
  readonly keys: Used;
  /** Nothing before its first event. */
  readonly events?: CountedDay;
}

interface Used {
  readonly used: number;
  readonly limit: number;
}

export interface UsagePorts {
  readonly db: DrizzleD1Database;
  readonly counted: (tenant: { tenant: string; shard: number }) => Promise<CountedDay | undefined>;
  readonly nowMs: () => number;
}

/** From the primary: whoever has just created something sees it counted. */
export const usageOf =
  ({ db, counted, nowMs }: UsagePorts) =>
  async (place: { tenant: string; shard: number }): Promise<Usage | undefined> => {
    const { tenant } = place;
    const [sources, keys] = [sourcesOf(tenant), keysOf(tenant, nowMs())];
    const [row] = await db
      .select({
        quotas: tenants.quotas,
        sources: sql<number>`${sources.used}`,
        sourcesMax: sql<number>`${sources.limit}`,
        keys: sql<number>`${keys.used}`,
        keysMax: sql<number>`${keys.limit}`,
      })
      .from(tenants)
      .where(eq(tenants.tenant, tenant));
    if (row === undefined) return undefined;
    const events = await counted(place);
    return {
      quotas: quotasOf(row),
      sources: { used: row.sources, limit: row.sourcesMax },
      keys: { used: row.keys, limit: row.keysMax },
      ...(events === undefined ? {} : { events }),
    };
  };

const PAGE_TENANTS = 50;

/** A shard's tenants by name with their quota of events, those after `after`. */
export async function quotasAfter(
  db: DrizzleD1Database,
  shard: number,
  after: string,
): Promise<readonly { tenant: string; eventsPerDay?: number }[]> {
  const rows = await db
    .select({ tenant: tenants.tenant, quotas: tenants.quotas })
    .from(tenants)
    .where(and(eq(tenants.shard, shard), gt(tenants.tenant, after)))
    .orderBy(asc(tenants.tenant))
    .limit(PAGE_TENANTS);
  return rows.map((row) => {
    const { events_per_day: eventsPerDay } = quotasOf(row);
    return { tenant: row.tenant, ...(eventsPerDay === undefined ? {} : { eventsPerDay }) };
  });
}
