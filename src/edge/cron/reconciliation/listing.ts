import {
  formatBucket,
  parseBucket,
  rangeOf,
  startMs,
  type TimeBucket,
} from "../../../core/reconciliation/buckets.ts";
import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import {
  asContradicted,
  differ,
  type LineName,
  type LocalLine,
} from "../../../core/reconciliation/differ.ts";
import { addReports } from "../../../core/reconciliation/report.ts";
import { SHARDS, shardOf } from "../../../core/reconciliation/shard.ts";
import { tallyExpected, tallyLines, unlike } from "../../../core/reconciliation/tally.ts";
import type { BucketSum, Question } from "../../../core/reconciliation/walk.ts";
import { adopt, type Going, type Outcome, type Stop, stopOf, walkedToMs } from "./going.ts";
import { linesNamed } from "./named.ts";
import type { Listed } from "./ports.ts";
import { passOverOdd } from "./unread.ts";

const DAY_MS = 86_400_000;
/** More buckets than these are not listed one by one: what changed since is, in whole pages. */
const BUCKETS_MAX = 512;
/** Of a longer range months are counted, not days: what is counted is kept with each page. */
const COUNTED_DAYS_MAX = 8;
const BUCKETS_AT_ONCE = 50;
const IDS_AT_ONCE = 100;

/**
 * Goes on with a run whose core has no digests: its lines are listed, by days and shards where the
 * range is short, else by when they changed.
 */
export function listInstead(going: Going): void {
  const { range, shards = ALL_SHARDS } = going.cursor;
  uncount(going);
  const days = (range.toMs - range.fromMs) / DAY_MS;
  if (days * shards.length > BUCKETS_MAX) return listByChange(going);
  const questions = shards.flatMap((shard) =>
    daysOf(range, shard).map((day): Question => ({ kind: "lines", bucket: formatBucket(day) })),
  );
  going.cursor = { ...going.cursor, questions, listed: started(going) };
}

const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);

const started = ({ cursor: { range } }: Going): Listed => ({
  level: range.toMs - range.fromMs > COUNTED_DAYS_MAX * DAY_MS ? "month" : "day",
  tally: {},
});

function daysOf(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  shard: number,
): readonly TimeBucket[] {
  const days: TimeBucket[] = [];
  for (let atMs = startMs("day", fromMs); atMs < toMs; atMs += DAY_MS) {
    days.push({ level: "day", fromMs: atMs, shard });
  }
  return days;
}

/** What was counted before is counted again. */
function uncount(going: Going): void {
  if (going.run.kind === "balances") return;
  going.report = { ...going.report, expected: 0, covered: 0, compared: 0, contradicted: 0 };
}

/** The core lists no buckets either. */
export function listByChange(going: Going): void {
  uncount(going);
  going.cursor = { ...going.cursor, phase: "list", questions: [], listed: started(going) };
}

/**
 * One page of the lines that changed since the range began, held against ours by name; what differs
 * is kept, what is alike is counted. Lines are told in any order, so that only at the end is known
 * what the mirror has beyond them.
 */
export async function listPage(going: Going): Promise<Outcome> {
  const { core, ports, run, cursor } = going;
  const listed = cursor.listed ?? started(going);
  const at = { snapshot: cursor.snapshot, place: listed.place };
  const told = await core.changed(cursor.range.fromMs, at);
  if (told.kind !== "page") return stopOf(told);
  const stop = (await adopt(going, told.snapshot)) ?? passOverOdd(going, "lines", told.odd);
  if (stop !== undefined) return stop;

  const lines = told.items.filter((line) => isLookedAt(line, going));
  const local = await ports.localPlain(run.tenant, lines.map(nameOf));
  const { compared, differences, contradicted, told: names } = differ(lines, local);
  await ports.putDifferences(run, [...differences, ...contradicted.map(asContradicted)]);
  const tally = tallyLines(listed.tally, lines, { level: listed.level, sha256: ports.sha256 });
  const covered = names - contradicted.length;
  const part = { compared, ...(run.kind === "balances" ? {} : { expected: names, covered }) };
  going.report = { ...going.report, ...addReports(going.report, part) };
  going.answered += 1;
  const { place: _place, ...before } = listed;
  const next = told.next === undefined ? {} : { place: told.next };
  going.cursor = { ...going.cursor, listed: { ...before, tally, ...next } };
  return told.next === undefined ? findUnlike(going) : "on";
}

const nameOf = ({ distributor_id, line_id }: LineName): LineName => ({ distributor_id, line_id });

/** Of the run's range and shards, and old enough. */
function isLookedAt({ effective_ms, distributor_id }: CoreLine, going: Going): boolean {
  const { cursor, ports } = going;
  const { range, shards } = cursor;
  return (
    effective_ms >= range.fromMs &&
    effective_ms < range.toMs &&
    (effective_ms < listedToMs(going) || effective_ms >= (cursor.aheadMs ?? range.toMs)) &&
    (shards === undefined || shards.includes(shardOf(distributor_id, ports.sha256)))
  );
}

/** Up to where a run looks: whole hours, as the mirror's own digests are kept. */
export const countedToMs = ({ range, settledMs }: Going["cursor"]): number =>
  Math.min(range.toMs, startMs("hour", settledMs));

