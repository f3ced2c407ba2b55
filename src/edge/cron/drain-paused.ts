import { clearResuming, drainPaused, listResuming, type Resuming } from "../archive/paused.ts";
import { type Directory, STALE_MS_MAX } from "../control/directory.ts";
import type { Log } from "../log.ts";
import type { Shard } from "../shards.ts";

/** One page of R2 a source and run, so that one resumed source does not keep the others waiting. */
const MESSAGES_MAX = 1000;
const SOURCES_MAX = 100;
/** While another isolate may still believe in the pause, it may still hold messages. */
const SETTLED_MS = 2 * STALE_MS_MAX;

export interface DrainPausedPorts {
  readonly shards: readonly Pick<Shard, "index" | "events" | "archive">[];
  readonly directory: Pick<Directory, "source">;
  readonly log: Log;
  readonly nowMs: () => number;
}

type DrainShard = DrainPausedPorts["shards"][number];

/** Sends what was held for the sources that go on. One that is paused again keeps its messages. */
export async function drainResumed(ports: DrainPausedPorts): Promise<void> {
  for (const shard of ports.shards) {
    for (const place of await listResuming(shard.archive, { limit: SOURCES_MAX })) {
      try {
        await drainSource(ports, shard, place);
      } catch (error) {
        const { tenant, source } = place;
        ports.log("error", "held_not_drained", { tenant, source, error });
      }
    }
  }
}

async function drainSource(
  { directory, log, nowMs }: DrainPausedPorts,
  shard: DrainShard,
  place: Resuming,
): Promise<void> {
  const { tenant, source, sinceMs } = place;
  const configured = await directory.source(tenant, source);
  if (configured?.pausedMs !== undefined) return;

  const drained = await drainPaused({ shard, log }, place, { limit: MESSAGES_MAX });
  if (drained.sent + drained.broken > 0) {
    log("info", "held_drained", { tenant, source, sent: drained.sent, broken: drained.broken });
  }
  const isSettled = nowMs() - sinceMs > SETTLED_MS;
  if (drained.isEmpty && isSettled) await clearResuming(shard.archive, place);
}
