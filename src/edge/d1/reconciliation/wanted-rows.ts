import type { LogRow } from "../../../core/subject/chain.ts";
import {
  type MirroredLine,
  mirroredLine,
  type MirroredTransfer,
  mirroredTransfers,
} from "../../../core/subject/mirrored.ts";
import { entryOf } from "../../log-entry.ts";
import type { LogEnd, WantedRows } from "../../subject-rows.ts";
import type { Tail } from "../../subject.ts";
import { lineDigest } from "../digest-rows.ts";

/**
 * The rows that the mirror must have of a subject at a position: its object's log from the beginning,
 * laid out as the projection lays it out.
 */
export async function readWantedRows(
  logAfter: (position: number) => Promise<Tail>,
  upTo: number,
): Promise<WantedRows> {
  const laid: Laid = { transfers: [], lines: new Map() };
  let end: LogEnd | undefined;
  for (let after = 0; after < upTo;) {
    const { rows, view } = await logAfter(after);
    const last = rows.at(-1);
    if (last === undefined) break;
    for (const row of rows) if (row.position <= upTo) lay(laid, row);
    after = last.position;
    if (after === upTo && view !== undefined) {
      end = { position: after, recordedMs: entryOf(last).recorded_ms, view };
    }
  }
  const lines = [...laid.lines.values()].map((line) => {
    const { digest } = lineDigest(line);
    return { ...line, digest };
  });
  return { transfers: laid.transfers, lines, ...(end === undefined ? {} : { end }) };
}

interface Laid {
  readonly transfers: MirroredTransfer[];
  /** The last state of each. */
  readonly lines: Map<string, MirroredLine>;
}

function lay({ transfers, lines }: Laid, row: LogRow): void {
  const entry = entryOf(row);
  transfers.push(...mirroredTransfers(row.position, entry));
  for (const line of entry.effects.lines ?? []) lines.set(line.line_id, mirroredLine(line));
}
