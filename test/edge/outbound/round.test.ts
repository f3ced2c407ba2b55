import { env } from "cloudflare:workers";
import { afterAll, expect, test } from "vitest";
import { webhook } from "#src/destinations/webhook.ts";
import { FAILURES_MAX } from "#src/core/outbound/breaker.ts";
import { sendRound } from "#src/edge/outbound/round.ts";
import { sendRounds } from "#src/edge/outbound/rounds.ts";
import { standardWebhooks } from "#src/senders/verify/standard-webhooks.ts";
import { addDelivery, bodyOf, idOf, layDestination, SECRET, URL_OF_HOOK } from "./rig.ts";

const DAY_MS = 86_400_000;

// Other files run cron over the same D1: nobody is to be sent what these leave.
afterAll(async () => {
  const sql = "UPDATE destinations SET paused_ms = ?, paused_for = 'person' WHERE url = ?";
  await env.MIRROR_0.prepare(sql).bind(Date.now(), URL_OF_HOOK).run();
});

const answering =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    new Response("what it says", { status, headers });

test("sends what is due, signed so that our own verifier takes it, and writes down that it did", async () => {
  const rig = await layDestination();
  await rig.add(1);
  await rig.add(2, { dueMs: rig.clock.ms + 60_000 });
  rig.receiver.latencyMs = 120;
  const beganMs = rig.clock.ms;
  expect(await sendRounds(rig.ports, rig.desk)).toEqual({ kind: "wake", atMs: beganMs + 60_000 });

  expect(rig.got.map(({ id }) => id)).toEqual([idOf(1)]);
  const [sent] = rig.got;
  expect(sent).toMatchObject({ url: URL_OF_HOOK, body: bodyOf(1) });
  const delivery = {
    method: "POST",
    url: URL_OF_HOOK,
    header: (name: string) => sent?.headers.get(name) ?? undefined,
    body: new TextEncoder().encode(sent?.body),
    receivedAtMs: rig.clock.ms,
  };
  const auth = { scheme: "standard-webhooks-v1", secrets: [SECRET] };
  const means = { options: {}, certificateAt: () => Promise.reject(new Error("None")) };
  const verdict = await standardWebhooks["standard-webhooks-v1"].verify(delivery, auth, means);
  expect(verdict.ok).toBe(true);

  const row = await rig.row(1);
  expect(row).toMatchObject({ state: "delivered", step: 1, due_ms: null, ended_ms: beganMs + 120 });
  expect(JSON.parse(row?.attempts ?? "")).toEqual([{ at_ms: beganMs, took_ms: 120, status: 200 }]);
  expect(await rig.row(2)).toMatchObject({ state: "pending", step: 0, attempts: "[]" });
});