/** Whether a run looks at what took effect then, or takes effect. */
export const isCountedAt = (ms: number, cursor: Going["cursor"]): boolean =>
  ms < countedToMs(cursor) || ms >= (cursor.aheadMs ?? Infinity);

/** Lines that explain balances are listed whole, as young as they are. */
const listedToMs = (going: Going): number =>
  Math.min(going.cursor.range.toMs, startMs("hour", walkedToMs(going)));

/** Differences in memory at a time. */
const READ_AT_ONCE = 1000;

/** Buckets in which the mirror has lines that the core did not tell. */
async function findUnlike(going: Going): Promise<Outcome> {
  const { ports, run, cursor } = going;
  const { level, tally } = cursor.listed ?? started(going);
  const { sha256 } = ports;
  let expected = tally;
  let after: LineName | undefined;
  do {
    const page = await ports.foundAfter(run, after, READ_AT_ONCE);
    expected = tallyExpected(expected, page.differences, { level, sha256 });
    after = page.last;
  } while (after !== undefined);
  const local = await localDigests(going, level);
  const questions = unlike(expected, local, sha256).map((bucket): Question => ({
    kind: "lines",
    bucket: formatBucket(bucket),
  }));
  going.cursor = { ...cursor, phase: "extras", questions };
  return "on";
}

/** What ends amid a month, and what begins with one: no bucket is of both. */
async function localDigests(going: Going, level: Listed["level"]): Promise<readonly BucketSum[]> {
  const { ports, run, cursor } = going;
  const { range, shards } = cursor;
  const { aheadMs = range.toMs } = cursor;
  const toMs = listedToMs(going);
  const ranges = [{ fromMs: range.fromMs, toMs }];
  if (toMs < aheadMs && aheadMs < range.toMs) ranges.push({ fromMs: aheadMs, toMs: range.toMs });
  const parts: (readonly BucketSum[])[] = [];
  for (const of of ranges) {
    const asked = { level, range: of, ...(shards && { shards }) };
    parts.push(await ports.localDigests(run.tenant, asked));
  }
  return parts.flat();
}

/** Asks the core by their ids for our lines of those buckets: what it has not is extra. */
export async function findExtras(going: Going): Promise<Outcome> {
  const { ports, run } = going;
  const names = (going.cursor.questions ?? []).flatMap((one) =>
    one.kind === "lines" ? [one.bucket] : [],
  );
  const buckets = names.slice(0, BUCKETS_AT_ONCE).flatMap(timeBucket);
  const local = await ports.localLines(run.tenant, buckets);
  for (const bucket of buckets) {
    const ours = local.get(formatBucket(bucket));
    if (ours === undefined) return "on";
    const stop = await askForOurs(going, bucket, ours);
    if (stop !== undefined) return stop;
    if (going.cursor.lacksExtras === true) return "on";
  }
  if (buckets.length === 0) going.cursor = { ...going.cursor, phase: "look" };
  return "on";
}

async function askForOurs(
  going: Going,
  bucket: TimeBucket,
  local: readonly LocalLine[],
): Promise<Stop | undefined> {
  const { ports, run } = going;
  const { after = "", ...listed } = going.cursor.listed ?? started(going);
  const isAhead = bucket.fromMs >= (going.cursor.aheadMs ?? Infinity);
  const toMs = Math.min(rangeOf(bucket).toMs, isAhead ? Infinity : listedToMs(going));
  const ours = local
    .filter((line) => line.effective_ms < toMs && textOf(line) > after)
    .toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  for (let i = 0; i < ours.length; i += IDS_AT_ONCE) {
    const part = ours.slice(i, i + IDS_AT_ONCE);
    const told = await linesNamed(going, part, going.cursor.snapshot);
    if (told.kind === "unsupported") {
      lackExtras(going);
      return undefined;
    }
    if (told.kind === "stop") return told.stop;
    const whose = new Set(part.map(textOf));
    const theirs = told.items.filter((line) => whose.has(textOf(line)));
    const untold = part.filter(({ line_id }) => told.unread.has(line_id));
    const { differences, contradicted } = differ(
      theirs,
      part.filter((line) => !untold.includes(line)),
    );
    const doubtful = [...contradicted, ...untold].map(asContradicted);
    await ports.putDifferences(run, [...differences, ...doubtful]);
    going.answered += 1;
    const last = part.at(-1);
    const behind = last === undefined ? {} : { after: textOf(last) };
    going.cursor = { ...going.cursor, listed: { ...listed, ...behind } };
  }
  const questions = (going.cursor.questions ?? []).filter(
    (one) => one.kind !== "lines" || one.bucket !== formatBucket(bucket),
  );
  going.cursor = { ...going.cursor, questions, listed };
  return undefined;
}

/** A core that tells no lines by their ids: nobody knows which of ours it does not have. */
function lackExtras(going: Going): void {
  going.cursor = { ...going.cursor, questions: [], lacksIds: true, lacksExtras: true };
}

const textOf = (line: LineName): string => JSON.stringify([line.distributor_id, line.line_id]);

export function timeBucket(name: string): readonly TimeBucket[] {
  const bucket = parseBucket(name);
  return bucket === undefined || bucket.level === "balances" ? [] : [bucket];
}
