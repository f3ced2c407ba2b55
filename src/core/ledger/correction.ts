import { assert } from "../assert.ts";
import { type Line, type LineChange, type LineRefusal, releaseLine, reverseLine } from "./line.ts";
import { bucketOf, COMMISSION, SUSPENSE, transferOf, signedTransfer } from "./transfer.ts";

/** What reconciliation changes of a line of the core's: its amount, its date, or where it lies. */
export interface Correction {
  readonly line_id: string;
  readonly currency: string;
  /** Minor units, of either sign; 0 where a date is corrected. */
  readonly amount_minor: number;
  /** The line's amount that the difference was taken from; absent: whatever it is. */
  readonly line_amount_minor?: number;
  readonly effective_ms?: number;
  readonly period_id?: string;
  readonly to?: "suspense" | "expense";
}

/** Why a line stays as it is. */
export type CorrectionRefusal =
  | "currency_mismatch"
  | "line_changed"
  | "line_in_suspense"
  | "line_not_in_suspense"
  | "correction_exceeds_line"
  | "correction_not_whole"
  | "correction_without_effect"
  | "amount_unsafe";

type Suspense = NonNullable<Line["suspense"]>;

/** What of a line counts in its bucket, minor units. */
export const leftOf = ({ amount_minor, reversed_minor }: Line): number =>
  amount_minor - reversed_minor;

/** P12: corrects a line of the core's in the bucket it is in now, or says why not. */
export function correctLine(line: Line, correction: Correction): LineChange | CorrectionRefusal {
  const { currency, line_amount_minor = line.amount_minor, to } = correction;
  if (currency !== line.currency) return "currency_mismatch";
  if (line_amount_minor !== line.amount_minor) return "line_changed";
  const { suspense } = line;
  if (to === undefined)
    return suspense === undefined ? change(line, correction) : "line_in_suspense";
  if (suspense !== undefined) return settle({ line, suspense, correction });
  return to === "suspense" ? putAside(line, correction) : "line_not_in_suspense";
}

const change = (line: Line, correction: Correction): LineChange | CorrectionRefusal => {
  const { effective_ms, period_id = line.period_id } = correction;
  return effective_ms === undefined
    ? changeAmount(line, correction)
    : redate(line, { effective_ms, period_id });
};

/** DOMAIN's P12 says P8; but what is payable and what is held back would be wrong for ever then. */
function changeAmount(line: Line, { amount_minor }: Correction): LineChange | CorrectionRefusal {
  if (amount_minor === 0) return "correction_without_effect";
  if (leftOf(line) + amount_minor < 0) return "correction_exceeds_line";
  const changed = line.amount_minor + amount_minor;
  if (!Number.isSafeInteger(changed)) return "amount_unsafe";
  const transfers = signedTransfer({
    rule: "P12",
    debit: COMMISSION,
    credit: bucketOf(line.distributor_id, countedIn(line)),
    amount_minor,
    currency: line.currency,
    reference: line.line_id,
  });
  return { line: { ...line, amount_minor: changed }, transfers };
}

/** The date is an attribute of the line: what was posted stays where it was posted. */
function redate(
  line: Line,
  to: Pick<Line, "effective_ms" | "period_id">,
): LineChange | CorrectionRefusal {
  const isSame = to.effective_ms === line.effective_ms && to.period_id === line.period_id;
  return isSame ? "correction_without_effect" : { line: { ...line, ...to }, transfers: [] };
}

/** All that is left of a line goes into suspense: it pays nobody until a person has decided. */
function putAside(line: Line, { amount_minor }: Correction): LineChange | CorrectionRefusal {
  if (amount_minor > 0) return "line_not_in_suspense";
  const left = leftOf(line);
  if (left + amount_minor < 0) return "correction_exceeds_line";
  if (left + amount_minor > 0) return "correction_not_whole";
  const state = countedIn(line);
  return {
    line: {
      ...line,
      state: "void",
      reversed_minor: line.amount_minor,
      suspense: { amount_minor: left, state },
    },
    transfers: transferOf({
      rule: "P12",
      debit: bucketOf(line.distributor_id, state),
      credit: SUSPENSE,
      amount_minor: left,
      currency: line.currency,
      reference: line.line_id,
    }),
  };
}

interface Settling {
  readonly line: Line;
  readonly suspense: Suspense;
  readonly correction: Correction;
}

/** A person has decided on a line that was put aside: it pays again, or is taken back for good. */
function settle({ line, suspense, correction }: Settling): LineChange | CorrectionRefusal {
  const { to, amount_minor } = correction;
  const asked = to === "suspense" ? amount_minor : 0 - amount_minor;
  if (asked < 0) return "line_in_suspense";
  if (asked > suspense.amount_minor) return "correction_exceeds_line";
  if (asked < suspense.amount_minor) return "correction_not_whole";
  if (to === "suspense") return bringBack(line);
  return asked === 0 ? "correction_without_effect" : takenBack(line, "P12", asked);
}

