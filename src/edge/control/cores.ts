import { corePlace } from "../crypto/keyring.ts";
import { open } from "../crypto/seal.ts";
import type { Directory } from "./directory.ts";

/** A tenant's core: its address, and what it takes as credential. */
export interface CoreAddress {
  readonly url: string;
  readonly auth: string;
}

/** Where a tenant's core is, its credential opened; nothing where the tenant has none. */
export async function coreOf(
  control: D1Database,
  directory: Directory,
  tenant: string,
): Promise<CoreAddress | undefined> {
  const known = await directory.tenant(tenant);
  const row = await control
    .prepare("SELECT core_url AS url, core_auth AS auth FROM tenants WHERE tenant = ?")
    .bind(tenant)
    .first<{ url: string | null; auth: string | null }>();
  if (known === undefined || row?.url == null || row.auth === null) return undefined;
  const plain = await open(known.dataKey, row.auth, corePlace(tenant));
  return { url: row.url, auth: new TextDecoder().decode(plain) };
}

/** Whether a tenant has a core to compare with. */
export async function hasCore(control: D1Database, tenant: string): Promise<boolean> {
  const found = await control
    .withSession("first-primary")
    .prepare("SELECT core_url IS NOT NULL AS found FROM tenants WHERE tenant = ?")
    .bind(tenant)
    .first<number>("found");
  return found === 1;
}

/** Tenants of a shard that mirror a core, and are not on their way out. */
export async function mirroringTenants(
  control: D1Database,
  shard: number,
): Promise<readonly string[]> {
  const { results } = await control
    .prepare(
      `SELECT tenant FROM tenants t WHERE shard = ?1 AND mode = 'mirror' AND core_url IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM deletions d WHERE d.tenant = t.tenant) ORDER BY tenant`,
    )
    .bind(shard)
    .all<{ tenant: string }>();
  return results.map(({ tenant }) => tenant);
}

const IS_CORES = `SELECT coalesce(access ->> '$.core_source' = ?2, NOT EXISTS (SELECT 1 FROM sources s
    WHERE s.tenant = ?1 AND s.source <> ?2 AND s.sender IN ('standard', 'jwt', 'http-signatures')))
  AS isCores FROM tenants WHERE tenant = ?1`;

/**
 * Whether a source's streams are those that the tenant's core counts: it is the one that the settings
 * of the core name, or where they name none, the only one that speaks our contract, as a core does.
 */
export async function isCores(
  control: D1Database,
  tenant: string,
  source: string,
): Promise<boolean> {
  return (await control.prepare(IS_CORES).bind(tenant, source).first<number>("isCores")) === 1;
}
