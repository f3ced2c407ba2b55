import type { Log } from "../log.ts";

/** What a credential may ask of one Cloudflare location in a window. */
export const RATE_REQUESTS = 5000;
export const RATE_SECONDS = 10;

/**
 * Each question to the binding stands for so many requests of this isolate: API_RATE in
 * wrangler.toml counts 500 of them in a window. Nine reads of ten pay nothing for it.
 */
export const REQUESTS_PER_QUESTION = 10;

/** Credentials counted at once; beyond it the counts begin anew, which lets more through. */
const COUNTED_MAX = 10_000;

export interface ThrottlePorts {
  readonly rate: { limit(options: { key: string }): Promise<{ success: boolean }> };
  readonly log: Log;
  readonly nowMs: () => number;
}

interface Window {
  readonly endsMs: number;
  requests: number;
  isSpent: boolean;
}

/** Tells whether a credential asks too often. It protects and does not account. */
export function createThrottle({ rate, log, nowMs }: ThrottlePorts) {
  const windows = new Map<string, Window>();

  function windowOf(key: string): Window {
    const known = windows.get(key);
    const now = nowMs();
    if (known !== undefined && known.endsMs > now) return known;
    if (windows.size >= COUNTED_MAX) windows.clear();
    const fresh = { endsMs: now + RATE_SECONDS * 1000, requests: 0, isSpent: false };
    windows.set(key, fresh);
    return fresh;
  }

  return async (key: string): Promise<boolean> => {
    const window = windowOf(key);
    window.requests += 1;
    if (window.isSpent || window.requests % REQUESTS_PER_QUESTION !== 0) return window.isSpent;
    try {
      window.isSpent = !(await rate.limit({ key })).success;
    } catch (error) {
      // While it is out, the API stays up.
      log("warn", "access.rate_limit_out", { error });
    }
    return window.isSpent;
  };
}