test("tries what fails again by the schedule, ten times, and then no more", async () => {
  const rig = await layDestination();
  rig.receiver.answer = answering(500);
  await rig.add(1);
  const pauses: number[] = [];
  for (;;) {
    const lastMs = rig.clock.ms;
    const end = await sendRounds(rig.ports, rig.desk);
    if (end.kind !== "wake") break;
    pauses.push((end.atMs - lastMs) / 1000);
    rig.clock.ms = end.atMs;
  }
  expect(pauses).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
  expect(new Set(rig.got.map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
  const row = await rig.row(1);
  expect(row).toMatchObject({ state: "dead", step: 10, due_ms: null, ended_ms: rig.clock.ms });
  const attempts: { status: number; error: string }[] = JSON.parse(row?.attempts ?? "");
  expect(attempts).toHaveLength(10);
  expect(attempts[9]).toMatchObject({ status: 500, error: "The answer has status 500" });
  expect(rig.logged.join()).toContain("delivery_dead");
});

test("waits for as long as it is asked to", async () => {
  const rig = await layDestination();
  rig.receiver.answer = answering(429, { "Retry-After": "900" });
  await rig.add(1);
  const end = await sendRounds(rig.ports, rig.desk);
  expect(end).toEqual({ kind: "wake", atMs: rig.clock.ms + 900_000 });
});

test.each([
  { of: "a redirect", answer: answering(307, { Location: "https://elsewhere.example" }) },
  {
    of: "no connection",
    answer: () => {
      throw new TypeError(`fetch failed: ${URL_OF_HOOK} ${SECRET}`);
    },
  },
])("$of is a failure, of which nothing is told that is secret", async ({ answer }) => {
  const rig = await layDestination();
  rig.receiver.answer = answer;
  await rig.add(1);
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(1);
  const row = await rig.row(1);
  expect(row).toMatchObject({ state: "pending", step: 1 });
  const told = JSON.stringify(row) + rig.logged.join();
  expect(told).not.toMatch(/hooks\.example|in-the-address|whsec_/);
});

test("an address inside of a network, or in clear, is not asked at all", async () => {
  const rig = await layDestination();
  for (const [n, url] of ["https://10.0.0.1/", "http://hooks.example.com/"].entries()) {
    await rig.set(`url = '${url}'`);
    await rig.add(n);
    await sendRounds(rig.ports, rig.desk);
    expect(rig.got).toEqual([]);
    expect(await rig.row(n)).toMatchObject({ state: "pending", step: 1 });
  }
});

test("410: the destination is paused, the delivery waits, and once resumed it goes out", async () => {
  const rig = await layDestination({ concurrency: 1 });
  rig.receiver.answer = answering(410);
  await rig.add(1);
  await rig.add(2);
  expect(await sendRounds(rig.ports, rig.desk)).toEqual({ kind: "asleep" });
  expect(rig.got).toHaveLength(1);
  expect(await rig.rows()).toMatchObject([
    { state: "pending", step: 0 },
    { state: "pending", step: 0, attempts: "[]" },
  ]);
  const { results } = await env.MIRROR_0.prepare(
    `SELECT d.paused_for, a.actor FROM destinations d JOIN audit a ON a.tenant = d.tenant
     WHERE d.tenant = ? AND a.action = 'destination.gone' AND d.updated_ms > d.created_ms`,
  )
    .bind(rig.tenant)
    .all();
  expect(results).toEqual([{ paused_for: "gone", actor: "destination" }]);

  await rig.set("paused_ms = NULL, paused_for = NULL");
  rig.receiver.answer = answering(200);
  expect(await sendRounds(rig.ports, rig.desk)).toEqual({ kind: "asleep" });
  expect(await rig.rows()).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
});

test("410 of an address that is another one by now pauses nothing", async () => {
  const rig = await layDestination();
  await rig.add(1);
  await rig.ports.pauseGone(rig.place, "https://before.example.com/");
  await sendRounds(rig.ports, rig.desk);
  expect(await rig.row(1)).toMatchObject({ state: "delivered" });
});

test("410 that pauses nothing, whyever, is not asked for again at once", async () => {
  const rig = await layDestination({ concurrency: 1 });
  rig.receiver.answer = answering(410);
  await rig.add(1);
  const never = { ...rig.ports, pauseGone: async () => false };
  const beganMs = rig.clock.ms;
  expect(await sendRounds(never, rig.desk)).toEqual({ kind: "wake", atMs: beganMs + 30_000 });
  expect(rig.got).toHaveLength(1);
  expect(await rig.row(1)).toMatchObject({ state: "pending", step: 0 });
});

test("a paused destination is sent nothing; what has waited a week is given up instead of tried", async () => {
  const rig = await layDestination({ pausedMs: 1 });
  await rig.add(1, { dueMs: rig.clock.ms - 7 * DAY_MS - 60_000 });
  await rig.add(2, { dueMs: rig.clock.ms - 6 * DAY_MS });
  // Begun anew by a person, however old it is.
  await rig.add(3, { createdMs: rig.clock.ms - 20 * DAY_MS });
  expect(await sendRounds(rig.ports, rig.desk)).toEqual({ kind: "asleep" });
  expect(rig.got).toEqual([]);
  expect(await rig.rows()).toMatchObject([
    { state: "dead", ended_ms: rig.clock.ms },
    { state: "pending" },
    { state: "pending" },
  ]);
  await rig.set("paused_ms = NULL, paused_for = NULL");
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got.map(({ id }) => id).toSorted()).toEqual([idOf(2), idOf(3)]);
});

test("of a destination that was removed, everything pending is cancelled, and nothing sent", async () => {
  const rig = await layDestination();
  await rig.add(1);
  await rig.add(2, { dueMs: rig.clock.ms + DAY_MS, createdMs: rig.clock.ms });
  await env.MIRROR_0.prepare("DELETE FROM destinations WHERE tenant = ?").bind(rig.tenant).run();
  expect(await sendRounds(rig.ports, rig.desk)).toEqual({ kind: "removed" });
  expect(rig.got).toEqual([]);
  expect(await rig.rows()).toMatchObject([
    { state: "cancelled", due_ms: null, ended_ms: rig.clock.ms },
    { state: "cancelled", due_ms: null, ended_ms: rig.clock.ms },
  ]);
});

test("never sends faster than allowed, nor more at once, whatever a round is cut off by", async () => {
  const perMinute = 300;
  const rig = await layDestination({ perMinute, concurrency: 3 });
  for (let n = 0; n < 60; n += 1) await rig.add(n);
  rig.receiver.latencyMs = 330;
  const { save } = rig.ports;
  let saves = 0;
  const cutOff = {
    ...rig.ports,
    save: async (...given: Parameters<typeof save>) => {
      saves += 1;
      // The object dies behind its sends: only what it kept before them is left.
      if (saves % 3 === 0) throw new Error("D1 is out");
      await save(...given);
    },
  };
  for (let rounds = 0; rounds < 60; rounds += 1) {
    const end = await sendRounds(cutOff, rig.desk);
    if (end.kind !== "wake") break;
    rig.clock.ms = Math.max(rig.clock.ms, Math.min(end.atMs, rig.clock.ms + 500));
  }
  expect(rig.receiver.mostUnder).toBe(3);
  const times = rig.got.map(({ atMs }) => atMs).toSorted((a, b) => a - b);
  expect(times.length).toBeGreaterThanOrEqual(60);
  for (const [n, at] of times.entries()) {
    const within = times.slice(n).filter((other) => other < at + 60_000).length;
    expect(within).toBeLessThanOrEqual(perMinute);
    // A burst is three, and then one slot after another.
    const soon = times.slice(n).filter((other) => other < at + 2000).length;
    expect(soon).toBeLessThanOrEqual(3 + Math.ceil((2050 / 60_050) * perMinute));
  }
  expect((await rig.rows()).every(({ state }) => state === "delivered")).toBe(true);
});

test("slots are kept as taken before anything is sent", async () => {
  const rig = await layDestination({ perMinute: 1 });
  await rig.add(1);
  let keptBefore = 0;
  rig.receiver.answer = () => {
    keptBefore = rig.kept.length;
    return new Response();
  };
  await sendRound(rig.ports, rig.desk, rig.sitting());
  expect(keptBefore).toBe(1);
  await rig.add(2);
  const end = await sendRound(rig.ports, rig.desk, rig.sitting());
  expect(end).toMatchObject({ kind: "until" });
  expect(rig.got).toHaveLength(1);
});

test("what D1 did not take is saved before anything else is sent, and not sent again", async () => {
  const rig = await layDestination();
  await rig.add(1);
  const noSave = { ...rig.ports, save: () => Promise.reject(new Error("D1 is out")) };
  const outage = await sendRounds(noSave, rig.desk);
  expect(outage).toEqual({ kind: "wake", atMs: rig.clock.ms + 30_000 });
  expect(await sendRounds(noSave, rig.desk)).toMatchObject({ kind: "wake" });
  expect(rig.got).toHaveLength(1);
  expect(await rig.row(1)).toMatchObject({ state: "pending", step: 0 });
  expect(rig.logged.join()).toContain("outbound_round_failed");
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(1);
  expect(await rig.row(1)).toMatchObject({ state: "delivered", step: 1 });
  expect(rig.desk.state()).not.toHaveProperty("unsaved");
});

test("a result that a person's retry has overtaken is dropped", async () => {
  const rig = await layDestination();
  await rig.add(1, { step: 4, attempts: [{ at_ms: 1, took_ms: 1 }] });
  let isFirst = true;
  const { save } = rig.ports;
  const overtaken = {
    ...rig.ports,
    save: async (...given: Parameters<typeof save>) => {
      if (isFirst) {
        const sql = "UPDATE deliveries SET step = 0, due_ms = ? WHERE tenant = ?";
        await env.MIRROR_0.prepare(sql).bind(rig.clock.ms, rig.tenant).run();
      }
      isFirst = false;
      await save(...given);
    },
  };
  rig.receiver.answer = (n) => new Response(null, { status: n === 1 ? 500 : 200 });
  await sendRounds(overtaken, rig.desk);
  expect(await rig.row(1)).toMatchObject({ state: "delivered", step: 1 });
  expect(rig.got).toHaveLength(2);
});

test("a destination that keeps failing is left alone; one delivery probes, and its success lets all go", async () => {
  const rig = await layDestination({ concurrency: 1 });
  rig.receiver.answer = answering(503);
  for (let n = 0; n < 40; n += 1) await rig.add(n);
  const opened = await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(FAILURES_MAX);
  expect(opened).toEqual({ kind: "wake", atMs: rig.clock.ms + 30_000 });
  expect((await rig.rows()).filter(({ step }) => step > 0)).toHaveLength(FAILURES_MAX);
  expect(rig.logged.filter((line) => line.startsWith("destination_failing"))).toHaveLength(1);

  // Nothing before its time, whoever wakes it.
  rig.clock.ms += 29_999;
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(FAILURES_MAX);
  rig.clock.ms += 1;
  const again = await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(FAILURES_MAX + 1);
  expect(again).toEqual({ kind: "wake", atMs: rig.clock.ms + 60_000 });

  rig.clock.ms += 60_000;
  rig.receiver.answer = answering(200);
  await sendRounds(rig.ports, rig.desk);
  const open = (await rig.rows()).filter(
    ({ state, due_ms }) => state === "pending" && (due_ms ?? 0) <= rig.clock.ms,
  );
  expect(open).toEqual([]);
});

test("several deliveries that fail at once open it once", async () => {
  const rig = await layDestination({ concurrency: 6 });
  rig.receiver.answer = answering(503);
  rig.receiver.latencyMs = 40;
  for (let n = 0; n < 40; n += 1) await rig.add(n);
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got.length).toBeGreaterThanOrEqual(FAILURES_MAX);
  expect(rig.got.length).toBeLessThan(FAILURES_MAX + 6);
  expect(rig.desk.state().breaker).toMatchObject({ openMs: 30_000 });
  // However many there are, and could be sent at once: one of them probes.
  const before = rig.got.length;
  rig.clock.ms += 30_000;
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(before + 1);
});

