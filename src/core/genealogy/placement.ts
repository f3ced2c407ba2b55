import type { Edge } from "../subject/entry.ts";
import type { SubjectState, Write } from "../subject/state.ts";
import { Orders } from "./placement-order.ts";
import { type MovesOf, People } from "./placement-people.ts";
import type { Recruit } from "./placement-person.ts";
import { Shelf } from "./placement-shelf.ts";
import { joinStep, moveStep, readStep } from "./placement-step.ts";
import { PlacementTree } from "./placement-tree.ts";

export interface Placed {
  readonly edges: readonly Edge[];
  readonly writes: readonly Write[];
  /** There was more to do than fits into one row of the log. */
  readonly isUnfinished: boolean;
}

/** Bound the row, and the work and memory that one decision takes. */
export const EDGES_MAX = 1000;
const STEPS_MAX = 10_000;

/** The list of all steps, and those of the joinings that wait for somebody's. */
const STEPS = "steps";
const waiting = (sponsor: string): string => `waiting:${sponsor}`;

/** Somebody who has a place, of the tree as far as it is built. */
interface Place {
  /** Who has the slot that was found; null for who was placed by the company, or stands at the top. */
  readonly slot: string | null;
  /** Who was placed before it in the same step. */
  readonly before: string | null;
  /** For whose place it had waited, and by which step; null where it took its place by its own. */
  readonly waited: readonly [sponsor: string, step: string] | null;
}

/** What a step did, to undo it. */
interface Done {
  /** Who was placed last in it. */
  readonly last?: string;
  /** For whose place who joined waits. */
  readonly waits?: string;
  /** Where who was moved hung before. */
  readonly from?: string | null;
}

interface Built {
  /** The last step taken. */
  readonly step: string | null;
  /** Those placed in it whose own recruits may still wait. */
  readonly open: readonly string[];
  /** Everything from here on has to be taken back. */
  readonly until: string | null;
}

/**
 * Places recruits breadth-first under who recruited them (DOMAIN §4.4): each takes the first slot
 * that was free when it joined. Joinings and moves are steps in the order of their time, and of
 * equal ones by id; what becomes known late takes back all later steps, and they are taken again.
 * So the slots are the same in whatever order things were told, and who is told in the order of
 * joining displaces nobody.
 *
 * A placement that the company names, in an enrolment or a move, counts and takes a slot from its
 * time on, free or not. Whoever was recruited by somebody younger is placed right behind them.
 * Who has a slot of the sponsor's own needs no edge, and hangs under the sponsor wherever that one
 * is moved to; a slot below others is kept, whoever sponsors its owner later.
 */
export class Placement {
  readonly #people: People;
  readonly #places: Shelf<Place | null>;
  readonly #done: Shelf<Done>;
  readonly #built: Shelf<Built>;
  readonly #orders: Orders;
  readonly #tree: PlacementTree;
  #isUnfinished = false;

  constructor(state: SubjectState, movesOf: MovesOf) {
    this.#people = new People(state, movesOf);
    this.#places = new Shelf<Place | null>(state, "place", null);
    this.#done = new Shelf<Done>(state, "done", {});
    this.#built = new Shelf<Built>(state, "built", { step: null, open: [], until: null });
    this.#orders = new Orders(state);
    this.#tree = new PlacementTree(state);
  }

