import { type Admission, admit } from "../ordering/admit.ts";
import type { GapReport, Outcome, Passage } from "./entry.ts";
import { contradictionId, logged, type LoggedDecision, outcomeOf } from "./logged.ts";
import type { Hold, Moment, Situation } from "./rules.ts";
import type { Want } from "./surroundings.ts";
import { AWAITS_TURN, turnKey } from "./turn.ts";
import type { Arrival, Kept, Seen, Stream, StreamId, Write } from "./state.ts";

export type Decision =
  /** Logged before: whoever asks again is shown the stored outcome. */
  | { readonly kind: "known"; readonly seen: Seen }
  | LoggedDecision
  /** Not decided: it takes looking around. */
  | { readonly kind: "wants"; readonly want: Want };

/** Those that are decided anew when they come again, or when what they need has arrived. */
const RETRYABLE: ReadonlySet<Outcome> = new Set(["quarantined", "parked"]);

/**
 * Decides what becomes of one arriving event. Every decision that is logged records the sender's
 * id, so that the same event, however often it comes, is decided once.
 */
export function decide(arrival: Arrival, situation: Situation): Decision {
  const { event, payloadSha256 } = arrival;
  const seen = situation.state.seen(event.source, event.id);
  if (seen === undefined) {
    return event.seq === undefined
      ? actOn(arrival, situation, [])
      : inStream(arrival, event.seq, situation);
  }
  // Our own event again is never another one, even where newer code reads its delivery otherwise.
  const isSame = seen.payloadSha256 === payloadSha256 || seen.eventId === arrival.eventId;
  if (isSame) return decideAgain(arrival, seen, situation);

  const other = situation.state.seen(event.source, contradictionId(arrival));
  if (other !== undefined) return { kind: "known", seen: other };
  return logged(arrival, situation, {
    outcome: "conflict",
    code: "id_reused",
    reason: "The sender used this id before for something else: the first stands",
    of: seen.eventId,
    writes: [{ put: "kept", kept: { arrival, outcome: "conflict", code: "id_reused" } }],
  });
}

/** What failed on business grounds stays retryable: its sender may simply send it again. */
function decideAgain(arrival: Arrival, seen: Seen, situation: Situation): Decision {
  if (!RETRYABLE.has(seen.outcome)) return { kind: "known", seen };
  const kept = situation.state.kept(seen.eventId);
  if (kept !== undefined) return redecide(kept.arrival, situation);
  if (isBuffered(arrival, situation)) return { kind: "known", seen };
  // A person let go of it, but its place in the stream was never taken: nobody else can take it.
  const { source, epoch, seq } = arrival.event;
  const next = situation.state.stream({ source, epoch })?.next ?? 1;
  if (seq !== undefined && seq >= next) return inStream(arrival, seq, situation);
  return arrival.isRevived === true ? actOn(arrival, situation, []) : { kind: "known", seen };
}

function isBuffered({ event }: Arrival, { state }: Situation): boolean {
  const { source, epoch, seq } = event;
  return seq !== undefined && state.bufferedAt({ source, epoch }, seq) !== undefined;
}

/**
 * Decides a kept or buffered event anew: a person asked for it, or what it needed has arrived.
 * Its place in its stream was taken when it was first logged.
 */
export function redecide(given: Arrival, situation: Situation): Decision {
  const { event, eventId } = given;
  const { state } = situation;
  const kept = state.kept(eventId);
  const seen = state.seen(event.source, event.id);
  if (kept === undefined || !RETRYABLE.has(kept.outcome)) {
    return seen === undefined ? decide(given, situation) : { kind: "known", seen };
  }
  const arrival = having(given, passageOf(kept));
  const again =
    AWAITS_TURN.has(kept.code) && event.seq !== undefined
      ? inStream(arrival, event.seq, situation)
      : actOn(arrival, situation, []);
  if (again.kind === "wants") return again;
  // For another reason than before, a person should be told.
  if (again.kind === "known" || isStuck(again.writes, kept)) {
    return seen === undefined ? again : { kind: "known", seen };
  }
  return { ...again, writes: [{ put: "unkept", eventId }, ...again.writes] };
}

/** What is quarantined for want of something is set free by it; all else by whoever sends it again. */
const passageOf = ({ outcome, needs }: Kept): Passage =>
  outcome === "parked" || needs !== undefined ? "waited" : "aside";

