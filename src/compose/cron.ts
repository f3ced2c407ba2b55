import { rewrap } from "../edge/control/rewrap.ts";
import { republish } from "../edge/control/store.ts";
import { drainResumed } from "../edge/cron/drain-paused.ts";
import { drainSpills } from "../edge/cron/drain-spill.ts";
import { sweep, type SweepPorts, type SweepState } from "../edge/cron/sweep.ts";
import { loadJob, positionsAfter, saveJob, stillBehind } from "../edge/d1/positions.ts";
import { log } from "../edge/log.ts";
import type { Shard } from "../edge/shards.ts";
import { type Parts, subjectStub } from "./parts.ts";

export const sweepJob = ({ index }: Pick<Shard, "index">): string => `sweep:${index}`;

function sweepPorts(parts: Parts, shard: Shard): SweepPorts {
  const { mirror, events } = shard;
  return {
    page: (cursor, limit) => positionsAfter(mirror, cursor, limit),
    head: async ({ tenant, subject }) => {
      const object = subject.startsWith("dist:") ? "distributor" : "record";
      return (await subjectStub(parts, object, { tenant, subject })).head();
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

/** The jobs of every minute. Each stands alone: one that fails leaves the others their run. */
export async function runJobs(parts: Parts): Promise<void> {
  const { env, shards, directory, store, keyring, control, nowMs } = parts;
  const jobs: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["drain_spill", () => drainSpills({ shards, log })],
    ["drain_paused", () => drainResumed({ shards, directory, log, nowMs })],
    ["republish", () => republish({ d1: control, kv: env.CONFIG }, nowMs())],
    ["rewrap", () => rewrap(store, keyring, { actor: "cron", nowMs: nowMs() })],
    ...shards.map((shard) => [sweepJob(shard), () => sweep(sweepPorts(parts, shard))] as const),
  ];
  for (const [job, run] of jobs) {
    try {
      await run();
    } catch (error) {
      log("error", "job_failed", { job, error });
    }
  }
}
