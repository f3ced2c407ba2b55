import * as z from "zod";
import type { JsonObject } from "../../core/json.ts";
import {
  importKey,
  importLinkKey,
  type Keyring,
  sourcePlace,
  tenantPlace,
} from "../crypto/keyring.ts";
import { open } from "../crypto/seal.ts";
import type { apiKeys, sources, tenants } from "./tables.ts";
import type { DeletionState } from "../deletion.ts";
import { TenantAccess } from "../tenant-access.ts";
import { TenantQuotas } from "../tenant-quotas.ts";
import { type Caller, type Deleting, ROLES, type Source, type Tenant } from "./directory.ts";

/*
 * The copies that KV keeps for the hot paths, one JSON text each. Secrets are sealed there as they
 * are in D1: who reads the namespace learns names and addresses of configuration, no secret.
 */

const TenantRecord = z.object({
  tenant: z.string(),
  name: z.string(),
  mode: z.enum(["mirror", "gateway_final"]),
  currency: z.string(),
  jurisdiction: z.enum(["eu", "us"]).exactOptional(),
  shard: z.int(),
  dataKey: z.string(),
  // Copies of before these were known have none.
  access: TenantAccess.default({}),
  quotas: TenantQuotas.default({}),
  deleting: z.enum(["closed", "purging"]).exactOptional(),
});

const SourceRecord = z.object({
  tenant: z.string(),
  source: z.string(),
  sender: z.string(),
  scheme: z.string(),
  url: z.string().exactOptional(),
  secrets: z.string(),
  options: z.custom<JsonObject>((value) => typeof value === "object" && value !== null),
  pausedMs: z.int().exactOptional(),
});

const KeyRecord = z.object({
  tenant: z.string(),
  keyId: z.string(),
  role: z.enum(ROLES),
  subject: z.string().exactOptional(),
  scopes: z.array(z.string()).exactOptional(),
  expiresMs: z.int().exactOptional(),
});

export type TenantRecord = Readonly<z.infer<typeof TenantRecord>>;
export type SourceRecord = Readonly<z.infer<typeof SourceRecord>>;
export type KeyRecord = Readonly<z.infer<typeof KeyRecord>>;
export type PublishedRecord = TenantRecord | SourceRecord | KeyRecord;

/** Reads one kind of copy; a text of another make counts as no copy, and D1 is asked. */
export const parseRecord = {
  tenant: (json: unknown): TenantRecord | undefined => TenantRecord.safeParse(json).data,
  source: (json: unknown): SourceRecord | undefined => SourceRecord.safeParse(json).data,
  key: (json: unknown): KeyRecord | undefined => KeyRecord.safeParse(json).data,
};

/** Where each copy lies in KV. */
export const tenantCopy = (tenant: string): string => `tenant:${tenant}`;
export const sourceCopy = (tenant: string, source: string): string => `source:${tenant}/${source}`;
export const keyCopy = (hash: string): string => `key:${hash}`;
/** The last key set of its tokens that could be had. */
export const keySetCopy = (tenant: string): string => `jwks:${tenant}`;
/** That it has had its events of the day. */
export const quotaCopy = (tenant: string): string => `quota:${tenant}`;

/** All that lies under a tenant's name alone: what is missing here stays behind when it leaves. */
export const TENANT_COPIES = [keySetCopy, quotaCopy, tenantCopy];

/** Whose copy it is; that of a key does not say, as it is found before anybody knows. */
export const tenantIn = (copy: string): string | undefined =>
  /^(?:tenant|source):([^/]+)/.exec(copy)?.[1];

export function tenantRecord(row: typeof tenants.$inferSelect, deleting?: Deleting): TenantRecord {
  const { tenant, name, mode, currency, jurisdiction, shard, dataKey } = row;
  return {
    tenant,
    name,
    mode,
    currency,
    shard,
    dataKey,
    access: accessOf(row),
    quotas: quotasOf(row),
    ...(jurisdiction === null ? {} : { jurisdiction }),
    ...(deleting === undefined ? {} : { deleting }),
  };
}

