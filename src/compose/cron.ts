import { forgetIdempotency } from "../edge/control/idempotency-store.ts";
import { putQuotaMark } from "../edge/control/quota-marks.ts";
import { quotasAfter } from "../edge/control/usage.ts";
import { rewrap } from "../edge/control/rewrap.ts";
import { republish } from "../edge/control/store.ts";
import { runDeletions } from "../edge/cron/deletions.ts";
import { drainResumed } from "../edge/cron/drain-paused.ts";
import { drainSpills } from "../edge/cron/drain-spill.ts";
import { putRoster } from "../edge/archive/roster.ts";
import { anchorHeads, type AnchorPorts, type AnchorWalk } from "../edge/cron/anchor.ts";
import { type AgingPorts, type AgingWalk, tellAging } from "../edge/cron/reconciliation/aging.ts";
import { checkManifests, type ManifestPorts, type ManifestState } from "../edge/cron/manifests.ts";
import { brokenManifests } from "../edge/d1/manifests.ts";
import { noteTold, openBreaksAfter } from "../edge/d1/reconciliation/aging.ts";
import { openBreak } from "../edge/d1/open-break.ts";
import { wakeable, waylessSales } from "../edge/d1/aliases.ts";
import { headsAfter, putAnchors } from "../edge/d1/anchors.ts";
import { pendingChanges } from "../edge/d1/changes.ts";
import { rebuildingTenants } from "../edge/d1/rebuild/runs.ts";
import { touchedOrders } from "../edge/d1/touched-orders.ts";
import type { Message } from "../edge/message.ts";
import { recomputePending } from "../edge/queue/recompute.ts";
import { kindOfSubject } from "../edge/subject.ts";
import { compareCloses } from "../edge/cron/close.ts";
import { countQuotas, type EventQuotaPorts } from "../edge/cron/event-quotas.ts";
import { releaseDue, voidPending } from "../edge/cron/due.ts";
import { doRuns } from "../edge/cron/runs.ts";
import { sweep, type SweepPorts, type SweepState } from "../edge/cron/sweep.ts";
import { countEvents, loadCounts, saveCounts } from "../edge/d1/counted-events.ts";
import { loadJob, positionsAfter, saveJob, stillBehind } from "../edge/d1/positions.ts";
import { log } from "../edge/log.ts";
import type { Shard } from "../edge/shards.ts";
import { within } from "../edge/within.ts";
import { deletionPorts } from "./deletion.ts";
import { outboundJobs } from "./outbound.ts";
import { type Parts, subjectStub } from "./parts.ts";
import { pollShardOnce, pollsJob } from "./polling.ts";
import { fillShardGaps, reconcileShard } from "./reconcile.ts";
import { rebuildShard } from "./rebuild.ts";
import { replayShard } from "./replay.ts";
import { objectsCheck, objectsJob } from "./reconciliation.ts";
import { slaJob, watchShardSla } from "./sla.ts";
import { comparePorts, releasePorts, runsPorts, voidPorts } from "./runs.ts";

export const sweepJob = ({ index }: Pick<Shard, "index">): string => `sweep:${index}`;

function sweepPorts(parts: Parts, shard: Shard): SweepPorts {
  const { mirror, events } = shard;
  return {
    page: (cursor, limit) => positionsAfter(mirror, cursor, limit),
    head: async ({ tenant, subject }) => {
      return (await subjectStub(parts, kindOfSubject(subject), { tenant, subject })).head();
    },
    stillBehind: (lags) => stillBehind(mirror, lags),
    send: async (message) => {
      await events.send(message);
    },
    load: () => loadJob<SweepState>(mirror, sweepJob(shard)),
    save: (state) => saveJob(mirror, sweepJob(shard), { state, nowMs: parts.nowMs() }),
    log,
  };
}

const anchorJob = ({ index }: Shard): string => `anchor:${index}`;

function anchorPorts({ nowMs }: Parts, shard: Shard): AnchorPorts {
  const { mirror, archive } = shard;
  return {
    page: (cursor, limit) => headsAfter(mirror, cursor, limit),
    putRoster: (part) => putRoster(archive, part),
    anchor: (day, heads) => putAnchors(mirror, day, heads),
    load: () => loadJob<AnchorWalk>(mirror, anchorJob(shard)),
    save: (walk) => saveJob(mirror, anchorJob(shard), { state: walk, nowMs: nowMs() }),
    log,
    nowMs,
  };
}

const manifestJob = ({ index }: Shard): string => `manifests:${index}`;

function manifestPorts({ nowMs }: Parts, shard: Shard): ManifestPorts {
  const { mirror } = shard;
  return {
    page: (after, limit) => brokenManifests(mirror, after, limit),
    // What half a mirror lacks is looked at again once it is whole.
    openBreak: async (found) => {
      if ((await rebuildingTenants(mirror)).has(found.tenant)) return false;
      await openBreak(mirror, found);
      return true;
    },
    load: () => loadJob<ManifestState>(mirror, manifestJob(shard)),
    save: (state) => saveJob(mirror, manifestJob(shard), { state, nowMs: nowMs() }),
    nowMs,
    log,
  };
}

