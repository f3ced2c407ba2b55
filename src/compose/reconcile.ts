import { digestOf, addLines, NO_LINES, type Sha256 } from "../core/reconciliation/digest.ts";
import { formatBucket, type TimeBucket } from "../core/reconciliation/buckets.ts";
import type { GatewayEvent } from "../core/contracts/event.ts";
import { RECON_SOURCE } from "../core/contracts/reconciliation.ts";
import { LIMITS } from "../core/reconciliation/judge.ts";
import { localDigestLine } from "../core/reconciliation/differ.ts";
import type { BucketSum } from "../core/reconciliation/walk.ts";
import {
  type CoreAddress,
  coreOf,
  isOnlyContract,
  mirroringTenants,
} from "../edge/control/cores.ts";
import { recordDeed } from "../edge/control/trail.ts";
import { type CoreClient, coreClient } from "../edge/core-client/client.ts";
import type { Place } from "../edge/core-client/place.ts";
import { whole } from "../edge/core-client/whole.ts";
import type { CorePort, ReconcilePorts, Snapshot } from "../edge/cron/reconciliation/ports.ts";
import { reconcile, type ReconcileJobPorts } from "../edge/cron/reconciliation/reconcile.ts";
import { fillGaps, type GapPorts } from "../edge/cron/reconciliation/gaps.ts";
import { closedPeriods } from "../edge/d1/closed-periods.ts";
import { closeUnfound, knownBreaks, putBreaks } from "../edge/d1/reconciliation/breaks.ts";
import {
  dropDifferences,
  putDifferences,
  readDifferences,
} from "../edge/d1/reconciliation/differences.ts";
import { readDigests } from "../edge/d1/reconciliation/digests.ts";
import { openGaps } from "../edge/d1/reconciliation/gaps.ts";
import { linesIn, linesNamed } from "../edge/d1/reconciliation/lines.ts";
import { endRun, lastRuns, leaseRun, openRuns, saveRun } from "../edge/d1/reconciliation/runs.ts";
import { startRun } from "../edge/d1/reconciliation/start-run.ts";
import { madeEventId } from "../edge/d1/runs/made-id.ts";
import { log } from "../edge/log.ts";
import { madeMessages } from "../edge/made-messages.ts";
import type { Shard } from "../edge/shards.ts";
import { sha256Bytes } from "../edge/d1/digest-rows.ts";
import type { Parts } from "./parts.ts";

/** What one call may ask of a core: at five requests a second more than twenty seconds hold. */
const REQUESTS_MAX = 200;
const BYTES_MAX = 20_000_000;

const sha256: Sha256 = sha256Bytes;

const at = (place: Place | undefined, snapshot: Snapshot | undefined) => ({
  place,
  ...(snapshot === undefined ? {} : { snapshot }),
});

function clientOf(core: CoreAddress, untilMs: number, nowMs: () => number): CoreClient {
  const limits = { requests: REQUESTS_MAX, bytes: BYTES_MAX, untilMs };
  return coreClient(core, limits, {
    // A method of the global scope: called by another name it would lose its receiver.
    fetch: (...asked) => fetch(...asked),
    nowMs,
    wait: (ms) => scheduler.wait(ms),
    random: Math.random,
  });
}

function corePort(client: CoreClient): CorePort {
  return {
    digests: (asked, snapshot) => whole((place) => client.digests(asked, at(place, snapshot))),
    lines: (bucket, snapshot) =>
      whole((place) => client.lines({ by: "bucket", bucket }, at(place, snapshot))),
    named: (lineIds, snapshot) =>
      whole((place) => client.lines({ by: "ids", lineIds }, at(place, snapshot))),
    spent: () => client.spent(),
  };
}

/** Made again, an event has the same id: what is sent twice is applied once. */
const eventIdIn =
  (tenant: string) =>
  ({ source, id, occurredAtMs }: GatewayEvent): string =>
    madeEventId(Math.max(occurredAtMs, 0), JSON.stringify([tenant, source, id]));

/** Our side of a question for digests: from the sums that are kept, or for parts of hours from lines. */
async function localDigests(
  mirror: D1Database,
  tenant: string,
  { level, range, shards }: Parameters<ReconcilePorts["localDigests"]>[1],
): Promise<readonly BucketSum[]> {
  if (level === "part") return partDigests(mirror, tenant, { fromMs: range.fromMs, shards });
  const ask = { tenant, kind: "line", level, ...range, ...(shards && { shards }) } as const;
  const found = await readDigests(mirror, ask);
  return found.map(({ fromMs, shard, fingerprint }) => ({
    name: formatBucket({ level, fromMs, shard }),
    lines: fingerprint.lines,
    digest: digestOf(fingerprint, sha256),
  }));
}

