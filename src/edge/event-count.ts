/** A range of a tenant's event ids. */
export interface EventsToCount {
  readonly tenant: string;
  /** Left out, and whatever sorts before it. */
  readonly after: string;
  /** Left out, and whatever sorts behind it. */
  readonly until: string;
}

export interface EventsCounted {
  readonly tenant: string;
  readonly rows: number;
  /** Those that were not rejected: a 422 took nothing in. */
  readonly events: number;
  readonly outcomes: EventOutcomes;
  /** The last id that was counted, where there are more than one run counts. */
  readonly stoppedAt?: string;
}

/** Events by what had become of them when they were counted, the rejected ones among them. */
export type EventOutcomes = Readonly<Record<string, number>>;

/** What has been counted of a tenant's day. */
export interface CountedDay {
  /** `yyyy-mm-dd`, UTC. */
  readonly day: string;
  readonly events: number;
  /** Absent where it was counted before anybody asked for it. */
  readonly outcomes?: EventOutcomes;
  /** Where the count goes on: an event's id, or what ids of a moment begin with. */
  readonly after: string;
  readonly countedUntilMs: number;
  /** The count with which ingest was told that the quota is reached. */
  readonly toldEvents?: number;
  /** When that was. */
  readonly toldMs?: number;
}

/** What tells ingest that a tenant has had its events of a day. */
export interface QuotaMark {
  readonly untilMs: number;
  readonly events: number;
}

/** A tenant that has had its events of a day. */
export interface SpentQuota {
  /** Events that it may have. */
  readonly limit: number;
  /** When the day ends, UTC ms. */
  readonly untilMs: number;
}

export const DAY_MS = 86_400_000;

/** What ids of events that arrived at that moment begin with; those of before it sort before it. */
export function eventIdsFrom(atMs: number): string {
  const time = Math.trunc(atMs).toString(16).padStart(12, "0");
  return `evt_${time.slice(0, 8)}-${time.slice(8)}`;
}
