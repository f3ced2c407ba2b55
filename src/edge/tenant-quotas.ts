import * as z from "zod";

const EVENTS_MAX = 1_000_000_000;

/** What a tenant may have where its quotas say nothing. */
export const SOURCES_DEFAULT = 200;
export const KEYS_DEFAULT = 10_000;

/**
 * A location's counter lets 600 questions a minute through, and a request is counted by one question
 * at most: nothing lower could be held.
 */
export const REQUESTS_PER_MINUTE_MIN = 600;
/** What all callers of a tenant may ask of one location in a minute; a quota can only lower it. */
export const REQUESTS_PER_MINUTE_DEFAULT = 120_000;

/** What a tenant may use up. Those that are absent have the defaults above, or no limit. */
export const TenantQuotas = z.strictObject({
  /** Accepted events in a day of UTC; judged within minutes, as nobody counts at the edge. */
  events_per_day: z.int().min(1).max(EVENTS_MAX).exactOptional(),
  /** Sources at one time. */
  sources: z.int().min(1).max(10_000).exactOptional(),
  /** API keys that are neither revoked nor expired. */
  keys: z.int().min(1).max(100_000).exactOptional(),
  /** Requests to the API, of all callers together, at each Cloudflare location. */
  requests_per_minute: z
    .int()
    .min(REQUESTS_PER_MINUTE_MIN)
    .max(REQUESTS_PER_MINUTE_DEFAULT)
    .exactOptional(),
});
export type TenantQuotas = Readonly<z.infer<typeof TenantQuotas>>;

export const QUOTAS = TenantQuotas.keyof().options;
