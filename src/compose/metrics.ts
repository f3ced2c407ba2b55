import type { ShardFigures } from "../core/operation/shard-metrics.ts";
import type { TenantFigures } from "../core/operation/tenant-metrics.ts";
import { isSpilled } from "../edge/archive/spilled.ts";
import { shardAt } from "../edge/bindings.ts";
import {
  type ControlFigures,
  figuresOfTenant,
  figuresOfTenants,
} from "../edge/control/tenant-figures.ts";
import type { ObjectsWalk } from "../edge/cron/reconciliation/objects.ts";
import { type JobRow, readFigures } from "../edge/d1/reads/metrics.ts";
import { readingOf } from "../edge/d1/reads/session.ts";
import type { Bookmarks } from "../edge/http/bookmarks.ts";
import type { MetricsPorts } from "../edge/http/metrics.ts";
import type { Marked } from "../edge/reading.ts";
import { log } from "../edge/log.ts";
import { CONTROL_SHARD, type Shard } from "../edge/shards.ts";
import { within } from "../edge/within.ts";
import { sweepJob } from "./cron.ts";
import type { Parts } from "./parts.ts";
import { objectsJob } from "./reconciliation.ts";

/** What monitoring is told: of one tenant, or of all of them. */
export function metricsPort(parts: Parts): MetricsPorts["metrics"] {
  const { env, config, shards, control } = parts;
  const build = { version: env.VERSION.id, environment: config.environment };
  const controlAt = (bookmark: string | undefined) =>
    control.withSession(bookmark ?? "first-unconstrained");
  return {
    async ofTenant({ tenant, shard: index }, { known, nowMs }) {
      const session = controlAt(bookmarkOf(index, known).control);
      const found = await figuresOfTenant(session, tenant);
      const { value: _value, ...marked } = readingOf(session, undefined);
      const shard = shardAt(shards, index);
      const figures = await figuresOf(shard, {
        nowMs,
        tenants: found,
        bookmark: bookmarkOf(index, known).mirror,
      });
      return {
        deployment: build,
        shards: [ofItsOwn(figures.shard)],
        tenants: figures.tenants,
        control: marked,
        mirror: figures.marked,
      };
    },
    async ofAll(page, { known, nowMs }) {
      const session = controlAt(bookmarkOf(CONTROL_SHARD, known).control);
      const { tenants, all, omitted } = await figuresOfTenants(session, page);
      const { value: _value, ...marked } = readingOf(session, undefined);
      const byShard = Map.groupBy(tenants, ({ shard }) => shard);
      const figures = await Promise.all(
        shards.map((shard) =>
          figuresOf(shard, {
            nowMs,
            tenants: byShard.get(shard.index) ?? [],
            bookmark: shard.index === CONTROL_SHARD ? marked.bookmark : undefined,
          }),
        ),
      );
      return {
        deployment: { ...build, tenants: { all, omitted } },
        shards: figures.map(({ shard }) => shard),
        tenants: figures.flatMap((one) => one.tenants),
        control: marked,
        mirror: {},
      };
    },
  };
}

/** In the first shard both are one database. */
const bookmarkOf = (shard: number, { mirror, control }: Bookmarks) => ({
  mirror,
  control: shard === CONTROL_SHARD ? (mirror ?? control) : control,
});

/** What a tenant may know of its shard: how many objects others have is not among it. */
const ofItsOwn = ({ lastWalk, ...shard }: ShardFigures): ShardFigures => {
  const { walk: _walk, ...rest } = shard;
  if (lastWalk === undefined) return rest;
  const { figures: _figures, ...times } = lastWalk;
  return { ...rest, lastWalk: times };
};

interface ShardAsked {
  readonly tenants: readonly ControlFigures[];
  readonly bookmark: string | undefined;
  readonly nowMs: number;
}

async function figuresOf(
  shard: Shard,
  { tenants, bookmark, nowMs }: ShardAsked,
): Promise<{
  readonly shard: ShardFigures;
  readonly tenants: readonly TenantFigures[];
  readonly marked: Marked;
}> {
  const jobs = [sweepJob(shard), objectsJob(shard)];
  const asked = { tenants: tenants.map(({ tenant }) => tenant), sweep: sweepJob(shard), jobs };
  const session = shard.mirror.withSession(bookmark ?? "first-unconstrained");
  const [{ value: found, ...marked }, queues, spilled] = await Promise.all([
    readFigures(session, { ...asked, nowMs }),
    queuesOf(shard, nowMs),
    inTime(() => isSpilled(shard.archive)),
  ]);
  const known = new Map(tenants.map((one) => [one.tenant, one]));
  return {
    marked,
    shard: {
      shard: shard.index,
      queues,
      ...(spilled === undefined ? {} : { isSpilled: spilled }),
      ...jobsOf(shard, found.jobs),
    },
    tenants: found.tenants.map(({ eventsToday, ...figures }) => ({
      ...figures,
      // Nobody asks for what is paused: that it grows old says nothing.
      polls: figures.polls.filter(
        ({ source }) => known.get(figures.tenant)?.paused.has(source) !== true,
      ),
      quotas: known.get(figures.tenant)?.quotasWith(eventsToday) ?? [],
    })),
  };
}

/** A queue has been seen to hang for a minute, and that is when its figures are looked for. */
const WAIT_MS = 2000;

/** What does not answer in time, or fails, has no figure: the others are told. */
async function inTime<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await within(WAIT_MS, work);
  } catch (error) {
    log("warn", "figure_left_out", { error });
    return undefined;
  }
}

async function queuesOf({ events, slow, dead }: Shard, nowMs: number) {
  const found = await Promise.all(
    Object.entries({ events, slow, dead }).map(async ([queue, of]) => {
      const told = await inTime(() => of.metrics());
      if (told === undefined) return [];
      const oldestMs = told.oldestMessageTimestamp?.getTime() ?? 0;
      return [
        {
          queue,
          messages: told.backlogCount,
          oldest_ms: oldestMs > 0 ? Math.max(0, nowMs - oldestMs) : 0,
        },
      ];
    }),
  );
  return found.flat();
}

function jobsOf(
  shard: Shard,
  jobs: ReadonlyMap<string, JobRow>,
): Pick<ShardFigures, "jobs" | "walk" | "lastWalk"> {
  // Each is called after its shard, which has a label of its own.
  const ran = [...jobs].map(([job, { ranMs }]) => ({
    job: job.slice(0, job.lastIndexOf(":")),
    ran_ms: ranMs,
  }));
  const row = jobs.get(objectsJob(shard));
  if (row === undefined) return { jobs: ran };
  // Own text: what the job kept.
  const { last, ...walk }: ObjectsWalk = JSON.parse(row.state);
  if (last === undefined) return { jobs: ran, walk };
  const { startedMs: started_ms, endedMs: ended_ms, ...figures } = last;
  return { jobs: ran, walk, lastWalk: { started_ms, ended_ms, figures } };
}
