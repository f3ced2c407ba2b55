import type { TreeName } from "../../../core/genealogy/lineage.ts";
import type { DownlinePlace, TreeAsk } from "../../trees.ts";
import { edgeAtSql, type EdgeFound } from "./as-of.ts";
import type { Passed } from "./lineages.ts";
import { rowsOf } from "./session.ts";

/** Edges looked at in one query, and queries in one descent: what bounds the rows that a page reads. */
const EDGES_MAX = 200;
export const QUERIES_MAX = 60;

/** A level is kept, to go on to the next from it, if it is no larger. */
const LEVEL_KEPT_MAX = 2000;

export interface Descended {
  readonly id: string;
  readonly depth: number;
  readonly parentId: string;
  readonly leg: "L" | "R" | null;
  /** The place directly behind it. */
  readonly place: DownlinePlace;
}

/** Where a descent goes on: the way from below its root down to `place.under`, and the place. */
export interface Resumption {
  readonly path: readonly Passed[];
  readonly place: DownlinePlace;
}

const edgeIn = (tree: string): string =>
  edgeAtSql({ tenant: "?2", tree, node: "c.node", at: "?3", kind: "distributor" });

// CROSS JOIN walks the ranges in their order, and each along the index: so the rows come sorted,
// and the limit is one of rows read. An edge is there if it is the very one in force; equal versions
// stand in both trees, as one enrolment makes both edges.
const BELOW = `WITH c AS MATERIALIZED (
    SELECT r.value ->> 'p' AS parent, e.tree, e.node, e.version
    FROM json_each(?1) r CROSS JOIN edges e INDEXED BY edges_parent
      ON e.tenant = ?2 AND e.tree = r.value ->> 't' AND e.parent_id = r.value ->> 'p'
        AND (e.node, e.version) > (r.value ->> 'n', r.value ->> 'v')
    LIMIT ?5)
  SELECT parent, tree, node, version,
    CASE WHEN tree = 'placement' THEN ${edgeIn("'placement'")}
      WHEN ?4 = 'sponsor' OR ${edgeIn("'placement'")} IS NULL THEN ${edgeIn("'sponsor'")} END AS edge
  FROM c`;

/** Edges below a parent, from a place on. */
interface Range {
  readonly p: string;
  readonly t: TreeName;
  readonly n: string;
  readonly v: string;
}

interface EdgeRow {
  readonly parent: string;
  readonly tree: TreeName;
  readonly node: string;
  readonly version: string;
  /** JSON of the edge by which the node hangs at the instant. */
  readonly edge: string | null;
}

/** Behind every version. */
const LAST = "~";

/**
 * Goes down a tree level by level; in each, the children of one parent stand together: those placed
 * under it by id, then those who hang there for want of a placement. Reads no further than it is
 * asked to, and no more than {@link QUERIES_MAX} allows: `stoppedAt` then says how far it came.
 */
export class Descent {
  readonly #session: D1DatabaseSession;
  readonly #tenant: string;
  readonly #ask: TreeAsk;
  readonly #levels = new Map<number, readonly string[]>();
  #queries = 0;
  #isSpent = false;
  #behind: DownlinePlace | undefined;

  constructor(session: D1DatabaseSession, tenant: string, ask: TreeAsk) {
    this.#session = session;
    this.#tenant = tenant;
    this.#ask = ask;
  }

  /** Nothing where it came to the end. */
  get stoppedAt(): DownlinePlace | undefined {
    return this.#isSpent ? this.#behind : undefined;
  }

  /** The nodes of the depths from `resumption`, or 1, to `depth`. */
  async *down(depth: number, resumption?: Resumption): AsyncGenerator<Descended> {
    const first = resumption?.place.depth ?? 1;
    for (let goal = first; goal <= depth && !this.#isSpent; goal += 1) {
      const from = goal === first ? resumption : undefined;
      this.#behind = from?.place ?? this.#beginning(goal);
      for await (const nodes of this.#level(goal, { goal, from })) yield* nodes;
    }
  }

  #beginning(depth: number): DownlinePlace {
    const [tree] = this.#trees();
    return { depth, under: this.#ask.distributorId, tree, node: "", version: "" };
  }

  #trees() {
    return this.#ask.tree === "placement" ? BOTH : SPONSOR;
  }

