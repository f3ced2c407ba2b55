import { and, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { Deletion, DeletionProgress, DeletionState } from "../deletion.ts";
import type { Reading } from "../reading.ts";
import { deletions, tenants } from "./tables.ts";
import type { Deleting } from "./directory.ts";
import { deletingIn, tenantCopy, tenantRecord } from "./published.ts";
import type { Act } from "../act.ts";
import type { Store } from "./store.ts";

/** How long one run may be at a deletion; it lets go of it before, unless it dies. */
export const LEASE_MS = 5 * 60_000;

export interface DeletionRequest {
  readonly tenant: string;
  readonly deletionId: string;
  readonly progress: DeletionProgress;
}

type Row = typeof deletions.$inferSelect;

/** No tenant may be written that is on its way out, or was there once. */
export const notDeleted = (tenant: string) =>
  sql`NOT EXISTS (SELECT 1 FROM deletions WHERE tenant = ${tenant})`;

/** Whether a tenant is being deleted; from the primary. */
export async function deletingOf(
  db: DrizzleD1Database,
  tenant: string,
): Promise<Deleting | undefined> {
  const [row] = await db
    .select({ state: deletions.state })
    .from(deletions)
    .where(eq(deletions.tenant, tenant));
  return row && deletingIn(row.state);
}

/** Those of these tenants for whom nothing may be done any more. */
export async function departedOf(
  db: DrizzleD1Database,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ tenant: deletions.tenant })
    .from(deletions)
    .where(
      and(inArray(deletions.tenant, [...names]), inArray(deletions.state, ["purging", "purged"])),
    );
  return new Set(rows.map(({ tenant }) => tenant));
}

/** Deletions of tenants, as people ask for them. */
export const deletionStore = (store: Store) => ({
  get: (tenant: string) => get(store, tenant),

  /** The same for a reader: from the primary, as what is done about it is decided upon what it shows. */
  async read(tenant: string): Promise<Reading<Deletion | undefined>> {
    const session = store.writes();
    return session.reading(await get(session, tenant));
  },

  request: (asked: DeletionRequest, act: Act) => request(store, asked, act),

  /** A person has the export. Nothing where the deletion has gone on meanwhile. */
  confirm(deletion: Deletion, act: Act): Promise<Deletion | undefined> {
    const confirmed = JSON.stringify({ by: act.actor, at_ms: act.nowMs });
    // Only this: cron may be about to let go of the rest.
    const progress = sql`json_set(progress, '$.confirmed', json(${confirmed}))`;
    const changed = { state: "exported", progress, action: "tenant.delete_confirm" } as const;
    return change(store, deletion, changed, act);
  },

  /** Brings the tenant back. False where it is too late. */
  cancel: (deletion: Deletion, act: Act) => cancel(store, deletion, act),
});

const waitsForNobody = sql`(state <> 'exported' OR progress ->> 'skip_export'
  OR progress ->> 'confirmed' IS NOT NULL)`;

/** The same, as cron does them: one run at a time is at a deletion. */
export const deletionSteps = (store: Store) => ({
  /** From here on there is no way back. */
  beginPurge: (deletion: Deletion, progress: DeletionProgress, act: Act) =>
    change(
      store,
      deletion,
      { state: "purging", progress: keptCount(progress), action: "tenant.purge" },
      act,
    ),

  /** Those that cron has something to do about, the oldest first. */
  async open(limit: number): Promise<readonly Deletion[]> {
    const rows = await store.db
      .select()
      .from(deletions)
      .where(and(isNull(deletions.purgedMs), waitsForNobody))
      .orderBy(deletions.requestedMs)
      .limit(limit);
    return rows.map(deletionOf);
  },

  /** Takes a deletion for a while. Nothing where somebody else is at it. */
  async claim({ tenant, deletionId }: Deletion, nowMs: number): Promise<Deletion | undefined> {
    const [row] = await store.db
      .update(deletions)
      .set({ progress: sql`json_set(progress, '$.lease_ms', ${nowMs + LEASE_MS})` })
      .where(
        sql`tenant = ${tenant} AND deletion_id = ${deletionId} AND purged_ms IS NULL
          AND coalesce(progress ->> 'lease_ms', 0) <= ${nowMs}`,
      )
      .returning();
    return row && deletionOf(row);
  },

  /** Saves a step. False where the lease has gone to somebody else, or a person has acted. */
  async save(
    { tenant, deletionId, state, progress: { lease_ms } }: Deletion,
    to: {
      readonly state?: DeletionState;
      readonly progress: DeletionProgress;
      readonly purgedMs?: number;
    },
  ): Promise<boolean> {
    const { meta } = await store.db
      .update(deletions)
      .set({
        state: to.state ?? state,
        progress: keptCount(to.progress),
        ...(to.purgedMs === undefined ? {} : { purgedMs: to.purgedMs }),
      })
      .where(
        sql`tenant = ${tenant} AND deletion_id = ${deletionId} AND state = ${state}
          AND progress ->> 'lease_ms' = ${lease_ms ?? 0}`,
      );
    return meta.changes > 0;
  },

  /** Lets go of a deletion, if it is still held. */
  async release({ tenant, deletionId, progress: { lease_ms } }: Deletion): Promise<void> {
    await store.db
      .update(deletions)
      .set({ progress: sql`json_remove(progress, '$.lease_ms')` })
      .where(
        sql`tenant = ${tenant} AND deletion_id = ${deletionId}
          AND progress ->> 'lease_ms' = ${lease_ms ?? 0}`,
      );
  },
});

