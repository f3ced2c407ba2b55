import { describe, expect, test } from "vitest";
import { edgeOfMove, edgesOfEnrolment } from "#src/core/genealogy/edge.ts";
import { findCircle, findInLeg, type Forest } from "#src/core/genealogy/forest.ts";
import type { Edge } from "#src/core/subject/entry.ts";

const enrolled = (node: string, sponsor: string | null, slot?: readonly [string, "L" | "R"]) =>
  edgesOfEnrolment(
    node,
    { sponsor_id: sponsor, placement_id: slot?.[0] ?? null, leg: slot?.[1] ?? null },
    { epoch: 0, rev: "1", effective_ms: 0 },
  );

const moved = (node: string, parent: string, effective_ms: number, more: object = {}): Edge =>
  edgeOfMove({
    distributor_id: node,
    tree: "sponsor",
    parent_id: parent,
    leg: null,
    effective_ms,
    source: "core",
    epoch: 0,
    seq: effective_ms,
    ...more,
  });

function forest(edges: readonly Edge[], moves: readonly Edge[] = []): Forest {
  const inLeg = (told: Edge, parent: string, leg: string) =>
    told.parent_id === parent && told.leg === leg;
  return {
    seen: (node) => {
      const own = edges.filter((edge) => edge.node === node);
      return own.length === 0 ? undefined : { node, edges: own, has_legs: true };
    },
    moves: (tree, node) => moves.filter((edge) => edge.tree === tree && edge.node === node),
    inLeg: (parent, leg) => {
      const told = [...edges, ...moves].filter((edge) => inLeg(edge, parent, leg));
      return new Set(told.map(({ node }) => node));
    },
  };
}

const CHAIN = [...enrolled("A", null), ...enrolled("B", "A"), ...enrolled("C", "B")];

describe("findCircle()", () => {
  test.each([
    { name: "lets a node move up", edge: moved("C", "A", 5), kind: "free" },
    { name: "finds one that closes at once", edge: moved("A", "C", 5), kind: "taken" },
    { name: "wants whom it has not seen", edge: moved("A", "Z", 5), kind: "unseen" },
  ])("$name", ({ edge, kind }) => {
    expect(findCircle(edge, forest(CHAIN))).toMatchObject({ kind });
  });

  test("finds one that closes later, and lets pass one that a later move keeps open", () => {
    const under = moved("C", "A", 20);
    const later = forest(CHAIN, [moved("C", "A", 3), moved("C", "B", 30)]);
    expect(findCircle(moved("B", "C", 10), later)).toMatchObject({ kind: "taken" });
    expect(findCircle(moved("B", "C", 20), forest(CHAIN, [under]))).toEqual({ kind: "free" });
    const over = forest(CHAIN, [moved("A", "B", 2, { seq: 99 })]);
    expect(findCircle(moved("A", "C", 5), over)).toEqual({ kind: "free" });
  });

  test("climbs past the sponsor where a node has no placement", () => {
    const placed = [...CHAIN, ...enrolled("D", "A", ["C", "L"])];
    expect(findCircle(moved("B", "D", 5), forest(placed))).toMatchObject({ kind: "taken" });
    const apart = [...enrolled("A", null), ...enrolled("B", "A", ["A", "L"])];
    const free = [...apart, ...enrolled("D", "A", ["B", "L"])];
    expect(findCircle(moved("B", "D", 5), forest(free))).toEqual({ kind: "free" });
  });

  test("ends where others run in a circle already", () => {
    const round = [...enrolled("X", "Y"), ...enrolled("Y", "X"), ...enrolled("A", null)];
    expect(findCircle(moved("A", "X", 5), forest(round))).toEqual({ kind: "free" });
  });
});

describe("findInLeg()", () => {
  const into = (effective_ms: number, leg: "L" | "R" | null = "L") =>
    moved("C", "A", effective_ms, { tree: "placement", leg });
  const full = [...CHAIN, ...enrolled("D", "A", ["A", "L"])];

  test.each([
    { name: "finds who is there", edge: into(5), found: { kind: "taken", by: "D" } },
    { name: "lets the other leg be taken", edge: into(5, "R"), found: { kind: "free" } },
    { name: "asks nothing without a leg", edge: into(5, null), found: { kind: "free" } },
  ])("$name", ({ edge, found }) => {
    expect(findInLeg(edge, forest(full))).toEqual(found);
  });

  test("wants a parent whose legs nobody looked at", () => {
    const known = forest(full);
    const passing: Forest = {
      ...known,
      seen: (node) => ({ node, edges: known.seen(node)?.edges ?? [], has_legs: false }),
    };
    expect(findInLeg(into(5), passing)).toEqual({ kind: "unseen", node: "A" });
  });

  test("looks at every instant from the move on", () => {
    const away = moved("D", "B", 4, { tree: "placement", leg: "L" });
    const back = moved("D", "A", 9, { tree: "placement", leg: "L" });
    expect(findInLeg(into(5), forest(full, [away]))).toEqual({ kind: "free" });
    expect(findInLeg(into(3), forest(full, [away]))).toMatchObject({ by: "D" });
    expect(findInLeg(into(5), forest(full, [away, back]))).toMatchObject({ by: "D" });
  });
});
