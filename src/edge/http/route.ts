import type { Act } from "../act.ts";
import type { Context } from "hono";
import type { Permission } from "../../core/access.ts";
import type { Caller, Tenant } from "../control/directory.ts";
import type { Claim } from "../idempotency.ts";
import type { Bearer } from "./bearer.ts";
import type { Standing } from "./meter.ts";

/** What stands ready when a route's `handle` is called. */
export interface ApiEnv {
  Variables: {
    /** Ours, never the client's: it names the request in the log. */
    requestId: string;
    /** Where it was sent, parsed: on everything but ingest. */
    address: URL;
    /** What bearer.ts has read of it already. */
    bearer?: Bearer | "unreadable";
    /** Not on public routes. */
    caller: Caller;
    /** The existing tenant of the path or the caller: not on public routes, nor where one is created. */
    tenant: Tenant;
    /** The rate limits that the request counted against: not on public routes. */
    standings?: readonly Standing[];
    /** Of a write with an `Idempotency-Key`. */
    claim?: Claim;
    /** Something of this write is saved already. */
    isSaved?: true;
  };
}

export type ApiContext = Context<ApiEnv>;

/**
 * One operation of the API, declared as data: app.ts mounts it behind its checks, and tests walk
 * every route with every role. A path names its parameters `:tenant`, `:distributor`, `:source`, …;
 * the first two decide who may pass.
 */
export interface Route {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly permission: Permission | "public";
  readonly handle: (c: ApiContext) => Response | Promise<Response>;
  /** The tenant of the path need not exist yet. */
  readonly createsTenant?: true;
  /** The path names no tenant: it is about the caller's own, and for ADMIN_TOKEN about all of them. */
  readonly isOfCaller?: true;
  /** A read that sums up or walks through much: it may take as long as D1 lets a query run. */
  readonly isHeavy?: true;
  /** A read of as many parts as there are, each of them bounded by itself. */
  readonly isInParts?: true;
  /**
   * A write that does nothing when it comes again, and says how things stand by then: no answer of it
   * is kept under an `Idempotency-Key`.
   */
  readonly isRepeatable?: true;
  /** {@link BODY_BYTES_MAX} where absent. */
  readonly bodyBytesMax?: number;
}

export const BODY_BYTES_MAX = 64 * 1024;

/** A parameter of the path, percent-decoded. */
export const param = (c: ApiContext, name: string): string => c.req.param(name) ?? "";

/** Names of tenants, sources, destinations and subscriptions. */
export const IDENTIFIER = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** Leaves what was done in the audit trail, and who did it. */
export type RecordDeed = (
  deed: {
    readonly tenant: string;
    readonly action: string;
    readonly target: string;
    readonly detail: object;
  },
  act: Act,
) => Promise<void>;

export function actOf(c: ApiContext, nowMs: number): Act {
  const claim = c.get("claim");
  const saved = (): void => c.set("isSaved", true);
  return {
    actor: actorOf(c.get("caller")),
    nowMs,
    saved,
    ...(claim === undefined ? {} : { claim }),
  };
}

/** A credential as the audit trail names it. No id of a key has a colon in it. */
const actorOf = ({ keyId }: Caller): string =>
  keyId === ADMIN_TOKEN_ID || keyId.includes(":") ? keyId : `key:${keyId}`;

/** The key id of the caller that ADMIN_TOKEN makes: longer than any key's. */
export const ADMIN_TOKEN_ID = "admin_token";
