import * as z from "zod";
import { EVERY_TENANT } from "../../core/access.ts";
import {
  type DeploymentFigures,
  deploymentFamilies,
  type ShardFigures,
  shardFamilies,
} from "../../core/operation/shard-metrics.ts";
import { openMetricsText, prometheusText } from "../../core/operation/exposition.ts";
import { type TenantFigures, tenantFamilies } from "../../core/operation/tenant-metrics.ts";
import type { Tenant } from "../control/directory.ts";
import type { Marked } from "../reading.ts";
import { notAcceptable, preferred } from "./accept.ts";
import { type Bookmarks, bookmarkHeaders } from "./bookmarks.ts";
import { readQuery } from "./query.ts";
import { bothBookmarks, bookmarksOf } from "./reader.ts";
import { type ApiContext, IDENTIFIER, type Route } from "./route.ts";

/** Tenants of one answer: some fifty lines each. */
const TENANTS_MAX = 100;

/** Figures, and where the databases stood that they come from. */
export interface Figures {
  readonly deployment: DeploymentFigures;
  readonly shards: readonly ShardFigures[];
  readonly tenants: readonly TenantFigures[];
  readonly control: Marked;
  /** Of one tenant's mirror; there are several where all tenants are asked for. */
  readonly mirror: Marked;
}

/** What the databases must have seen, and as of when ages are told. */
export interface Asking {
  readonly known: Bookmarks;
  readonly nowMs: number;
}

export interface MetricsPorts {
  readonly metrics: {
    /** One tenant's, and of its shard what tells nothing of others. */
    ofTenant(tenant: Tenant, asking: Asking): Promise<Figures>;
    /** All tenants', a page by name. */
    ofAll(
      page: { readonly after: string; readonly limit: number },
      asking: Asking,
    ): Promise<Figures>;
  };
  readonly nowMs: () => number;
}

export const MetricsQuery = z.object({
  after: z
    .string()
    .regex(IDENTIFIER)
    .describe("Tenants behind this name: the last one of a page that leaves some out")
    .exactOptional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(TENANTS_MAX)
    .describe(`How many tenants at most; absent: ${TENANTS_MAX}`)
    .exactOptional(),
});

const OFFERED = ["application/openmetrics-text", "text/plain"] as const;

const FORMATS = {
  "application/openmetrics-text": {
    type: "application/openmetrics-text; version=1.0.0; charset=utf-8",
    write: openMetricsText,
  },
  "text/plain": { type: "text/plain; version=0.0.4; charset=utf-8", write: prometheusText },
} as const;

/** `GET /metrics`: of all tenants for ADMIN_TOKEN, of its own for a tenant's key. */
export const metricsRoutes = (ports: MetricsPorts): readonly Route[] => [
  {
    method: "GET",
    path: "/metrics",
    isHeavy: true,
    permission: "metrics:read",
    isOfCaller: true,
    handle: (c) => getMetrics(ports, c),
  },
];

async function getMetrics(ports: MetricsPorts, c: ApiContext): Promise<Response> {
  const media = preferred(c.req.header("Accept"), OFFERED);
  if (media === undefined) return notAcceptable(OFFERED);
  const known = bookmarksOf(c);
  if (!known.ok) return known.refusal;
  const isOfAll = c.get("caller").tenant === EVERY_TENANT;
  const query = readQuery(c, isOfAll ? MetricsQuery : MetricsQuery.pick({}));
  if (!query.ok) return query.refusal;
  const { after = "", limit = TENANTS_MAX }: z.infer<typeof MetricsQuery> = query.value;
  const nowMs = ports.nowMs();
  const asking = { known: known.value, nowMs };
  const figures = isOfAll
    ? await ports.metrics.ofAll({ after, limit }, asking)
    : await ports.metrics.ofTenant(c.get("tenant"), asking);
  const { type, write } = FORMATS[media];
  return new Response(write(familiesOf(figures, nowMs)), {
    headers: {
      "Content-Type": type,
      "Cache-Control": "no-store",
      Vary: "Accept",
      ...bookmarksFor(isOfAll ? undefined : c.get("tenant"), figures),
    },
  });
}

const familiesOf = ({ deployment, shards, tenants }: Figures, nowMs: number) => [
  ...deploymentFamilies(deployment),
  ...shardFamilies(shards, nowMs),
  ...tenantFamilies(tenants, nowMs),
];

function bookmarksFor(
  tenant: Tenant | undefined,
  { control, mirror }: Figures,
): Readonly<Record<string, string>> {
  if (tenant !== undefined) return bothBookmarks(tenant, { control, mirror });
  const { bookmark } = control;
  return bookmark === undefined ? {} : bookmarkHeaders({ control: bookmark });
}
