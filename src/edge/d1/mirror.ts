import { within } from "../within.ts";
import type { LooseEvent, LooseRows, Mirroring, MirrorTail, Position } from "../mirror.ts";
import { NO_LOOSE_ROWS } from "./loose.ts";
import { projectBatch } from "./project.ts";

/** Rows of logs in one D1 batch: keeps each JSON parameter under D1's 2 MB a value. */
const ROWS_MAX = 800;
/** Text of loose rows in one batch: half of D1's limit for one value. */
const LOOSE_CHARS_MAX = 1_000_000;
/** D1 is known to stall for tens of seconds: the queue tries again rather than wait. */
const BATCH_MS_MAX = 20_000;
/** Where this many batches have failed, D1 itself is in trouble, and not one row. */
const FAILURES_MAX = 24;

/**
 * Writes everything a queue batch has to say to D1. A batch that fails is halved until the row
 * that D1 refuses stands alone: its subject waits, the others go on. Throws nothing.
 */
export async function mirror(
  db: D1Database,
  tails: readonly MirrorTail[],
  loose: LooseRows,
): Promise<Mirroring> {
  const positions: Position[] = [];
  const errors: string[] = [];
  const looseParts = inLooseParts(loose);
  const unwritten = new Set(looseParts);

  const write = async (part: readonly MirrorTail[], extra: LooseRows): Promise<boolean> => {
    if (errors.length >= FAILURES_MAX) return false;
    try {
      positions.push(...(await within(BATCH_MS_MAX, () => projectBatch(db, part, extra))));
      unwritten.delete(extra);
      return true;
    } catch (error) {
      errors.push(String(error));
      if (extra !== NO_LOOSE_ROWS && part.length > 0) {
        await write([], extra);
        return write(part, NO_LOOSE_ROWS);
      }
      return halve(part);
    }
  };
  const halve = async (part: readonly MirrorTail[]): Promise<boolean> => {
    if (part.length > 1) {
      const middle = Math.ceil(part.length / 2);
      const first = await write(part.slice(0, middle), NO_LOOSE_ROWS);
      return (await write(part.slice(middle), NO_LOOSE_ROWS)) && first;
    }
    const halves = part[0] === undefined ? undefined : halfTails(part[0]);
    if (halves === undefined) return false;
    // The later half continues from the earlier: without that one it cannot be written.
    return (await write([halves.earlier], NO_LOOSE_ROWS)) && write([halves.later], NO_LOOSE_ROWS);
  };

  const [extra = NO_LOOSE_ROWS, ...more] = looseParts;
  const [part = [], ...parts] = inParts(tails);
  if (part.length > 0 || extra !== NO_LOOSE_ROWS) await write(part, extra);
  for (const further of more) await write([], further);
  for (const further of parts) await write(further, NO_LOOSE_ROWS);
  return { positions: latest(positions), looseWritten: unwritten.size === 0, errors };
}

/** Rows that no object logs, in parts that fit; a retry's message can be as large as a body. */
function inLooseParts({ events, revived }: LooseRows): readonly LooseRows[] {
  const parts: LooseEvent[][] = [];
  let room = 0;
  for (const event of events) {
    const chars = JSON.stringify(event).length;
    const part = parts.at(-1);
    if (part === undefined || chars > room) {
      parts.push([event]);
      room = LOOSE_CHARS_MAX - chars;
    } else {
      part.push(event);
      room -= chars;
    }
  }
  const rows: LooseRows[] = parts.map((part) => ({ events: part, revived: [] }));
  return revived.length === 0 ? rows : [...rows, { events: [], revived }];
}

/** Groups tails so that each batch stays within {@link ROWS_MAX}; a long tail is cut. */
function inParts(tails: readonly MirrorTail[]): readonly (readonly MirrorTail[])[] {
  const parts: MirrorTail[][] = [];
  let room = 0;
  for (const tail of tails.flatMap(cut)) {
    const part = parts.at(-1);
    if (part === undefined || tail.rows.length > room) {
      parts.push([tail]);
      room = ROWS_MAX - tail.rows.length;
    } else {
      part.push(tail);
      room -= tail.rows.length;
    }
  }
  return parts;
}

function cut(tail: MirrorTail): readonly MirrorTail[] {
  if (tail.rows.length <= ROWS_MAX) return [tail];
  const halves = halfTails(tail);
  return halves === undefined ? [tail] : [...cut(halves.earlier), ...cut(halves.later)];
}

/** Splits a tail; the view belongs to its last row. Nothing where there is nothing to split. */
function halfTails({ view, ...tail }: MirrorTail) {
  const middle = Math.floor(tail.rows.length / 2);
  const before = tail.rows[middle - 1];
  if (before === undefined) return undefined;
  const base = { position: before.position, head: before.hash };
  const later: MirrorTail = { ...tail, base, rows: tail.rows.slice(middle) };
  return {
    earlier: { ...tail, rows: tail.rows.slice(0, middle) },
    later: view === undefined ? later : { ...later, view },
  };
}

/** A subject that was written in several parts was read back as often: the last reading counts. */
function latest(positions: readonly Position[]): readonly Position[] {
  const bySubject = new Map<string, Position>();
  for (const position of positions) {
    bySubject.set(`${position.tenant}/${position.subject}`, position);
  }
  return [...bySubject.values()];
}