const PARTS = "0123456789abcdef".split("");

async function partDigests(
  mirror: D1Database,
  tenant: string,
  {
    fromMs,
    shards = [],
  }: { readonly fromMs: number; readonly shards: readonly number[] | undefined },
): Promise<readonly BucketSum[]> {
  const buckets = shards.flatMap((shard) =>
    PARTS.map((part): TimeBucket => ({ level: "part", fromMs, shard, part })),
  );
  const found = await linesIn(mirror, tenant, { buckets, sha256 });
  return [...found].flatMap(([name, lines]) => {
    const sum = addLines(NO_LINES, lines.map(localDigestLine), sha256);
    return sum.lines === 0 ? [] : [{ name, lines: sum.lines, digest: digestOf(sum, sha256) }];
  });
}

function reconcilePorts(parts: Parts, shard: Shard): ReconcileJobPorts {
  const { control, directory, nowMs } = parts;
  const { mirror, events, index } = shard;
  return {
    tenants: () => mirroringTenants(control, index),
    last: (tenants) => lastRuns(mirror, tenants),
    start: async (tenant, kind) => {
      await startRun(mirror, { tenant, kind, cause: "cron" }, nowMs());
    },
    open: (tenants, limit) => openRuns(mirror, tenants, { nowMs: nowMs(), limit }),
    core: async (tenant, untilMs) => {
      const core = await coreOf(control, directory, tenant);
      return core === undefined ? undefined : corePort(clientOf(core, untilMs, nowMs));
    },
    localDigests: (tenant, asked) => localDigests(mirror, tenant, asked),
    localLines: (tenant, buckets) => linesIn(mirror, tenant, { buckets, sha256 }),
    localNamed: (tenant, names) => linesNamed(mirror, tenant, names),
    putDifferences: (run, found) => putDifferences(mirror, run, found),
    readDifferences: (run) => readDifferences(mirror, run),
    dropDifferences: (run) => dropDifferences(mirror, run),
    known: (tenant, names) => knownBreaks(mirror, { tenant, source: RECON_SOURCE }, names),
    closedPeriods: async (tenant) => new Set((await closedPeriods(mirror, [tenant])).get(tenant)),
    putBreaks: (run, breaks) => putBreaks(mirror, run, breaks),
    closeUnfound: (tenant, looked) => closeUnfound(mirror, tenant, looked),
    heal: async (run, breaks) => {
      const { tenant, runId } = run;
      if (breaks.length === 0) return;
      const detail = { breaks: breaks.length, events: breaks.flat().length };
      const deed = { tenant, action: "reconciliation.healed", target: runId, detail };
      await recordDeed(control, deed, { actor: "reconciliation", nowMs: nowMs() });
      const origin = { tenant, deliveryId: runId, receivedAtMs: run.startedMs };
      for (const message of madeMessages(origin, breaks, eventIdIn(tenant))) {
        await events.send(message);
      }
    },
    lease: (run, untilMs) => leaseRun(mirror, run, { nowMs: nowMs(), untilMs }),
    save: (run, kept) => saveRun(mirror, run, kept),
    end: (run, end) => endRun(mirror, run, end),
    limits: { ...LIMITS, grace_ms: parts.config.graceMs },
    sha256,
    nowMs,
    log,
  };
}

function gapPorts({ control, directory, nowMs }: Parts, shard: Shard): GapPorts {
  const { mirror, events, index } = shard;
  return {
    tenants: () => mirroringTenants(control, index),
    gaps: (tenants, limit) => openGaps(mirror, tenants, limit),
    isOnlyContract: (tenant, source) => isOnlyContract(control, tenant, source),
    core: async (tenant, untilMs) => {
      const core = await coreOf(control, directory, tenant);
      if (core === undefined) return undefined;
      const client = clientOf(core, untilMs, nowMs);
      return {
        events: (asked) => whole((place) => client.events(asked, at(place, undefined))),
      };
    },
    fill: async ({ tenant, subject, epoch, fromSeq }, found) => {
      const deliveryId = `gap:${subject}:${epoch}:${fromSeq}`;
      const origin = { tenant, deliveryId, receivedAtMs: nowMs() };
      // A stream keeps its order by itself.
      const groups = found.map((event) => [event]);
      for (const message of madeMessages(origin, groups, eventIdIn(tenant))) {
        await events.send(message);
      }
    },
    nowMs,
    log,
  };
}

export const fillShardGaps = (parts: Parts, shard: Shard): Promise<void> =>
  fillGaps(gapPorts(parts, shard));

export const reconcileShard = (parts: Parts, shard: Shard): Promise<void> =>
  reconcile(reconcilePorts(parts, shard));
