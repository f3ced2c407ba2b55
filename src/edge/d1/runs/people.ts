import type { Bought, Person, RankNow } from "../../../core/runs/people.ts";
import { edgeAtSql, type EdgeFound, fallingBack, rankAtSql, statusAtSql } from "../reads/as-of.ts";
import { rowsOf } from "../reads/session.ts";

/** People in one query: their standings are looked up one by one. */
const PAGE = 2000;

/** A period of a tenant, as its mirror is read. */
export interface PeriodAsked {
  readonly tenant: string;
  readonly periodId: string;
  readonly endMs: number;
}

const edgeIn = (tree: string): string =>
  edgeAtSql({
    tenant: "people.tenant",
    tree,
    node: "people.node",
    at: "people.at",
    kind: "distributor",
  });

/** The core's snapshot of the period, its highest revision whenever it came; else as counted. */
const volume = (name: "pv_x100" | "gv_x100"): string =>
  `coalesce((SELECT s.value ->> '${name}' FROM standings s
      WHERE s.tenant = people.tenant AND s.distributor_id = people.node AND s.kind = 'volume'
        AND s.period_id = ?4
      ORDER BY s.epoch DESC, length(s.rev) DESC, s.rev DESC LIMIT 1), v.${name}, 0)`;

// A rank takes effect at the end of its period: that one is in force a millisecond later.
const STANDING = `(SELECT json_object('pay_rank', CAST(s.value ->> 'pay_rank' AS TEXT),
      'career_rank', CAST(s.value ->> 'career_rank' AS TEXT), 'epoch', s.epoch, 'rev', s.rev)
    FROM standings s WHERE s.tenant = people.tenant AND s.distributor_id = people.node
      AND s.kind = 'rank' AND s.effective_ms <= ?3 + 1
    ORDER BY s.epoch DESC, length(s.rev) DESC, s.rev DESC, s.effective_ms DESC LIMIT 1)`;

const PEOPLE = `WITH people AS MATERIALIZED (
    SELECT DISTINCT tenant, node, ?3 AS at FROM edges
    WHERE tenant = ?1 AND tree = 'sponsor' AND node > ?2 AND node_kind = 'distributor'
    ORDER BY node LIMIT ?5)
  SELECT people.node AS id, ${edgeIn("'sponsor'")} AS sponsor,
    ${fallingBack("'placement'", edgeIn)} AS placement, ${statusAtSql("people")} AS status,
    ${rankAtSql("people")} AS formerRank, ${STANDING} AS standing,
    ${volume("pv_x100")} AS pv, coalesce(v.cv_x100, 0) AS cv, ${volume("gv_x100")} AS gv
  FROM people LEFT JOIN volumes v
    ON v.tenant = people.tenant AND v.distributor_id = people.node AND v.period_id = ?4
  ORDER BY people.node`;

interface PersonRow {
  readonly id: string;
  readonly sponsor: string | null;
  readonly placement: string | null;
  readonly status: string | null;
  readonly formerRank: string | null;
  readonly standing: string | null;
  readonly pv: number;
  readonly cv: number;
  readonly gv: number;
}

/** Everybody who had joined by the end of a period, as of its last millisecond; by id. */
export async function readPeople(
  db: D1Database,
  { tenant, periodId, endMs }: PeriodAsked,
): Promise<readonly Person[]> {
  const session = db.withSession("first-primary");
  const people: Person[] = [];
  let after = "";
  for (;;) {
    const values = [tenant, after, endMs - 1, periodId, PAGE];
    const rows = await rowsOf<PersonRow>(session, PEOPLE, values);
    for (const row of rows) people.push(...personOf(row, endMs));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return people;
    after = last.id;
  }
}

function personOf(row: PersonRow, endMs: number): readonly Person[] {
  const sponsor = edgeOf(row.sponsor);
  const placement = edgeOf(row.placement);
  if (sponsor === undefined || sponsor.from >= endMs) return [];
  return [
    {
      id: row.id,
      sponsor_id: sponsor.parent,
      placement_id: placement?.parent ?? null,
      leg: placement?.leg ?? null,
      status: row.status,
      pv_x100: row.pv,
      cv_x100: row.cv,
      gv_x100: row.gv,
      former_rank: row.formerRank,
      standing: row.standing === null ? null : rankOf(row.standing),
    },
  ];
}

// Own texts: what the query's json_object() wrote.
const edgeOf = (text: string | null): EdgeFound | undefined =>
  text === null ? undefined : JSON.parse(text);
const rankOf = (text: string): RankNow => JSON.parse(text);

const BOUGHT = `WITH people AS MATERIALIZED (
    SELECT tenant, distributor_id AS node, ?3 AS at, pv_x100, cv_x100 FROM volumes
    WHERE tenant = ?1 AND distributor_id > ?2 AND period_id = ?4
    ORDER BY distributor_id LIMIT ?5)
  SELECT node AS id, pv_x100 AS pv, cv_x100 AS cv, ${edgeAtSql({
    tenant: "people.tenant",
    tree: "'sponsor'",
    node: "people.node",
    at: "people.at",
    kind: "any",
  })} AS edge
  FROM people ORDER BY node`;

/** What the customers of a period bought, by who brought them. */
export async function readBought(
  db: D1Database,
  { tenant, periodId, endMs }: PeriodAsked,
): Promise<readonly Bought[]> {
  const session = db.withSession("first-primary");
  const bought: Bought[] = [];
  let after = "";
  for (;;) {
    const values = [tenant, after, endMs - 1, periodId, PAGE];
    const rows = await rowsOf<{ id: string; pv: number; cv: number; edge: string | null }>(
      session,
      BOUGHT,
      values,
    );
    for (const { pv, cv, edge: text } of rows) {
      const edge = edgeOf(text);
      if (edge?.kind !== "customer" || edge.parent === null) continue;
      bought.push({ enroller_id: edge.parent, pv_x100: pv, cv_x100: cv });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return bought;
    after = last.id;
  }
}

/** The CV of everybody in a period. */
export async function readPeriodCv(
  db: D1Database,
  { tenant, periodId }: Pick<PeriodAsked, "tenant" | "periodId">,
): Promise<bigint> {
  const sum = await db
    .withSession("first-primary")
    .prepare(
      "SELECT CAST(SUM(cv_x100) AS TEXT) AS cv FROM volumes WHERE tenant = ? AND period_id = ?",
    )
    .bind(tenant, periodId)
    .first<string | null>("cv");
  return BigInt(sum ?? "0");
}
