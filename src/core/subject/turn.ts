import type { Kept, StreamId } from "./state.ts";

/** What the turns of one stream begin with, and those of no other. */
export const turnsOf = ({ source, epoch }: StreamId): string =>
  `turn:${JSON.stringify([source, epoch])}:`;

/** What an event that found no room in the buffer waits for: its turn. */
export const turnKey = (id: StreamId, seq: number): string => `${turnsOf(id)}${seq}`;

/** Of kept events those whose place in their stream was never theirs. */
const TURNLESS: ReadonlySet<string | undefined> = new Set([
  "seq_taken",
  "gap_overflow",
  "epoch_over",
  "id_reused",
]);

/** Codes of kept events that stand outside their stream until their turn comes. */
export const AWAITS_TURN: ReadonlySet<string | undefined> = new Set(["gap_overflow", "epoch_over"]);

/** The turn that a kept event took: nobody else has it, whatever becomes of the event. */
export function turnTaken({ arrival: { event }, code }: Kept): string | undefined {
  const { source, epoch, seq } = event;
  return seq === undefined || TURNLESS.has(code) ? undefined : turnKey({ source, epoch }, seq);
}
