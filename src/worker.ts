import { createApi } from "./compose/api.ts";
import { runJobs } from "./compose/cron.ts";
import { createParts, type Parts } from "./compose/parts.ts";
import { consume } from "./compose/queues.ts";
import { readPorts } from "./compose/reads.ts";
import { readRoutes } from "./edge/http/reads.ts";
import type { Message } from "./edge/message.ts";

export { Destination } from "./compose/destination.ts";
export { Distributor } from "./edge/objects/distributor.ts";
export { Order } from "./edge/objects/order.ts";
export { Record } from "./edge/objects/record.ts";
export { Tree } from "./edge/objects/tree.ts";

interface Gateway {
  readonly parts: Parts;
  readonly api: ReturnType<typeof createApi>;
}

// By environment, as tests in one isolate may bring several; a deployed isolate has one.
const gateways = new WeakMap<Cloudflare.Env, Gateway>();

function gatewayOf(env: Cloudflare.Env): Gateway {
  const known = gateways.get(env);
  if (known !== undefined) return known;
  const parts = createParts(env);
  const gateway = { parts, api: createApi(parts, readRoutes(readPorts(parts))) };
  gateways.set(env, gateway);
  return gateway;
}

export default {
  fetch: (request, env, ctx) => gatewayOf(env).api.fetch(request, env, ctx),
  queue: (batch, env, _ctx) => consume(batch, gatewayOf(env).parts),
  scheduled: (_controller, env, _ctx) => runJobs(gatewayOf(env).parts),
} satisfies ExportedHandler<Cloudflare.Env, Message>;