test("one destination's deliveries are no other's", async () => {
  const rig = await layDestination();
  await addDelivery({ tenant: rig.tenant, destination: "other" }, 7, { dueMs: rig.clock.ms });
  expect(await sendRounds(rig.ports, rig.desk)).toEqual({ kind: "asleep" });
  expect(rig.got).toEqual([]);
  expect(await rig.row(7)).toMatchObject({ state: "pending" });
});

test("what was meant for a former destination of the same name is cancelled, paused or not, and never sent", async () => {
  const rig = await layDestination({ pausedMs: 1 });
  await rig.add(1, { destinationMs: rig.clock.ms - 1000 });
  await rig.add(2);
  // Too late as well: it is cancelled all the same, as nobody is to be told that it died.
  await rig.add(3, { destinationMs: 5, dueMs: rig.clock.ms - 8 * DAY_MS });
  expect(await sendRounds(rig.ports, rig.desk)).toEqual({ kind: "asleep" });
  await rig.set("paused_ms = NULL, paused_for = NULL");
  expect(await sendRounds(rig.ports, rig.desk)).toEqual({ kind: "asleep" });
  expect(rig.got.map(({ id }) => id)).toEqual([idOf(2)]);
  expect(await rig.rows()).toMatchObject([
    { state: "cancelled", due_ms: null, ended_ms: expect.any(Number) },
    { state: "delivered" },
    { state: "cancelled", due_ms: null },
  ]);
});

