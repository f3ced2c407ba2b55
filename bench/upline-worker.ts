import { type LineageAsk, readLineages } from "../src/edge/d1/reads/lineages.ts";
import { countD1, takeBill } from "./billed/counting.ts";

// The settings of wrangler.toml name them.
export { Distributor, Order, Record, Tree } from "../src/worker.ts";

interface Task {
  readonly asks: readonly LineageAsk[];
  readonly times: number;
}

/** Reads the same ways up again and again; the time is taken by who asks. */
export default {
  async fetch(request, env) {
    const { asks, times } = await request.json<Task>();
    if (new URL(request.url).pathname === "/counted") {
      takeBill();
      await readLineages(countD1(env.MIRROR_0), asks);
      return Response.json(takeBill());
    }
    let steps = 0;
    for (let time = 0; time < times; time += 1) {
      for (const { sponsor } of await readLineages(env.MIRROR_0, asks)) {
        if ("upline" in sponsor) steps += sponsor.upline.length;
      }
    }
    return Response.json({ steps });
  },
} satisfies ExportedHandler<Cloudflare.Env>;
