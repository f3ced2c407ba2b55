import { runs } from "../../support/runs.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { edgesOfEnrolment } from "#src/core/genealogy/edge.ts";
import type { TreeSurroundings } from "#src/core/genealogy/forest.ts";
import { isTreeEvent, nodesOfMove, treeRules } from "#src/core/genealogy/tree-rules.ts";
import type { Edge } from "#src/core/subject/entry.ts";
import { settle, settleMove } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { again, arrive, event, NOW_MS, OUT, retold } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { recruit } from "./placement-support.ts";
import {
  around,
  DAY_MS,
  day,
  lookUp,
  type MoveTold,
  name,
  seenOf,
  type World,
  world,
} from "./support.ts";

const arrivalOf = ({ seq, tree, node, parent, leg, day: from }: MoveTold): Arrival =>
  arrive(
    "distributor.moved",
    { id: `m${seq}`, seq },
    { distributor_id: node, tree, parent_id: parent, leg: leg ?? OUT, effective_at: day(from) },
  );

const everybody = ({ enrolled }: World): TreeSurroundings =>
  seenOf(enrolled, new Set(enrolled.map(({ node }) => node)));

interface Ending {
  readonly outcome: string;
  readonly code?: string;
}

/** Settles each arrival with these surroundings; answers with what became of each move in the end. */
function play(arrivals: readonly Arrival[], tree: TreeSurroundings, store = new MemoryStore()) {
  const rules = treeRules;
  const settlements = arrivals.map((arrival) =>
    settle(arrival, { store, rules, nowMs: NOW_MS, surroundings: around(tree) }),
  );
  const endings: Record<string, Ending> = {};
  for (const { event: of, outcome = "", code } of store.entries) {
    if (of === undefined || outcome === "buffered" || outcome === "duplicate") continue;
    endings[of.id] = { outcome, ...(code === undefined ? {} : { code }) };
  }
  const edges = store.entries.flatMap(({ effects }) => effects.edges ?? []);
  return { store, settlements, endings, edges };
}

/** The parent of a node as DOMAIN's words say it, from who was enrolled and the moves that count. */
class NaiveTrees {
  readonly #enrolled: readonly Edge[];
  readonly accepted: MoveTold[] = [];

  constructor(enrolled: readonly Edge[]) {
    this.#enrolled = enrolled;
  }

  at(tree: "sponsor" | "placement", node: string, onDay: number): [string | null, string | null] {
    const move = this.accepted
      .filter((told) => told.tree === tree && told.node === node && told.day <= onDay)
      .toSorted((a, b) => b.seq - a.seq)[0];
    if (move !== undefined) return [move.parent, tree === "placement" ? move.leg : null];
    const edge = this.#enrolled.find((told) => told.tree === tree && told.node === node);
    if (edge !== undefined) return [edge.parent_id, edge.leg];
    return tree === "placement" ? this.at("sponsor", node, onDay) : [null, null];
  }

