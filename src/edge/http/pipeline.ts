import * as z from "zod";
import type { Tenant } from "../control/directory.ts";
import type { HeldState, Reader, Reading } from "../reading.ts";
import { readQuery } from "./query.ts";
import { answerRead, readerOf } from "./reader.ts";
import type { ApiContext, Route } from "./route.ts";

/** What a queue says of itself. */
interface Backlog {
  readonly backlogCount: number;
  readonly oldestMessageTimestamp?: Date;
}

/** What is under way in a tenant's shard. */
export interface PipelinePorts {
  readonly pipeline: {
    /** Whether messages wait in R2 for a queue that would not take them. */
    spilled(tenant: Tenant): Promise<boolean>;
    /** The word of each of the shard's queues. */
    backlogs(tenant: Tenant): Promise<readonly Backlog[]>;
    /** Messages that this isolate is consuming: a backlog leaves them out. */
    inFlight(): number;
    /** Objects whose log the last sweep found ahead of the mirror. */
    unmirrored(tenant: Tenant): Promise<number>;
    /** How many events of the tenant wait, by state. */
    waiting(reader: Reader): Promise<Reading<Readonly<Partial<Record<HeldState, number>>>>>;
  };
  readonly nowMs: () => number;
}

/** `GET …/pipeline` */
export function pipelineRoutes(ports: PipelinePorts): readonly Route[] {
  async function get(c: ApiContext): Promise<Response> {
    const query = readQuery(c, z.object({}));
    if (!query.ok) return query.refusal;
    const reader = readerOf(c);
    if (!reader.ok) return reader.refusal;
    return survey(ports, c.get("tenant"), reader.value);
  }
  return [
    {
      method: "GET",
      path: "/v1/tenants/:tenant/pipeline",
      permission: "pipeline:read",
      handle: get,
    },
  ];
}

async function survey(
  { pipeline, nowMs }: PipelinePorts,
  tenant: Tenant,
  reader: Reader,
): Promise<Response> {
  // One after the other, in the direction of the flow: what moves on meanwhile is met again
  // further down, and never missed.
  const isSpilled = await pipeline.spilled(tenant);
  const backlogs = await pipeline.backlogs(tenant);
  const inFlight = backlogs.reduce((sum, one) => sum + one.backlogCount, pipeline.inFlight());
  const unmirrored = await pipeline.unmirrored(tenant);
  const read = await pipeline.waiting(reader);
  const { parked = 0, buffered = 0 } = read.value;
  const body = {
    in_flight: inFlight,
    parked,
    buffered,
    unmirrored,
    oldest_ms: Math.max(...backlogs.map((one) => ageOf(one.oldestMessageTimestamp, nowMs()))),
    // What is parked or buffered has its outcome: it waits for others, not for us.
    idle: inFlight === 0 && unmirrored === 0 && !isSpilled,
  };
  return answerRead(body, read);
}

function ageOf(oldest: Date | undefined, nowMs: number): number {
  const atMs = oldest?.getTime() ?? 0;
  return atMs > 0 ? Math.max(0, nowMs - atMs) : 0;
}
