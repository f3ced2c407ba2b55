import type {
  Changes,
  FoundSubject,
  Shares,
  SubjectMark,
  SubjectResult,
  SubjectState,
  ToLookAt,
} from "../../rebuild.ts";
import type { SubjectView } from "../../subject.ts";
import type { Laid } from "./ports.ts";

/** What was read of a subject's object. */
export interface ReadLog {
  /** Where the log ends. */
  readonly end: number;
  /** The first row that its chain does not hold. */
  readonly broken?: number;
  /** More rows than one look holds: its chain was read in parts, and nothing laid out. */
  readonly isTooLong?: true;
  /** Up to where the mirror stood when it was asked, all of it. */
  readonly laid: Laid;
  /** Up to where the mirror stood when the rebuild began; undefined where that is of another log. */
  readonly before?: Shares;
  /** Hashes at the positions that were asked for. */
  readonly hashes: ReadonlyMap<number, string>;
  /** When the row at the mirror's position was recorded. */
  readonly recordedMs: number;
  readonly view?: SubjectView;
  /** Other subjects that it names. */
  readonly names: ReadonlySet<string>;
}

export type Verdict =
  /** Nothing is written but this: a person decides. */
  | { readonly kind: "freeze"; readonly detail: string }
  | {
      readonly kind: "keep";
      readonly result: Extract<SubjectResult, "frozen" | "not_found" | "nothing" | "too_long">;
    }
  /** All that the mirror has of it goes. */
  | { readonly kind: "drop"; readonly detail?: string }
  /** What it has is held against the log. */
  | { readonly kind: "compare" }
  /** It had nothing when the rebuild began, and is being filled since: too long to be compared. */
  | { readonly kind: "filling" };

/** What to do with a subject, by what its object, the mirror and the roster say. */
export function judge(
  { roster, before }: Pick<ToLookAt, "roster" | "before">,
  state: SubjectState | undefined,
  log: ReadLog,
  isThawed: boolean,
): Verdict {
  if (state !== undefined && state.frozenMs !== null) return judgeFrozen(log, isThawed);
  if (log.broken !== undefined) {
    return { kind: "freeze", detail: `Row ${log.broken} of its log is not what its chain says` };
  }
  if (state === undefined) return judgeUnknown(roster, log);
  const { position, head } = state;
  if (log.end < position) {
    const detail = `Its log ends at ${log.end}, mirrored were ${position}`;
    return { kind: "freeze", detail };
  }
  if ((log.hashes.get(position) ?? "") === head) {
    if (log.isTooLong !== true) return { kind: "compare" };
    return before === undefined ? { kind: "filling" } : { kind: "keep", result: "too_long" };
  }
  return judgeOther(roster, log, position);
}

/** The mirror is of another log. */
function judgeOther(roster: ToLookAt["roster"], log: ReadLog, position: number): Verdict {
  if (isAgainst(roster, log)) {
    const detail = `Neither the mirror nor the roster has met its log: at ${position} it has another hash`;
    return { kind: "freeze", detail };
  }
  const detail = `The mirror had another hash at ${position} than its log: it is mirrored anew`;
  return { kind: "drop", detail };
}

function judgeFrozen({ broken }: ReadLog, isThawed: boolean): Verdict {
  if (!isThawed || broken !== undefined) return { kind: "keep", result: "frozen" };
  return { kind: "drop", detail: "Set free: it is mirrored anew from its log" };
}

function judgeUnknown(roster: ToLookAt["roster"], log: ReadLog): Verdict {
  const isKnown = (roster?.position ?? 0) > 0;
  if (log.end === 0) {
    return isKnown ? { kind: "keep", result: "not_found" } : { kind: "drop" };
  }
  if (!isAgainst(roster, log)) return { kind: "drop" };
  const { position = 0 } = roster ?? {};
  return { kind: "freeze", detail: `The roster has another hash at ${position} than its log` };
}

/** Whether the roster has met a log that this one is not. */
const isAgainst = (roster: ToLookAt["roster"], { hashes }: ReadLog): boolean =>
  roster !== undefined && roster.position > 0 && hashes.get(roster.position) !== roster.head;

/** The summary that the mirror must have, where it stands at the log's end and has another. */
export function viewOf(
  state: SubjectState,
  { end, view, recordedMs }: ReadLog,
): Pick<SubjectState, "viewPosition" | "asOfMs" | "displayName" | "view"> | undefined {
  if (end !== state.position || view?.view === undefined) return undefined;
  const must = {
    viewPosition: end,
    asOfMs: recordedMs,
    displayName: view.displayName ?? null,
    view: view.view,
  };
  const isSame =
    must.viewPosition === state.viewPosition &&
    must.asOfMs === state.asOfMs &&
    must.displayName === state.displayName &&
    must.view === state.view;
  return isSame ? undefined : must;
}

/** Rows written, by table: one that stands there otherwise counts once. */
export function rowsIn(changes: Changes, hasView: boolean): SubjectMark["rows"] {
  const rows: Record<string, number> = hasView ? { subjects: 1 } : {};
  for (const [table, { wrong, right }] of Object.entries(changes)) {
    rows[table] = Math.max(wrong.length, right.length);
  }
  return rows;
}

/** Whether the mirror has any row of a subject. */
export const hasRows = ({ rows }: FoundSubject): boolean =>
  Object.values(rows).some((table) => table.size > 0);
