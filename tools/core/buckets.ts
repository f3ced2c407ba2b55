import { PART_DIGITS_MAX, SHARDS } from "./digest.ts";
import { badParameter } from "./problem.ts";

export const LEVELS = ["month", "day", "hour", "part", "balances"] as const;
export type Level = (typeof LEVELS)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is asked for by a bucket's name. */
export interface Named {
  readonly fromMs: number;
  readonly toMs: number;
  readonly shard: number;
  readonly part?: string;
}

/** SQLite's name of an hour's month, day or hour; `hour_ms` is in milliseconds. */
export const TIME_SQL: Readonly<Record<Exclude<Level, "balances">, string>> = {
  month: "strftime('%Y-%m', hour_ms / 1000, 'unixepoch')",
  day: "strftime('%Y-%m-%d', hour_ms / 1000, 'unixepoch')",
  hour: "strftime('%Y-%m-%dT%H', hour_ms / 1000, 'unixepoch')",
  part: "strftime('%Y-%m-%dT%H', hour_ms / 1000, 'unixepoch')",
};

const CHARS: Readonly<Record<Exclude<Level, "balances">, number>> = {
  month: 7,
  day: 10,
  hour: 13,
  part: 13,
};

/** The same name, of an instant. */
export const timeName = (level: Exclude<Level, "balances">, ms: number): string =>
  new Date(ms).toISOString().slice(0, CHARS[level]);

/** Whether an instant is the first of a month, day or hour. */
export const isStart = (level: Exclude<Level, "balances">, ms: number): boolean =>
  Date.parse(startText(timeName(level, ms))) === ms;

const startText = (name: string): string =>
  `${name}${"0000-01-01T00:00:00.000Z".slice(name.length)}`;

const NAME = new RegExp(
  `^(\\d{4}-\\d\\d(?:-\\d\\d(?:T\\d\\d)?)?)/(0|[1-9]\\d?)(?:/([0-9a-f]{1,${PART_DIGITS_MAX}}))?$`,
);

/** The bucket of a name. Throws a problem where it names none of lines, of the parameter it came in. */
export function bucketOf(name: string, parameter: "bucket" | "within"): Named {
  const [, time = "", digits = "", part] = NAME.exec(name) ?? [];
  const level = (["month", "day", "hour"] as const).find((one) => CHARS[one] === time.length);
  const fromMs = Date.parse(startText(time));
  // Date reads a 31st of every month: it is written as another day.
  const isTime = level !== undefined && isNamed(level, fromMs, time);
  if (!isTime || Number(digits) >= SHARDS || (part !== undefined && level !== "hour")) {
    const message = "Must name lines, as 2026-11/17, 2026-11-19/17 or 2026-11-19T13/17/a do";
    throw badParameter(parameter, "bucket", message);
  }
  const toMs = endOf(level, fromMs);
  return { fromMs, toMs, shard: Number(digits), ...(part !== undefined && { part }) };
}

const isNamed = (level: Exclude<Level, "balances">, ms: number, name: string): boolean =>
  !Number.isNaN(ms) && timeName(level, ms) === name;

function endOf(level: Exclude<Level, "balances">, fromMs: number): number {
  if (level === "day") return fromMs + DAY_MS;
  if (level !== "month") return fromMs + HOUR_MS;
  const from = new Date(fromMs);
  return Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1);
}
