import type { DispatchedLine, Line } from "../ledger/line.ts";
import {
  expectedReversal,
  newLine,
  type OwnChange,
  type OwnLine,
  releaseOwn,
  supersede,
  toldAgain,
  voidOwn,
} from "../ledger/own-line.ts";
import type { Break, Effects } from "../subject/entry.ts";
import type { Move } from "../subject/move.ts";
import type { Moved, MoveMoment } from "../subject/rules.ts";
import type { SubjectState, Write } from "../subject/state.ts";
import { lineKey } from "./money-fact.ts";
import { writtenOff } from "./write-off.ts";

/** A gateway's line by its own name: the core may well give one of its lines the same. */
export const ownKey = (lineId: string): string => `own:${lineId}`;

/** How the gateway names the line that a core's line stands for. */
export const ownIdOf = ({ order_id, component, level, distributor_id }: Line): string | undefined =>
  order_id === null || level === null
    ? undefined
    : `${order_id}:${component}:${level}:${distributor_id}`;

/** A core's line that came before ours: ours will be superseded from the start. */
interface Marker {
  readonly superseded_by: string;
}

type Kept = OwnLine | Marker;

const isLine = (kept: Kept): kept is OwnLine => "line" in kept;

function keptLine(state: SubjectState, lineId: string): Kept | undefined {
  const fact = state.fact(ownKey(lineId));
  return fact === undefined ? undefined : parseKept(fact.state);
}

// Own text: what keep() wrote.
const parseKept = (text: string): Kept => JSON.parse(text);

const keep = (lineId: string, kept: Kept, eventId: string): Write => ({
  put: "fact",
  key: ownKey(lineId),
  fact: { essence: "", eventId, state: JSON.stringify(kept) },
});

/** P3: what the core's line undoes of ours, whichever of them came first. */
export function supersedeOwn(
  core: Line,
  { state, eventId, nowMs }: { state: SubjectState; eventId: string; nowMs: number },
): Pick<Effects, "lines" | "transfers"> & { readonly writes: readonly Write[] } {
  const ownId = ownIdOf(core);
  if (ownId === undefined) return { writes: [] };
  const kept = keptLine(state, ownId);
  if (kept === undefined) {
    return { writes: [keep(ownId, { superseded_by: core.line_id }, eventId)] };
  }
  const change = isLine(kept) ? supersede(kept, core.line_id, nowMs) : undefined;
  if (change === undefined) return { writes: [] };
  const { own, transfers } = change;
  // Under one name the mirror has one row: the core's.
  const lines = ownId === core.line_id ? [] : [own.line];
  return { lines, transfers, writes: [keep(ownId, own, eventId)] };
}

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
      return undefined;
  }
}

interface Place {
  readonly state: SubjectState;
  readonly nowMs: number;
}

function lineTold(
  { line: told, event_id, occurred_ms }: Extract<Move, { readonly kind: "line" }>,
  { state, nowMs }: Place,
): Moved | undefined {
  const kept = keptLine(state, told.line_id);
  const change =
    kept !== undefined && isLine(kept)
      ? toldAgain(kept, told, nowMs)
      : newLine(told, {
          nowMs,
          ...(kept === undefined ? {} : { supersededBy: kept.superseded_by }),
        });
  if (change === undefined) return undefined;
  const cause = { kind: "line", event_id, occurred_ms } as const;
  return movedBy(change, cause, { breaks: change.isBackdated ? [backdated(told)] : [] });
}

function movedBy(
  { own, transfers }: OwnChange,
  cause: Moved["cause"],
  { breaks }: { readonly breaks: readonly Break[] },
): Moved {
  const { line, superseded_by } = own;
  const lines = superseded_by === line.line_id ? [] : [line];
  return {
    cause,
    effects: {
      ...(lines.length === 0 ? {} : { lines }),
      ...(transfers.length === 0 ? {} : { transfers }),
      ...(breaks.length === 0 ? {} : { breaks }),
    },
    writes: [keep(line.line_id, own, cause.event_id)],
  };
}

const backdated = (told: DispatchedLine): Break => ({
  break_id: `BACKDATED:${told.line_id}:${told.computation}`,
  class: "BACKDATED",
  reference: told.line_id,
  detail: `What became known of that time makes it ${told.amount_minor} ${told.currency}, and it was payable already`,
});

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
  return movedBy(changed, { kind: "due", event_id: fact.eventId, occurred_ms }, { breaks: [] });
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
  const core = state.fact(lineKey(superseded_by));
  const found = core === undefined ? undefined : missingReversal(kept, JSON.parse(core.state));
  const change = { own, transfers: [], isBackdated: false };
  return movedBy(change, cause, { breaks: found === undefined ? [] : [found] });
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
