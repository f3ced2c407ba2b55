import type { LooseRows, Mirroring, MirrorTail } from "../mirror.ts";
import { type OrderPorts, type SettledOrders, settleOrders } from "./settle-orders.ts";
import { enrolledIn, failUnplaced, goOnPlacing, type PlacePorts, tellTrees } from "./place.ts";
import { settleAll } from "./settle-subjects.ts";
import { settleTrees, type TreePorts } from "./settle-trees.ts";
import type { SubjectWork } from "./work.ts";

export interface TurnPorts extends OrderPorts, TreePorts, PlacePorts {
  readonly mirror: (tails: readonly MirrorTail[], loose: LooseRows) => Promise<Mirroring>;
}

export interface InTurn extends SettledOrders {
  /** What was mirrored in between, and with which tails. */
  readonly mirrored: readonly (Mirroring & { readonly tails: readonly MirrorTail[] })[];
}

const NO_ORDERS: SettledOrders = {
  tails: [],
  told: [],
  priced: { seen: new Map(), plans: new Map(), orders: [] },
};
const NO_LOOSE_ROWS: LooseRows = { events: [], revived: [] };

/**
 * Registers and streams first, then the trees, then orders: each finds in the mirror what those
 * before it wrote (DESIGN §3). A batch without orders, moves and people to place is mirrored once.
 */
export async function settleInTurn(
  subjects: readonly SubjectWork[],
  ports: TurnPorts,
): Promise<InTurn> {
  const of = (object: SubjectWork["object"]) => subjects.filter((work) => work.object === object);
  const [trees, orders] = [of("tree"), of("order")];
  const others = subjects.filter(({ object }) => object !== "tree" && object !== "order");
  const mirrored: InTurn["mirrored"][number][] = [];
  const write = async (tails: readonly MirrorTail[]) => {
    if (tails.length > 0) mirrored.push({ ...(await ports.mirror(tails, NO_LOOSE_ROWS)), tails });
  };

  const first = await settleAll(others, ports);
  const enrolled = await enrolledIn([...others, ...trees], first, ports);
  if (trees.length + orders.length + enrolled.length === 0) {
    return { ...NO_ORDERS, tails: first, mirrored };
  }
  await write(first);
  const told = await tellTrees(enrolled, trees, ports);
  const moved = await settleTrees(told, ports);
  await goOnPlacing(moved, enrolled, ports);
  if (orders.length + enrolled.length === 0) return { ...NO_ORDERS, tails: moved, mirrored };
  await write(moved);
  failUnplaced(enrolled, told, merged(mirrored));
  if (orders.length === 0) return { ...NO_ORDERS, mirrored };
  return { ...(await settleOrders(orders, ports)), mirrored };
}

/** What several writings come to: of positions, the last one counts. */
export const merged = (mirrorings: readonly Mirroring[]): Mirroring => ({
  positions: mirrorings.flatMap(({ positions }) => positions),
  unwritten: new Set(mirrorings.flatMap(({ unwritten }) => [...unwritten])),
  errors: mirrorings.flatMap(({ errors }) => errors),
});
