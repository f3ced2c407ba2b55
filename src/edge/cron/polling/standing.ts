import type { Cursor } from "../../../pollers/cursor.ts";
import type { Fault } from "../../../pollers/poller.ts";
import type { Taken } from "../../../pollers/walk.ts";
import type { PollRow } from "./ports.ts";

/** What a round came to, or has so far. */
interface Counts {
  readonly began_ms: number;
  readonly ended_ms: number | null;
  readonly pages: number;
  readonly records: number;
  /** Of them, those that were told: the others had been, lately. */
  readonly told: number;
}

/** Why nothing comes, as a report keeps it. */
export interface PollError {
  readonly at_ms: number;
  /** When it began to fail, whatever for. */
  readonly since_ms: number;
  readonly kind: string;
  readonly detail: string;
  readonly code?: string;
  /** How many pages the round had: with one more it goes on. */
  readonly pages: number;
}

export interface StreamReport {
  readonly round: Counts | null;
  readonly last: Counts | null;
  readonly error: PollError | null;
}

/** How a stream stands between two requests. */
export interface Standing {
  readonly cursor: Cursor;
  readonly failures: number;
  readonly report: StreamReport;
}

/** A page that was taken, and how many records the product showed in it. */
export type TakenStep = Taken & { readonly records: number };

const NO_REPORT: StreamReport = { round: null, last: null, error: null };

export const reportOf = (row: PollRow | undefined): StreamReport => ({
  ...NO_REPORT,
  ...JSON.parse(row?.report ?? "{}"),
});

/** What our own code threw; the log says what. */
export const BROKEN: Fault = {
  kind: "failed",
  code: "broken",
  detail: "What was fetched could not be taken: the log says why, as poll_broken",
};

/** A fault as it is kept: since when it is so is what the one before says. */
export function errorOf(
  fault: Fault,
  before: PollError | null | undefined,
  { nowMs, pages }: { readonly nowMs: number; readonly pages: number },
): PollError {
  const { kind, detail } = fault;
  const code = fault.kind === "failed" ? fault.code : undefined;
  // Of an error from before this was kept, the last time is known.
  const sinceMs = before?.since_ms ?? before?.at_ms ?? nowMs;
  const said = code === undefined ? {} : { code };
  return { at_ms: nowMs, since_ms: sinceMs, kind, detail, ...said, pages };
}

/** After a request that brought nothing. */
export function failedBy(
  { cursor, failures, report }: Standing,
  fault: Fault,
  nowMs: number,
): Standing {
  const pages = cursor.round?.pages ?? 0;
  const error = errorOf(fault, report.error, { nowMs, pages });
  return { cursor, failures: failures + 1, report: { ...report, error } };
}

interface CountedAt {
  readonly beganMs: number;
  /** Of the round, with this one. */
  readonly pages: number;
  readonly nowMs: number;
}

/** After a page. */
export function counted(standing: Standing, step: TakenStep, at: CountedAt): Standing {
  const { failures, error } = judged(standing, step, at);
  const report = { ...roundsOf(standing, step, at), error };
  return { cursor: step.cursor, failures, report };
}

/**
 * What had failed is over where the round is whole, or comes further than it did: a round that is
 * begun anew and fails at the same page again has not been well in between.
 */
function judged(
  { failures, report: { error } }: Standing,
  { isEnd, fault, stray }: TakenStep,
  { pages, nowMs }: CountedAt,
): { readonly failures: number; readonly error: PollError | null } {
  if (stray !== undefined) {
    return { failures: failures + 1, error: errorOf(stray, error, { nowMs, pages }) };
  }
  if (fault !== undefined) {
    const now = errorOf(fault, error, { nowMs, pages: PAGES_NEVER });
    return { failures: isEnd ? failures + 1 : failures, error: now };
  }
  const isOver = isEnd || pages > (error?.pages ?? -1);
  return isOver ? { failures: 0, error: null } : { failures, error };
}

/** More than any round has: only a whole one ends what is kept with it. */
const PAGES_NEVER = Number.MAX_SAFE_INTEGER;

function roundsOf(
  { report }: Standing,
  { cursor, isEnd, fault, versions, records }: TakenStep,
  { beganMs, nowMs }: CountedAt,
): Pick<StreamReport, "round" | "last"> {
  const before = report.round ?? { began_ms: beganMs, pages: 0, records: 0, told: 0 };
  const counts: Counts = {
    began_ms: before.began_ms,
    ended_ms: isEnd ? nowMs : null,
    pages: before.pages + 1,
    records: before.records + records,
    told: before.told + versions.length,
  };
  if (!isEnd) return { round: cursor.round === null ? null : counts, last: report.last };
  return { round: null, last: fault === undefined ? counts : report.last };
}
