import { readView } from "../../../core/distributor/view.ts";
import { isSameSum, sumRows, withoutZeros } from "../../../core/subject/log-check.ts";
import type { MirroredLine } from "../../../core/subject/mirrored.ts";
import {
  type DigestedLine,
  keyOfTransfer,
  type LogEnd,
  NO_REPAIR,
  type Place,
  type Repair,
  repairOf,
  type SubjectRow,
  type SubjectRows,
  summaryOf,
  wrongIn,
} from "../../subject-rows.ts";
import { type Found, judgeLog, ROW_OF_NOBODY, type Whole } from "./judge-log.ts";
import type { SubjectCheckPorts } from "./object-ports.ts";

/**
 * Holds what the mirror has of a subject against its object's log, and writes anew what differs. One
 * that cannot be looked at now is looked at in the next walk: it stops nobody else.
 */
export async function checkSubject(
  found: SubjectRows,
  rowsMax: number,
  ports: SubjectCheckPorts,
): Promise<Found> {
  try {
    if (found.row === undefined && (await ports.isRebuilt(found.tenant))) return "skipped";
    const restore = await restoreOf(found, ports);
    if (restore === undefined) return await judge(found, rowsMax, ports);
    await ports.report(found, restore.detail);
    await restore.restore();
    const [restored] = (await ports.rows([found], rowsMax)) ?? [];
    if (restored === undefined) return "large";
    const again = await judge(restored, rowsMax, ports);
    return again === "equal" ? "repaired" : again;
  } catch (error) {
    return failed(found, error, ports);
  }
}

/** Looked at again in the next walk. */
export function failed(place: Place, error: unknown, { log }: Pick<SubjectCheckPorts, "log">) {
  const { tenant, subject } = place;
  log("warn", "subject_not_checked", { tenant, subject, error });
  return "failed" as const;
}

interface Restoring {
  readonly detail: string;
  readonly restore: () => Promise<void>;
}

/** How far it is mirrored, where its row is gone or says less than the rows that are there. */
async function restoreOf(
  found: SubjectRows,
  ports: SubjectCheckPorts,
): Promise<Restoring | undefined> {
  const { row } = found;
  if (row === undefined) {
    const restore = await ports.lostRow(found);
    const detail = "The mirror had lost the row of how far it is mirrored";
    return restore && { detail, restore };
  }
  const reached = row.frozen_ms === null ? await reachedBehind(found, row, ports) : undefined;
  if (reached === undefined) return undefined;
  const detail = `The mirror said that it is mirrored up to ${row.position}, and had its row ${reached}`;
  return { detail, restore: () => ports.setForward(found, reached) };
}

/** The last row behind its position of which the mirror has a transfer just as the log tells it. */
async function reachedBehind(
  { tenant, subject, transfers }: SubjectRows,
  { position }: SubjectRow,
  ports: SubjectCheckPorts,
): Promise<number | undefined> {
  const behind = transfers.filter((transfer) => transfer.position > position);
  if (behind.length === 0) return undefined;
  const upTo = behind.reduce((last, transfer) => Math.max(last, transfer.position), 0);
  const wanted = await ports.wanted({ tenant, subject }, upTo);
  const told = new Map(wanted.transfers.map((row) => [keyOfTransfer(row), JSON.stringify(row)]));
  const real = behind.filter((row) => told.get(keyOfTransfer(row)) === JSON.stringify(row));
  return real.length === 0 ? undefined : Math.max(...real.map((row) => row.position));
}

async function judge(
  found: SubjectRows,
  rowsMax: number,
  ports: SubjectCheckPorts,
): Promise<Found> {
  const judged = await judgeLog(found, ports);
  if (judged.kind === "over") return judged.found;
  const { whole, row, isThawed } = judged;
  const going = { ...found, ...(row === undefined ? {} : { row }) };
  const compared = await compare(going, { whole, rowsMax, ports });
  const isAnew = row === undefined && whole.position > 0 && (await mirrorAnew(found, ports));
  return (isThawed || isAnew) && compared === "equal" ? "repaired" : compared;
}

/** Nothing that is left says how far it was mirrored: what its log tells is there already, or comes. */
async function mirrorAnew(place: Place, ports: SubjectCheckPorts): Promise<boolean> {
  if (ports.mirrorAnew === undefined) return false;
  await ports.report(place, "The mirror had lost the row of it: it is mirrored anew from its log");
  await ports.mirrorAnew(place);
  return true;
}

interface Comparing {
  readonly whole: Whole;
  readonly rowsMax: number;
  readonly ports: SubjectCheckPorts;
}

async function compare(found: SubjectRows, comparing: Comparing): Promise<Found> {
  const { whole, ports } = comparing;
  const { row } = found;
  // Whoever has a log that is empty, and a row, was never mirrored.
  const isNobodys = row !== undefined && whole.position === 0;
  const isRemade = await remake(found, whole, ports);
  if (!isRemade && !isNobodys && isEqual(found, comparing)) return "equal";
  const changes = repairOf(found, await ports.wanted(found, row === undefined ? 0 : row.position));
  const repair = isNobodys ? { ...NO_REPAIR, ...changes, isNobodys } : changes;
  const mended = repair === undefined ? "equal" : await mend(found, repair, comparing);
  return isRemade && mended === "equal" ? "repaired" : mended;
}

