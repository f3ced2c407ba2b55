import { expect, test } from "vitest";
import { partArchive, putArchive } from "#src/edge/archive/archive.ts";
import { rawKeys, readRawPart } from "#src/edge/archive/read-raw.ts";
import { uuidV7 } from "#src/edge/event-id.ts";
import { bindings, isDelivery, makeRig, order } from "../support/ingest-rig.ts";

const archive = bindings.ARCHIVE_0;
const MINUTE_MS = 60_000;
const START_MS = Date.parse("2026-07-01T22:30:00.000Z");

/** Batches of every quarter of an hour, over midnight. */
async function archived() {
  const rig = await makeRig();
  await rig.deliver("standard", JSON.stringify(order("e1")));
  const messages = rig.queue.sent.filter(isDelivery);
  const keys: string[] = [];
  for (let n = 0; n < 12; n += 1) {
    const nowMs = START_MS + n * 15 * MINUTE_MS;
    for (const part of partArchive(messages, { batchId: uuidV7(nowMs), nowMs })) {
      await putArchive(archive, part);
      keys.push(part.objectKey);
    }
  }
  return { tenant: rig.tenant.tenant, keys, messages };
}

test("names the batches of a span to the millisecond, page by page, and no others", async () => {
  const { tenant, keys } = await archived();
  const at = (n: number) => START_MS + n * 15 * MINUTE_MS;
  const named = async (fromMs: number, untilMs: number, limit: number) => {
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = await rawKeys(archive, { tenant, fromMs, untilMs }, { after, limit });
      expect(page.keys.length).toBeLessThanOrEqual(limit);
      found.push(...page.keys);
      after = page.next;
    } while (after !== undefined);
    return found;
  };
  for (const limit of [1, 3, 12, 100]) {
    expect(await named(0, Date.now(), limit)).toEqual(keys);
    expect(await named(at(2), at(9), limit)).toEqual(keys.slice(2, 9));
    expect(await named(at(2) + 1, at(9) + 1, limit)).toEqual(keys.slice(3, 10));
    expect(await named(at(5), at(5), limit)).toEqual([]);
  }
});

test("reads a batch as it was put by, and knows one that is gone", async () => {
  const { keys, messages } = await archived();
  expect(await readRawPart(archive, keys[3] ?? "")).toEqual(messages);
  await archive.delete(keys[3] ?? "");
  expect(await readRawPart(archive, keys[3] ?? "")).toBeUndefined();
});
