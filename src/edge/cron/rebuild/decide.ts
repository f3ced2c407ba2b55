import type { FoundSubject, SubjectMark, ToLookAt } from "../../rebuild.ts";
import { hasRows, judge, type ReadLog, rowsIn, type Verdict, viewOf } from "./judge.ts";
import type { RebuildName, SubjectPorts, SubjectWrite } from "./ports.ts";

export interface LookAsked {
  readonly run: RebuildName;
  /** Frozen subjects that a person sets free, and that person. */
  readonly thaw: ReadonlySet<string>;
  readonly by: string;
  readonly reason: string;
  /** Every row of them is looked for, also in tables that are not sorted by subject. */
  readonly isScanned: boolean;
}

/** A subject, and its object's log. */
export interface Read {
  readonly place: ToLookAt;
  readonly log: ReadLog;
}

export const NOTHING_COUNTED: SubjectMark["counts"] = { events: 0, aliases: 0, messages: 0 };

interface Deciding {
  readonly asked: LookAsked;
  readonly ports: SubjectPorts;
}

/** What to write of one subject; nothing where it was frozen just now, and is to be met as such. */
export async function decide(
  read: Read,
  found: FoundSubject,
  deciding: Deciding,
): Promise<SubjectWrite | undefined> {
  const { place, log } = read;
  const { asked, ports } = deciding;
  const verdict = judge(place, found.state, log, asked.thaw.has(place.subject));
  switch (verdict.kind) {
    case "freeze":
      await ports.freeze(place, verdict.detail);
      return undefined;
    case "keep":
      return keep(read, found, { ports, result: verdict.result });
    case "drop":
      // Before it is done: rather told once too often.
      if (verdict.detail !== undefined) await ports.report(place, verdict.detail);
      return drop(read, found, deciding);
    case "filling":
      return filling(read, found);
    case "compare":
      return compare(read, found, ports);
  }
}

const baseOf = ({ tenant, subject, state }: FoundSubject) =>
  ({ tenant, subject, state, changes: {}, isReset: false }) as const;

const markOf = ({ log }: Read, { state }: FoundSubject) => ({
  rows: {},
  until: log.end,
  at: state?.position ?? 0,
});

/** Nobody can say what its log told: what the mirror shows of it is what was counted. */
function keep(
  read: Read,
  found: FoundSubject,
  kept: {
    readonly ports: SubjectPorts;
    readonly result: Extract<Verdict, { readonly kind: "keep" }>["result"];
  },
): SubjectWrite {
  const upTo = read.place.before?.position ?? Infinity;
  const volumes = read.log.before?.volumes ?? new Map();
  const shares = { volumes, digests: kept.ports.sharesOfRows(found, upTo) };
  const counts = kept.ports.countsOf(found.rows);
  const mark = { ...markOf(read, found), result: kept.result, counts };
  const isUnread = read.log.isTooLong;
  return {
    ...baseOf(found),
    mark: isUnread === undefined ? mark : { ...mark, isUnread },
    shares,
  };
}

function drop(read: Read, found: FoundSubject, { asked, ports }: Deciding): SubjectWrite {
  const changes = ports.changesOf(found.rows, ports.nothing());
  const gone = hasRows(found) ? "taken_away" : "nothing";
  const mark: SubjectMark = {
    ...markOf(read, found),
    result: read.log.end > 0 ? "begun_anew" : gone,
    rows: rowsIn(changes, false),
    counts: NOTHING_COUNTED,
  };
  const write = { ...baseOf(found), changes, isReset: found.state !== undefined, mark };
  const isThawed = (found.state?.frozenMs ?? null) !== null;
  if (!isThawed) return write;
  return { ...write, thawed: { by: asked.by, reason: asked.reason, nowMs: ports.nowMs() } };
}

/** All of it was counted since: nothing of it was wrong at the beginning. */
const filling = (read: Read, found: FoundSubject): SubjectWrite => ({
  ...baseOf(found),
  mark: { ...markOf(read, found), result: "begun_anew", counts: NOTHING_COUNTED },
});

function compare({ place, log }: Read, found: FoundSubject, ports: SubjectPorts): SubjectWrite {
  const changes = ports.changesOf(found.rows, log.laid.rows);
  const view = found.state === undefined ? undefined : viewOf(found.state, log);
  const rows = rowsIn(changes, view !== undefined);
  const mark: SubjectMark = {
    ...markOf({ place, log }, found),
    result: Object.keys(rows).length === 0 ? "equal" : "rewritten",
    rows,
    counts: ports.countsOf(log.laid.rows),
  };
  const write = { ...baseOf(found), changes, mark };
  return {
    ...write,
    ...(view === undefined ? {} : { view }),
    ...(log.before === undefined ? {} : { shares: log.before }),
  };
}
