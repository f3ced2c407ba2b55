import type { Message as Sent } from "../src/edge/message.ts";
import worker from "../src/worker.ts";
import { countD1, takeBill } from "./billed/counting.ts";

export { Distributor, Order, Record, Tree } from "../src/worker.ts";

/**
 * The gateway as it is, and one route that reads through a counted database: the clock is never
 * held against the requests that are counted.
 */
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const prefix = "/bench/counted";
    if (!url.pathname.startsWith(prefix)) return worker.fetch(request, env, ctx);
    url.pathname = url.pathname.slice(prefix.length);
    const counted = { ...env, MIRROR_0: countD1(env.MIRROR_0) };
    const ask = () =>
      worker.fetch(
        new Request<unknown, IncomingRequestCfProperties>(url, { headers: request.headers }),
        counted,
        ctx,
      );
    // Once for the caches: what is read once in thirty seconds belongs to no single read.
    await (await ask()).arrayBuffer();
    takeBill();
    const { status } = await ask();
    return Response.json({ ...takeBill(), status });
  },
  queue: (batch, env, ctx) => worker.queue(batch, env, ctx),
} satisfies ExportedHandler<Cloudflare.Env, Sent>;
