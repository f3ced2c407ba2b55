import type { MirroredLine, MirroredTransfer } from "../core/subject/mirrored.ts";

/** A subject of a tenant. */
export interface Place {
  readonly tenant: string;
  readonly subject: string;
}

/** A subject's row of the mirror: how far its log is mirrored, and its summary. */
export interface SubjectRow {
  readonly position: number;
  readonly head: string;
  readonly frozen_ms: number | null;
  readonly view: string | null;
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
  /** The summary, where the log ends at that position. */
  readonly view?: string;
}

interface Change<Row> {
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
  readonly view?: string;
}

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
  const isOther = wanted.view !== undefined && wanted.view !== found.row?.view;
  const changes = [transfers.wrong, transfers.right, lines.wrong, lines.right, uncounted];
  if (!isOther && changes.every(({ length }) => length === 0)) return undefined;
  return { transfers, lines, uncounted, ...(isOther ? { view: wanted.view } : {}) };
}

const keyOfTransfer = ({ position, n }: MirroredTransfer): string => `${position}:${n}`;

function changeOf<Row extends object>(
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
