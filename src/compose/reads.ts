import type { GatewayEvent } from "../core/contracts/event.ts";
import type { SweepState } from "../edge/cron/sweep.ts";
import { shardAt } from "../edge/bindings.ts";
import { open } from "../edge/crypto/seal.ts";
import { loadJob, stillBehind } from "../edge/d1/positions.ts";
import { recordDeed } from "../edge/control/trail.ts";
import { hasCore } from "../edge/control/cores.ts";
import type { Tenant } from "../edge/control/directory.ts";
import { knownPlans } from "../edge/control/known-plans.ts";
import { usageOf } from "../edge/control/usage.ts";
import { loadCounts } from "../edge/d1/counted-events.ts";
import { planStore } from "../edge/control/plan-store.ts";
import { chainReads } from "../edge/d1/reads/chains.ts";
import { earningsReads } from "../edge/d1/reads/earnings.ts";
import { readLineages } from "../edge/d1/reads/lineages.ts";
import { messageReads } from "../edge/d1/reads/messages.ts";
import { readPlans } from "../edge/d1/reads/plans.ts";
import { pollReads } from "../edge/d1/reads/polls.ts";
import { progressReads } from "../edge/d1/reads/progress.ts";
import { reconciliationReads } from "../edge/d1/reads/reconciliations.ts";
import { recordReads } from "../edge/d1/reads/records.ts";
import { reportReads } from "../edge/d1/reads/reports.ts";
import { type MirrorOf, readingOf, sessionOf } from "../edge/d1/reads/session.ts";
import { treeReads } from "../edge/d1/reads/trees.ts";
import { liveRequest } from "../edge/live.ts";
import { log } from "../edge/log.ts";
import { madeMessages } from "../edge/made-messages.ts";
import { kindOfSubject } from "../edge/subject.ts";
import { rebuildReads, startRebuild } from "../edge/d1/rebuild/runs.ts";
import { replayReads, startReplay } from "../edge/d1/replay/runs.ts";
import { startRun } from "../edge/d1/reconciliation/start-run.ts";
import { madeEventId } from "../edge/d1/runs/made-id.ts";
import { proposalStore } from "../edge/d1/runs/proposals.ts";
import { deliveryReads } from "../edge/d1/outbound/reads.ts";
import { deliveryRetries } from "../edge/d1/outbound/retry.ts";
import { runStore } from "../edge/d1/runs/store.ts";
import { breakReads } from "../edge/d1/reads/breaks.ts";
import { eventReads } from "../edge/d1/reads/events.ts";
import { heldReads } from "../edge/d1/reads/held.ts";
import { ledgerReads } from "../edge/d1/reads/ledger.ts";
import { lineReads } from "../edge/d1/reads/lines.ts";
import { statusReads } from "../edge/d1/reads/statuses.ts";
import { isHolding, isSpilled } from "../edge/archive/spilled.ts";
import type { ReadPorts } from "../edge/http/reads.ts";
import type { Shard } from "../edge/shards.ts";
import { profileAad } from "../edge/queue/arrival.ts";
import { alertsPort } from "./alerts.ts";
import { sweepJob } from "./cron.ts";
import { metricsPort } from "./metrics.ts";
import { wakeDestination } from "./outbound.ts";
import { polledSource } from "./polling.ts";
import { checkLog } from "./reconciliation.ts";
import { slaPort } from "./sla.ts";
import { type Parts, shardOfTenant, subjectStub } from "./parts.ts";
import { periodsOf, takeUp } from "./runs.ts";

/** What `readRoutes` needs, of an isolate's parts. */
export function readPorts(parts: Parts): ReadPorts {
  const { env, shards, control, nowMs } = parts;
  const shardOf = shardOfTenant(parts);
  const mirrorOf = (shard: number) => shardAt(shards, shard).mirror;
  const held = heldReads(mirrorOf, control);
  return {
    ...planPorts(parts),
    runs: runStore(control),
    periods: {
      closed: ({ tenant, shard }) => periodsOf(mirrorOf(shard)).closed(tenant),
      firstSold: ({ tenant, shard }, of) => periodsOf(mirrorOf(shard)).firstSold(tenant, of),
    },
    takeUp: (tenant, run) => takeUp(parts, shardOf(tenant), { ...run, tenant: tenant.tenant }),
    proposals: proposalStore(control),
    lineages: (shard, asks) => readLineages(mirrorOf(shard), asks),
    trees: treeReads(mirrorOf),
    records: recordReads(mirrorOf),
    earnings: earningsReads(mirrorOf),
    reports: reportReads(mirrorOf),
    polls: { ...pollReads(mirrorOf), source: polledSource(parts) },
    progress: progressReads(mirrorOf),
    messages: messageReads(mirrorOf),
    deliveries: { ...deliveryReads(mirrorOf), ...deliveryRetries(mirrorOf, control) },
    onRetry: ({ tenant, shard }, destination) =>
      wakeDestination(parts, { tenant, shard, destination }),
    chains: chainReads(mirrorOf),
    ...logPorts(parts),
    record: (done, act) => recordDeed(control, done, act),
    statuses: statusReads(mirrorOf),
    ledger: ledgerReads(mirrorOf),
    lines: lineReads(mirrorOf),
    events: eventReads(mirrorOf),
    breaks: breakReads(mirrorOf),
    reconciliations: reconciliationPort(parts, mirrorOf),
    ...againPorts(parts, mirrorOf),
    sendMade: (tenant, made) => sendMade(shardOf(tenant), tenant.tenant, made),
    held,
    pipeline: pipelinePort(parts, held),
    ...monitoringPorts(parts),
    current: async (tenant, distributorId) =>
      (await distributor(parts, tenant, distributorId)).current(),
    follow: async (tenant, ask, protocol) => {
      const stub = await distributor(parts, tenant, ask.sight.distributorId);
      return stub.fetch(liveRequest(ask, protocol));
    },
    chance: () => Math.random(),
    factOf: async (tenant, distributorId, key) =>
      (await distributor(parts, tenant, distributorId)).factOf(key),
    openProfile: ({ tenant, dataKey }, subject, sealed) =>
      open(dataKey, sealed, profileAad(tenant, subject)),
    send: async (tenant, message) => {
      await shardOf(tenant).events.send(message);
    },
    asset: (path) => env.ASSETS.fetch(new URL(path, "https://assets")),
    nowMs,
  };
}

