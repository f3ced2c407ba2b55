import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { edgeOfMove } from "#src/core/genealogy/edge.ts";
import { EDGES_MAX, Placement } from "#src/core/genealogy/placement.ts";
import type { Recruit } from "#src/core/genealogy/placement-person.ts";
import { placeBreadthFirst } from "#src/core/plans/matrix.ts";
import type { Edge } from "#src/core/subject/entry.ts";
import { runs } from "../../support/runs.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { enrolmentEdges, naiveParents, parentIn, recruit } from "./placement-support.ts";

/** A tree's object: each call is a decision of its own. */
class Tree {
  readonly store = new MemoryStore();
  readonly moves: Edge[] = [];
  readonly logged: Edge[][] = [];

  tell(...recruits: readonly Recruit[]): readonly Edge[] {
    return this.#decide((placement) => placement.tell(recruits));
  }

  /** How many steps it takes at once. */
  stepsMax: number | undefined;
  isUnfinished = false;

  move(edge: Edge): readonly Edge[] {
    const edges = this.#decide((placement) => placement.follow(edge));
    this.moves.push(edge);
    return edges;
  }

  get edges(): readonly Edge[] {
    return this.logged.flat();
  }

  #decide(act: (placement: Placement) => void): readonly Edge[] {
    const known = [...this.moves];
    const movesOf = (tree: Edge["tree"], node: string) =>
      known.filter((edge) => edge.tree === tree && edge.node === node);
    const placement = new Placement(this.store, movesOf);
    act(placement);
    placement.goOn(this.stepsMax);
    const { edges, writes, isUnfinished } = placement.placed("evt_1");
    this.isUnfinished = isUnfinished;
    if (writes.length > 0) this.store.commit({ recorded_ms: 0, effects: {} }, writes);
    this.logged.push([...edges]);
    return edges;
  }
}

const told = (edges: readonly Edge[]) => edges.map(({ node, parent_id }) => `${node}:${parent_id}`);

const move = (node: string, parent: string, effective_ms: number, more: object = {}): Edge =>
  edgeOfMove({
    distributor_id: node,
    tree: "placement",
    parent_id: parent,
    leg: null,
    effective_ms,
    source: "core",
    epoch: 0,
    seq: effective_ms,
    ...more,
  });

const ROOT = recruit("Root", null, 0);
/** W8: Root recruits A, B, C and D. */
const W8 = [ROOT, ...["A", "B", "C", "D"].map((id, i) => recruit(id, "Root", 10 * (i + 1)))];

