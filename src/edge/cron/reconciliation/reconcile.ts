import type { Log } from "../../log.ts";
import type { ReconcilePorts, RunAt } from "./ports.ts";
import { continueRun } from "./run.ts";
import { dueKind, type ScheduledKind } from "./schedule.ts";

/** Runs that one call of the job goes on with: each has its own twenty seconds. */
const RUNS_AT_ONCE = 4;

export interface ReconcileJobPorts extends ReconcilePorts {
  /** Tenants of the shard that mirror a core. */
  readonly tenants: () => Promise<readonly string[]>;
  readonly last: (
    tenants: readonly string[],
  ) => Promise<
    readonly { readonly tenant: string; readonly kind: string; readonly startedMs: number }[]
  >;
  /** Starts a run where the tenant has none on its way. */
  readonly start: (tenant: string, kind: ScheduledKind) => Promise<void>;
  /** Runs that nobody is at, the oldest first. */
  readonly open: (tenants: readonly string[], limit: number) => Promise<readonly RunAt[]>;
  readonly log: Log;
}

/** Starts what is due, and goes on with what is on its way; one core that is out stops no other. */
export async function reconcile(ports: ReconcileJobPorts): Promise<void> {
  const tenants = await ports.tenants();
  if (tenants.length === 0) return;
  const last = Map.groupBy(await ports.last(tenants), ({ tenant }) => tenant);
  for (const tenant of tenants) {
    const of = new Map((last.get(tenant) ?? []).map(({ kind, startedMs }) => [kind, startedMs]));
    const kind = dueKind(of, ports.nowMs());
    if (kind !== undefined) await ports.start(tenant, kind);
  }
  const runs = await ports.open(tenants, RUNS_AT_ONCE);
  await Promise.all(
    runs.map(async (run) => {
      try {
        await continueRun(run, ports);
      } catch (error) {
        // Its lease ends, and the next call goes on from what was kept.
        ports.log("error", "reconciliation_broke", { tenant: run.tenant, run: run.runId, error });
      }
    }),
  );
}