  /** Takes these in, in whatever order; nobody is placed by it yet. */
  tell(recruits: readonly Recruit[]): void {
    for (const recruit of recruits) {
      const { isNews, before } = this.#people.tell(recruit);
      if (!isNews) continue;
      const { id } = recruit;
      const join = joinStep(this.#people.get(id).joined_ms, id);
      const moves = this.#people.moveTimesOf(id).map((ms) => moveStep(ms, id));
      for (const step of [join, ...moves]) this.#orders.add(STEPS, step);
      this.#takeBackFrom(join);
      // The old step stays in the list until it is undone.
      if (before !== null) this.#takeBackFrom(joinStep(before.joined_ms, id));
    }
  }

  /** Follows a move, too; not of somebody of whom nothing was told yet. */
  follow(move: Edge): void {
    const { node, effective_ms } = move;
    if (this.#people.find(node) === null) return;
    const step = moveStep(effective_ms, node);
    this.#people.follow(move);
    this.#orders.add(STEPS, step);
    this.#takeBackFrom(step);
  }

  /** Places whoever is to be placed, as far as it goes at once. */
  goOn(stepsMax = STEPS_MAX): void {
    for (let steps = 1; this.#goOneOn(); steps += 1) {
      this.#isUnfinished = steps >= stepsMax || this.#people.edges.length >= EDGES_MAX;
      if (this.#isUnfinished) return;
    }
    this.#isUnfinished = false;
  }

  /** The edges that hold for a node of those that were logged here. */
  edgesOf(node: string): readonly Edge[] {
    return this.#people.edgesOf(node);
  }

  placed(eventId: string): Placed {
    const kept = [this.#people, this.#places, this.#done, this.#built, this.#orders, this.#tree];
    const writes = kept.flatMap((of) => of.writes(eventId));
    return { edges: this.#people.edges, writes, isUnfinished: this.#isUnfinished };
  }

  #takeBackFrom(step: string): void {
    const built = this.#built.get("");
    if (built.step === null || step > built.step) return;
    if (built.until === null || step < built.until) this.#built.put("", { ...built, until: step });
  }

  /** Whether there was something to do. */
  #goOneOn(): boolean {
    const { step, open, until } = this.#built.get("");
    if (until !== null && step !== null && step >= until) {
      this.#undo(step);
      const before = this.#orders.before(STEPS, step) ?? null;
      this.#built.put("", { step: before, open: [], until });
      return true;
    }
    const sponsor = open.at(-1);
    if (step !== null && sponsor !== undefined) {
      this.#placeNextOf(sponsor, step, open);
      return true;
    }
    const next = this.#orders.after(STEPS, step);
    if (next === undefined) {
      if (until !== null) this.#built.put("", { step, open, until: null });
      return false;
    }
    this.#take(next);
    return true;
  }

  /** By what was noted when the step was taken alone: what is known of people may be new by now. */
  #undo(step: string): void {
    const { id, isMove } = readStep(step);
    const { last = null, waits, from } = this.#done.get(step);
    this.#done.put(step, {});
    if (isMove && from !== undefined) this.#rehang(id, from);
    if (waits !== undefined) this.#orders.remove(waiting(waits), step);
    for (let at = last; at !== null;) {
      const place: Place | null = this.#places.get(at);
      this.#tree.unhang(at);
      this.#places.put(at, null);
      if (place?.waited) this.#orders.add(waiting(place.waited[0]), place.waited[1]);
      at = place?.before ?? null;
    }
  }

  #take(step: string): void {
    const { id, ms, isMove } = readStep(step);
    if (isMove) this.#move(step, id, ms);
    else if (ms === this.#people.get(id).joined_ms) this.#join(step, id, ms);
    else {
      // Another revision says that it joined at another time.
      this.#orders.remove(STEPS, step);
      return;
    }
    const isPlacing = !isMove && this.#places.get(id) !== null;
    this.#built.put("", { step, open: isPlacing ? [id] : [], until: null });
    this.#people.log(id, this.#slotApart(id));
  }

  #join(step: string, id: string, ms: number): void {
    const sponsor = this.#people.sponsorOf(id);
    const needsSlot = this.#people.namedParent(id, ms) === null && sponsor !== null;
    if (needsSlot && this.#places.get(sponsor) === null) {
      this.#orders.add(waiting(sponsor), step);
      this.#done.put(step, { waits: sponsor });
    } else this.#place(id, { step, ms, waited: null });
  }

  /** The oldest of those who waited for this one; and whoever waited for that one, before the next. */
  #placeNextOf(sponsor: string, step: string, open: readonly string[]): void {
    const joined = this.#orders.after(waiting(sponsor), null);
    if (joined === undefined) {
      this.#built.put("", { step, open: open.slice(0, -1), until: null });
      return;
    }
    const { id } = readStep(joined);
    this.#orders.remove(waiting(sponsor), joined);
    this.#place(id, { step, ms: readStep(step).ms, waited: [sponsor, joined] });
    this.#built.put("", { step, open: [...open, id], until: null });
    this.#people.log(id, this.#slotApart(id));
  }

  #place(
    id: string,
    at: { readonly step: string; readonly ms: number; readonly waited: Place["waited"] },
  ): void {
    const { step, ms, waited } = at;
    const isNamed = this.#people.namedParent(id, ms) !== null;
    const slot = isNamed ? null : this.#slotFor(id);
    const { last = null } = this.#done.get(step);
    this.#places.put(id, { slot, before: last, waited });
    this.#done.put(step, { last: id });
    this.#tree.hang(id, this.#parentAt(id, ms), this.#people.get(id).joined_ms);
  }

  #slotFor(id: string): string | null {
    const sponsor = this.#people.sponsorOf(id);
    const { width } = this.#people.get(id);
    if (sponsor === null || width === null) return sponsor;
    return this.#tree.firstFree(sponsor, width);
  }

  #move(step: string, id: string, ms: number): void {
    if (this.#places.get(id) === null) return;
    const from = this.#tree.parentOf(id);
    const parent = this.#parentAt(id, ms);
    if (parent === from) return;
    this.#done.put(step, { from });
    this.#rehang(id, parent);
  }

  #rehang(id: string, parent: string | null): void {
    this.#tree.unhang(id);
    this.#tree.hang(id, parent, this.#people.get(id).joined_ms);
  }

  /** Where somebody with a place hangs at an instant. */
  #parentAt(id: string, ms: number): string | null {
    const named = this.#people.namedParent(id, ms);
    return named ?? this.#slotApart(id) ?? this.#people.sponsorAt(id, ms);
  }

  /** The slot of somebody who does not hang there without an edge. */
  #slotApart(id: string): string | null {
    const slot = this.#places.get(id)?.slot ?? null;
    return slot === this.#people.sponsorOf(id) ? null : slot;
  }
}
