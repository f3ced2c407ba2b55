const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * How long after each failed attempt the next one is made: the schedule that Standard Webhooks 1.0.0
 * recommends («Deliverability and reliability»). Behind the last one nobody tries any more.
 */
export const PAUSES_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** So much of a pause comes on top at most: what failed together is not tried again together. */
export const JITTER_MAX = 0.1;

/** Longer than this nobody is made to wait, whatever a destination's `Retry-After` asks for. */
export const RETRY_AFTER_MS_MAX = 24 * HOUR_MS;

/**
 * When a delivery is tried next, UTC ms; nothing once its schedule is used up. `step`: how many
 * attempts of the schedule have failed, this one among them. `random`: from 0 to below 1.
 */
export function nextAttemptMs(
  { step, retryAfterMs = 0 }: { readonly step: number; readonly retryAfterMs?: number },
  { nowMs, random }: { readonly nowMs: number; readonly random: number },
): number | undefined {
  const pauseMs = PAUSES_MS[step - 1];
  if (pauseMs === undefined) return undefined;
  const ownMs = Math.round(pauseMs * (1 + JITTER_MAX * random));
  return nowMs + Math.max(ownMs, Math.min(retryAfterMs, RETRY_AFTER_MS_MAX));
}
