import type { SubjectState, Write } from "../subject/state.ts";

/**
 * Facts of one kind as a decision goes on changing them: each is read from the object once, and
 * written back at the end if it came out another.
 */
export class Shelf<Value> {
  readonly #state: SubjectState;
  readonly #name: string;
  readonly #empty: Value;
  readonly #values = new Map<string, Value>();

  /** `empty` stands for whatever is not there. */
  constructor(state: SubjectState, name: string, empty: Value) {
    this.#state = state;
    this.#name = name;
    this.#empty = empty;
  }

  get(id: string): Value {
    const known = this.#values.get(id);
    if (known !== undefined) return known;
    const fact = this.#state.fact(this.#key(id));
    // Own text: what writes() made.
    const value: Value = fact === undefined ? this.#empty : JSON.parse(fact.state);
    this.#values.set(id, value);
    return value;
  }

  /** Values are replaced, never changed in place. */
  put(id: string, value: Value): void {
    this.#values.set(id, value);
  }

  writes(eventId: string): readonly Write[] {
    return [...this.#values].flatMap(([id, value]): readonly Write[] => {
      const key = this.#key(id);
      const state = JSON.stringify(value);
      const before = this.#state.fact(key)?.state ?? JSON.stringify(this.#empty);
      return state === before ? [] : [{ put: "fact", key, fact: { essence: "", eventId, state } }];
    });
  }

  // No id can be taken for another's key: the part that anybody may choose comes last.
  #key(id: string): string {
    return `place:${this.#name}:${id}`;
  }
}
