import type { Entry } from "./entry.ts";
import { logged } from "./logged.ts";
import type { Move } from "./move.ts";
import type { Situation } from "./rules.ts";
import type { Stream, StreamId, Write } from "./state.ts";
import { turnKey } from "./turn.ts";

export type EpochOver = Extract<Move, { readonly kind: "epoch_over" }>;

/** One row of an object's log, and what is written with it. */
export interface SetAside {
  readonly entry: Entry;
  readonly writes: readonly Write[];
}

/**
 * The next row by which a stream whose epoch is over lets go of what waits behind its gap: one for
 * each event, and at the end one that closes the gap. Nothing where the stream has gone on since, or
 * is done. The events are quarantined, not dropped: the core was restored to before what is missing,
 * so that what came after it is not in its books either; should the missing ones come after all,
 * these have their turn by themselves.
 */
export function setsAside(move: EpochOver, situation: Situation): SetAside | undefined {
  const { state, moment } = situation;
  const id: StreamId = { source: move.source, epoch: move.epoch };
  const stream = state.stream(id);
  if (stream?.gap === undefined || stream.next !== move.from_seq) return undefined;
  const seq = state.firstBuffered(id, stream.next - 1);
  const arrival = seq === undefined ? undefined : state.bufferedAt(id, seq);
  if (seq === undefined || arrival === undefined)
    return closing(id, { ...stream, gap: stream.gap }, moment.nowMs);
  // Its turn has come, and its object does not take it yet: nothing is missing before it.
  if (seq === stream.next) return undefined;
  const needs = turnKey(id, seq);
  return logged(arrival, situation, {
    outcome: "quarantined",
    code: "epoch_over",
    reason: `Waits for seq ${stream.next} of epoch ${move.epoch}, which the core does not have: it counts epoch ${move.core_epoch} by now`,
    writes: [
      { put: "unbuffered", id, seq },
      { put: "kept", kept: { arrival, outcome: "quarantined", code: "epoch_over", needs } },
    ],
  });
}

function closing(
  id: StreamId,
  { next, gap }: Stream & { readonly gap: NonNullable<Stream["gap"]> },
  nowMs: number,
): SetAside {
  const report = { from_seq: next, to_seq: next, since_ms: gap.sinceMs, stage: "closed" } as const;
  return {
    entry: { recorded_ms: nowMs, effects: { gaps: [{ ...id, ...report }] } },
    writes: [{ put: "stream", id, stream: { next } }],
  };
}
