import { assert } from "../assert.ts";

/** Points of a period; hundredths. */
export interface Points {
  readonly pv_x100: number;
  readonly cv_x100: number;
}

/** A distributor as of a period's last millisecond, with the volumes of the period. */
export interface Person extends Points {
  readonly id: string;
  /** Null at the top. */
  readonly sponsor_id: string | null;
  /** The parent in the placement tree: without a placement the sponsor. */
  readonly placement_id: string | null;
  /** In which leg of that parent; binary trees only. */
  readonly leg: "L" | "R" | null;
  readonly status: string | null;
  /** Own and downline volume: the core's where it told it, else as counted here. */
  readonly gv_x100: number;
  /** The pay rank that the period began with; null where none was in force. */
  readonly former_rank: string | null;
  /** The rank in force at the period's end: that of an earlier attempt, if there was one. */
  readonly standing: RankNow | null;
}

export interface RankNow {
  readonly pay_rank: string;
  readonly career_rank: string;
  readonly epoch: number;
  readonly rev: string;
}

/** What a customer bought in the period: it counts with whoever brought the customer. */
export interface Bought extends Points {
  readonly enroller_id: string;
}

/** A distributor with everybody below. */
export interface Grouped {
  readonly group: Points;
  readonly legs: readonly Leg[];
}

export interface Leg extends Points {
  readonly leg: "L" | "R" | null;
}

/**
 * Everybody's group and the groups of the frontline, own customers counted with the person. Time
 * and memory grow with the number of people, at any depth. Throws where the edges run in a circle.
 */
export function groupsOf(
  people: readonly Person[],
  bought: readonly Bought[],
  tree: "sponsor" | "placement",
): ReadonlyMap<string, Grouped> {
  const own = new Map<string, Points>();
  for (const { enroller_id, ...points } of bought) {
    own.set(enroller_id, sum(own.get(enroller_id) ?? NOTHING, points));
  }
  const parentOf = (person: Person) =>
    tree === "sponsor" ? person.sponsor_id : person.placement_id;
  const legs = new Map<string, Leg[]>();
  const groups = new Map<string, Grouped>();
  for (const person of bottomUp(people, parentOf)) {
    const { id } = person;
    const below = legs.get(id) ?? [];
    const group = [own.get(id) ?? NOTHING, ...below].reduce<Points>(sum, person);
    groups.set(id, { group, legs: below });
    const parent = parentOf(person);
    if (parent === null) continue;
    const leg = { ...sum(group, NOTHING), leg: tree === "placement" ? person.leg : null };
    const siblings = legs.get(parent);
    if (siblings === undefined) legs.set(parent, [leg]);
    else siblings.push(leg);
  }
  return groups;
}

const NOTHING: Points = { pv_x100: 0, cv_x100: 0 };

function sum(a: Points, b: Points): Points {
  const pv_x100 = a.pv_x100 + b.pv_x100;
  const cv_x100 = a.cv_x100 + b.cv_x100;
  const isExact = Number.isSafeInteger(pv_x100) && Number.isSafeInteger(cv_x100);
  assert(isExact, "Cannot add up volumes beyond 2^53");
  return { pv_x100, cv_x100 };
}

/** Everybody behind all of their downline; a parent who is not among them is none. */
function bottomUp(
  people: readonly Person[],
  parentOf: (person: Person) => string | null,
): readonly Person[] {
  const byId = new Map(people.map((person) => [person.id, person]));
  const children = new Map<string, number>();
  for (const person of people) {
    const parent = parentOf(person);
    if (parent !== null) children.set(parent, (children.get(parent) ?? 0) + 1);
  }
  const order = people.filter(({ id }) => !children.has(id));
  // The list grows while it is read: whoever's last child has been read comes next.
  for (const person of order) {
    const parent = byId.get(parentOf(person) ?? "");
    if (parent === undefined) continue;
    const left = (children.get(parent.id) ?? 0) - 1;
    children.set(parent.id, left);
    if (left === 0) order.push(parent);
  }
  assert(order.length === people.length, "Cannot add up groups whose edges run in a circle");
  return order;
}