/** What a deletion of this state makes of its tenant. */
export const deletingIn = (state: DeletionState): Deleting =>
  state === "exporting" || state === "exported" ? "closed" : "purging";

type Settings = Pick<typeof tenants.$inferSelect, "access" | "quotas">;

export const accessOf = (settings: Pick<Settings, "access">): TenantAccess => {
  const { core_source: _coreSource, ...access } = readAccess(settings);
  return TenantAccess.parse(access);
};

/** The source whose streams the tenant's core counts; undefined where its settings name none. */
export const coreSourceOf = (settings: Pick<Settings, "access">): string | undefined =>
  readAccess(settings).core_source;

const KeptAccess = z.looseObject({ core_source: z.string().exactOptional() });

const readAccess = ({ access }: Pick<Settings, "access">) =>
  KeptAccess.parse(JSON.parse(access ?? "{}"));

export const quotasOf = ({ quotas }: Pick<Settings, "quotas">): TenantQuotas =>
  TenantQuotas.parse(JSON.parse(quotas ?? "{}"));

export function sourceRecord(row: typeof sources.$inferSelect): SourceRecord {
  const { tenant, source, sender, scheme, url, secrets, pausedMs } = row;
  return {
    tenant,
    source,
    sender,
    scheme,
    secrets,
    options: JSON.parse(row.options),
    ...(url === null ? {} : { url }),
    ...(pausedMs === null ? {} : { pausedMs }),
  };
}

const Scopes = z.array(z.string());

/** What a key is narrowed to; undefined where its role has them all. */
export const scopesOf = ({ scopes }: Pick<typeof apiKeys.$inferSelect, "scopes">) =>
  scopes === null ? undefined : Scopes.parse(JSON.parse(scopes));

/** Nothing for a revoked key: it has no copy. */
export function keyRecord(row: typeof apiKeys.$inferSelect): KeyRecord | undefined {
  const { tenant, keyId, subject, expiresMs, revokedMs } = row;
  const scopes = scopesOf(row);
  const role = ROLES.find((name) => name === row.role);
  if (role === undefined || revokedMs !== null) return undefined;
  return {
    tenant,
    keyId,
    role,
    ...(subject === null ? {} : { subject }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(expiresMs === null ? {} : { expiresMs }),
  };
}

/** A tenant with its data key imported, and what is derived from it. */
export async function openTenant(record: TenantRecord, keyring: Keyring): Promise<Tenant> {
  const { dataKey, ...rest } = record;
  const bytes = await keyring.unwrap(dataKey, tenantPlace(record.tenant));
  return { ...rest, dataKey: await importKey(bytes), linkKey: await importLinkKey(bytes) };
}

/** Secrets of whoever posts, newest first; and those by which the product is polled. */
const Secrets = z.union([
  z.array(z.string()).transform((secrets) => ({ secrets, poll: undefined })),
  z.object({ secrets: z.array(z.string()), poll: z.record(z.string(), z.string()) }),
]);

/** A source with its secrets opened, all but its tenant: that one is cached for itself. */
export async function openSource(
  record: SourceRecord,
  dataKey: CryptoKey,
): Promise<Omit<Source, "tenant">> {
  const { tenant, source, sender, scheme, url, options, pausedMs } = record;
  const bytes = await open(dataKey, record.secrets, sourcePlace(tenant, source));
  const { secrets, poll } = Secrets.parse(JSON.parse(new TextDecoder().decode(bytes)));
  return {
    source,
    sender,
    options,
    auth: { scheme, secrets, ...(url === undefined ? {} : { url }) },
    ...(poll === undefined ? {} : { pollSecrets: poll }),
    ...(pausedMs === undefined ? {} : { pausedMs }),
  };
}

/** Who calls with a key. */
export const openKey = (record: KeyRecord): Caller => record;
