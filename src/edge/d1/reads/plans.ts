import type { Json } from "../../../core/json.ts";
import { parsePlan, type Plan } from "../../../core/plans/plan.ts";
import type { Log } from "../../log.ts";
import { rowsOf } from "./session.ts";

// From the primary, and all of them: the consumer asks at once for every instant that its events
// name, and a plan saved a moment ago is one of those that count.
const VERSIONS = `SELECT p.tenant, p.plan_id AS planId, p.version, p.body
  FROM json_each(?1) asked JOIN plans p ON p.tenant = asked.value
  ORDER BY p.tenant, p.plan_id, p.version`;

interface Row {
  readonly tenant: string;
  readonly planId: string;
  readonly version: number;
  readonly body: string;
}

/**
 * Every version of these tenants' plans, by plan id and version; nothing for a tenant without.
 * `control` is where plans are kept. One that no longer parses is left out and told to the log: it
 * must not stop the plans beside it.
 */
export async function readPlans(
  control: D1Database,
  tenants: readonly string[],
  log: Log,
): Promise<ReadonlyMap<string, readonly Plan[]>> {
  const asked = [...new Set(tenants)];
  if (asked.length === 0) return new Map();
  const session = control.withSession("first-primary");
  const rows = await rowsOf<Row>(session, VERSIONS, [JSON.stringify(asked)]);
  const byTenant = Map.groupBy(rows, ({ tenant }) => tenant);
  return new Map(
    [...byTenant].map(([tenant, of]) => [tenant, of.flatMap((row) => opened(row, log))]),
  );
}

/** What was read of a text once is what it says: reading a plan takes longer than pricing by it. */
const PLANS_MAX = 1000;
const read = new Map<string, Plan>();

function opened({ tenant, planId, version, body }: Row, log: Log): readonly Plan[] {
  const name = JSON.stringify([planId, version, body]);
  const known = read.get(name);
  if (known !== undefined) return [known];
  const plan = parsePlan(parsed(body), { plan_id: planId, version });
  if (plan.ok) {
    if (read.size >= PLANS_MAX) read.clear();
    read.set(name, plan.value);
    return [plan.value];
  }
  const broken = plan.refusal.map(({ path, rule }) => `${path} ${rule}`);
  log("error", "plan_unreadable", { alert: true, tenant, plan_id: planId, version, broken });
  return [];
}

// What is no JSON is no plan either, and is told as such.
function parsed(body: string): Json {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
