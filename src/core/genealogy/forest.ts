import type { Edge } from "../subject/entry.ts";
import { edgeAt } from "./edge.ts";
import type { TreeName } from "./lineage.ts";

/** A distributor as the mirror has it: every version of both edges; none where it is not enrolled. */
export interface SeenNode {
  readonly node: string;
  readonly edges: readonly Edge[];
  /** Whoever ever hung in a leg of it is among the seen, too. */
  readonly has_legs: boolean;
}

/** What a tree's object is told of the mirror to judge its moves by. */
export interface TreeSurroundings {
  readonly nodes: readonly SeenNode[];
}

/** The mirror's edges, and over them the tree's own moves, which the mirror may not have yet. */
export interface Forest {
  seen(node: string): SeenNode | undefined;
  moves(tree: TreeName, node: string): readonly Edge[];
  /** Distributors that hang, hung or will hang in this leg. */
  inLeg(parent: string, leg: "L" | "R"): ReadonlySet<string>;
}

/** Whether an edge can be, or whom nobody looked up who would have to be known to tell. */
export type Finding =
  | { readonly kind: "free" }
  | { readonly kind: "taken"; readonly by: string }
  | { readonly kind: "unseen"; readonly node: string };

const FREE: Finding = { kind: "free" };

/**
 * Whether an edge closes a circle at any instant from its own on. Without a placement a node hangs
 * under its sponsor, so that a sponsor's edge can close one in either tree.
 */
export function findCircle(edge: Edge, before: Forest): Finding {
  const forest = withMove(before, edge);
  const trees = edge.tree === "placement" ? ["placement" as const] : TREES;
  for (const tree of trees) {
    const finding = overTime(edge, (atMs) => climb(edge, { tree, atMs, forest }));
    if (finding.kind !== "free") return finding;
  }
  return FREE;
}

/** Whether somebody else is in the edge's leg at any instant at which the edge would be. */
export function findInLeg(edge: Edge, before: Forest): Finding {
  const { node, parent_id, leg } = edge;
  if (leg === null || parent_id === null) return FREE;
  if (before.seen(parent_id)?.has_legs !== true) return { kind: "unseen", node: parent_id };

  const forest = withMove(before, edge);
  const others = [...forest.inLeg(parent_id, leg)].filter((other) => other !== node);
  return overTime(edge, (atMs) => {
    const nextMs = nextChange([node, ...others], { forest, atMs });
    if (!isInForce(edge, { tree: "placement", atMs, forest })) return { finding: FREE, nextMs };
    const by = others.find((other) => {
      // Whom nobody looked up never was enrolled into this leg: there are only moves to ask.
      const at = edgeIn({ tree: "placement", atMs, forest }, other);
      return at !== "unseen" && at?.parent_id === parent_id && at.leg === leg;
    });
    return { finding: by === undefined ? FREE : { kind: "taken", by }, nextMs };
  });
}

const TREES = ["sponsor", "placement"] as const satisfies readonly TreeName[];

/** What is found at an instant holds until the next change of those who were looked at. */
interface Look {
  readonly finding: Finding;
  readonly nextMs: number;
}

function overTime({ effective_ms }: Edge, look: (atMs: number) => Look): Finding {
  for (let atMs = effective_ms; atMs < Infinity;) {
    const { finding, nextMs } = look(atMs);
    if (finding.kind !== "free") return finding;
    atMs = nextMs;
  }
  return FREE;
}

interface Scene {
  readonly tree: TreeName;
  readonly atMs: number;
  readonly forest: Forest;
}

function climb(edge: Edge, scene: Scene): Look {
  const path = new Set([edge.node]);
  let above = isInForce(edge, scene) ? edge.parent_id : null;
  while (above !== null && !path.has(above)) {
    path.add(above);
    const step = edgeIn(scene, above);
    if (step === "unseen") return { finding: { kind: "unseen", node: above }, nextMs: Infinity };
    above = step?.parent_id ?? null;
  }
  const isCircle = above === edge.node;
  return {
    finding: isCircle ? { kind: "taken", by: edge.node } : FREE,
    nextMs: nextChange([...path], scene),
  };
}

function isInForce(edge: Edge, scene: Scene): boolean {
  const at = edgeIn(scene, edge.node);
  return at !== "unseen" && at?.tree === edge.tree && at.version === edge.version;
}

/** By which edge a node hangs in a tree at an instant. */
function edgeIn({ tree, atMs, forest }: Scene, node: string): Edge | undefined | "unseen" {
  const moved = forest.moves(tree, node).filter(({ effective_ms }) => effective_ms <= atMs);
  // A move outranks whatever the mirror could say.
  if (moved.length > 0) return edgeAt(moved, atMs);
  const seen = forest.seen(node);
  if (seen === undefined) return "unseen";
  const edge = edgeAt(versionsOf(forest, tree, node), atMs);
  return edge ?? (tree === "placement" ? edgeIn({ tree: "sponsor", atMs, forest }, node) : edge);
}

function versionsOf(forest: Forest, tree: TreeName, node: string): readonly Edge[] {
  const mirrored = forest.seen(node)?.edges.filter((edge) => edge.tree === tree) ?? [];
  return [...mirrored, ...forest.moves(tree, node)];
}

/** When one of these nodes may next hang elsewhere; Infinity where none will. */
function nextChange(nodes: readonly string[], { forest, atMs }: Omit<Scene, "tree">): number {
  let nextMs = Infinity;
  for (const node of nodes) {
    for (const { effective_ms } of TREES.flatMap((tree) => versionsOf(forest, tree, node))) {
      if (effective_ms > atMs && effective_ms < nextMs) nextMs = effective_ms;
    }
  }
  return nextMs;
}

const withMove = (forest: Forest, edge: Edge): Forest => ({
  ...forest,
  moves: (tree, node) =>
    tree === edge.tree && node === edge.node
      ? [...forest.moves(tree, node), edge]
      : forest.moves(tree, node),
});
