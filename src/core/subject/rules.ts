import type { Cause, Effects } from "./entry.ts";
import type { Move } from "./move.ts";
import type { Arrival, SubjectState, Write } from "./state.ts";
import type { Surroundings, Want } from "./surroundings.ts";

/** What a rule makes of an event whose turn has come. */
export type Act =
  | { readonly kind: "effect"; readonly effects: Effects; readonly writes: readonly Write[] }
  /** The same fact under another id: no effect, and nothing to show. It can be worth remembering. */
  | { readonly kind: "repeat"; readonly of: string; readonly writes?: readonly Write[] }
  /** Another fact under the same key: the first stands, this one is kept for a person. */
  | { readonly kind: "contradiction"; readonly of: string; readonly reason: string }
  /** Cannot be applied as things stand. With `needs`, it is tried again when that fact arrives. */
  | {
      readonly kind: "impossible";
      readonly code: string;
      readonly reason: string;
      readonly needs?: string;
      /** Names by which what it belongs to finds its object, though nothing is posted. */
      readonly aliases?: readonly string[];
    }
  /** Nothing is wrong with it, but something has to be known first: it is parked until then. */
  | {
      readonly kind: "waits";
      readonly code: string;
      readonly reason: string;
      readonly needs: string;
      readonly aliases?: readonly string[];
      /** Facts that set others free: it can be what they waited for, and wait itself. */
      readonly writes?: readonly Write[];
    }
  /** Cannot be judged without looking around: nothing is logged, whoever asked brings it. */
  | { readonly kind: "wants"; readonly want: Want };

/** Why an object takes no strict event yet. */
export interface Hold {
  readonly code: string;
  readonly reason: string;
}

/** What a move did to an object. */
export interface Moved {
  readonly cause: Cause;
  readonly effects: Effects;
  readonly writes: readonly Write[];
}

/** What one kind of object does with its events; pure, so that a replay ends the same. */
export interface Rules {
  act(arrival: Arrival, state: SubjectState, surroundings?: Surroundings): Act;
  /** The event that told this very fact before, if one did. */
  recall(arrival: Arrival, state: SubjectState): string | undefined;
  /** The subject's summary after these effects, as JSON; `view` is what it was before. */
  evolve(view: string | undefined, effects: Effects, nowMs: number): string | undefined;
  /**
   * Why the object takes no strict event yet, whatever it says; nothing where it does. The whole
   * stream waits in its order then, until a decision says that the object is ready.
   */
  holds?(arrival: Arrival, state: SubjectState): Hold | undefined;
  /** What no event of its own brings: another object's line, a due date. Nothing where it is old. */
  move?(move: Move, state: SubjectState, at: MoveMoment): Moved | undefined;
}

export interface MoveMoment {
  readonly nowMs: number;
  readonly surroundings?: Surroundings;
  /** Is told what a move would have to see: it comes again with that. */
  readonly wanted?: (want: Want) => void;
}

export interface Moment {
  readonly nowMs: number;
  /** The position that the log's next row will have. */
  readonly position: number;
}

/** What a decision looks at besides the event. */
export interface Situation {
  readonly state: SubjectState;
  readonly rules: Rules;
  readonly moment: Moment;
  readonly surroundings?: Surroundings;
}
