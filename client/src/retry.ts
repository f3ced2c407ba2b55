import { retryAfterOf } from "./problem.ts";

export interface RetryOptions {
  /** How often a request is sent at most; 5 where absent, 1 never sends again. */
  readonly attempts?: number;
  /** The longest wait between two attempts, whatever `Retry-After` says; 30 000 where absent. */
  readonly waitMsMax?: number;
}

/** What retrying takes from outside, so that tests need no time and no chance. */
export interface RetryParts {
  readonly send: (request: Request) => Promise<Response>;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

const ATTEMPTS = 5;
const WAIT_MS_MAX = 30_000;
const FIRST_WAIT_MS = 200;
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const BUSY: ReadonlySet<number> = new Set([429, 503]);

/** 409 with `Retry-After`: a write of the same name is on its way, and its answer soon to be had. */
const isBusy = ({ status, headers }: Response): boolean =>
  BUSY.has(status) || (status === 409 && headers.has("Retry-After"));

/** Whether sending a request twice does no more than sending it once. */
export const isRepeatable = ({ method, headers }: Pick<Request, "method" | "headers">): boolean =>
  SAFE.has(method) || headers.has("Idempotency-Key");

/**
 * How long to wait before the next attempt: what `Retry-After` asks for and up to a quarter more,
 * so that callers who were turned away together do not come back together; without it twice as long
 * each time, half of that by chance.
 */
export function waitMs(
  response: Pick<Response, "headers"> | undefined,
  attempt: number,
  { random, waitMsMax }: { readonly random: () => number; readonly waitMsMax: number },
): number {
  const asked = response === undefined ? undefined : retryAfterOf(response.headers);
  const backOff = FIRST_WAIT_MS * 2 ** (attempt - 1);
  const wait =
    asked === undefined ? backOff * (0.5 + random() / 2) : asked * 1000 * (1 + random() / 4);
  return Math.min(wait, waitMsMax);
}

/**
 * Sends again what was answered 429, 503, or 409 with `Retry-After`, and what got no answer at all, as long as that is
 * harmless: reads, and writes with an `Idempotency-Key`.
 */
export function withRetries(
  { send, pause, random }: RetryParts,
  { attempts = ATTEMPTS, waitMsMax = WAIT_MS_MAX }: RetryOptions = {},
): (request: Request) => Promise<Response> {
  return async (request) => {
    const mayRepeat = isRepeatable(request);
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt >= attempts || !mayRepeat;
      const response = await tried(send, request, isLast);
      if (response !== undefined && (isLast || !isBusy(response))) return response;
      await response?.body?.cancel();
      await pause(waitMs(response, attempt, { random, waitMsMax }), request.signal);
    }
  };
}

/** The answer; nothing where the network failed and another attempt is to come. */
async function tried(
  send: RetryParts["send"],
  request: Request,
  isLast: boolean,
): Promise<Response | undefined> {
  try {
    // A body can be read once: each attempt sends a copy.
    return await send(isLast ? request : request.clone());
  } catch (error) {
    if (isLast || request.signal.aborted) throw error;
    return undefined;
  }
}

/** Waits, or rejects as soon as the signal says so. */
export function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      signal.removeEventListener("abort", given);
      resolve();
    }
    function given(): void {
      clearTimeout(timer);
      reject(signal.reason);
    }
    if (signal.aborted) given();
    else signal.addEventListener("abort", given, { once: true });
  });
}
