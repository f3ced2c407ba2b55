/** How many requests a second a core is asked, and how many at once after a rest. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export const RATE_DEFAULT: Rate = { perSecond: 5, burst: 10 };

/** A token bucket: says how long the next request has to wait, and reserves its place. */
export interface TokenBucket {
  /** Milliseconds until the request may be sent; from 0. */
  readonly reserve: (nowMs: number) => number;
}

export function tokenBucket({ perSecond, burst }: Rate): TokenBucket {
  let tokens = burst;
  let atMs: number | undefined;
  return {
    reserve(nowMs) {
      const sinceMs = Math.max(0, nowMs - (atMs ?? nowMs));
      tokens = Math.min(burst, tokens + (sinceMs * perSecond) / 1000) - 1;
      atMs = Math.max(nowMs, atMs ?? nowMs);
      // Below zero the tokens are owed: whoever comes next waits behind this one.
      return tokens >= 0 ? 0 : Math.ceil((-tokens * 1000) / perSecond);
    },
  };
}