/**
 * Whether a repair did what it was for: where events came meanwhile, or a row is still as it was, sums
 * made anew of it would be wrong.
 */
async function isPutRight(place: SubjectRows, comparing: Comparing): Promise<boolean> {
  const { whole, ports, rowsMax } = comparing;
  const { tenant, subject } = place;
  const [again] = (await ports.rows([{ tenant, subject }], rowsMax)) ?? [];
  const isStill = (again?.row?.position ?? 0) === whole.sums.position;
  if (isStill && again !== undefined && areRowsEqual(again, comparing)) return true;
  ports.log("warn", "subject_not_repaired", { tenant, subject, moved: !isStill });
  return false;
}

/** Tells what is wrong, and puts it right: `equal` where there was nothing to tell. */
async function mend(found: SubjectRows, repair: Repair, comparing: Comparing): Promise<Found> {
  const { ports } = comparing;
  const told = await toldOf(found, repair, ports);
  if (told.length > 0) await ports.report(found, `Written anew from its log: ${told.join(", ")}`);
  if (mayBeUnreadable(repair.lines.wrong)) await ports.siftLines(found);
  await ports.repair(found, repair);
  if (told.length === 0) return "equal";
  return (await isPutRight(found, comparing)) ? "repaired" : "failed";
}

/** Has an object whose summary is not what its log says make it anew; answers whether it had to. */
export async function remake(
  place: Place,
  whole: Whole,
  ports: SubjectCheckPorts,
): Promise<boolean> {
  if (isSummaryRight(place, whole)) return false;
  await ports.report(place, "Written anew from its log: its object's summary");
  await ports.remakeView(place);
  return true;
}

/** The object's own summary against its log, for those that keep balances in it. */
function isSummaryRight({ subject }: Place, { sums, position, view }: Whole): boolean {
  // Beyond the position that is checked, the summary knows more than the sums.
  if (position !== sums.position) return true;
  if (!subject.startsWith("dist:") || view?.view === undefined) return true;
  const kept = withoutZeros(readView(view.view).balances);
  return JSON.stringify(kept) === JSON.stringify(sums.balances);
}

/** What an object said of itself while it was checked; nothing where that is more than was checked. */
export const endOf = ({ sums, position, view = {} }: Whole): LogEnd | undefined =>
  position === sums.position ? { position, recordedMs: sums.recorded_ms, view } : undefined;

const isEqual = (found: SubjectRows, comparing: Comparing): boolean =>
  areRowsEqual(found, comparing) && summaryOf(found.row, endOf(comparing.whole)) === undefined;

function areRowsEqual(found: SubjectRows, { whole, ports }: Comparing): boolean {
  const { sums } = whole;
  const { sha256, digestOf } = ports;
  return (
    isSameSum(sumRows(found.transfers, sha256), sums.transfers) &&
    isSameSum(sumRows(found.lines.map(undigested), sha256), sums.lines) &&
    found.lines.every((line) => line.digest === digestOf(undigested(line)))
  );
}

export const undigested = ({ digest: _digest, ...line }: DigestedLine): MirroredLine => line;

/** Which rows, as far as a sentence holds them. Nobody is told of lines of before there were digests. */
async function toldOf(
  { tenant, row }: SubjectRows,
  repair: Repair,
  ports: SubjectCheckPorts,
): Promise<readonly string[]> {
  const { uncounted, summary, isNobodys } = repair;
  const counted = uncounted.length === 0 ? [] : await ports.counted(tenant, uncounted);
  const lost = new Set(counted);
  return [
    ...rowsTold(repair),
    ...(lost.size === 0 ? [] : [`what lines ${named(lost)} count by`]),
    ...(row === undefined || summary === undefined
      ? []
      : wrongIn(row, summary).map((name) => TOLD[name])),
    ...(isNobodys === true ? [ROW_OF_NOBODY] : []),
  ];
}

/** Whether an id of some line may have come out of the mirror otherwise than it went in. */
export const mayBeUnreadable = (lines: readonly DigestedLine[]): boolean =>
  lines.some(({ line_id }) => line_id.includes("\u{FFFD}"));

const TOLD = {
  view: "summary",
  view_position: "position of its summary",
  as_of_ms: "time of its summary",
  display_name: "masked name",
} as const;

/** Transfers and lines that a repair writes. */
export function rowsTold({
  transfers,
  lines,
}: Pick<Repair, "transfers" | "lines">): readonly string[] {
  const moved = new Set(
    [...transfers.wrong, ...transfers.right].map(({ position, n }) => `${position}.${n}`),
  );
  const earned = new Set([...lines.wrong, ...lines.right].map(({ line_id }) => line_id));
  return [
    ...(moved.size === 0 ? [] : [`transfers ${named(moved)}`]),
    ...(earned.size === 0 ? [] : [`lines ${named(earned)}`]),
  ];
}

const NAMED_MAX = 10;

const named = (names: ReadonlySet<string>): string => {
  const first = [...names].slice(0, NAMED_MAX).join(", ");
  return names.size > NAMED_MAX ? `${first} and ${names.size - NAMED_MAX} more` : first;
};
