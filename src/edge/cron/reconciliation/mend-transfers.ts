import { type MirroredTransfer, mirroredTransfers } from "../../../core/subject/mirrored.ts";
import { entryOf } from "../../log-entry.ts";
import { changeOf, keyOfTransfer, NO_REPAIR, type Place } from "../../subject-rows.ts";
import type { LargePorts, SubjectCheckPorts, TransferKey } from "./object-ports.ts";
import { rowsTold } from "./subject.ts";

/** Before every transfer, whoever wrote it. */
export const FIRST: TransferKey = [-Number.MAX_VALUE, -Number.MAX_VALUE];

/** Pages of a log that are read for one part. */
const LOG_PAGES_MAX = 10;

interface Part {
  readonly after: TransferKey;
  /** The position up to which the mirror is compared. */
  readonly upTo: number;
}

type Ports = Pick<LargePorts, "transfersAfter" | "partRows" | "logAfter" | "repairPart"> &
  Pick<SubjectCheckPorts, "report">;

/**
 * Compares a part of a subject's transfers with its log, from a place on, and writes anew what
 * differs: as many as are read at once of either side, whichever ends first. Answers where to go on.
 */
export async function mendTransfers(
  place: Place,
  { after, upTo }: Part,
  ports: Ports,
): Promise<{ readonly next?: TransferKey; readonly isRepaired: boolean }> {
  const page = await ports.transfersAfter(place, after, upTo);
  const last = page.length < ports.partRows ? undefined : page.at(-1);
  const asked: TransferKey = last === undefined ? endOf(upTo) : [last.position, last.n];
  const { told, until } = await readTold(place, { after, asked }, ports);
  const found = page.filter((row) => !isBehind(keyOf(row), until));
  const transfers = changeOf(found, told, keyOfTransfer);
  const names = rowsTold({ ...NO_REPAIR, transfers });
  if (names.length > 0) {
    await ports.report(place, `Written anew from its log: ${names.join(", ")}`);
    await ports.repairPart({ ...place, upTo }, { ...NO_REPAIR, transfers });
  }
  const isOver = !isBehind(endOf(upTo), until);
  return { isRepaired: names.length > 0, ...(isOver ? {} : { next: until }) };
}

const endOf = (position: number): TransferKey => [position, Number.MAX_VALUE];
const keyOf = ({ position, n }: MirroredTransfer): TransferKey => [position, n];

const isBehind = (a: TransferKey, b: TransferKey): boolean =>
  a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);

interface Range {
  readonly after: TransferKey;
  readonly asked: TransferKey;
}

/** What the log tells between two places; the second is an earlier one where that is long. */
async function readTold(
  place: Place,
  { after, asked }: Range,
  { logAfter }: Ports,
): Promise<{ readonly told: readonly MirroredTransfer[]; readonly until: TransferKey }> {
  const told: MirroredTransfer[] = [];
  // Its first row may have been compared in part.
  let at = Math.max(0, after[0] - 1);
  for (let page = 0; at < asked[0]; page += 1) {
    if (page === LOG_PAGES_MAX) return { told, until: endOf(at) };
    const { rows } = await logAfter(place, at);
    const last = rows.at(-1);
    if (last === undefined) break;
    at = last.position;
    const moved = rows.flatMap((row) => mirroredTransfers(row.position, entryOf(row)));
    for (const row of moved) {
      if (isBehind(keyOf(row), after) && !isBehind(keyOf(row), asked)) told.push(row);
    }
  }
  return { told, until: asked };
}
