import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { type AccessPorts, createAccess } from "./access.ts";
import { type AuditTrail, auditRoutes } from "./audit.ts";
import { carriesBookmarks } from "./bookmarks.ts";
import { entityTag } from "./etag.ts";
import { replace, withHeaders } from "./frame.ts";
import { type HealthPorts, healthRoutes } from "./healthz.ts";
import { idempotent, type IdempotencyPorts } from "./idempotency.ts";
import { type KeyPorts, keyRoutes } from "./keys.ts";
import { bounded } from "./limits.ts";
import { Overloaded } from "../overloaded.ts";
import { OutcomeUnknown, patient } from "./patient.ts";
import { problem } from "./problem.ts";
import { rateLimitHeaders } from "./rate-limit-headers.ts";
import { type ApiEnv, BODY_BYTES_MAX, type Route } from "./route.ts";
import { type SourcePorts, sourceRoutes } from "./sources.ts";
import { type TenantPorts, tenantRoutes } from "./tenants.ts";

/** Everything the HTTP side needs of the rest; worker.ts introduces them. */
export interface AppPorts
  extends AccessPorts, HealthPorts, TenantPorts, SourcePorts, KeyPorts, IdempotencyPorts {
  readonly audit: AuditTrail;
  /** `/in/{tenant}/{source}`, every method: it stands before and apart from all the rest. */
  readonly ingest: (
    request: Request,
    place: { readonly tenant: string; readonly source: string },
  ) => Promise<Response>;
  /** Operations of other rooms: reads, explain, contracts. They pass the same checks. */
  readonly routes: readonly Route[];
}

/** Every operation but ingest: what {@link createApp} mounts, and what tests walk. */
export const everyRoute = (ports: Omit<AppPorts, "ingest">): readonly Route[] => [
  ...healthRoutes(ports),
  ...tenantRoutes(ports),
  ...sourceRoutes(ports),
  ...keyRoutes(ports),
  ...auditRoutes(ports),
  ...ports.routes,
];

export function createApp(ports: AppPorts): Hono<ApiEnv> {
  const { ingest, log } = ports;
  const requires = createAccess(ports);
  const app = new Hono<ApiEnv>();

  // First and alone: a delivery pays for nothing that only the API needs.
  app.all("/in/:tenant/:source", (c) => ingest(c.req.raw, c.req.param()));
  // The last segment is a token, for products that can send their proof nowhere else.
  app.all("/in/:tenant/:source/:token", (c) => ingest(c.req.raw, c.req.param()));

  app.use(framed);
  app.use(bounded);
  app.use("/v1/*", entityTag);
  app.use("/v1/*", carriesBookmarks);
  app.use("/metrics", carriesBookmarks);

  const routes = everyRoute(ports);
  for (const route of routes) {
    const { method, path, permission } = route;
    const guard = permission === "public" ? [] : [requires(permission, route)];
    app.on(
      method,
      [path],
      ...guard,
      ...limited(route),
      ...idempotent(ports, route),
      patient(route, ports),
    );
  }
  for (const [path, allow] of methodsByPath(routes)) {
    app.all(path, () => problem("method_not_allowed", { headers: { Allow: allow } }));
  }

  app.notFound(() => problem("not_found"));
  app.onError((error, c) => {
    const requestId = c.get("requestId") ?? crypto.randomUUID();
    const { tenant } = c.get("tenant") ?? {};
    // Not the path: ids of people stay out of the log.
    log("error", "request.failed", { request_id: requestId, tenant, method: c.req.method, error });
    return withHeaders(failure(error), { "Request-Id": requestId });
  });
  return app;
}

function failure(error: Error): Response {
  if (error instanceof OutcomeUnknown) return problem("overloaded", { detail: MAYBE_DONE });
  return problem(error instanceof Overloaded ? "overloaded" : "internal");
}

const MAYBE_DONE =
  "It may have been done all the same. Send it again with the same Idempotency-Key: tenants, sources, destinations, subscriptions, keys and deletions are not changed twice (409 idempotency_answer_lost: it was done, read what is there); what else comes again is the same one, but a job that has ended by then is started anew. If it had no key, read first what is there";

const FRAME = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** What every answer carries. A page's own headers stay: they are set only where absent. */
const framed: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const startedMs = performance.now();
  const requestId = crypto.randomUUID();
  c.set("requestId", requestId);
  await next();
  const tookMs = Math.round(performance.now() - startedMs);
  const headers = {
    ...FRAME,
    "Request-Id": requestId,
    "Server-Timing": `total;dur=${tookMs}`,
    ...rateLimitHeaders(c.get("standings")),
  };
  replace(c, withHeaders(c.res, headers));
};

function limited({ method, bodyBytesMax = BODY_BYTES_MAX }: Route): MiddlewareHandler<ApiEnv>[] {
  if (method === "GET") return [];
  return [bodyLimit({ maxSize: bodyBytesMax, onError: () => problem("too_large") })];
}

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, string> {
  const methods = new Map<string, string>();
  for (const { path, method } of routes) {
    const allowed = method === "GET" ? "GET, HEAD" : method;
    methods.set(path, [methods.get(path), allowed].filter(Boolean).join(", "));
  }
  return methods;
}
