import { type SlaPorts, type SlaWalk, watchSla } from "../edge/cron/sla.ts";
import {
  foldHours,
  keepStandings,
  lookAtTenants,
  minutesOf,
  pruneSla,
  timedTenants,
  unfoldedHours,
} from "../edge/d1/sla-watch.ts";
import { loadJob, saveJob } from "../edge/d1/positions.ts";
import { readSla } from "../edge/d1/reads/sla.ts";
import { sessionOf } from "../edge/d1/reads/session.ts";
import type { SlaReadPorts } from "../edge/http/sla.ts";
import { shardAt } from "../edge/bindings.ts";
import { log } from "../edge/log.ts";
import type { Shard } from "../edge/shards.ts";
import type { Parts } from "./parts.ts";

export const slaJob = ({ index }: Shard): string => `sla:${index}`;

function slaPorts({ nowMs }: Parts, shard: Shard): SlaPorts {
  const { mirror } = shard;
  return {
    page: (asked, limit) => timedTenants(mirror, asked, limit),
    look: (tenants, at) => lookAtTenants(mirror, tenants, at),
    keep: (standings) => keepStandings(mirror, standings, nowMs()),
    unfolded: (tenants, beforeMs) => unfoldedHours(mirror, tenants, beforeMs),
    minutes: (hours) => minutesOf(mirror, hours),
    fold: (folded) => foldHours(mirror, folded),
    prune: (tenants, of) => pruneSla(mirror, tenants, of),
    load: () => loadJob<SlaWalk>(mirror, slaJob(shard)),
    save: (walk) => saveJob(mirror, slaJob(shard), { state: walk, nowMs: nowMs() }),
    nowMs,
    log,
  };
}

export const watchShardSla = (parts: Parts, shard: Shard): Promise<void> =>
  watchSla(slaPorts(parts, shard));

/** What `GET …/sla` reads. */
export const slaPort =
  ({ shards }: Parts): SlaReadPorts["sla"] =>
  (reader, range) =>
    readSla(
      sessionOf((shard) => shardAt(shards, shard).mirror, reader),
      { tenant: reader.tenant, ...range },
    );
