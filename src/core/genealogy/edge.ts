import type { Edge } from "../subject/entry.ts";

/**
 * What made a version of an edge: a customer was linked, a distributor enrolled, somebody moved; or
 * nobody named a placement, and the matrix had a slot (`placement.ts`).
 */
export type EdgeOrigin = "customer" | "auto" | "enrolment" | "move";

/** The place of the fact that made an edge among its like. */
export interface EdgePlace {
  readonly epoch: number;
  /** A register's revision or a stream's seq: decimal digits without leading zeros. */
  readonly rev: string;
}

const PREFIX = { customer: "c", auto: "d", enrolment: "e", move: "m" } as const satisfies Record<
  EdgeOrigin,
  string
>;

/** Digits of the largest integer that an epoch can be. */
const EPOCH_DIGITS = 16;

/**
 * A version as text that sorts in the order of precedence: every move above every enrolment, every
 * enrolment above every slot that was found (so that a placement that the company names wins,
 * whichever came first), all above every link of a customer (who may become a distributor under the
 * same id), and within each by (epoch, rev) as integers. `migrations/0002_ledger.sql` writes the
 * same form.
 */
export function edgeVersion(origin: EdgeOrigin, { epoch, rev }: EdgePlace): string {
  const digits = String(rev.length).padStart(2, "0");
  return `${PREFIX[origin]}${String(epoch).padStart(EPOCH_DIGITS, "0")}.${digits}.${rev}`;
}

export interface FactOfEdge extends EdgePlace {
  readonly effective_ms: number;
}

export interface EnrolledUnder {
  /** Null at the top. */
  readonly sponsor_id: string | null;
  readonly placement_id: string | null;
  readonly leg: "L" | "R" | null;
}

/**
 * The edges that an enrolment makes: always one in the sponsor tree, and one in the placement tree
 * only where it names a placement. Without it a node hangs under its sponsor, wherever that moves.
 */
export function edgesOfEnrolment(
  distributorId: string,
  { sponsor_id, placement_id, leg }: EnrolledUnder,
  { effective_ms, ...place }: FactOfEdge,
): readonly Edge[] {
  const version = edgeVersion("enrolment", place);
  const edge = { node: distributorId, node_kind: "distributor", version, effective_ms } as const;
  const sponsor: Edge = { ...edge, tree: "sponsor", parent_id: sponsor_id, leg: null };
  if (placement_id === null) return [sponsor];
  return [sponsor, { ...edge, tree: "placement", parent_id: placement_id, leg }];
}

/** The edge of `customer.linked`: a leaf of the sponsor tree, under who brought the customer. */
export const edgeOfCustomer = (
  customerId: string,
  enrollerId: string,
  { effective_ms, ...place }: FactOfEdge,
): Edge => ({
  tree: "sponsor",
  node: customerId,
  node_kind: "customer",
  version: edgeVersion("customer", place),
  effective_ms,
  parent_id: enrollerId,
  leg: null,
});

/** A move as a strict stream tells it. */
export interface MoveFact {
  readonly distributor_id: string;
  readonly tree: Edge["tree"];
  readonly parent_id: string;
  readonly leg: Edge["leg"];
  readonly effective_ms: number;
  readonly source: string;
  readonly epoch: number;
  readonly seq: number;
}

/** The edge of `distributor.moved`. Streams of two sources may both have a first move: by name then. */
export const edgeOfMove = (move: MoveFact): Edge => ({
  tree: move.tree,
  node: move.distributor_id,
  node_kind: "distributor",
  version: `${edgeVersion("move", { epoch: move.epoch, rev: String(move.seq) })}.${move.source}`,
  effective_ms: move.effective_ms,
  parent_id: move.parent_id,
  leg: move.tree === "placement" ? move.leg : null,
});

type Version = Pick<Edge, "version" | "effective_ms">;

export const isAuto = ({ version }: Pick<Edge, "version">): boolean =>
  version.startsWith(PREFIX.auto);

export const isMove = ({ version }: Pick<Edge, "version">): boolean =>
  version.startsWith(PREFIX.move);

/**
 * The version in force at an instant: the highest of those whose time has come. Before the first of
 * them it is the earliest that is no move: a node hangs where it was enrolled, as it has the status
 * it was enrolled with. Undefined where there is neither.
 */
export function edgeAt<Of extends Version>(versions: readonly Of[], atMs: number): Of | undefined {
  const inForce = versions.filter(({ effective_ms }) => effective_ms <= atMs);
  if (inForce.length > 0) return inForce.reduce(highest);
  const later = versions.filter((version) => !isMove(version));
  return later.length === 0 ? undefined : later.reduce(earliest);
}

const highest = <Of extends Version>(a: Of, b: Of): Of => (b.version > a.version ? b : a);

function earliest<Of extends Version>(a: Of, b: Of): Of {
  if (a.effective_ms === b.effective_ms) return highest(a, b);
  return a.effective_ms < b.effective_ms ? a : b;
}
