/** How a limit stands. */
export interface Limit {
  /** A name that stays. */
  readonly policy: string;
  /** What may be used up in a window. */
  readonly quota: number;
  readonly windowS: number;
  readonly left: number;
  /** Seconds until the window ends. */
  readonly resetS: number;
}

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10 §3, §4): lists of
 * structured fields, one item a limit that the request counted against. `r` is the most that can be
 * left: what other servers of the same location have counted is not known here. No unit (`qu`) is
 * named: the draft knows none for events, and requests need none.
 */
export function rateLimitHeaders(
  limits: readonly Limit[] | undefined,
): Readonly<Record<string, string>> {
  if (limits === undefined || limits.length === 0) return {};
  const policies = limits.map(
    ({ policy, quota, windowS }) => `"${policy}";q=${quota};w=${windowS}`,
  );
  const standings = limits.map(({ policy, left, resetS }) => `"${policy}";r=${left};t=${resetS}`);
  return { "RateLimit-Policy": policies.join(", "), RateLimit: standings.join(", ") };
}
