import { canonicalJson } from "../canonical.ts";
import { type EventOf, narrow } from "../contracts/catalogue.ts";
import type { GatewayEvent } from "../contracts/event.ts";
import { parseInstantOrDay } from "../contracts/instant.ts";
import type { Edge } from "../subject/entry.ts";
import type { Move } from "../subject/move.ts";
import type { Act, Moved, MoveMoment, Rules } from "../subject/rules.ts";
import type { Fact, Arrival, SubjectState, Write } from "../subject/state.ts";
import type { Surroundings } from "../subject/surroundings.ts";
import { edgeOfMove, isAuto, isMove } from "./edge.ts";
import {
  type Finding,
  findCircle,
  findInLeg,
  type Forest,
  type SeenNode,
  type TreeSurroundings,
} from "./forest.ts";
import type { TreeName } from "./lineage.ts";
import { Placement } from "./placement.ts";
import type { MovesOf } from "./placement-people.ts";

/** Whether a `Tree` object knows what to do with this event. */
export const isTreeEvent = ({ type }: GatewayEvent): boolean => type === "distributor.moved";

/** Who has to be looked up in the mirror before the tree's object can judge this event. */
export function nodesOfMove(event: GatewayEvent): readonly string[] {
  const known = narrow(event);
  if (known.type !== "distributor.moved") return [];
  return [known.data.distributor_id, known.data.parent_id];
}

/** By this name the mirror shows that a tenant's tree was told of everybody who is to be placed. */
export const MATRIX_ALIAS = "matrix";

/**
 * What a tenant's tree does with its moves: each one that can be is a version of an edge (DOMAIN
 * §2.3). Refused are circles and taken legs; a move of or to somebody who is not enrolled yet waits.
 * Where a plan has a matrix, it finds the slots of those for whom nobody named a placement.
 */
export const treeRules: Rules = { act, recall, evolve: (view) => view, move: place };

function act(arrival: Arrival, state: SubjectState, surroundings?: Surroundings): Act {
  const event = narrow(arrival.event);
  if (event.type !== "distributor.moved") {
    return {
      kind: "impossible",
      code: "type_not_applied",
      reason: `A tree has no effect for "${arrival.event.type}"`,
    };
  }
  const edge = edgeOf(event);
  const forest = forestOf(surroundings?.tree, state);
  const refusal = judge(edge, event.data.parent_id, forest);
  if (refusal !== undefined) return refusal;
  const placement = new Placement(state, movesIn(state));
  placement.follow(edge);
  placement.goOn();
  const { edges, writes, isUnfinished } = placement.placed(arrival.eventId);
  return {
    kind: "effect",
    effects: {
      edges: [edge, ...edges].toSorted(byTime),
      ...(isUnfinished ? { unfinished: true } : {}),
    },
    writes: [...remember(event, edge, arrival, state), ...writes],
  };
}

/** Of a node's edges the earliest comes first: from then on its orders are priced anew. */
const byTime = (a: Edge, b: Edge): number => a.effective_ms - b.effective_ms;

function place(move: Move, state: SubjectState, { nowMs }: MoveMoment): Moved | undefined {
  if (move.kind !== "place") return undefined;
  const { recruits, of, event_id } = move;
  const placement = new Placement(state, movesIn(state));
  placement.tell(recruits);
  if (of !== "part") placement.goOn();
  const { edges, writes, isUnfinished } = placement.placed(event_id);
  const isWhole = of === "all" && state.fact(WHOLE) === undefined;
  if (writes.length === 0 && !isWhole) return undefined;
  const fact = { essence: "", eventId: event_id, state: "null" };
  return {
    cause: { kind: "place", event_id, occurred_ms: nowMs },
    effects: {
      ...(edges.length === 0 ? {} : { edges: edges.toSorted(byTime) }),
      ...(isWhole ? { aliases: [MATRIX_ALIAS] } : {}),
      ...(isUnfinished ? { unfinished: true } : {}),
    },
    writes: [...writes, ...(isWhole ? [{ put: "fact", key: WHOLE, fact } as const] : [])],
  };
}

function recall({ event }: Arrival, state: SubjectState): string | undefined {
  const move = narrow(event);
  if (move.type !== "distributor.moved") return undefined;
  const told = state.fact(placeKey(move));
  return told?.essence === essenceOf(edgeOf(move)) ? told.eventId : undefined;
}

type MoveEvent = EventOf<"distributor.moved">;

function edgeOf({ data, source, epoch, seq = 0, occurredAtMs }: MoveEvent): Edge {
  const { distributor_id, tree, parent_id, leg = null, effective_at } = data;
  const effective_ms = parseInstantOrDay(effective_at) ?? occurredAtMs;
  return edgeOfMove({ distributor_id, tree, parent_id, leg, effective_ms, source, epoch, seq });
}

