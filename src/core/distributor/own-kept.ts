import type { Line } from "../ledger/line.ts";
import type { OwnLine } from "../ledger/own-line.ts";
import type { SubjectState, Write } from "../subject/state.ts";
import { coreLineOf } from "./money-fact.ts";

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

export type Kept = OwnLine | Marker;

export const isLine = (kept: Kept): kept is OwnLine => "line" in kept;

/** What is kept under the name of a line of ours: the line, or what stands for it already. */
export function keptLine(state: SubjectState, lineId: string): Kept | undefined {
  const fact = state.fact(ownKey(lineId));
  return fact === undefined ? undefined : parseKept(fact.state);
}

// Own text: what keep() wrote.
const parseKept = (text: string): Kept => JSON.parse(text);

export const keep = (lineId: string, kept: Kept, eventId: string): Write => ({
  put: "fact",
  key: ownKey(lineId),
  fact: { essence: "", eventId, state: JSON.stringify(kept) },
});

/** As the mirror shows it: of two lines under one name it has one row, and that is the core's. */
export const shownOf = (line: Line, state: SubjectState): readonly Line[] =>
  coreLineOf(state, line.line_id) === undefined ? [line] : [];
