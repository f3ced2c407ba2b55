import { assert } from "../assert.ts";

/** A free place under a person, from 1 to the matrix's width. */
export interface Slot {
  readonly parent_id: string;
  readonly position: number;
}

/** Somebody who has a place. The older child comes first, by `joined_ms`, then by id. */
export interface Placed extends Slot {
  readonly id: string;
  readonly joined_ms: number;
}

/** Somebody who is to be placed under whoever recruited them. */
export interface Recruit {
  readonly id: string;
  readonly sponsor_id: string;
  readonly joined_ms: number;
}

/** The children of a person in any order; none for one without. */
export type ChildrenOf = (id: string) => readonly Placed[];

/**
 * The first free slot on the shallowest level below a sponsor, the older child first (DOMAIN §4.4);
 * among the slots of one parent the lowest position. Height bounds pay and no placement.
 */
export function firstFreeSlot(width: number, sponsorId: string, childrenOf: ChildrenOf): Slot {
  return freeSlot(width, searchFrom(sponsorId), childrenOf);
}

export interface Placing {
  readonly width: number;
  /** Whoever sponsors without a place of their own: the top of the tree. */
  readonly root_id: string;
  readonly placed: readonly Placed[];
  readonly recruits: readonly Recruit[];
}

export interface Placement {
  /** In the order they were placed. */
  readonly slots: ReadonlyMap<string, Slot>;
  /** Whose sponsor has no place, now or by one of the other recruits. */
  readonly unplaced: readonly string[];
}

/**
 * Places recruits by age, `joined_ms` and then id, each under its sponsor: the same slots in
 * whatever order the list came. Whose sponsor is younger waits and is placed right behind it.
 */
export function placeBreadthFirst({ width, root_id, placed, recruits }: Placing): Placement {
  const children = Map.groupBy(placed, ({ parent_id }) => parent_id);
  const known = new Set([root_id, ...placed.map(({ id }) => id)]);
  const searches = new Map<string, Search>();
  const slots = new Map<string, Slot>();
  const waiting = new Map<string, Recruit[]>();

  const place = ({ id, sponsor_id, joined_ms }: Recruit) => {
    const search = searches.get(sponsor_id) ?? searchFrom(sponsor_id);
    searches.set(sponsor_id, search);
    const slot = freeSlot(width, search, (parent) => children.get(parent) ?? []);
    const siblings = children.get(slot.parent_id) ?? [];
    children.set(slot.parent_id, [...siblings, { id, joined_ms, ...slot }]);
    slots.set(id, slot);
    known.add(id);
  };

  for (const recruit of recruits.toSorted(byAge)) {
    if (known.has(recruit.id)) continue;
    if (!known.has(recruit.sponsor_id)) {
      waiting.set(recruit.sponsor_id, [...(waiting.get(recruit.sponsor_id) ?? []), recruit]);
      continue;
    }
    const due = [recruit];
    for (let next = due.pop(); next !== undefined; next = due.pop()) {
      place(next);
      due.push(...(waiting.get(next.id) ?? []).toReversed());
      waiting.delete(next.id);
    }
  }
  const unplaced = [...waiting.values()].flat().map(({ id }) => id);
  return { slots, unplaced: unplaced.toSorted() };
}

/**
 * A breadth-first search that can be taken up again: slots are only ever taken, so whoever was full
 * stays full, and a thousand recruits of one sponsor cost one way through the tree.
 */
interface Search {
  readonly queue: string[];
  readonly seen: Set<string>;
  at: number;
}

const searchFrom = (id: string): Search => ({ queue: [id], seen: new Set([id]), at: 0 });

function freeSlot(width: number, search: Search, childrenOf: ChildrenOf): Slot {
  for (;;) {
    const parent_id = search.queue[search.at];
    assert(parent_id !== undefined, "Cannot find a free slot in a tree that runs in a circle");
    const children = childrenOf(parent_id);
    const taken = new Set(children.map(({ position }) => position));
    for (let position = 1; position <= width; position += 1) {
      if (!taken.has(position)) return { parent_id, position };
    }
    for (const { id } of children.toSorted(byAge)) {
      if (!search.seen.has(id)) search.queue.push(id);
      search.seen.add(id);
    }
    search.at += 1;
  }
}

interface Aged {
  readonly id: string;
  readonly joined_ms: number;
}

function byAge(a: Aged, b: Aged): number {
  if (a.joined_ms !== b.joined_ms) return a.joined_ms - b.joined_ms;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
