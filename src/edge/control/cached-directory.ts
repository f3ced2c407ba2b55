import type { Keyring } from "../crypto/keyring.ts";
import {
  type Caller,
  type Directory,
  type Source,
  STALE_MS_MAX,
  type Tenant,
} from "./directory.ts";
import { createLookUp, type Kind, type LookUpPorts } from "./look-up.ts";
import { createMemory } from "./memory.ts";
import {
  keyCopy,
  type KeyRecord,
  openKey,
  openSource,
  openTenant,
  parseRecord,
  sourceCopy,
  type SourceRecord,
  tenantCopy,
  type TenantRecord,
} from "./published.ts";

const TENANTS_MAX = 500;
const SOURCES_MAX = 2_000;
const KEYS_MAX = 2_000;

/** What was published, read from where it is primary. */
export interface PrimaryRecords {
  tenant(tenant: string): Promise<TenantRecord | undefined>;
  source(tenant: string, source: string): Promise<SourceRecord | undefined>;
  key(hash: string): Promise<KeyRecord | undefined>;
}

export interface DirectoryPorts extends LookUpPorts {
  readonly primary: PrimaryRecords;
  readonly keyring: Keyring;
}

/** A directory that its own isolate's writes reach at once. */
export interface CachedDirectory extends Directory {
  /** Drops what memory holds of a copy, and keeps to `record` until others can know of it too. */
  readonly changed: (copy: string, record: object | undefined) => Promise<void>;
}

/** Isolate memory, then KV; D1 only where KV knows nothing, and never for longer than 2 s. */
export function cachedDirectory(ports: DirectoryPorts): CachedDirectory {
  const { primary, keyring } = ports;
  const look = createLookUp(ports);

  const tenants: Kind<TenantRecord, Tenant> = {
    memory: createMemory(TENANTS_MAX),
    parse: parseRecord.tenant,
    open: (record) => openTenant(record, keyring),
  };
  const sources: Kind<SourceRecord, Omit<Source, "tenant">> = {
    memory: createMemory(SOURCES_MAX),
    parse: parseRecord.source,
    async open(record) {
      const owner = await tenant(record.tenant);
      return owner && openSource(record, owner.dataKey);
    },
  };
  const keys: Kind<KeyRecord, Caller> = {
    memory: createMemory(KEYS_MAX),
    parse: parseRecord.key,
    open: async (record) => openKey(record),
  };

  const tenant = (name: string): Promise<Tenant | undefined> =>
    look.get(tenants, tenantCopy(name), () => primary.tenant(name));

  return {
    tenant,
    async source(tenantName, name) {
      // The tenant first: a made-up one then costs one look-up, not two.
      const owner = await tenant(tenantName);
      if (owner === undefined) return undefined;
      const copy = sourceCopy(tenantName, name);
      const found = await look.get(sources, copy, () => primary.source(tenantName, name));
      return found && { tenant: owner, ...found };
    },
    async caller(hash, atMs) {
      const found = await look.get(keys, keyCopy(hash), () => primary.key(hash));
      return found !== undefined && (found.expiresMs ?? Infinity) > atMs ? found : undefined;
    },
    async changed(copy, record) {
      if (copy.startsWith("tenant:")) await look.keep(tenants, copy, { record });
      else if (copy.startsWith("source:")) await look.keep(sources, copy, { record });
      // KV may answer with a revoked key this long. A key never comes back, and of a certificate that
      // does, its new row is published here as well.
      else await look.keep(keys, copy, { record, unknownMs: STALE_MS_MAX });
    },
  };
}
