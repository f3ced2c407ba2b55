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

/** Facts as of the earliest time that was told of each: their tellings need not agree on it. */
export const earliest = <Event extends { readonly id: string; readonly occurredAtMs: number }>(
  facts: readonly Fact<Event>[],
  told: readonly Event[],
): Fact<Event>[] =>
  facts.map(({ event, ids }) => {
    const times = told.flatMap(({ id, occurredAtMs }) => (ids.includes(id) ? [occurredAtMs] : []));
    return { event: { ...event, occurredAtMs: Math.min(...times) }, ids };
  });

/** Those first that tell their parts, of each kind the first to arrive. */
export const fullFirst = <Event extends { readonly data: { readonly net_minor?: number } }>(
  told: readonly Event[],
  arrival: (event: Event) => number,
): Event[] => {
  const isThin = ({ data }: Event) => Number(data.net_minor === undefined);
  return told.toSorted((a, b) => isThin(a) - isThin(b) || arrival(a) - arrival(b));
};

/** What tellings of one fact have to agree on, as far as both tell it. */
const TOLD = [
  "amount_minor",
  "currency",
  "fee_minor",
  "net_minor",
  "tax_minor",
  "shipping_minor",
  "cv_x100",
  "pv_x100",
  "source_node",
  "order_kind",
  "package",
];

/** Whether some of these tell a member otherwise than others do. */
export const areAtOdds = (told: readonly object[]): boolean =>
  TOLD.some((name) => {
    const values = told.map((data) => new Map(Object.entries(data)).get(name));
    return new Set(values.filter((value) => value !== undefined)).size > 1;
  });

/** Events that end without effect, by id, and why. Of a fact told twice one is a duplicate. */
export class Held {
  readonly #states = new Map<string, readonly string[]>();
  readonly #contested = new Set<string>();

  put(ids: readonly string[], ...states: readonly string[]): void {
    const allowed = ids.length > 1 ? [...states, "duplicate"] : states;
    for (const id of ids) this.#states.set(id, allowed);
  }

  drop(ids: readonly string[]): void {
    for (const id of ids) this.#states.delete(id);
  }

  /** Tellings that contradict each other: one stands, and the others are kept for a person. */
  contest(ids: readonly string[]): void {
    for (const id of ids) this.#contested.add(id);
  }

  all(): Record<string, readonly string[]> {
    const states = new Map(this.#states);
    for (const id of this.#contested) {
      states.set(id, [...(states.get(id) ?? ["applied"]), "duplicate", "conflict"]);
    }
    return Object.fromEntries([...states].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}