test("those of a former destination are cancelled together, and hold up nothing", async () => {
  const rig = await layDestination({ perMinute: 1, concurrency: 1 });
  for (let n = 1; n <= 40; n += 1) await rig.add(n, { destinationMs: 5, dueMs: rig.clock.ms - 50 });
  // Not due yet: nobody waits for that.
  await rig.add(41, { destinationMs: 5, dueMs: rig.clock.ms + DAY_MS });
  await rig.add(42);
  let cancels = 0;
  const ports = {
    ...rig.ports,
    cancel: (...given: Parameters<typeof rig.ports.cancel>) => {
      cancels += 1;
      return rig.ports.cancel(...given);
    },
  };
  expect(await sendRounds(ports, rig.desk)).toEqual({ kind: "asleep" });
  expect(cancels).toBe(1);
  expect(rig.got.map(({ id }) => id)).toEqual([idOf(42)]);
  const states = (await rig.rows()).map(({ state }) => state);
  expect(states.filter((state) => state === "cancelled")).toHaveLength(41);
});

test("what is meant for one made since the settings were read waits until they are read again", async () => {
  const rig = await layDestination();
  await rig.add(1, { destinationMs: rig.clock.ms + 5 });
  const end = await sendRounds(rig.ports, rig.desk);
  expect(end).toEqual({ kind: "wake", atMs: expect.any(Number) });
  expect([rig.got, await rig.row(1)]).toMatchObject([[], { state: "pending" }]);
  await rig.set(`created_ms = created_ms + 5`);
  await rig.add(2, { destinationMs: rig.clock.ms + 5 });
  const made = await env.MIRROR_0.prepare("SELECT created_ms FROM destinations WHERE tenant = ?")
    .bind(rig.tenant)
    .first<number>("created_ms");
  await env.MIRROR_0.prepare("UPDATE deliveries SET destination_ms = ? WHERE tenant = ?")
    .bind(made, rig.tenant)
    .run();
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(2);
});

