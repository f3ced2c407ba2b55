import { assert } from "../assert.ts";
import { formatInstant, parseInstantOrDay } from "../contracts/instant.ts";
import type { PeriodRule } from "./plan.ts";

/** One commission period: from its first millisecond up to, not including, the next one's. */
export interface Period {
  /** `2026-07`, `2026-W30`, `2026-07-1` or `2026-07-2`. */
  readonly period_id: string;
  readonly start_ms: number;
  readonly end_ms: number;
}

/**
 * The period an instant falls in, in the plan's time zone. Days begin with the first instant whose
 * local date they bear, so a midnight that a clock change skips or repeats parts no period; weeks
 * are those of ISO 8601, from Monday.
 */
export function periodAt(rule: PeriodRule, atMs: number): Period {
  const key = `${rule.unit} ${rule.tz}`;
  const latest = LATEST.get(key);
  if (latest !== undefined && contains(latest, atMs)) return latest;

  const local = daysOf(rule.unit, Math.floor((atMs + offsetAt(rule.tz, atMs)) / DAY_MS));
  let period = bounded(rule, local);
  // A clock set back over midnight shows the day before once more: the period goes on all the same.
  if (atMs >= period.end_ms) period = bounded(rule, daysOf(rule.unit, local.end));
  assert(contains(period, atMs), "Cannot find the period of an instant");
  LATEST.set(key, period);
  return period;
}

/** The period that follows: it starts where this one ends. */
export const nextPeriod = (rule: PeriodRule, { end_ms }: Period): Period => periodAt(rule, end_ms);

/** A period by its id; undefined for an id that this unit does not write. */
export function periodOf(rule: PeriodRule, periodId: string): Period | undefined {
  const first = firstDayOf(rule.unit, periodId);
  if (first === undefined) return undefined;
  const days = daysOf(rule.unit, first);
  return days.period_id === periodId ? bounded(rule, days) : undefined;
}

/** Whether a name is one of the IANA time zones that this machine knows; offsets are no zone. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    clockOf(name);
    return true;
  } catch {
    return false;
  }
}

const DAY_MS = 86_400_000;
/** Days in 400 years, after which the calendar repeats itself, weekdays too. */
const CYCLE_DAYS = 146_097;
/** 2000-01-01, where the cycle begins that dates are read and written in. */
const CYCLE_FIRST = 10_957;

/** Sales come in the order of time, mostly: the last period found answers most of them. */
const LATEST = new Map<string, Period>();
const CLOCKS = new Map<string, Intl.DateTimeFormat>();

const contains = ({ start_ms, end_ms }: Period, atMs: number) => atMs >= start_ms && atMs < end_ms;

/** A period in days of the local calendar, counted from 1970-01-01; `end` is the day after. */
interface Days {
  readonly period_id: string;
  readonly first: number;
  readonly end: number;
}

function bounded({ tz }: PeriodRule, { period_id, first, end }: Days): Period {
  return { period_id, start_ms: midnightOf(tz, first), end_ms: midnightOf(tz, end) };
}

function daysOf(unit: PeriodRule["unit"], day: number): Days {
  if (unit === "week") return weekOf(day);
  const { year, month, date } = dateOf(day);
  const monthId = `${padded(year, 4)}-${padded(month, 2)}`;
  const first = dayOf(year, month, 1);
  const end = month === 12 ? dayOf(year + 1, 1, 1) : dayOf(year, month + 1, 1);
  if (unit === "month") return { period_id: monthId, first, end };
  const middle = first + 15;
  return date <= 15
    ? { period_id: `${monthId}-1`, first, end: middle }
    : { period_id: `${monthId}-2`, first: middle, end };
}

/** A week belongs to the year of its Thursday; 1970-01-01 was one. */
function weekOf(day: number): Days {
  const first = mondayOf(day);
  const thursday = first + 3;
  const { year } = dateOf(thursday);
  const week = Math.floor((thursday - dayOf(year, 1, 1)) / 7) + 1;
  return { period_id: `${padded(year, 4)}-W${padded(week, 2)}`, first, end: first + 7 };
}

const mondayOf = (day: number) => day - ((((day + 3) % 7) + 7) % 7);

