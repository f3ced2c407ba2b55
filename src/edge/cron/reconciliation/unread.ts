import { parseBucket, startMs } from "../../../core/reconciliation/buckets.ts";
import { SHARDS, shardOf } from "../../../core/reconciliation/shard.ts";
import type { OddItem } from "../../../core/reconciliation/wire-sift.ts";
import { contradictedDetail } from "./digested.ts";
import { type Going, type Stop, stopOf } from "./going.ts";
import type { RunCursor, Told, Unread } from "./ports.ts";

/** With more than these that the core contradicts itself in, or does not tell, nothing is concluded. */
const PASSED_MAX = 10;
/** Of those that take a whole call each, twice: a run is not kept waiting for hours. */
const LONG_MAX = 3;

export type NotTold = Exclude<Told<never>, { readonly kind: "all" }>;

export type Failed = Extract<NotTold, { readonly kind: "failed" | "spent" }>;

/** One of many questions, which a run can do without. */
export type Asked = Pick<Unread, "what" | "shards">;

export const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);

/**
 * Asks one of many questions. What has no answer that can be used is asked once more by the next call;
 * where it has none again, though the core answers something else, the run goes on without it.
 */
export async function orPassOver<Answer extends { readonly kind: string }>(
  going: Going,
  asked: Asked,
  ask: () => Promise<Answer | NotTold>,
): Promise<Answer | NotTold | { readonly kind: "passed" }> {
  const stop = await stopBefore(going, asked);
  if (stop !== undefined) return stopped(stop);
  const told = await ask();
  if (!isDoubtful(going, told)) {
    if (told.kind !== "spent") believe(going, asked);
    return told;
  }
  const failed = doubtOrPass(going, asked, told);
  return failed === undefined ? { kind: "passed" } : stopped(failed);
}

const stopped = (stop: Stop): NotTold => (stop === "spent" ? { kind: "spent" } : stop);

/** Whether this question had no answer in the call before, either. */
export const isDoubted = ({ cursor }: Going, { what }: Pick<Asked, "what">): boolean =>
  cursor.doubted === what;

/**
 * Before a question is asked once more, another one is: a core that is down or wrong as a whole has
 * the run wait for it, whatever is asked for.
 */
export async function stopBefore(going: Going, asked: Asked): Promise<Stop | undefined> {
  if (!isDoubted(going, asked)) return undefined;
  const { core, cursor } = going;
  const { toMs } = cursor.range;
  const fromMs = startMs("day", toMs - 1);
  const told = await core.digests({ level: "day", range: { fromMs, toMs } }, cursor.snapshot);
  if (told.kind === "all") return undefined;
  // It answers, though not this.
  return told.kind === "failed" && told.failure === "unsupported" ? undefined : stopOf(told);
}

/** Answers that say of the core that it is not to be asked, and of a question nothing. */
const REFUSING: ReadonlySet<number> = new Set([401, 403, 429]);

/** Whether the failure may be that of the question alone. */
export function isDoubtful(
  { answered }: Going,
  told: { readonly kind: string } | NotTold,
): told is Failed {
  if (told.kind === "spent") return answered === 0;
  if (!("failure" in told)) return false;
  const { failure, status = 0 } = told;
  return failure !== "unsupported" && failure !== "moved" && !REFUSING.has(status);
}

/** Nothing where the run goes on without it. */
export function doubtOrPass(going: Going, asked: Asked, told: Failed): Stop | undefined {
  if (isDoubted(going, asked)) {
    return told.kind === "spent"
      ? passOver(going, { ...pick(asked), detail: TOO_LONG, isLong: true })
      : passOver(going, { ...pick(asked), detail: told.detail });
  }
  going.cursor = { ...going.cursor, doubted: asked.what };
  return stopOf(told);
}

const pick = ({ what, shards }: Asked): Asked => ({ what, shards });

const TOO_LONG = "The core's answer takes more than a whole call may use up";

/** The question was answered. */
export function believe(going: Going, asked: Pick<Asked, "what">): void {
  if (!isDoubted(going, asked)) return;
  const { doubted: _doubted, ...rest } = going.cursor;
  going.cursor = rest;
}

/** Goes on without something that the core does not tell, for the run to end with. */
export function passOver(going: Going, one: Unread): Stop | undefined {
  const { doubted: _doubted, unread = [], ...rest } = going.cursor;
  going.answered += 1;
  // The core answers: that it did not answer this counts no more.
  going.cursor = { ...rest, unread: [...unread, one], failures: 0 };
  return stopAt(going.cursor);
}

/** The same of items that break the interface, on a page of a listing whose other items are read. */
export function passOverOdd(
  going: Going,
  what: "balances" | "lines",
  odd: readonly OddItem[] = [],
): Stop | undefined {
  const [first] = odd;
  if (first === undefined) return undefined;
  const { path, rule, message } = first.fault;
  const shards = odd.flatMap(({ distributor_id }) =>
    distributor_id === null ? ALL_SHARDS : [shardOf(distributor_id, going.ports.sha256)],
  );
  return passOver(going, {
    what: `${odd.length} of the ${what} in a page`,
    // Balances are left out one by one.
    shards: what === "balances" ? [] : [...new Set(shards)],
    detail: `${path} (${rule}): ${message}`,
  });
}

/** The same of a bucket of which it does not tell what its digest counts. */
export function contradict(going: Going, bucket: string): Stop | undefined {
  const { contradicted = [] } = going.cursor;
  going.cursor = { ...going.cursor, contradicted: [...contradicted, bucket] };
  return stopAt(going.cursor);
}

function stopAt(cursor: RunCursor): Stop | undefined {
  const { unread = [], contradicted = [] } = cursor;
  const long = unread.filter(({ isLong }) => isLong === true).length;
  if (unread.length + contradicted.length <= PASSED_MAX && long <= LONG_MAX) return undefined;
  return endOf(cursor);
}

/** Why a run that has passed something over is not done; undefined where it has not. */
export function endOf({
  unread = [],
  contradicted = [],
}: RunCursor): Extract<Stop, { readonly kind: "failed" }> | undefined {
  const said = contradicted.length === 0 ? [] : [contradictedDetail(contradicted)];
  if (unread.length > 0) {
    const detail = [unreadDetail(unread), ...said].join("; ");
    return { kind: "failed", failure: "not_told", detail };
  }
  return said.length === 0
    ? undefined
    : { kind: "failed", failure: "digest_contradicted", detail: said.join("") };
}

const NAMED_MAX = 3;
const DETAIL_CHARS_MAX = 300;

function unreadDetail(unread: readonly Unread[]): string {
  const named = unread
    .slice(0, NAMED_MAX)
    .map(({ what, detail }) => `${what} (${detail.slice(0, DETAIL_CHARS_MAX)})`);
  const more = unread.length > NAMED_MAX ? ` and ${unread.length - NAMED_MAX} more` : "";
  return `The core does not tell ${named.join(", ")}${more}: nothing is concluded from that, and all else is compared`;
}

/** Shards of which the run has not read all that the core has: nothing of theirs is over, or explained. */
export const shardsUnread = ({ unread = [], contradicted = [] }: RunCursor): ReadonlySet<number> =>
  new Set([
    ...contradicted.flatMap((name) => parseBucket(name)?.shard ?? []),
    ...unread.flatMap(({ shards }) => shards),
  ]);
