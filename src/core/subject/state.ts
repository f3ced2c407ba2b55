import type { GatewayEvent } from "../contracts/event.ts";
import type { Gap } from "../ordering/gap.ts";
import type { Revision } from "../ordering/rev.ts";
import type { Outcome, Passage } from "./entry.ts";

/** An event as the consumer hands it to an object, its personal data sealed away. */
export interface Arrival {
  readonly eventId: string;
  /** Without the fields that are personal data. */
  readonly event: GatewayEvent;
  readonly receivedAtMs: number;
  readonly deliveryId: string;
  readonly archive?: string;
  /** SHA-256 over what the event says, its id left out: tells a repeat from a contradiction. */
  readonly payloadSha256: string;
  /** The event's personal data, sealed under the tenant's key. */
  readonly profile?: Profile;
  /** Since when its object keeps it back; what was kept back before this was noted has none. */
  readonly waitsSinceMs?: number;
  /** Fetched by the gateway itself: a version that its sender has told already is the same one. */
  readonly isFetched?: true;
  /** A person asked for it by name, after it had been let go of: it is acted on once more. */
  readonly isRevived?: true;
  readonly passage?: Passage;
}

export interface Profile {
  readonly sealed: string;
  /** Masked: the only part of a profile that the mirror shows. */
  readonly displayName?: string;
}

/** What an object remembers of a sender's id. */
export interface Seen {
  readonly payloadSha256: string;
  readonly eventId: string;
  readonly position: number;
  readonly outcome: Outcome;
}

/** A fact under its business key: a line, a release, a payout, its end. */
export interface Fact {
  /** Canonical text of what two tellings of the same fact must agree on. */
  readonly essence: string;
  readonly eventId: string;
  /** JSON of the fact as it stands, in the form its rules know. */
  readonly state: string;
}

/** One revision of a register. */
export interface Registered extends Revision {
  readonly payloadSha256: string;
  readonly eventId: string;
  readonly effectiveMs: number;
  readonly value: string;
}

export interface StreamId {
  readonly source: string;
  readonly epoch: number;
}

/** A strict stream's state; a stream nobody has written to begins at 1. */
export interface Stream {
  readonly next: number;
  readonly gap?: Gap;
}

/** An event that waits, with what made it wait. */
export interface Kept {
  readonly arrival: Arrival;
  readonly outcome: Outcome;
  readonly code?: string;
  readonly needs?: string;
}

/** What a decision reads: the object's own storage, or maps in a test. Synchronous on purpose. */
export interface SubjectState {
  seen(source: string, id: string): Seen | undefined;
  fact(key: string): Fact | undefined;
  /** The revision at exactly this place. */
  registered(register: string, revision: Revision): Registered | undefined;
  /** The register's highest revision. */
  current(register: string): Registered | undefined;
  stream(id: StreamId): Stream | undefined;
  buffered(id: StreamId): { readonly events: number; readonly bytes: number };
  /** The lowest seq above `after` that waits in the stream. */
  firstBuffered(id: StreamId, after: number): number | undefined;
  bufferedAt(id: StreamId, seq: number): Arrival | undefined;
  /**
   * Since when the first of what waits behind this seq waits, in the buffer or for a turn of its own;
   * 0 where that is not known of all.
   */
  waitingSince(id: StreamId, after: number): number;
  /** Streams in which something waits. */
  waitingStreams(): readonly StreamId[];
  kept(eventId: string): Kept | undefined;
  /** The kept event that took this turn of its stream: see `turnTaken`. */
  keptAt(turn: string): Kept | undefined;
  /** Event ids of kept events whose need is met by now: whoever freed them lacked something else. */
  satisfied(): readonly string[];
  /** Event ids of kept events that wait for this fact, oldest first. */
  waitingFor(factKey: string): readonly string[];
  /** Whether kept events wait for turns of the stream, other than this one. */
  waitsInTurn(id: StreamId, except: string): boolean;
  /** JSON of the subject's summary, in the form its rules know. */
  view(): string | undefined;
}

/** What a decision changes. The object applies all of a decision's writes in one transaction. */
export type Write =
  | { readonly put: "seen"; readonly source: string; readonly id: string; readonly seen: Seen }
  | { readonly put: "fact"; readonly key: string; readonly fact: Fact }
  | { readonly put: "register"; readonly register: string; readonly revision: Registered }
  | { readonly put: "stream"; readonly id: StreamId; readonly stream: Stream }
  | {
      readonly put: "buffered";
      readonly id: StreamId;
      readonly seq: number;
      readonly arrival: Arrival;
      readonly bytes: number;
    }
  | { readonly put: "unbuffered"; readonly id: StreamId; readonly seq: number }
  | { readonly put: "kept"; readonly kept: Kept }
  | { readonly put: "unkept"; readonly eventId: string }
  /** Ends a hold: what the streams kept back has its turn. Leaves nothing in storage. */
  | { readonly put: "ready" }
  /** What kept events need is here, under another key than they name. Leaves nothing in storage. */
  | { readonly put: "met"; readonly key: string }
  | { readonly put: "profile"; readonly profile: Profile }
  | { readonly put: "view"; readonly view: string };
