import { afterEach, describe, expect, test } from "vitest";
import {
  clearResuming,
  drainPaused,
  hold,
  listResuming,
  markResuming,
} from "#src/edge/archive/paused.ts";
import { drainSpill, spill } from "#src/edge/archive/spill.ts";
import type { Source } from "#src/edge/control/directory.ts";
import { STALE_MS_MAX } from "#src/edge/control/directory.ts";
import { drainResumed } from "#src/edge/cron/drain-paused.ts";
import { drainSpills } from "#src/edge/cron/drain-spill.ts";
import type { DeliveryMessage, Message } from "#src/edge/message.ts";
import {
  bindings,
  isDelivery,
  keysUnder,
  makeRig,
  makeSource,
  makeTenant,
  memoryQueue,
  NOW_MS,
  order,
  throwingQueue,
  type TestQueue,
} from "../support/ingest-rig.ts";

const archive = bindings.ARCHIVE_0;
const logged: string[] = [];
const log = (_level: string, event: string) => void logged.push(event);

const message = (deliveryId: string, bytes = 10, tenant = "t"): DeliveryMessage => ({
  kind: "delivery",
  tenant,
  source: "s",
  sender: "standard",
  deliveryId,
  receivedAtMs: NOW_MS,
  method: "POST",
  url: "https://gateway.example/in/t/s",
  headers: {},
  body: { sealed: "x".repeat(bytes) },
  eventIds: [`evt_${deliveryId}`],
});

const ids = (messages: readonly Message[]) =>
  messages.filter(isDelivery).map(({ deliveryId }) => deliveryId);

afterEach(async () => {
  logged.length = 0;
  for (const prefix of ["spill", "paused", "resuming"]) {
    const keys = await keysUnder(prefix);
    if (keys.length > 0) await archive.delete([...keys]);
  }
});

const shard = (events: TestQueue) => ({ index: 0, events, archive });

describe("drainSpill()", () => {
  test("sends each message once, oldest first, and leaves nothing", async () => {
    const queue = memoryQueue();
    const names = Array.from({ length: 230 }, (_, i) => `dlv_${String(i).padStart(4, "0")}`);
    for (const name of names.toReversed()) await spill(archive, message(name));
    const ports = { shard: shard(queue), log };

    const first = await drainSpill(ports, { limit: 200 });
    const second = await drainSpill(ports, { limit: 200 });
    const third = await drainSpill(ports, { limit: 200 });

    expect([first, second, third]).toEqual([
      { sent: 200, broken: 0, isEmpty: false },
      { sent: 30, broken: 0, isEmpty: true },
      { sent: 0, broken: 0, isEmpty: true },
    ]);
    expect(ids(queue.sent)).toEqual(names);
    expect(await keysUnder("spill/")).toEqual([]);
  });

  test("fills batches by bytes as well as by number", async () => {
    const queue = memoryQueue();
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) await spill(archive, message(name, 126_000));
    await drainSpill({ shard: shard(queue), log }, { limit: 100 });
    expect(ids(queue.sent)).toEqual(names);
  });

  test("deletes nothing while the queue refuses", async () => {
    await spill(archive, message("kept"));
    const refused = drainSpill({ shard: shard(throwingQueue()), log }, { limit: 100 });
    await expect(refused).rejects.toThrow("overloaded");
    expect(await keysUnder("spill/")).toEqual(["spill/2026-11-22/tenant=t/kept.json"]);
  });

  test.each([
    { name: "text that is no JSON", text: "{" },
    { name: "JSON that is no message", text: '{"kind":"other","tenant":"t"}' },
    { name: "null", text: "null" },
    { name: "more than a message can be", text: JSON.stringify(message("huge", 130_000)) },
  ])("moves $name aside, and sends the rest", async ({ text }) => {
    const queue = memoryQueue();
    await spill(archive, message("before"));
    await archive.put("spill/2026-11-22/broken.json", text);
    await spill(archive, message("later"));

    const drained = await drainSpill({ shard: shard(queue), log }, { limit: 100 });
    expect(drained).toEqual({ sent: 2, broken: 1, isEmpty: true });
    expect(ids(queue.sent)).toEqual(["before", "later"]);
    expect(await keysUnder("spill")).toEqual(["spill-broken/2026-11-22/broken.json"]);
    expect(await (await archive.get("spill-broken/2026-11-22/broken.json"))?.text()).toBe(text);
    expect(logged).toEqual(["stored_message_broken"]);
  });
});

describe("drainSpills()", () => {
  test("drains the other shards where one still refuses", async () => {
    const queue = memoryQueue();
    await spill(archive, message("one"));
    const shards = [shard(throwingQueue()), { ...shard(queue), index: 1 }];
    await drainSpills({ shards, log });
    expect(ids(queue.sent)).toEqual(["one"]);
    expect(logged).toEqual(["spill_not_drained", "spill_drained"]);
  });
});

describe("drainPaused()", () => {
  test("drains one source, bounded, and no other", async () => {
    const queue = memoryQueue();
    for (const name of ["a", "b", "c"]) await hold(archive, message(name));
    await hold(archive, { ...message("d"), source: "s2" });
    await hold(archive, message("e", 10, "t2"));
    const place = { tenant: "t", source: "s" };
    const ports = { shard: shard(queue), log };

    expect((await drainPaused(ports, place, { limit: 2 })).isEmpty).toBe(false);
    expect((await drainPaused(ports, place, { limit: 2 })).isEmpty).toBe(true);
    expect(ids(queue.sent)).toEqual(["a", "b", "c"]);
    expect(await keysUnder("paused/")).toEqual(["paused/t/s2/d.json", "paused/t2/s/e.json"]);
  });
});