test("two that are told at once that it is gone pause it once, and that is no fault", async () => {
  const rig = await layDestination({ concurrency: 2 });
  rig.receiver.answer = answering(410);
  rig.receiver.latencyMs = 300;
  await rig.add(1);
  await rig.add(2);
  expect(await sendRounds(rig.ports, rig.desk)).toEqual({ kind: "asleep" });
  expect(rig.logged.filter((line) => line.includes("destination_gone"))).toHaveLength(1);
  expect(rig.logged.join()).not.toContain("outbound_round_failed");
});

test("a fault of ours in an attempt ends with it: the round goes on, and the delivery stays due", async () => {
  const rig = await layDestination({ concurrency: 1 });
  await rig.add(1);
  await rig.add(2);
  let n = 0;
  const faulty = {
    ...webhook,
    outcome: (...given: Parameters<typeof webhook.outcome>) => {
      n += 1;
      if (n === 1) throw new Error("No kind does this");
      return webhook.outcome(...given);
    },
  };
  const ports = { ...rig.ports, kinds: new Map([["webhook", faulty]]) };
  expect(await sendRounds(ports, rig.desk)).toEqual({ kind: "asleep" });
  expect(await rig.rows()).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
});

test("a person's change during a probe is not forgotten: the old address's failure shuts nobody out", async () => {
  const rig = await layDestination();
  const breaker = { failures: 12, openMs: 900_000, openUntilMs: rig.clock.ms };
  rig.desk.keep({ ...rig.desk.state(), breaker });
  await rig.add(1);
  await rig.add(2);
  rig.receiver.latencyMs = 500;
  rig.receiver.answer = (n) => {
    if (n === 1) rig.change();
    return new Response(null, { status: n === 1 ? 500 : 200 });
  };
  expect(await sendRounds(rig.ports, rig.desk)).toMatchObject({ kind: "wake" });
  expect(rig.desk.state().breaker).toEqual({ failures: 0 });
  expect(rig.got).toHaveLength(2);
  expect(rig.logged.join()).not.toContain("destination_failing");
  const states = (await rig.rows()).map(({ state, step }) => `${state} ${step}`);
  expect(states).toEqual(["pending 1", "delivered 1"]);
});