const agingJob = ({ index }: Shard): string => `breaks_aging:${index}`;

function agingPorts({ nowMs }: Parts, shard: Shard): AgingPorts {
  const { mirror } = shard;
  return {
    page: (after, limit) => openBreaksAfter(mirror, after, limit),
    note: (telling) => noteTold(mirror, telling),
    load: () => loadJob<AgingWalk>(mirror, agingJob(shard)),
    save: (state) => saveJob(mirror, agingJob(shard), { state, nowMs: nowMs() }),
    nowMs,
    log,
  };
}

function quotaPorts({ env, store, nowMs }: Parts, { index, mirror }: Shard): EventQuotaPorts {
  return {
    page: (after) => quotasAfter(store.db, index, after),
    load: (tenants) => loadCounts(mirror, tenants),
    count: (asked) => countEvents(mirror, asked),
    save: (counts) => saveCounts(mirror, counts, nowMs()),
    mark: (tenant, mark) => putQuotaMark(env.CONFIG, tenant, { mark, nowMs: nowMs() }),
    nowMs,
    log,
  };
}

/**
 * D1 can stall for a minute, and a queue or a bucket hang. Below the leases of runs: what is still at
 * one by then keeps nothing. All others bear being done twice.
 */
const JOB_MS_MAX = 100_000;

/** Parked younger than this, it may just be on its way to be woken. */
const WAKE_AFTER_MS = 60_000;

function shardJobs(
  parts: Parts,
  shard: Shard,
): readonly (readonly [string, () => Promise<unknown>])[] {
  const { mirror, events } = shard;
  const send = async (message: Message) => {
    await events.send(message);
  };
  return [
    [sweepJob(shard), () => sweep(sweepPorts(parts, shard))],
    [
      `wake:${shard.index}`,
      async () => {
        for (const message of await wakeable(mirror, parts.nowMs() - WAKE_AFTER_MS))
          await send(message);
      },
    ],
    [
      `recompute:${shard.index}`,
      () =>
        recomputePending({
          send,
          pendingChanges: (tenants) => pendingChanges(mirror, tenants),
          touchedOrders: (changes, after) => touchedOrders(mirror, changes, after),
          waylessSales: (tenant, after) => waylessSales(mirror, tenant, after),
        }),
    ],
    [anchorJob(shard), () => anchorHeads(anchorPorts(parts, shard))],
    [manifestJob(shard), () => checkManifests(manifestPorts(parts, shard))],
    [`lines_due:${shard.index}`, () => releaseDue(releasePorts(parts, shard))],
    [`lines_void:${shard.index}`, () => voidPending(voidPorts(parts, shard))],
    [`runs:${shard.index}`, () => doRuns(runsPorts(parts, shard))],
    [`closes:${shard.index}`, () => compareCloses(comparePorts(parts, shard))],
    [objectsJob(shard), () => objectsCheck(parts, shard)],
    [`gaps:${shard.index}`, () => fillShardGaps(parts, shard)],
    [`reconcile:${shard.index}`, () => reconcileShard(parts, shard)],
    [`rebuild:${shard.index}`, () => rebuildShard(parts, shard)],
    [`replays:${shard.index}`, () => replayShard(parts, shard)],
    [pollsJob(shard), () => pollShardOnce(parts, shard)],
    // Behind the jobs that open and close them.
    [agingJob(shard), () => tellAging(agingPorts(parts, shard))],
    [slaJob(shard), () => watchShardSla(parts, shard)],
    ...outboundJobs(parts, shard),
    [`quotas:${shard.index}`, () => countQuotas(quotaPorts(parts, shard))],
  ];
}

/** The jobs of every minute. Each stands alone: one that fails leaves the others their run. */
export async function runJobs(parts: Parts): Promise<void> {
  const { env, shards, directory, store, keyring, control, nowMs } = parts;
  const jobs: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["drain_spill", () => drainSpills({ shards, log })],
    ["drain_paused", () => drainResumed({ shards, directory, log, nowMs })],
    ["republish", () => republish({ d1: control, kv: env.CONFIG }, nowMs())],
    ["forget_idempotency", () => forgetIdempotency(control, nowMs())],
    ["rewrap", () => rewrap(store, keyring, { actor: "cron", nowMs: nowMs() })],
    ...shards.flatMap((shard) => shardJobs(parts, shard)),
    // Last: nobody waits for it.
    ["deletions", () => runDeletions(deletionPorts(parts))],
  ];
  for (const [job, run] of jobs) {
    try {
      await within(JOB_MS_MAX, run);
    } catch (error) {
      log("error", "job_failed", { job, error });
    }
  }
}
