import type { StreamId } from "./state.ts";

/** What the turns of one stream begin with, and those of no other. */
export const turnsOf = ({ source, epoch }: StreamId): string =>
  `turn:${JSON.stringify([source, epoch])}:`;

/** What an event that found no room in the buffer waits for: its turn. */
export const turnKey = (id: StreamId, seq: number): string => `${turnsOf(id)}${seq}`;