test("a change that comes while a probe's failure is being saved has another one probe at once", async () => {
  const rig = await layDestination();
  const breaker = { failures: 12, openMs: 900_000, openUntilMs: rig.clock.ms };
  rig.desk.keep({ ...rig.desk.state(), breaker });
  await rig.add(1);
  await rig.add(2);
  rig.receiver.answer = (n) => new Response(null, { status: n === 1 ? 500 : 200 });
  const { save } = rig.ports;
  let isFirst = true;
  const changed = {
    ...rig.ports,
    save: async (...given: Parameters<typeof save>) => {
      if (isFirst) rig.change();
      isFirst = false;
      await save(...given);
    },
  };
  await sendRounds(changed, rig.desk);
  expect(rig.got).toHaveLength(2);
  expect(rig.desk.state().breaker).toEqual({ failures: 0 });
});

test("failures before a change are not kept after it", async () => {
  const rig = await layDestination({ concurrency: 2 });
  rig.desk.keep({ ...rig.desk.state(), breaker: { failures: 9 } });
  await rig.add(1);
  await rig.add(2);
  rig.receiver.latencyOf = (n) => 500 * n;
  rig.receiver.answer = (n) => {
    if (n === 2) rig.change();
    return new Response(null, { status: 500 });
  };
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(2);
  expect(rig.desk.state().breaker).toEqual({ failures: 9 });
  expect(rig.logged.join()).not.toContain("destination_failing");
});

test("paused in the middle, nothing goes out but what was under way", async () => {
  const rig = await layDestination({ concurrency: 3 });
  for (let n = 0; n < 100; n += 1) await rig.add(n);
  rig.receiver.latencyMs = 100;
  const { settings } = rig.ports;
  const paused = {
    ...rig.ports,
    settings: async (...given: Parameters<typeof settings>) => {
      const read = await settings(...given);
      if (read === undefined || rig.got.length === 0) return read;
      return { ...read, pausedMs: 1 };
    },
  };
  let before = 0;
  rig.receiver.answer = (n) => {
    if (n === 10) {
      before = rig.got.length;
      rig.change();
    }
    return new Response();
  };
  expect(await sendRounds(paused, rig.desk)).toEqual({ kind: "asleep" });
  expect(rig.got.length).toBeGreaterThanOrEqual(10);
  expect(rig.got.length).toBeLessThanOrEqual(before);
  const delivered = (await rig.rows()).filter(({ state }) => state === "delivered");
  expect(delivered).toHaveLength(rig.got.length);
});

