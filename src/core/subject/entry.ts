import type { GapStage } from "../ordering/gap.ts";
import type { Line } from "../ledger/line.ts";
import type { Transfer } from "../ledger/transfer.ts";

/** What became of an event (DESIGN «Fixed readings»). `rejected` and `dead` never reach an object. */
export const OUTCOMES = [
  "applied",
  "duplicate",
  "conflict",
  "parked",
  "buffered",
  "quarantined",
  "rejected",
  "dead",
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Those that wait for something or somebody. */
export const HELD_OUTCOMES: ReadonlySet<Outcome> = new Set([
  "parked",
  "buffered",
  "quarantined",
  "conflict",
]);

/** A revision of a status, pay rank or volume: what holds from `effective_ms` on. */
export interface Standing {
  readonly kind: "enrolment" | "status" | "rank" | "volume";
  /** Empty for kinds without a period. */
  readonly period_id: string;
  readonly epoch: number;
  readonly rev: string;
  readonly effective_ms: number;
  readonly value: Readonly<Record<string, string | number | null>>;
}

/** A difference for a person to look at; reported once per `break_id`. */
export interface Break {
  readonly break_id: string;
  readonly class: string;
  readonly reference: string;
  readonly detail: string;
}

/** A hole in a strict stream as the mirror shows it. */
export interface GapReport {
  readonly source: string;
  readonly epoch: number;
  readonly from_seq: number;
  readonly to_seq: number;
  readonly since_ms: number;
  readonly stage: Exclude<GapStage, "open"> | "closed";
}

/** What an event changed, in the form the mirror repeats: stored with it, never computed again. */
export interface Effects {
  /** When the transfers take effect, where that is not when the event occurred. */
  readonly effective_ms?: number;
  readonly transfers?: readonly Transfer[];
  readonly lines?: readonly Line[];
  readonly standings?: readonly Standing[];
  readonly frontline?: readonly { readonly distributor_id: string; readonly by: number }[];
  readonly breaks?: readonly Break[];
  readonly gaps?: readonly GapReport[];
}

/** What the log keeps of an event: ids and digests. Personal data stays out (DOMAIN «Compliance»). */
export interface LoggedEvent {
  readonly event_id: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly key: string;
  readonly epoch: number;
  readonly seq?: number;
  readonly rev?: string;
  readonly occurred_ms: number;
  readonly received_ms: number;
  readonly payload_sha256: string;
  readonly delivery_id: string;
  readonly archive?: string;
}

/** One row of an object's log: every outcome of every event has one, and so has a timed-out gap. */
export interface Entry {
  readonly recorded_ms: number;
  readonly event?: LoggedEvent;
  readonly outcome?: Outcome;
  readonly code?: string;
  readonly reason?: string;
  /** The event that this one repeats or contradicts. */
  readonly of?: string;
  readonly effects: Effects;
}
