import type { Entry, Passage } from "../subject/entry.ts";

/** What the mirror lacked for longer, it had before and has lost. */
const MIRRORED_MS_MAX = 86_400_000;

const UUID_V7 = /^evt_([\da-f]{8})-([\da-f]{4})-7/;

/** The instant in an event's id, UTC milliseconds: that of its reception; undefined of another id. */
export function receivedMsIn(eventId: string): number | undefined {
  const [, high, low] = UUID_V7.exec(eventId) ?? [];
  return high === undefined || low === undefined ? undefined : Number.parseInt(high + low, 16);
}

/** Lines that a row of a log has made or changed, and how long that took; milliseconds. */
export interface LineTimes {
  readonly lines: number;
  readonly passage: Passage | undefined;
  readonly receivedMs: number;
  /** When the object wrote the row. */
  readonly recordedMs: number;
  /** From when it happened until it was received; 0 where its sender's clock is ahead. */
  readonly producerMs: number;
  /** Until a consumer took it. Not told of what was kept back: it stood in no queue then. */
  readonly queueMs?: number;
  /** From then until its object had written it; where that was an earlier try's, `queueMs` has it. */
  readonly applyMs?: number;
}

/**
 * The lines of a row that are timed: each that an event has posted, superseded, released or reversed,
 * or that an order was told of and passed on. Undefined of all else: dates that came due, periods that
 * were closed and people's acts have no reception, and what the mirror has lost and is told again
 * counted when it was new. Lines that nobody waited for come marked, and without a wait: events that
 * were polled, healed, played again, held for a paused source or sent again by a person, and orders that
 * the past has changed for, which one event can do to every order of a company. They came when cron or
 * somebody wished; timed as live they would hide how live ones fare.
 */
export function lineTimes(entry: Entry, startedMs: number | undefined): LineTimes | undefined {
  const lines = entry.effects.lines?.length ?? 0;
  const came = arrivalOf(entry);
  const { recorded_ms: recordedMs } = entry;
  if (lines === 0 || came === undefined) return undefined;
  if (startedMs !== undefined && startedMs - recordedMs > MIRRORED_MS_MAX) return undefined;
  const { receivedMs, occurredMs, passage } = came;
  const producerMs = Math.max(0, receivedMs - occurredMs);
  const times = { lines, passage, receivedMs, recordedMs, producerMs };
  if (startedMs === undefined || passage !== undefined) return times;
  const queueMs = Math.max(0, Math.min(startedMs, recordedMs) - receivedMs);
  return recordedMs < startedMs
    ? { ...times, queueMs }
    : { ...times, queueMs, applyMs: recordedMs - startedMs };
}

function arrivalOf({ event, cause }: Entry) {
  if (event !== undefined) {
    const { received_ms: receivedMs, occurred_ms: occurredMs, passage } = event;
    return { receivedMs, occurredMs, passage };
  }
  const receivedMs = cause?.kind === "line" ? receivedMsIn(cause.event_id) : undefined;
  if (cause === undefined || receivedMs === undefined) return undefined;
  return { receivedMs, occurredMs: cause.occurred_ms, passage: cause.passage };
}
