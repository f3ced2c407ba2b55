import type { Edge } from "../subject/entry.ts";
import type { SubjectState, Write } from "../subject/state.ts";
import { edgeAt, edgeVersion } from "./edge.ts";
import type { TreeName } from "./lineage.ts";
import { type Person, type Recruit, type Segment, withRevision } from "./placement-person.ts";
import { Shelf } from "./placement-shelf.ts";

/** Every move of a node that was applied. */
export type MovesOf = (tree: TreeName, node: string) => readonly Edge[];

/** Those who are to be placed: what was told of them, and which edges were logged for them. */
export class People {
  readonly #people: Shelf<Person | null>;
  readonly #known: MovesOf;
  readonly #followed: Edge[] = [];
  readonly edges: Edge[] = [];

  constructor(state: SubjectState, movesOf: MovesOf) {
    this.#people = new Shelf<Person | null>(state, "person", null);
    this.#known = movesOf;
  }

  find(id: string): Person | null {
    return this.#people.get(id);
  }

  get(id: string): Person {
    const person = this.find(id);
    if (person === null) throw new Error(`Cannot place "${id}": nothing was told of it`);
    return person;
  }

  /** Whether that was news, and who the person was before. */
  tell(recruit: Recruit): { readonly isNews: boolean; readonly before: Person | null } {
    const before = this.find(recruit.id);
    const now = withRevision(before, recruit);
    const isNews = JSON.stringify(now) !== JSON.stringify(before);
    if (isNews) this.#people.put(recruit.id, now);
    return { isNews, before };
  }

  /** Adds a move to those that are known. */
  follow(move: Edge): void {
    this.#followed.push(move);
  }

  moveTimesOf(id: string): readonly number[] {
    const moves = [...this.#movesOf("sponsor", id), ...this.#movesOf("placement", id)];
    return moves.map(({ effective_ms }) => effective_ms);
  }

  /** Under whom the company has it hang at an instant, by a move or else by the enrolment. */
  namedParent(id: string, ms: number): string | null {
    const moved = edgeAt(this.#movesOf("placement", id), ms);
    return moved?.parent_id ?? this.get(id).placed?.parent ?? null;
  }

  sponsorAt(id: string, ms: number): string | null {
    const moved = edgeAt(this.#movesOf("sponsor", id), ms);
    return moved === undefined ? this.get(id).sponsor_id : moved.parent_id;
  }

  /** Who has a person placed: whoever was the sponsor at the time of joining. */
  sponsorOf(id: string): string | null {
    return this.sponsorAt(id, this.get(id).joined_ms);
  }

  /**
   * Logs where a person hangs, if edges have to say it: not of whom the company placed, and not of
   * who has no slot apart from the sponsor's own, unless other edges said otherwise before.
   */
  log(id: string, slotApart: string | null): void {
    const person = this.get(id);
    const { placed, from_ms, logged, edges } = person;
    if (placed !== null || (slotApart === null && logged === null)) return;
    const segments: readonly Segment[] =
      slotApart === null ? this.#besideSponsors(id, from_ms) : [[from_ms, slotApart]];
    if (JSON.stringify(segments) === JSON.stringify(logged)) return;
    this.edges.push(...segments.map((segment, i) => edgeOf(id, segment, edges + 1 + i)));
    this.#people.put(id, { ...person, edges: edges + segments.length, logged: segments });
  }

  /** The edges that hold for a node of those that were logged. */
  edgesOf(id: string): readonly Edge[] {
    const { logged, edges } = this.find(id) ?? { logged: null, edges: 0 };
    const segments = logged ?? [];
    const first = edges - segments.length + 1;
    return segments.map((segment, i) => edgeOf(id, segment, first + i));
  }

  writes(eventId: string): readonly Write[] {
    return this.#people.writes(eventId);
  }

  /** What would hold without edges, for somebody who has some. */
  #besideSponsors(id: string, fromMs: number): readonly Segment[] {
    const moves = this.#movesOf("sponsor", id).map(({ effective_ms }) => effective_ms);
    const times = [fromMs, ...moves.filter((ms) => ms > fromMs).toSorted((a, b) => a - b)];
    const segments = times.map((ms): Segment => [ms, this.sponsorAt(id, ms)]);
    return segments.filter(([, parent], i) => i === 0 || segments[i - 1]?.[1] !== parent);
  }

  #movesOf(tree: TreeName, id: string): readonly Edge[] {
    const followed = this.#followed.filter((move) => move.tree === tree && move.node === id);
    return [...this.#known(tree, id), ...followed];
  }
}

const edgeOf = (node: string, [effective_ms, parent_id]: Segment, nth: number): Edge => ({
  tree: "placement",
  node,
  node_kind: "distributor",
  version: edgeVersion("auto", { epoch: 0, rev: String(nth) }),
  effective_ms,
  parent_id,
  leg: null,
});
