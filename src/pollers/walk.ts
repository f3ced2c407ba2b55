import {
  anew,
  askAgain,
  type Cursor,
  giveUp,
  restart,
  type Round,
  type Terms,
  undatedIn,
  type Walking,
} from "./cursor.ts";
import { isTooDeep } from "./json.ts";
import type { Fault, Found, Page } from "./poller.ts";
import { merged, type Seen, seenAmong } from "./recent.ts";
import { anchorOf, type Stray, strayOf } from "./stray.ts";

/** A listing that shifts whenever it is taken is given up on, and its watermark stays. */
const PASSES_MAX = 5;

/** One record to be told. */
export interface Version extends Found {
  /** Its change, or the round that saw it: names it together with its id. */
  readonly version: string;
  /** When it holds from, where the product says nothing. */
  readonly seenMs: number;
  /** The revision it stands for, where a gap names one. */
  readonly rev?: string;
}

/** What a page comes to: versions to be told, and where the stream stands once they are. */
export interface Taken {
  readonly kind: "taken";
  readonly versions: readonly Version[];
  readonly cursor: Cursor;
  readonly isEnd: boolean;
  /** The listing shifted whenever it was taken: the watermark stays. */
  readonly isShifting?: true;
  /** Why the round will not be whole, though it goes on: records of it cannot be taken. */
  readonly fault?: Fault;
  /** The listing leads nowhere from here: the round is begun anew. */
  readonly stray?: Stray;
}

interface PageTerms extends Terms {
  readonly isShifting: boolean;
  /** The listing is in the order of changes. */
  readonly isInOrder?: boolean;
}

/** The step of one page. Pure: where its versions are told twice, they are the same ones. */
export function take(cursor: Walking, page: Page, terms: PageTerms): Taken {
  const { round } = cursor;
  const fit = page.items.filter(({ record }) => !isTooDeep(record));
  const seen = seenAmong(cursor.recent, fit, undatedIn(round));
  const isTold = ({ isKnown }: Seen) => isKnown && round.rev === undefined && round.dueMs === null;
  const versions = seen.filter((one) => !isTold(one)).map((one) => versionOf(one, round));
  const step = {
    ...round,
    pages: round.pages + 1,
    emptyPages: page.items.length === 0 ? round.emptyPages + 1 : 0,
    topMs: topOf(round, page.items),
    sum: terms.isShifting ? summed(round.sum, seen) : round.sum,
    ...leftOf(
      round,
      page.items.filter(({ record }) => isTooDeep(record)),
    ),
  };
  const walked = { ...cursor, recent: merged(cursor.recent, seen), round: step };
  const fault = faultOf(step.left);
  if (page.next === undefined) return { ...endPass(walked, versions, terms), ...fault };

  const stray = strayOf(step, page.next);
  if (stray !== undefined) return astray(walked, { versions, stray }, terms);
  const next = { ...step, place: page.next, anchor: anchorOf(step, page.next) };
  return {
    kind: "taken",
    versions,
    cursor: { ...walked, round: next },
    isEnd: false,
    ...fault,
  };
}

/** What cannot be taken is asked for again by every round, until it is changed; others go on. */
function leftOf({ left }: Round, items: readonly Found[]): Pick<Round, "left"> {
  const dated = [left?.atMs, ...items.map(({ atMs }) => atMs)].filter((ms) => ms != null);
  const id = left?.id ?? items[0]?.id;
  if (id === undefined) return {};
  return { left: { id, atMs: dated.length === 0 ? null : Math.min(...dated) } };
}

function faultOf(left: Round["left"]): Pick<Taken, "fault"> {
  if (left === undefined) return {};
  const detail = `The record ${left.id.slice(0, 100)} is nested too deep to be taken`;
  return { fault: { kind: "failed", code: "nested", detail } };
}

/**
 * A listing that leads nowhere. What was taken of it is told. One in the order of changes is cut off
 * there, and the next round goes on behind; of any other nobody knows what it has not shown.
 */
