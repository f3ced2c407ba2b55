import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { addDelivery, bodyOf, idOf, layDestination } from "../outbound/rig.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The address is one's own machine's where nobody listens: an object's `fetch` is the real one. */
const NOBODY = "http://127.0.0.1:9/";

async function lay() {
  const rig = await layDestination();
  await rig.set(`url = '${NOBODY}'`);
  const { place, tenant } = rig;
  const stub = () => env.DESTINATION.getByName(`${tenant}/${place.destination}`);
  const alarmMs = () => runInDurableObject(stub(), (_object, { storage }) => storage.getAlarm());
  const ring = () => runDurableObjectAlarm(stub());
  const stored = () =>
    runInDurableObject(stub(), (_object, { storage }) => [...storage.kv.list()].length);
  // Far ahead, so that no alarm rings by itself: tests ring it.
  const hush = () =>
    runInDurableObject(stub(), (_object, { storage }) => storage.setAlarm(Date.now() + 3_600_000));
  return { ...rig, stub, alarmMs, ring, stored, hush };
}

test("woken, it sends what is due, and sets its alarm to when there is more to do", async () => {
  const one = await lay();
  await addDelivery(one.place, 1, { dueMs: Date.now() - 1 });
  await addDelivery(one.place, 2, { dueMs: Date.now() + 600_000 });
  await one.stub().wake(one.place);
  await vi.waitUntil(async () => (await one.row(1))?.step === 1, { timeout: 10_000 });
  const row = await one.row(1);
  expect(row).toMatchObject({ state: "pending" });
  expect(JSON.parse(row?.attempts ?? "")).toMatchObject([{ error: "No connection" }]);
  await vi.waitUntil(async () => (await one.alarmMs()) === row?.due_ms, { timeout: 10_000 });
  expect(await one.row(2)).toMatchObject({ step: 0 });
});

test("with nothing pending it sleeps without an alarm", async () => {
  const one = await lay();
  await one.stub().wake(one.place);
  await vi.waitUntil(async () => (await one.alarmMs()) === null, { timeout: 10_000 });
  expect(await one.stored()).toBe(1);
  expect(await one.stub().isEmpty()).toBe(false);
});

test("woken again, it keeps an alarm that rings sooner, and brings one that rings later forward", async () => {
  const one = await lay();
  await one.hush();
  const before = Date.now();
  await one.stub().wake(one.place);
  expect((await one.alarmMs()) ?? before).toBeLessThan(before + 3_600_000);
});

test("an outage loses no alarm", async () => {
  const one = await lay();
  vi.spyOn(console, "error").mockReturnValue();
  // A shard that there is not: D1 cannot be asked.
  await one.stub().wake({ ...one.place, shard: 99 });
  await vi.waitUntil(async () => ((await one.alarmMs()) ?? 0) > Date.now() + 5000, {
    timeout: 10_000,
  });
  // The deployment's own shard again, and what was due goes out.
  await addDelivery(one.place, 1, { dueMs: Date.now() - 1 });
  await one.stub().wake(one.place);
  await vi.waitUntil(async () => (await one.row(1))?.step === 1, { timeout: 10_000 });
  expect(await one.row(1)).toMatchObject({ state: "pending" });
});

test("purged, it has nothing, and what comes under the name begins anew", async () => {
  const one = await lay();
  await addDelivery(one.place, 1, { dueMs: Date.now() + 600_000 });
  await one.stub().wake(one.place);
  await vi.waitUntil(async () => ((await one.alarmMs()) ?? 0) > Date.now(), { timeout: 10_000 });
  expect(await one.stub().isEmpty()).toBe(false);
  await one.stub().purge();
  expect(await one.stub().isEmpty()).toBe(true);
  expect([await one.stored(), await one.alarmMs()]).toEqual([0, null]);
  await one.stub().purge();
  await one.stub().wake(one.place);
  await vi.waitUntil(async () => (await one.alarmMs()) !== null, { timeout: 10_000 });
  expect(await one.stub().isEmpty()).toBe(false);
});

test("purged while it sends, it keeps nothing of what it was at", async () => {
  const one = await lay();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asked = vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    await held;
    return new Response(null, { status: 500 });
  });
  const lines = vi.spyOn(console, "error").mockReturnValue();
  for (let n = 1; n <= 20; n += 1) await addDelivery(one.place, n, { dueMs: Date.now() - n });
  await one.stub().wake(one.place);
  await vi.waitUntil(() => asked.mock.calls.length === 4, { timeout: 10_000 });
  await one.stub().purge();
  release();
  await vi.waitUntil(() => lines.mock.calls.flat().join().includes("has been purged"), {
    timeout: 10_000,
  });
  expect(await one.stub().isEmpty()).toBe(true);
  // Nor does it save what came of it, or send any more of what was due.
  expect(await one.row(1)).toMatchObject({ state: "pending", step: 0, attempts: "[]" });
  expect(asked.mock.calls.length).toBeLessThanOrEqual(4);
});

