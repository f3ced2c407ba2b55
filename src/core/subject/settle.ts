import type { Outcome } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { decide, type Decision, redecide, release } from "./decide.ts";
import { type EpochOver, setsAside } from "./epoch-over.ts";
import type { Move } from "./move.ts";
import { turnKey } from "./turn.ts";
import type { Rules, Situation } from "./rules.ts";
import type { Surroundings, Want } from "./surroundings.ts";
import type { Arrival, StreamId, SubjectState, Write } from "./state.ts";

/** An object's storage as the settling needs it: read, and commit a whole decision. */
export interface SubjectStore extends SubjectState {
  /** The position of the last row. */
  position(): number;
  /** Appends the row and applies the writes, all or nothing. */
  commit(entry: Entry, writes: readonly Write[]): void;
}

/** Where an arriving event stands now, whichever time it was decided. */
export type Settlement =
  | {
      readonly kind: "settled";
      readonly eventId: string;
      readonly position: number;
      readonly outcome: Outcome;
      /** The event that was first to bring this id, where it was another. */
      readonly of?: string;
    }
  /** Not decided: ask again with this among the surroundings. */
  | { readonly kind: "wants"; readonly eventId: string; readonly want: Want }
  | { readonly kind: "failed"; readonly eventId: string; readonly error: string };

export interface Desk {
  readonly store: SubjectStore;
  readonly rules: Rules;
  readonly nowMs: number;
  readonly surroundings?: Surroundings;
  /** Is told of events that could not be decided without looking around. */
  readonly wanted?: (eventId: string, want: Want) => void;
}

/**
 * Settles one arriving event and everything it sets free: the buffered events behind it, and
 * events that waited for a fact it brought. Each of them is decided and committed on its own, so
 * that one that fails (it stays where it was) takes nothing else with it.
 */
export function settle(arrival: Arrival, desk: Desk): Settlement {
  return settleBy(arrival, desk, decide);
}

/** Settles a kept event again, because a person asked for it. */
export function settleAgain(eventId: string, desk: Desk): Settlement | undefined {
  const kept = desk.store.kept(eventId);
  return kept === undefined ? undefined : settleBy(kept.arrival, desk, redecide);
}

/** Tries kept events whose need is met: whoever freed them could not look around. */
export function settleSatisfied(desk: Desk): void {
  for (const eventId of desk.store.satisfied()) settleAgain(eventId, desk);
}

/** Applies a move, logs it where it changed something, and settles what that sets free. */
export function settleMove(move: Move, desk: Desk): void {
  if (move.kind === "epoch_over") return setAside(move, desk);
  const { store, rules, nowMs, surroundings } = desk;
  const wanted = (want: Want) => desk.wanted?.(`${move.kind}:${want.at_ms}`, want);
  const at = { nowMs, wanted, ...(surroundings === undefined ? {} : { surroundings }) };
  const moved = rules.move?.(move, store, at);
  if (moved === undefined) return;
  const { cause, effects, writes } = moved;
  const view = rules.evolve(store.view(), effects, nowMs);
  store.commit({ recorded_ms: nowMs, cause, effects }, [
    ...writes,
    ...(view === undefined ? [] : [{ put: "view", view } as const]),
  ]);
  setFree({ writes }, desk);
}

/** Sets aside what waits for events of an epoch that is over. */
function setAside(move: EpochOver, { store, rules, nowMs }: Desk): void {
  for (;;) {
    const moment = { nowMs, position: store.position() + 1 };
    const next = setsAside(move, { state: store, rules, moment });
    if (next === undefined) return;
    store.commit(next.entry, next.writes);
  }
}

/** Releases what an earlier failure left due in a stream. */
export function settleDue(id: StreamId, desk: Desk): void {
  const due = dueIn(id, desk);
  if (due !== undefined) settleBy(due, desk, release);
}

type Decider = (arrival: Arrival, situation: Situation) => Decision;