describe("tell()", () => {
  test("finds the slot of W8, and says nothing of who has one of the sponsor's own", () => {
    const tree = new Tree();
    expect(tree.tell(...W8)).toEqual([
      {
        tree: "placement",
        node: "D",
        node_kind: "distributor",
        version: "d0000000000000000.01.1",
        effective_ms: 40,
        parent_id: "A",
        leg: null,
      },
    ]);
  });

  test("places whoever joined at the same time by id, and behind a sponsor of that time", () => {
    const tree = new Tree();
    const of = (id: string, sponsor: string | null) => recruit(id, sponsor, 0, { width: 1 });
    expect(told(tree.tell(of("Z", null), of("C", "B"), of("B", "Z"), of("A", "Z")))).toEqual([
      "B:A",
    ]);
  });

  test("displaces the younger for an older one who is told late", () => {
    const tree = new Tree();
    tree.tell(...W8);
    expect(told(tree.tell(recruit("E", "Root", 5)))).toEqual(["C:E", "D:E"]);
    expect(told(tree.tell(recruit("F", "A", 50)))).toEqual([]);
  });

  test("counts a placement that was named from its time on, and leaves it where it is", () => {
    const tree = new Tree();
    const named = recruit("X", "Root", 35, { placement_id: "A" });
    expect(
      told(tree.tell(...W8, named, recruit("Y", "Root", 41), recruit("Z", "Root", 42))),
    ).toEqual(["D:A", "Y:A", "Z:B"]);
  });

  test("gives everybody a slot of the sponsor's own where there was no matrix", () => {
    const tree = new Tree();
    expect(tree.tell(...W8.map((one) => ({ ...one, width: null })))).toEqual([]);
  });

  test("waits for a sponsor, and for a sponsor's sponsor", () => {
    const tree = new Tree();
    const [root = ROOT, a = ROOT, ...others] = W8;
    expect(told(tree.tell(...others, recruit("E", "D", 50)))).toEqual([]);
    expect(told(tree.tell(root))).toEqual([]);
    expect(told(tree.tell(a))).toEqual(["D:A"]);
  });

  test("takes a slot back from who turns out to have been placed by the company", () => {
    const tree = new Tree();
    tree.tell(...W8, recruit("E", "Root", 50));
    expect(told(tree.tell(recruit("D", "Root", 40, { placement_id: "B", rev: "1" })))).toEqual([]);
    expect(told(tree.tell(recruit("F", "Root", 60)))).toEqual(["F:A"]);
    expect(told(tree.tell(recruit("A", "B", 10, { rev: "1" })))).toEqual(["E:Root", "F:B"]);
  });

  test("lets whoever gets a slot of the sponsor's own back follow the sponsor again", () => {
    const tree = new Tree();
    tree.tell(...W8);
    tree.move(move("D", "B", 45, { tree: "sponsor" }));
    const back = tree.tell(recruit("C", "A", 30, { rev: "1" }));
    expect(back.map(({ effective_ms, parent_id }) => [effective_ms, parent_id])).toEqual([
      [40, "Root"],
      [45, "B"],
    ]);
  });

  test("says only so much at once, and goes on when it is asked again", () => {
    const tree = new Tree();
    const many = Array.from({ length: 2 * EDGES_MAX }, (_, i) =>
      recruit(`R${String(i).padStart(5, "0")}`, "Root", 1 + i),
    );
    expect(tree.tell(...many)).toEqual([]);
    expect(tree.tell(ROOT)).toHaveLength(EDGES_MAX);
    expect(tree.tell(recruit("R", "Root", 0))).toHaveLength(EDGES_MAX);
    expect(tree.tell().length).toBeGreaterThan(0);
    expect(tree.tell()).toEqual([]);
    const all = [ROOT, recruit("R", "Root", 0), ...many];
    const edges = [...enrolmentEdges(all), ...tree.edges];
    const { slots } = placeBreadthFirst({
      width: 3,
      root_id: "Root",
      placed: [],
      recruits: all.slice(1).map((one) => ({ ...one, sponsor_id: "Root" })),
    });
    const some = [...slots].filter((_, i) => i % 40 === 0);
    for (const [id, { parent_id }] of some) expect(parentIn(edges, id, 1e6)).toBe(parent_id);
  });

  test("does not hang anybody below themselves", () => {
    const tree = new Tree();
    tree.tell(ROOT, recruit("A", "B", 1, { placement_id: "B" }), recruit("B", "A", 2));
    tree.move(move("Root", "B", 3));
    expect(told(tree.tell(recruit("C", "Root", 4), recruit("D", "A", 5)))).toEqual([]);
  });

  test("writes little for one more recruit of somebody with a thousand", () => {
    const tree = new Tree();
    tree.tell(ROOT);
    for (let i = 0; i < 1000; i += 100) {
      const part = Array.from({ length: 100 }, (_, k) => recruit(`R${i + k}`, "Root", 1 + i + k));
      tree.tell(...part);
    }
    const { store } = tree;
    let read = 0;
    const counting = new Proxy(store, {
      get(target, name) {
        if (name === "fact") read += 1;
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    const placement = new Placement(counting, () => []);
    placement.tell([recruit("last", "Root", 2000)]);
    placement.goOn();
    const { edges, writes } = placement.placed("evt_2");
    expect(told(edges)).toEqual(["last:R332"]);
    expect(writes.length).toBeLessThan(15);
    expect(read).toBeLessThan(120);
  });
});

describe("follow()", () => {
  test("gives a slot to the next one that joins after its owner was moved away", () => {
    const tree = new Tree();
    tree.tell(...W8, recruit("E", "Root", 60));
    expect(told(tree.move(move("B", "C", 50)))).toEqual(["E:Root"]);
    expect(told(tree.tell(recruit("F", "Root", 45)))).toEqual(["F:A"]);
  });

  test("says nothing of whom it was not told, and follows once it is", () => {
    const tree = new Tree();
    expect(tree.move(move("B", "A", 25))).toEqual([]);
    expect(told(tree.tell(...W8))).toEqual([]);
  });
});

interface Drawn {
  readonly recruits: readonly Recruit[];
  readonly moves: readonly Edge[];
}

const name = (i: number) => `N${i}`;

/** Nobody is sponsored or placed by somebody named later, so that no circle can come of it. */
const drawn: fc.Arbitrary<Drawn> = fc
  .record({
    widths: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.option(fc.integer({ min: 1, max: 3 }))),
    people: fc.array(
      fc.record({
        sponsor: fc.nat(100),
        placement: fc.option(fc.nat(100), { freq: 1, nil: null }),
        isPlaced: fc.nat(4),
        joined: fc.integer({ min: 0, max: 12 }),
        next: fc.option(
          fc.record({
            sponsor: fc.nat(100),
            isPlaced: fc.nat(3),
            joined: fc.integer({ min: 0, max: 12 }),
          }),
          { freq: 6 },
        ),
      }),
      { minLength: 1, maxLength: 14 },
    ),
    moves: fc.array(
      fc.record({
        who: fc.nat(100),
        parent: fc.nat(100),
        tree: fc.constantFrom("sponsor" as const, "placement" as const),
        at: fc.integer({ min: 0, max: 20 }),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ widths, people, moves }) => {
    const widthAt = (joined: number) => (joined < 8 ? widths[0] : widths[1]);
    const recruits = people.flatMap(({ sponsor, placement, isPlaced, joined, next }, i) => {
      const under = (nth: number) => (i === 0 ? null : name(nth % i));
      const first = recruit(name(i), under(sponsor), joined, {
        placement_id: isPlaced === 0 && placement !== null ? under(placement) : null,
        width: widthAt(joined),
        rev: "1",
      });
      if (next === null) return [first];
      const again = recruit(name(i), under(next.sponsor), next.joined, {
        placement_id: next.isPlaced === 0 ? under(next.sponsor + 1) : null,
        width: widthAt(next.joined),
        rev: "2",
      });
      return [first, again];
    });
    const edges = moves.flatMap(({ who, parent, tree, at }, seq) => {
      const i = who % people.length;
      return i === 0 ? [] : [move(name(i), name(parent % i), at, { tree, seq: seq + 1 })];
    });
    return { recruits, moves: edges };
  });

/** The one revision that counts of each, with the placement of the highest that names one. */
function current(recruits: readonly Recruit[]): readonly Recruit[] {
  return [...Map.groupBy(recruits, ({ id }) => id).values()].map((of) => {
    const [first = ROOT, last = first] = of;
    return { ...last, placement_id: last.placement_id ?? first.placement_id };
  });
}

function parentsIn(
  { moves, edges }: Tree,
  {
    recruits,
    people,
    atMs,
  }: { recruits: readonly Recruit[]; people: readonly Recruit[]; atMs: number },
) {
  const all = [...enrolmentEdges(recruits), ...moves, ...edges];
  return Object.fromEntries(people.map(({ id }) => [id, parentIn(all, id, atMs)]));
}

/** When everything has happened that can. */
const END_MS = 100;

describe("any order", () => {
  test("ends in the slots that a naive reading finds, at every instant after the last joining", () => {
    fc.assert(
      fc.property(drawn, fc.infiniteStream(fc.nat()), ({ recruits, moves }, chance) => {
        const draw = (below: number) => chance.next().value % below;
        const left: (Recruit | Edge)[] = [...recruits, ...moves, ...recruits.slice(0, 3)];
        const tree = new Tree();
        while (left.length > 0) {
          tree.stepsMax = 1 + draw(20);
          const items = left.splice(draw(left.length), 1 + draw(3));
          for (const item of items) if ("node" in item) tree.move(item);
          tree.tell(...items.flatMap((item) => ("node" in item ? [] : [item])));
        }
        while (tree.isUnfinished) tree.tell();
        expect(tree.tell(...recruits)).toEqual([]);
        const atOnce = new Tree();
        for (const edge of moves) atOnce.move(edge);
        atOnce.tell(...recruits);

        const people = current(recruits);
        for (const atMs of [12, 16, END_MS]) {
          const parents = parentsIn(tree, { recruits, people, atMs });
          expect(parents).toEqual(parentsIn(atOnce, { recruits, people, atMs }));
          const naive = naiveParents(people, moves, atMs);
          expect(parents).toEqual(naive === undefined ? parents : Object.fromEntries(naive));
        }
      }),
      { numRuns: runs(150) },
    );
  });

  test("displaces nobody where everybody is told in the order of joining", () => {
    fc.assert(
      fc.property(drawn, ({ recruits }) => {
        const tree = new Tree();
        const inOrder = recruits
          .filter(({ rev }) => rev === "1")
          .map((one, i) => ({ ...one, joined_ms: i }));
        for (const one of inOrder) tree.tell(one);
        const nodes = tree.edges.map(({ node }) => node);
        expect(new Set(nodes).size).toBe(nodes.length);
      }),
      { numRuns: runs(100) },
    );
  });

  test("agrees with the placing of a plan's matrix where nobody names or moves anything", () => {
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 3 }), ({ recruits }, width) => {
        const people = recruits.filter(({ rev }) => rev === "1");
        const plain = people.map((one) => ({
          ...one,
          ...(one.sponsor_id === null ? { joined_ms: -1 } : {}),
          placement_id: null,
          width,
        }));
        const tree = new Tree();
        tree.tell(...plain.toReversed());
        const edges = [...enrolmentEdges(plain), ...tree.edges];
        const { slots } = placeBreadthFirst({
          width,
          root_id: name(0),
          placed: [],
          recruits: plain.flatMap(({ sponsor_id, ...one }) =>
            sponsor_id === null ? [] : [{ ...one, sponsor_id }],
          ),
        });
        for (const [id, { parent_id }] of slots) {
          expect(parentIn(edges, id, END_MS)).toBe(parent_id);
        }
      }),
      { numRuns: runs(100) },
    );
  });
});
