import type { Log } from "../log.ts";

/** Cloudflare's rate limit: one counter a key and location. It tells success and nothing more. */
export interface Rate {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** Keys counted at once; beyond it the counts begin anew, which lets more through. */
const COUNTED_MAX = 10_000;

export type PolicyName = "key" | "tenant" | "address";

/** How a limit stands, as far as this isolate can tell. */
export interface Standing {
  readonly policy: PolicyName;
  /** Requests in a window. */
  readonly quota: number;
  readonly windowS: number;
  /** At most so many are left: other isolates of the location count as well. */
  readonly left: number;
  /** Seconds until the window ends, 1 at least. */
  readonly resetS: number;
  /** The request that was counted was one too many. */
  readonly isSpent: boolean;
}

export interface MeterPorts {
  readonly rate: Rate;
  /** What `rate` lets through of one key in its window, as wrangler.toml has it. */
  readonly counter: { readonly questions: number; readonly seconds: number };
  /** Goes on while the request is answered, which it is not held up for. */
  readonly aside: (work: Promise<void>) => void;
  readonly log: Log;
  readonly nowMs: () => number;
}

/** Counts the requests of a key, within a quota that may differ from key to key. */
export interface Meter {
  /** Counts one. A question that stands for many is answered for those that follow. */
  count(policy: PolicyName, key: string, quota: number): Promise<Standing>;
  /** Looks without counting. */
  look(policy: PolicyName, key: string, quota: number): Standing;
}

interface Window {
  readonly endsMs: number;
  requests: number;
  isOut: boolean;
}

/**
 * Counts in this isolate, and asks the location's counter once for so many requests that its
 * questions come to the quota: one of 50 for a credential, one of 200 for a tenant.
 */
export function createMeter({ rate, counter, aside, log, nowMs }: MeterPorts): Meter {
  const windows = new Map<string, Window>();

  function windowOf(name: string): Window {
    const known = windows.get(name);
    const now = nowMs();
    if (known !== undefined && known.endsMs > now) return known;
    if (windows.size >= COUNTED_MAX) windows.clear();
    const fresh = { endsMs: now + counter.seconds * 1000, requests: 0, isOut: false };
    windows.set(name, fresh);
    return fresh;
  }

  function standing(policy: PolicyName, quota: number, window: Window): Standing {
    const { requests, isOut, endsMs } = window;
    const left = isOut ? 0 : Math.max(0, quota - requests);
    const resetS = Math.max(1, Math.ceil((endsMs - nowMs()) / 1000));
    const isSpent = isOut || requests > quota;
    return { policy, quota, windowS: counter.seconds, left, resetS, isSpent };
  }

  async function ask(window: Window, key: string): Promise<void> {
    try {
      window.isOut = !(await rate.limit({ key })).success || window.isOut;
    } catch (error) {
      // While it is out, the API stays up.
      log("warn", "access.rate_limit_out", { error });
    }
  }

  return {
    async count(policy, key, quota) {
      const name = `${policy}:${key}`;
      const window = windowOf(name);
      window.requests += 1;
      const requestsPerQuestion = Math.max(1, Math.ceil(quota / counter.questions));
      const isAsked = !window.isOut && window.requests % requestsPerQuestion === 0;
      const asked = isAsked ? ask(window, name) : undefined;
      if (requestsPerQuestion === 1) await asked;
      else if (asked !== undefined) aside(asked);
      return standing(policy, quota, window);
    },
    look(policy, key, quota) {
      const window = windows.get(`${policy}:${key}`);
      const isOpen = window !== undefined && window.endsMs > nowMs();
      const none = { endsMs: nowMs() + counter.seconds * 1000, requests: 0, isOut: false };
      return standing(policy, quota, isOpen ? window : none);
    },
  };
}
