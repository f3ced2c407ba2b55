import { digestOf, type Sha256 } from "../core/reconciliation/digest.ts";
import { formatBucket } from "../core/reconciliation/buckets.ts";
import type { GatewayEvent } from "../core/contracts/event.ts";
import { RECON_SOURCE } from "../core/contracts/reconciliation.ts";
import { LIMITS } from "../core/reconciliation/judge.ts";
import type { BucketSum } from "../core/reconciliation/walk.ts";
import { type CoreAddress, coreOf, isCores, mirroringTenants } from "../edge/control/cores.ts";
import { recordDeedOnce } from "../edge/control/trail.ts";
import { type CoreClient, coreClient } from "../edge/core-client/client.ts";
import { whole } from "../edge/core-client/whole.ts";
import type { ReconcilePorts } from "../edge/cron/reconciliation/ports.ts";
import { reconcile, type ReconcileJobPorts } from "../edge/cron/reconciliation/reconcile.ts";
import { forgetClosedGaps, type GapsWalk } from "../edge/cron/reconciliation/forget-gaps.ts";
import {
  fillGaps,
  fillNamed,
  type Gap,
  type GapPorts,
  type Turn,
} from "../edge/cron/reconciliation/gaps.ts";
import { closedPeriods } from "../edge/d1/closed-periods.ts";
import { readPlans } from "../edge/d1/reads/plans.ts";
import {
  endBreaks,
  frozenAmong,
  knownBreaks,
  openBreaks,
  putBreaks,
  unknownAmong,
} from "../edge/d1/reconciliation/breaks.ts";
import {
  countKept,
  differencesOf,
  foundAfter,
  foundOf,
  putDifferences,
} from "../edge/d1/reconciliation/differences.ts";
import { dropDifferences, forgetOver } from "../edge/d1/reconciliation/forget.ts";
import { readDigests } from "../edge/d1/reconciliation/digests.ts";
import { noteAnswer } from "../edge/d1/reconciliation/core-state.ts";
import { dueGaps, forgetClosed, markAsked } from "../edge/d1/reconciliation/gaps.ts";
import { leaveJob, takeJob } from "../edge/d1/leases.ts";
import { loadJob, saveJob } from "../edge/d1/positions.ts";
import { linesIn, linesNamed, plainLines } from "../edge/d1/reconciliation/lines.ts";
import { partDigests } from "../edge/d1/reconciliation/part-digests.ts";
import { heldRuns, openRuns } from "../edge/d1/reconciliation/runs.ts";
import { madeEventId } from "../edge/d1/runs/made-id.ts";
import { log } from "../edge/log.ts";
import { madeMessages } from "../edge/made-messages.ts";
import type { Shard } from "../edge/shards.ts";
import { sha256Bytes } from "../edge/d1/digest-rows.ts";
import { balancePorts, duePorts, flightPorts } from "./balances.ts";
import { corePort } from "./core-port.ts";
import type { Parts } from "./parts.ts";

/** What one call may ask of a core: at five requests a second more than twenty seconds hold. */
const REQUESTS_MAX = 200;
const BYTES_MAX = 20_000_000;

const sha256: Sha256 = sha256Bytes;

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

/** Made again, an event has the same id: what is sent twice is applied once. */
const idsIn = (tenant: string) => ({
  eventIdOf: (event: GatewayEvent) => madeEventId(tenant, event),
});

/** Our side of a question for digests: from the sums that are kept, or for parts of hours from lines. */
async function localDigests(
  mirror: D1Database,
  tenant: string,
  { level, range, shards, within }: Parameters<ReconcilePorts["localDigests"]>[1],
): Promise<readonly BucketSum[]> {
  if (level === "part") {
    const asked = { hour: range, shards: shards ?? [], sha256, ...(within && { within }) };
    return partDigests(mirror, tenant, asked);
  }
  const ask = { tenant, kind: "line", level, ...range, ...(shards && { shards }) } as const;
  const found = await readDigests(mirror, ask);
  return found.map(({ fromMs, shard, fingerprint }) => ({
    name: formatBucket({ level, fromMs, shard }),
    lines: fingerprint.lines,
    digest: digestOf(fingerprint, sha256),
  }));
}

/** Asked once of each tenant in a call of the job, however many steps it takes. */
function once<Value>(read: (tenant: string) => Promise<Value>): (tenant: string) => Promise<Value> {
  const known = new Map<string, Value>();
  return async (tenant) => {
    const value = known.get(tenant) ?? (await read(tenant));
    known.set(tenant, value);
    return value;
  };
}