  nodes(): readonly string[] {
    return [...new Set(this.#enrolled.map(({ node }) => node))];
  }

  isCircular(onDay: number): boolean {
    return (["sponsor", "placement"] as const).some((tree) =>
      this.nodes().some((node) => {
        let above: string | null = node;
        for (let steps = 0; above !== null; steps += 1) {
          if (steps > 20) return true;
          [above] = this.at(tree, above, onDay);
        }
        return false;
      }),
    );
  }

  isCrowded(onDay: number): boolean {
    const slots = this.nodes()
      .map((node) => this.at("placement", node, onDay))
      .filter(([, leg]) => leg !== null)
      .map(([parent, leg]) => `${parent} ${leg}`);
    return new Set(slots).size < slots.length;
  }

  /** Takes a move, or tells why not; instants before the move's own cannot be its fault. */
  take(move: MoveTold): Ending {
    this.accepted.push(move);
    const onwards = [0, 1, 2, 3, 4, 5, 6].filter((n) => n >= move.day);
    const code = onwards.some((n) => this.isCircular(n))
      ? "tree_cycle"
      : onwards.some((n) => this.isCrowded(n)) && "leg_taken";
    if (code === false) return { outcome: "applied" };
    this.accepted.pop();
    return { outcome: "quarantined", code };
  }
}

const shuffled = (moves: readonly MoveTold[]): fc.Arbitrary<readonly Arrival[]> => {
  const arrivals = moves.map(arrivalOf);
  const twice = [...arrivals, ...arrivals.map((arrival) => again(arrival))];
  return fc.shuffledSubarray(twice, { minLength: twice.length });
};

describe("treeRules with random trees and moves", () => {
  test("accept what a naive reading of every day has no fault with, and nothing else", () => {
    fc.assert(
      fc.property(world, (given) => {
        const naive = new NaiveTrees(given.enrolled);
        const expected = given.moves.map((move) => [`m${move.seq}`, naive.take(move)]);
        const { endings } = play(given.moves.map(arrivalOf), everybody(given));
        expect(endings).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: runs(600) },
    );
  });

  test("end in the same edges whatever the order of arrival, each move twice", () => {
    const given = world.chain((of) => shuffled(of.moves).map((arrivals) => ({ of, arrivals })));
    fc.assert(
      fc.property(given, ({ of, arrivals }) => {
        const inOrder = play(of.moves.map(arrivalOf), everybody(of));
        const mixed = play(arrivals, everybody(of));
        expect(mixed.edges).toEqual(inOrder.edges);
        expect(mixed.endings).toEqual(inOrder.endings);
      }),
      { numRuns: runs(300) },
    );
  });

  test("judge the same when they are told only what they ask for", () => {
    fc.assert(
      fc.property(world, (given) => {
        const store = new MemoryStore();
        for (const arrival of given.moves.map(arrivalOf)) {
          const asked = new Set<string>();
          for (let rounds = 0; rounds < 30; rounds += 1) {
            const [settled] = play([arrival], lookUp(given.enrolled, asked), store).settlements;
            if (settled?.kind !== "wants") break;
            expect(asked).not.toContain(settled.want.node);
            asked.add(settled.want.node);
          }
        }
        const { endings } = play([], { nodes: [] }, store);
        expect(endings).toEqual(play(given.moves.map(arrivalOf), everybody(given)).endings);
      }),
      { numRuns: runs(200) },
    );
  });
});

const under = (node: string, parent: string | null, leg: "L" | "R" | null = null) =>
  edgesOfEnrolment(
    node,
    { sponsor_id: parent, placement_id: leg === null ? null : parent, leg },
    { epoch: 0, rev: "1", effective_ms: 0 },
  );

/** N0 > N1 > N2 > N3; N4 in the left leg of N0. */
const ENROLLED = [
  ...under("N0", null),
  ...under("N1", "N0"),
  ...under("N2", "N1"),
  ...under("N3", "N2"),
  ...under("N4", "N0", "L"),
];
const SEEN = seenOf(ENROLLED, [0, 1, 2, 3, 4, 9].map(name));

const move = (more: Partial<MoveTold>): Arrival =>
  arrivalOf({ seq: 1, tree: "sponsor", node: "N3", parent: "N0", leg: null, day: 3, ...more });

describe("treeRules", () => {
  test("make a version of an edge of a move", () => {
    const { endings, edges } = play([move({ tree: "placement", leg: "R" })], SEEN);
    expect(endings).toEqual({ m1: { outcome: "applied" } });
    expect(edges).toEqual([
      {
        tree: "placement",
        node: "N3",
        node_kind: "distributor",
        version: "m0000000000000000.01.1.core",
        effective_ms: 3 * DAY_MS,
        parent_id: "N0",
        leg: "R",
      },
    ]);
  });

  test.each([
    { to: "itself", more: { node: "N1", parent: "N1" }, code: "tree_cycle" },
    { to: "below itself", more: { node: "N1", parent: "N3" }, code: "tree_cycle" },
    {
      to: "below itself in the tree of placements, for want of one of its own",
      more: { tree: "placement", node: "N1", parent: "N3" } as const,
      code: "tree_cycle",
    },
    {
      to: "a leg that is taken",
      more: { tree: "placement", leg: "L" } as const,
      code: "leg_taken",
    },
  ])("refuse a move to $to", ({ more, code }) => {
    const { endings, edges } = play([move(more)], SEEN);
    expect(endings).toEqual({ m1: { outcome: "quarantined", code } });
    expect(edges).toEqual([]);
  });

  test("refuse a circle that would only close later, when an earlier move takes effect", () => {
    const { endings } = play(
      [
        move({ seq: 1, node: "N4", parent: "N3", day: 5 }),
        move({ seq: 2, node: "N1", parent: "N4", day: 2 }),
        move({ seq: 3, node: "N2", parent: "N0", day: 4 }),
        move({ seq: 4, node: "N1", parent: "N4", day: 4 }),
      ],
      SEEN,
    );
    expect(endings).toEqual({
      m1: { outcome: "applied" },
      m2: { outcome: "quarantined", code: "tree_cycle" },
      m3: { outcome: "applied" },
      m4: { outcome: "applied" },
    });
  });

  test("see a leg that an earlier move has left, or will come back to", () => {
    const { endings } = play(
      [
        move({ seq: 1, tree: "placement", node: "N4", parent: "N1", leg: "L", day: 2 }),
        move({ seq: 2, tree: "placement", node: "N3", parent: "N0", leg: "L", day: 1 }),
        move({ seq: 3, tree: "placement", node: "N3", parent: "N0", leg: "L", day: 3 }),
        move({ seq: 4, tree: "placement", node: "N4", parent: "N0", leg: "L", day: 4 }),
      ],
      SEEN,
    );
    expect(Object.values(endings).map(({ code }) => code)).toEqual([
      undefined,
      "leg_taken",
      undefined,
      "leg_taken",
    ]);
  });

  test.each([
    { who: "the node", more: { node: "N9" }, code: "node_unknown" },
    { who: "the parent", more: { parent: "N9" }, code: "parent_unknown" },
  ])("let a move wait until $who is enrolled, and what is behind it pass", ({ more, code }) => {
    const store = new MemoryStore();
    const next = move({ seq: 2, node: "N2", parent: "N0" });
    const { endings } = play([move(more), next], SEEN, store);
    expect(endings).toEqual({ m1: { outcome: "parked", code }, m2: { outcome: "applied" } });
    expect(store.entries[0]).toMatchObject({ needs: "node:N9" });

    const grown = seenOf([...ENROLLED, ...under("N9", "N0")], [0, 1, 2, 3, 4, 9].map(name));
    const late = play([move(more)], grown, store);
    expect(late.endings["m1"]).toEqual({ outcome: "applied" });
  });

  test("refuse a move that has waited, where one behind it stands against it by now", () => {
    const store = new MemoryStore();
    const waiting = move({ node: "N1", parent: "N9" });
    play([waiting], SEEN, store);
    const grown = seenOf([...ENROLLED, ...under("N9", "N0")], [0, 1, 2, 3, 4, 9].map(name));
    const { endings } = play([move({ seq: 2, node: "N9", parent: "N1" }), waiting], grown, store);
    expect(endings).toEqual({
      m1: { outcome: "quarantined", code: "tree_cycle" },
      m2: { outcome: "applied" },
    });
  });

  test.each([
    { told: "no surroundings", seen: [], node: "N3" },
    { told: "nothing of the parent", seen: ["N3"], node: "N2" },
    { told: "nothing of who is above the parent", seen: ["N2", "N3"], node: "N1" },
  ])("ask for who is missing where they were told $told", ({ seen, node }) => {
    const { settlements, store } = play(
      [move({ parent: "N2", tree: "placement" })],
      seenOf(ENROLLED, seen),
    );
    expect(settlements).toMatchObject([{ kind: "wants", want: { node, at_ms: 3 * DAY_MS } }]);
    expect(store.entries).toEqual([]);
  });

  test("ask for the legs of a parent that was only seen in passing", () => {
    const passing = { nodes: SEEN.nodes.map((node) => ({ ...node, has_legs: false })) };
    const { settlements } = play([move({ tree: "placement", leg: "R" })], passing);
    expect(settlements).toMatchObject([{ kind: "wants", want: { node: "N0" } }]);
  });

  test("know a move that comes again under another id, and another one of the same place", () => {
    const first = move({});
    const { store } = play([first, retold(first), retold(move({ parent: "N1" }), "other")], SEEN);
    expect(store.entries.map(({ outcome, code }) => code ?? outcome)).toEqual([
      "applied",
      "duplicate",
      "seq_taken",
    ]);
  });

  test("know no other event", () => {
    expect(EVENT_TYPES.filter((type) => isTreeEvent(event(type)))).toEqual(["distributor.moved"]);
    const { endings } = play([arrive("rank.changed", { id: "r" })], SEEN);
    expect(endings).toEqual({ r: { outcome: "quarantined", code: "type_not_applied" } });
    expect(nodesOfMove(event("rank.changed"))).toEqual([]);
    expect(nodesOfMove(event("distributor.moved"))).toEqual(["B", "S"]);
    expect(treeRules.recall(arrive("rank.changed"), new MemoryStore())).toBeUndefined();
  });
});

describe("treeRules of a company with a matrix", () => {
  const IDS = ["N0", "N1", "N2", "N3", "N4"] as const;
  const RECRUITS = IDS.map((id, i) => recruit(id, i === 0 ? null : "N0", i * DAY_MS));

  const place = (store: MemoryStore, recruits = RECRUITS, of: "some" | "part" | "all" = "all") => {
    const desk = { store, rules: treeRules, nowMs: NOW_MS };
    settleMove({ kind: "place", recruits, of, event_id: "evt_1" }, desk);
  };

  const enrolledOf = (recruits: typeof RECRUITS): readonly Edge[] =>
    recruits.flatMap(({ id, sponsor_id, joined_ms: effective_ms }) =>
      edgesOfEnrolment(
        id,
        { sponsor_id, placement_id: null, leg: null },
        { epoch: 0, rev: "0", effective_ms },
      ),
    );

  test("log the slots that they find, once, and say that they were told of everybody", () => {
    const store = new MemoryStore();
    place(store);
    expect(store.entries).toMatchObject([
      {
        cause: { kind: "place", event_id: "evt_1", occurred_ms: NOW_MS },
        effects: { aliases: ["matrix"], edges: [{ node: "N4", parent_id: "N1" }] },
      },
    ]);
    place(store);
    place(store, [], "some");
    expect(store.entries).toHaveLength(1);
    place(store, [recruit("N5", "N0", 9 * DAY_MS)], "some");
    expect(store.entries[1]?.effects).toMatchObject({ edges: [{ node: "N5", parent_id: "N1" }] });
  });

  test("place anew whom a move gives a slot, the earliest edge first", () => {
    const store = new MemoryStore();
    place(store);
    place(store, [recruit("N5", "N0", 8 * DAY_MS)], "some");
    const seen = seenOf(enrolledOf(RECRUITS), IDS);
    const { edges } = play(
      [move({ node: "N2", parent: "N3", tree: "placement", day: 5 })],
      seen,
      store,
    );
    expect(edges.slice(2).map(({ node, parent_id }) => [node, parent_id])).toEqual([
      ["N2", "N3"],
      ["N5", "N0"],
    ]);
  });

  test("judge a move by slots that the mirror does not have yet", () => {
    const store = new MemoryStore();
    place(store);
    const seen = seenOf(enrolledOf(RECRUITS), IDS);
    const { endings } = play(
      [move({ node: "N1", parent: "N4", tree: "placement", day: 9 })],
      seen,
      store,
    );
    expect(endings).toEqual({ m1: { outcome: "quarantined", code: "tree_cycle" } });
  });

  test("take no other object's moves", () => {
    const store = new MemoryStore();
    settleMove({ kind: "due", line_id: "L" }, { store, rules: treeRules, nowMs: NOW_MS });
    expect(store.entries).toEqual([]);
  });
});
