import { edgeAt, edgesOfEnrolment } from "#src/core/genealogy/edge.ts";
import type { Recruit } from "#src/core/genealogy/placement-person.ts";
import type { Edge } from "#src/core/subject/entry.ts";

export const recruit = (
  id: string,
  sponsor_id: string | null,
  joined_ms: number,
  more: Partial<Recruit> = {},
): Recruit => ({
  id,
  sponsor_id,
  placement_id: null,
  joined_ms,
  width: 3,
  epoch: 0,
  rev: "0",
  ...more,
});

/** The edges that the enrolments make by themselves. */
export const enrolmentEdges = (recruits: readonly Recruit[]): readonly Edge[] =>
  recruits.flatMap(({ id, joined_ms, epoch, rev, ...under }) =>
    edgesOfEnrolment(id, { ...under, leg: null }, { epoch, rev, effective_ms: joined_ms }),
  );

/** Where a node hangs in the placement tree, as the mirror reads it. */
export function parentIn(edges: readonly Edge[], node: string, atMs: number): string | null {
  const own = edges.filter((edge) => edge.node === node);
  const of = (tree: Edge["tree"]) =>
    edgeAt(
      own.filter((edge) => edge.tree === tree),
      atMs,
    );
  return (of("placement") ?? of("sponsor"))?.parent_id ?? null;
}

interface Happening {
  readonly ms: number;
  readonly id: string;
  readonly joins: boolean;
}

/**
 * The placement tree from the beginning, joining by joining and move by move, every slot found by
 * looking at everybody: what DOMAIN §4.4 says, with a tree that is as it was when somebody joined.
 * Undefined where a move makes a circle of it.
 */
export function naiveParents(
  recruits: readonly Recruit[],
  moves: readonly Edge[],
  untilMs: number,
): ReadonlyMap<string, string | null> | undefined {
  const parents = new Map<string, string | null>();
  const slots = new Map<string, string>();
  const person = new Map(recruits.map((each) => [each.id, each]));
  const isOlder = (a: string, b: string) => byAge(person.get(a), person.get(b));
  const childrenOf = (id: string) =>
    [...parents].flatMap(([child, parent]) => (parent === id ? [child] : [])).toSorted(isOlder);
  let isCircular = false;
  const firstFree = (from: string, width: number) => {
    let level: readonly string[] = isCircular ? [] : [from];
    while (level.length > 0) {
      const free = level.find((id) => childrenOf(id).length < width);
      if (free !== undefined) return free;
      level = level.flatMap(childrenOf);
    }
    return from;
  };
  const moved = (tree: Edge["tree"], id: string, ms: number) =>
    edgeAt(
      moves.filter((move) => move.tree === tree && move.node === id),
      ms,
    );
  const sponsorAt = ({ id, sponsor_id }: Recruit, ms: number) => {
    const move = moved("sponsor", id, ms);
    return move === undefined ? sponsor_id : move.parent_id;
  };
  const hang = (one: Recruit, ms: number) => {
    const own = sponsorAt(one, one.joined_ms);
    const slot = slots.get(one.id);
    const apart = slot === own ? undefined : slot;
    const parent = moved("placement", one.id, ms)?.parent_id ?? one.placement_id ?? apart;
    parents.set(one.id, parent ?? sponsorAt(one, ms));
    isCircular ||= isInCircle(parents, one.id);
  };
  const waiting = new Set<Recruit>();
  const join = (one: Recruit, ms: number) => {
    const sponsor = sponsorAt(one, one.joined_ms);
    const isNamed = moved("placement", one.id, ms) !== undefined || one.placement_id !== null;
    if (!isNamed && sponsor !== null) {
      if (!parents.has(sponsor)) {
        waiting.add(one);
        return;
      }
      slots.set(one.id, one.width === null ? sponsor : firstFree(sponsor, one.width));
    }
    hang(one, ms);
    for (const next of [...waiting].toSorted(byAge)) {
      if (!waiting.has(next) || sponsorAt(next, next.joined_ms) !== one.id) continue;
      waiting.delete(next);
      join(next, ms);
    }
  };
  const happenings: readonly Happening[] = [
    ...recruits.map(({ id, joined_ms }) => ({ ms: joined_ms, id, joins: true })),
    ...moves.map(({ node, effective_ms }) => ({ ms: effective_ms, id: node, joins: false })),
  ];
  const inTime = happenings.toSorted(
    (a, b) => a.ms - b.ms || Number(a.joins) - Number(b.joins) || (a.id < b.id ? -1 : 1),
  );
  for (const { ms, id, joins } of inTime) {
    const one = person.get(id);
    if (one === undefined || ms > untilMs) continue;
    if (joins) join(one, ms);
    else if (parents.has(id)) hang(one, ms);
  }
  return isCircular ? undefined : parents;
}

function isInCircle(parents: ReadonlyMap<string, string | null>, id: string): boolean {
  let at = parents.get(id) ?? null;
  for (let steps = 0; at !== null && at !== id && steps < parents.size; steps += 1) {
    at = parents.get(at) ?? null;
  }
  return at === id;
}

function byAge(a: Recruit | undefined, b: Recruit | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return a.joined_ms - b.joined_ms || (a.id < b.id ? -1 : 1);
}
