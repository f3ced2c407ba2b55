import type { LogRow } from "../core/subject/chain.ts";
import type { LogSums } from "../core/subject/log-check.ts";
import type { Settlement } from "../core/subject/settle.ts";
import type { Move } from "../core/subject/move.ts";
import type { Arrival } from "../core/subject/state.ts";
import type { Surroundings, Want } from "../core/subject/surroundings.ts";

/** The class of object that keeps a subject. */
export type ObjectKind = "distributor" | "order" | "record" | "tree";

const KINDS: ReadonlyMap<string, ObjectKind> = new Map([
  ["dist", "distributor"],
  ["order", "order"],
  ["tree", "tree"],
]);

/** A subject's name begins with what it is; everything that is not one of those is a record. */
export const kindOfSubject = (subject: string): ObjectKind =>
  KINDS.get(subject.slice(0, subject.indexOf(":"))) ?? "record";

/** How far D1 has mirrored an object, and the hash it had there. */
export interface Mirrored {
  readonly position: number;
  readonly head: string;
}

export interface SubjectCall {
  readonly tenant: string;
  readonly subject: string;
  readonly shard: number;
  readonly mirrored: Mirrored;
  readonly arrivals: readonly Arrival[];
  /** What no event of its own brings: lines of an order, due dates. */
  readonly moves?: readonly Move[];
  readonly surroundings?: Surroundings;
  /** Kept events that a person asked for again, or let go of. */
  readonly redrive?: readonly string[];
  readonly discard?: readonly string[];
}

/** What an object finds when it computes its log again, from its beginning to a position. */
export type LogChecked =
  /** It takes another call: logs are read in parts, so that events need not wait for a long one. */
  | { readonly kind: "more" }
  /** This row is not what the chain says. */
  | { readonly kind: "broken"; readonly position: number }
  /** The log ends before the position. */
  | { readonly kind: "short"; readonly position: number }
  | {
      readonly kind: "whole";
      readonly sums: LogSums;
      /** Where the log ends by now. */
      readonly position: number;
      readonly view?: SubjectView;
    };

/** What the mirror has not seen of an object's log. */
export interface Tail {
  readonly rows: readonly LogRow[];
  readonly more: boolean;
  /** The subject as of the last row; absent while there is more to come. */
  readonly view?: SubjectView;
}

export interface SubjectView {
  readonly view?: string;
  readonly displayName?: string;
}

export type SubjectReply =
  | {
      readonly kind: "settled";
      /** One an arrival, in their order. */
      readonly settlements: readonly Settlement[];
      /** What events, arrived or kept, want to see before they can be decided. */
      readonly wants: readonly KeptWant[];
      readonly tail: Tail;
    }
  /** The log is not the one that was mirrored: it was restored to an earlier state, or altered. */
  | { readonly kind: "forked"; readonly position: number }
  /** This row, which the mirror has not seen, is not what the chain says: nothing was settled. */
  | { readonly kind: "broken"; readonly position: number };

export interface KeptWant {
  readonly eventId: string;
  readonly want: Want;
}
