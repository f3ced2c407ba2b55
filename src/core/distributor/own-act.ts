import type { Line } from "../ledger/line.ts";
import { freeOwn, type OwnLine, supersede } from "../ledger/own-line.ts";
import type { Break, Effects } from "../subject/entry.ts";
import type { SubjectState, Write } from "../subject/state.ts";
import { coreLineOf } from "./money-fact.ts";
import { isLine, keep, type Kept, keptLine, ownIdOf, ownKey, shownOf } from "./own-kept.ts";

/** What an event of the core's does to a line of ours. */
export interface OwnEffect {
  readonly effects: Pick<Effects, "lines" | "transfers" | "breaks">;
  readonly writes: readonly Write[];
}

const NOTHING: OwnEffect = { effects: {}, writes: [] };

interface Place {
  readonly state: SubjectState;
  readonly eventId: string;
  readonly nowMs: number;
}

/** P3: what the core's line undoes of ours, whichever of them came first. */
export function supersedeOwn(core: Line, { state, eventId, nowMs }: Place): OwnEffect {
  const ownId = ownIdOf(core);
  if (ownId === undefined) return NOTHING;
  const { line_id } = core;
  const kept = keptLine(state, ownId);
  if (kept === undefined) {
    return { effects: {}, writes: [keep(ownId, { superseded_by: line_id }, eventId)] };
  }
  if (kept.superseded_by !== undefined) return secondOf(core, kept, { state, eventId, nowMs });
  const change = isLine(kept) ? supersede(kept, line_id, nowMs) : undefined;
  if (change === undefined) return NOTHING;
  const { own, transfers } = change;
  const breaks = otherCurrency(own.line, core);
  const lines = ownId === line_id ? [] : shownOf(own.line, state);
  return { effects: { lines, transfers, breaks }, writes: [keep(ownId, own, eventId)] };
}

/**
 * A further line of the core's for the same order, component, level and distributor. A run that is
 * done again takes the one before back; where that still pays, both stand, and a person decides.
 */
function secondOf(core: Line, kept: Kept, { state, eventId }: Place): OwnEffect {
  const ownId = ownIdOf(core) ?? "";
  const first = coreLineOf(state, kept.superseded_by ?? "");
  if (first !== undefined && first.amount_minor > first.reversed_minor) {
    return { effects: { breaks: [duplicateLine(ownId, [first, core])] }, writes: [] };
  }
  const breaks = isLine(kept) ? otherCurrency(kept.line, core) : [];
  return {
    effects: { breaks },
    writes: [keep(ownId, { ...kept, superseded_by: core.line_id }, eventId)],
  };
}

const duplicateLine = (ownId: string, lines: readonly Line[]): Break => ({
  break_id: `DUPLICATE_LINE:${ownId}`,
  class: "DUPLICATE_LINE",
  reference: ownId,
  detail: `The core has more than one line for this: ${lines.map(amountOf).toSorted().join(" and ")}`,
});

const amountOf = ({ line_id, amount_minor, currency }: Line): string =>
  `"${line_id}" of ${amount_minor} ${currency}`;

/** The core owns the truth; that it counts in another currency than we do is for a person. */
export const otherCurrency = (own: Line, core: Line): readonly Break[] =>
  own.currency === core.currency
    ? []
    : [
        {
          break_id: `CURRENCY:${core.line_id}`,
          class: "CURRENCY",
          reference: core.line_id,
          detail: `The core's line "${core.line_id}" is in ${core.currency}, ours "${own.line_id}" in ${own.currency}`,
        },
      ];

/** The line of ours that the core's event names, as far as it has arrived. */
export function ownLineOf(state: SubjectState, lineId: string): OwnLine | undefined {
  const kept = keptLine(state, lineId);
  return kept !== undefined && isLine(kept) ? kept : undefined;
}

/**
 * P4 by the core's word, where cron has not been there yet: of a line that is payable already, or
 * that pays nobody any more, nothing is left to move.
 */
export function releasedByCore(own: OwnLine, { state, eventId }: Omit<Place, "nowMs">): OwnEffect {
  const change = freeOwn(own);
  if (change === undefined) return NOTHING;
  const { line } = change.own;
  const { line_id } = line;
  const told = state.fact(ownKey(line_id))?.eventId ?? eventId;
  return {
    effects: { lines: [line], transfers: change.transfers },
    writes: [keep(line_id, change.own, told)],
  };
}