/** Logs where they are: in their objects. */
const logPorts = (parts: Parts): Pick<ReadPorts, "log" | "checkLog"> => ({
  log: async ({ tenant }, subject, after) =>
    (await subjectStub(parts, kindOfSubject(subject), { tenant, subject })).logAfter(after),
  checkLog: ({ tenant }, subject, upTo) => checkLog(parts, { tenant, subject }, upTo),
});

function reconciliationPort(
  { control, nowMs }: Parts,
  mirrorOf: MirrorOf,
): ReadPorts["reconciliations"] {
  return {
    ...reconciliationReads(mirrorOf),
    start: async ({ tenant, shard, mode }, asked) => {
      if (mode !== "mirror") return { kind: "not_mirror" };
      if (!(await hasCore(control, tenant))) return { kind: "no_core" };
      return startRun(mirrorOf(shard), { tenant, ...asked }, nowMs());
    },
  };
}

/** What is done once more: the mirror from its objects, the past from its archive. */
const againPorts = (
  { nowMs }: Parts,
  mirrorOf: MirrorOf,
): Pick<ReadPorts, "rebuilds" | "replays"> => ({
  rebuilds: {
    ...rebuildReads(mirrorOf),
    start: ({ tenant, shard }, asked) =>
      startRebuild(mirrorOf(shard), { tenant, ...asked }, nowMs()),
  },
  replays: {
    ...replayReads(mirrorOf),
    start: ({ tenant, shard }, asked) =>
      startReplay(mirrorOf(shard), { tenant, ...asked }, nowMs()),
  },
});

/** Events that a person has the gateway make: few, and the same ones however often they are made. */
async function sendMade(
  { events: queue }: Shard,
  tenant: string,
  made: {
    readonly name: string;
    readonly atMs: number;
    readonly events: readonly GatewayEvent[];
  },
): Promise<void> {
  const origin = { tenant, deliveryId: made.name, receivedAtMs: made.atMs };
  const eventIdOf = (event: GatewayEvent) => madeEventId(tenant, event);
  const messages = madeMessages(origin, [made.events], { eventIdOf });
  for (const message of messages) await queue.send(message);
}

const monitoringPorts = (parts: Parts) => ({
  usage: usagePort(parts),
  metrics: metricsPort(parts),
  alerts: alertsPort(parts),
  sla: slaPort(parts),
});

function pipelinePort(parts: Parts, held: ReturnType<typeof heldReads>): ReadPorts["pipeline"] {
  const shardOf = shardOfTenant(parts);
  return {
    spilled: async (tenant) => {
      const { archive } = shardOf(tenant);
      return (await isSpilled(archive)) || isHolding(archive, tenant.tenant);
    },
    backlogs: (tenant) => {
      const { events: live, slow } = shardOf(tenant);
      return Promise.all([live.metrics(), slow.metrics()]);
    },
    inFlight: () => parts.consuming.messages,
    waiting: (reader) => held.waiting(reader),
    unmirrored: async (tenant) => {
      const shard = shardOf(tenant);
      const state = await loadJob<SweepState>(shard.mirror, sweepJob(shard));
      const lagging = state?.lagging.filter((lag) => lag.tenant === tenant.tenant) ?? [];
      return (await stillBehind(shard.mirror, lagging)).length;
    },
  };
}

const usagePort = ({ store, shards, nowMs }: Parts): ReadPorts["usage"] =>
  usageOf({
    store,
    counted: async (reader) => {
      const session = sessionOf((shard) => shardAt(shards, shard).mirror, reader);
      const counts = await loadCounts(session, [reader.tenant]);
      return readingOf(session, counts.get(reader.tenant));
    },
    nowMs,
  });

/** Plans as they are, and as an isolate knows them; what it writes itself it knows at once. */
function planPorts({ control, store, nowMs }: Parts) {
  const plansOf = async (tenant: string) =>
    (await readPlans(control, [tenant], log)).get(tenant) ?? [];
  const known = knownPlans({ read: plansOf, nowMs });
  const stored = planStore({ store, plansOf });
  const put: typeof stored.put = async (write, act) => {
    const done = await stored.put(write, act);
    known.forget(write.tenant);
    return done;
  };
  return { plans: { ...stored, put }, plansOf, knownPlans: known.of };
}

const distributor = (parts: Parts, { tenant }: Tenant, distributorId: string) =>
  subjectStub(parts, "distributor", { tenant, subject: `dist:${distributorId}` });
