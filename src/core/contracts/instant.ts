import { assert } from "../assert.ts";

const DAY_MS = 86_400_000;
/** Groups: year, month, day, hour, minute, second, fraction, `Z` or offset. */
const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
/** 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what RFC 3339 can write. */
const INSTANT_MS_MIN = -62_167_219_200_000;
const INSTANT_MS_MAX = 253_402_300_799_999;

/**
 * UTC milliseconds of an RFC 3339 date-time with `Z` or an offset; digits beyond the millisecond
 * are cut. Undefined for anything else, a day no calendar has and a leap second.
 */
export function parseInstant(text: string): number | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", zone = "Z"] = match;
  const dayMs = midnight(Number(year), Number(month), Number(day));
  const clockMs = clock(Number(hour), Number(minute), Number(second));
  const zoneMs = offset(zone);
  if (dayMs === undefined || clockMs === undefined || zoneMs === undefined) return undefined;

  const ms = dayMs + clockMs + Number(fraction.slice(0, 3).padEnd(3, "0")) - zoneMs;
  return isWritable(ms) ? ms : undefined;
}

/** UTC milliseconds of a date-time, or of a date alone, `2026-01-31`: its midnight UTC. */
export function parseInstantOrDay(text: string): number | undefined {
  const match = DAY.exec(text);
  if (match === null) return parseInstant(text);
  return midnight(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** RFC 3339 in UTC with milliseconds. Throws outside the years 0000 to 9999. */
export function formatInstant(ms: number): string {
  const isKnown = Number.isInteger(ms) && isWritable(ms);
  assert(isKnown, "Cannot write an instant outside the years 0000 to 9999");
  const days = Math.floor(ms / DAY_MS);
  const rest = ms - days * DAY_MS;
  const { year, month, day } = civilFromDays(days);
  const time = [rest / 3_600_000, (rest / 60_000) % 60, (rest / 1000) % 60];
  const clockText = time.map((part) => pad(Math.floor(part), 2)).join(":");
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clockText}.${pad(rest % 1000, 3)}Z`;
}

const isWritable = (ms: number) => ms >= INSTANT_MS_MIN && ms <= INSTANT_MS_MAX;

const pad = (value: number, width: number) => String(value).padStart(width, "0");

function clock(hour: number, minute: number, second: number): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return ((hour * 60 + minute) * 60 + second) * 1000;
}

/** `Z`, `+02:00` or `-05:30` as milliseconds east of UTC. */
function offset(zone: string): number | undefined {
  if (zone.toUpperCase() === "Z") return 0;
  const ms = clock(Number(zone.slice(1, 3)), Number(zone.slice(4)), 0);
  return zone.startsWith("-") && ms !== undefined ? -ms : ms;
}

function midnight(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  return daysFromCivil(year, month, day) * DAY_MS;
}

const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Howard Hinnant's days_from_civil: the year starts in March, an era is 400 years. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}
