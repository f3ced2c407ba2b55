import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GAP_ALERT_MS, GAP_HYDRATE_MS } from "#src/core/ordering/gap.ts";
import { w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects, lineOf, type Line, outcomesOf } from "../support/line.ts";

// Alarms ignore a fake clock: it moves Date alone, and the alarm is run by hand.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const gapsOf = async ({ company }: Line) => {
  const { results } = await env.MIRROR_0.prepare(
    "SELECT source, epoch, from_seq, to_seq, stage FROM gaps WHERE tenant = ? ORDER BY from_seq",
  )
    .bind(company.tenant)
    .all();
  return results;
};

/** Lets the object's alarm fire at this time, and mirrors what it logged. */
async function alarmAt(line: Line, nowMs: number): Promise<void> {
  vi.setSystemTime(nowMs);
  const stub = env.DISTRIBUTOR.getByName(`${line.company.tenant}/B`);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  // The alarm's own message goes to the real queue; the test's consumer is asked the same.
  line.queued.push({
    id: `alarm-${nowMs}`,
    body: { kind: "subject", tenant: line.company.tenant, subject: "dist:B" },
    attempts: 1,
  });
  await line.run();
}

test("asks the core for a gap after 15 s, tells somebody after 15 min, and closes it", async () => {
  const line = await lineOf("B");
  const [first, second, third, fourth, fifth] = w2("B");
  const startMs = Date.now();
  await line.post(first ?? {}, second ?? {}, fourth ?? {}, fifth ?? {});
  await line.run();
  expect(await outcomesOf(line.company.tenant)).toEqual({
    "B-1": "applied",
    "B-2": "applied",
    "B-4": "buffered",
    "B-5": "buffered",
  });
  const gap = { source: "core", epoch: 0, from_seq: 3, to_seq: 3 };

  await alarmAt(line, startMs + GAP_HYDRATE_MS + 1000);
  expect(await gapsOf(line)).toEqual([{ ...gap, stage: "hydrate" }]);
  await alarmAt(line, startMs + GAP_ALERT_MS + 1000);
  expect(await gapsOf(line)).toEqual([{ ...gap, stage: "alert" }]);

  await line.post(third ?? {});
  await line.drain();
  expect(await gapsOf(line)).toEqual([{ ...gap, stage: "closed" }]);
  expect([...new Set(Object.values(await outcomesOf(line.company.tenant)))]).toEqual(["applied"]);
  await expectMirrorEqualsObjects(line.company.tenant);
});

test("an alarm before its time says nothing", async () => {
  const line = await lineOf("B");
  await line.post(w2("B")[3] ?? {});
  await line.run();
  await alarmAt(line, Date.now());
  expect(await gapsOf(line)).toEqual([]);
  await expectMirrorEqualsObjects(line.company.tenant);
});
