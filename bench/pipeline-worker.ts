import { captureQueue } from "./billed/counting.ts";
import type { Message as Sent } from "../src/edge/message.ts";
import worker from "../src/worker.ts";
import { createStopwatch } from "./stopwatch.ts";

export { Distributor, Order, Record, Tree } from "../src/worker.ts";

type Env = Cloudflare.Env;

const stopwatch = createStopwatch();
const captured: Sent[] = [];
const capturing = new WeakMap<Env, Env>();

/** What ingest would send is kept: the rounds send it, to both rigs, when all of it is there. */
function capturingEnv(env: Env): Env {
  const known = capturing.get(env) ?? { ...env, EVENTS_0: captureQueue(env.EVENTS_0, captured) };
  capturing.set(env, known);
  return known;
}

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/bench/captured") {
      return Response.json(captured.splice(0));
    }
    const answer = await stopwatch.answer(request, env.EVENTS_0);
    return answer ?? worker.fetch(request, capturingEnv(env), ctx);
  },
  // With the queue as it is: what the gateway retries is sent again.
  queue: (batch, env, ctx) =>
    stopwatch.time(batch.messages.length, async () => worker.queue(batch, env, ctx)),
} satisfies ExportedHandler<Env, Sent>;
