import { and, asc, eq, gt, isNull, lte, or, sql } from "drizzle-orm";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import { apiKeys } from "./tables.ts";
import { type Role, ROLES } from "./directory.ts";
import { keyCopy, keyRecord, scopesOf } from "./published.ts";
import { type Full, fullOf, hasRoom, insertWhere, keysOf } from "./room.ts";
import type { Act } from "../act.ts";
import type { Store } from "./store.ts";

/** An API key as its administrators see it: what it may do, never what it is. */
export interface KeySettings {
  readonly keyId: string;
  readonly role: Role;
  readonly subject?: string;
  readonly label?: string;
  /** The permissions that it is narrowed to; absent where its role has them all. */
  readonly scopes?: readonly string[];
  /** SHA-256 of a client certificate, hex: then that is the credential, and there is no key. */
  readonly certificate?: string;
  readonly createdMs: number;
  readonly expiresMs?: number;
  /** Within an hour. */
  readonly lastUsedMs?: number;
}

export interface KeyWrite extends Omit<KeySettings, "createdMs" | "lastUsedMs"> {
  readonly tenant: string;
  /** What hash.ts makes of the credential: all that is stored of a key. */
  readonly hash: string;
}

export interface KeyName {
  readonly tenant: string;
  readonly keyId: string;
}

/** `taken`: a live key of the tenant has this certificate. */
export type KeyCreation =
  | ({ readonly kind: "created"; readonly key: KeySettings } & Marked)
  | { readonly kind: "raced" }
  | { readonly kind: "taken" }
  | Full;

export type KeyRevocation = ({ readonly kind: "revoked" } & Marked) | { readonly kind: "missing" };

/** A use is not written down again so soon after the last one that was. */
const USE_NOTED_MS = 3_600_000;

type Row = typeof apiKeys.$inferSelect;

export const keyStore = (store: Store) => ({
  create: (write: KeyWrite, act: Act) => create(store, write, act),
  revoke: (name: KeyName, act: Act) => revoke(store, name, act),

  /** Notes that a key was used; within an hour of the last note, whoever wrote that one, nothing. */
  async noteUse({ tenant, keyId }: KeyName, atMs: number): Promise<void> {
    const isDue = or(isNull(apiKeys.lastUsedMs), lte(apiKeys.lastUsedMs, atMs - USE_NOTED_MS));
    await store.db
      .update(apiKeys)
      .set({ lastUsedMs: atMs })
      .where(and(eq(apiKeys.tenant, tenant), eq(apiKeys.keyId, keyId), isDue));
  },

  /** Those not revoked, by their id. */
  async list(
    reader: ControlReader,
    { after = "", limit }: Part<string>,
  ): Promise<Reading<readonly KeySettings[]>> {
    const session = store.reads(reader);
    const isAsked = and(eq(apiKeys.tenant, reader.tenant), gt(apiKeys.keyId, after));
    const rows = await session.db
      .select()
      .from(apiKeys)
      .where(and(isAsked, isNull(apiKeys.revokedMs)))
      .orderBy(asc(apiKeys.keyId))
      .limit(limit);
    const known = rows.flatMap((row) => {
      const role = ROLES.find((name) => name === row.role);
      return role === undefined ? [] : [settings(row, role)];
    });
    return session.reading(known);
  },
});

async function create(store: Store, write: KeyWrite, act: Act): Promise<KeyCreation> {
  const { tenant, keyId, hash, role, subject = null, certificate = null } = write;
  const { label = null, scopes, expiresMs = null } = write;
  const times = { createdMs: act.nowMs, expiresMs, revokedMs: null, lastUsedMs: null };
  const narrowed = { scopes: scopes === undefined ? null : JSON.stringify(scopes) };
  const row: Row = {
    tenant,
    keyId,
    hash,
    role,
    subject,
    certificate,
    label,
    ...narrowed,
    ...times,
  };
  const copy = keyCopy(hash);
  const room = keysOf(tenant, act.nowMs);
  const guard = sql`EXISTS (SELECT 1 FROM tenants WHERE tenant = ${tenant}) AND NOT EXISTS
    (SELECT 1 FROM api_keys WHERE hash = ${hash} OR (tenant = ${tenant} AND key_id = ${keyId}))
    AND ${hasRoom(room)}`;
  const commit = await store.commit(
    {
      tenant,
      action: "key.create",
      target: `key:${keyId}`,
      detail: { role, subject, scopes, certificate, expires_ms: expiresMs },
      guard,
      mutation: (db) => insertWhere(db, { table: apiKeys, row, guard }),
      copy,
    },
    act,
  );
  if (commit.kind === "raced") return whyNot(store, hash, room);
  await store.publish(copy, keyRecord(row));
  return { ...commit, kind: "created", key: settings(row, role) };
}

async function whyNot(
  { db }: Store,
  hash: string,
  room: Parameters<typeof fullOf>[1],
): Promise<KeyCreation> {
  const [taken] = await db.select().from(apiKeys).where(eq(apiKeys.hash, hash));
  if (taken !== undefined) return { kind: "taken" };
  return (await fullOf(db, room)) ?? { kind: "raced" };
}

async function revoke(store: Store, { tenant, keyId }: KeyName, act: Act): Promise<KeyRevocation> {
  const isLive = sql`tenant = ${tenant} AND key_id = ${keyId} AND revoked_ms IS NULL`;
  const [row] = await store.db.select().from(apiKeys).where(isLive);
  if (row === undefined) return { kind: "missing" };
  const copy = keyCopy(row.hash);
  // A certificate can be registered again, so its hash must not stay taken.
  const freed = row.certificate === null ? {} : { hash: `${row.hash}:${keyId}` };
  const commit = await store.commit(
    {
      tenant,
      action: "key.revoke",
      target: `key:${keyId}`,
      detail: { role: row.role, subject: row.subject, certificate: row.certificate },
      guard: sql`EXISTS (SELECT 1 FROM api_keys WHERE ${isLive})`,
      mutation: (db) =>
        db
          .update(apiKeys)
          .set({ revokedMs: act.nowMs, ...freed })
          .where(isLive),
      copy,
    },
    act,
  );
  // Two revocations at once end the same.
  await store.publish(copy, undefined);
  return { ...commit, kind: "revoked" };
}

function settings(row: Row, role: Role): KeySettings {
  const { keyId, subject, label, certificate, createdMs, expiresMs, lastUsedMs } = row;
  const scopes = scopesOf(row);
  return {
    keyId,
    role,
    createdMs,
    ...(subject === null ? {} : { subject }),
    ...(label === null ? {} : { label }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(certificate === null ? {} : { certificate }),
    ...(expiresMs === null ? {} : { expiresMs }),
    ...(lastUsedMs === null ? {} : { lastUsedMs }),
  };
}
