import type { Violation } from "../contracts/event.ts";
import { formatInstant } from "../contracts/instant.ts";
import {
  type Bucket,
  compareNames,
  cutOutOf,
  formatBucket,
  isIn,
  parseBucket,
  type PartBucket,
  type Range,
  rangeOf,
  type TimeBucket,
  type TimeLevel,
} from "./buckets.ts";
import type { CoreLine } from "./core-line.ts";
import type { Sha256 } from "./digest.ts";
import { sayName } from "./naming.ts";
import { shardOf } from "./shard.ts";
import { compareText } from "./text-order.ts";
import type { BalanceRow, BucketDigest, StreamEvent } from "./wire.ts";

/** Digests of lines that took effect in a time, or of all balances; of these shards, or of every one. */
export type DigestsAsked = {
  readonly shards?: readonly number[];
  readonly totals?: boolean;
} & (
  | {
      readonly level: TimeLevel;
      readonly range: Range;
      /** Names of parts of that range and those shards: the sixteenths of these alone. */
      readonly within?: readonly string[];
    }
  | { readonly level: "balances"; readonly range?: never; readonly within?: never }
);

/** Balances of the distributors of these shards, or of every one. */
export interface BalancesAsked {
  readonly shards?: readonly number[];
}

/** Lines of a bucket, those that changed at or after an instant, or those of these ids. */
export type LinesAsked =
  | { readonly by: "bucket"; readonly bucket: TimeBucket }
  | { readonly by: "updated"; readonly sinceMs: number }
  | { readonly by: "ids"; readonly lineIds: readonly string[] };

/** Events of a strict stream: from one seq to another, both included. */
export interface EventsAsked {
  /** The subject's key, `dist:42`. */
  readonly stream: string;
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
}

/** Ids that one question may name. */
export const IDS_MAX = 100;

/** Names and values of a question, in their order; a name can be there more than once. */
export type Params = readonly (readonly [name: string, value: string])[];

const shardParams = (shards: readonly number[] = []): Params =>
  shards.map((shard) => ["shard", String(shard)]);

/** The query of `GET /recon/digests`. */
export function digestsParams({ level, range, within, shards, totals }: DigestsAsked): Params {
  const more: Params = totals === true ? [["totals", "true"]] : [];
  // Names of parts say when, and of which shards.
  const named = within?.map((name) => ["within", name] as const);
  if (named !== undefined) return [["level", level], ...named, ...more];
  const times: Params =
    range === undefined
      ? []
      : [
          ["from", formatInstant(range.fromMs)],
          ["to", formatInstant(range.toMs)],
        ];
  return [["level", level], ...times, ...shardParams(shards), ...more];
}

/** The query of `GET /recon/balances`. */
export const balancesParams = ({ shards }: BalancesAsked): Params => shardParams(shards);

/** The query of `GET /ledger` for lines. */
export function linesParams(asked: LinesAsked): Params {
  if (asked.by === "bucket") return [["bucket", formatBucket(asked.bucket)]];
  if (asked.by === "updated") return [["updated_since", formatInstant(asked.sinceMs)]];
  return asked.lineIds.map((lineId) => ["line_id", lineId]);
}

/** The query of `GET /ledger` for events. */
export const eventsParams = ({ stream, epoch, from, to }: EventsAsked): Params => [
  ["stream", stream],
  ["epoch", String(epoch)],
  ["from", String(from)],
  ["to", String(to)],
];

/** Buckets that nobody asked for, and totals that somebody did. */
export function strayDigests(
  buckets: readonly BucketDigest[],
  asked: DigestsAsked,
): readonly Violation[] {
  const isAsked = bucketJudge(asked);
  return buckets.flatMap(({ name, totals }, at) => {
    const bucket = parseBucket(name);
    if (bucket === undefined || !isAsked(bucket)) {
      return stray(`buckets[${at}][0]`, "Must name a bucket of the level, time and shards asked");
    }
    if (asked.totals !== true || totals !== undefined) return [];
    return [{ path: `buckets[${at}][3]`, rule: "required", message: "Is required: totals=true" }];
  });
}

function bucketJudge({ level, range, shards, within }: DigestsAsked): (bucket: Bucket) => boolean {
  const [ofShards, parents] = [setOf(shards), setOf(within)];
  return (bucket) =>
    bucket.level === level &&
    ofShards?.has(bucket.shard) !== false &&
    (bucket.level === "balances" || isWithin(bucket, range)) &&
    (bucket.level !== "part" || isPartAsked(bucket, parents));
}

