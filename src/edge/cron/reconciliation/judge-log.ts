import { GENESIS } from "../../../core/subject/chain.ts";
import { kindOfSubject, type LogChecked } from "../../subject.ts";
import { NO_REPAIR, type Place, type SubjectRow, type SubjectRows } from "../../subject-rows.ts";
import type { SubjectCheckPorts } from "./object-ports.ts";

/**
 * What a look at a subject came to. `failed`: could not be looked at now, and may be wrong still;
 * `skipped`: waits for a person, for the sweep, or for a rebuild; `large`: is looked at a part at a time.
 */
export type Found = "equal" | "repaired" | "frozen" | "skipped" | "failed" | "large";

export type Whole = Extract<LogChecked, { readonly kind: "whole" }>;

export type JudgedLog =
  | {
      readonly kind: "whole";
      readonly whole: Whole;
      readonly row: SubjectRow | undefined;
      /** It stood frozen, for no reason that anybody was told. */
      readonly isThawed: boolean;
    }
  | { readonly kind: "over"; readonly found: Found };

/** What of a subject has been read: of a large one not its rows. */
type Read = Place & Pick<SubjectRows, "row"> & Partial<Pick<SubjectRows, "transfers" | "lines">>;

/**
 * Has an object compute its log again, and holds it against how far the mirror says it is. A log that
 * its chain does not hold, or that is not the one that was mirrored, freezes its object; one that
 * stands frozen without a break that says why goes on, if its log holds.
 */
export async function judgeLog(read: Read, ports: SubjectCheckPorts): Promise<JudgedLog> {
  const { row } = read;
  const isFrozen = row !== undefined && row.frozen_ms !== null;
  if (isFrozen && row.chain_break === 1) return over(await lookAtFrozen(read, ports));
  const { position, head } = row ?? { position: 0, head: GENESIS };
  const checked = await checkLog(read, position, ports);
  if (checked.kind !== "whole" || checked.sums.head !== head) {
    return over(await stop(read, checked, { ports, isFrozen }));
  }
  return isFrozen
    ? { kind: "whole", whole: checked, row: await thaw(read, row, ports), isThawed: true }
    : { kind: "whole", whole: checked, row, isThawed: false };
}

interface Judging {
  readonly ports: SubjectCheckPorts;
  readonly isFrozen: boolean;
}

/** What becomes of one whose log is not the one that was mirrored. */
function stop(
  read: Read,
  checked: Exclude<LogChecked, { readonly kind: "more" }>,
  judging: Judging,
): Promise<Found> {
  const { ports } = judging;
  switch (checked.kind) {
    case "broken":
      return freeze(read, brokenAt(checked, read), ports);
    case "short":
      return lookAtShort(read, checked, judging);
    case "whole": {
      const detail = `At ${checked.sums.position} its log has another hash than the mirror`;
      return freeze(read, detail, ports);
    }
  }
}

/** Somebody wrote that it is frozen: whoever freezes opens a break in the same batch. */
async function thaw(place: Place, row: SubjectRow, ports: SubjectCheckPorts): Promise<SubjectRow> {
  await ports.report(place, "It stood frozen without a break, and its log holds: it goes on");
  await ports.unfreeze(place, row);
  return { ...row, frozen_ms: null };
}

const over = (found: Found): JudgedLog => ({ kind: "over", found });

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

/** What was mirrored of such rows stays to be seen: a person is told how much that is. */
function brokenAt(
  { position }: Extract<LogChecked, { readonly kind: "broken" }>,
  { row, transfers }: Read,
): string {
  const broken = `Row ${position} of its log is not what its chain says`;
  const upTo = row?.position ?? 0;
  if (upTo < position) return `${broken}: nothing of it from there on was mirrored`;
  const shown = transfers?.filter((transfer) => transfer.position >= position).length;
  const what = shown === undefined ? "" : `, transfers: ${shown}`;
  return `${broken}: what the mirror shows of rows ${position} to ${upTo} is not proven${what}`;
}

/** Its log ends before the mirror: the sweep finds the same, and has it frozen once nothing is on its way. */
async function lookAtShort(
  read: Read,
  { position }: Extract<LogChecked, { readonly kind: "short" }>,
  { ports, isFrozen }: Judging,
): Promise<Found> {
  if (position === 0 && (await isNobodys(read, ports))) return drop(read, ports);
  // What is frozen is left out there.
  if (!isFrozen) return "skipped";
  const detail = `The log ends at ${position}, mirrored were ${read.row?.position ?? 0}`;
  return freeze(read, detail, ports);
}

/** It waits for a person, but for a row that was made up of somebody whom there never was. */
async function lookAtFrozen(read: Read, ports: SubjectCheckPorts): Promise<Found> {
  if (!mayBeNobodys(read)) return "skipped";
  const checked = await ports.check(read, 1);
  const isEmpty = checked.kind === "short" && checked.position === 0;
  return isEmpty && (await isNobodys(read, ports)) ? drop(read, ports) : "skipped";
}

/** A tree is told of nobody but by moves, of which nothing is left beside its own row. */
const mayBeNobodys = ({ subject, transfers, lines }: Read): boolean =>
  transfers?.length === 0 && lines?.length === 0 && kindOfSubject(subject) !== "tree";

/** Whether no object, event or row of a ledger, and no anchor, ever heard of it. */
const isNobodys = async (read: Read, ports: SubjectCheckPorts): Promise<boolean> =>
  mayBeNobodys(read) && !(await ports.hasTraces(read));

async function drop({ tenant, subject, row }: Read, ports: SubjectCheckPorts): Promise<Found> {
  const place = {
    tenant,
    subject,
    ...(row === undefined ? {} : { row }),
    transfers: [],
    lines: [],
  };
  await ports.report(place, `Taken away: ${ROW_OF_NOBODY}`);
  await ports.repair(place, { ...NO_REPAIR, isNobodys: true });
  return "repaired";
}

/** As it is told. */
export const ROW_OF_NOBODY = "the row of a subject that is none";
