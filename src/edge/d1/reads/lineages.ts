import type { Ancestor, Lineage, LineageGap, TreeName } from "../../../core/genealogy/lineage.ts";
import {
  edgeAtSql,
  type EdgeFound,
  fallingBack,
  pvAtSql,
  rankAtSql,
  statusAtSql,
} from "./as-of.ts";

/** Higher than any company is deep: who is further up runs in a circle. */
export const DEPTH_MAX = 1000;

/** Who stands above a node as of an instant. */
export interface LineageAsk {
  readonly tenant: string;
  readonly node: string;
  readonly at_ms: number;
}

export interface LineageAnswer extends LineageAsk {
  readonly sponsor: Lineage | LineageGap;
  readonly placement: Lineage | LineageGap;
}

/** One on the way up, and by which tree's edge it hangs: without a placement by the sponsor's. */
export interface Passed extends Ancestor {
  readonly hangs_by: TreeName;
}

/** The way up as far as it is known, the source first. The last one's parent is the gap's node. */
export interface Way {
  readonly passed: readonly Passed[];
  readonly gap?: LineageGap;
}

// Every column is named with its table: `tenant` alone would be the edge's own.
const SOURCE = fallingBack("t.tree", (tree) =>
  edgeAtSql({ tenant: "a.tenant", tree, node: "a.node", at: "a.at", kind: "any" }),
);
const ABOVE = fallingBack("w.tree", (tree) => {
  const node = "(w.edge ->> 'parent')";
  return edgeAtSql({ tenant: "w.tenant", tree, node, at: "w.at", kind: "distributor" });
});

// Nobody's ancestor is a customer; the source may be one. Who stands in both trees is looked up once.
const WAYS = `WITH RECURSIVE asks AS MATERIALIZED (
    SELECT key AS ask, value ->> 't' AS tenant, value ->> 'n' AS node, value ->> 'at' AS at
    FROM json_each(?1)),
  way (ask, tenant, at, tree, node, depth, edge) AS (
    SELECT a.ask, a.tenant, a.at, t.tree, a.node, 0, ${SOURCE}
    FROM asks a CROSS JOIN (SELECT 'sponsor' AS tree UNION ALL SELECT 'placement') t
    UNION ALL
    SELECT w.ask, w.tenant, w.at, w.tree, w.edge ->> 'parent', w.depth + 1, ${ABOVE}
    FROM way w WHERE w.edge ->> 'parent' IS NOT NULL AND w.depth < ${DEPTH_MAX}),
  people AS MATERIALIZED (SELECT DISTINCT tenant, at, node FROM way),
  standing AS MATERIALIZED (
    SELECT tenant, at, node, ${statusAtSql("people")} AS status, ${rankAtSql("people")} AS rank,
      ${pvAtSql("people")} AS pv
    FROM people)
  SELECT ask, tree,
    json_group_array(json_array(way.node, json(edge), status, rank, pv) ORDER BY depth) AS steps
  FROM way JOIN standing USING (tenant, at, node)
  GROUP BY ask, tree`;

/** A way is one row: as a row a step, most of the time would go into taking a batch's answer apart. */
interface WayRow {
  /** The ask's place in the list. */
  readonly ask: number;
  readonly tree: TreeName;
  /** JSON of an array of {@link Step}, the node itself first. */
  readonly steps: string;
}

/** Node, edge, status, rank, PV; no edge where the node is not known. */
type Step = readonly [string, EdgeFound | null, string | null, string | null, number | null];

/**
 * The whole way up of each node in both trees as of its instant, with everybody's standing then
 * (DESIGN «Fixed readings»), in one statement that reads nothing but by key. A node without a
 * placement hangs under its sponsor. Given a database, it asks the primary.
 */
export async function readLineages(
  db: D1Database | D1DatabaseSession,
  asks: readonly LineageAsk[],
): Promise<readonly LineageAnswer[]> {
  const ways = await readWays("withSession" in db ? db.withSession("first-primary") : db, asks);
  return asks.map((ask, i) => ({
    ...ask,
    sponsor: lineageOf(ask, "sponsor", ways[i]?.sponsor),
    placement: lineageOf(ask, "placement", ways[i]?.placement),
  }));
}

/** As {@link readLineages}, with what is known of ways that have gaps. */
export async function readWays(
  session: D1DatabaseSession,
  asks: readonly LineageAsk[],
): Promise<readonly Readonly<Record<TreeName, Way>>[]> {
  if (asks.length === 0) return [];
  const given = asks.map(({ tenant, node, at_ms }) => ({ t: tenant, n: node, at: at_ms }));
  const { results } = await session.prepare(WAYS).bind(JSON.stringify(given)).all<WayRow>();
  const steps = asks.map((): Record<TreeName, readonly Step[]> => ({ sponsor: [], placement: [] }));
  for (const row of results) {
    const way = steps[row.ask];
    if (way !== undefined) way[row.tree] = JSON.parse(row.steps);
  }
  return steps.map(({ sponsor, placement }) => ({
    sponsor: wayOf(sponsor),
    placement: wayOf(placement),
  }));
}

function wayOf(steps: readonly Step[]): Way {
  const passed: Passed[] = [];
  const met = new Set<string>();
  for (const [node, edge, ...standing] of steps) {
    if (edge === null) return { passed, gap: { kind: "unknown", node } };
    const isTooFar = passed.length >= DEPTH_MAX;
    if (met.has(node) || isTooFar) return { passed, gap: { kind: "cycle", node } };
    met.add(node);
    passed.push(passedOf([node, edge, ...standing], edge, passed.length));
  }
  return { passed };
}

function passedOf([node, , status, rank, pv]: Step, edge: EdgeFound, depth: number): Passed {
  const { leg, kind, tree } = edge;
  const none = { status: null, rank: null, pv_x100: null };
  const standing = kind === "customer" ? none : { status, rank, pv_x100: pv };
  return { id: node, depth, leg, ...standing, hangs_by: tree };
}

const ancestorOf = ({ hangs_by: _hangsBy, ...ancestor }: Passed): Ancestor => ancestor;

function lineageOf({ node, at_ms }: LineageAsk, tree: TreeName, way?: Way): Lineage | LineageGap {
  const [source, ...upline] = way?.passed.map(ancestorOf) ?? [];
  if (way?.gap !== undefined) return way.gap;
  if (source === undefined) return { kind: "unknown", node };
  return { node, at_ms, tree, source, upline };
}
