import type { Edge } from "../subject/entry.ts";
import type { SubjectState, Write } from "../subject/state.ts";
import { edgeAt, edgeVersion } from "./edge.ts";
import type { TreeName } from "./lineage.ts";
import { Orders } from "./placement-order.ts";
import { type Person, type Recruit, type Segment, withRevision } from "./placement-person.ts";
import { Shelf } from "./placement-shelf.ts";
import { joinStep, moveStep, readStep } from "./placement-step.ts";
import { PlacementTree } from "./placement-tree.ts";

/** Every move of a node that was applied. */
export type MovesOf = (tree: TreeName, node: string) => readonly Edge[];

export interface Placed {
  readonly edges: readonly Edge[];
  readonly writes: readonly Write[];
}

/** Edges in one row of the log: what is left over then is placed when the object is asked again. */
export const EDGES_MAX = 1000;

/** The list of all steps, and those of the joinings that wait for somebody's. */
const STEPS = "steps";
const waiting = (sponsor: string | null): string => `waiting:${sponsor ?? ""}`;

/** Somebody who has a place, of the tree as far as it is built. */
interface Place {
  /** Who has the slot that was found; null for who was placed by the company, or stands at the top. */
  readonly slot: string | null;
  /** Who was placed before it in the same step. */
  readonly before: string | null;
}

/** What a step did, to undo it. */
interface Done {
  /** Who was placed last in it. */
  readonly last?: string;
  /** Where who was moved in it hung before. */
  readonly from?: string | null;
}

/** How far the tree is built: the last step, and those of it whose recruits are still to be placed. */
interface Built {
  readonly step: string | null;
  readonly open: readonly string[];
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
 * Who has a slot of the sponsor's own needs no edge: there it hangs without one.
 */
export class Placement {
  readonly #people: Shelf<Person | null>;
  readonly #places: Shelf<Place | null>;
  readonly #done: Shelf<Done>;
  readonly #built: Shelf<Built>;
  readonly #orders: Orders;
  readonly #tree: PlacementTree;
  readonly #known: MovesOf;
  readonly #followed: Edge[] = [];
  readonly #edges: Edge[] = [];

  constructor(state: SubjectState, movesOf: MovesOf) {
    this.#people = new Shelf<Person | null>(state, "person", null);
    this.#places = new Shelf<Place | null>(state, "place", null);
    this.#done = new Shelf<Done>(state, "done", {});
    this.#built = new Shelf<Built>(state, "built", { step: null, open: [] });
    this.#orders = new Orders(state);
    this.#tree = new PlacementTree(state);
    this.#known = movesOf;
  }

  /** Takes these in, and goes on placing whoever is still to be placed. */
  tell(recruits: readonly Recruit[]): void {
    const before = new Map<string, Person | null>();
    const now = new Map<string, Person>();
    for (const recruit of recruits) {
      const known = now.get(recruit.id) ?? this.#people.get(recruit.id);
      if (!before.has(recruit.id)) before.set(recruit.id, known);
      now.set(recruit.id, withRevision(known, recruit));
    }
    const changed = [...now].filter(([id, person]) => !isSame(before.get(id) ?? null, person));
    const steps = changed.map(([id, person]) => ({
      old: this.#stepsOf(id, before.get(id) ?? null),
      fresh: this.#stepsOf(id, person),
    }));
    this.#rewind(steps.flatMap(({ old, fresh }) => [...old, ...fresh]));
    for (const [id, person] of changed) this.#people.put(id, person);
    for (const { old, fresh } of steps) {
      for (const step of old) this.#orders.remove(STEPS, step);
      for (const step of fresh) this.#orders.add(STEPS, step);
    }
    this.#advance();
  }

