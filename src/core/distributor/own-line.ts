import type { DispatchedLine, Line } from "../ledger/line.ts";
import {
  expectedReversal,
  newLine,
  type OwnChange,
  type OwnLine,
  releaseOwn,
  toldAgain,
  voidOwn,
} from "../ledger/own-line.ts";
import type { Transfer } from "../ledger/transfer.ts";
import type { Break } from "../subject/entry.ts";
import type { Move } from "../subject/move.ts";
import type { Moved, MoveMoment } from "../subject/rules.ts";
import type { SubjectState, Write } from "../subject/state.ts";
import { coreLineOf, lineKey } from "./money-fact.ts";
import { otherCurrency } from "./own-act.ts";
import { isLine, keep, keptLine, ownKey, shownOf } from "./own-kept.ts";
import { writtenOff } from "./write-off.ts";

/** What reaches a distributor without an event of its own. */
export function moveDistributor(
  move: Move,
  state: SubjectState,
  { nowMs }: MoveMoment,
): Moved | undefined {
  switch (move.kind) {
    case "line":
      return lineTold(move, { state, nowMs });
    case "due":
      return due(move.line_id, { state, nowMs });
    case "void":
      return changedBy(move.line_id, state, { nowMs, change: voidOwn });
    case "write_off":
      return writtenOff(move, state, nowMs);
    case "recompute":
    case "place":
    case "run_line":
    case "cap":
    // Of streams, not of money: the settling does it before any rule is asked.
    case "epoch_over":
      return undefined;
  }
}

interface Place {
  readonly state: SubjectState;
  readonly nowMs: number;
}

function lineTold(
  { line: told, event_id, occurred_ms, passage }: Extract<Move, { readonly kind: "line" }>,
  { state, nowMs }: Place,
): Moved | undefined {
  const kept = keptLine(state, told.line_id);
  const how = passage === undefined ? {} : { passage };
  const cause = { kind: "line", event_id, occurred_ms, ...how } as const;
  if (kept !== undefined && isLine(kept)) {
    const change = toldAgain(kept, told, nowMs);
    return change && movedBy(change, cause, { state, breaks: backdated(change, told) });
  }
  const by = kept?.superseded_by;
  const change = newLine(told, { nowMs, ...(by === undefined ? {} : { supersededBy: by }) });
  const core = by === undefined ? undefined : coreLineOf(state, by);
  const otherwise = core === undefined ? [] : otherCurrency(change.own.line, core);
  return movedBy(change, cause, {
    state,
    breaks: [...backdated(change, told), ...otherwise],
    writes: [arrived(told.line_id)],
  });
}

/** The core may have spoken of a line of ours before it came: that waits for the line's name. */
export const arrived = (lineId: string): Write => ({ put: "met", key: lineKey(lineId) });

interface Moving {
  readonly state: SubjectState;
  readonly breaks?: readonly Break[];
  readonly writes?: readonly Write[];
}

function movedBy(
  { own, transfers }: OwnChange,
  cause: Moved["cause"],
  { state, breaks = [], writes = [] }: Moving,
): Moved {
  const { line } = own;
  const lines = shownOf(line, state);
  const posted = transfers.map((transfer) => inEntry(transfer, cause.occurred_ms));
  return {
    cause,
    effects: {
      ...(lines.length === 0 ? {} : { lines }),
      ...(posted.length === 0 ? {} : { transfers: posted }),
      ...(breaks.length === 0 ? {} : { breaks }),
    },
    writes: [keep(line.line_id, own, cause.event_id), ...writes],
  };
}

/** A transfer says its time only where that is not its entry's. */
function inEntry({ effective_ms, ...transfer }: Transfer, entryMs: number): Transfer {
  const isOwn = effective_ms !== undefined && effective_ms !== entryMs;
  return isOwn ? { ...transfer, effective_ms } : transfer;
}

const backdated = ({ isBackdated }: OwnChange, told: DispatchedLine): readonly Break[] =>
  isBackdated
    ? [
        {
          break_id: `BACKDATED:${told.line_id}:${told.computation}`,
          class: "BACKDATED",
          reference: told.line_id,
          detail: `What became known of that time makes it ${told.amount_minor} ${told.currency}, and it was payable already`,
        },
      ]
    : [];

interface Changing {
  readonly nowMs: number;
  readonly change: (own: OwnLine, nowMs: number) => OwnChange | undefined;
}

function changedBy(
  lineId: string,
  state: SubjectState,
  { nowMs, change }: Changing,
): Moved | undefined {
  const fact = state.fact(ownKey(lineId));
  const kept = keptLine(state, lineId);
  if (fact === undefined || kept === undefined || !isLine(kept)) return undefined;
  const changed = change(kept, nowMs);
  if (changed === undefined) return undefined;
  const occurred_ms = changed.own.available_ms ?? nowMs;
  return movedBy(changed, { kind: "due", event_id: fact.eventId, occurred_ms }, { state });
}

/** The holdback is over, or the core should have reversed its line by now. */
function due(lineId: string, { state, nowMs }: Place): Moved | undefined {
  const kept = keptLine(state, lineId);
  if (kept === undefined || !isLine(kept)) return undefined;
  if (kept.superseded_by === undefined) {
    return changedBy(lineId, state, { nowMs, change: releaseOwn });
  }
  const { line, superseded_by } = kept;
  if (line.due_ms == null || line.due_ms > nowMs) return undefined;
  const own: OwnLine = { ...kept, line: { ...line, due_ms: null } };
  const cause = { kind: "due", event_id: superseded_by, occurred_ms: nowMs } as const;
  const core = coreLineOf(state, superseded_by);
  const found = core === undefined ? undefined : missingReversal(kept, core);
  const change = { own, transfers: [], isBackdated: false };
  return movedBy(change, cause, { state, breaks: found === undefined ? [] : [found] });
}

function missingReversal(own: OwnLine, core: Line): Break | undefined {
  const expected = expectedReversal(own, core.amount_minor);
  if (core.reversed_minor >= expected) return undefined;
  return {
    break_id: `MISSING_REVERSAL:${core.line_id}:${own.line.reversed_minor}`,
    class: "MISSING_REVERSAL",
    reference: core.line_id,
    detail: `Order "${core.order_id}" was returned three days ago: of the line ${expected} ${core.currency} should be reversed, ${core.reversed_minor} are`,
  };
}
