import type { EventOf } from "../contracts/catalogue.ts";
import { parseInstantOrDay } from "../contracts/instant.ts";
import type { HealedTo } from "../contracts/reconciliation.ts";
import {
  bringBack,
  type Correction,
  type CorrectionRefusal,
  correctLine,
  leftOf,
  reverseLineTo,
} from "../ledger/correction.ts";
import type { Line } from "../ledger/line.ts";
import type { Act } from "../subject/rules.ts";
import type { Fact, SubjectState } from "../subject/state.ts";
import { changedLine, missing, notTheCores, refusal, tell, type Told } from "./money-act.ts";
import {
  type CorrectionEvent,
  coreLineOf,
  isReversalOf,
  lineKey,
  type MoneyFact,
} from "./money-fact.ts";
import { ownLineOf } from "./own-act.ts";

/** P12: a correction of a line that the core has otherwise, or says why the line stays as it is. */
export function correctedLine({ data }: CorrectionEvent, fact: MoneyFact, told: Told): Act {
  const { line_id } = data;
  const line = coreLineOf(told.state, line_id);
  if (line === undefined) {
    return ownLineOf(told.state, line_id) === undefined
      ? missing("line", line_id, lineKey(line_id))
      : notTheCores("line_of_gateway", line_id);
  }
  const change = correctLine(line, correctionOf(data));
  return typeof change === "string" ? refused(change, line) : changedLine(change, fact, told);
}

function correctionOf({ effective_at, ...data }: CorrectionEvent["data"]): Correction {
  const effective_ms = effective_at === undefined ? undefined : parseInstantOrDay(effective_at);
  return effective_ms === undefined ? data : { ...data, effective_ms };
}

/**
 * A backfill of a line that was put aside, as the core did not have it: it has it again, and the
 * line is brought back as it was. What differs then is found anew. Nothing for any other line.
 */
export function broughtBack(
  { data }: EventOf<"commission.posted">,
  told: Fact,
  state: SubjectState,
): Act | undefined {
  const line = coreLineOf(state, data.line_id);
  if (line?.suspense === undefined) return undefined;
  const change = bringBack(line);
  const fact: Fact = { ...told, state: JSON.stringify(change.line) };
  return {
    kind: "effect",
    effects: { lines: [change.line], transfers: change.transfers },
    writes: [{ put: "fact", key: lineKey(line.line_id), fact }],
  };
}

/**
 * A reversal that the core has, and that may be here under another name or of another amount: the
 * line comes to what the core has taken back of it, and no further. From then on its own telling is
 * a repeat. Nothing where no line of the core's is here, or its name is that of something else.
 */
export function reversedTo(
  { data }: EventOf<"commission.reversed">,
  to: HealedTo,
  { fact, told }: { readonly fact: MoneyFact; readonly told: Told },
): Act | undefined {
  const { line_id, reverses_line_id, currency } = data;
  const line = coreLineOf(told.state, reverses_line_id);
  const known = told.state.fact(fact.key);
  if (line === undefined || (known !== undefined && !isReversalOf(known, reverses_line_id))) {
    return undefined;
  }
  const change = reverseLineTo(line, { line_id, currency, ...to });
  if (typeof change === "string") return refusal(change, line);
  if (change !== undefined) return changedLine(change, fact, told);
  return known === undefined
    ? { kind: "effect", effects: {}, writes: [tell(fact, told, "")] }
    : { kind: "repeat", of: known.eventId };
}

const REFUSALS = {
  currency_mismatch: ({ currency }) => `the line is in ${currency}`,
  line_changed: ({ amount_minor, currency }) => `the line is of ${amount_minor} ${currency} by now`,
  line_in_suspense: () => "the line lies in suspense",
  line_not_in_suspense: () => "the line does not lie in suspense",
  correction_exceeds_line: (line) => `${there(line)} are left of the line`,
  correction_not_whole: (line) => `a line is put aside and brought back as a whole: ${there(line)}`,
  correction_without_effect: () => "the line is like that already",
  amount_unsafe: () => "the line's amount would be beyond 2^53 - 1",
} satisfies Record<CorrectionRefusal, (line: Line) => string>;

const there = (line: Line): string =>
  `${line.suspense?.amount_minor ?? leftOf(line)} ${line.currency}`;

const refused = (code: CorrectionRefusal, line: Line): Act => ({
  kind: "impossible",
  code,
  reason: `Cannot correct line "${line.line_id}": ${REFUSALS[code](line)}`,
});
