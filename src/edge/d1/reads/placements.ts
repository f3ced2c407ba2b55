import type { Recruit } from "../../../core/genealogy/placement-person.ts";
import { MATRIX_ALIAS } from "../../../core/genealogy/tree-rules.ts";

/** Who is to be placed, of tenants that have a matrix. */
export interface RecruitAsk {
  readonly tenant: string;
  readonly nodes: readonly string[];
}

/** Enrolments as the mirror has them: every revision, without the matrix that they joined. */
export interface Enrolments {
  readonly enrolments: readonly Omit<Recruit, "width">[];
  /** They are everybody's: the tenant's tree was told of nobody before. */
  readonly isWhole: boolean;
}

/** Enrolments in one answer. */
const PAGE_MAX = 5000;

const TOLD = `SELECT a.tenant FROM json_each(?1) asked CROSS JOIN aliases a
    ON a.tenant = asked.value AND a.alias = '${MATRIX_ALIAS}'`;

const COLUMNS = `s.tenant, s.distributor_id AS id, s.epoch, s.rev, s.effective_ms AS joined_ms,
  s.value ->> 'sponsor_id' AS sponsor_id, s.value ->> 'placement_id' AS placement_id`;

const OF_NODES = `SELECT ${COLUMNS} FROM json_each(?1) asked CROSS JOIN standings s
    ON s.tenant = asked.value ->> 0 AND s.distributor_id = asked.value ->> 1 AND s.kind = 'enrolment'`;

const OF_TENANT = `SELECT ${COLUMNS} FROM standings s
  WHERE s.tenant = ?1 AND s.kind = 'enrolment'
    AND (s.distributor_id, s.kind, s.period_id, s.epoch, s.rev) > (?2, 'enrolment', '', ?3, ?4)
  ORDER BY s.distributor_id, s.kind, s.period_id, s.epoch, s.rev LIMIT ${PAGE_MAX}`;

type Row = Omit<Recruit, "width"> & { readonly tenant: string };

/**
 * What the trees of these tenants have to know to place these people, by tenant, from the primary;
 * of a tenant whose tree was told of nobody yet, everybody's enrolments.
 */
export async function readEnrolments(
  db: D1Database,
  asks: readonly RecruitAsk[],
): Promise<ReadonlyMap<string, Enrolments>> {
  const session = db.withSession("first-primary");
  const tenants = JSON.stringify(asks.map(({ tenant }) => tenant));
  const told = await session.prepare(TOLD).bind(tenants).all<{ tenant: string }>();
  const known = new Set(told.results.map(({ tenant }) => tenant));
  const named = asks.flatMap(({ tenant, nodes }) =>
    known.has(tenant) ? nodes.map((node) => [tenant, node]) : [],
  );
  const { results } = await session.prepare(OF_NODES).bind(JSON.stringify(named)).all<Row>();
  const rows = Map.groupBy(results, ({ tenant }) => tenant);
  const found = new Map<string, Enrolments>();
  for (const { tenant } of asks) {
    const isWhole = !known.has(tenant);
    const of = isWhole ? await everybodyOf(session, tenant) : (rows.get(tenant) ?? []);
    found.set(tenant, { enrolments: of.map(({ tenant: _tenant, ...row }) => row), isWhole });
  }
  return found;
}

async function everybodyOf(session: D1DatabaseSession, tenant: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const { id = "", epoch = -1, rev = "" } = rows.at(-1) ?? {};
    const page = await session.prepare(OF_TENANT).bind(tenant, id, epoch, rev).all<Row>();
    rows.push(...page.results);
    if (page.results.length < PAGE_MAX) return rows;
  }
}
