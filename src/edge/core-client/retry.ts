/** How often a request is sent at most: once, and again. */
export const ATTEMPTS_MAX = 4;
/** What is waited before the second attempt at most; before each other one twice as long. */
const BACKOFF_MS = 500;
/** A core that wants to be left alone for longer is asked again by the next run. */
export const RETRY_AFTER_MS_MAX = 30_000;

/** Whether another attempt can end otherwise: nobody answered, or not now. */
export const isPassing = (failure: { readonly kind: string; readonly status?: number }): boolean =>
  failure.kind === "unreachable" ||
  failure.kind === "timeout" ||
  (failure.kind === "status" && (failure.status === 429 || (failure.status ?? 0) >= 500));

/**
 * How long to wait before the next attempt, milliseconds. What the core asks for holds, up to
 * {@link RETRY_AFTER_MS_MAX}; otherwise any time up to a bound that doubles, so that those who were
 * turned away together do not come back together.
 */
export function pauseMs(
  attempt: number,
  retryAfter: string | null | undefined,
  { nowMs, random }: { readonly nowMs: number; readonly random: number },
): number {
  const askedMs = readRetryAfter(retryAfter ?? "", nowMs);
  if (askedMs !== undefined) return Math.min(askedMs, RETRY_AFTER_MS_MAX);
  return Math.round(BACKOFF_MS * 2 ** (attempt - 1) * random);
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function readRetryAfter(text: string, nowMs: number): number | undefined {
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) || !text.includes("GMT") ? undefined : Math.max(0, dateMs - nowMs);
}
