import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GAP_ALERT_MS, GAP_HYDRATE_MS } from "#src/core/ordering/gap.ts";
import { GENESIS } from "#src/core/subject/chain.ts";
import { entryOf } from "#src/edge/log-entry.ts";
import { arrive } from "../../core/support/events.ts";

// Alarms ignore a fake clock: it moves Date alone, and the alarm is run by hand.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** No shard of the deployment: nothing can be sent to its queue. */
const NO_SHARD = 99;

test("an alarm whose queue is out rings again, and says what it logged once", async () => {
  const tenant = `t${crypto.randomUUID()}`;
  const stub = env.DISTRIBUTOR.getByName(`${tenant}/B`);
  const settle = (shard: number, seq: number) =>
    stub.settle({
      tenant,
      subject: "dist:B",
      shard,
      mirrored: { position: 0, head: GENESIS },
      arrivals: [arrive("commission.released", { id: `e${seq}`, seq, key: "dist:B" })],
    });
  const alarmMs = () => runInDurableObject(stub, (_object, { storage }) => storage.getAlarm());
  const stages = async () => {
    const { rows } = await stub.logAfter(0);
    return rows
      .map(entryOf)
      .flatMap(({ effects }) => effects.gaps?.map(({ stage }) => stage) ?? []);
  };
  const lines = vi.spyOn(console, "log").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();

  const startMs = Date.now();
  await settle(NO_SHARD, 3);
  vi.setSystemTime(startMs + GAP_HYDRATE_MS);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await stages()).toEqual(["hydrate"]);
  const again = (await alarmMs()) ?? Infinity;
  // Long before the gap's next stage, and not at once.
  expect(again).toBeGreaterThan(Date.now());
  expect(again).toBeLessThan(startMs + GAP_ALERT_MS);
  expect(lines.mock.calls.flat().join()).toContain("alarm_not_told");

  for (let nowMs = again, n = 0; n < 10; n += 1) {
    vi.setSystemTime(nowMs);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    nowMs = (await alarmMs()) ?? Infinity;
  }
  expect(await stages()).toEqual(["hydrate"]);
  vi.setSystemTime(startMs + GAP_ALERT_MS);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await stages()).toEqual(["hydrate", "alert"]);

  // The queue is there again: after that nothing is left to ring for.
  await settle(0, 4);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await alarmMs()).toBeNull();
});
