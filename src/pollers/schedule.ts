import { formatInstant } from "../core/contracts/instant.ts";
import { instantOfLocal, localDayOf } from "../core/plans/period.ts";
import type { StreamSettings } from "./settings.ts";

const DAY_MS = 86_400_000;
const EVERY_S_DEFAULT = 300;
const AT_DEFAULT = "02:00";
/** Days that nobody asked for are asked for later, a day a round: so many of them. */
const MISSED_DAYS_MAX = 7;
/** Of a stream that no round ever begins of by itself: the last instant JavaScript can write. */
export const NEVER_MS = 8_640_000_000_000_000;

/** When a daily stream's round is due, and the local day that has ended by then. */
export interface DailyRound {
  readonly dueMs: number;
  readonly day: string;
}

type Daily = Pick<StreamSettings, "at" | "tz">;

/** The daily round after the one of `doneMs`, which may be still to come; the latest one, at first. */
export function dailyAfter(stream: Daily, doneMs: number | null, nowMs: number): DailyRound {
  const { tz = "UTC" } = stream;
  const today = localDayOf(tz, nowMs);
  if (doneMs !== null) {
    const day = Math.max(localDayOf(tz, doneMs) + 1, today - MISSED_DAYS_MAX);
    return dailyOn(stream, day);
  }
  const now = dailyOn(stream, today);
  return now.dueMs <= nowMs ? now : dailyOn(stream, today - 1);
}

function dailyOn({ at = AT_DEFAULT, tz = "UTC" }: Daily, day: number): DailyRound {
  const [hours = 0, minutes = 0] = at.split(":").map(Number);
  const dueMs = instantOfLocal(tz, day * DAY_MS + (hours * 60 + minutes) * 60_000);
  return { dueMs, day: formatInstant((day - 1) * DAY_MS).slice(0, 10) };
}

/** When the round after one that began then is due. */
export function nextRoundMs(
  stream: StreamSettings,
  { beganMs, dueMs, nowMs }: { beganMs: number; dueMs: number | null; nowMs: number },
): number {
  if (stream.every === "never") return NEVER_MS;
  if (stream.every === "day") return dailyAfter(stream, dueMs, nowMs).dueMs;
  return beganMs + (stream.every_s ?? EVERY_S_DEFAULT) * 1000;
}

/** No round that is planned is further away: one that is was planned by other settings. */
export function longestMs({ every, every_s: everyS }: Pick<StreamSettings, "every" | "every_s">) {
  if (every === "never") return Infinity;
  return every === "day" ? 2 * DAY_MS : (everyS ?? EVERY_S_DEFAULT) * 1000;
}

/** What is waited after so many failures in a row, milliseconds: a minute, doubled up to an hour. */
export const backoffMs = (failures: number): number =>
  Math.min(3_600_000, 60_000 * 2 ** Math.min(failures - 1, 10));