/** What core and mirror are held against each other by. */
export function reconcilePorts(parts: Parts, shard: Shard): ReconcileJobPorts {
  const { control, directory, nowMs } = parts;
  const { mirror, slow, index } = shard;
  return {
    tenants: () => mirroringTenants(control, index),
    ...balancePorts(parts, shard),
    ...duePorts(parts, shard),
    ...flightPorts(shard),
    open: (tenants, limit) => openRuns(mirror, tenants, { nowMs: nowMs(), limit }),
    core: async (tenant, untilMs) => {
      const core = await coreOf(control, directory, tenant);
      return core === undefined ? undefined : corePort(clientOf(core, untilMs, nowMs));
    },
    localDigests: (tenant, asked) => localDigests(mirror, tenant, asked),
    localLines: (tenant, buckets) => linesIn(mirror, tenant, { buckets, sha256 }),
    localNamed: (tenant, names) => linesNamed(mirror, tenant, names),
    localPlain: (tenant, names) => plainLines(mirror, tenant, names),
    putDifferences: (run, found) => putDifferences(mirror, run, found),
    differencesOf: (run, distributors) => differencesOf(mirror, run, distributors),
    foundAfter: (run, after, limit) => foundAfter(mirror, run, { after, limit }),
    foundOf: (run, names) => foundOf(mirror, run, names),
    dropDifferences: (run) => dropDifferences(mirror, run),
    countKept: (run, limit) => countKept(mirror, run, limit),
    forget: (tenants) => forgetOver(mirror, tenants),
    known: (tenant, names) => knownBreaks(mirror, { tenant, source: RECON_SOURCE, sha256 }, names),
    closedPeriods: once(
      async (tenant) => new Set((await closedPeriods(mirror, [tenant])).get(tenant)),
    ),
    zones: once(async (tenant) => {
      const plans = (await readPlans(control, [tenant], log)).get(tenant) ?? [];
      return [...new Set(plans.map(({ period }) => period.tz))];
    }),
    frozenAmong: (tenant, distributors) => frozenAmong(mirror, tenant, distributors),
    unknownAmong: (tenant, distributors) => unknownAmong(mirror, tenant, distributors),
    putBreaks: (run, breaks) => putBreaks(mirror, run, breaks),
    openBreaks: (tenant, asked) => openBreaks(mirror, tenant, asked),
    endBreaks: (tenant, over, atMs) => endBreaks(mirror, { tenant, nowMs: atMs }, over),
    heal: async (run, breaks) => {
      const { tenant, runId } = run;
      if (breaks.length === 0) return;
      const events = breaks.flat();
      // By its first event it is told apart from what else the run heals, and is found again.
      const detail = { breaks: breaks.length, events: events.length, first: events[0]?.id };
      const deed = { tenant, action: "reconciliation.healed", target: runId, detail };
      const act = { actor: "reconciliation", nowMs: nowMs(), sinceMs: run.startedMs };
      await recordDeedOnce(control, deed, act);
      const origin = { tenant, deliveryId: runId, receivedAtMs: run.startedMs };
      for (const message of madeMessages(origin, breaks, idsIn(tenant))) {
        await slow.send(message);
      }
    },
    ...heldRuns(mirror, nowMs),
    limits: { ...LIMITS, grace_ms: parts.config.graceMs },
    sha256,
    nowMs,
    log,
  };
}

export const gapsJob = ({ index }: Pick<Shard, "index">): string => `gaps:${index}`;

/** Longer than any call. */
const GAPS_LEASE_MS = 120_000;

/** Keeps the job of gaps for one call at a time. */
function gapTurn(
  mirror: D1Database,
  job: string,
  nowMs: () => number,
): Pick<GapPorts, "take" | "leave"> {
  let heldMs = 0;
  return {
    take: async () => {
      const lease = { nowMs: nowMs(), untilMs: nowMs() + GAPS_LEASE_MS };
      heldMs = lease.untilMs;
      return takeJob<Turn>(mirror, job, lease);
    },
    leave: (state) => leaveJob(mirror, job, { heldMs, state }),
  };
}

/** What holes in streams are filled by. */
export function gapPorts({ control, directory, nowMs }: Parts, shard: Shard): GapPorts {
  const { mirror, slow, index } = shard;
  return {
    tenants: () => mirroringTenants(control, index),
    ...gapTurn(mirror, gapsJob(shard), nowMs),
    due: (tenants, limits) => dueGaps(mirror, tenants, { nowMs: nowMs(), ...limits }),
    isCores: (tenant, source) => isCores(control, tenant, source),
    core: async (tenant, untilMs) => {
      const core = await coreOf(control, directory, tenant);
      if (core === undefined) return undefined;
      const client = clientOf(core, untilMs, nowMs);
      return {
        name: client.name,
        events: (asked) => whole((place) => client.events(asked, { place })),
      };
    },
    fill: async ({ tenant, subject, epoch, fromSeq }, found) => {
      const deliveryId = `gap:${subject}:${epoch}:${fromSeq}`;
      const origin = { tenant, deliveryId, receivedAtMs: nowMs() };
      // A stream keeps its order by itself.
      const groups = found.map((event) => [event]);
      for (const message of madeMessages(origin, groups, idsIn(tenant))) {
        await slow.send(message);
      }
    },
    end: async ({ tenant, subject, source, epoch, fromSeq }, core_epoch) => {
      const moves = [{ kind: "epoch_over", source, epoch, from_seq: fromSeq, core_epoch }] as const;
      await slow.send({ kind: "subject", tenant, subject, moves });
    },
    noteState: (tenant, told) => noteAnswer(mirror, { tenant, told }, nowMs()),
    asked: (gap) => markAsked(mirror, gap, nowMs()),
    nowMs,
    log,
  };
}

/** Asks cores for gaps that messages name. */
export const fillNamedGaps = (parts: Parts, shard: Shard, gaps: readonly Gap[]): Promise<void> =>
  fillNamed(gaps, gapPorts(parts, shard));

const closedGapsJob = ({ index }: Shard): string => `closed_gaps:${index}`;

/** Asks cores for gaps that are due, and deletes those that were closed long ago. */
export async function fillShardGaps(parts: Parts, shard: Shard): Promise<void> {
  await fillGaps(gapPorts(parts, shard));
  const { mirror } = shard;
  await forgetClosedGaps({
    load: () => loadJob<GapsWalk>(mirror, closedGapsJob(shard)),
    save: (state) => saveJob(mirror, closedGapsJob(shard), { state, nowMs: parts.nowMs() }),
    forget: (asked) => forgetClosed(mirror, asked),
    nowMs: parts.nowMs,
  });
}

export const reconcileShard = (parts: Parts, shard: Shard): Promise<void> =>
  reconcile(reconcilePorts(parts, shard));
