import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import { apiKeys } from "./tables.ts";
import { type Role, ROLES } from "./directory.ts";
import { keyCopy, keyRecord } from "./published.ts";
import type { Act, Store } from "./store.ts";

/** An API key as its administrators see it: what it may do, never what it is. */
export interface KeySettings {
  readonly keyId: string;
  readonly role: Role;
  readonly subject?: string;
  readonly label?: string;
  readonly createdMs: number;
  readonly expiresMs?: number;
}

export interface KeyWrite extends Omit<KeySettings, "createdMs"> {
  readonly tenant: string;
  /** SHA-256 of the key, hex: all that is stored of it. */
  readonly hash: string;
}

export interface KeyName {
  readonly tenant: string;
  readonly keyId: string;
}

type Row = typeof apiKeys.$inferSelect;

export const keyStore = (store: Store) => ({
  create: (write: KeyWrite, act: Act) => create(store, write, act),
  revoke: (name: KeyName, act: Act) => revoke(store, name, act),

  /** Those not revoked, by their id. */
  async list(
    tenant: string,
    { after = "", limit }: { after?: string; limit: number },
  ): Promise<readonly KeySettings[]> {
    const rows = await store.db
      .select()
      .from(apiKeys)
      .where(and(eq(apiKeys.tenant, tenant), gt(apiKeys.keyId, after), isNull(apiKeys.revokedMs)))
      .orderBy(asc(apiKeys.keyId))
      .limit(limit);
    return rows.flatMap((row) => {
      const role = ROLES.find((name) => name === row.role);
      return role === undefined ? [] : [settings(row, role)];
    });
  },
});

async function create(store: Store, write: KeyWrite, act: Act): Promise<KeySettings | "raced"> {
  const { tenant, keyId, hash, role, subject = null, label = null, expiresMs = null } = write;
  const times = { createdMs: act.nowMs, expiresMs, revokedMs: null };
  const unused = { scopes: null, certificate: null, lastUsedMs: null };
  const row: Row = { tenant, keyId, hash, role, subject, label, ...times, ...unused };
  const copy = keyCopy(hash);
  const commit = await store.commit(
    {
      tenant,
      action: "key.create",
      target: `key:${keyId}`,
      detail: { role, subject, expires_ms: expiresMs },
      guard: sql`EXISTS (SELECT 1 FROM tenants WHERE tenant = ${tenant}) AND NOT EXISTS
        (SELECT 1 FROM api_keys WHERE tenant = ${tenant} AND key_id = ${keyId})`,
      mutation: store.db.insert(apiKeys).values(row).onConflictDoNothing(),
      copy,
    },
    act,
  );
  if (commit === "raced") return "raced";
  await store.publish(copy, keyRecord(row));
  return settings(row, role);
}

async function revoke(
  store: Store,
  { tenant, keyId }: KeyName,
  act: Act,
): Promise<"revoked" | "missing"> {
  const isLive = sql`tenant = ${tenant} AND key_id = ${keyId} AND revoked_ms IS NULL`;
  const [row] = await store.db.select().from(apiKeys).where(isLive);
  if (row === undefined) return "missing";
  const copy = keyCopy(row.hash);
  await store.commit(
    {
      tenant,
      action: "key.revoke",
      target: `key:${keyId}`,
      detail: { role: row.role, subject: row.subject },
      guard: sql`EXISTS (SELECT 1 FROM api_keys WHERE ${isLive})`,
      mutation: store.db.update(apiKeys).set({ revokedMs: act.nowMs }).where(isLive),
      copy,
    },
    act,
  );
  // Two revocations at once end the same.
  await store.publish(copy, undefined);
  return "revoked";
}

function settings(row: Row, role: Role): KeySettings {
  const { keyId, subject, label, createdMs, expiresMs } = row;
  return {
    keyId,
    role,
    createdMs,
    ...(subject === null ? {} : { subject }),
    ...(label === null ? {} : { label }),
    ...(expiresMs === null ? {} : { expiresMs }),
  };
}
