import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import { type CountedDay, DAY_MS } from "../event-count.ts";
import type { ControlReader, Marked, Reader } from "../reading.ts";
import { REQUESTS_PER_MINUTE_DEFAULT, type TenantQuotas } from "../tenant-quotas.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { bothBookmarks, controlReaderOf, readerOf } from "./reader.ts";
import type { ApiContext, Route } from "./route.ts";

interface Used {
  readonly used: number;
  readonly limit: number;
}

interface Usage {
  readonly quotas: TenantQuotas;
  readonly sources: Used;
  readonly keys: Used;
  readonly events?: CountedDay;
}

export interface UsagePorts {
  /** The control tables by the one's bookmark, the mirror by the other's. */
  readonly usage: (
    reader: ControlReader,
    mirrored: Reader,
  ) => Promise<{
    readonly value: Usage | undefined;
    readonly control: Marked;
    readonly mirror: Marked;
  }>;
  readonly nowMs: () => number;
}

const NoQuery = z.object({});

/** `GET /v1/tenants/{t}/usage` */
export const usageRoutes = (ports: UsagePorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/usage",
    permission: "tenant:read",
    handle: (c) => getUsage(ports, c),
  },
];

async function getUsage({ usage, nowMs }: UsagePorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, NoQuery);
  if (!query.ok) return query.refusal;
  const reader = controlReaderOf(c);
  if (!reader.ok) return reader.refusal;
  const mirrored = readerOf(c);
  if (!mirrored.ok) return mirrored.refusal;
  const { value, control, mirror } = await usage(reader.value, mirrored.value);
  if (value === undefined) return problem("not_found");
  const { quotas, sources, keys, events } = value;
  const body = {
    events: showEvents(events, { limit: quotas.events_per_day, atMs: nowMs() }),
    sources,
    keys,
    requests_per_minute: { limit: quotas.requests_per_minute ?? REQUESTS_PER_MINUTE_DEFAULT },
  };
  return Response.json(body, { headers: bothBookmarks(c.get("tenant"), { control, mirror }) });
}

function showEvents(
  counted: CountedDay | undefined,
  { limit, atMs }: { limit: number | undefined; atMs: number },
) {
  const startMs = atMs - (atMs % DAY_MS);
  const day = formatInstant(startMs).slice(0, "yyyy-mm-dd".length);
  const isToday = counted?.day === day;
  const used = isToday ? counted.events : 0;
  return {
    day,
    used,
    limit: limit ?? null,
    is_over: limit !== undefined && used >= limit,
    counted_until: formatInstant(isToday ? counted.countedUntilMs : startMs),
    resets_at: formatInstant(startMs + DAY_MS),
  };
}