function astray(
  cursor: Walking,
  { versions, stray }: { readonly versions: readonly Version[]; readonly stray: Stray },
  { overlapS, isInOrder }: PageTerms,
): Taken {
  const { topMs, fromMs, left } = cursor.round;
  const isFurther = topMs !== null && topMs - overlapS * 1000 > (fromMs ?? -Infinity);
  if (stray.code === "endless" && isInOrder === true && isFurther) {
    return {
      kind: "taken",
      versions,
      cursor: cutOff(cursor, topMs),
      isEnd: true,
      ...faultOf(left),
    };
  }
  const again = restart(cursor) ?? giveUp(cursor, { overlapS });
  return { kind: "taken", versions, cursor: again, isEnd: false, stray };
}

function cutOff(cursor: Walking, topMs: number): Cursor {
  const { isResync, rev, left } = cursor.round;
  const free = { ...cursor, round: null };
  if (!isResync) {
    return { ...free, watermarkMs: later(cursor.watermarkMs, earlier(topMs, left?.atMs)) };
  }
  return askAgain(free, { fromMs: topMs, ...(rev === undefined ? {} : { rev }) });
}

function endPass(cursor: Walking, versions: readonly Version[], terms: PageTerms): Taken {
  const { round } = cursor;
  const isProven = !terms.isShifting || isSettled(round);
  if (!isProven && round.passes < PASSES_MAX) {
    const next = { ...anew(round), passes: round.passes + 1, before: round.sum };
    return { kind: "taken", versions, cursor: { ...cursor, round: next }, isEnd: false };
  }
  const watermarkMs = isProven ? watermarkAfter(cursor) : cursor.watermarkMs;
  const fromMs = (watermarkMs ?? 0) - terms.overlapS * 1000;
  return {
    kind: "taken",
    versions,
    cursor: {
      ...cursor,
      watermarkMs,
      doneMs: round.dueMs ?? cursor.doneMs,
      round: null,
      recent: stillRecent(cursor.recent, { round, fromMs }),
    },
    isEnd: true,
    ...(isProven ? {} : { isShifting: true }),
  };
}

/** A round that a gap asked for says nothing of what was before it. */
function watermarkAfter({ watermarkMs, round }: Walking): number | null {
  if (watermarkMs === null && round.isResync) return null;
  return later(watermarkMs, earlier(round.topMs, round.left?.atMs));
}

/**
 * Pages by number: what leaves an earlier one moves all others up, and one of them past its edge.
 * What left had been seen there, so that a second pass without it comes to something else.
 */
const isSettled = ({ pages, passes, sum, before }: Round): boolean =>
  (pages === 1 && passes === 1) || sum === before;

/** What the next round's overlap can bring again; of what is not dated, what this round has seen. */
const stillRecent = (
  recent: Cursor["recent"],
  { round, fromMs }: { readonly round: Round; readonly fromMs: number },
): Cursor["recent"] => recent.filter(([ms]) => (ms < 0 ? ms === undatedIn(round) : ms >= fromMs));

/** How far a watermark may go: no further than what was left. */
const earlier = (ms: number | null, leftMs: number | null | undefined): number | null =>
  ms === null ? null : Math.min(ms, leftMs ?? Infinity);

const later = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

/**
 * What is dated later than the round's beginning moves no watermark: one record of the year 9999
 * would have nothing found behind it. Where a product's clock is ahead, such changes come again.
 */
const topOf = ({ topMs, beganMs }: Round, items: readonly Found[]): number | null =>
  items.reduce(
    (most, { atMs }) => (atMs !== undefined && atMs <= beganMs ? later(most, atMs) : most),
    topMs,
  );

/** Of several versions of one moment each is a millisecond later than the one before. */
function versionOf({ item, n }: Seen, { dueMs, beganMs, rev }: Round): Version {
  const seenMs = (item.atMs ?? dueMs ?? beganMs) + n;
  return { ...item, version: String(seenMs), seenMs, ...(rev === undefined ? {} : { rev }) };
}

const SUM_BITS = 64;

function summed(sum: string, seen: readonly Seen[]): string {
  let total = BigInt(sum);
  for (const {
    recent: [, name],
  } of seen)
    total = BigInt.asUintN(SUM_BITS, total + BigInt(`0x${name}`));
  return String(total);
}