/** Why an edge cannot be, or not yet; undefined where it can. */
function judge(edge: Edge, parent: string, forest: Forest): Act | undefined {
  const { node, effective_ms: at_ms } = edge;
  if (node === parent) return circle(edge);
  for (const [id, code] of [
    [node, "node_unknown"],
    [parent, "parent_unknown"],
  ] as const) {
    const seen = forest.seen(id);
    if (seen === undefined) return { kind: "wants", want: { node: id, at_ms } };
    if (seen.edges.length === 0) return unknown(id, code);
  }
  // Against what stood before it, or a refusal would end when the same move is delivered again; and
  // against all that stands, as it may have waited.
  for (const trees of [movesBefore(edge, forest), forest]) {
    const found =
      hindrance(findCircle(edge, trees), edge, () => circle(edge)) ??
      hindrance(findInLeg(edge, trees), edge, (by) => taken(edge, by));
    if (found !== undefined) return found;
  }
  return undefined;
}

const movesBefore = ({ version }: Edge, forest: Forest): Forest => ({
  ...forest,
  moves: (tree, node) => forest.moves(tree, node).filter((move) => move.version < version),
});

function hindrance(finding: Finding, edge: Edge, refuse: (by: string) => Act): Act | undefined {
  switch (finding.kind) {
    case "free":
      return undefined;
    case "taken":
      return refuse(finding.by);
    case "unseen":
      return { kind: "wants", want: { node: finding.node, at_ms: edge.effective_ms } };
  }
}

const circle = ({ node, parent_id, tree }: Edge): Act => ({
  kind: "impossible",
  code: "tree_cycle",
  reason: `Cannot move "${node}" under "${parent_id}": it would hang below itself in the ${tree} tree`,
});

const taken = ({ node, parent_id, leg }: Edge, by: string): Act => ({
  kind: "impossible",
  code: "leg_taken",
  reason: `Cannot move "${node}" into leg ${leg} of "${parent_id}": "${by}" is there`,
});

const unknown = (id: string, code: "node_unknown" | "parent_unknown"): Act => ({
  kind: "waits",
  code,
  reason: `No distributor "${id}" is enrolled; applied by itself once one is`,
  needs: `node:${id}`,
});

/*
 * What the object remembers of its moves. Keys of facts: no id can be taken for another's, as the
 * part that anybody may choose comes last.
 */
const placeKey = ({ source, epoch, seq }: MoveEvent) => `move:${source}:${epoch}:${seq}`;
const WHOLE = "matrix";
const movesKey = (tree: TreeName, node: string) => `moves:${tree}:${node}`;
const legKey = (leg: "L" | "R", parent: string) => `leg:${leg}:${parent}`;

const essenceOf = ({ tree, node, parent_id, leg, effective_ms }: Edge): string =>
  canonicalJson([tree, node, parent_id, leg, effective_ms]);

function remember(
  event: MoveEvent,
  edge: Edge,
  { eventId }: Arrival,
  state: SubjectState,
): readonly Write[] {
  const { tree, node, parent_id, leg } = edge;
  const put = (key: string, essence: string, value: unknown): Write => ({
    put: "fact",
    key,
    fact: { essence, eventId, state: JSON.stringify(value) },
  });
  const moves = movesKey(tree, node);
  const writes = [
    put(placeKey(event), essenceOf(edge), null),
    put(moves, "", [...edgesIn(state.fact(moves)), edge]),
  ];
  if (leg === null || parent_id === null) return writes;
  const inLeg = legKey(leg, parent_id);
  const others = nodesIn(state.fact(inLeg)).filter((other) => other !== node);
  return [...writes, put(inLeg, "", [...others, node])];
}

/**
 * Of the mirror only what came in by other ways: of its moves, and of the slots that it found, the
 * object itself knows all.
 */
function forestOf({ nodes }: TreeSurroundings = { nodes: [] }, state: SubjectState): Forest {
  const moves = movesIn(state);
  const placement = new Placement(state, moves);
  const seen = new Map<string, SeenNode>();
  for (const { edges, ...node } of nodes) {
    const told = edges.filter((edge) => !isMove(edge) && !isAuto(edge));
    seen.set(node.node, { ...node, edges: [...told, ...placement.edgesOf(node.node)] });
  }
  return {
    seen: (node) => seen.get(node),
    moves,
    inLeg: (parent, leg) =>
      new Set([
        ...nodesIn(state.fact(legKey(leg, parent))),
        ...enrolledIn(seen.values(), parent, leg),
      ]),
  };
}

const movesIn =
  (state: SubjectState): MovesOf =>
  (tree, node) =>
    edgesIn(state.fact(movesKey(tree, node)));

const enrolledIn = (nodes: Iterable<SeenNode>, parent: string, leg: "L" | "R"): readonly string[] =>
  [...nodes]
    .filter(({ edges }) => edges.some((edge) => edge.parent_id === parent && edge.leg === leg))
    .map(({ node }) => node);

// Own text: what remember() wrote.
const edgesIn = (fact: Fact | undefined): readonly Edge[] =>
  fact === undefined ? [] : JSON.parse(fact.state);
const nodesIn = (fact: Fact | undefined): readonly string[] =>
  fact === undefined ? [] : JSON.parse(fact.state);
