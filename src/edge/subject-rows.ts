import type { MirroredLine, MirroredTransfer } from "../core/subject/mirrored.ts";
import type { SubjectView } from "./subject.ts";

/** A subject of a tenant. */
export interface Place {
  readonly tenant: string;
  readonly subject: string;
}

/** A subject as the mirror lists it. */
export interface ListedPlace extends Place {
  /** Hex of what it is really called, tenant and subject, where that is no text: no subject is. */
  readonly bytes?: readonly [tenant: string, subject: string];
}

/** What the mirror shows of a subject as of its last row, beside rows of other tables. */
export interface Summary {
  readonly view: string | null;
  readonly view_position: number | null;
  readonly as_of_ms: number | null;
  /** Masked. */
  readonly display_name: string | null;
}

/** A subject's row of the mirror: how far its log is mirrored, and its summary. */
export interface SubjectRow extends Summary {
  readonly position: number;
  readonly head: string;
  readonly frozen_ms: number | null;
  /** 1 where a CHAIN break says why it is frozen: one that is open, or that a person accepted. */
  readonly chain_break: 0 | 1;
}

/** A line with what it counts in the digests by. */
export type DigestedLine = MirroredLine & { readonly digest: string | null };

/** What D1 has of one subject, all as of one instant. */
export interface SubjectRows extends Place {
  /** Nothing where the mirror has no row of it. */
  readonly row?: SubjectRow;
  readonly transfers: readonly MirroredTransfer[];
  readonly lines: readonly DigestedLine[];
}

/** What the mirror must have of a subject, by its object's log up to the mirror's position. */
export interface WantedRows {
  readonly transfers: readonly MirroredTransfer[];
  readonly lines: readonly DigestedLine[];
  /** What its object says of itself, where the log ends at that position. */
  readonly end?: LogEnd;
}

/** An object as of its log's last row. */
export interface LogEnd {
  readonly position: number;
  readonly recordedMs: number;
  readonly view: SubjectView;
}

export interface Change<Row> {
  /** Rows that are there and must not be, or not so. */
  readonly wrong: readonly Row[];
  /** Rows that are missing, or stand there otherwise. */
  readonly right: readonly Row[];
}

/** What a repair changes. */
export interface Repair {
  readonly transfers: Change<MirroredTransfer>;
  readonly lines: Change<DigestedLine>;
  /** Lines that are right, and counted in no digest yet: they are of before there were any. */
  readonly uncounted: readonly DigestedLine[];
  readonly summary?: Summary;
  /** There is no such subject: its row goes. */
  readonly isNobodys?: true;
}

/** What a repair of rows of one table alone leaves as it is. */
export const NO_REPAIR: Repair = {
  transfers: { wrong: [], right: [] },
  lines: { wrong: [], right: [] },
  uncounted: [],
};

/** What of a subject's rows is wrong; nothing where they are as they must be. */
export function repairOf(found: SubjectRows, wanted: WantedRows): Repair | undefined {
  const transfers = changeOf(found.transfers, wanted.transfers, keyOfTransfer);
  const digests = new Map(wanted.lines.map(({ line_id, digest }) => [line_id, digest]));
  const counted = found.lines.map((line) => ({
    ...line,
    digest: line.digest ?? digests.get(line.line_id) ?? null,
  }));
  const lines = changeOf(counted, wanted.lines, ({ line_id }) => line_id);
  const wrong = new Set(lines.wrong);
  const uncounted = counted.filter(
    (line, i) => line.digest !== found.lines[i]?.digest && !wrong.has(line),
  );
  const summary = summaryOf(found.row, wanted.end);
  const changes = [transfers.wrong, transfers.right, lines.wrong, lines.right, uncounted];
  if (summary === undefined && changes.every(({ length }) => length === 0)) return undefined;
  return { transfers, lines, uncounted, ...(summary === undefined ? {} : { summary }) };
}

/**
 * The summary that the mirror must have, where it has another. Of a subject without one it is not told
 * whose name and time the first tail brought.
 */
export function summaryOf(
  row: SubjectRow | undefined,
  end: LogEnd | undefined,
): Summary | undefined {
  if (row === undefined || end?.position !== row.position) return undefined;
  const { view, displayName } = end.view;
  const { as_of_ms, display_name } = row;
  const must: Summary =
    view === undefined
      ? { view: null, view_position: null, as_of_ms, display_name }
      : {
          view,
          view_position: end.position,
          as_of_ms: end.recordedMs,
          display_name: displayName ?? null,
        };
  return wrongIn(row, must).length === 0 ? undefined : must;
}

/** Which parts of a summary are not as they must be. */
export const wrongIn = (row: Summary, must: Summary): readonly (keyof Summary)[] =>
  SUMMARY_COLUMNS.filter((name) => row[name] !== must[name]);

export const SUMMARY_COLUMNS = [
  "view",
  "view_position",
  "as_of_ms",
  "display_name",
] as const satisfies readonly (keyof Summary)[];

export const keyOfTransfer = ({ position, n }: MirroredTransfer): string => `${position}:${n}`;

/** What differs of rows that have a key. */
export function changeOf<Row extends object>(
  found: readonly Row[],
  wanted: readonly Row[],
  keyOf: (row: Row) => string,
): Change<Row> {
  const textsOf = (rows: readonly Row[]) =>
    new Map(rows.map((row) => [keyOf(row), JSON.stringify(row)]));
  const [there, must] = [textsOf(found), textsOf(wanted)];
  return {
    wrong: found.filter((row) => must.get(keyOf(row)) !== JSON.stringify(row)),
    right: wanted.filter((row) => there.get(keyOf(row)) !== JSON.stringify(row)),
  };
}