/** Nothing makes up for having been set aside. */
const having = (arrival: Arrival, passage: Passage): Arrival =>
  arrival.passage === "aside" ? arrival : { ...arrival, passage };

const isStuck = (writes: readonly Write[], { code, needs }: Kept): boolean =>
  writes.some(
    (write) => write.put === "kept" && write.kept.code === code && write.kept.needs === needs,
  );

/** Releases the buffered event whose turn has come. */
export function release(arrival: Arrival, situation: Situation): Decision {
  const { event } = arrival;
  const id: StreamId = { source: event.source, epoch: event.epoch };
  const seq = event.seq ?? 0;
  const waited = having(arrival, "waited");
  return takeTurn(waited, seq, situation, [{ put: "unbuffered", id, seq }]);
}

function inStream(arrival: Arrival, seq: number, situation: Situation): Decision {
  const { state, moment } = situation;
  const id: StreamId = { source: arrival.event.source, epoch: arrival.event.epoch };
  const stream = state.stream(id) ?? { next: 1 };
  const waiting = state.bufferedAt(id, seq);
  if (waiting !== undefined) return repeated(arrival, situation, waiting);

  const bytes = JSON.stringify(arrival).length;
  const { events, bytes: held } = state.buffered(id);
  const cursor = { next: stream.next, bufferedEvents: events, bufferedBytes: held };
  const admission = admit(cursor, { seq, bytes });
  const hold = holdOn(arrival, admission, situation);
  if (hold !== undefined && admission.kind !== "overflow") {
    return keptBack(arrival, { seq, bytes, hold }, situation);
  }
  switch (admission.kind) {
    case "due":
      return takeTurn(arrival, seq, situation, []);
    case "taken":
      return told(arrival, situation);
    case "early":
      return logged(arrival, situation, {
        outcome: "buffered",
        code: "seq_gap",
        reason: `Waits for seq ${stream.next} of source "${id.source}", epoch ${id.epoch}`,
        gaps: narrowedGap(id, seq, situation),
        writes: [
          { put: "buffered", id, seq, arrival: keptSince(arrival, moment), bytes },
          ...openGap(id, stream, moment),
        ],
      });
    case "overflow":
      return logged(arrival, situation, {
        outcome: "quarantined",
        code: "gap_overflow",
        reason: `Too much waits for seq ${stream.next} already; applied by itself when its turn comes`,
        writes: [
          {
            put: "kept",
            kept: {
              arrival: keptSince(arrival, moment),
              outcome: "quarantined",
              code: "gap_overflow",
              needs: turnKey(id, seq),
            },
          },
          ...(hold === undefined ? openGap(id, stream, moment) : []),
        ],
      });
  }
}

/**
 * Why an event is kept back whose turn has come, or that is behind such a one: nothing is missing
 * before it that the core could send.
 */
function holdOn(
  arrival: Arrival,
  { kind }: Admission,
  { state, rules }: Situation,
): Hold | undefined {
  const { source, epoch } = arrival.event;
  const id: StreamId = { source, epoch };
  const isBehind = () => state.bufferedAt(id, state.stream(id)?.next ?? 1) !== undefined;
  const isKeptBack = kind === "due" || (kind !== "taken" && isBehind());
  return isKeptBack ? rules.holds?.(arrival, state) : undefined;
}

/** What is missing behind it is asked for once the hold ends. */
function keptBack(
  arrival: Arrival,
  { seq, bytes, hold }: { readonly seq: number; readonly bytes: number; readonly hold: Hold },
  situation: Situation,
): Decision {
  const id: StreamId = { source: arrival.event.source, epoch: arrival.event.epoch };
  const kept = keptSince(arrival, situation.moment);
  const write = { put: "buffered", id, seq, arrival: kept, bytes } as const;
  const stream = situation.state.stream(id);
  const isFilled = stream?.gap !== undefined && stream.next === seq;
  return logged(arrival, situation, {
    ...hold,
    outcome: "parked",
    gaps: isFilled ? closedGap(id, seq, stream.gap) : [],
    writes: isFilled ? [write, { put: "stream", id, stream: { next: seq } }] : [write],
  });
}

/** What waits says since when: where it was kept back before, since then. */
const keptSince = (arrival: Arrival, { nowMs }: Moment): Arrival => ({
  waitsSinceMs: nowMs,
  ...arrival,
});

