import type { JsonObject } from "../../core/json.ts";
import type { SourceAuth } from "../../senders/sender.ts";
import type { Jurisdiction } from "../shards.ts";
import type { TenantAccess } from "../tenant-access.ts";
import type { TenantQuotas } from "../tenant-quotas.ts";

export type Mode = "mirror" | "gateway_final";

export const ROLES = ["distributor", "support", "finance", "operator", "auditor", "admin"] as const;

export type Role = (typeof ROLES)[number];

/** A tenant as the hot paths need it. */
export interface Tenant {
  readonly tenant: string;
  readonly name: string;
  readonly mode: Mode;
  readonly currency: string;
  readonly jurisdiction?: Jurisdiction;
  readonly shard: number;
  /** Seals and opens this tenant's raw deliveries and personal data (AES-GCM-256). */
  readonly dataKey: CryptoKey;
  readonly access: TenantAccess;
  readonly quotas: TenantQuotas;
}

/** A configured sender of a tenant, its secrets opened. */
export interface Source {
  readonly tenant: Tenant;
  readonly source: string;
  readonly sender: string;
  readonly auth: SourceAuth;
  readonly options: JsonObject;
  readonly pausedMs?: number;
}

/** Who calls the API. */
export interface Caller {
  readonly tenant: string;
  readonly keyId: string;
  readonly role: Role;
  /** The distributor that a key of role `distributor` speaks for. */
  readonly subject?: string;
}

/**
 * Configuration as the hot paths read it: isolate memory first, then KV; D1 only where KV knows
 * nothing. What was changed elsewhere can live here for up to {@link STALE_MS_MAX}.
 */
export interface Directory {
  tenant(tenant: string): Promise<Tenant | undefined>;
  source(tenant: string, source: string): Promise<Source | undefined>;
  /** By the SHA-256 of the API key, hex. Revoked and expired keys are unknown. */
  caller(keyHash: string, nowMs: number): Promise<Caller | undefined>;
}

/** 30 s in memory after 30 s in KV's cache: how long a revoked secret or key can still be believed. */
export const STALE_MS_MAX = 60_000;
