import type { Effects, Entry, GapReport, LoggedEvent, Outcome } from "./entry.ts";
import type { Act, Situation } from "./rules.ts";
import type { Arrival, Kept, Seen, Write } from "./state.ts";

export interface LoggedDecision {
  readonly kind: "logged";
  readonly entry: Entry;
  readonly writes: readonly Write[];
}

/** What becomes of an event, before it is a row. */
export interface Logged {
  readonly outcome: Outcome;
  readonly code?: string;
  readonly reason?: string;
  readonly of?: string;
  readonly needs?: string;
  readonly effects?: Effects;
  readonly gaps?: readonly GapReport[];
  readonly writes: readonly Write[];
}

/** What a rule's act is as an outcome. */
export function outcomeOf(act: Exclude<Act, { kind: "wants" }>, arrival: Arrival): Logged {
  switch (act.kind) {
    case "effect":
      return { outcome: "applied", effects: act.effects, writes: act.writes };
    case "repeat":
      return { outcome: "duplicate", of: act.of, writes: act.writes ?? [] };
    case "contradiction":
      return {
        outcome: "conflict",
        code: "fact_contradicted",
        reason: act.reason,
        of: act.of,
        writes: [
          { put: "kept", kept: { arrival, outcome: "conflict", code: "fact_contradicted" } },
        ],
      };
    case "impossible": {
      const { code, reason, needs, aliases } = act;
      const kept: Kept = {
        arrival,
        outcome: "quarantined",
        code,
        ...(needs === undefined ? {} : { needs }),
      };
      // What it needs stays inside: only a parked event is woken from outside.
      const writes = [{ put: "kept", kept } as const];
      return { outcome: "quarantined", code, reason, ...named(aliases), writes };
    }
    case "waits": {
      const { code, reason, needs, aliases } = act;
      const kept: Kept = { arrival, outcome: "parked", code, needs };
      const writes = [{ put: "kept", kept } as const, ...(act.writes ?? [])];
      return { outcome: "parked", code, reason, needs, ...named(aliases), writes };
    }
  }
}

const named = (aliases: readonly string[] | undefined): { readonly effects?: Effects } =>
  aliases === undefined ? {} : { effects: { aliases } };

/** A reused id is remembered with its content: the same contradiction is logged once. */
export const contradictionId = ({ event, payloadSha256 }: Arrival): string =>
  `${event.id}\u0000${payloadSha256}`;

/** The row and the writes of a decided event. */
export function logged(
  arrival: Arrival,
  { state, rules, moment }: Situation,
  what: Logged,
): LoggedDecision {
  const { event, eventId, payloadSha256 } = arrival;
  const { outcome, code, reason, of, needs, gaps = [] } = what;
  const effects: Effects = { ...what.effects, ...(gaps.length === 0 ? {} : { gaps }) };
  const id = code === "id_reused" ? contradictionId(arrival) : event.id;
  const seen: Seen = { payloadSha256, eventId, position: moment.position, outcome };
  const view =
    outcome === "applied" ? rules.evolve(state.view(), effects, moment.nowMs) : undefined;
  return {
    kind: "logged",
    entry: {
      recorded_ms: moment.nowMs,
      event: loggedEvent(arrival),
      outcome,
      ...(code === undefined ? {} : { code }),
      ...(reason === undefined ? {} : { reason }),
      ...(of === undefined ? {} : { of }),
      ...(needs === undefined ? {} : { needs }),
      effects,
    },
    writes: [
      { put: "seen", source: event.source, id, seen },
      ...what.writes,
      ...(view === undefined ? [] : [{ put: "view", view } as const]),
    ],
  };
}

const loggedEvent = ({ event, ...arrival }: Arrival): LoggedEvent => ({
  event_id: arrival.eventId,
  id: event.id,
  source: event.source,
  type: event.type,
  key: event.key,
  epoch: event.epoch,
  ...(event.seq === undefined ? {} : { seq: event.seq }),
  ...(event.rev === undefined ? {} : { rev: event.rev }),
  occurred_ms: event.occurredAtMs,
  received_ms: arrival.receivedAtMs,
  payload_sha256: arrival.payloadSha256,
  delivery_id: arrival.deliveryId,
  ...(arrival.archive === undefined ? {} : { archive: arrival.archive }),
  ...(arrival.passage === undefined ? {} : { passage: arrival.passage }),
});
