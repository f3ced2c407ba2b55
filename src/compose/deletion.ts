import { dropPrefix } from "../edge/archive/purge-files.ts";
import { exportPrefix, getManifest, getPart } from "../edge/archive/export-parts.ts";
import { rawDeliveries } from "../edge/archive/export-raw.ts";
import { shardAt } from "../edge/bindings.ts";
import {
  countDropped,
  deletionSteps,
  deletionStore,
  departedOf,
} from "../edge/control/deletion-store.ts";
import { open } from "../edge/crypto/seal.ts";
import type { DeletionsPorts, PurgedObject, TenantStorage } from "../edge/cron/deletion/ports.ts";
import { tenantRows } from "../edge/d1/export-rows.ts";
import { countRows, forgetInJobs, permitPurge, purgeRows } from "../edge/d1/purge-rows.ts";
import {
  addSubjects,
  copiesAfter,
  destinationsEver,
  notMirrored,
  straysInEvents,
  subjectsAfter,
} from "../edge/d1/purge-subjects.ts";
import { CONTROL_TABLES } from "../edge/d1/tenant-tables.ts";
import type { Deletion } from "../edge/deletion.ts";
import type { DeletionHttpPorts } from "../edge/http/deletion.ts";
import { log } from "../edge/log.ts";
import { profileAad } from "../edge/queue/arrival.ts";
import type { DepartedPorts } from "../edge/queue/departed.ts";
import { kindOfSubject } from "../edge/subject.ts";
import { READERS } from "../senders/index.ts";
import { destinationStubIn, type Parts, stubIn } from "./parts.ts";

/** What deletions are done with. */
export function deletionPorts(parts: Parts): DeletionsPorts {
  return {
    ...deletionSteps(parts.store),
    storageOf: (deletion) => storageOf(parts, deletion),
    log,
    nowMs: parts.nowMs,
  };
}

/** What people ask for deletions by. */
export function deletionHttpPorts(parts: Parts): DeletionHttpPorts {
  const store = deletionStore(parts.store);
  const archiveOf = ({ shard }: Deletion) => shardAt(parts.shards, shard).archive;
  return {
    deletions: {
      ...store,
      // While cron is at it, a part could be written behind our back.
      cancel: async (deletion, act) => {
        const held = await deletionSteps(parts.store).claim(deletion, act.nowMs);
        if (held === undefined) return false;
        await dropPrefix(archiveOf(deletion), exportPrefix(deletion));
        return store.cancel(held, act);
      },
    },
    manifest: (deletion) => getManifest(archiveOf(deletion), deletion),
    part: (deletion, n) => getPart(archiveOf(deletion), deletion, n),
    nowMs: parts.nowMs,
  };
}

/** What tells the queues whose messages come too late. */
export function departedPorts(parts: Parts, index: number): DepartedPorts {
  const store = deletionStore(parts.store);
  return {
    directory: parts.directory,
    senders: READERS,
    archive: shardAt(parts.shards, index).archive,
    nowMs: parts.nowMs,
    departed: (tenants) => departedOf(parts.store.db, tenants),
    purgeObject: async (tenant, subject) => {
      const deletion = await store.get(tenant);
      if (deletion === undefined) throw new Error(`Cannot find the deletion of "${tenant}"`);
      await stubIn(parts, kindOfSubject(subject), { ...deletion, subject }).purge();
    },
    countDropped: (tenant, messages) => countDropped(parts.store.db, tenant, messages),
    log,
  };
}

/** All that a tenant has. */
function storageOf(parts: Parts, deletion: Deletion): TenantStorage {
  const { env, control } = parts;
  const { tenant, shard } = deletion;
  const { mirror, archive } = shardAt(parts.shards, shard);
  const databases = { control, mirror };
  const dbOf = (table: string) => (CONTROL_TABLES.has(table) ? control : mirror);
  return {
    rows: (cursor) => tenantRows(dbOf, tenant, cursor),
    countRows: () => countRows(databases, tenant),
    purgeRows: (isLast, from) => purgeRows(databases, tenant, { isLast, from }),
    forgetInJobs: () => forgetInJobs(databases, tenant),
    permitPurge: () => permitPurge(databases, tenant),
    subjects: (after, limit) => subjectsAfter(mirror, tenant, { after, limit }),
    strays: (after) => straysInEvents(mirror, tenant, after),
    notMirrored: (names) => notMirrored(mirror, tenant, names),
    addSubjects: (names) => addSubjects(mirror, tenant, names),
    copies: (cursor) => copiesAfter(control, tenant, cursor),
    dropCopy: (name) => env.CONFIG.delete(name),
    object: (subject) => objectOf(parts, deletion, subject),
    destinations: (after, limit) => destinationsEver(control, tenant, { after, limit }),
    destination: (destination) => {
      const stub = () => destinationStubIn(parts, { ...deletion, destination });
      return { isEmpty: async () => stub().isEmpty(), purge: async () => stub().purge() };
    },
    raw: async (cursor) => rawDeliveries(archive, await ownerOf(parts, tenant), cursor),
    archive,
  };
}

async function ownerOf({ directory }: Parts, tenant: string) {
  const owner = await directory.tenant(tenant);
  if (owner === undefined) throw new Error(`Cannot find tenant "${tenant}"`);
  return owner;
}

function objectOf(parts: Parts, deletion: Deletion, subject: string): PurgedObject {
  const { tenant } = deletion;
  const stub = stubIn(parts, kindOfSubject(subject), { ...deletion, subject });
  return {
    head: async () => stub.head(),
    logAfter: async (after) => stub.logAfter(after),
    purge: async () => stub.purge(),
    async profile() {
      const { profile } = await stub.current();
      if (profile === undefined) return undefined;
      const { dataKey } = await ownerOf(parts, tenant);
      const plain = await open(dataKey, profile.sealed, profileAad(tenant, subject));
      const personal: object = JSON.parse(new TextDecoder().decode(plain));
      return personal;
    },
  };
}
