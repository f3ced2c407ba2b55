import type { Message } from "./message.ts";
import type { Shard } from "./shards.ts";

/**
 * The shards that this deployment has bindings for. A further shard is its queues, a D1 and a bucket
 * more in wrangler.toml, and a line here.
 */
export const shardsOf = (env: Cloudflare.Env): readonly Shard[] => [
  {
    index: 0,
    events: env.EVENTS_0,
    slow: env.SLOW_0,
    dead: env.DEAD_0,
    mirror: env.MIRROR_0,
    archive: env.ARCHIVE_0,
  },
];

/** The shard of an index. Throws where the deployment has no such shard. */
export function shardAt(shards: readonly Shard[], index: number): Shard {
  const shard = shards[index];
  if (shard === undefined) throw new Error(`Cannot find shard ${index}: no bindings for it`);
  return shard;
}

export const queueOfShard =
  (env: Cloudflare.Env) =>
  (index: number): Queue<Message> =>
    shardAt(shardsOf(env), index).events;
