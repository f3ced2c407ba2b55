import { and, eq, sql } from "drizzle-orm";
import {
  corePlace,
  createDataKey,
  importKey,
  type Keyring,
  tenantPlace,
} from "../crypto/keyring.ts";
import { seal } from "../crypto/seal.ts";
import { deletingOf, notDeleted } from "./deletion-store.ts";
import type { ControlReader, Marked, Reading } from "../reading.ts";
import { runs, tenants } from "./tables.ts";
import type { Jurisdiction } from "../shards.ts";
import type { TenantAccess } from "../tenant-access.ts";
import type { TenantQuotas } from "../tenant-quotas.ts";
import type { Mode } from "./directory.ts";
import { accessOf, coreSourceOf, quotasOf, tenantCopy, tenantRecord } from "./published.ts";
import type { Act } from "../act.ts";
import type { Change, Store } from "./store.ts";

/** A tenant as its administrators see it. How its core is called is never read back here. */
export interface TenantSettings {
  readonly tenant: string;
  readonly name: string;
  readonly mode: Mode;
  readonly currency: string;
  readonly jurisdiction?: Jurisdiction;
  readonly coreUrl?: string;
  /** The source whose streams the core counts. */
  readonly coreSource?: string;
  readonly access: TenantAccess;
  readonly quotas: TenantQuotas;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface TenantWrite {
  readonly tenant: string;
  readonly name: string;
  readonly mode: Mode;
  readonly currency: string;
  readonly jurisdiction?: Jurisdiction;
  /** Without `auth`, the one stored for the same address stays. */
  readonly core?: { readonly url: string; readonly auth?: string; readonly source?: string };
  readonly access?: TenantAccess;
  /** `kept`: those that are stored stay. */
  readonly quotas?: TenantQuotas | "kept";
}

export type TenantPut =
  | ({
      readonly kind: "created" | "updated";
      readonly tenant: TenantSettings;
      readonly shard: number;
    } & Marked)
  | { readonly kind: "fixed"; readonly field: "currency" | "jurisdiction" }
  /** `deleted`: it is on its way out, or was here once; the name is not given away again. */
  | { readonly kind: "auth_missing" | "deleted" | "jurisdiction_unavailable" | "raced" }
  /** The mode cannot change over this: nobody would end it in the other one. */
  | { readonly kind: "mode_in_use"; readonly by: ModeUse };

/** Lines of the gateway's that are not payable yet, and runs. */
export type ModeUse = "pending" | "held" | "running";

export interface TenantStorePorts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly shardFor: (jurisdiction: Jurisdiction | undefined) => number | undefined;
  /** Lines of the gateway's in a tenant's mirror that are pending or held; undefined without any. */
  readonly openLines: (
    tenant: string,
    shard: number,
  ) => Promise<Exclude<ModeUse, "running"> | undefined>;
}

type Row = typeof tenants.$inferSelect;

export const tenantStore = (ports: TenantStorePorts) => ({
  /** From the primary: for whoever decides upon it. */
  async get(tenant: string): Promise<TenantSettings | undefined> {
    const row = await load(ports.store, tenant);
    return row && settings(row);
  },

  async read(reader: ControlReader): Promise<Reading<TenantSettings | undefined>> {
    const session = ports.store.reads(reader);
    const row = await load(session, reader.tenant);
    return session.reading(row && settings(row));
  },

  /** Creates a tenant with its own data key, or changes what may change of it. */
  async put(write: TenantWrite, act: Act): Promise<TenantPut> {
    const old = await load(ports.store, write.tenant);
    const deleting = await deletingOf(ports.store.db, write.tenant);
    if (deleting !== undefined) return { kind: "deleted" };
    if (old === undefined) return create(ports, write, act);
    const field = fixedField(old, write);
    if (field !== undefined) return { kind: "fixed", field };
    const by = write.mode === old.mode ? undefined : await modeUse(ports, old);
    return by === undefined ? update(ports, { old, write }, act) : { kind: "mode_in_use", by };
  },
});

/**
 * What the mode that a tenant is in has begun. A pending line is confirmed or undone in mirror mode
 * alone, a run goes on in the other alone; what is held was promised by the mode it was priced in.
 */
async function modeUse(
  { store, openLines }: TenantStorePorts,
  { tenant, shard }: Row,
): Promise<ModeUse | undefined> {
  const lines = await openLines(tenant, shard);
  if (lines !== undefined) return lines;
  const [run] = await store.db
    .select({ run: runs.runId })
    .from(runs)
    .where(isRunning(tenant))
    .limit(1);
  return run === undefined ? undefined : "running";
}

const isRunning = (tenant: string) => and(eq(runs.tenant, tenant), eq(runs.state, "running"));

async function load({ db }: Pick<Store, "db">, tenant: string): Promise<Row | undefined> {
  const [row] = await db.select().from(tenants).where(eq(tenants.tenant, tenant));
  return row;
}

