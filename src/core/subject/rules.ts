import type { Effects } from "./entry.ts";
import type { Arrival, SubjectState, Write } from "./state.ts";

/** What a rule makes of an event whose turn has come. */
export type Act =
  | { readonly kind: "effect"; readonly effects: Effects; readonly writes: readonly Write[] }
  /** The same fact under another id: no effect, and nothing to show. */
  | { readonly kind: "repeat"; readonly of: string }
  /** Another fact under the same key: the first stands, this one is kept for a person. */
  | { readonly kind: "contradiction"; readonly of: string; readonly reason: string }
  /** Cannot be applied as things stand. With `needs`, it is tried again when that fact arrives. */
  | {
      readonly kind: "impossible";
      readonly code: string;
      readonly reason: string;
      readonly needs?: string;
    };

/** What one kind of object does with its events; pure, so that a replay ends the same. */
export interface Rules {
  act(arrival: Arrival, state: SubjectState): Act;
  /** The event that told this very fact before, if one did. */
  recall(arrival: Arrival, state: SubjectState): string | undefined;
  /** The subject's summary after these effects, as JSON; `view` is what it was before. */
  evolve(view: string | undefined, effects: Effects, nowMs: number): string | undefined;
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
}
