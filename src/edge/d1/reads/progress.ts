import type { Below, Downline, ToldRank } from "../../../core/statement/progress.ts";
import type { Reader, Reading } from "../../reading.ts";
import { edgeAtSql } from "./as-of.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

/** People of a downline that one answer looks at, the nearest first. */
export const DOWNLINE_MAX = 10_000;

/** As deep as a tree can be: nobody is left out for the depth. */
const DEPTH_MAX = DOWNLINE_MAX;

interface Asked {
  readonly distributorId: string;
  readonly periodId: string;
  /** Trees, and ranks that were told for other periods, as of then. */
  readonly atMs: number;
  /** Everybody below; otherwise the frontline alone. */
  readonly isDeep: boolean;
}

interface Standing {
  readonly pvX100: number;
  readonly gvX100: number;
  /** The volumes are the core's; otherwise as counted here. */
  readonly isTold: boolean;
  /** The pay rank that was told for the period, else the one in force. */
  readonly rank: ToldRank | null;
  readonly downline: Downline;
}

/** The core's snapshot of a period, its highest revision whenever it came. */
const snapshotOf = (of: string, name: string) => `(SELECT s.value ->> '${name}' FROM standings s
  WHERE s.tenant = ${of}.tenant AND s.distributor_id = ${of}.node AND s.kind = 'volume'
    AND s.period_id = ${of}.period
  ORDER BY s.epoch DESC, length(s.rev) DESC, s.rev DESC LIMIT 1)`;

const countedOf = (of: string, column: string) => `(SELECT v.${column} FROM volumes v
  WHERE v.tenant = ${of}.tenant AND v.distributor_id = ${of}.node AND v.period_id = ${of}.period)`;

const volumeOf = (of: string, name: "pv_x100" | "gv_x100") =>
  `coalesce(${snapshotOf(of, name)}, ${countedOf(of, name)}, 0)`;

/** What was told for the period counts whenever it takes effect: a run's does once the period is over. */
const rankOf = (of: string, or: string) => `(SELECT
    json_object('rank', CAST(s.value ->> 'pay_rank' AS TEXT), 'by', coalesce(s.value ->> 'told_by', 'core'))
  FROM standings s
  WHERE s.tenant = ${of}.tenant AND s.distributor_id = ${of}.node AND s.kind = 'rank'
    AND (s.period_id = ${of}.period OR ${or})
  ORDER BY s.period_id = ${of}.period DESC, s.epoch DESC, length(s.rev) DESC, s.rev DESC,
    s.effective_ms DESC LIMIT 1)`;

const SELF = `SELECT ${volumeOf("k", "pv_x100")} AS pvX100, ${volumeOf("k", "gv_x100")} AS gvX100,
    ${snapshotOf("k", "pv_x100")} IS NOT NULL AS told, ${rankOf("k", "s.effective_ms <= k.at")} AS rank
  FROM (SELECT tenant, ?2 AS node, ?3 AS period, ?4 AS at FROM subjects
    WHERE tenant = ?1 AND subject = 'dist:' || ?2) k`;

/** The edge `x` is the one in force of its node, and the node is no customer. */
const IN_FORCE = `x.node_kind = 'distributor' AND x.version = ${edgeAtSql({
  tenant: "?1",
  tree: "'sponsor'",
  node: "x.node",
  at: "?4",
  kind: "distributor",
})} ->> 'version'`;

// A queue, first in first out: whoever is nearer is looked at first. One more than is shown tells
// whether that was everybody. Nobody stands below themselves: with one parent each, that leaves no
// way in a circle.
const DOWN = `WITH RECURSIVE down (tenant, node, period, parent, depth) AS (
    SELECT ?1, x.node, ?3, ?2, 1 FROM edges x INDEXED BY edges_parent
      WHERE x.tenant = ?1 AND x.tree = 'sponsor' AND x.parent_id = ?2 AND x.node <> ?2 AND ${IN_FORCE}
    UNION ALL
    SELECT ?1, x.node, ?3, d.node, d.depth + 1 FROM down d CROSS JOIN edges x INDEXED BY edges_parent
      ON x.tenant = ?1 AND x.tree = 'sponsor' AND x.parent_id = d.node AND x.node <> ?2
        AND d.depth < ?6 AND ${IN_FORCE}
    LIMIT ?5)
  SELECT d.node AS id, d.parent AS parent_id, ${volumeOf("d", "pv_x100")} AS pv_x100,
    ${volumeOf("d", "gv_x100")} AS gv_x100, ${rankOf("d", "0")} ->> 'rank' AS told FROM down d`;

interface SelfRow {
  readonly pvX100: number;
  readonly gvX100: number;
  readonly told: number;
  readonly rank: string | null;
}

/** What a distributor's rank is counted from, as the mirror has it. */
export const progressReads = (mirrorOf: MirrorOf) => ({
  async standing(reader: Reader, asked: Asked): Promise<Reading<Standing | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    const values = [reader.tenant, asked.distributorId, asked.periodId, asked.atMs];
    const [self] = await rowsOf<SelfRow>(session, SELF, values);
    if (self === undefined) return readingOf(session, undefined);
    const bounds = [DOWNLINE_MAX + 1, asked.isDeep ? DEPTH_MAX : 1];
    const people = await rowsOf<Below>(session, DOWN, [...values, ...bounds]);
    const { told, rank, ...volumes } = self;
    return readingOf(session, {
      ...volumes,
      isTold: told === 1,
      rank: rank === null ? null : toldIn(rank),
      downline: {
        people: people.slice(0, DOWNLINE_MAX),
        isWhole: people.length <= DOWNLINE_MAX,
      },
    });
  },
});

// Own text: what json_object() wrote.
const toldIn = (text: string): ToldRank => JSON.parse(text);
