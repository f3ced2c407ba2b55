import type { SeenNode, TreeSurroundings } from "../../../core/genealogy/forest.ts";
import type { Edge } from "../../../core/subject/entry.ts";

/** A distributor whom a tree's object has to know to judge a move. */
export interface SeenAsk {
  readonly tenant: string;
  readonly node: string;
}

// Every version of every edge upwards; UNION ends by itself where edges run in a circle. Moves come
// and go, but whoever was enrolled into a placement never falls back on the sponsor.
const SEEN = `WITH RECURSIVE asks AS MATERIALIZED (
    SELECT DISTINCT value ->> 't' AS tenant, value ->> 'n' AS node FROM json_each(?1)),
  way (tenant, tree, node) AS (
    SELECT tenant, tree, node
    FROM asks CROSS JOIN (SELECT 'sponsor' AS tree UNION ALL SELECT 'placement')
    UNION
    SELECT w.tenant, w.tree, e.parent_id FROM way w CROSS JOIN edges e
      ON e.tenant = w.tenant AND e.tree IN (w.tree, 'sponsor') AND e.node = w.node
    WHERE e.parent_id IS NOT NULL AND e.node_kind = 'distributor'
      AND (e.tree = w.tree OR NOT EXISTS (SELECT 1 FROM edges p WHERE p.tenant = w.tenant
        AND p.tree = 'placement' AND p.node = w.node AND p.version < 'm'))),
  nodes AS MATERIALIZED (
    SELECT tenant, node FROM way
    UNION
    SELECT a.tenant, e.node FROM asks a CROSS JOIN edges e INDEXED BY edges_parent
      ON e.tenant = a.tenant AND e.tree = 'placement' AND e.parent_id = a.node
    WHERE e.leg IS NOT NULL)
  SELECT n.tenant AS tenant, n.node AS node, e.tree, e.version, e.effective_ms, e.parent_id, e.leg
  FROM nodes n LEFT JOIN edges e ON e.tenant = n.tenant AND e.tree IN ('sponsor', 'placement')
    AND e.node = n.node AND e.node_kind = 'distributor'
  ORDER BY 1, 2, 3, 4`;

interface SeenRow {
  readonly tenant: string;
  readonly node: string;
  readonly tree: Edge["tree"] | null;
  readonly version: string;
  readonly effective_ms: number;
  readonly parent_id: string | null;
  readonly leg: Edge["leg"];
}

/**
 * What the trees' objects have to know of the mirror, by tenant: these distributors, all who are or
 * were or will be above them, and who hangs in their legs. One query on the primary, by key.
 */
export async function readTreeSurroundings(
  db: D1Database,
  asks: readonly SeenAsk[],
): Promise<ReadonlyMap<string, TreeSurroundings>> {
  if (asks.length === 0) return new Map();
  const given = JSON.stringify(asks.map(({ tenant, node }) => ({ t: tenant, n: node })));
  const session = db.withSession("first-primary");
  const { results } = await session.prepare(SEEN).bind(given).all<SeenRow>();
  const asked = new Set(asks.map(keyOf));
  const found = new Map<string, Map<string, SeenNode & { readonly edges: Edge[] }>>();
  for (const row of results) {
    const { tenant, node, tree, ...edge } = row;
    const nodes = found.get(tenant) ?? new Map<string, SeenNode & { readonly edges: Edge[] }>();
    const seen = nodes.get(node) ?? { node, edges: [], has_legs: asked.has(keyOf(row)) };
    if (tree !== null) seen.edges.push({ node, tree, node_kind: "distributor", ...edge });
    found.set(tenant, nodes.set(node, seen));
  }
  return new Map([...found].map(([tenant, nodes]) => [tenant, { nodes: [...nodes.values()] }]));
}

const keyOf = ({ tenant, node }: SeenAsk): string => JSON.stringify([tenant, node]);
