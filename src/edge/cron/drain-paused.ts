import { clearResuming, drainPaused, listResuming, type Resuming } from "../archive/paused.ts";
import { type Directory, STALE_MS_MAX } from "../control/directory.ts";
import type { Log } from "../log.ts";
import type { Shard } from "../shards.ts";

/** One page of R2 a source and run, so that one resumed source does not keep the others waiting. */
const MESSAGES_MAX = 1000;
const SOURCES_MAX = 100;
/** Markers of sources that stay paused wait, as long as it takes: they must not hide the others. */
const MARKERS_MAX = 500;
/**
 * While another isolate may still believe in the pause, it may still hold messages. A marker can be a
 * minute older than the change that it announces.
 */
const SETTLED_MS = 3 * STALE_MS_MAX;

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
    let drained = 0;
    for (const place of await listResuming(shard.archive, { limit: MARKERS_MAX })) {
      if (drained === SOURCES_MAX) break;
      if (await drainOne(ports, shard, place)) drained += 1;
    }
  }
}

/** False where it is paused. What fails holds up no other. */
async function drainOne(
  ports: DrainPausedPorts,
  shard: DrainShard,
  place: Resuming,
): Promise<boolean> {
  try {
    return await drainSource(ports, shard, place);
  } catch (error) {
    const { tenant, source } = place;
    ports.log("error", "held_not_drained", { tenant, source, error });
    return true;
  }
}

async function drainSource(
  { directory, log, nowMs }: DrainPausedPorts,
  shard: DrainShard,
  place: Resuming,
): Promise<boolean> {
  const { tenant, source, sinceMs } = place;
  const configured = await directory.source(tenant, source);
  if (configured?.pausedMs !== undefined) return false;

  const drained = await drainPaused({ shard, log }, place, { limit: MESSAGES_MAX });
  if (drained.sent + drained.broken > 0) {
    log("info", "held_drained", { tenant, source, sent: drained.sent, broken: drained.broken });
  }
  const isSettled = nowMs() - sinceMs > SETTLED_MS;
  if (drained.isEmpty && isSettled) await clearResuming(shard.archive, place);
  return true;
}