/** Counts messages that came too late. */
export async function countDropped(
  db: DrizzleD1Database,
  tenant: string,
  messages: number,
): Promise<void> {
  const dropped = sql`coalesce(progress ->> 'dropped', 0) + ${messages}`;
  await db
    .update(deletions)
    .set({ progress: sql`json_set(progress, '$.dropped', ${dropped})` })
    .where(eq(deletions.tenant, tenant));
}

async function get({ db }: Pick<Store, "db">, tenant: string): Promise<Deletion | undefined> {
  const [row] = await db.select().from(deletions).where(eq(deletions.tenant, tenant));
  return row && deletionOf(row);
}

/** The tenant's deletion, this one or the one that is on its way already; nothing without a tenant. */
async function request(
  store: Store,
  { tenant, deletionId, progress }: DeletionRequest,
  act: Act,
): Promise<Deletion | undefined> {
  const [row] = await store.db.select().from(tenants).where(eq(tenants.tenant, tenant));
  if (row === undefined) return get(store, tenant);
  const copy = tenantCopy(tenant);
  const { skip_export, include_raw } = progress;
  const state = skip_export ? "exported" : "exporting";
  const commit = await store.commit(
    {
      tenant,
      action: "tenant.delete",
      target: copy,
      detail: { deletion_id: deletionId, skip_export, include_raw },
      guard: sql`EXISTS (SELECT 1 FROM tenants WHERE tenant = ${tenant}) AND ${notDeleted(tenant)}`,
      mutation: (db) =>
        db
          .insert(deletions)
          .values({
            tenant,
            deletionId,
            state,
            shard: row.shard,
            jurisdiction: row.jurisdiction,
            progress: JSON.stringify(progress),
            requestedBy: act.actor,
            requestedMs: act.nowMs,
          })
          .onConflictDoNothing(),
      copy,
    },
    act,
  );
  if (commit.kind === "saved") await store.publish(copy, tenantRecord(row, deletingIn(state)));
  return get(store, tenant);
}

interface Changed {
  readonly state: "exported" | "purging";
  readonly progress: SQL;
  readonly action: string;
}

async function change(
  store: Store,
  { tenant, deletionId, state: from }: Deletion,
  { state, progress, action }: Changed,
  act: Act,
): Promise<Deletion | undefined> {
  const isSame = sql`tenant = ${tenant} AND deletion_id = ${deletionId} AND state = ${from}`;
  const copy = tenantCopy(tenant);
  const commit = await store.commit(
    {
      tenant,
      action,
      target: copy,
      detail: { deletion_id: deletionId },
      guard: sql`EXISTS (SELECT 1 FROM deletions WHERE ${isSame})`,
      mutation: (db) => db.update(deletions).set({ state, progress }).where(isSame),
      copy,
    },
    act,
  );
  if (commit.kind === "raced") return undefined;
  const [row] = await store.db.select().from(tenants).where(eq(tenants.tenant, tenant));
  if (row !== undefined) await store.publish(copy, tenantRecord(row, deletingIn(state)));
  return get(store, tenant);
}

async function cancel(store: Store, { tenant, deletionId }: Deletion, act: Act): Promise<boolean> {
  const isOpen = sql`tenant = ${tenant} AND deletion_id = ${deletionId}
    AND state IN ('exporting', 'exported')`;
  const copy = tenantCopy(tenant);
  const commit = await store.commit(
    {
      tenant,
      action: "tenant.delete_cancel",
      target: copy,
      detail: { deletion_id: deletionId },
      guard: sql`EXISTS (SELECT 1 FROM deletions WHERE ${isOpen})`,
      mutation: (db) => db.delete(deletions).where(isOpen),
      copy,
    },
    act,
  );
  if (commit.kind === "raced") return false;
  const [row] = await store.db.select().from(tenants).where(eq(tenants.tenant, tenant));
  if (row !== undefined) await store.publish(copy, tenantRecord(row));
  return true;
}

/** Others count while a step is on its way: their number is not ours to write. */
const keptCount = (progress: DeletionProgress) =>
  sql`json_set(${JSON.stringify(progress)}, '$.dropped', coalesce(progress ->> 'dropped', 0))`;

function deletionOf(row: Row): Deletion {
  const { jurisdiction, purgedMs, ...rest } = row;
  return {
    ...rest,
    // Own text: what was written is what is read.
    progress: JSON.parse(row.progress),
    ...(jurisdiction === null ? {} : { jurisdiction }),
    ...(purgedMs === null ? {} : { purgedMs }),
  };
}
