/** How often something was sent to heal a break, and when. */
export interface Sent {
  readonly first_ms: number;
  readonly last_ms: number;
  readonly times: number;
}

/** What a run does about a break that has an automatic action. */
export interface Sending {
  /** With what this run sends. */
  readonly sent: Sent;
  /** Something was sent long ago, and the break is there all the same. */
  readonly isWithoutEffect: boolean;
  /** Nothing is sent in this run. */
  readonly isPaused: boolean;
}

export interface SendingAt {
  readonly nowMs: number;
  /** What was sent before then has had time to be applied, and to be seen by this run. */
  readonly settledMs: number;
}

const HOUR_MS = 3_600_000;
const PAUSE_MS_MAX = 24 * HOUR_MS;

/** Doubled each time: what kept it from being applied may pass, and every try is tried twenty times. */
const pauseAfter = (times: number): number => Math.min(HOUR_MS * 2 ** (times - 1), PAUSE_MS_MAX);

/** A run that died and judges again is the same run: it is told so by its moment. */
export function sendingOf(before: Sent | undefined, { nowMs, settledMs }: SendingAt): Sending {
  if (before === undefined) {
    const sent = { first_ms: nowMs, last_ms: nowMs, times: 1 };
    return { sent, isWithoutEffect: false, isPaused: false };
  }
  const { first_ms, last_ms, times } = before;
  const isWithoutEffect = first_ms < settledMs;
  if (last_ms === nowMs) return { sent: before, isWithoutEffect, isPaused: false };
  // It may be on its way still; sent once more it is applied once all the same.
  const isDue = !isWithoutEffect || nowMs - last_ms >= pauseAfter(times);
  if (!isDue) return { sent: before, isWithoutEffect, isPaused: true };
  const sent = { first_ms, last_ms: nowMs, times: times + 1 };
  return { sent, isWithoutEffect, isPaused: false };
}