async function create(ports: TenantStorePorts, write: TenantWrite, act: Act): Promise<TenantPut> {
  const { tenant, name, mode, currency, jurisdiction, core } = write;
  const shard = ports.shardFor(jurisdiction);
  if (shard === undefined) return { kind: "jurisdiction_unavailable" };
  if (core !== undefined && core.auth === undefined) return { kind: "auth_missing" };
  const key = createDataKey();
  const row: Row = {
    tenant,
    name,
    mode,
    currency,
    shard,
    jurisdiction: jurisdiction ?? null,
    dataKey: await ports.keyring.wrap(key, tenantPlace(tenant)),
    coreUrl: core?.url ?? null,
    coreAuth: await sealCore(tenant, key, core?.auth),
    createdMs: act.nowMs,
    updatedMs: act.nowMs,
    ...texts(write, {}),
  };
  return save(
    ports,
    {
      row,
      kind: "created",
      action: "tenant.create",
      guard: sql`NOT EXISTS (SELECT 1 FROM tenants WHERE tenant = ${tenant})
        AND ${notDeleted(tenant)}`,
      mutation: (db) => db.insert(tenants).values(row).onConflictDoNothing(),
    },
    act,
  );
}

async function update(
  ports: TenantStorePorts,
  { old, write }: { old: Row; write: TenantWrite },
  act: Act,
): Promise<TenantPut> {
  const { tenant, name, mode, core } = write;
  const isKept = core !== undefined && core.auth === undefined;
  // A stored credential never follows to an address that its owner did not give it for.
  if (isKept && (old.coreAuth === null || core.url !== old.coreUrl)) {
    return { kind: "auth_missing" };
  }
  const key = await ports.keyring.unwrap(old.dataKey, tenantPlace(tenant));
  const changes = {
    name,
    mode,
    ...texts(write, quotasOf(old)),
    coreUrl: core?.url ?? null,
    coreAuth: isKept ? old.coreAuth : await sealCore(tenant, key, core?.auth),
    // Also the version that writes are guarded by: it always grows.
    updatedMs: Math.max(act.nowMs, old.updatedMs + 1),
  };
  const row = { ...old, ...changes };
  const unchanged = sql`tenant = ${tenant} AND updated_ms = ${old.updatedMs}
    AND ${notDeleted(tenant)}`;
  return save(
    ports,
    {
      row,
      kind: "updated",
      action: "tenant.update",
      guard: sql`EXISTS (SELECT 1 FROM tenants WHERE ${unchanged})`,
      mutation: (db) => db.update(tenants).set(changes).where(unchanged),
    },
    act,
  );
}

const texts = ({ access = {}, quotas = {}, core }: TenantWrite, known: TenantQuotas) => ({
  access: JSON.stringify({
    ...access,
    ...(core?.source === undefined ? {} : { core_source: core.source }),
  }),
  quotas: JSON.stringify(quotas === "kept" ? known : quotas),
});

interface Saving extends Pick<Change, "action" | "guard" | "mutation"> {
  readonly row: Row;
  readonly kind: "created" | "updated";
}

async function save(
  { store }: TenantStorePorts,
  { row, kind, ...how }: Saving,
  act: Act,
): Promise<TenantPut> {
  const { tenant, name, mode, currency, jurisdiction, coreUrl, shard } = row;
  const copy = tenantCopy(tenant);
  const core = { core_url: coreUrl, core_source: coreSourceOf(row) };
  const settled = { access: accessOf(row), quotas: quotasOf(row) };
  const detail = { name, mode, currency, jurisdiction, ...core, ...settled };
  const commit = await store.commit({ ...how, tenant, target: copy, detail, copy }, act);
  if (commit.kind === "raced") return commit;
  await store.publish(copy, tenantRecord(row));
  return { ...commit, kind, tenant: settings(row), shard };
}

// Balances are in the currency, and objects, queue and D1 in the jurisdiction: neither can move.
function fixedField(old: Row, write: TenantWrite): "currency" | "jurisdiction" | undefined {
  if (write.currency !== old.currency) return "currency";
  const isMoved = write.jurisdiction !== undefined && write.jurisdiction !== old.jurisdiction;
  return isMoved ? "jurisdiction" : undefined;
}

async function sealCore(
  tenant: string,
  key: Uint8Array,
  auth: string | undefined,
): Promise<string | null> {
  if (auth === undefined) return null;
  return seal(await importKey(key), new TextEncoder().encode(auth), corePlace(tenant));
}

function settings(row: Row): TenantSettings {
  const { tenant, name, mode, currency, jurisdiction, coreUrl, createdMs, updatedMs } = row;
  const coreSource = coreSourceOf(row);
  return {
    tenant,
    name,
    mode,
    currency,
    access: accessOf(row),
    quotas: quotasOf(row),
    createdMs,
    updatedMs,
    ...(jurisdiction === null ? {} : { jurisdiction }),
    ...(coreUrl === null ? {} : { coreUrl }),
    ...(coreSource === undefined ? {} : { coreSource }),
  };
}
