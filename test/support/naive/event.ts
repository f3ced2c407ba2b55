import {
  CATALOGUE,
  type CatalogueEvent,
  type EventType,
  narrow,
} from "#src/core/contracts/catalogue.ts";
import { parseInstant } from "#src/core/contracts/instant.ts";
import { fillFromKey } from "#src/core/contracts/subject-key.ts";
import type { Json } from "#src/core/json.ts";

/** An envelope of DOMAIN §2.1 as a sender writes it. `core` is its source unless it says another. */
export interface PlainEvent {
  readonly id: string;
  readonly source?: string;
  readonly type: EventType;
  readonly version: 1;
  readonly occurred_at: string;
  readonly key?: string;
  readonly epoch?: number;
  readonly seq?: number;
  readonly rev?: number | string;
  readonly data: Readonly<Record<string, Json>>;
}

/** The events of a type. */
export type Told<Type extends EventType> = Extract<CatalogueEvent, { readonly type: Type }>;

/**
 * What the envelopes say; one delivered again under its own id counts once. Whether they keep their
 * contracts is asked elsewhere: reading each by its schema takes longer than all the counting.
 */
export function readEvents(events: readonly PlainEvent[], tenant: string): CatalogueEvent[] {
  const known = new Set<string>();
  return events.flatMap((envelope) => {
    const { source = "core" } = envelope;
    const name = JSON.stringify([source, envelope.id]);
    if (known.has(name)) return [];
    known.add(name);
    return [readEvent({ ...envelope, source }, tenant)];
  });
}

function readEvent(envelope: PlainEvent & { source: string }, tenant: string): CatalogueEvent {
  const { id, source, type, version, occurred_at, epoch = 0, seq, rev } = envelope;
  const contract = CATALOGUE[type];
  const data = fillFromKey(contract.keys, envelope.key, envelope.data);
  const occurredAtMs = parseInstant(occurred_at);
  const key = contract.key(data, tenant);
  if (occurredAtMs === undefined || key === undefined) throw new Error(`Cannot read ${id}`);
  return narrow({
    id,
    source,
    type,
    version,
    occurredAtMs,
    key,
    epoch,
    ...(seq !== undefined && { seq }),
    ...(contract.ordering === "register" && { rev: String(rev ?? 0) }),
    data,
  });
}

export const ofType = <Type extends EventType>(
  events: readonly CatalogueEvent[],
  type: Type,
): Told<Type>[] => events.filter((event): event is Told<Type> => event.type === type);

/** A fact of a business id, told once or more: by several senders, or under several ids of one. */
export interface Fact<Event> {
  readonly event: Event;
  /** Ids of all the events that tell it. */
  readonly ids: readonly string[];
}

export function factsOf<Event extends { readonly id: string }>(
  events: readonly Event[],
  name: (event: Event) => string,
): Fact<Event>[] {
  const facts = new Map<string, { event: Event; ids: string[] }>();
  for (const event of events) {
    const fact = facts.get(name(event));
    if (fact === undefined) facts.set(name(event), { event, ids: [event.id] });
    else fact.ids.push(event.id);
  }
  return [...facts.values()];
}

/** Events that end without effect, by id, and why. Of a fact told twice one is a duplicate. */
export class Held {
  readonly #states = new Map<string, readonly string[]>();

  put(ids: readonly string[], ...states: readonly string[]): void {
    const allowed = ids.length > 1 ? [...states, "duplicate"] : states;
    for (const id of ids) this.#states.set(id, allowed);
  }

  drop(ids: readonly string[]): void {
    for (const id of ids) this.#states.delete(id);
  }

  all(): Record<string, readonly string[]> {
    return Object.fromEntries([...this.#states].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}
