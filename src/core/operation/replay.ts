import type { Outcome } from "../subject/entry.ts";

/** Why an event of the span is not played again, and what an operator can do about it. */
export const REPLAY_SKIPS = {
  rejected: "It was refused at the edge and its body not kept: its sender has to send it again",
  repeats: "It repeats another event, its `of`: that one is played",
  conflict: "It contradicts what arrived first, which stands: it would end the same",
  buffered: "It waits for the events before it: applied by itself when they arrive",
  parked: "It waits for what it needs: applied by itself when that arrives",
  discarded: "A person discarded it: it comes back only where `ids` names it",
  made: "The gateway made it itself: no delivery stands behind it",
  reads_otherwise:
    "How its source is read was changed since it came: what took effect could take effect twice",
  source_gone: "Its source was deleted: create it again under its name first",
  sender_changed: "Its source has another sender by now, which would read it otherwise",
  sender_unknown: "This version does not know its sender any more",
  not_archived: "Its delivery is not in the archive, and nobody else keeps it",
  body_gone: "The body of its delivery is not in the archive any more",
  oversized: "Its body is too long to be read: it lies in the archive for a person",
  unread: "Its body could not be unpacked when it arrived, and cannot be now",
  unopened: "Its delivery cannot be opened, and so nobody can say what it is about",
  not_found:
    "`ids` names it, and no such event was received in the span, of that source and subject",
} as const;

export type ReplaySkip = keyof typeof REPLAY_SKIPS;

/** An event as a replay finds it in the index. */
export interface PastEvent {
  readonly outcome: Outcome;
  /** An object has it in its log. */
  readonly isLogged: boolean;
  /** It is on the list of what waits for something or somebody. */
  readonly isHeld: boolean;
  /** The audit trail has it that a person let go of it. */
  readonly isDiscarded: boolean;
  /** Its id is among those that were asked for. */
  readonly isNamed: boolean;
  /** It came in a delivery. */
  readonly isDelivered: boolean;
}

export type Fate =
  /** Its delivery is put on the queue again. */
  | { readonly kind: "send" }
  /** The same, for an event that a person let go of: it takes a person's word to act on it. */
  | { readonly kind: "revive" }
  /** Its object keeps it, and decides it anew: the delivery could name another object by now. */
  | { readonly kind: "ask" }
  | { readonly kind: "skip"; readonly reason: ReplaySkip };

const skip = (reason: ReplaySkip): Fate => ({ kind: "skip", reason });

/** Outcomes that can be on the list of what waits, and that a person can take off it. */
export const DISCARDABLE: ReadonlySet<Outcome> = new Set(["quarantined", "parked", "dead"]);

/**
 * What becomes of an event when its span is played again. What was applied goes the whole way again, and
 * is found to be known; only what waits for a person, and what is nowhere, can end otherwise.
 */
export function fateOf(event: PastEvent): Fate {
  const { outcome, isLogged, isNamed, isDelivered } = event;
  const staying = stays(event);
  if (staying !== undefined) return skip(staying);
  if (isLetGo(event)) {
    if (!isNamed) return skip("discarded");
    if (isDelivered) return { kind: "revive" };
  } else if (isLogged && DISCARDABLE.has(outcome)) {
    return { kind: "ask" };
  }
  return isDelivered ? { kind: "send" } : skip("made");
}

/** Why an event stays what it is, whoever asks. */
function stays({ outcome, isLogged, isHeld }: PastEvent): ReplaySkip | undefined {
  if (outcome === "rejected" || outcome === "conflict" || outcome === "buffered") return outcome;
  if (outcome === "duplicate" && !isLogged) return "repeats";
  return outcome === "parked" && isHeld ? "parked" : undefined;
}

const isLetGo = ({ outcome, isHeld, isDiscarded }: PastEvent): boolean =>
  DISCARDABLE.has(outcome) && !isHeld && isDiscarded;

/** How an event stands, as reports count it: its outcome, or that a person let go of it. */
export const standingOf = (event: PastEvent): Outcome | "discarded" =>
  isLetGo(event) ? "discarded" : event.outcome;

/** Whether an event that is played again can end otherwise than it did. */
export const isDecidedAnew = ({ outcome }: Pick<PastEvent, "outcome">): boolean =>
  DISCARDABLE.has(outcome);
