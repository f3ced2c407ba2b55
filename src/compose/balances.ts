import type { BalancePorts } from "../edge/cron/reconciliation/balance-ports.ts";
import type { ReconcilePorts } from "../edge/cron/reconciliation/ports.ts";
import type { ReconcileJobPorts } from "../edge/cron/reconciliation/reconcile.ts";
import { checkPlace } from "../edge/cron/reconciliation/objects.ts";
import {
  balancesAfter,
  closeBalances,
  dropBalances,
  markBalances,
  moneyNow,
  putBalances,
  readBalances,
} from "../edge/d1/reconciliation/balances.ts";
import {
  closesToCover,
  judgeCoreState,
  noteState,
  putCovered,
  restoredCores,
  restoredLooked,
} from "../edge/d1/reconciliation/core-state.ts";
import { flightsOf, landFlights, putFlights } from "../edge/d1/reconciliation/flights.ts";
import { lagMs } from "../edge/d1/reconciliation/lag.ts";
import { lastRuns } from "../edge/d1/reconciliation/runs.ts";
import { startRun } from "../edge/d1/reconciliation/start-run.ts";
import type { Shard } from "../edge/shards.ts";
import type { Parts } from "./parts.ts";
import { objectsPorts } from "./reconciliation.ts";

/** What a run over balances needs of the mirror and of objects. */
export function balancePorts(parts: Parts, shard: Shard): BalancePorts {
  const { mirror } = shard;
  return {
    balancesAfter: (tenant, part) => balancesAfter(mirror, tenant, part),
    moneyNow: (tenant, asked, sinceMs) => moneyNow(mirror, tenant, { asked, sinceMs }),
    putBalances: (run, found) => putBalances(mirror, run, found),
    readBalances: (run, after, limit) => readBalances(mirror, run, { after, limit }),
    markBalances: (run, marks) => markBalances(mirror, run, marks),
    dropBalances: (run, ids) => dropBalances(mirror, run, ids),
    recompute: async (tenant, distributorId) => {
      await checkPlace({ tenant, subject: `dist:${distributorId}` }, objectsPorts(parts, shard));
    },
    closeBalances: (run, atMs) => closeBalances(mirror, run, atMs),
  };
}

/** Lines that runs have found in flight, one after the other. */
export const flightPorts = ({
  mirror,
}: Shard): Pick<ReconcilePorts, "flightsOf" | "putFlights" | "landFlights"> => ({
  flightsOf: (tenant, names) => flightsOf(mirror, tenant, names),
  putFlights: (run, found) => putFlights(mirror, run, found),
  landFlights: (run, looked) => landFlights(mirror, run, looked),
});

/** Closes that one run is for, at most. */
const CLOSES_MAX = 500;

/** What runs are due, and what becomes of the reason that they were due for. */
export function duePorts(
  { nowMs, config }: Parts,
  { mirror }: Shard,
): Pick<ReconcileJobPorts, "state" | "start"> &
  Pick<ReconcilePorts, "judgeState" | "noteState" | "fulfil" | "lagMs"> {
  return {
    state: async (tenants) => {
      // What the core told just before a close may still be on its way.
      const asked = { recordedByMs: nowMs() - config.graceMs, limit: CLOSES_MAX };
      const last = await lastRuns(mirror, tenants, nowMs());
      const restored = await restoredCores(mirror, tenants);
      const closes = await closesToCover(mirror, tenants, asked);
      return new Map(
        tenants.map((tenant) => {
          const isOne = (row: { readonly tenant: string }) => row.tenant === tenant;
          const due = restored.find(isOne);
          const own = closes.filter(isOne).map(({ id, epoch, rev }) => ({ id, epoch, rev }));
          return [tenant, { last: last.filter(isOne), closes: own, ...(due && { restored: due }) }];
        }),
      );
    },
    start: async (tenant, due) => {
      await startRun(mirror, { tenant, ...due }, nowMs());
    },
    judgeState: (tenant, told) => judgeCoreState(mirror, { tenant, told }),
    noteState: (tenant, told) => noteState(mirror, { tenant, told }, nowMs()),
    lagMs: (tenant) => lagMs(mirror, tenant, nowMs()),
    fulfil: async ({ tenant, kind, cause }, closes) => {
      await putCovered(mirror, { tenant, closes }, nowMs());
      const [, epoch] = /^epoch:(\d+)$/.exec(cause) ?? [];
      if (epoch === undefined) return;
      await restoredLooked(mirror, { tenant, epoch: Number(epoch), kind }, nowMs());
    },
  };
}
