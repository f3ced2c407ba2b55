import {
  addSums,
  isSameSum,
  NO_ROWS,
  type RowSum,
  sumRows,
} from "../../../core/subject/log-check.ts";
import { keyOfTransfer, NO_REPAIR, type Place, summaryOf, wrongIn } from "../../subject-rows.ts";
import { type Found, judgeLog } from "./judge-log.ts";
import { mendLines } from "./mend-lines.ts";
import { FIRST, mendTransfers } from "./mend-transfers.ts";
import type { LargePorts, SubjectCheckPorts, TransferKey } from "./object-ports.ts";
import { endOf, failed, mayBeUnreadable, remake, rowsTold, undigested } from "./subject.ts";

/** Lines whose states are held at once while a log is read. */
const LINES_AT_ONCE = 10_000;

/** How often lines are counted again that moved while they were; then they are compared one by one. */
const COUNTS_MAX = 3;

type Step =
  | { readonly kind: "begin" }
  | { readonly kind: "count_transfers"; readonly after: TransferKey; readonly counted: RowSum }
  | { readonly kind: "mend_transfers"; readonly after: TransferKey }
  /** Behind the mirror's position; and the first row that was taken away last. */
  | { readonly kind: "beyond"; readonly gone?: string }
  /** Lines under ids that are no text: nobody can go on behind one. */
  | { readonly kind: "sift" }
  | {
      readonly kind: "count_lines";
      readonly after?: string;
      readonly counted: RowSum;
      readonly isOff: boolean;
    }
  | { readonly kind: "mend_lines"; readonly part: number; readonly of: number };

/** A subject with too many rows to be held at once, as far as it was looked at: kept between runs. */
export interface LargeCheck extends Place {
  readonly step: Step;
  /** By its log, up to where the mirror stood. */
  readonly upTo?: number;
  readonly transfers?: RowSum;
  readonly lines?: RowSum;
  readonly isRepaired: boolean;
  readonly counts: number;
  /** Rows were written anew: they are counted once more, to see that they are right. */
  readonly isMended?: boolean;
  /** It is counted once more. */
  readonly isSecond?: boolean;
  readonly isSifted?: boolean;
}

export type LargePortsAll = SubjectCheckPorts & LargePorts;

export type LargeLook =
  | { readonly kind: "goes_on"; readonly check: LargeCheck }
  | { readonly kind: "over"; readonly found: Found };

export const beginLarge = ({ tenant, subject }: Place): LargeCheck => ({
  tenant,
  subject,
  step: { kind: "begin" },
  isRepaired: false,
  counts: 0,
});

/**
 * Goes on with a large subject by one step: a page of rows that is counted, or compared. First its
 * rows are counted and the sums held against what its log comes to; only what differs is read
 * beside the log. Transfers of a position never change, so events may come between any two steps.
 */
export async function lookAtLarge(check: LargeCheck, ports: LargePortsAll): Promise<LargeLook> {
  try {
    return await stepOf(check, ports);
  } catch (error) {
    return over(failed(check, error, ports));
  }
}

const over = (found: Found): LargeLook => ({ kind: "over", found });

const goOn = (check: LargeCheck, step: Step, isRepaired = false): LargeLook => ({
  kind: "goes_on",
  check: { ...check, step, isRepaired: check.isRepaired || isRepaired },
});

/** After rows of it were held against the log. */
const goOnMended = (check: LargeCheck, step: Step, isMended: boolean): LargeLook =>
  goOn({ ...check, isMended: check.isMended === true || isMended }, step, isMended);

async function stepOf(check: LargeCheck, ports: LargePortsAll): Promise<LargeLook> {
  const { step } = check;
  switch (step.kind) {
    case "begin":
      return begin(check, ports);
    case "count_transfers":
      return countTransfers(check, step, ports);
    case "mend_transfers": {
      const mended = await mendTransfers(check, { ...step, upTo: check.upTo ?? 0 }, ports);
      const next: Step =
        mended.next === undefined
          ? { kind: "beyond" }
          : { kind: "mend_transfers", after: mended.next };
      return goOnMended(check, next, mended.isRepaired);
    }
    case "beyond":
      return dropBeyond(check, step, ports);
    case "sift":
      return sift(check, ports);
    case "count_lines":
      return countLines(check, step, ports);
    case "mend_lines":
      return mendPart(check, step, ports);
  }
}

async function begin(check: LargeCheck, ports: LargePortsAll): Promise<LargeLook> {
  const { tenant, subject } = check;
  const row = await ports.row(check);
  const restore = row === undefined ? await ports.lostRow(check) : undefined;
  if (restore !== undefined) {
    await ports.report(check, "The mirror had lost the row of how far it is mirrored");
    await restore();
    return goOn(check, { kind: "begin" }, true);
  }
  const place = { tenant, subject, ...(row === undefined ? {} : { row }) };
  const judged = await judgeLog(place, ports);
  if (judged.kind === "over") return over(judged.found);
  const { whole, isThawed } = judged;
  const isRemade = await remake(check, whole, ports);
  const summary = summaryOf(judged.row, endOf(whole));
  if (judged.row !== undefined && summary !== undefined) {
    const names = wrongIn(judged.row, summary).join(", ");
    await ports.report(check, `Written anew from its log: ${names}`);
    const read = { ...place, row: judged.row, transfers: [], lines: [] };
    await ports.repair(read, { ...NO_REPAIR, summary });
  }
  const { position: upTo, transfers, lines } = whole.sums;
  const isRepaired = isThawed || isRemade || summary !== undefined;
  const step = { kind: "count_transfers", after: FIRST, counted: NO_ROWS } as const;
  return goOn({ ...check, upTo, transfers, lines }, step, isRepaired);
}

