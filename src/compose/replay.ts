import { rawKeys, readRawPart } from "../edge/archive/read-raw.ts";
import { discardedHeld } from "../edge/control/discarded.ts";
import { sourceCopy } from "../edge/control/published.ts";
import { readSoFromMs } from "../edge/control/source-changes.ts";
import { replayShardOnce } from "../edge/cron/replay/replay.ts";
import type { FindPorts, ReplayPorts, RunPorts, SendPorts } from "../edge/cron/replay/ports.ts";
import { heldMessages, knownEvents, replayedEvents } from "../edge/d1/replay/events.ts";
import { endReplay, leaseReplay, openReplays, saveReplay } from "../edge/d1/replay/runs.ts";
import { log } from "../edge/log.ts";
import type { Message } from "../edge/message.ts";
import { keysIn } from "../edge/queue/archived.ts";
import type { Shard } from "../edge/shards.ts";
import { within } from "../edge/within.ts";
import { READERS } from "../senders/index.ts";
import type { Parts } from "./parts.ts";

/** What replays of a shard need. */
export const replayPorts = (parts: Parts, shard: Shard): ReplayPorts => ({
  ...runPorts(parts, shard),
  ...findPorts(parts, shard),
  ...sendPorts(shard),
  nowMs: parts.nowMs,
  log,
});

function runPorts({ directory, nowMs }: Parts, { mirror }: Shard): RunPorts {
  // By which lease this call holds each.
  const held = new Map<string, number>();
  return {
    open: (limit) => openReplays(mirror, { nowMs: nowMs(), limit }),
    lease: async (name, untilMs) => {
      const isTaken = await leaseReplay(mirror, name, { nowMs: nowMs(), untilMs });
      if (isTaken) held.set(name.replayId, untilMs);
      return isTaken;
    },
    save: async (name, kept) => {
      await saveReplay(mirror, name, kept, held.get(name.replayId) ?? 0);
      held.set(name.replayId, kept.leaseMs);
    },
    end: (name, end) => endReplay(mirror, name, end, held.get(name.replayId) ?? 0),
    isServed: async (name) => {
      const tenant = await directory.tenant(name);
      return tenant !== undefined && tenant.deleting === undefined;
    },
  };
}

/** R2 can stall: a step that fails is counted, one that hangs takes the others of its shard with it. */
const READ_MS_MAX = 30_000;

function findPorts({ control, directory, nowMs }: Parts, { mirror, archive }: Shard): FindPorts {
  return {
    events: (of, after) => replayedEvents(mirror, of, after),
    known: (tenant, eventIds) => knownEvents(mirror, tenant, eventIds),
    discarded: (tenant, eventIds) => discardedHeld(control, tenant, eventIds),
    heldMessages: (tenant, eventIds) => heldMessages(mirror, tenant, eventIds),
    rawKeys: (span, page) => within(READ_MS_MAX, () => rawKeys(archive, span, page)),
    rawPart: (objectKey) => within(READ_MS_MAX, () => readRawPart(archive, objectKey)),
    hasClaim: async (claim) => (await within(READ_MS_MAX, () => archive.head(claim))) !== null,
    senderOf: async (tenant, source) => (await directory.source(tenant, source))?.sender,
    readSoFromMs: (tenant, source) => readSoFromMs(control, tenant, sourceCopy(tenant, source)),
    isSender: (name) => READERS.has(name),
    keysIn: (delivery) => keysIn(delivery, { directory, senders: READERS, archive, nowMs }),
  };
}

/** Cloudflare takes 100 messages or 256 KB a call; the rest is left to what it adds to each. */
const SEND_MESSAGES_MAX = 100;
const SEND_CHARS_MAX = 200_000;
const SEND_MS_MAX = 20_000;

const sendPorts = ({ slow }: Shard): SendPorts => ({
  send: async (messages) => {
    for (const some of inCalls(messages)) {
      await within(SEND_MS_MAX, () => slow.sendBatch(some.map((body) => ({ body }))));
    }
  },
  backlog: async () => (await slow.metrics()).backlogCount,
});

function inCalls(messages: readonly Message[]): readonly (readonly Message[])[] {
  const calls: Message[][] = [];
  let room = 0;
  for (const message of messages) {
    const chars = JSON.stringify(message).length;
    const last = calls.at(-1);
    if (last === undefined || last.length === SEND_MESSAGES_MAX || chars > room) {
      calls.push([message]);
      room = SEND_CHARS_MAX - chars;
    } else {
      last.push(message);
      room -= chars;
    }
  }
  return calls;
}

export const replayShard = (parts: Parts, shard: Shard): Promise<void> =>
  replayShardOnce(replayPorts(parts, shard));
