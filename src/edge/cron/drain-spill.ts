import { drainSpill } from "../archive/spill.ts";
import type { Log } from "../log.ts";
import type { Shard } from "../shards.ts";

/** One page of R2: a run that finds more leaves it to the next minute's. */
const MESSAGES_MAX = 1000;

export interface DrainSpillPorts {
  readonly shards: readonly Pick<Shard, "index" | "events" | "archive">[];
  readonly log: Log;
}

/** Sends what the queues would not take when it arrived. A shard that still refuses waits alone. */
export async function drainSpills({ shards, log }: DrainSpillPorts): Promise<void> {
  for (const shard of shards) {
    try {
      const { sent, broken } = await drainSpill({ shard, log }, { limit: MESSAGES_MAX });
      if (sent + broken > 0) {
        log("info", "spill_drained", { shard: shard.index, sent, broken });
      }
    } catch (error) {
      log("error", "spill_not_drained", { shard: shard.index, error });
    }
  }
}
