import { assert } from "../assert.ts";
import { formatInstant, parseInstant } from "../contracts/instant.ts";
import type { CoreLine } from "./core-line.ts";
import type { Sha256 } from "./digest.ts";
import { PART_DIGITS_MAX, partOf, shardOf, SHARDS } from "./shard.ts";

/** Levels by time, the widest first: each bucket of one is cut up into buckets of the next. */
export const TIME_LEVELS = ["month", "day", "hour", "part"] as const;
export type TimeLevel = (typeof TIME_LEVELS)[number];

/** What digests can be asked for: lines by time, or balances. */
export const LEVELS = [...TIME_LEVELS, "balances"] as const;

/** Lines of a shard by when they took effect; in a part of an hour, those of some digits of `partOf`. */
export type TimeBucket =
  | { readonly level: "month" | "day" | "hour"; readonly fromMs: number; readonly shard: number }
  | {
      readonly level: "part";
      readonly fromMs: number;
      readonly shard: number;
      /** One hex digit to four: each one more cuts a part into sixteen. */
      readonly part: string;
    };

export type PartBucket = Extract<TimeBucket, { readonly level: "part" }>;

/** What is summed up together: lines of a shard in a time, or all balances of a shard. */
export type Bucket = TimeBucket | { readonly level: "balances"; readonly shard: number };

/** UTC milliseconds, `toMs` left out. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 0000-01-01 and behind 9999-12-31: a bucket's name has four digits for the year. */
const FIRST_MS = -62_167_219_200_000;
const LAST_MS = 253_402_300_800_000;

const DIGITS = "0123456789abcdef".split("");
const PART_FORM = new RegExp(`^[0-9a-f]{1,${PART_DIGITS_MAX}}$`);

/** How much of `2026-11-19T13` names the time of a level. */
const TIME_CHARS: Readonly<Record<TimeLevel, number>> = { month: 7, day: 10, hour: 13, part: 13 };

/** What a name leaves out of the instant that its time begins at. */
const BEGINNING = "0000-01-01T00:00:00Z";

const TIME_FORMS = {
  month: /^\d{4}-\d\d$/,
  day: /^\d{4}-\d\d-\d\d$/,
  hour: /^\d{4}-\d\d-\d\dT\d\d$/,
} as const;

/**
 * The bucket of a name: `2026-11/17`, `2026-11-19/17`, `2026-11-19T13/17`, `2026-11-19T13/17/a`,
 * `2026-11-19T13/17/a3`, `balances/17`. Undefined for anything else, days that no calendar has, and shards from 64.
 */
export function parseBucket(name: string): Bucket | undefined {
  const [time = "", digits = "", part, ...rest] = name.split("/");
  const shard = parseShard(digits);
  if (shard === undefined || rest.length > 0) return undefined;
  if (time === "balances") return part === undefined ? { level: "balances", shard } : undefined;

  const bucket = bucketAt(time, shard);
  return part === undefined ? bucket : partOfHour(bucket, part);
}

function partOfHour(hour: Bucket | undefined, part: string): Bucket | undefined {
  if (hour?.level !== "hour" || !PART_FORM.test(part)) return undefined;
  return { level: "part", fromMs: hour.fromMs, shard: hour.shard, part };
}

/** `0` to `63`, without leading zeros. */
export function parseShard(digits: string): number | undefined {
  return /^(?:0|[1-9]\d?)$/.test(digits) && Number(digits) < SHARDS ? Number(digits) : undefined;
}

function bucketAt(time: string, shard: number): Exclude<TimeBucket, { level: "part" }> | undefined {
  for (const level of ["month", "day", "hour"] as const) {
    if (!TIME_FORMS[level].test(time)) continue;
    const fromMs = parseInstant(`${time}${BEGINNING.slice(time.length)}`);
    return fromMs === undefined ? undefined : { level, fromMs, shard };
  }
  return undefined;
}

/** The name of a bucket; {@link parseBucket} reads it. */
export function formatBucket(bucket: Bucket): string {
  if (bucket.level === "balances") return `balances/${bucket.shard}`;
  const time = formatInstant(bucket.fromMs).slice(0, TIME_CHARS[bucket.level]);
  const name = `${time}/${bucket.shard}`;
  return bucket.level === "part" ? `${name}/${bucket.part}` : name;
}

/** When the lines of a bucket took effect. */
export function rangeOf({ level, fromMs }: TimeBucket): Range {
  return { fromMs, toMs: nextMs(level, fromMs) };
}