const setOf = <Item>(items: readonly Item[] | undefined): ReadonlySet<Item> | undefined =>
  items === undefined ? undefined : new Set(items);

/** Parts are told by one digit, or by one more than those that they are asked for within. */
const isPartAsked = (bucket: PartBucket, parents: ReadonlySet<string> | undefined): boolean =>
  parents === undefined ? bucket.part.length === 1 : parents.has(formatBucket(cutOutOf(bucket)));

function isWithin(bucket: TimeBucket, range: Range | undefined): boolean {
  const { fromMs, toMs } = rangeOf(bucket);
  return range !== undefined && fromMs >= range.fromMs && toMs <= range.toMs;
}

/** Whether a page's buckets go on where the page before it ended. */
export function behind(
  buckets: readonly BucketDigest[],
  last: string | undefined,
): readonly Violation[] {
  const [first] = buckets;
  if (first === undefined || last === undefined || compareNames(last, first.name) < 0) return [];
  const message = "Must come behind the last bucket of the page before";
  return [{ path: "buckets[0][0]", rule: "order", message }];
}

/** Lines that nobody asked for. */
export function strayLines(
  lines: readonly CoreLine[],
  asked: LinesAsked,
  sha256: Sha256,
): readonly Violation[] {
  const judge = lineJudge(asked, sha256);
  return lines.flatMap((line, at) => {
    const fault = judge(line);
    if (fault === undefined) return [];
    return stray(`items[${at}].${fault.member}`, `${fault.message} (${sayName("line_id", line)})`);
  });
}

type LineJudge = (
  line: CoreLine,
) => { readonly member: string; readonly message: string } | undefined;

function lineJudge(asked: LinesAsked, sha256: Sha256): LineJudge {
  if (asked.by === "updated") {
    const fault = { member: "updated_at", message: "Must not be before updated_since" };
    return ({ updated_ms }) => (updated_ms < asked.sinceMs ? fault : undefined);
  }
  if (asked.by === "ids") {
    const ids = new Set(asked.lineIds);
    const fault = { member: "line_id", message: "Must be one of the line_id asked for" };
    return ({ line_id }) => (ids.has(line_id) ? undefined : fault);
  }
  const fault = {
    member: "effective_at",
    message: "Must be a line of the bucket: by effective_at, distributor_id and line_id",
  };
  return (line) => (isIn(line, asked.bucket, sha256) ? undefined : fault);
}

/** Balances that do not come in the order of their distributors, behind the last one of a page before. */
export function disorderedBalances(
  rows: readonly BalanceRow[],
  last: string | undefined,
): readonly Violation[] {
  return rows.flatMap(({ distributor_id }, at) => {
    const before = rows[at - 1]?.distributor_id ?? last;
    const isBehind = before === undefined || compareText(before, distributor_id) < 0;
    if (isBehind || rows[at - 1]?.distributor_id === distributor_id) return [];
    const message = "Must come behind the distributor before it: sorted as UTF-8, each once";
    return [{ path: "items[].distributor_id", rule: "order", message }];
  });
}

/** Balances of shards that nobody asked for. */
export function strayBalances(
  rows: readonly BalanceRow[],
  { shards }: BalancesAsked,
  sha256: Sha256,
): readonly Violation[] {
  if (shards === undefined) return [];
  const wanted = new Set(shards);
  return rows.flatMap(({ distributor_id }) =>
    wanted.has(shardOf(distributor_id, sha256))
      ? []
      : stray("items[].distributor_id", "Must be a distributor of the shards asked for"),
  );
}

/** Events of another stream, epoch or place than was asked for. */
export function strayEvents(
  events: readonly StreamEvent[],
  { stream, epoch, from, to }: EventsAsked,
): readonly Violation[] {
  return events.flatMap((event, at) => {
    const place = `items[${at}]`;
    if (event.key !== undefined && event.key !== stream) {
      return stray(`${place}.key`, "Must be absent or the stream asked for");
    }
    if ((event.epoch ?? 0) !== epoch) {
      return stray(`${place}.epoch`, "Must be the epoch asked for; absent means 0");
    }
    if (event.seq >= from && event.seq <= to) return [];
    return stray(`${place}.seq`, "Must be from `from` to `to`");
  });
}

const stray = (path: string, message: string): readonly Violation[] => [
  { path, rule: "not_asked", message },
];
