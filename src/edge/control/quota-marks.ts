import * as z from "zod";
import type { QuotaMark, SpentQuota } from "../event-count.ts";
import type { Log } from "../log.ts";
import { within } from "../within.ts";
import type { Tenant } from "./directory.ts";
import { createMemory } from "./memory.ts";
import { quotaCopy } from "./published.ts";

const FRESH_MS = 30_000;
const KV_CACHE_SECONDS = 30;
const KV_WAIT_MS_MAX = 2_000;
const TENANTS_MAX = 500;
/** The shortest that KV takes. */
const EXPIRY_SECONDS_MIN = 60;

const Mark = z.object({ untilMs: z.int(), events: z.int() });

/** Tells every location that a tenant has had its events of the day; forgotten when it is over. */
export async function putQuotaMark(
  kv: Pick<KVNamespace, "put">,
  tenant: string,
  { mark, nowMs }: { mark: QuotaMark; nowMs: number },
): Promise<void> {
  const restS = Math.ceil((mark.untilMs - nowMs) / 1000);
  const expirationTtl = Math.max(EXPIRY_SECONDS_MIN, restS);
  await kv.put(quotaCopy(tenant), JSON.stringify(mark), { expirationTtl });
}

export interface QuotaWatchPorts {
  readonly kv: Pick<KVNamespace, "get">;
  readonly log: Log;
  readonly nowMs: () => number;
}

/**
 * Where a tenant has had its events of the day; nothing where it may have more. Asks
 * KV every 30 s, and for those tenants alone that have such a quota; while KV is out nobody is
 * refused.
 */
export function quotaWatch({ kv, log, nowMs }: QuotaWatchPorts) {
  const memory = createMemory<QuotaMark | undefined>(TENANTS_MAX);

  async function markOf(tenant: string): Promise<QuotaMark | undefined> {
    const known = memory.get(tenant);
    if (known !== undefined && known.freshUntilMs > nowMs()) return known.value;
    const value = await read(tenant);
    const readMs = nowMs();
    memory.set(tenant, { value, readMs, freshUntilMs: readMs + FRESH_MS });
    return value;
  }

  async function read(tenant: string): Promise<QuotaMark | undefined> {
    const how = { type: "json", cacheTtl: KV_CACHE_SECONDS } as const;
    try {
      return Mark.safeParse(await within(KV_WAIT_MS_MAX, () => kv.get(quotaCopy(tenant), how)))
        .data;
    } catch (error) {
      log("warn", "quota.kv_out", { tenant, error });
      return undefined;
    }
  }

  return async ({
    tenant,
    quotas,
  }: Pick<Tenant, "tenant" | "quotas">): Promise<SpentQuota | undefined> => {
    const { events_per_day: limit } = quotas;
    if (limit === undefined) return undefined;
    const mark = await markOf(tenant);
    const isOver = mark !== undefined && mark.untilMs > nowMs() && mark.events >= limit;
    return isOver ? { limit, untilMs: mark.untilMs } : undefined;
  };
}