test("one slow answer in twenty costs its own lane, and not the others", async () => {
  const rig = await layDestination({ perMinute: 600, concurrency: 4 });
  for (let n = 0; n < 400; n += 1) await rig.add(n);
  rig.receiver.latencyMs = 50;
  rig.receiver.latencyOf = (n) => (n % 20 === 10 ? 14_000 : undefined);
  const beganMs = rig.clock.ms;
  await sendRounds(rig.ports, rig.desk);
  const minute = rig.got.filter(({ atMs }) => atMs < beganMs + 60_000).length;
  // Four lanes, 0.75 s each on average: 321, were the lanes never idle.
  expect(minute).toBeGreaterThan(240);
  expect(rig.receiver.mostUnder).toBe(4);
  expect(new Set(rig.got.map(({ id }) => id)).size).toBe(rig.got.length);
  expect((await rig.rows()).filter(({ state }) => state === "delivered")).toHaveLength(
    rig.got.length,
  );
});

test("what is done is saved while one of them is still under way, and that one is not sent again", async () => {
  const rig = await layDestination({ perMinute: 600 });
  for (let n = 0; n < 40; n += 1) await rig.add(n);
  rig.receiver.latencyMs = 10;
  rig.receiver.latencyOf = (n) => (n === 1 ? 14_000 : undefined);
  const { save } = rig.ports;
  const savedAt: number[] = [];
  const beganMs = rig.clock.ms;
  const noting = {
    ...rig.ports,
    save: async (...given: Parameters<typeof save>) => {
      savedAt.push(rig.clock.ms - beganMs);
      await save(...given);
    },
  };
  await sendRounds(noting, rig.desk);
  expect(savedAt.filter((ms) => ms < 14_000).length).toBeGreaterThanOrEqual(2);
  expect(rig.got).toHaveLength(40);
  expect((await rig.rows()).every(({ state, step }) => state === "delivered" && step === 1)).toBe(
    true,
  );
});

test("while its circuit is open or it has no slot, D1 is asked once a minute at most, whoever wakes it", async () => {
  const rig = await layDestination({ perMinute: 1 });
  await rig.add(1);
  await rig.add(2);
  // No slot: the first one took it.
  const end = await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(1);
  const reads = () => rig.asked.filter((name) => name === "settings" || name === "due").length;
  const before = reads();
  for (let n = 0; n < 20; n += 1) {
    rig.clock.ms += 1000;
    expect(await sendRounds(rig.ports, rig.desk)).toEqual(end);
  }
  expect(reads()).toBe(before);
  // A person's change has it looked at, whatever was known.
  rig.change();
  await sendRounds(rig.ports, rig.desk);
  expect(reads()).toBe(before + 2);

  const breaker = { failures: 12, openMs: 1_800_000, openUntilMs: rig.clock.ms + 1_800_000 };
  rig.desk.keep({ ...rig.desk.state(), breaker });
  const since = reads();
  for (let n = 0; n < 60; n += 1) {
    rig.clock.ms += 5000;
    expect(await sendRounds(rig.ports, rig.desk)).toMatchObject({ atMs: breaker.openUntilMs });
  }
  expect(reads() - since).toBeGreaterThanOrEqual(2 * 4);
  expect(reads() - since).toBeLessThanOrEqual(2 * 5);
  expect(rig.got).toHaveLength(1);
});

test("what is too late is given up though its circuit is open", async () => {
  const rig = await layDestination();
  const openUntilMs = rig.clock.ms + 1_800_000;
  rig.desk.keep({ ...rig.desk.state(), breaker: { failures: 12, openMs: 1_800_000, openUntilMs } });
  await rig.add(1, { dueMs: rig.clock.ms - 8 * DAY_MS });
  await rig.add(2);
  expect(await sendRounds(rig.ports, rig.desk)).toEqual({ kind: "wake", atMs: openUntilMs });
  expect(await rig.rows()).toMatchObject([{ state: "dead" }, { state: "pending", step: 0 }]);
});

