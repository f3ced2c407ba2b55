import { expect, test } from "vitest";
import { CLOSED } from "#src/core/outbound/breaker.ts";
import { webhook } from "#src/destinations/webhook.ts";
import { allDone, beginInLanes, heldIn, idleLanes } from "#src/edge/outbound/lanes.ts";
import { idOf, layDestination, SECRET, URL_OF_HOOK } from "./rig.ts";

const settings = { url: URL_OF_HOOK, secrets: [SECRET] };

const dueAt = (times: readonly number[]) =>
  times.map((dueMs, n) => ({
    deliveryId: idOf(n),
    body: "{}",
    step: 0,
    attempts: [],
    dueMs,
    destinationMs: 1,
  }));

const base = { kind: webhook, settings, isStale: () => false };

test("a slot that no lane was free for lapses, and what it was for stays due", async () => {
  const rig = await layDestination();
  const beganMs = rig.clock.ms;
  rig.receiver.latencyMs = 370;
  const slots = Array.from({ length: 20 }, (_, n) => beganMs + 100 * n);
  const lanes = idleLanes(CLOSED);
  const load = { ...base, due: dueAt(slots), slots };
  expect(await beginInLanes(rig.ports, lanes, load)).toBe(false);
  await allDone(lanes);
  const begun = rig.got.map(({ atMs }) => atMs - beganMs);
  expect(begun).toEqual([0, 400, 800, 1200, 1600]);
  expect(rig.got.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4].map(idOf));
  expect(lanes.results.map(({ deliveryId, state }) => [deliveryId, state])).toEqual(
    [0, 1, 2, 3, 4].map((n) => [idOf(n), "delivered"]),
  );
  expect(lanes.goneUrl).toBeUndefined();
});

test("one that takes long holds up its own lane: the others go on, and the round does not wait for it", async () => {
  const rig = await layDestination();
  const beganMs = rig.clock.ms;
  rig.receiver.latencyMs = 50;
  rig.receiver.latencyOf = (n) => (n === 2 ? 14_000 : undefined);
  const slots = Array.from({ length: 10 }, (_, n) => beganMs + 100 * n);
  const lanes = { ...idleLanes(CLOSED), concurrency: 2 };
  const load = { ...base, due: dueAt(slots), slots };
  expect(await beginInLanes(rig.ports, lanes, load)).toBe(true);
  expect(rig.clock.ms).toBeLessThan(beganMs + 2000);
  expect([...lanes.underWay.keys()]).toContain(idOf(1));
  expect([...heldIn(lanes)].toSorted()).toEqual(slots.map((_, n) => idOf(n)));
  await allDone(lanes);
  expect(rig.got.map(({ atMs }) => atMs)).toEqual(slots);
  expect(lanes.results.map(({ deliveryId }) => deliveryId).at(-1)).toBe(idOf(1));
});

test("a probe is alone, however many lanes there are, and what follows it waits for its answer", async () => {
  const rig = await layDestination();
  const beganMs = rig.clock.ms;
  rig.receiver.latencyMs = 270;
  const slots = Array.from({ length: 10 }, (_, n) => beganMs + 100 * n);
  const breaker = { failures: 10, openMs: 30_000, openUntilMs: beganMs };
  const lanes = { ...idleLanes(breaker), concurrency: 4 };
  await beginInLanes(rig.ports, lanes, { ...base, due: dueAt(slots), slots });
  await allDone(lanes);
  const begun = rig.got.map(({ atMs }) => atMs - beganMs);
  expect(begun).toEqual([0, 300, 400, 500, 600, 700, 800, 900]);
  expect(rig.receiver.mostUnder).toBeGreaterThan(1);
});

test("once its settings are stale nothing more is begun, and what was says nothing of the breaker", async () => {
  const rig = await layDestination();
  rig.receiver.answer = () => new Response(null, { status: 500 });
  rig.receiver.latencyMs = 250;
  const slots = Array.from({ length: 10 }, (_, n) => rig.clock.ms + 100 * n);
  const lanes = { ...idleLanes(CLOSED), concurrency: 4 };
  const load = { ...base, due: dueAt(slots), slots, isStale: () => rig.got.length >= 2 };
  expect(await beginInLanes(rig.ports, lanes, load)).toBe(false);
  await allDone(lanes);
  expect(rig.got).toHaveLength(2);
  expect(lanes.results).toHaveLength(2);
  expect(lanes.breaker).toEqual(CLOSED);
});
