import type { Surroundings } from "../core/subject/surroundings.ts";
import { closedPeriods } from "../edge/d1/closed-periods.ts";
import { readPlans } from "../edge/d1/reads/plans.ts";
import { closingPeriods } from "../edge/d1/runs/store.ts";
import { log } from "../edge/log.ts";
import type { Shard } from "../edge/shards.ts";
import type { Parts } from "./parts.ts";

/** What orders of these tenants are told besides who stands above a sale. */
export async function surroundingsOf(
  { directory, control }: Parts,
  shard: Shard,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, Omit<Surroundings, "lineages">>> {
  const [known, plans, closed, closing] = await Promise.all([
    Promise.all(tenants.map((tenant) => directory.tenant(tenant))),
    readPlans(control, tenants, log),
    closedPeriods(shard.mirror, tenants),
    closingPeriods(control, tenants),
  ]);
  return new Map(
    known.flatMap((settings) => {
      if (settings === undefined) return [];
      const { tenant, mode } = settings;
      const shut = [...(closed.get(tenant) ?? []), ...(closing.get(tenant) ?? [])];
      return [[tenant, { mode, plans: plans.get(tenant) ?? [], closed: shut }] as const];
    }),
  );
}