/** The bucket that a part is cut out of: the hour, or the part with a digit less. */
export function cutOutOf({ level, fromMs, shard, part }: PartBucket): TimeBucket {
  if (part.length === 1) return { level: "hour", fromMs, shard };
  return { level, fromMs, shard, part: part.slice(0, -1) };
}

/** The level that a bucket of this one is cut up into; undefined for a part, which stays one. */
export const finerThan = (level: TimeLevel): TimeLevel | undefined =>
  TIME_LEVELS[TIME_LEVELS.indexOf(level) + 1];

/** The buckets that a bucket is cut up into, in the order of their names; none of the smallest parts. */
export function childrenOf(bucket: TimeBucket): readonly TimeBucket[] {
  const { shard } = bucket;
  const level = finerThan(bucket.level);
  if (bucket.level === "part" || level === undefined || level === "part") return partsOf(bucket);
  const { fromMs, toMs } = rangeOf(bucket);
  const children: TimeBucket[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs = nextMs(level, atMs)) {
    children.push({ level, fromMs: atMs, shard });
  }
  return children;
}

function partsOf(bucket: TimeBucket): readonly TimeBucket[] {
  const { fromMs, shard } = bucket;
  const before = bucket.level === "part" ? bucket.part : "";
  if (before.length === PART_DIGITS_MAX) return [];
  return DIGITS.map((digit) => ({ level: "part", fromMs, shard, part: `${before}${digit}` }));
}

/** The bucket that a line is in at a level; of parts the largest. */
export function bucketOf(
  line: Pick<CoreLine, "line_id" | "distributor_id" | "effective_ms">,
  level: TimeLevel,
  sha256: Sha256,
): TimeBucket {
  const fromMs = startMs(level, line.effective_ms);
  const shard = shardOf(line.distributor_id, sha256);
  if (level !== "part") return { level, fromMs, shard };
  return { level, fromMs, shard, part: partOf(line.line_id, sha256) };
}

/** Whether a line is in a bucket, however small a part that is. */
export function isIn(
  line: Parameters<typeof bucketOf>[0],
  bucket: TimeBucket,
  sha256: Sha256,
): boolean {
  const { fromMs, toMs } = rangeOf(bucket);
  if (line.effective_ms < fromMs || line.effective_ms >= toMs) return false;
  if (shardOf(line.distributor_id, sha256) !== bucket.shard) return false;
  if (bucket.level !== "part") return true;
  return partOf(line.line_id, sha256, bucket.part.length) === bucket.part;
}

/** Whether each of a range's ends is the beginning of a bucket of the level, as a core demands. */
export const isAligned = ({ fromMs, toMs }: Range, level: TimeLevel): boolean =>
  fromMs === startMs(level, fromMs) && (toMs === LAST_MS || toMs === startMs(level, toMs));

/** The smallest aligned range around another: what is asked for where a window ends amid a bucket. */
export function aligned({ fromMs, toMs }: Range, level: TimeLevel): Range {
  const lastMs = startMs(level, toMs - 1);
  return { fromMs: startMs(level, fromMs), toMs: nextMs(level, lastMs) };
}

/** By name, as texts: the order of buckets in an answer. */
export const compareNames = (one: string, other: string): number =>
  one < other ? -1 : one > other ? 1 : 0;

/** Where the bucket of a level begins that an instant is in. */
export function startMs(level: TimeLevel, ms: number): number {
  assert(ms >= FIRST_MS && ms < LAST_MS, "A bucket lies in the years 0000 to 9999");
  if (level === "month") {
    const beginMs = parseInstant(`${formatInstant(ms).slice(0, TIME_CHARS.month)}-01T00:00:00Z`);
    assert(beginMs !== undefined, "Every month begins");
    return beginMs;
  }
  const unitMs = level === "day" ? DAY_MS : HOUR_MS;
  return Math.floor(ms / unitMs) * unitMs;
}

/** Where the next bucket of a level begins. */
function nextMs(level: TimeLevel, fromMs: number): number {
  if (level === "day") return fromMs + DAY_MS;
  if (level !== "month") return fromMs + HOUR_MS;
  // 31 days on is always in the next month, and never in the one behind it.
  const laterMs = fromMs + 31 * DAY_MS;
  return laterMs >= LAST_MS ? LAST_MS : startMs("month", laterMs);
}
