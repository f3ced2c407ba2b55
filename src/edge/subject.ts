import type { LogRow } from "../core/subject/chain.ts";
import type { Settlement } from "../core/subject/settle.ts";
import type { Arrival } from "../core/subject/state.ts";

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
  /** Kept events that a person asked for again, or let go of. */
  readonly redrive?: readonly string[];
  readonly discard?: readonly string[];
}

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
  | { readonly kind: "settled"; readonly settlements: readonly Settlement[]; readonly tail: Tail }
  /** The log is not the one that was mirrored: it was restored to an earlier state, or altered. */
  | { readonly kind: "forked"; readonly position: number };
