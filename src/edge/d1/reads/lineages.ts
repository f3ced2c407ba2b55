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
  SELECT ask, tree, way.node AS node, edge, status, rank, pv
  FROM way JOIN standing USING (tenant, at, node)
  ORDER BY ask, tree, depth`;

interface WayRow {
  /** The ask's place in the list. */
  readonly ask: number;
  readonly tree: TreeName;
  readonly node: string;
  /** JSON of {@link EdgeFound}; null where the node is not known. */
  readonly edge: string | null;
  readonly status: string | null;
  readonly rank: string | null;
  readonly pv: number | null;
}

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
  const rows = asks.map((): Record<TreeName, WayRow[]> => ({ sponsor: [], placement: [] }));
  for (const row of results) rows[row.ask]?.[row.tree].push(row);
  return rows.map(({ sponsor, placement }) => ({
    sponsor: wayOf(sponsor),
    placement: wayOf(placement),
  }));
}

function wayOf(rows: readonly WayRow[]): Way {
  const passed: Passed[] = [];
  const met = new Set<string>();
  for (const row of rows) {
    if (row.edge === null) return { passed, gap: { kind: "unknown", node: row.node } };
    const isTooFar = passed.length >= DEPTH_MAX;
    if (met.has(row.node) || isTooFar) return { passed, gap: { kind: "cycle", node: row.node } };
    met.add(row.node);
    passed.push(passedOf(row, row.edge, passed.length));
  }
  return { passed };
}

function passedOf({ node, status, rank, pv }: WayRow, edge: string, depth: number): Passed {
  const { leg, kind, tree }: EdgeFound = JSON.parse(edge);
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