const openGap = (id: StreamId, stream: Stream, { nowMs }: Moment): readonly Write[] =>
  stream.gap === undefined
    ? [{ put: "stream", id, stream: { ...stream, gap: { sinceMs: nowMs, stage: "open" } } }]
    : [];

/** Its place was taken: by the same, told before, applied or kept, or by something else. */
function told(arrival: Arrival, situation: Situation): Decision {
  const { source, epoch, seq = 0 } = arrival.event;
  const of = situation.rules.recall(arrival, situation.state);
  if (of !== undefined) return logged(arrival, situation, { outcome: "duplicate", of, writes: [] });
  const kept = situation.state.keptAt(turnKey({ source, epoch }, seq));
  return kept === undefined
    ? seqTaken(arrival, situation, undefined)
    : repeated(arrival, situation, kept.arrival);
}

function repeated(arrival: Arrival, situation: Situation, waiting: Arrival): Decision {
  return waiting.payloadSha256 === arrival.payloadSha256
    ? logged(arrival, situation, { outcome: "duplicate", of: waiting.eventId, writes: [] })
    : seqTaken(arrival, situation, waiting.eventId);
}

const seqTaken = (arrival: Arrival, situation: Situation, of: string | undefined): Decision =>
  logged(arrival, situation, {
    outcome: "conflict",
    code: "seq_taken",
    reason: `Another event has seq ${arrival.event.seq} of this stream: the first stands`,
    ...(of === undefined ? {} : { of }),
    writes: [{ put: "kept", kept: { arrival, outcome: "conflict", code: "seq_taken" } }],
  });

/** The event takes its place whatever comes of it: an impossible one stops nothing behind it. */
function takeTurn(
  arrival: Arrival,
  seq: number,
  situation: Situation,
  writes: readonly Write[],
): Decision {
  const id: StreamId = { source: arrival.event.source, epoch: arrival.event.epoch };
  const before = situation.state.stream(id)?.gap;
  const sinceMs = waitingSince(id, seq, { ...situation, before });
  const stream: Stream = {
    next: seq + 1,
    ...(sinceMs === undefined ? {} : { gap: { sinceMs, stage: "open" } as const }),
  };
  return actOn(
    arrival,
    situation,
    [...writes, { put: "stream", id, stream }],
    closedGap(id, seq, before),
  );
}

/**
 * Since when what is behind an event waits; nothing where nothing does. Events that fill a gap one by
 * one must not start its clock anew: it runs since the first of what still waits was kept back, though
 * not before the last hold of the stream was over, as nothing was asked for until then.
 */
function waitingSince(
  id: StreamId,
  seq: number,
  {
    state,
    moment,
    before,
  }: Pick<Situation, "state" | "moment"> & { readonly before: Stream["gap"] },
): number | undefined {
  const first = state.firstBuffered(id, seq);
  if (first === undefined && !state.waitsInTurn(id, turnKey(id, seq))) return undefined;
  if (before === undefined) return moment.nowMs;
  // What waits directly behind is released at once; the gap is written until it is.
  return first === seq + 1 ? before.sinceMs : Math.max(before.sinceMs, state.waitingSince(id, seq));
}

/** Says where a gap ends now to whoever was told of it: only what is missing is asked for. */
function narrowedGap(id: StreamId, seq: number, { state }: Situation): readonly GapReport[] {
  const { next, gap } = state.stream(id) ?? { next: 1 };
  if (gap === undefined || gap.stage === "open") return [];
  const { sinceMs: since_ms, stage } = gap;
  const first = state.firstBuffered(id, next);
  if (first !== undefined && first < seq) return [];
  return [{ ...id, from_seq: next, to_seq: seq - 1, since_ms, stage }];
}

/** Says that a gap is closed to whoever was told of it. */
const closedGap = (id: StreamId, seq: number, gap: Stream["gap"]): readonly GapReport[] =>
  gap === undefined || gap.stage === "open"
    ? []
    : [{ ...id, from_seq: seq, to_seq: seq, since_ms: gap.sinceMs, stage: "closed" }];

function actOn(
  arrival: Arrival,
  situation: Situation,
  writes: readonly Write[],
  gaps: readonly GapReport[] = [],
): Decision {
  const act = situation.rules.act(arrival, situation.state, situation.surroundings);
  if (act.kind === "wants") return act;
  const outcome = outcomeOf(act, arrival);
  return logged(arrival, situation, {
    ...outcome,
    gaps,
    writes: [...writes, ...outcome.writes],
  });
}