const PERIOD_ID = /^(-?\d{4,5})-(?:W(\d\d)|(\d\d)(?:-([12]))?)$/;

/** Any day of the period that an id may mean; whether it means one is seen by writing it again. */
function firstDayOf(unit: PeriodRule["unit"], periodId: string): number | undefined {
  const match = PERIOD_ID.exec(periodId);
  if (match === null) return undefined;
  const [, year = "", week, month, half] = match;
  // The 4th of January lies in the first week of its year.
  if (unit === "week") return dayOf(Number(year), 1, 4) + 7 * (Number(week ?? 0) - 1);
  const isMonth = Number(month ?? 0) >= 1 && Number(month) <= 12;
  return isMonth ? dayOf(Number(year), Number(month), half === "2" ? 16 : 1) : undefined;
}

/** Days since 1970-01-01 of a date of the Gregorian calendar, in any year. */
function dayOf(year: number, month: number, date: number): number {
  const cycles = Math.floor((year - 2000) / 400);
  const text = `${padded(year - 400 * cycles, 4)}-${padded(month, 2)}-${padded(date, 2)}`;
  const ms = parseInstantOrDay(text);
  assert(ms !== undefined, "Cannot count the days up to a date that no calendar has");
  return ms / DAY_MS + cycles * CYCLE_DAYS;
}

function dateOf(day: number): { year: number; month: number; date: number } {
  const cycles = Math.floor((day - CYCLE_FIRST) / CYCLE_DAYS);
  const text = formatInstant((day - cycles * CYCLE_DAYS) * DAY_MS);
  return {
    year: Number(text.slice(0, 4)) + 400 * cycles,
    month: Number(text.slice(5, 7)),
    date: Number(text.slice(8, 10)),
  };
}

const padded = (value: number, width: number) =>
  (value < 0 ? "-" : "") + String(Math.abs(value)).padStart(width, "0");

/** No zone is further from UTC than this, so the offsets a day before and after hold around it. */
const REACH_MS = DAY_MS;

/** The first instant of a local day. */
const midnightOf = (tz: string, day: number): number => instantOfLocal(tz, day * DAY_MS);

/** The local calendar's day of an instant, counted from 1970-01-01. */
export const localDayOf = (tz: string, atMs: number): number =>
  Math.floor((atMs + offsetAt(tz, atMs)) / DAY_MS);

/**
 * The first instant at which the local clock shows `local`, milliseconds since 1970-01-01T00:00 of
 * its own; where it is set forward over it, that of the change.
 */
export function instantOfLocal(tz: string, local: number): number {
  const isThen = (ms: number) => ms + offsetAt(tz, ms) === local;
  const offsets = [offsetAt(tz, local - REACH_MS), offsetAt(tz, local + REACH_MS)];
  const candidates = offsets.map((offset) => local - offset).filter(isThen);
  if (candidates.length > 0) return Math.min(...candidates);
  return firstAfterGap(tz, local);
}

/** Where the clock is set forward over it: then it is with the change. */
function firstAfterGap(tz: string, local: number): number {
  let before = local - 2 * REACH_MS;
  let after = local + 2 * REACH_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (middle + offsetAt(tz, middle) >= local) after = middle;
    else before = middle;
  }
  return after;
}

/** Before the year 1 clocks are written in another era; no zone had changed its offset by then. */
const OFFSET_MS_MIN = -62_135_596_800_000 + 2 * DAY_MS;

/** Milliseconds that the local clock is ahead of UTC. */
function offsetAt(tz: string, atMs: number): number {
  const seconds = Math.floor(Math.max(atMs, OFFSET_MS_MIN) / 1000);
  const parts = new Map(
    clockOf(tz)
      .formatToParts(seconds * 1000)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const day = dayOf(part("year"), part("month"), part("day"));
  const time = (part("hour") * 60 + part("minute")) * 60 + part("second");
  return day * DAY_MS + (time - seconds) * 1000;
}

function clockOf(tz: string): Intl.DateTimeFormat {
  const known = CLOCKS.get(tz);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: tz,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  CLOCKS.set(tz, clock);
  return clock;
}