/** What lies in suspense of a line goes back to where the line would be. Bug: none was put aside. */
export function bringBack(line: Line): LineChange {
  const { suspense, ...rest } = line;
  assert(suspense !== undefined, `Line ${line.line_id} is not in suspense`);
  const { amount_minor, state } = suspense;
  return {
    line: { ...rest, state, reversed_minor: line.reversed_minor - amount_minor },
    transfers: transferOf({
      rule: "P12",
      debit: SUSPENSE,
      credit: bucketOf(line.distributor_id, state),
      amount_minor,
      currency: line.currency,
      reference: line.line_id,
    }),
  };
}

/** What is taken back of a line in suspense stays reversed. */
function takenBack(line: Line, rule: "P5" | "P12", amount_minor: number): LineChange {
  const { suspense } = line;
  assert(suspense !== undefined, `Line ${line.line_id} is not in suspense`);
  const rest: Suspense = { ...suspense, amount_minor: suspense.amount_minor - amount_minor };
  return {
    line: { ...line, suspense: rest },
    transfers: transferOf({
      rule,
      debit: SUSPENSE,
      credit: COMMISSION,
      amount_minor,
      currency: line.currency,
      reference: line.line_id,
    }),
  };
}

/** P4 for a line of the core's: one that was put aside is payable once it is brought back. */
export function releaseCoreLine(line: Line): LineChange | LineRefusal {
  const { suspense } = line;
  if (suspense === undefined) return releaseLine(line);
  return { line: { ...line, suspense: { ...suspense, state: "available" } }, transfers: [] };
}

type Reversal = Parameters<typeof reverseLine>[1];

/** P5 for a line of the core's: of one that was put aside it is taken out of suspense. */
export function reverseCoreLine(line: Line, reversal: Reversal): LineChange | LineRefusal {
  const { suspense } = line;
  if (suspense === undefined) return reverseLine(line, reversal);
  if (reversal.currency !== line.currency) return "currency_mismatch";
  if (reversal.amount_minor > suspense.amount_minor) return "reversal_exceeds_line";
  return takenBack(line, "P5", reversal.amount_minor);
}

/**
 * P5 told by the core itself: what reconciliation has taken back of it already is not taken back
 * twice. That is told apart by when it occurred, as a ledger may name a reversal otherwise.
 */
export function reverseToldLine(
  line: Line,
  { occurred_ms, ...reversal }: Reversal & { readonly occurred_ms: number },
): LineChange | LineRefusal {
  const { healed, ...plain } = line;
  if (healed === undefined || occurred_ms > healed.as_of_ms) return reverseCoreLine(line, reversal);
  const known = Math.min(healed.amount_minor, reversal.amount_minor);
  const rest = { ...reversal, amount_minor: reversal.amount_minor - known };
  const reversed = reverseCoreLine(plain, rest);
  if (typeof reversed === "string") return reversed;
  const left = { ...healed, amount_minor: healed.amount_minor - known };
  return left.amount_minor === 0
    ? reversed
    : { ...reversed, line: { ...reversed.line, healed: left } };
}

/** What the core has taken back of a line in all, as of a moment. */
export interface ReversedTo {
  readonly line_id: string;
  readonly currency: string;
  readonly reversed_minor: number;
  readonly as_of_ms: number;
}

/**
 * P5 by reconciliation: so much is taken back that the line comes to what the core says, whatever
 * was taken back of it by now. Nothing where it has come so far, or further.
 */
export function reverseLineTo(
  line: Line,
  { reversed_minor, as_of_ms, ...names }: ReversedTo,
): LineChange | LineRefusal | undefined {
  const amount_minor = reversed_minor - reversedSoFar(line);
  if (amount_minor <= 0) return undefined;
  const reversed = reverseCoreLine(line, { ...names, amount_minor });
  if (typeof reversed === "string") return reversed;
  const healed = {
    amount_minor: (line.healed?.amount_minor ?? 0) + amount_minor,
    as_of_ms: Math.max(line.healed?.as_of_ms ?? as_of_ms, as_of_ms),
  };
  return { ...reversed, line: { ...reversed.line, healed } };
}

/** Of a line in suspense all counts as reversed: what lies there was not. */
const reversedSoFar = ({ reversed_minor, suspense }: Line): number =>
  reversed_minor - (suspense?.amount_minor ?? 0);

function countedIn({ line_id, state }: Line): "held" | "available" {
  assert(state === "held" || state === "available", `Line ${line_id} of the core's is ${state}`);
  return state;
}
