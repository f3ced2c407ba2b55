import { shardAt } from "../edge/bindings.ts";
import {
  destinationSettings,
  nameOf,
  pausedAmong,
  pauseGone,
} from "../edge/control/destination-settings.ts";
import {
  forgetDeliveries,
  type ForgettingPorts,
  type ForgettingWalk,
  type OutboundSweepPorts,
  type OutboundWalk,
  sweepOutbound,
} from "../edge/cron/outbound.ts";
import { dueDeliveries, nextDueMs, waitingDestinations } from "../edge/d1/outbound/due.ts";
import {
  cancelPending,
  forgetEnded,
  saveResults,
  tenantWithDeliveries,
} from "../edge/d1/outbound/save.ts";
import { loadJob, saveJob } from "../edge/d1/positions.ts";
import { log } from "../edge/log.ts";
import type { DestinationPlace, OutboundPorts } from "../edge/outbound/ports.ts";
import type { Shard } from "../edge/shards.ts";
import { within } from "../edge/within.ts";
import { DESTINATIONS } from "../destinations/index.ts";
import { destinationStubIn, type Parts } from "./parts.ts";

/** An object that is being moved takes a while; whoever wakes one has other things to do. */
const WAKE_MS_MAX = 5000;

/** What the object of a destination is given of its deployment. */
export function outboundPorts(parts: Parts): OutboundPorts {
  const { control, directory, store, config, nowMs } = parts;
  const mirrorOf = ({ shard }: DestinationPlace) => shardAt(parts.shards, shard).mirror;
  return {
    settings: (place) => destinationSettings(control, directory, place),
    due: (place, asked) => dueDeliveries(mirrorOf(place), place, asked),
    nextDueMs: (place) => nextDueMs(mirrorOf(place), place),
    save: (place, results) => saveResults(mirrorOf(place), place, results),
    cancel: (place, asked) => cancelPending(mirrorOf(place), place, asked),
    pauseGone: (place, url) => pauseGone(store, place, { url, nowMs: nowMs() }),
    kinds: DESTINATIONS,
    fetch: (...given) => fetch(...given),
    isLocal: config.environment === "local",
    nowMs,
    wait: (ms) => scheduler.wait(ms),
    random: () => Math.random(),
    log,
  };
}

async function wake(
  { env, config, directory }: Pick<Parts, "env" | "config" | "directory">,
  place: DestinationPlace,
  isChanged: boolean,
): Promise<void> {
  const known = await within(WAKE_MS_MAX, () => directory.tenant(place.tenant));
  // Nobody is told anything of a company that is being purged, or has been.
  if (known === undefined || known.deleting === "purging") return;
  const { jurisdiction } = known;
  const stub = destinationStubIn(
    { env, config },
    {
      ...place,
      ...(jurisdiction === undefined ? {} : { jurisdiction }),
    },
  );
  await within(WAKE_MS_MAX, () => stub.wake(place, isChanged));
}

async function wakeAnyway(parts: Parts, place: DestinationPlace, isChanged: boolean) {
  try {
    await wake(parts, place, isChanged);
  } catch (error) {
    const { tenant, destination } = place;
    log("warn", "destination_not_woken", { tenant, destination, error });
  }
}

/** Has a destination look at what is due. Best effort: cron finds whatever nobody was woken for. */
export const wakeDestination = (parts: Parts, place: DestinationPlace): Promise<void> =>
  wakeAnyway(parts, place, false);

/**
 * {@link wakeDestination} once a person has made, changed, resumed or removed it: where it was left
 * alone after failures, one delivery probes at once.
 */
export const wakeChangedDestination = (parts: Parts, place: DestinationPlace): Promise<void> =>
  wakeAnyway(parts, place, true);

/** Woken after one batch, and at once: whoever is left is found by cron. */
const WOKEN_MAX = 100;
const AT_ONCE = 6;

/** {@link wakeDestination} of several. */
export async function wakeDestinations(
  parts: Parts,
  shard: number,
  names: readonly Pick<DestinationPlace, "tenant" | "destination">[],
): Promise<void> {
  for (let i = 0; i < Math.min(names.length, WOKEN_MAX); i += AT_ONCE) {
    const some = names.slice(i, i + AT_ONCE);
    await Promise.all(some.map((name) => wakeDestination(parts, { ...name, shard })));
  }
}

type ShardJob = readonly [string, () => Promise<unknown>];

/** What is done every minute for the destinations of a shard. */
export const outboundJobs = (parts: Parts, shard: Shard): readonly ShardJob[] => [
  [sweepJob(shard), () => sweepOutbound(sweepPorts(parts, shard))],
  [forgetJob(shard), () => forgetDeliveries(forgettingPorts(parts, shard))],
];

const sweepJob = ({ index }: Shard): string => `outbound:${index}`;
const forgetJob = ({ index }: Shard): string => `outbound_forget:${index}`;

function sweepPorts(parts: Parts, shard: Shard): OutboundSweepPorts {
  const { control, nowMs } = parts;
  const { mirror, index } = shard;
  return {
    page: (after, limit) => waitingDestinations(mirror, after, limit),
    paused: async (names) => {
      const paused = await pausedAmong(control, names);
      return (name) => paused.has(nameOf(name));
    },
    wake: (name) => wake(parts, { ...name, shard: index }, false),
    load: () => loadJob<OutboundWalk>(mirror, sweepJob(shard)),
    save: (state) => saveJob(mirror, sweepJob(shard), { state, nowMs: nowMs() }),
    nowMs,
    log,
  };
}

function forgettingPorts({ nowMs }: Parts, shard: Shard): ForgettingPorts {
  const { mirror } = shard;
  return {
    next: (after) => tenantWithDeliveries(mirror, after),
    forget: (tenant, asked) => forgetEnded(mirror, tenant, asked),
    load: () => loadJob<ForgettingWalk>(mirror, forgetJob(shard)),
    save: (state) => saveJob(mirror, forgetJob(shard), { state, nowMs: nowMs() }),
    nowMs,
  };
}
