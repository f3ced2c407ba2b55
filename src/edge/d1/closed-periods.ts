const CLOSED = `SELECT r.tenant, r.id FROM json_each(?1) j CROSS JOIN records r
    ON r.tenant = j.value AND r.kind = 'period'`;

/** The ids of these tenants' closed periods, by tenant, from the primary. */
export async function closedPeriods(
  db: D1Database,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const statement = db.withSession("first-primary").prepare(CLOSED).bind(JSON.stringify(tenants));
  const { results } = await statement.all<{ tenant: string; id: string }>();
  const byTenant = Map.groupBy(results, ({ tenant }) => tenant);
  return new Map([...byTenant].map(([tenant, rows]) => [tenant, rows.map(({ id }) => id)]));
}