function settleBy(arrival: Arrival, desk: Desk, decider: Decider): Settlement {
  const { eventId } = arrival;
  try {
    const decision = commitOne(arrival, desk, decider);
    if (decision.kind === "wants") return { kind: "wants", eventId, want: decision.want };
    const settlement = settlementOf(arrival, decision, desk.store.position());
    if (decision.kind === "logged") setFree({ arrival, writes: decision.writes }, desk);
    return settlement;
  } catch (error) {
    return { kind: "failed", eventId, error: String(error) };
  }
}

function commitOne(arrival: Arrival, desk: Desk, decider: Decider): Decision {
  const { store, rules, nowMs, surroundings } = desk;
  const moment = { nowMs, position: store.position() + 1 };
  const around = surroundings === undefined ? {} : { surroundings };
  const decision = decider(arrival, { state: store, rules, moment, ...around });
  if (decision.kind === "logged") store.commit(decision.entry, decision.writes);
  if (decision.kind === "wants") desk.wanted?.(arrival.eventId, decision.want);
  return decision;
}

function settlementOf(
  arrival: Arrival,
  decision: Exclude<Decision, { kind: "wants" }>,
  position: number,
): Settlement {
  const { eventId } = arrival;
  if (decision.kind === "known") {
    const { position: stored, outcome, eventId: first } = decision.seen;
    return { kind: "settled", eventId, position: stored, outcome, ...firstOf(first, eventId) };
  }
  // A redelivery can have set the kept event going again: the row is then the kept one's.
  const { outcome = "applied", event } = decision.entry;
  return { kind: "settled", eventId, position, outcome, ...firstOf(event?.event_id, eventId) };
}

const firstOf = (first: string | undefined, eventId: string): { readonly of?: string } =>
  first === undefined || first === eventId ? {} : { of: first };

/** What was committed: of an event, or of a move. */
interface Committed {
  readonly arrival?: Arrival;
  readonly writes: readonly Write[];
}

/** Works off what a commit set free; each further commit may set more free. */
function setFree(committed: Committed, desk: Desk): void {
  const pending = [committed];
  for (let at = pending.shift(); at !== undefined; at = pending.shift()) {
    for (const [arrival, decider] of freedBy(at, desk)) {
      const decision = tryOne(arrival, desk, decider);
      if (decision?.kind === "logged") pending.push({ arrival, writes: decision.writes });
    }
  }
}

/** A freed event that fails stays where it was: buffered, the alarm tries it again; kept, a person. */
function tryOne(arrival: Arrival, desk: Desk, decider: Decider): Decision | undefined {
  try {
    return commitOne(arrival, desk, decider);
  } catch {
    return undefined;
  }
}

function freedBy(
  { arrival, writes }: Committed,
  desk: Desk,
): readonly (readonly [Arrival, Decider])[] {
  const { store } = desk;
  const freed: [Arrival, Decider][] = [];
  for (const key of writes.flatMap(wakeKey)) {
    for (const eventId of store.waitingFor(key)) {
      const kept = store.kept(eventId);
      if (kept !== undefined) freed.push([kept.arrival, redecide]);
    }
  }
  const isReady = writes.some((write) => write.put === "ready");
  for (const id of isReady ? store.waitingStreams() : streamsOf(arrival)) {
    const due = dueIn(id, desk);
    if (due !== undefined) freed.push([due, release]);
  }
  return freed;
}

const streamsOf = (arrival: Arrival | undefined): readonly StreamId[] =>
  arrival?.event.seq === undefined
    ? []
    : [{ source: arrival.event.source, epoch: arrival.event.epoch }];

/** What kept events can wait for: a fact that was told, a turn that has come. */
function wakeKey(write: Write): readonly string[] {
  if (write.put === "fact" || write.put === "met") return [write.key];
  return write.put === "stream" ? [turnKey(write.id, write.stream.next)] : [];
}

/** The event whose turn it is, where it is here and its object takes it. */
function dueIn(id: StreamId, { store, rules }: Desk): Arrival | undefined {
  const due = store.bufferedAt(id, store.stream(id)?.next ?? 1);
  return due === undefined || rules.holds?.(due, store) !== undefined ? undefined : due;
}
