import { waitUntil } from "cloudflare:workers";
import { putArchive } from "../edge/archive/archive.ts";
import { shardAt } from "../edge/bindings.ts";
import { discardedHeld } from "../edge/control/discarded.ts";
import { findAliases, waitingFor, waylessSales } from "../edge/d1/aliases.ts";
import { parkedFor } from "../edge/d1/loose.ts";
import { openBreak } from "../edge/d1/open-break.ts";
import { indexedPlaces } from "../edge/d1/replay/places.ts";
import { awaitNodes, pendingChanges } from "../edge/d1/changes.ts";
import { touchedOrders } from "../edge/d1/touched-orders.ts";
import { mirror, type ToldDestination } from "../edge/d1/mirror.ts";
import { readLineages } from "../edge/d1/reads/lineages.ts";
import { readTreeSurroundings } from "../edge/d1/reads/moves.ts";
import { readEnrolments } from "../edge/d1/reads/placements.ts";
import { readPlans } from "../edge/d1/reads/plans.ts";
import { freezeNamed } from "../edge/d1/rebuild/freeze.ts";
import { readPositions } from "../edge/d1/project.ts";
import { log } from "../edge/log.ts";
import { sha256 } from "../edge/objects/sql-store.ts";
import { consumeDead, type DeadPorts } from "../edge/queue/consume-dead.ts";
import { consumeEvents, type EventsPorts } from "../edge/queue/consume-events.ts";
import type { Message as Sent } from "../edge/message.ts";
import type { Shard } from "../edge/shards.ts";
import { READERS } from "../senders/index.ts";
import { withoutDeparted } from "../edge/queue/departed.ts";
import { departedPorts } from "./deletion.ts";
import { wakeDestinations } from "./outbound.ts";
import { type Parts, subjectStub } from "./parts.ts";
import { fillNamedGaps } from "./reconcile.ts";
import { restorePlace } from "./reconciliation.ts";
import { surroundingsOf } from "./surroundings.ts";

/** `upline-production-events-0`, `upline-production-slow-0`; dead letters of both in `…-events-0-dead`. */
const QUEUE_NAME = /-(events|slow)-(\d+)(-dead)?$/;

/** The queue that something came by: what is left of it goes on there. */
export type Lane = "events" | "slow";

/** Destinations for which a batch has laid something, by name. */
type Told = Map<string, ToldDestination>;

/** Mirrors, and notes for whom that has laid something. */
function telling(
  { subscriptions }: Pick<Parts, "subscriptions">,
  { mirror: db }: Shard,
  told: Told,
): EventsPorts["mirror"] {
  return async (tails, loose, begunMs) => {
    const more = { begunMs, subscriptions: subscriptions.of };
    const { told: by, ...mirrored } = await mirror(db, tails, loose, more);
    for (const place of by) told.set(`${place.tenant}/${place.destination}`, place);
    return mirrored;
  };
}

export function eventsPorts(
  parts: Parts,
  index: number,
  lane: Lane = "events",
  told: Told = new Map(),
): EventsPorts {
  const { directory, nowMs } = parts;
  const shard = shardAt(parts.shards, index);
  return {
    directory,
    senders: READERS,
    archive: shard.archive,
    shard: index,
    nowMs,
    log,
    send: async (message, delaySeconds) => {
      await shard[lane].send(message, { delaySeconds });
    },
    sendSlow: async (message) => {
      await shard.slow.send(message);
    },
    askGaps: (gaps) => fillNamedGaps(parts, shard, gaps),
    sendDead: async (message) => {
      await shard.dead.send(message);
    },
    putArchive: (part) => putArchive(shard.archive, part),
    positions: (subjects) => readPositions(shard.mirror, subjects),
    findAliases: (aliases) => findAliases(shard.mirror, aliases),
    indexedPlaces: (tenant, eventIds) => indexedPlaces(shard.mirror, tenant, eventIds),
    discarded: (tenant, eventIds) => discardedHeld(parts.control, tenant, eventIds),
    parkedFor: (needs) => parkedFor(shard.mirror, needs),
    waitingFor: (needs) => waitingFor(shard.mirror, needs),
    openBreak: (found) => openBreak(shard.mirror, found),
    pendingChanges: (tenants) => pendingChanges(shard.mirror, tenants),
    touchedOrders: (changes, after) => touchedOrders(shard.mirror, changes, after),
    waylessSales: (tenant, after) => waylessSales(shard.mirror, tenant, after),
    awaitNodes: (missing) => awaitNodes(shard.mirror, missing),
    surroundings: (tenants) => surroundingsOf(parts, shard, tenants),
    lineages: (asks) => readLineages(shard.mirror, asks),
    treeSurroundings: (asks) => readTreeSurroundings(shard.mirror, asks),
    plans: (tenants) => readPlans(parts.control, tenants, log),
    enrolments: (asks) => readEnrolments(shard.mirror, asks),
    isSlow: lane === "slow",
    mirror: telling(parts, shard, told),
    subject: (object, tenant, subject) => subjectStub(parts, object, { tenant, subject }),
    freeze: async (tenant, subject, detail) => {
      log("error", "subject_frozen", { alert: true, tenant, subject, detail });
      await freezeNamed(shard.mirror, { tenant, subject, detail, nowMs: nowMs() });
    },
    restore: (place) => restorePlace(parts, shard, place),
    sha256,
  };
}

function deadPorts(parts: Parts, index: number): DeadPorts {
  const shard = shardAt(parts.shards, index);
  return {
    directory: parts.directory,
    senders: READERS,
    archive: shard.archive,
    nowMs: parts.nowMs,
    log,
    mirror: (tails, loose) => mirror(shard.mirror, tails, loose),
    putDead: async (key, text) => {
      await shard.archive.put(key, text);
    },
  };
}

/** Consumes a batch of whichever queue it comes from. */
export async function consume(batch: MessageBatch<Sent>, parts: Parts): Promise<void> {
  const [, name, index, dead] = QUEUE_NAME.exec(batch.queue) ?? [];
  if (index === undefined) throw new Error(`Cannot consume queue "${batch.queue}"`);
  const { consuming } = parts;
  consuming.messages += batch.messages.length;
  try {
    const messages = await withoutDeparted(batch.messages, departedPorts(parts, Number(index)));
    if (dead === undefined) {
      const told: Told = new Map();
      const lane = name === "slow" ? "slow" : "events";
      await consumeEvents(messages, eventsPorts(parts, Number(index), lane, told));
      // Once all of it is acknowledged: nobody waits for those who are told.
      waitUntil(wakeDestinations(parts, Number(index), [...told.values()]));
    } else await consumeDead(messages, deadPorts(parts, Number(index)));
  } finally {
    consuming.messages -= batch.messages.length;
  }
}