test("what began before a purge is not kept by what begins after it", async () => {
  const one = await lay();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asked = vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    await held;
    return new Response(null, { status: 500 });
  });
  const lines = vi.spyOn(console, "error").mockReturnValue();
  await addDelivery(one.place, 1, { dueMs: Date.now() - 1 });
  await one.stub().wake(one.place);
  await vi.waitUntil(() => asked.mock.calls.length === 1, { timeout: 10_000 });
  await one.stub().purge();
  await one.stub().wake(one.place);
  release();
  await vi.waitUntil(async () => (await one.row(1))?.step === 1, { timeout: 10_000 });
  await vi.waitUntil(() => lines.mock.calls.flat().join().includes("has been purged"), {
    timeout: 3000,
  });
  expect(await one.stub().isEmpty()).toBe(false);
});

test("of a destination that was removed it cancels what is pending, and leaves nothing of itself", async () => {
  const one = await lay();
  await addDelivery(one.place, 1, { dueMs: Date.now() + 600_000, createdMs: 1 });
  await one.stub().wake(one.place);
  await env.MIRROR_0.prepare("DELETE FROM destinations WHERE tenant = ?").bind(one.tenant).run();
  await one.stub().wake(one.place, true);
  await vi.waitUntil(async () => one.stub().isEmpty(), { timeout: 10_000 });
  expect(await one.row(1)).toMatchObject({ state: "cancelled" });
});

test("sends each delivery once, however often it is woken at once", async () => {
  const one = await lay();
  const sent: string[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_input, init) => {
    sent.push(new Headers(init?.headers).get("webhook-id") ?? "");
    await scheduler.wait(5);
    return new Response();
  });
  const ids = Array.from({ length: 30 }, (_, n) => n);
  for (const n of ids) await addDelivery(one.place, n, { dueMs: Date.now() - 1 });
  const wakes = Array.from({ length: 10 }, () => one.stub().wake(one.place));
  await Promise.all([...wakes, one.ring(), one.ring()]);
  await vi.waitUntil(async () => (await one.rows()).every(({ state }) => state === "delivered"), {
    timeout: 20_000,
  });
  expect(sent.toSorted()).toEqual(ids.map(idOf));
  expect(bodyOf(1)).toContain("payment.confirmed");
});

test("a person's change lets a destination that is left alone be probed at once", async () => {
  const one = await lay();
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response());
  await addDelivery(one.place, 1, { dueMs: Date.now() - 1 });
  const breaker = { failures: 12, openMs: 60_000, openUntilMs: Date.now() + 3_600_000 };
  await runInDurableObject(one.stub(), (_object, { storage }) => {
    storage.kv.put("state", { ...one.desk.state(), breaker });
  });
  await one.stub().wake(one.place);
  await vi.waitUntil(async () => (await one.alarmMs()) === breaker.openUntilMs, {
    timeout: 10_000,
  });
  expect(await one.row(1)).toMatchObject({ state: "pending", step: 0 });
  await one.stub().wake(one.place, true);
  await vi.waitUntil(async () => (await one.row(1))?.state === "delivered", { timeout: 10_000 });
});

test("paused while it sends, it begins nothing more, and saves what was under way", async () => {
  const one = await lay();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asked = vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    await held;
    return new Response();
  });
  for (let n = 1; n <= 20; n += 1) await addDelivery(one.place, n, { dueMs: Date.now() - n });
  await one.stub().wake(one.place);
  await vi.waitUntil(() => asked.mock.calls.length === 4, { timeout: 10_000 });
  await one.set("paused_ms = 1, paused_for = 'person'");
  await one.stub().wake(one.place, true);
  release();
  const delivered = async () =>
    (await one.rows()).filter(({ state }) => state === "delivered").length;
  await vi.waitUntil(async () => (await delivered()) === 4, { timeout: 10_000 });
  await vi.waitUntil(async () => (await one.alarmMs()) === null, { timeout: 10_000 });
  expect(asked.mock.calls).toHaveLength(4);
  expect(await delivered()).toBe(4);
});

test("a change while a probe is under way at the address before is not forgotten", async () => {
  const one = await lay();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let status = 500;
  const asked = vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    const own = status;
    await held;
    return new Response(null, { status: own });
  });
  vi.spyOn(console, "warn").mockReturnValue();
  await addDelivery(one.place, 1, { dueMs: Date.now() - 2 });
  await addDelivery(one.place, 2, { dueMs: Date.now() - 1 });
  const breaker = { failures: 12, openMs: 900_000, openUntilMs: Date.now() - 1 };
  await runInDurableObject(one.stub(), (_object, { storage }) => {
    storage.kv.put("state", { ...one.desk.state(), breaker });
  });
  await one.stub().wake(one.place);
  await vi.waitUntil(() => asked.mock.calls.length === 1, { timeout: 10_000 });
  status = 200;
  await one.stub().wake(one.place, true);
  release();
  await vi.waitUntil(async () => (await one.row(2))?.state === "delivered", { timeout: 10_000 });
  expect(await one.row(1)).toMatchObject({ state: "pending", step: 1 });
});
