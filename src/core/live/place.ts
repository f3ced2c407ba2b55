import type { LogRow } from "../subject/chain.ts";

/** Of the row's hash: enough that another log's ids do not pass for this one's. */
const MARK_CHARS = 8;

/** The longest id that is read: 16 digits, a dash, the mark. */
export const ID_CHARS_MAX = 32;

/** A place in a log as a client of the live feed keeps it. */
export interface Place {
  readonly position: number;
  /** How the hash of the row begins; absent where the client knows a position only. */
  readonly mark?: string;
}

/**
 * The id of a message: the position of the last row in it, and how that row's hash begins. So an id
 * of another distributor, or from before an object was restored, is told from one of this log.
 */
export const placeId = ({ position, hash }: Pick<LogRow, "position" | "hash">): string =>
  `${position}-${hash.slice(0, MARK_CHARS)}`;

const ID = /^(0|[1-9]\d{0,15})(?:-([0-9a-f]{8}))?$/;

/** Reads what {@link placeId} wrote, or a bare position; nothing where it is neither. */
export function readPlace(id: string): Place | undefined {
  const [whole, digits = "", mark] = ID.exec(id) ?? [];
  const position = Number(digits);
  if (whole === undefined || !Number.isSafeInteger(position)) return undefined;
  return mark === undefined ? { position } : { position, mark };
}

/** The log that a client wants to go on in. */
export interface Told {
  /** The position of the last row. */
  readonly head: number;
  /** The hash of the row at a place; nothing beyond the log. */
  readonly hashAt: (position: number) => string | undefined;
}

/**
 * After which position a client goes on; nothing where it has to begin anew: its place is ahead of
 * the log or in another one, or further back than `rowsMax` rows.
 */
export function resumesAt(
  { position, mark }: Place,
  { head, hashAt }: Told,
  rowsMax: number,
): number | undefined {
  if (position > head || head - position > rowsMax) return undefined;
  const isOurs = mark === undefined || hashAt(position)?.startsWith(mark) === true;
  return isOurs ? position : undefined;
}
