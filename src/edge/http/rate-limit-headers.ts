import type { Standing } from "./meter.ts";

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10 §3, §4): lists of
 * structured fields, one item a limit that the request counted against. `r` is the most that can be
 * left: what other servers of the same location have counted is not known here.
 */
export function rateLimitHeaders(
  standings: readonly Standing[] | undefined,
): Readonly<Record<string, string>> {
  if (standings === undefined || standings.length === 0) return {};
  const policies = standings.map(
    ({ policy, quota, windowS }) => `"${policy}";q=${quota};w=${windowS}`,
  );
  const limits = standings.map(({ policy, left, resetS }) => `"${policy}";r=${left};t=${resetS}`);
  return { "RateLimit-Policy": policies.join(", "), RateLimit: limits.join(", ") };
}
