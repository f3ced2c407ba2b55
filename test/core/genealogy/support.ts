import fc from "fast-check";
import { edgesOfEnrolment } from "#src/core/genealogy/edge.ts";
import type { TreeSurroundings } from "#src/core/genealogy/forest.ts";
import type { Edge } from "#src/core/subject/entry.ts";
import type { Surroundings } from "#src/core/subject/surroundings.ts";

export const DAY_MS = 86_400_000;
export const day = (n: number): string => new Date(n * DAY_MS).toISOString().slice(0, 10);
export const name = (i: number): string => `N${i}`;

export interface MoveTold {
  readonly seq: number;
  readonly tree: "sponsor" | "placement";
  readonly node: string;
  readonly parent: string;
  readonly leg: "L" | "R" | null;
  readonly day: number;
}

export interface World {
  readonly enrolled: readonly Edge[];
  readonly moves: readonly MoveTold[];
}

interface Drawn {
  readonly sponsor: number;
  readonly placement: number | null;
  readonly leg: "L" | "R" | null;
  readonly day: number;
}

const days = fc.integer({ min: 1, max: 5 });
const leg = fc.constantFrom("L" as const, "R" as const, null);
const drawn: fc.Arbitrary<Drawn> = fc.record({
  sponsor: fc.nat(100),
  placement: fc.option(fc.nat(100)),
  leg,
  day: days,
});

/** Nodes enrolled under earlier ones, no two in one leg; and moves of any of them under any. */
export const world: fc.Arbitrary<World> = fc
  .array(drawn, { minLength: 1, maxLength: 9 })
  .chain((people) => {
    const someone = fc.nat(people.length).map(name);
    const moves = fc.array(
      fc.record({
        tree: fc.constantFrom("sponsor" as const, "placement" as const),
        node: someone,
        parent: someone,
        leg,
        day: days,
      }),
      { maxLength: 8 },
    );
    return moves.map((told) => ({
      enrolled: enrol(people),
      moves: told.map((move, i) => ({ ...move, seq: i + 1 })),
    }));
  });

function enrol(people: readonly Drawn[]): readonly Edge[] {
  const taken = new Set<string>();
  const top = { sponsor_id: null, placement_id: null, leg: null };
  const edges = [...edgesOfEnrolment(name(0), top, { epoch: 0, rev: "1", effective_ms: 0 })];
  for (const [i, person] of people.entries()) {
    const placement = person.placement === null ? null : name(person.placement % (i + 1));
    const slot = `${placement} ${person.leg}`;
    const isFree = person.leg === null || !taken.has(slot);
    taken.add(slot);
    const under = {
      sponsor_id: name(person.sponsor % (i + 1)),
      placement_id: isFree ? placement : null,
      leg: person.leg,
    };
    const effective_ms = person.day * DAY_MS;
    edges.push(...edgesOfEnrolment(name(i + 1), under, { epoch: 0, rev: "1", effective_ms }));
  }
  return edges;
}

/** What the mirror tells of these distributors and of who hangs in their legs, and of nobody else. */
export function lookUp(edges: readonly Edge[], nodes: ReadonlySet<string>): TreeSurroundings {
  const inLegs = edges.filter(
    ({ leg: of, parent_id }) => of !== null && nodes.has(parent_id ?? ""),
  );
  const found = seenOf(edges, new Set([...nodes, ...inLegs.map(({ node }) => node)]));
  return { nodes: found.nodes.map((of) => ({ ...of, has_legs: nodes.has(of.node) })) };
}

/** What the mirror tells of these distributors, whose legs are all among them. */
export const seenOf = (edges: readonly Edge[], nodes: Iterable<string>): TreeSurroundings => ({
  nodes: [...nodes].map((node) => ({
    node,
    edges: edges.filter((edge) => edge.node === node),
    has_legs: true,
  })),
});

export const around = (tree: TreeSurroundings): Surroundings => ({
  mode: "mirror",
  plans: [],
  lineages: [],
  closed: [],
  tree,
});
