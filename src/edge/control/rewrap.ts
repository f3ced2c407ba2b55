import { asc, notLike, sql } from "drizzle-orm";
import { type Keyring, tenantPlace } from "../crypto/keyring.ts";
import { deletingOf } from "./deletion-store.ts";
import { tenants } from "./tables.ts";
import { tenantCopy, tenantRecord } from "./published.ts";
import type { Act } from "../act.ts";
import type { Store } from "./store.ts";

const REWRAPPED_MAX = 50;

/**
 * Moves tenants' data keys to the newest master key, a few each run. When a run returns 0, the
 * older master keys can leave MASTER_KEY; what the data keys seal stays as it is.
 */
export async function rewrap(store: Store, keyring: Keyring, act: Act): Promise<number> {
  const { db } = store;
  const waiting = await db
    .select()
    .from(tenants)
    .where(notLike(tenants.dataKey, `${keyring.newest}.%`))
    .orderBy(asc(tenants.tenant))
    .limit(REWRAPPED_MAX);
  for (const row of waiting) {
    const { tenant } = row;
    const dataKey = await keyring.rewrap(row.dataKey, tenantPlace(tenant));
    if (dataKey === undefined) continue;
    const copy = tenantCopy(tenant);
    const unchanged = sql`tenant = ${tenant} AND data_key = ${row.dataKey}`;
    const commit = await store.commit(
      {
        tenant,
        action: "tenant.rewrap",
        target: copy,
        copy,
        detail: { master: keyring.newest },
        guard: sql`EXISTS (SELECT 1 FROM tenants WHERE ${unchanged})`,
        mutation: (session) => session.update(tenants).set({ dataKey }).where(unchanged),
      },
      act,
    );
    if (commit.kind === "raced") continue;
    await store.publish(copy, tenantRecord({ ...row, dataKey }, await deletingOf(db, tenant)));
  }
  return waiting.length;
}
