import { REQUESTS_PER_MINUTE_DEFAULT, type TenantQuotas } from "../tenant-quotas.ts";
import { EVERY_TENANT } from "../../core/access.ts";
import type { Caller, Tenant } from "../control/directory.ts";
import type { Log } from "../log.ts";
import { bearerOf } from "./bearer.ts";
import { fingerprintOf } from "./credentials.ts";
import { createMeter, type Rate, type Standing } from "./meter.ts";
import { problem } from "./problem.ts";
import { rateLimitHeaders } from "./rate-limit-headers.ts";
import { type ApiContext, param } from "./route.ts";

/*
 * Counters of wrangler.toml: how many questions each of them lets through in its window. A question
 * stands for as many requests as make the limit of it, so that most requests pay for none.
 */
const API_RATE = { questions: 100, seconds: 10 };
const TENANT_RATE = { questions: 600, seconds: 60 };

/** What a credential may ask of one Cloudflare location in 10 s. */
export const KEY_REQUESTS = 5000;

/** Requests of one credential that a question stands for. */
export const REQUESTS_PER_QUESTION = KEY_REQUESTS / API_RATE.questions;

/** Requests without a valid credential that one address may make in 10 s. */
export const ADDRESS_FAILURES = 5000;

/** Credentials that held, remembered so that a flood from their address does not shut them out. */
const KNOWN_MAX = 10_000;

export interface ThrottlePorts {
  /** By credential, and by address where there is none: API_RATE. */
  readonly rate: Rate;
  /** By tenant: TENANT_RATE. */
  readonly tenantRate: Rate;
  readonly directory: { tenant(tenant: string): Promise<Pick<Tenant, "quotas"> | undefined> };
  /** Goes on while a request is answered, which it is not held up for. */
  readonly aside: (work: Promise<void>) => void;
  readonly log: Log;
  readonly nowMs: () => number;
}

/** Tells who asks too often. It protects and does not account: each location counts for itself. */
export interface Throttle {
  /**
   * Before anybody is looked up: refuses an address from which too much has failed, unless the
   * credential has held before, and not failed since.
   */
  readonly admit: (c: ApiContext) => Response | undefined;
  /** Counts a request without a valid credential, or with one that nobody could look up. */
  readonly fail: (c: ApiContext) => Promise<void>;
  /** Binds what a request brought by its address's limit until it holds again: it has ended. */
  readonly forget: (c: ApiContext) => void;
  /** Counts a request of somebody who is known, or refuses it. */
  readonly spend: (c: ApiContext, caller: Caller) => Promise<Response | undefined>;
}

export function createThrottle(ports: ThrottlePorts): Throttle {
  const { rate, tenantRate, directory } = ports;
  const keys = createMeter({ ...ports, rate, counter: API_RATE });
  const tenants = createMeter({ ...ports, rate: tenantRate, counter: TENANT_RATE });
  const known = new Set<string>();

  // While nobody can say which quotas a tenant has, the usual ones hold.
  async function quotasOf(tenant: string): Promise<TenantQuotas> {
    const found = await directory.tenant(tenant).catch(() => undefined);
    return found?.quotas ?? {};
  }

  function remember(c: ApiContext): void {
    const credential = credentialOf(c);
    if (credential === undefined || known.has(credential)) return;
    if (known.size >= KNOWN_MAX) known.clear();
    known.add(credential);
  }

  function admit(c: ApiContext): Response | undefined {
    const standing = keys.look("address", addressOf(c), ADDRESS_FAILURES);
    if (standing.left > 0 || known.has(credentialOf(c) ?? "")) return undefined;
    return answer(c, [standing]);
  }

  async function fail(c: ApiContext): Promise<void> {
    c.set("standings", [await keys.count("address", addressOf(c), ADDRESS_FAILURES)]);
  }

  function forget(c: ApiContext): void {
    known.delete(credentialOf(c) ?? "");
  }

  async function spend(c: ApiContext, caller: Caller): Promise<Response | undefined> {
    const { tenant, keyId, subject = "" } = caller;
    remember(c);
    const own = await keys.count("key", JSON.stringify([tenant, keyId, subject]), KEY_REQUESTS);
    // Who runs the deployment is nobody's tenant.
    if (tenant === EVERY_TENANT) return answer(c, [own]);
    const { requests_per_minute: quota = REQUESTS_PER_MINUTE_DEFAULT } = await quotasOf(tenant);
    return answer(c, [own, await tenants.count("tenant", tenant, quota)]);
  }

  return { admit, fail, forget, spend };
}

function answer(c: ApiContext, standings: readonly Standing[]): Response | undefined {
  c.set("standings", standings);
  const spent = standings.filter(({ isSpent }) => isSpent);
  if (spent.length === 0) return undefined;
  const waitS = Math.max(...spent.map(({ resetS }) => resetS));
  return problem("rate_limited", {
    headers: { "Retry-After": String(waitS), ...rateLimitHeaders(standings) },
  });
}

/** Of a certificate with its tenant: it is public, and a credential only where somebody named it. */
function credentialOf(c: ApiContext): string | undefined {
  const bearer = bearerOf(c);
  if (bearer !== undefined) return bearer === "unreadable" ? undefined : bearer.hash;
  const certificate = fingerprintOf(c);
  return certificate && `${param(c, "tenant")}/${certificate}`;
}

/** A network of IPv6 is given to one household or machine by its first 64 bits. */
function addressOf(c: ApiContext): string {
  const address = c.req.header("CF-Connecting-IP") ?? "unknown";
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  const all = [...groups, ...Array.from({ length: gap }, () => "0"), ...rest];
  return `${all.slice(0, 4).join(":")}::/64`;
}
