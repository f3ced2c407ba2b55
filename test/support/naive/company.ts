import type { CatalogueEvent } from "#src/core/contracts/catalogue.ts";
import { type Held, ofType, type Told } from "./event.ts";
import { msOf } from "./plan.ts";
import { strictOrder } from "./streams.ts";

export type Tree = "sponsor" | "placement";

/** Who hangs under whom and stands how, as of an instant: DOMAIN §4.1, DESIGN §14 «Standings». */
export interface Company {
  readonly isDistributor: (id: string) => boolean;
  /** Nearest first, without the node itself; undefined where somebody on the way is not known. */
  readonly upline: (tree: Tree, node: string, ms: number) => readonly string[] | undefined;
  /** Undefined for a customer. */
  readonly statusAt: (node: string, ms: number) => string | undefined;
  readonly rankAt: (node: string, ms: number) => string | undefined;
  readonly pvAt: (node: string, ms: number) => number | undefined;
}

interface Edge {
  readonly tree: Tree;
  readonly node: string;
  /** Null at the top. */
  readonly parent: string | null;
  readonly fromMs: number;
  readonly isMove: boolean;
  readonly epoch: number;
  readonly place: bigint;
}

interface Revision {
  readonly epoch: number;
  readonly place: bigint;
  readonly fromMs: number;
}

const byRevision = (a: Revision, b: Revision): number =>
  a.epoch - b.epoch || Number(a.place - b.place) || a.fromMs - b.fromMs;

/** A move is above every enrolment, whenever that was told. */
const byPrecedence = (a: Edge, b: Edge): number =>
  Number(a.isMove) - Number(b.isMove) || byRevision(a, b);

export function companyOf(events: readonly CatalogueEvent[], held: Held): Company {
  const enrolled = new Set(
    ofType(events, "distributor.enrolled").map(({ data }) => data.distributor_id),
  );
  const edges = [...enrolmentEdges(events), ...linkEdges(events)];
  for (const { event, ids } of strictOrder(ofType(events, "distributor.moved"), held)) {
    const { distributor_id, parent_id } = event.data;
    const edge = moveEdge(event);
    if (!enrolled.has(distributor_id) || !enrolled.has(parent_id)) {
      held.put(ids, "parked", "quarantined");
    } else if (makesCircle([...edges, edge], edge)) held.put(ids, "quarantined");
    else edges.push(edge);
  }
  return {
    isDistributor: (id) => enrolled.has(id),
    upline: (tree, node, ms) => uplineIn(edges, { tree, node }, ms),
    ...standingsOf(events),
  };
}

function enrolmentEdges(events: readonly CatalogueEvent[]): Edge[] {
  return ofType(events, "distributor.enrolled").flatMap(({ data, epoch, rev = "0" }) => {
    const edge = {
      node: data.distributor_id,
      fromMs: msOf(data.joined_at),
      isMove: false,
      epoch,
      place: BigInt(rev),
    };
    const sponsor: Edge = { ...edge, tree: "sponsor", parent: data.sponsor_id ?? null };
    // Without a placement of its own a node hangs under its sponsor.
    if (data.placement_id === undefined) return [sponsor];
    return [sponsor, { ...edge, tree: "placement", parent: data.placement_id }];
  });
}

const linkEdges = (events: readonly CatalogueEvent[]): Edge[] =>
  ofType(events, "customer.linked").map(({ data, epoch, rev = "0" }) => ({
    tree: "sponsor",
    node: data.customer_id,
    parent: data.enroller_id,
    fromMs: msOf(data.effective_at),
    isMove: false,
    epoch,
    place: BigInt(rev),
  }));

const moveEdge = ({ data, epoch, seq = 0 }: Told<"distributor.moved">): Edge => ({
  tree: data.tree,
  node: data.distributor_id,
  parent: data.parent_id,
  fromMs: msOf(data.effective_at),
  isMove: true,
  epoch,
  place: BigInt(seq),
});

function parentAt(
  edges: readonly Edge[],
  { tree, node }: { tree: Tree; node: string },
  ms: number,
): string | null | undefined {
  const all = edges.filter((edge) => edge.tree === tree && edge.node === node);
  const inForce = all.filter(({ fromMs }) => fromMs <= ms).toSorted(byPrecedence);
  // Before its first edge a node hangs where it was first put.
  const first = all
    .filter(({ isMove }) => !isMove)
    .toSorted((a, b) => a.fromMs - b.fromMs || byPrecedence(b, a));
  const edge = inForce.at(-1) ?? first[0];
  if (edge !== undefined) return edge.parent;
  return tree === "placement" ? parentAt(edges, { tree: "sponsor", node }, ms) : undefined;
}

function uplineIn(
  edges: readonly Edge[],
  { tree, node }: { tree: Tree; node: string },
  ms: number,
): string[] | undefined {
  const upline: string[] = [];
  let at = node;
  for (;;) {
    const parent = parentAt(edges, { tree, node: at }, ms);
    if (parent === null) return upline;
    if (parent === undefined || parent === node || upline.includes(parent)) return undefined;
    upline.push(parent);
    at = parent;
  }
}

/** Whether a node would ever hang below itself. */
function makesCircle(edges: readonly Edge[], { tree, node }: Edge): boolean {
  const instants = edges.map(({ fromMs }) => fromMs);
  return instants.some((ms) => {
    let at: string | null | undefined = parentAt(edges, { tree, node }, ms);
    for (let steps = 0; steps <= edges.length && typeof at === "string"; steps += 1) {
      if (at === node) return true;
      at = parentAt(edges, { tree, node: at }, ms);
    }
    return false;
  });
}

function standingsOf(
  events: readonly CatalogueEvent[],
): Pick<Company, "statusAt" | "rankAt" | "pvAt"> {
  const place = ({ epoch, rev = "0" }: { epoch: number; rev?: string }) => ({
    epoch,
    place: BigInt(rev),
  });
  const enrolments = ofType(events, "distributor.enrolled").map((event) => ({
    ...place(event),
    fromMs: msOf(event.data.joined_at),
    node: event.data.distributor_id,
    value: event.data.status,
  }));
  const statuses = ofType(events, "distributor.status_changed").map((event) => ({
    ...place(event),
    fromMs: msOf(event.data.effective_at),
    node: event.data.distributor_id,
    value: event.data.status,
  }));
  const ranks = ofType(events, "rank.changed").map((event) => ({
    ...place(event),
    fromMs: event.occurredAtMs,
    node: event.data.distributor_id,
    value: event.data.pay_rank,
  }));
  const volumes = ofType(events, "volume.snapshot").map((event) => ({
    ...place(event),
    fromMs: event.occurredAtMs,
    node: event.data.distributor_id,
    value: event.data.pv_x100,
  }));
  const joinedMs = (node: string) =>
    Math.min(...enrolments.filter((each) => each.node === node).map(({ fromMs }) => fromMs));
  return {
    // Before it joined anybody has the status of the earliest enrolment.
    statusAt: (node, ms) =>
      latest(statuses, node, ms) ?? latest(enrolments, node, Math.max(ms, joinedMs(node))),
    rankAt: (node, ms) => latest(ranks, node, ms),
    pvAt: (node, ms) => latest(volumes, node, ms),
  };
}

/** Among the revisions in force the highest: the late ones too, and of all periods alike. */
function latest<Value>(
  revisions: readonly (Revision & { readonly node: string | undefined; readonly value: Value })[],
  node: string,
  ms: number,
): Value | undefined {
  return revisions
    .filter((each) => each.node === node && each.fromMs <= ms)
    .toSorted(byRevision)
    .at(-1)?.value;
}