async function countTransfers(
  check: LargeCheck,
  { after, counted }: Extract<Step, { readonly kind: "count_transfers" }>,
  ports: LargePortsAll,
): Promise<LargeLook> {
  const rows = await ports.transfersAfter(check, after, check.upTo ?? 0);
  const sum = addSums(counted, sumRows(rows, ports.sha256));
  const last = rows.at(-1);
  if (last !== undefined && rows.length >= ports.partRows) {
    const next = [last.position, last.n] as const;
    return goOn(check, { kind: "count_transfers", after: next, counted: sum });
  }
  return isSameSum(sum, check.transfers ?? NO_ROWS)
    ? goOn(check, { kind: "beyond" })
    : goOn(check, { kind: "mend_transfers", after: FIRST });
}

async function dropBeyond(
  check: LargeCheck,
  { gone }: Extract<Step, { readonly kind: "beyond" }>,
  ports: LargePortsAll,
): Promise<LargeLook> {
  const { upTo = 0 } = check;
  const at = await ports.row(check);
  const isStill = at === undefined ? upTo === 0 : at.frozen_ms === null && at.position >= upTo;
  // Then nothing is written of it, and the same would be found again.
  if (!isStill) return over("skipped");
  const rows = await ports.transfersBeyond(check);
  const first = rows.slice(0, 1).map(keyOfTransfer).join("");
  if (first !== "" && first === gone) return over("failed");
  if (first === "") {
    return goOn(check, { kind: "count_lines", counted: NO_ROWS, isOff: false });
  }
  const repair = { ...NO_REPAIR, transfers: { wrong: rows, right: [] } };
  const detail = "Taken away, of rows that the mirror is not at yet";
  await ports.report(check, `${detail}: ${rowsTold(repair).join(", ")}`);
  await ports.repairPart({ ...check, upTo }, repair);
  return goOnMended(check, { kind: "beyond", gone: first }, true);
}

async function sift(check: LargeCheck, ports: LargePortsAll): Promise<LargeLook> {
  await ports.report(check, "Taken away, where they are: lines under ids that are no text");
  const isMended = (await ports.siftLines(check)) > 0;
  return goOnMended({ ...check, isSifted: true }, { kind: "begin" }, isMended);
}

async function countLines(
  check: LargeCheck,
  step: Extract<Step, { readonly kind: "count_lines" }>,
  ports: LargePortsAll,
): Promise<LargeLook> {
  const rows = await ports.linesAfter(check, step.after);
  const counted = addSums(step.counted, sumRows(rows.map(undigested), ports.sha256));
  const isOff = step.isOff || rows.some((one) => one.digest !== ports.digestOf(undigested(one)));
  if (check.isSifted !== true && mayBeUnreadable(rows)) return goOn(check, { kind: "sift" });
  const last = rows.at(-1);
  if (last !== undefined && rows.length >= ports.partRows) {
    return goOn(check, { ...step, after: last.line_id, counted, isOff });
  }
  const lines = check.lines ?? NO_ROWS;
  if (!isOff && isSameSum(counted, lines)) return ended(check);
  return differing(check, Math.max(counted.rows, lines.rows), ports);
}

/** What was mended is counted once more; what is wrong again by then was not put right. */
function ended(check: LargeCheck): LargeLook {
  const { isRepaired, isMended = false, isSecond = false } = check;
  if (!isMended) return over(isRepaired ? "repaired" : "equal");
  if (isSecond) return over("failed");
  return goOn({ ...check, isMended: false, isSecond: true, counts: 0 }, { kind: "begin" });
}

/** Lines that are counted otherwise: again where they may have moved, else one by one. */
async function differing(
  check: LargeCheck,
  lines: number,
  ports: LargePortsAll,
): Promise<LargeLook> {
  const at = await ports.row(check);
  const isMoved = (at?.position ?? 0) !== check.upTo;
  if (isMoved && check.counts + 1 < COUNTS_MAX) {
    return goOn({ ...check, counts: check.counts + 1 }, { kind: "begin" });
  }
  const of = Math.ceil(lines / LINES_AT_ONCE);
  return goOn(check, { kind: "mend_lines", part: 0, of: Math.max(1, of) });
}

async function mendPart(
  check: LargeCheck,
  { part, of }: Extract<Step, { readonly kind: "mend_lines" }>,
  ports: LargePortsAll,
): Promise<LargeLook> {
  const isMended = await mendLines(check, { part, of }, ports);
  if (part + 1 < of) {
    return goOnMended(check, { kind: "mend_lines", part: part + 1, of }, isMended);
  }
  const { isRepaired, isMended: wasMended = false } = check;
  return ended({
    ...check,
    isRepaired: isRepaired || isMended,
    isMended: wasMended || isMended,
  });
}
