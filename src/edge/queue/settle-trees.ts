import { nodesOfMove } from "../../core/genealogy/tree-rules.ts";
import type { SeenNode, TreeSurroundings } from "../../core/genealogy/forest.ts";
import type { MirrorTail } from "../mirror.ts";
import { type Ask, type Looking, settleLooking } from "./settle-looking.ts";
import type { SettlePorts } from "./settle-subjects.ts";
import type { SubjectWork } from "./work.ts";

/** Each look decides one move more of those that waited behind a gap; the rest comes again. */
const LOOKS_MAX = 50;

export interface TreePorts extends SettlePorts {
  /** The edges of these nodes, and of everybody above them, from the primary. */
  readonly treeSurroundings: (
    asks: readonly { readonly tenant: string; readonly node: string }[],
  ) => Promise<ReadonlyMap<string, TreeSurroundings>>;
}

/** Settles moves: who is known and who hangs where is read beforehand. */
export const settleTrees = (
  trees: readonly SubjectWork[],
  ports: TreePorts,
): Promise<readonly MirrorTail[]> => settleLooking(trees, ports, looking(ports));

function looking(ports: TreePorts): Looking {
  const seen = new Map<string, Map<string, SeenNode>>();
  return {
    looksMax: LOOKS_MAX,
    foreseen,
    async read(_trees, asks) {
      const fresh = asks.filter(
        ({ tenant, node }) => seen.get(tenant)?.get(node)?.has_legs !== true,
      );
      if (fresh.length === 0) return;
      for (const [tenant, { nodes }] of await ports.treeSurroundings(fresh)) {
        const known = seen.get(tenant) ?? new Map<string, SeenNode>();
        // Who was asked for is known with the legs, and passed by on another's way without.
        for (const node of nodes) {
          if (node.has_legs || !known.has(node.node)) known.set(node.node, node);
        }
        seen.set(tenant, known);
      }
    },
    around: ({ tenant }) => ({
      mode: "mirror",
      plans: [],
      lineages: [],
      closed: [],
      tree: { nodes: [...(seen.get(tenant)?.values() ?? [])] },
    }),
  };
}

const foreseen = ({ tenant, tasks }: SubjectWork): readonly Ask[] =>
  tasks.flatMap(({ route }) => {
    if (route.kind !== "subject") return [];
    const { event } = route.arrival;
    return nodesOfMove(event).map((node) => ({ tenant, node, at_ms: event.occurredAtMs }));
  });
