import type { Reader, Reading } from "../../reading.ts";
import { edgeAtSql, rankAtSql } from "./as-of.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

/** People of a downline that one answer looks at, the nearest first. */
export const DOWNLINE_MAX = 2000;

interface Asked {
  readonly distributorId: string;
  readonly periodId: string;
  /** Trees and ranks as of then. */
  readonly atMs: number;
}

interface Standing {
  readonly pvX100: number;
  readonly gvX100: number;
  /** The volumes are the core's; otherwise as counted here. */
  readonly isTold: boolean;
  /** The pay rank in force. */
  readonly rank: string | null;
  readonly legs: readonly Leg[];
  /** False where the downline has more people than are looked at. */
  readonly isWhole: boolean;
}

interface Leg {
  readonly gvX100: number;
  /** Every pay rank that somebody of the leg has. */
  readonly ranks: readonly string[];
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

const SELF = `SELECT ${volumeOf("k", "pv_x100")} AS pvX100, ${volumeOf("k", "gv_x100")} AS gvX100,
    ${snapshotOf("k", "pv_x100")} IS NOT NULL AS told, ${rankAtSql("k")} AS rank
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
// whether that was everybody.
const LEGS = `WITH RECURSIVE down (tenant, node, period, at, leg) AS (
    SELECT ?1, x.node, ?3, ?4, x.node FROM edges x INDEXED BY edges_parent
      WHERE x.tenant = ?1 AND x.tree = 'sponsor' AND x.parent_id = ?2 AND ${IN_FORCE}
    UNION ALL
    SELECT ?1, x.node, ?3, ?4, d.leg FROM down d CROSS JOIN edges x INDEXED BY edges_parent
      ON x.tenant = ?1 AND x.tree = 'sponsor' AND x.parent_id = d.node AND ${IN_FORCE}
    LIMIT ?5)
  SELECT COUNT(*) AS people, json_group_array(DISTINCT ${rankAtSql("d")}) AS ranks,
    MAX(iif(d.node = d.leg, ${volumeOf("d", "gv_x100")}, NULL)) AS gv
  FROM down d GROUP BY d.leg`;

interface SelfRow {
  readonly pvX100: number;
  readonly gvX100: number;
  readonly told: number;
  readonly rank: string | null;
}

interface LegRow {
  readonly people: number;
  readonly ranks: string;
  readonly gv: number | null;
}

/** What a distributor's rank is counted from, as the mirror has it. */
export const progressReads = (mirrorOf: MirrorOf) => ({
  async standing(reader: Reader, asked: Asked): Promise<Reading<Standing | undefined>> {
    const session = sessionOf(mirrorOf, reader);
    const values = [reader.tenant, asked.distributorId, asked.periodId, asked.atMs];
    const [self] = await rowsOf<SelfRow>(session, SELF, values);
    if (self === undefined) return readingOf(session, undefined);
    const rows = await rowsOf<LegRow>(session, LEGS, [...values, DOWNLINE_MAX + 1]);
    const { told, ...standing } = self;
    return readingOf(session, {
      ...standing,
      isTold: told === 1,
      legs: rows.map(({ gv, ranks }) => ({ gvX100: gv ?? 0, ranks: ranksIn(ranks) })),
      isWhole: rows.reduce((sum, { people }) => sum + people, 0) <= DOWNLINE_MAX,
    });
  },
});

/** Own text: what json_group_array() wrote. Nobody's rank is null. */
const ranksIn = (text: string): readonly string[] => {
  const ranks: readonly (string | null)[] = JSON.parse(text);
  return ranks.flatMap((rank) => rank ?? []);
};
