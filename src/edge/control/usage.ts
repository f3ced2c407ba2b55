import { gt, and, asc, eq, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { CountedDay } from "../event-count.ts";
import type { ControlReader, Marked, Reader, Reading } from "../reading.ts";
import type { TenantQuotas } from "../tenant-quotas.ts";
import { quotasOf } from "./published.ts";
import { keysOf, sourcesOf } from "./room.ts";
import type { Store } from "./store.ts";
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
  readonly store: Pick<Store, "reads">;
  /** How many events the mirror has counted. */
  readonly counted: (reader: Reader) => Promise<Reading<CountedDay | undefined>>;
  readonly nowMs: () => number;
}

/** What was read, and where either database stood. */
export interface UsageRead {
  readonly value: Usage | undefined;
  readonly control: Marked;
  readonly mirror: Marked;
}

/** The control tables by the one's bookmark, the mirror by the other's. */
export const usageOf =
  ({ store, counted, nowMs }: UsagePorts) =>
  async (reader: ControlReader, mirrored: Reader): Promise<UsageRead> => {
    const { tenant } = reader;
    const [sources, keys] = [sourcesOf(tenant), keysOf(tenant, nowMs())];
    const session = store.reads(reader);
    const [row] = await session.db
      .select({
        quotas: tenants.quotas,
        sources: sql<number>`${sources.used}`,
        sourcesMax: sql<number>`${sources.limit}`,
        keys: sql<number>`${keys.used}`,
        keysMax: sql<number>`${keys.limit}`,
      })
      .from(tenants)
      .where(eq(tenants.tenant, tenant));
    const control = session.mark();
    if (row === undefined) return { value: undefined, control, mirror: {} };
    const { value: events, ...mirror } = await counted(mirrored);
    const value = {
      quotas: quotasOf(row),
      sources: { used: row.sources, limit: row.sourcesMax },
      keys: { used: row.keys, limit: row.keysMax },
      ...(events === undefined ? {} : { events }),
    };
    return { value, control, mirror };
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
