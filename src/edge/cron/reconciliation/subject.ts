import { readView } from "../../../core/distributor/view.ts";
import type { Sha256 } from "../../../core/subject/chain.ts";
import { type LogSums, sumRows, withoutZeros } from "../../../core/subject/log-check.ts";
import type { MirroredLine } from "../../../core/subject/mirrored.ts";
import type { Log } from "../../log.ts";
import {
  type DigestedLine,
  type Place,
  type Repair,
  repairOf,
  type SubjectRows,
  type WantedRows,
} from "../../subject-rows.ts";
import type { LogChecked } from "../../subject.ts";

/** A subject with more transfers or lines than this is not compared row by row. */
export const SUBJECT_ROWS_MAX = 100_000;

export interface SubjectCheckPorts {
  /** Nothing where there are more rows than that. */
  readonly rows: (
    places: readonly Place[],
    rowsMax: number,
  ) => Promise<readonly SubjectRows[] | undefined>;
  /** Computes the object's log again up to a position, in parts. */
  readonly check: (place: Place, upTo: number) => Promise<LogChecked>;
  readonly wanted: (place: Place, upTo: number) => Promise<WantedRows>;
  /** What a line counts in the digests by. */
  readonly digestOf: (line: MirroredLine) => string | null;
  /** Makes an object's summary anew of its log. */
  readonly remakeView: (place: Place) => Promise<boolean>;
  readonly repair: (found: SubjectRows, repair: Repair) => Promise<void>;
  /** Gives a subject its lost row back, as far as it was mirrored; answers whether there was any. */
  readonly restoreRow: (place: Place) => Promise<boolean>;
  readonly freeze: (place: Place, detail: string) => Promise<void>;
  readonly report: (place: Place, detail: string) => Promise<void>;
  readonly sha256: Sha256;
  readonly log: Log;
}

export type Found = "equal" | "repaired" | "frozen" | "skipped";

/**
 * Holds what the mirror has of a subject against its object's log, and writes anew what differs. One
 * that cannot be looked at now is looked at in the next walk: it stops nobody else.
 */
export async function checkSubject(found: SubjectRows, ports: SubjectCheckPorts): Promise<Found> {
  const { tenant, subject, row } = found;
  try {
    if (row === undefined && (await ports.restoreRow(found))) return await lookAgain(found, ports);
    return (row?.frozen_ms ?? null) === null ? await judge(found, ports) : "skipped";
  } catch (error) {
    ports.log("warn", "subject_not_checked", { tenant, subject, error });
    return "skipped";
  }
}

async function lookAgain(place: Place, ports: SubjectCheckPorts): Promise<Found> {
  await ports.report(place, "The mirror had lost the row of how far it is mirrored");
  const [restored] = (await ports.rows([place], SUBJECT_ROWS_MAX)) ?? [];
  if (restored !== undefined) await judge(restored, ports);
  return "repaired";
}

async function judge(found: SubjectRows, ports: SubjectCheckPorts): Promise<Found> {
  const { position = 0, head = "" } = found.row ?? {};
  const checked = await checkLog(found, position, ports);
  if (checked.kind === "broken") {
    return freeze(found, `Row ${checked.position} of its log is not what its chain says`, ports);
  }
  // The sweep finds the same, and has it frozen once nothing is on its way.
  if (checked.kind === "short") return "skipped";
  if (checked.sums.head !== head) {
    return freeze(found, `At ${position} its log has another hash than the mirror`, ports);
  }
  return compare(found, checked, ports);
}

async function checkLog(
  place: Place,
  upTo: number,
  { check }: SubjectCheckPorts,
): Promise<Exclude<LogChecked, { readonly kind: "more" }>> {
  for (;;) {
    const checked = await check(place, upTo);
    if (checked.kind !== "more") return checked;
  }
}

async function freeze(place: Place, detail: string, ports: SubjectCheckPorts): Promise<Found> {
  const { tenant, subject } = place;
  ports.log("error", "subject_frozen", { alert: true, tenant, subject, detail });
  await ports.freeze(place, detail);
  return "frozen";
}

type Whole = Extract<LogChecked, { readonly kind: "whole" }>;

async function compare(found: SubjectRows, whole: Whole, ports: SubjectCheckPorts): Promise<Found> {
  const isRemade = !isSummaryRight(found, whole) && (await ports.remakeView(found));
  if (!isRemade && isEqual(found, whole, ports)) return "equal";
  const repair = repairOf(found, await ports.wanted(found, found.row?.position ?? 0));
  if (repair !== undefined) await ports.repair(found, repair);
  const told = [
    ...(isRemade ? ["its object's summary"] : []),
    ...(repair === undefined ? [] : toldOf(repair)),
  ];
  if (told.length === 0) return "equal";
  await ports.report(found, `Written anew from its log: ${told.join(", ")}`);
  return "repaired";
}

/** The object's own summary against its log, for those that keep balances in it. */
function isSummaryRight({ subject }: Place, { sums, position, view }: Whole): boolean {
  // Beyond the position that is checked, the summary knows more than the sums.
  if (position !== sums.position) return true;
  if (!subject.startsWith("dist:") || view?.view === undefined) return true;
  const kept = withoutZeros(readView(view.view).balances);
  return JSON.stringify(kept) === JSON.stringify(sums.balances);
}

function isEqual(
  found: SubjectRows,
  { sums, position, view }: Whole,
  { sha256, digestOf }: SubjectCheckPorts,
): boolean {
  const isCurrent = position === (found.row?.position ?? 0);
  const summary = isCurrent ? view?.view : undefined;
  return (
    isSame(sumRows(found.transfers, sha256), sums.transfers) &&
    isSame(sumRows(found.lines.map(undigested), sha256), sums.lines) &&
    found.lines.every((line) => line.digest === digestOf(undigested(line))) &&
    (summary === undefined || summary === found.row?.view)
  );
}

const undigested = ({ digest: _digest, ...line }: DigestedLine): MirroredLine => line;

const isSame = (a: LogSums["lines"], b: LogSums["lines"]): boolean =>
  a.rows === b.rows && a.sum === b.sum;

/** Which rows, as far as a sentence holds them. */
function toldOf({ transfers, lines, view }: Repair): readonly string[] {
  const moved = new Set(
    [...transfers.wrong, ...transfers.right].map(({ position, n }) => `${position}.${n}`),
  );
  const earned = new Set([...lines.wrong, ...lines.right].map(({ line_id }) => line_id));
  return [
    ...(moved.size === 0 ? [] : [`transfers ${named(moved)}`]),
    ...(earned.size === 0 ? [] : [`lines ${named(earned)}`]),
    ...(view === undefined ? [] : ["summary"]),
  ];
}

const NAMED_MAX = 10;

const named = (names: ReadonlySet<string>): string => {
  const first = [...names].slice(0, NAMED_MAX).join(", ");
  return names.size > NAMED_MAX ? `${first} and ${names.size - NAMED_MAX} more` : first;
};
