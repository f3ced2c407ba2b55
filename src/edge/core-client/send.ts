import type { BudgetSpent, CoreFailure } from "./failure.ts";
import { RATE_DEFAULT, tokenBucket, type TokenBucket } from "./rate.ts";
import { ask, REQUEST_MS_MAX, type Response200 } from "./request.ts";
import { ATTEMPTS_MAX, isPassing, pauseMs } from "./retry.ts";

/** A tenant's core: its address, and what it takes as credential (`Authorization`, or a bare token). */
export interface Core {
  readonly url: string;
  readonly auth: string;
}

/** What a client can do without: the outside world. */
export interface SendPorts {
  readonly fetch: typeof fetch;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What one call of a job may use up. */
export interface SendLimits {
  readonly requests: number;
  /** Of answers; looked at before each request, so that one page more can come. */
  readonly bytes: number;
  /** Nothing is sent from this instant on, and nothing waited for beyond it. */
  readonly untilMs?: number;
  /** Of one attempt, to the last byte of its answer; 10 s where absent. */
  readonly requestMs?: number;
  /** Shared by those who ask the same core; 5 a second and 10 at once where absent. */
  readonly rate?: TokenBucket;
}

/** What was used up. */
export interface Spent {
  /** Each attempt is one. */
  readonly requests: number;
  /** Of answers, as received. */
  readonly bytes: number;
}

export interface Sending {
  /** Asks until there is an answer, no use in asking again, or nothing left to ask with. */
  readonly send: (url: string) => Promise<Response200 | CoreFailure | BudgetSpent>;
  readonly spent: () => Spent;
  readonly left: () => Spent;
}

/** Sends requests within limits, again where that can help. */
export function sending(core: Core, limits: SendLimits, ports: SendPorts): Sending {
  const rate = limits.rate ?? tokenBucket(RATE_DEFAULT);
  const authorization = authorizationOf(core.auth);
  const msMax = limits.requestMs ?? REQUEST_MS_MAX;
  let requests = 0;
  let bytes = 0;

  const over = (waitMs: number): BudgetSpent["what"] | undefined => {
    if (requests >= limits.requests) return "requests";
    if (bytes >= limits.bytes) return "bytes";
    return ports.nowMs() + waitMs >= (limits.untilMs ?? Infinity) ? "time" : undefined;
  };

  async function pause(waitMs: number): Promise<BudgetSpent | undefined> {
    const what = over(waitMs);
    if (what !== undefined) return { kind: "budget", what };
    if (waitMs > 0) await ports.wait(waitMs);
    return undefined;
  }

  async function once(url: string) {
    requests += 1;
    const told = await ask(ports.fetch, { url, authorization, msMax });
    bytes += told.bytes;
    return told.outcome;
  }

  async function send(url: string): Promise<Response200 | CoreFailure | BudgetSpent> {
    if (!HEADER_TEXT.test(authorization)) return CREDENTIAL_UNFIT;
    for (let attempt = 1; ; attempt += 1) {
      // Looked at first: a place in the rate's line is not given back.
      const spent = (await pause(0)) ?? (await pause(rate.reserve(ports.nowMs())));
      if (spent !== undefined) return spent;
      const outcome = await once(url);
      if (outcome.kind === "json") return outcome;
      const { retryAfter, ...failure } = { retryAfter: null, ...outcome };
      if (attempt === ATTEMPTS_MAX || !isPassing(failure)) return failure;
      const now = { nowMs: ports.nowMs(), random: ports.random() };
      const stop = await pause(pauseMs(attempt, retryAfter, now));
      if (stop !== undefined) return stop;
    }
  }

  return {
    send,
    spent: () => ({ requests, bytes }),
    left: () => ({
      requests: Math.max(0, limits.requests - requests),
      bytes: Math.max(0, limits.bytes - bytes),
    }),
  };
}

/** A value with a space names its scheme itself: `Basic …`; any other is a bearer token. */
const authorizationOf = (auth: string): string => (auth.includes(" ") ? auth : `Bearer ${auth}`);

/** RFC 9110 §5.5: what a header's value may hold. Whoever sends it all the same is told it back. */
const HEADER_TEXT = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

const CREDENTIAL_UNFIT: CoreFailure = {
  kind: "unreachable",
  detail: "its credential holds characters that no header may hold",
};