  /** Follows a move, too; not of somebody of whom nothing was told yet. */
  follow(move: Edge): void {
    const { node, effective_ms } = move;
    if (this.#people.get(node) === null) return;
    const step = moveStep(effective_ms, node);
    this.#rewind([step]);
    this.#followed.push(move);
    this.#orders.add(STEPS, step);
    this.#advance();
  }

  /** The edges that hold for a node of those that were logged here. */
  edgesOf(node: string): readonly Edge[] {
    const person = this.#people.get(node);
    const { logged, edges } = person ?? { logged: null, edges: 0 };
    const first = edges - (logged?.length ?? 0) + 1;
    return (logged ?? []).map((segment, i) => edgeOf(node, segment, first + i));
  }

  placed(eventId: string): Placed {
    const kept = [this.#people, this.#places, this.#done, this.#built, this.#orders, this.#tree];
    return { edges: this.#edges, writes: kept.flatMap((of) => of.writes(eventId)) };
  }

  /** Takes back what was done from the earliest of these steps on. */
  #rewind(steps: readonly string[]): void {
    let { step } = this.#built.get("");
    const earliest = steps.reduce<string | undefined>(lesser, undefined);
    if (step === null || earliest === undefined || step < earliest) return;
    while (step !== null && step >= earliest) {
      this.#undo(step);
      step = this.#orders.before(STEPS, step) ?? null;
    }
    this.#built.put("", { step, open: [] });
  }

  #undo(step: string): void {
    const { id, isMove } = readStep(step);
    const { last, from } = this.#done.get(step);
    this.#done.put(step, {});
    if (isMove) {
      if (from !== undefined) this.#rehang(id, from);
      return;
    }
    if (last === undefined) this.#orders.remove(waiting(this.#sponsorOf(id)), this.#ageOf(id));
    for (let at = last ?? null; at !== null;) {
      const place: Place | null = this.#places.get(at);
      this.#tree.unhang(at);
      this.#places.put(at, null);
      if (at !== id) this.#orders.add(waiting(this.#sponsorOf(at)), this.#ageOf(at));
      at = place?.before ?? null;
    }
  }

  #advance(): void {
    while (this.#edges.length < EDGES_MAX) {
      const { step, open } = this.#built.get("");
      const sponsor = open.at(-1);
      if (sponsor !== undefined) this.#placeWaiting({ step, open }, sponsor);
      else {
        const next = this.#orders.after(STEPS, step);
        if (next === undefined) return;
        this.#take(next);
      }
    }
  }

  #take(step: string): void {
    const { id, ms, isMove } = readStep(step);
    if (isMove) this.#move(step, id, ms);
    const isPlaced = !isMove && this.#place(id, { step, ms });
    if (!isMove && !isPlaced) this.#orders.add(waiting(this.#sponsorOf(id)), this.#ageOf(id));
    this.#built.put("", { step, open: isPlaced ? [id] : [] });
    this.#log(id);
  }

