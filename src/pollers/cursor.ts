import { parseInstantOrDay } from "../core/contracts/instant.ts";
import { fingerprint } from "../senders/read/fingerprint.ts";
import type { Asked, Place } from "./poller.ts";
import type { Recent } from "./recent.ts";
import { dailyAfter } from "./schedule.ts";
import type { PollSettings, StreamSettings } from "./settings.ts";
import type { Anchor } from "./stray.ts";

const RESTARTS_MAX = 3;

/** What a gap has asked for: a round from an instant on, its rows under the gap's revision. */
export interface Resync {
  readonly fromMs: number;
  readonly rev?: string;
}

/** How far a stream is polled. JSON: a row of `polls` keeps it. */
export interface Cursor {
  /** What the stream asks for: with another list it begins anew. */
  readonly of: string;
  /** The newest change seen by the last whole round, by the product's clock. */
  readonly watermarkMs: number | null;
  /** When the last daily round was due. */
  readonly doneMs: number | null;
  readonly round: Round | null;
  /** Versions told lately. What the overlap brings again is among them. */
  readonly recent: readonly Recent[];
  readonly resync: Resync | null;
}

export interface Round {
  readonly beganMs: number;
  /** Of a daily stream: when it was due, and the day that had ended. */
  readonly dueMs: number | null;
  readonly day?: string;
  readonly fromMs: number | null;
  /** Whether a gap asked for it. */
  readonly isResync: boolean;
  readonly rev?: string;
  readonly place: Place;
  readonly pages: number;
  readonly emptyPages: number;
  readonly restarts: number;
  /** The newest change of the round. */
  readonly topMs: number | null;
  /** A page of before: a listing that goes in a circle comes by it. */
  readonly anchor: Anchor;
  /** Of a listing that shifts: how often it was taken, and what it came to. */
  readonly passes: number;
  readonly sum: string;
  readonly before: string | null;
  /** Records a page at most, once a longer one was too long to be read. */
  readonly size?: number;
  /** Records that cannot be taken: one of them, and their oldest change. */
  readonly left?: { readonly id: string; readonly atMs: number | null };
}

export interface Terms {
  readonly stream: StreamSettings;
  readonly overlapS: number;
}

/** What a stream's list is: another one has another watermark. */
export function listOf(
  { kind, base_url: base, account }: PollSettings,
  stream: StreamSettings,
): string {
  const own =
    "url" in stream
      ? [stream.url, stream.items, stream.id, stream.updated_at, stream.pages]
      : [stream.object];
  return fingerprint(JSON.stringify([kind, base, account, own]));
}

export const newCursor = (of: string): Cursor => ({
  of,
  watermarkMs: null,
  doneMs: null,
  round: null,
  recent: [],
  resync: null,
});

export type Walking = Cursor & { readonly round: Round };

/** The cursor with a round under way: the one it had, or a new one. */
export function begin(cursor: Cursor, terms: Terms, nowMs: number): Walking {
  if (cursor.round !== null) return { ...cursor, round: cursor.round };
  return { ...cursor, resync: null, round: newRound(cursor, terms, nowMs) };
}

function newRound(cursor: Cursor, { stream, overlapS }: Terms, nowMs: number): Round {
  const { resync } = cursor;
  // What a gap asks for is no day's round, and takes none's place.
  const isDaily = stream.every === "day" && resync === null;
  const daily = isDaily ? dailyAfter(stream, cursor.doneMs, nowMs) : undefined;
  const sinceMs = resync === null ? cursor.watermarkMs : resync.fromMs;
  return {
    beganMs: nowMs,
    dueMs: daily?.dueMs ?? null,
    ...(daily === undefined ? {} : { day: daily.day }),
    isResync: resync !== null,
    fromMs: sinceMs === null ? startOf(stream) : sinceMs - overlapS * 1000,
    ...(resync?.rev === undefined ? {} : { rev: resync.rev }),
    ...FIRST_PAGE,
    restarts: 0,
    topMs: null,
    passes: 1,
    before: null,
  };
}

const startOf = ({ start }: StreamSettings): number | null =>
  start === undefined ? null : (parseInstantOrDay(start) ?? null);

const FIRST_PAGE = {
  place: null,
  pages: 0,
  emptyPages: 0,
  anchor: { name: "", pages: 0 },
  sum: "0",
};

/**
 * Has a stream asked again from an instant on. Of several gaps one round does: what it finds is later
 * than all of them.
 */
export function askAgain(cursor: Cursor, { fromMs, rev }: Resync): Cursor {
  const known = cursor.resync;
  const highest = laterRev(known?.rev, rev);
  return {
    ...cursor,
    resync: {
      fromMs: Math.min(fromMs, known?.fromMs ?? fromMs),
      ...(highest === undefined ? {} : { rev: highest }),
    },
  };
}

/** The later of two places in a log, which are integers of any length. */
export function laterRev(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return BigInt(a) >= BigInt(b) ? a : b;
}

export const askedOf = ({ fromMs, place, day, size }: Round): Asked => ({
  fromMs,
  place,
  ...(day === undefined ? {} : { day }),
  ...(size === undefined ? {} : { size }),
});

/** After a place that is known no more: from the round's beginning. What was told already is remembered. */
export function restart(cursor: Walking): Cursor | undefined {
  const { round } = cursor;
  if (round.restarts >= RESTARTS_MAX) return undefined;
  return { ...cursor, round: { ...anew(round), restarts: round.restarts + 1 } };
}

/** Without its round, which is begun anew: what a gap asked for is still asked for. */
export function giveUp(cursor: Walking, { overlapS }: Pick<Terms, "overlapS">): Cursor {
  const { isResync, fromMs, rev } = cursor.round;
  const free = { ...cursor, round: null };
  if (!isResync || fromMs === null) return free;
  return askAgain(free, {
    fromMs: fromMs + overlapS * 1000,
    ...(rev === undefined ? {} : { rev }),
  });
}

export const anew = (round: Round): Round => ({ ...round, ...FIRST_PAGE });

/** With pages of half as many records as one that was too long; nothing where it had one alone. */
export function narrowed(cursor: Walking, pageSize: number | undefined): Walking | undefined {
  const size = cursor.round.size ?? pageSize ?? 1;
  if (size <= 1) return undefined;
  return { ...cursor, round: { ...cursor.round, size: Math.ceil(size / 2) } };
}

/** What is not dated is remembered from one round to the next: it may come back to what it was. */
export const undatedIn = ({ beganMs }: Round): number => -beganMs;