  async *#level(level: number, aim: Aim): AsyncGenerator<readonly Descended[]> {
    const kept: string[] = [];
    let start = startOf(level, aim);
    for await (const parents of this.#parents(level - 1, aim)) {
      for await (const nodes of this.#below(parents, start, { ...aim, level })) {
        kept.push(...nodes.map(({ id }) => id));
        if (nodes.length > 0) yield nodes;
      }
      start = undefined;
    }
    const isWhole = aim.from === undefined && !this.#isSpent;
    if (isWhole && kept.length <= LEVEL_KEPT_MAX) this.#levels.set(level, kept);
  }

  async *#parents(level: number, aim: Aim): AsyncGenerator<readonly string[]> {
    const kept = aim.from === undefined ? this.#levels.get(level) : undefined;
    const passed = aim.from?.path[level - 1];
    if (passed !== undefined) yield [passed.id];
    if (level === 0) yield [this.#ask.distributorId];
    else if (kept !== undefined) yield kept;
    else for await (const nodes of this.#level(level, aim)) yield nodes.map(({ id }) => id);
  }

  async *#below(
    parents: readonly string[],
    start: Omit<Range, "p"> | undefined,
    { goal, level }: Aim & { readonly level: number },
  ): AsyncGenerator<readonly Descended[]> {
    let ranges = this.#rangesOf(parents, start);
    while (ranges.length > 0) {
      if (this.#queries >= QUERIES_MAX) this.#isSpent = true;
      if (this.#isSpent) return;
      this.#queries += 1;
      const { tree, atMs } = this.#ask;
      const values = [JSON.stringify(ranges), this.#tenant, atMs, tree, EDGES_MAX];
      const rows = await rowsOf<EdgeRow>(this.#session, BELOW, values);
      yield rows.flatMap((row) => this.#descendedTo(row, goal, level));
      // Whoever was given these nodes is through with them, and with all below them.
      const last = rows.at(-1);
      if (last === undefined || this.#isSpent) return;
      this.#behind = placeBehind(last, goal);
      if (rows.length < EDGES_MAX) return;
      const at = ranges.findIndex(({ p, t }) => p === last.parent && t === last.tree);
      const next = { p: last.parent, t: last.tree, n: last.node, v: last.version };
      ranges = [next, ...ranges.slice(at + 1)];
    }
  }

  #rangesOf(parents: readonly string[], start: Omit<Range, "p"> | undefined): readonly Range[] {
    const ranges = parents.flatMap((p) =>
      this.#trees().map((t): Range => ({ p, t, n: "", v: "" })),
    );
    if (start === undefined) return ranges;
    const at = ranges.findIndex(({ t }) => t === start.t);
    return ranges.slice(at).map((range, i) => (i === 0 ? { ...range, ...start } : range));
  }

  #descendedTo(row: EdgeRow, goal: number, depth: number): readonly Descended[] {
    if (row.edge === null) return [];
    const { version, leg, from }: EdgeFound = JSON.parse(row.edge);
    // A node is there from its edge's own time on; as of earlier it had not joined.
    if (version !== row.version || from > this.#ask.atMs) return [];
    const place = placeBehind(row, goal);
    return [{ id: row.node, depth, parentId: row.parent, leg, place }];
  }
}

interface Aim {
  /** The depth whose nodes are wanted. */
  readonly goal: number;
  readonly from: Resumption | undefined;
}

const BOTH = ["placement", "sponsor"] as const satisfies readonly TreeName[];
const SPONSOR = ["sponsor"] as const satisfies readonly TreeName[];

const placeBehind = ({ parent, tree, node, version }: EdgeRow, depth: number): DownlinePlace => ({
  depth,
  under: parent,
  tree,
  node,
  version,
});

/** Behind what was passed at this level before; only below the first of the parents. */
function startOf(level: number, { from }: Aim): Omit<Range, "p"> | undefined {
  if (from === undefined) return undefined;
  const passed = from.path[level - 1];
  if (passed !== undefined) return { t: passed.hangs_by, n: passed.id, v: LAST };
  const { tree, node, version } = from.place;
  return level === from.path.length + 1 ? { t: tree, n: node, v: version } : undefined;
}
