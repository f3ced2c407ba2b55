import type { Log } from "../../log.ts";
import type { ReconcilePorts, RunAt } from "./ports.ts";
import { continueRun } from "./run.ts";
import { type DueRun, dueRun, type TenantRuns } from "./schedule.ts";

/** Runs that one call of the job goes on with: each has its own twenty seconds. */
const RUNS_AT_ONCE = 4;

export interface ReconcileJobPorts extends ReconcilePorts {
  /** Tenants of the shard that mirror a core. */
  readonly tenants: () => Promise<readonly string[]>;
  /** What is known of each tenant's runs; those of whom nothing is are absent. */
  readonly state: (tenants: readonly string[]) => Promise<ReadonlyMap<string, TenantRuns>>;
  /** Starts a run where the tenant has none on its way. */
  readonly start: (tenant: string, due: DueRun) => Promise<void>;
  /** Runs that nobody is at, those first that nobody was at for the longest. */
  readonly open: (tenants: readonly string[], limit: number) => Promise<readonly RunAt[]>;
  /** Deletes some of what runs have kept that are over. */
  readonly forget: (tenants: readonly string[]) => Promise<void>;
  readonly log: Log;
}

/** Starts what is due, and goes on with what is on its way; one core that is out stops no other. */
export async function reconcile(ports: ReconcileJobPorts): Promise<void> {
  const tenants = await ports.tenants();
  if (tenants.length === 0) return;
  const state = await ports.state(tenants);
  for (const tenant of tenants) {
    const due = dueRun(state.get(tenant) ?? { last: [], closes: [] }, ports.nowMs());
    if (due !== undefined) await ports.start(tenant, due);
  }
  await ports.forget(tenants);
  const runs = await ports.open(tenants, RUNS_AT_ONCE);
  await Promise.all(
    runs.map(async (run) => {
      try {
        await continueRun(run, ports);
      } catch (error) {
        // Not even that could be kept: its lease ends, and the next call goes on from what was.
        ports.log("error", "reconciliation_broke", { tenant: run.tenant, run: run.runId, error });
      }
    }),
  );
}
