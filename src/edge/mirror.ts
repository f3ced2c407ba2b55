import type { LogRow } from "../core/subject/chain.ts";
import type { Mirrored, SubjectView } from "./subject.ts";

/** What one object's log has beyond the mirror. */
export interface MirrorTail {
  readonly tenant: string;
  readonly subject: string;
  /** Where D1 stood when the object was asked. */
  readonly base: Mirrored;
  readonly rows: readonly LogRow[];
  readonly view?: SubjectView;
  /** The mirror is filled with it once more, or was left behind: nobody waits for it by now. */
  readonly isAgain?: boolean;
}

/** Where the mirror stands with a subject after a projection. */
export interface Position extends Mirrored {
  readonly tenant: string;
  readonly subject: string;
  readonly frozen: boolean;
}

/** An event that no object logs: refused by its contract, of a type nobody applies, a repeat, dead. */
export interface LooseEvent {
  readonly tenant: string;
  readonly eventId: string;
  readonly source: string;
  readonly id: string;
  readonly type?: string;
  readonly subject?: string;
  readonly outcome: "duplicate" | "quarantined" | "conflict" | "rejected" | "dead" | "parked";
  readonly code?: string;
  readonly of?: string;
  readonly deliveryId: string;
  readonly archive?: string;
  readonly occurredMs?: number;
  readonly receivedMs: number;
  readonly recordedMs: number;
  readonly errors?: readonly object[];
  /** What it told: the same under the same sender's id is a duplicate, and held once. */
  readonly digest?: string;
  /** Present where a person has to see it: what a retry puts back on the queue, as JSON. */
  readonly held?: {
    readonly state: "quarantined" | "dead" | "parked";
    readonly key?: string;
    readonly reason: string;
    readonly message: string;
    /** What a parked event waits for. */
    readonly needs?: string;
  };
}

/** A dead event that has an outcome after all. */
export interface Revived {
  readonly tenant: string;
  readonly eventId: string;
  readonly outcome: string;
  readonly of?: string;
}

export interface LooseRows {
  readonly events: readonly LooseEvent[];
  readonly revived: readonly Revived[];
}

export interface Mirroring {
  readonly positions: readonly Position[];
  /** Event ids whose loose rows were not written. */
  readonly unwritten: ReadonlySet<string>;
  /** What D1 said, for the log; empty where all went well. */
  readonly errors: readonly string[];
}
