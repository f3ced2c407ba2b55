import type { TreeName } from "../genealogy/lineage.ts";
import type { GapStage } from "../ordering/gap.ts";
import type { DispatchedLine, Line } from "../ledger/line.ts";
import type { JsonObject } from "../json.ts";
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
  /** A rank that the gateway's own run set has `told_by: "run"`. */
  readonly value: Readonly<Record<string, string | number | null>>;
}

/**
 * A version of an edge: who hangs under whom from `effective_ms` on. Of those in force the highest
 * version counts, and a move is above every enrolment.
 */
export interface Edge {
  readonly tree: TreeName;
  readonly node: string;
  readonly node_kind: "distributor" | "customer";
  /** Sorts as text in the order of precedence: see `edgeVersion`. */
  readonly version: string;
  readonly effective_ms: number;
  /** Null at the top of the tree. */
  readonly parent_id: string | null;
  readonly leg: "L" | "R" | null;
}

/** What a sale or its return adds to somebody's volume of a period; hundredths of a point. */
export interface VolumeStep {
  readonly period_id: string;
  readonly distributor_id: string;
  readonly pv_x100: number;
  readonly cv_x100: number;
  /** Own and downline. */
  readonly gv_x100: number;
}

/** An order as the mirror shows it, with the manifest of its lines: absolute, the last one counts. */
export interface OrderRow {
  readonly order_id: string;
  readonly state: "placed" | "cancelled" | "paid" | "refunded" | "disputed";
  readonly payment_id: string | null;
  readonly source_node: string | null;
  readonly order_kind: string | null;
  readonly currency: string | null;
  readonly net_minor: number;
  readonly tax_minor: number;
  readonly shipping_minor: number;
  readonly amount_minor: number;
  readonly fee_minor: number;
  /** Of the amount, paid back or taken back by now. */
  readonly returned_minor: number;
  readonly cv_x100: number;
  readonly pv_x100: number;
  readonly paid_ms: number | null;
  readonly period_id: string | null;
  /** How many lines it sent out, and what they come to: `[[currency, Σ amount, Σ reversed], …]`. */
  readonly lines: number;
  readonly manifest: string;
}

/** Something to tell people, at most once for each key. */
export interface MessageEffect {
  /** `msg:payment_confirmed:{payment_id}`, `msg:rank_changed:{distributor_id}:{period_id}:{epoch}.{rev}` */
  readonly key: string;
  readonly kind: string;
  /** Ids only. */
  readonly about: Readonly<Record<string, string | number | null>>;
}

/** The current revision of a register that is not a distributor's. */
export interface RecordRow {
  /** `inventory`, `ticket`, `autoship`, `period`, `customer`. */
  readonly kind: string;
  readonly id: string;
  readonly epoch: number;
  readonly rev: string;
  readonly occurred_ms: number;
  /** Members that the type's contract knows. */
  readonly value: JsonObject;
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
  readonly edges?: readonly Edge[];
  readonly volumes?: readonly VolumeStep[];
  readonly order?: OrderRow;
  /** Lines for other objects, as absolute state: sent out before this row is mirrored. */
  readonly dispatch?: readonly DispatchedLine[];
  /** Names by which others know this subject: `payment:P1`. */
  readonly aliases?: readonly string[];
  readonly messages?: readonly MessageEffect[];
  /** A register that the mirror shows: what it says is nothing personal. */
  readonly record?: RecordRow;
  readonly breaks?: readonly Break[];
  readonly gaps?: readonly GapReport[];
  /** More was to be done than one row holds: whoever mirrors this asks the object to go on. */
  readonly unfinished?: true;
}

/**
 * How something came to be decided, where that was not at once: it was kept back for what was
 * missing, or nobody was waiting for it (polled, healed, replayed, retried by a person).
 */
export type Passage = "waited" | "aside";

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
  readonly passage?: Passage;
}

/**
 * What moved an object without an event of its own: another object's line, a due date, a person, or
 * somebody who is to be placed.
 */
export interface Cause {
  readonly kind: "line" | "due" | "act" | "place";
  /** The event at the beginning of it, or the id of the act. */
  readonly event_id: string;
  readonly occurred_ms: number;
  /** That of the event, where it is one that was settled just before. */
  readonly passage?: Passage;
}

/** One row of an object's log: every outcome of every event has one, and so has a timed-out gap. */
export interface Entry {
  readonly recorded_ms: number;
  readonly event?: LoggedEvent;
  readonly cause?: Cause;
  readonly outcome?: Outcome;
  readonly code?: string;
  readonly reason?: string;
  /** The event that this one repeats or contradicts. */
  readonly of?: string;
  /** What a parked event waits for. */
  readonly needs?: string;
  readonly effects: Effects;
}
