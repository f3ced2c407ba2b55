import type { Rounding } from "../plans/rounding.ts";
import { bucketOf, COMMISSION, type Transfer, transferOf } from "./transfer.ts";

export type LineState = "pending" | "held" | "available" | "superseded" | "void";

/** One commission line as it stands. Amounts are minor units of `currency`. */
export interface Line {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly order_id: string | null;
  readonly component: string;
  /** The plan's level, after compression. */
  readonly level: number | null;
  /** Steps up the tree from the sale: never below `level`. */
  readonly depth: number | null;
  readonly rate_ppm: number | null;
  readonly amount_minor: number;
  readonly reversed_minor: number;
  readonly currency: string;
  readonly state: LineState;
  readonly period_id: string | null;
  readonly effective_ms: number;
  /** Absent: the core's. */
  readonly origin?: "gateway";
  /** When cron has to look at it: its holdback ends, or its reversal is overdue. */
  readonly due_ms?: number | null;
  /**
   * Put aside, as the core does not have it: what of it lies in `suspense:recon` (it counts as
   * reversed meanwhile, and the line as void), and where it would be otherwise.
   */
  readonly suspense?: { readonly amount_minor: number; readonly state: "held" | "available" };
  /**
   * Taken back by reconciliation, and not told of by a reversal of the core's own yet: one that
   * occurred by `as_of_ms` is contained in it, whatever it is named.
   */
  readonly healed?: { readonly amount_minor: number; readonly as_of_ms: number };
}

/**
 * A line as the order that made it sends it to its distributor: absolute state under a growing
 * version, so that any order of arrival, and any repetition, ends the same (DOMAIN §3.1).
 */
export interface DispatchedLine {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly order_id: string;
  readonly component: string;
  readonly level: number;
  readonly depth: number;
  readonly rate_ppm: number | null;
  /** 0 where a recomputation left nothing of it. */
  readonly amount_minor: number;
  /** Of the amount, taken back by refunds and disputes so far. */
  readonly reversed_minor: number;
  readonly currency: string;
  /** Where it lands: pending until the core confirms it, or final at once (P-rule PL). */
  readonly bucket: "pending" | "held" | "available";
  readonly period_id: string;
  readonly effective_ms: number;
  /** When a held line becomes payable. */
  readonly available_ms: number | null;
  readonly rounding: Rounding;
  /** The part of the order that was returned, and the whole: what `reversed_minor` was made of. */
  readonly returned: readonly [part: number, whole: number];
  readonly ver: number;
  /** Grows with each computation anew: amounts of an older one are never taken over. */
  readonly computation: number;
  /** What the close of its period leaves of it at most, whichever computation it was paid by. */
  readonly limit_minor?: number;
  /** The computation came too late: by then lines of the order were payable. */
  readonly late?: true;
  /**
   * When it was returned, the earliest first, with the part that was returned by then: the last is
   * what `returned` says. Absent where nothing was.
   */
  readonly returns?: readonly (readonly [at_ms: number, part: number])[];
}

export interface LineChange {
  readonly line: Line;
  readonly transfers: readonly Transfer[];
}

export type LineRefusal = "line_not_held" | "reversal_exceeds_line" | "currency_mismatch";

/** P3: the core's line, posted to the bucket its state names. */
export function postLine(line: Line): LineChange {
  const bucket = line.state === "available" ? "available" : "held";
  return {
    line,
    transfers: transferOf({
      rule: "P3",
      debit: COMMISSION,
      credit: bucketOf(line.distributor_id, bucket),
      amount_minor: line.amount_minor,
      currency: line.currency,
      reference: line.line_id,
    }),
  };
}

/**
 * P4: what is left of a held line becomes payable. Releasing a line that is payable already moves
 * nothing: core and cron may both release it.
 */
export function releaseLine(line: Line): LineChange | LineRefusal {
  if (line.state === "available") return { line, transfers: [] };
  if (line.state !== "held") return "line_not_held";
  return {
    line: { ...line, state: "available" },
    transfers: transferOf({
      rule: "P4",
      debit: bucketOf(line.distributor_id, "held"),
      credit: bucketOf(line.distributor_id, "available"),
      amount_minor: line.amount_minor - line.reversed_minor,
      currency: line.currency,
      reference: line.line_id,
    }),
  };
}

/** P5: takes `amount_minor` back out of the bucket the line is in now, never more than is left. */
export function reverseLine(
  line: Line,
  reversal: { readonly line_id: string; readonly amount_minor: number; readonly currency: string },
): LineChange | LineRefusal {
  if (line.state !== "held" && line.state !== "available") return "line_not_held";
  if (reversal.currency !== line.currency) return "currency_mismatch";
  const reversed = line.reversed_minor + reversal.amount_minor;
  if (reversed > line.amount_minor) return "reversal_exceeds_line";
  return {
    line: { ...line, reversed_minor: reversed },
    transfers: transferOf({
      rule: "P5",
      debit: bucketOf(line.distributor_id, line.state),
      credit: COMMISSION,
      amount_minor: reversal.amount_minor,
      currency: line.currency,
      reference: line.line_id,
    }),
  };
}

/** P8: a correction by a person, for or against the distributor; payable at once. */
export function adjust(adjustment: {
  readonly line_id: string;
  readonly distributor_id: string;
  /** Above zero in the distributor's favour. */
  readonly amount_minor: number;
  readonly currency: string;
}): readonly Transfer[] {
  const available = bucketOf(adjustment.distributor_id, "available");
  const favourable = adjustment.amount_minor > 0;
  return transferOf({
    rule: "P8",
    debit: favourable ? COMMISSION : available,
    credit: favourable ? available : COMMISSION,
    amount_minor: Math.abs(adjustment.amount_minor),
    currency: adjustment.currency,
    reference: adjustment.line_id,
  });
}