test("a result that D1 took without saying so does not undo a person's retry", async () => {
  const rig = await layDestination();
  await rig.add(1);
  const { save } = rig.ports;
  const unheard = {
    ...rig.ports,
    save: async (...given: Parameters<typeof save>) => {
      await save(...given);
      throw new Error("No answer");
    },
  };
  await sendRounds(unheard, rig.desk);
  expect(rig.desk.state().unsaved).toHaveLength(1);
  expect(await rig.row(1)).toMatchObject({ state: "delivered" });
  rig.clock.ms += 10_000;
  await env.MIRROR_0.prepare(
    "UPDATE deliveries SET state = 'pending', step = 0, due_ms = ?, ended_ms = NULL WHERE tenant = ?",
  )
    .bind(rig.clock.ms, rig.tenant)
    .run();
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(2);
  const row = await rig.row(1);
  expect(JSON.parse(row?.attempts ?? "")).toHaveLength(2);
});

test("attempts that were spoilt by hand hold up nothing, and are told of once", async () => {
  const rig = await layDestination();
  await rig.add(1);
  await rig.add(2);
  const spoil = "UPDATE deliveries SET attempts = '{' WHERE tenant = ? AND delivery_id = ?";
  await env.MIRROR_0.prepare(spoil).bind(rig.tenant, idOf(1)).run();
  await sendRounds(rig.ports, rig.desk);
  expect(await rig.rows()).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
  const told = rig.logged.filter((line) => line.startsWith("delivery_attempts_spoilt"));
  expect(told).toEqual([`delivery_attempts_spoilt {"delivery":"${idOf(1)}"}`]);
});

test("with secrets that cannot be opened nothing is sent, but what is too late is given up", async () => {
  const rig = await layDestination();
  await rig.set("secrets = 'spoilt'");
  await rig.add(1, { dueMs: rig.clock.ms - 8 * DAY_MS });
  await rig.add(2);
  const end = await sendRounds(rig.ports, rig.desk);
  expect(end).toEqual({ kind: "wake", atMs: rig.clock.ms + 30_000 });
  expect(rig.got).toEqual([]);
  expect(await rig.rows()).toMatchObject([{ state: "dead" }, { state: "pending", step: 0 }]);
  expect(rig.logged.join()).toContain("destination_secrets_unreadable");
});

test("no slot is used before it is written down, and a storage that is slow starves nobody", async () => {
  const rig = await layDestination({ perMinute: 1 });
  await rig.add(1);
  rig.slow.writeMs = 200;
  const beganMs = rig.clock.ms;
  const end = await sendRounds(rig.ports, rig.desk);
  // The slot had lapsed by then.
  expect(rig.got).toEqual([]);
  rig.clock.ms = end.kind === "wake" ? Math.max(end.atMs, rig.clock.ms) : Number.NaN;
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(1);
  expect(rig.got[0]?.atMs).toBeGreaterThan(beganMs + 60_000 + 200);
  expect(rig.kept.some(({ writeMs }) => writeMs === 200)).toBe(true);
});

test("an outage in the middle loses nothing of what was under way then", async () => {
  const rig = await layDestination({ perMinute: 600 });
  for (let n = 0; n < 40; n += 1) await rig.add(n);
  rig.receiver.latencyMs = 10;
  rig.receiver.latencyOf = (n) => (n === 1 ? 10_000 : undefined);
  let asks = 0;
  const out = {
    ...rig.ports,
    settings: (...given: Parameters<typeof rig.ports.settings>) => {
      asks += 1;
      return asks === 2 ? Promise.reject(new Error("D1 is out")) : rig.ports.settings(...given);
    },
  };
  expect(await sendRounds(out, rig.desk)).toMatchObject({ kind: "wake" });
  const delivered = (await rig.rows()).filter(({ state }) => state === "delivered");
  expect(delivered).toHaveLength(rig.got.length);
  await sendRounds(rig.ports, rig.desk);
  expect(rig.got).toHaveLength(40);
});
