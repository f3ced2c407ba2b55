import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { isSpilled } from "#src/edge/archive/spilled.ts";
import type { PipelinePorts } from "#src/edge/http/pipeline.ts";
import { entry, logged, NOW_MS, readRig } from "./rig.ts";

type Pipeline = PipelinePorts["pipeline"];

const QUIET: Omit<Pipeline, "waiting"> = {
  spilled: async () => false,
  backlogs: async () => [{ backlogCount: 0 }, { backlogCount: 0 }],
  inFlight: () => 0,
  unmirrored: async () => 0,
};

const REST = {
  in_flight: 0,
  parked: 0,
  buffered: 0,
  unmirrored: 0,
  oldest_ms: 0,
  idle: true,
};

describe("GET …/pipeline", () => {
  test.each<{ name: string; busy: Partial<Pipeline>; expected: object }>([
    { name: "nothing moves", busy: {}, expected: REST },
    {
      name: "messages wait in the queue",
      busy: {
        backlogs: async () => [
          { backlogCount: 3, oldestMessageTimestamp: new Date(NOW_MS - 1500) },
          { backlogCount: 0 },
        ],
      },
      expected: { ...REST, in_flight: 3, oldest_ms: 1500, idle: false },
    },
    {
      name: "the queue's clock is ahead, or not set",
      busy: {
        backlogs: async () => [
          { backlogCount: 0, oldestMessageTimestamp: new Date(NOW_MS + 9) },
          { backlogCount: 0 },
        ],
      },
      expected: REST,
    },
    {
      name: "messages wait in the slow queue, and longer",
      busy: {
        backlogs: async () => [
          { backlogCount: 1, oldestMessageTimestamp: new Date(NOW_MS - 10) },
          { backlogCount: 2, oldestMessageTimestamp: new Date(NOW_MS - 700) },
        ],
      },
      expected: { ...REST, in_flight: 3, oldest_ms: 700, idle: false },
    },
    {
      name: "messages are being consumed",
      busy: { inFlight: () => 2 },
      expected: { ...REST, in_flight: 2, idle: false },
    },
    {
      name: "objects are ahead of the mirror",
      busy: { unmirrored: async () => 4 },
      expected: { ...REST, unmirrored: 4, idle: false },
    },
    {
      name: "messages are spilled",
      busy: { spilled: async () => true },
      expected: { ...REST, idle: false },
    },
  ])("tells that $name", async ({ busy, expected }) => {
    const rig = await readRig(({ pipeline }) => ({ pipeline: { ...pipeline, ...QUIET, ...busy } }));
    const response = await rig.call("GET pipeline");
    expect(await response.json()).toEqual(expected);
    expect(response.headers.get("D1-Bookmark")).not.toBeNull();
  });

  test("is idle over events that wait for others, and counts them by tenant", async () => {
    const rig = await readRig(({ pipeline }) => ({ pipeline: { ...pipeline, ...QUIET } }));
    const other = await readRig(({ pipeline }) => ({ pipeline: { ...pipeline, ...QUIET } }));
    const waits = (outcome: "parked" | "buffered") =>
      entry({ event: logged(), outcome, code: "c", reason: "r" });
    await rig.mirror("dist:d1", [waits("parked"), waits("buffered"), waits("buffered")]);
    const expected = { ...REST, parked: 1, buffered: 2 };
    expect(await (await rig.call("GET pipeline")).json()).toEqual(expected);
    expect(await (await other.call("GET pipeline")).json()).toEqual(REST);
  });

  test("is idle over the real queue, sweep and bucket, until something is spilled", async () => {
    const rig = await readRig();
    expect(await (await rig.call("GET pipeline")).json()).toEqual(REST);
    await env.ARCHIVE_0.put("spill-broken/x.json", "{}");
    expect(await isSpilled(env.ARCHIVE_0)).toBe(false);
    await env.ARCHIVE_0.put("spill/2026-07-01/x.json", "{}");
    expect(await (await rig.call("GET pipeline")).json()).toMatchObject({ idle: false });
    await env.ARCHIVE_0.delete("spill/2026-07-01/x.json");
  });
});