  /** The oldest of those who waited for this one, and whoever waited for that one before the next. */
  #placeWaiting({ step, open }: Built, sponsor: string): void {
    const first = this.#orders.after(waiting(sponsor), null);
    if (step === null || first === undefined) {
      this.#built.put("", { step, open: open.slice(0, -1) });
      return;
    }
    const { id } = readStep(first);
    this.#orders.remove(waiting(sponsor), first);
    this.#place(id, { step, ms: readStep(step).ms });
    this.#built.put("", { step, open: [...open, id] });
    this.#log(id);
  }

  /** Whether it has a place now: not where its sponsor has none. */
  #place(id: string, { step, ms }: { readonly step: string; readonly ms: number }): boolean {
    const named = this.#namedParent(id, ms);
    const sponsor = this.#sponsorOf(id);
    const needsSlot = named === null && sponsor !== null;
    if (needsSlot && this.#places.get(sponsor) === null) return false;
    const slot = needsSlot ? this.#slotUnder(sponsor, id) : null;
    const { last = null } = this.#done.get(step);
    this.#places.put(id, { slot, before: last });
    this.#done.put(step, { last: id });
    this.#tree.hang(id, this.#parentAt(id, ms), this.#person(id).joined_ms);
    return true;
  }

  #slotUnder(sponsor: string, id: string): string {
    const { width } = this.#person(id);
    return width === null ? sponsor : this.#tree.firstFree(sponsor, width);
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
    this.#tree.hang(id, parent, this.#person(id).joined_ms);
  }

  /** Where somebody with a place hangs at an instant. */
  #parentAt(id: string, ms: number): string | null {
    const slot = this.#slotApart(id);
    return this.#namedParent(id, ms) ?? slot ?? this.#sponsorAt(id, ms);
  }

  /** The slot of somebody who does not hang there without an edge. */
  #slotApart(id: string): string | null {
    const slot = this.#places.get(id)?.slot ?? null;
    return slot === this.#sponsorOf(id) ? null : slot;
  }

  #namedParent(id: string, ms: number): string | null {
    const moved = edgeAt(this.#movesOf("placement", id), ms);
    return moved?.parent_id ?? this.#person(id).placed?.parent ?? null;
  }

  #sponsorAt(id: string, ms: number): string | null {
    const moved = edgeAt(this.#movesOf("sponsor", id), ms);
    return moved === undefined ? this.#person(id).sponsor_id : moved.parent_id;
  }

  /** Who has a person placed: whoever was the sponsor at the time of joining. */
  #sponsorOf(id: string): string | null {
    return this.#sponsorAt(id, this.#person(id).joined_ms);
  }

  #log(id: string): void {
    const person = this.#person(id);
    const segments = this.#segmentsOf(id, person);
    if (segments === null || JSON.stringify(segments) === JSON.stringify(person.logged)) return;
    const { edges } = person;
    this.#edges.push(...segments.map((segment, i) => edgeOf(id, segment, edges + 1 + i)));
    this.#people.put(id, { ...person, edges: edges + segments.length, logged: segments });
  }

  /** Where edges have to say that a person hangs; null where none have to say anything. */
  #segmentsOf(id: string, { placed, from_ms, logged }: Person): readonly Segment[] | null {
    if (placed !== null) return null;
    const slot = this.#slotApart(id);
    if (slot !== null) return [[from_ms, slot]];
    return logged === null ? null : this.#besideSponsors(id, from_ms);
  }

  /** What would hold without edges, for somebody who has some. */
  #besideSponsors(id: string, fromMs: number): readonly Segment[] {
    const moves = this.#movesOf("sponsor", id).map(({ effective_ms }) => effective_ms);
    const times = [fromMs, ...moves.filter((ms) => ms > fromMs).toSorted((a, b) => a - b)];
    const segments = times.map((ms): Segment => [ms, this.#sponsorAt(id, ms)]);
    return segments.filter(([, parent], i) => i === 0 || segments[i - 1]?.[1] !== parent);
  }

  #ageOf(id: string): string {
    return joinStep(this.#person(id).joined_ms, id);
  }

  #stepsOf(id: string, person: Person | null): readonly string[] {
    if (person === null) return [];
    const moves = [...this.#movesOf("sponsor", id), ...this.#movesOf("placement", id)];
    return [
      joinStep(person.joined_ms, id),
      ...moves.map(({ effective_ms }) => moveStep(effective_ms, id)),
    ];
  }

  #movesOf(tree: TreeName, id: string): readonly Edge[] {
    const followed = this.#followed.filter((move) => move.tree === tree && move.node === id);
    return [...this.#known(tree, id), ...followed];
  }

  #person(id: string): Person {
    const person = this.#people.get(id);
    if (person === null) throw new Error(`Cannot place "${id}": nothing was told of it`);
    return person;
  }
}

const lesser = (a: string | undefined, b: string): string => (a === undefined || b < a ? b : a);

const isSame = (a: Person | null, b: Person): boolean => JSON.stringify(a) === JSON.stringify(b);

const edgeOf = (node: string, [effective_ms, parent_id]: Segment, nth: number): Edge => ({
  tree: "placement",
  node,
  node_kind: "distributor",
  version: edgeVersion("auto", { epoch: 0, rev: String(nth) }),
  effective_ms,
  parent_id,
  leg: null,
});
