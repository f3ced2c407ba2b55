import type { Attempt, AttemptOutcome, DeliveryState } from "./delivery.ts";
import { nextAttemptMs } from "./schedule.ts";

/** Attempts kept of one delivery, the newest: more than one schedule has. */
export const ATTEMPTS_MAX = 30;

/** Due for longer than this, as its destination was paused or out, it is given up instead of tried. */
export const WAITING_MS_MAX = 7 * 24 * 3_600_000;

/** A delivery as far as its next attempt depends on it. */
export interface Tried {
  readonly step: number;
  readonly attempts: readonly Attempt[];
  readonly dueMs: number;
}

/** How a delivery stands after an attempt, or after none. */
export interface Standing {
  readonly state: DeliveryState;
  readonly step: number;
  readonly attempts: readonly Attempt[];
  /** When it is tried next, UTC ms; absent once nobody tries any more, and then there is `endedMs`. */
  readonly dueMs?: number;
  readonly endedMs?: number;
}

/** What an attempt has made of a delivery. `nowMs` is when the attempt was over. */
export function afterAttempt(
  { step, attempts, dueMs }: Tried,
  { attempt, outcome }: { readonly attempt: Attempt; readonly outcome: AttemptOutcome },
  { nowMs, random }: { readonly nowMs: number; readonly random: number },
): Standing {
  const kept = [...attempts, attempt].slice(-ATTEMPTS_MAX);
  switch (outcome.kind) {
    case "delivered":
      return { state: "delivered", step: step + 1, attempts: kept, endedMs: nowMs };
    // That the destination is gone is nothing about this delivery: it waits as it did.
    case "gone":
      return { state: "pending", step, attempts: kept, dueMs };
    case "failed": {
      const failed = { ...outcome, step: step + 1 };
      const nextMs = nextAttemptMs(failed, { nowMs, random });
      return nextMs === undefined
        ? { state: "dead", step: step + 1, attempts: kept, endedMs: nowMs }
        : { state: "pending", step: step + 1, attempts: kept, dueMs: nextMs };
    }
  }
}

/**
 * Whether it has waited for too long to be tried at all. Counted from when it was due, so that what a
 * person begins anew is tried, however old it is.
 */
export const isTooLate = ({ dueMs }: Pick<Tried, "dueMs">, nowMs: number): boolean =>
  nowMs - dueMs > WAITING_MS_MAX;

/** What becomes of it then. */
export const givenUp = ({ step, attempts }: Tried, nowMs: number): Standing => ({
  state: "dead",
  step,
  attempts,
  endedMs: nowMs,
});
