import type { Act } from "../act.ts";
import { and, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { fenceOf, isFenced } from "./idempotency-store.ts";
import { apiKeys, audit, deletions, jobs, sources, tenants } from "./tables.ts";
import { uuidV7 } from "../event-id.ts";
import { ClaimLost } from "../idempotency.ts";
import type { Log } from "../log.ts";
import type { Marked } from "../reading.ts";
import type { PrimaryRecords } from "./cached-directory.ts";
import {
  deletingIn,
  keyRecord,
  type PublishedRecord,
  sourceRecord,
  tenantIn,
  tenantRecord,
} from "./published.ts";
import { type ControlSession, openSession } from "./session.ts";

/** One write to control tables. It lands whole, with its audit row, or not at all. */
export interface Change {
  readonly tenant: string;
  readonly action: string;
  readonly target: string;
  /** What changed. Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** What the decision was made upon, still true when it is saved. */
  readonly guard: SQL;
  readonly mutation: (db: DrizzleD1Database) => BatchItem<"sqlite">;
  /** Lands along with it, before it, and changes nothing that the guard reads. */
  readonly along?: (db: DrizzleD1Database) => BatchItem<"sqlite">;
  /** The copy in KV that the hot paths read; absent for what has none. */
  readonly copy?: string;
}

/**
 * Saved, and which bookmark sees it; or lost against another write since the decision was made: read
 * again and decide again.
 */
type Commit = ({ readonly kind: "saved" } & Marked) | { readonly kind: "raced" };

export interface StorePorts {
  readonly d1: D1Database;
  readonly kv: Pick<KVNamespace, "put" | "delete">;
  /** Memory of this isolate: see CachedDirectory. */
  readonly changed: (copy: string, record: object | undefined) => Promise<void>;
  readonly log: Log;
}

/** What the stores of tenants, sources and keys have in common: commit, then publish. */
export interface Store {
  /** The primary: what is decided is decided upon this. */
  readonly db: DrizzleD1Database;
  /** The nearest replica, unless the reader's bookmark says that it is behind. */
  readonly reads: (reader: Marked) => ControlSession;
  /** Begins with the primary, and can tell how far a write has brought it. */
  readonly writes: () => ControlSession;
  commit(change: Change, act: Act): Promise<Commit>;
  /** Copies to KV, then to memory. KV's failure is no error: {@link republish} heals it. */
  publish(copy: string, record: PublishedRecord | undefined): Promise<boolean>;
}

/** Rows of `jobs` that name a copy which KV may not have yet. */
const PENDING = "publish:";
/** A younger one may still be on its way from the request that wrote it. */
const PENDING_AGE_MS = 10_000;
const REPUBLISHED_MAX = 100;

export function createStore({ d1, kv, changed, log }: StorePorts): Store {
  const db = drizzle(d1);
  const reads = ({ bookmark = "first-unconstrained" }: Marked) => openSession(d1, bookmark);
  const writes = () => openSession(d1, "first-primary");

  async function commit(change: Change, act: Act): Promise<Commit> {
    const { tenant, action, target, detail, guard, mutation, along, copy } = change;
    const session = writes();
    // The mutation comes last: it alone may change what the guard reads.
    const trail = session.db.insert(audit).select(
      sql`SELECT ${tenant}, ${uuidV7(act.nowMs)}, ${act.nowMs}, ${act.actor}, ${action},
          ${target}, ${JSON.stringify(detail)} WHERE ${guard}`,
    );
    const pending = copy === undefined ? [] : [pendingCopy(session.db, { copy, guard, act })];
    const more = along === undefined ? [] : [along(session.db)];
    const fence = act.claim === undefined ? [] : fenceOf(session.db, act.claim, guard);
    const [saved] = await session.db
      .batch([trail, ...pending, ...fence, ...more, mutation(session.db)])
      .catch((error: unknown) => {
        throw isFenced(error) ? new ClaimLost("Cannot write", { cause: error }) : error;
      });
    if (saved.meta.changes === 0) return { kind: "raced" };
    act.saved?.();
    return { kind: "saved", ...session.mark() };
  }

  async function publish(copy: string, record: PublishedRecord | undefined): Promise<boolean> {
    const inKv = await publishToKv(kv, copy, record).catch((error: unknown) => {
      const kind = copy.slice(0, copy.indexOf(":"));
      const tenant = record?.tenant ?? tenantIn(copy);
      log("warn", "control.publish_failed", { tenant, kind, error });
      return false;
    });
    await changed(copy, record);
    return inKv;
  }

  return { db, reads, writes, commit, publish };
}

/** A note that KV may not have this copy yet. */
const pendingCopy = (
  db: DrizzleD1Database,
  { copy, guard, act }: { copy: string; guard: SQL; act: Act },
) =>
  db
    .insert(jobs)
    .select(sql`SELECT ${PENDING + copy}, '', ${act.nowMs} WHERE ${guard}`)
    .onConflictDoUpdate({ target: jobs.job, set: { ranMs: act.nowMs } });

/**
 * Writes again every copy that a change has touched since the last run, from D1 as it stands now.
 * So a failed or overtaken write to KV lasts until the next run and no longer. Returns how many.
 */
export async function republish(
  { d1, kv }: Pick<StorePorts, "d1" | "kv">,
  nowMs: number,
): Promise<number> {
  const db = drizzle(d1);
  const primary = primaryRecords(d1);
  const pending = await db
    .select()
    .from(jobs)
    .where(
      and(
        // A range instead of LIKE: the primary key serves it. `;` follows `:`.
        gte(jobs.job, PENDING),
        lt(jobs.job, "publish;"),
        lt(jobs.ranMs, nowMs - PENDING_AGE_MS),
      ),
    )
    .limit(REPUBLISHED_MAX);
  for (const { job, ranMs } of pending) {
    const copy = job.slice(PENDING.length);
    await publishToKv(kv, copy, await recordOf(primary, copy));
    const [, tenant = "", source = ""] = /^source:([^/]+)\/(.+)$/.exec(copy) ?? [];
    await db.batch([
      db.delete(jobs).where(and(eq(jobs.job, job), eq(jobs.ranMs, ranMs))),
      publishedAt(db, { tenant, source }, nowMs),
    ]);
  }
  return pending.length;
}

/** Notes that KV has the newest copy of a source. */
export const publishedAt = (
  db: DrizzleD1Database,
  { tenant, source }: { tenant: string; source: string },
  atMs: number,
) =>
  db
    .update(sources)
    .set({ publishedMs: atMs })
    .where(and(eq(sources.tenant, tenant), eq(sources.source, source)));

/** What D1 holds of the copies: always from the primary, a replica may lag behind a write. */
export function primaryRecords(d1: D1Database): PrimaryRecords {
  const db = drizzle(d1);
  return {
    async tenant(tenant) {
      const [row] = await db
        .select()
        .from(tenants)
        .leftJoin(deletions, eq(deletions.tenant, tenants.tenant))
        .where(eq(tenants.tenant, tenant));
      const deleting = row?.deletions?.state;
      return row && tenantRecord(row.tenants, deleting && deletingIn(deleting));
    },
    async source(tenant, source) {
      const [row] = await db
        .select()
        .from(sources)
        .where(and(eq(sources.tenant, tenant), eq(sources.source, source)));
      return row && sourceRecord(row);
    },
    async key(hash) {
      const [row] = await db.select().from(apiKeys).where(eq(apiKeys.hash, hash));
      return row && keyRecord(row);
    },
  };
}

function recordOf(primary: PrimaryRecords, copy: string): Promise<PublishedRecord | undefined> {
  const colon = copy.indexOf(":");
  const name = copy.slice(colon + 1);
  switch (copy.slice(0, colon)) {
    case "tenant":
      return primary.tenant(name);
    case "source":
      return primary.source(name.slice(0, name.indexOf("/")), name.slice(name.indexOf("/") + 1));
    case "key":
      return primary.key(name);
    default:
      throw new Error(`Cannot publish "${copy}": it is no known kind of copy`);
  }
}

async function publishToKv(
  kv: StorePorts["kv"],
  copy: string,
  record: PublishedRecord | undefined,
): Promise<boolean> {
  if (record === undefined) await kv.delete(copy);
  else await kv.put(copy, JSON.stringify(record));
  return true;
}
