import type { DownlineFound, DownlinePlace, TreeAsk, TreeRow } from "../../trees.ts";
import type { Part, Reader, Reading } from "../../reading.ts";
import { enrolmentAtSql, rankAtSql, statusAtSql } from "./as-of.ts";
import { Descent, type Descended, type Resumption } from "./descent.ts";
import { readWays } from "./lineages.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

const IS_ENROLLED = `SELECT 1 FROM edges WHERE tenant = ?1 AND tree = 'sponsor' AND node = ?2
  AND node_kind = 'distributor' LIMIT 1`;

/** As of an instant, by either tree: a move there can be older than the enrolment. */
const HAS_JOINED = `SELECT 1 FROM edges WHERE tenant = ?1 AND tree IN ('sponsor', 'placement')
  AND node = ?2 AND node_kind = 'distributor' AND effective_ms <= ?3 LIMIT 1`;

const PEOPLE = `WITH people AS MATERIALIZED (
    SELECT key AS n, ?1 AS tenant, ?2 AS at, value AS node FROM json_each(?3))
  SELECT d.display_name AS displayName, ${statusAtSql("people")} AS status,
    ${rankAtSql("people")} AS rank, ${enrolmentAtSql("people", "s.effective_ms")} AS joinedMs
  FROM people LEFT JOIN subjects d
    ON d.tenant = people.tenant AND d.subject = 'dist:' || people.node
  ORDER BY n`;

type Person = Pick<TreeRow, "displayName" | "status" | "rank" | "joinedMs">;
type Node = Omit<TreeRow, keyof Person>;

/** Trees as the mirror has them. Nothing is found of who is not enrolled. */
export const treeReads = (mirrorOf: MirrorOf) => ({
  /** Nearest first; who is named above but not enrolled comes last, with nothing known of them. */
  async upline(
    reader: Reader,
    ask: TreeAsk,
    { after = 0, limit }: Part<number>,
  ): Promise<Reading<readonly TreeRow[] | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    if (!(await isEnrolled(session, reader, ask))) return readingOf(session, undefined);
    const nodes = await climb(session, reader, ask);
    const part = nodes.filter(({ depth }) => depth > after).slice(0, limit);
    return readingOf(session, await rowsFor(session, { reader, ask }, part));
  },

  /** By depth. `lost`: the place is not in this downline, or no more. */
  async downline(
    reader: Reader,
    ask: TreeAsk & { readonly depth: number },
    { after, limit }: Part<DownlinePlace>,
  ): Promise<Reading<DownlineFound | "unknown" | "lost">> {
    const session = sessionOf(mirrorOf, reader);
    if (!(await isEnrolled(session, reader, ask))) return readingOf(session, "unknown");
    const from = after && (await resumptionAt(session, { reader, ask }, after));
    if (from === "lost") return readingOf(session, from);

    const descent = new Descent(session, reader.tenant, ask);
    const found: Descended[] = [];
    for await (const node of descent.down(ask.depth, from)) {
      found.push(node);
      if (found.length > limit) break;
    }
    const shown = found.slice(0, limit);
    const next = found.length > limit ? shown.at(-1)?.place : descent.stoppedAt;
    const nodes = shown.map(({ id, place: _place, ...node }) => ({ distributorId: id, ...node }));
    const rows = await rowsFor(session, { reader, ask }, nodes);
    return readingOf(session, next === undefined ? { rows } : { rows, next });
  },
});

interface Asked {
  readonly reader: Reader;
  readonly ask: TreeAsk;
}

async function isEnrolled(
  session: D1DatabaseSession,
  { tenant }: Reader,
  { distributorId }: TreeAsk,
): Promise<boolean> {
  return (await rowsOf(session, IS_ENROLLED, [tenant, distributorId])).length > 0;
}

async function climb(
  session: D1DatabaseSession,
  { tenant }: Reader,
  { distributorId, tree, atMs }: TreeAsk,
): Promise<readonly Node[]> {
  const [ways] = await readWays(session, [{ tenant, node: distributorId, at_ms: atMs }]);
  const { passed = [], gap } = ways?.[tree] ?? {};
  const nodes = passed.map(({ id, depth, leg }, i) => ({
    distributorId: id,
    depth,
    leg,
    parentId: passed[i + 1]?.id ?? gap?.node ?? null,
  }));
  const unknown = { depth: passed.length, parentId: null, leg: null };
  const above = gap?.kind === "unknown" ? [{ distributorId: gap.node, ...unknown }] : [];
  return [...nodes.slice(1), ...above];
}

/**
 * The way from the root down to where a page ended; it may have been moved away since. A customer
 * has such a way as well, and no page ends there: the answer would tell whose customer it is.
 */
async function resumptionAt(
  session: D1DatabaseSession,
  { reader: { tenant }, ask: { distributorId, tree, atMs } }: Asked,
  place: DownlinePlace,
): Promise<Resumption | "lost"> {
  if (place.under === distributorId) return { path: [], place };
  const [ways] = await readWays(session, [{ tenant, node: place.under, at_ms: atMs }]);
  const passed = ways?.[tree].passed ?? [];
  const root = passed.findIndex(({ id }) => id === distributorId);
  const path = passed.slice(0, root).toReversed();
  const joined = await rowsOf(session, HAS_JOINED, [tenant, place.under, atMs]);
  const isThere = root >= 0 && path.length < place.depth && joined.length > 0;
  return isThere ? { path, place } : "lost";
}

async function rowsFor(
  session: D1DatabaseSession,
  { reader: { tenant }, ask: { atMs } }: Asked,
  nodes: readonly Node[],
): Promise<readonly TreeRow[]> {
  if (nodes.length === 0) return [];
  const ids = JSON.stringify(nodes.map(({ distributorId }) => distributorId));
  const people = await rowsOf<Person>(session, PEOPLE, [tenant, atMs, ids]);
  const nobody: Person = { displayName: null, status: null, rank: null, joinedMs: null };
  return nodes.map((node, i) => ({ ...node, ...(people[i] ?? nobody) }));
}