/** One run of cron, `laterMs` from now. */
const jobOf = (queue: TestQueue, source: () => Source | undefined, laterMs = 0) =>
  drainResumed({
    shards: [shard(queue)],
    directory: { source: async () => source() },
    log,
    nowMs: () => Date.now() + laterMs,
  });

describe("drainResumed()", () => {
  const place = { tenant: "t", source: "s" };
  test("keeps the marker until no isolate can still believe in the pause", async () => {
    const queue = memoryQueue();
    await hold(archive, message("a"));
    await markResuming(archive, place);
    await jobOf(queue, () => undefined);
    await hold(archive, message("late"));
    await jobOf(queue, () => undefined, STALE_MS_MAX);
    expect(await listResuming(archive, { limit: 10 })).toMatchObject([place]);

    await jobOf(queue, () => undefined, 4 * STALE_MS_MAX);
    expect(await listResuming(archive, { limit: 10 })).toEqual([]);
    expect(ids(queue.sent)).toEqual(["a", "late"]);
  });

  test("leaves a source alone that is paused again", async () => {
    const queue = memoryQueue();
    const source = makeSource(await makeTenant("t"), "standard", { pausedMs: 1 });
    await hold(archive, message("a"));
    await markResuming(archive, place);
    await jobOf(queue, () => source, 3 * STALE_MS_MAX);
    expect([queue.sent, await keysUnder("paused/")]).toEqual([[], ["paused/t/s/a.json"]]);

    await jobOf(queue, () => undefined);
    expect(ids(queue.sent)).toEqual(["a"]);
  });

  test("forgets no marker that was written anew since it was listed", async () => {
    await markResuming(archive, place);
    const [old] = await listResuming(archive, { limit: 10 });
    await markResuming(archive, place);
    if (old !== undefined) await clearResuming(archive, old);
    const [young] = await listResuming(archive, { limit: 10 });
    expect(young).toMatchObject(place);
    if (young !== undefined) await clearResuming(archive, young);
    expect(await listResuming(archive, { limit: 10 })).toEqual([]);
  });

  test("comes to sources that go on behind a hundred that stay paused", async () => {
    const queue = memoryQueue();
    await hold(archive, message("a"));
    const many = Array.from({ length: 100 }, (_, i) => ({ tenant: "a", source: `s${i}` }));
    await Promise.all(many.map((one) => markResuming(archive, one)));
    await markResuming(archive, place);
    const paused = makeSource(await makeTenant("a"), "standard", { pausedMs: 1 });
    await drainResumed({
      shards: [shard(queue)],
      directory: { source: async (tenant) => (tenant === "a" ? paused : undefined) },
      log,
      nowMs: Date.now,
    });
    expect(ids(queue.sent)).toEqual(["a"]);
  });

  test("goes on with the next source where one fails", async () => {
    const queue = memoryQueue();
    await hold(archive, message("a"));
    await markResuming(archive, { tenant: "a", source: "first" });
    await markResuming(archive, place);
    await drainResumed({
      shards: [shard(queue)],
      directory: {
        source: async (tenant) => {
          if (tenant === "a") throw new Error("KV is away");
          return undefined;
        },
      },
      log,
      nowMs: Date.now,
    });
    expect([ids(queue.sent), logged]).toEqual([["a"], ["held_not_drained", "held_drained"]]);
  });
});

describe("pause and resume", () => {
  test("let every delivery through exactly once, and in its turn", async () => {
    const rig = await makeRig();
    const place = { tenant: rig.tenant.tenant, source: "standard" };
    const active = makeSource(rig.tenant, "standard");
    rig.sources.set("standard", { ...active, pausedMs: NOW_MS });
    const posted: string[] = [];
    const post = async (id: string) => {
      const response = await rig.deliver("standard", JSON.stringify(order(id)));
      posted.push(response.headers.get("request-id") ?? "");
    };
    for (let i = 0; i < 12; i += 1) await post(`held-${i}`);
    expect(rig.queue.sent).toEqual([]);

    rig.sources.set("standard", active);
    await markResuming(archive, place);
    const job = () =>
      drainResumed({
        shards: [shard(rig.queue)],
        directory: { source: async () => active },
        log,
        nowMs: Date.now,
      });
    await post("live-0");
    await job();
    await job();
    await post("live-1");

    expect(new Set(ids(rig.queue.sent))).toEqual(new Set(posted));
    expect(rig.queue.sent).toHaveLength(posted.length);
    expect(await keysUnder(`paused/${rig.tenant.tenant}/`)).toEqual([]);
  });
});

describe("spill and drain", () => {
  test("an event that was spilled reaches the queue as it was answered", async () => {
    const refusing = await makeRig({ queue: throwingQueue() });
    const response = await refusing.deliver("standard", JSON.stringify(order("s1")));
    const { accepted } = await response.json<{ accepted: { event_id: string }[] }>();
    const queue = memoryQueue();
    await drainSpill({ shard: shard(queue), log }, { limit: 100 });
    expect(queue.sent.filter(isDelivery).map(({ eventIds }) => eventIds)).toEqual([
      accepted.map((item) => item.event_id),
    ]);
  });
});
