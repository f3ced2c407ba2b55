import type { Arrival } from "../src/core/subject/state.ts";
import { liveRequest } from "../src/edge/live.ts";
import type { Distributor } from "../src/edge/objects/distributor.ts";
import worker from "../src/worker.ts";
import { TENANT } from "./company.ts";

export { Distributor, Order, Record, Tree } from "../src/worker.ts";

const HOUR_MS = 3_600_000;

type DistributorStub = DurableObjectStub<Distributor>;

async function follow(object: DistributorStub, id: string): Promise<Response> {
  const sight = { distributorId: id, lines: true, transfers: true, names: true, below: true };
  const begun = { status: { distributor_id: id }, position: (await object.head()).position };
  const until = { credential: crypto.randomUUID(), untilMs: Date.now() + HOUR_MS };
  return object.fetch(liveRequest({ sight, ...begun, ...until }, undefined));
}

const begin = (controller: ReadableStreamDefaultController) =>
  controller.enqueue(new TextEncoder().encode("held"));

/** Followers without a connection of their own; they go when the answer is no longer read. */
async function hold(object: DistributorStub, id: string, count: number): Promise<Response> {
  for (let i = 0; i < count; i += 1) {
    const { webSocket } = await follow(object, id);
    webSocket?.accept();
  }
  // It never ends by itself: while it is read, the sockets have somebody.
  return new Response(new ReadableStream({ start: begin, pull: () => scheduler.wait(HOUR_MS) }));
}

/**
 * The gateway, with three routes that go to a distributor's object directly: what is measured is the
 * object. `/bench/live/{id}` lets a client in without looking its credential up, `/bench/hold/{id}`
 * has so many follow inside the runtime, `/bench/settle/{id}` settles lines, one a call and one call
 * after the other.
 */
export default {
  async fetch(request, env, ctx) {
    const [, bench, what, id = ""] = new URL(request.url).pathname.split("/");
    if (bench !== "bench") return worker.fetch(request, env, ctx);
    const object = env.DISTRIBUTOR.getByName(`${TENANT}/${id}`);
    if (what === "live") return follow(object, id);
    if (what === "hold") return hold(object, id, Number(await request.text()));
    const arrivals = await request.json<readonly Arrival[]>();
    let { position, head } = await object.head();
    const startedMs = Date.now();
    for (const arrival of arrivals) {
      const place = { tenant: TENANT, subject: `dist:${id}`, shard: 0 };
      const reply = await object.settle({
        ...place,
        mirrored: { position, head },
        arrivals: [arrival],
      });
      const last = reply.kind === "settled" ? reply.tail.rows.at(-1) : undefined;
      if (last === undefined) return Response.json({ error: "nothing settled" }, { status: 500 });
      ({ position, hash: head } = last);
    }
    return Response.json({ position, tookMs: Date.now() - startedMs });
  },
} satisfies ExportedHandler<Cloudflare.Env>;
