import type { SubjectState, Write } from "../subject/state.ts";
import { Shelf } from "./placement-shelf.ts";

interface TreeNode {
  readonly parent: string | null;
  /** The older one first. */
  readonly children: readonly Child[];
  /** How many levels down the nearest free slot is: found in an era, and kept up to date in it. */
  readonly free: readonly [era: number, levels: number] | null;
}

type Child = readonly [joinedMs: number, id: string];

/** Slots are counted by one width; with another one begins a new era, in which nothing is known. */
type Era = readonly [era: number, width: number];

const ALONE: TreeNode = { parent: null, children: [], free: null };

/**
 * A tree of places in which every node knows how far below it the nearest free slot is, so that
 * the first one (DOMAIN §4.4) is found by walking straight down to it.
 */
export class PlacementTree {
  readonly #nodes: Shelf<TreeNode>;
  readonly #eras: Shelf<Era>;

  constructor(state: SubjectState) {
    this.#nodes = new Shelf(state, "node", ALONE);
    this.#eras = new Shelf<Era>(state, "era", [0, 0]);
  }

  parentOf(id: string): string | null {
    return this.#nodes.get(id).parent;
  }

  /** Hangs a node that hangs nowhere under a parent; nowhere, where it would be its own upline. */
  hang(id: string, parent: string | null, joinedMs: number): void {
    if (parent === null || this.#isAbove(id, parent)) return;
    this.#nodes.put(id, { ...this.#nodes.get(id), parent });
    const above = this.#nodes.get(parent);
    const place = above.children.findIndex((child) => isOlder([joinedMs, id], child));
    const at = place < 0 ? above.children.length : place;
    const children = above.children.toSpliced(at, 0, [joinedMs, id]);
    this.#nodes.put(parent, { ...above, children });
    this.#recount(parent);
  }

  unhang(id: string): void {
    const node = this.#nodes.get(id);
    if (node.parent === null) return;
    this.#nodes.put(id, { ...node, parent: null });
    const above = this.#nodes.get(node.parent);
    const children = above.children.filter(([, child]) => child !== id);
    this.#nodes.put(node.parent, { ...above, children });
    this.#recount(node.parent);
  }

  /** Who has the first free slot on the shallowest level below this node, the older child first. */
  firstFree(id: string, width: number): string {
    const [era, before] = this.#eras.get("");
    if (before !== width) this.#eras.put("", [era + 1, width]);
    let at = id;
    for (let levels = this.#freeBelow(id); levels > 0; levels -= 1) {
      const next = this.#nodes
        .get(at)
        .children.find(([, child]) => this.#freeBelow(child) < levels);
      if (next === undefined) return at;
      [, at] = next;
    }
    return at;
  }

  writes(eventId: string): readonly Write[] {
    return [...this.#nodes.writes(eventId), ...this.#eras.writes(eventId)];
  }

  #freeBelow(id: string): number {
    const [era] = this.#eras.get("");
    const node = this.#nodes.get(id);
    if (node.free?.[0] === era) return node.free[1];
    const levels = this.#countBelow(node);
    this.#nodes.put(id, { ...node, free: [era, levels] });
    return levels;
  }

  #countBelow({ children }: TreeNode): number {
    const [, width] = this.#eras.get("");
    if (children.length < width) return 0;
    return 1 + children.reduce((least, [, id]) => Math.min(least, this.#freeBelow(id)), Infinity);
  }

  /** As far up as it makes a difference; above whom nobody counted, nobody did. */
  #recount(id: string): void {
    const [era] = this.#eras.get("");
    for (let at: string | null = id; at !== null;) {
      const node: TreeNode = this.#nodes.get(at);
      if (node.free?.[0] !== era) return;
      const levels = this.#countBelow(node);
      if (levels === node.free[1]) return;
      this.#nodes.put(at, { ...node, free: [era, levels] });
      at = node.parent;
    }
  }

  #isAbove(id: string, parent: string): boolean {
    if (id === parent) return true;
    if (this.#nodes.get(id).children.length === 0) return false;
    for (let at: string | null = parent; at !== null; at = this.parentOf(at)) {
      if (at === id) return true;
    }
    return false;
  }
}

const isOlder = ([aMs, a]: Child, [bMs, b]: Child): boolean => (aMs === bMs ? a < b : aMs < bMs);
