/*
 * Readings as of an instant, as SQL expressions over the columns they are given. Each looks up by
 * the beginning of a primary key: what it reads grows with a node's own history, with nothing else.
 */

export interface EdgeColumns {
  readonly tenant: string;
  /** A text literal or a column. */
  readonly tree: string;
  readonly node: string;
  readonly at: string;
  /** `distributor` passes over links of somebody who was a customer. */
  readonly kind: "any" | "distributor";
}

/** What the JSON of an edge holds. */
export interface EdgeFound {
  readonly tree: "sponsor" | "placement";
  readonly parent: string | null;
  readonly leg: "L" | "R" | null;
  readonly kind: "distributor" | "customer";
  readonly version: string;
  readonly from: number;
}

/**
 * JSON of {@link EdgeFound}, the edge that `edgeAt` (core/genealogy) finds:
 * of those in force the highest version, else the earliest that is no move. Null where there is none.
 */
export const edgeAtSql = ({ tenant, tree, node, at, kind }: EdgeColumns): string =>
  `(SELECT json_object('tree', e.tree, 'parent', e.parent_id, 'leg', e.leg, 'kind', e.node_kind,
      'version', e.version, 'from', e.effective_ms) FROM edges e
    WHERE e.tenant = ${tenant} AND e.tree = ${tree} AND e.node = ${node}
      AND (e.effective_ms <= ${at} OR e.version < 'm')
      ${kind === "any" ? "" : "AND e.node_kind = 'distributor'"}
    ORDER BY e.effective_ms <= ${at} DESC, iif(e.effective_ms <= ${at}, e.version, '') DESC,
      e.effective_ms, e.version DESC LIMIT 1)`;

/** The edge in the tree that a column names: without a placement, that of the sponsor tree. */
export const fallingBack = (tree: string, edgeIn: (tree: string) => string): string =>
  `coalesce(iif(${tree} = 'placement', ${edgeIn("'placement'")}, NULL), ${edgeIn("'sponsor'")})`;

const HIGHEST_FIRST = "s.epoch DESC, length(s.rev) DESC, s.rev DESC";

const standingsOf = (of: string, kind: string): string =>
  `FROM standings s WHERE s.tenant = ${of}.tenant AND s.distributor_id = ${of}.node
    AND s.kind = '${kind}'`;

const inForce = (of: string, kind: string, value: string): string =>
  `(SELECT ${value} ${standingsOf(of, kind)} AND s.effective_ms <= ${of}.at
    ORDER BY ${HIGHEST_FIRST}, s.effective_ms DESC LIMIT 1)`;

/** The status of `of.node`; before its first one, what the enrolment said. */
export const statusAtSql = (of: string): string =>
  `coalesce(${inForce(of, "status", "s.value ->> 'status'")}, ${enrolmentAtSql(of, "s.value ->> 'status'")})`;

/** Of the enrolment in force, else of the earliest. */
export const enrolmentAtSql = (of: string, value: string): string =>
  `(SELECT ${value} ${standingsOf(of, "enrolment")}
    ORDER BY s.effective_ms <= ${of}.at DESC, iif(s.effective_ms <= ${of}.at, 0, s.effective_ms),
      ${HIGHEST_FIRST} LIMIT 1)`;

/** The pay rank, across all periods. */
export const rankAtSql = (of: string): string =>
  inForce(of, "rank", "CAST(s.value ->> 'pay_rank' AS TEXT)");

/** The personal volume in hundredths of a point, across all periods. */
export const pvAtSql = (of: string): string => inForce(of, "volume", "s.value ->> 'pv_x100'");
