import type { SweepState } from "../edge/cron/sweep.ts";
import { shardAt } from "../edge/bindings.ts";
import { open } from "../edge/crypto/seal.ts";
import { loadJob, stillBehind } from "../edge/d1/positions.ts";
import { breakReads } from "../edge/d1/reads/breaks.ts";
import { eventReads } from "../edge/d1/reads/events.ts";
import { heldReads } from "../edge/d1/reads/held.ts";
import { ledgerReads } from "../edge/d1/reads/ledger.ts";
import { lineReads } from "../edge/d1/reads/lines.ts";
import { statusReads } from "../edge/d1/reads/statuses.ts";
import { isHolding, isSpilled } from "../edge/archive/spilled.ts";
import type { ReadPorts } from "../edge/http/reads.ts";
import { profileAad } from "../edge/queue/arrival.ts";
import { sweepJob } from "./cron.ts";
import { type Parts, shardOfTenant, subjectStub } from "./parts.ts";

/** What `readRoutes` needs, of an isolate's parts. */
export function readPorts(parts: Parts): ReadPorts {
  const { env, shards, control, consuming, nowMs } = parts;
  const shardOf = shardOfTenant(parts);
  const mirrorOf = (shard: number) => shardAt(shards, shard).mirror;
  const held = heldReads(mirrorOf, control);
  return {
    statuses: statusReads(mirrorOf),
    ledger: ledgerReads(mirrorOf),
    lines: lineReads(mirrorOf),
    events: eventReads(mirrorOf),
    breaks: breakReads(mirrorOf),
    held,
    pipeline: {
      spilled: async (tenant) => {
        const { archive } = shardOf(tenant);
        return (await isSpilled(archive)) || isHolding(archive, tenant.tenant);
      },
      backlog: (tenant) => shardOf(tenant).events.metrics(),
      inFlight: () => consuming.messages,
      waiting: (reader) => held.waiting(reader),
      unmirrored: async (tenant) => {
        const shard = shardOf(tenant);
        const state = await loadJob<SweepState>(shard.mirror, sweepJob(shard));
        const lagging = state?.lagging.filter((lag) => lag.tenant === tenant.tenant) ?? [];
        return (await stillBehind(shard.mirror, lagging)).length;
      },
    },
    current: async ({ tenant }, distributorId) => {
      const subject = `dist:${distributorId}`;
      return (await subjectStub(parts, "distributor", { tenant, subject })).current();
    },
    openProfile: ({ tenant, dataKey }, subject, sealed) =>
      open(dataKey, sealed, profileAad(tenant, subject)),
    send: async (tenant, message) => {
      await shardOf(tenant).events.send(message);
    },
    asset: (path) => env.ASSETS.fetch(new URL(path, "https://assets")),
    nowMs,
  };
}
