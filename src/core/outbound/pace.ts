/** A slot is used within so many ms of its time, or lapses. */
export const LAPSE_MS = 50;

/** So far ahead slots are reserved at most. */
export const AHEAD_MS = 2000;

/** A minute, and what two uses of slots can be nearer to each other than the slots are. */
const WINDOW_MS = 60_000 + LAPSE_MS;

/** What a destination allows: attempts a minute, and how many of them at once. */
export interface Rate {
  readonly perMinute: number;
  readonly concurrency: number;
}

/**
 * How far the slots of a destination are given away: the theoretical arrival time of the generic cell
 * rate algorithm (ITU-T I.371), UTC ms, with fractions.
 */
export interface Pace {
  readonly arrivalMs: number;
}

export const UNUSED: Pace = { arrivalMs: 0 };

/** When attempts may begin, UTC ms, ascending; and when the next slot after them is. */
export interface Reserved {
  readonly slots: readonly number[];
  readonly pace: Pace;
  readonly nextMs: number;
}

/**
 * Reserves up to `wanted` slots, from `nowMs` to before {@link AHEAD_MS} later.
 *
 * In any 60 s no more than `perMinute` attempts begin, where each begins within {@link LAPSE_MS} of a
 * slot of its own: exactly, bursts included. A burst is a second's worth, and no more than
 * `concurrency`; it is paid for by slots that lie a little wider apart, which costs less than 2 %.
 */
export function reserve(
  { arrivalMs }: Pace,
  rate: Rate,
  { nowMs, wanted }: { readonly nowMs: number; readonly wanted: number },
): Reserved {
  const { everyMs, aheadMs } = spacing(rate);
  const untilMs = nowMs + AHEAD_MS;
  // Further than slots can be reserved ahead, it was put by a slower rate than today's.
  let nextArrivalMs = Math.min(arrivalMs, untilMs + aheadMs + everyMs);
  const slots: number[] = [];
  let slotMs = Math.max(nowMs, Math.ceil(nextArrivalMs - aheadMs));
  while (slots.length < wanted && slotMs < untilMs) {
    slots.push(slotMs);
    nextArrivalMs = Math.max(nextArrivalMs, slotMs) + everyMs;
    slotMs = Math.max(slotMs, Math.ceil(nextArrivalMs - aheadMs));
  }
  return { slots, pace: { arrivalMs: nextArrivalMs }, nextMs: slotMs };
}

/** How far slots lie apart, and how far ahead of that they may be taken. */
function spacing({ perMinute, concurrency }: Rate) {
  const burst = Math.min(concurrency, Math.ceil(perMinute / 60));
  const everyMs = WINDOW_MS / (perMinute - burst + 1);
  return { everyMs, aheadMs: (burst - 1) * everyMs };
}
