import type { JsonObject } from "../../core/json.ts";
import type { PollSecrets } from "../../pollers/secrets.ts";
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
  /** Signs and verifies links to a distributor's own page (HMAC-SHA-256). */
  readonly linkKey: CryptoKey;
  readonly access: TenantAccess;
  readonly quotas: TenantQuotas;
  /** Present while it is being deleted. */
  readonly deleting?: Deleting;
}

/**
 * `closed`: takes nothing new, and finishes what it has accepted; `purging`: what still comes for it
 * is dropped.
 */
export type Deleting = "closed" | "purging";

/** A configured sender of a tenant, its secrets opened. */
export interface Source {
  readonly tenant: Tenant;
  readonly source: string;
  readonly sender: string;
  readonly auth: SourceAuth;
  readonly options: JsonObject;
  /** Those of `options.poll.auth`, by member. */
  readonly pollSecrets?: PollSecrets;
  readonly pausedMs?: number;
}

/** Who calls the API. */
export interface Caller {
  readonly tenant: string;
  /** Names the credential among its tenant's: a key's id, `jwt:{sub}` or `link:{distributor}`. */
  readonly keyId: string;
  readonly role: Role;
  /** The distributor that a credential of role `distributor` speaks for. */
  readonly subject?: string;
  /** The permissions that it is narrowed to; absent where its role has them all. */
  readonly scopes?: readonly string[];
  /** Names come masked, whatever the role. */
  readonly isMasked?: boolean;
  /** When it ends: an answer that goes on, as a live one does, must not outlast it. */
  readonly expiresMs?: number;
}

/**
 * Configuration as the hot paths read it: isolate memory first, then KV; D1 only where KV knows
 * nothing. What was changed elsewhere can live here for up to {@link STALE_MS_MAX}.
 */
export interface Directory {
  tenant(tenant: string): Promise<Tenant | undefined>;
  source(tenant: string, source: string): Promise<Source | undefined>;
  /** By what a credential is stored as (hash.ts), hex. Revoked and expired ones are unknown. */
  caller(keyHash: string, nowMs: number): Promise<Caller | undefined>;
}

/** 30 s in memory after 30 s in KV's cache: how long a revoked secret or key can still be believed. */
export const STALE_MS_MAX = 60_000;
