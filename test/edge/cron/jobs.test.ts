import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { runJobs, sweepJob } from "#src/compose/cron.ts";
import { createParts } from "#src/compose/parts.ts";
import { loadJob } from "#src/edge/d1/positions.ts";

afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => undefined);

let asked = 0;

/** A bucket that does not answer when it is listed. */
const hanging = new Proxy(env.ARCHIVE_0, {
  get(target, name) {
    if (name === "list") {
      return () => {
        asked += 1;
        return never;
      };
    }
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === "function" ? value.bind(target) : value;
  },
});

/**
 * Destinations that are woken and send nothing: time stands still here for the whole isolate, and what other
 * files have left due would wait by it in its own objects.
 */
const asleep = new Proxy(env.DESTINATION, {
  get: (target, name) =>
    name === "getByName" ? () => ({ wake: async () => undefined }) : Reflect.get(target, name),
});

test("a bucket that hangs holds up no other job than those that list it", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await env.MIRROR_0.prepare("DELETE FROM jobs WHERE job = ?")
    .bind(sweepJob({ index: 0 }))
    .run();
  const parts = createParts({ ...env, ARCHIVE_0: hanging, DESTINATION: asleep });
  const over = runJobs(parts).then(() => "over");
  const isOver = async () => (await Promise.race([over, scheduler.wait(5)])) === "over";
  // What does answer takes real time; for what does not, more than a minute and a half passes at once.
  for (let passed = 0; !(await isOver());) {
    if (asked === passed) continue;
    passed = asked;
    await vi.advanceTimersByTimeAsync(100_000);
  }
  expect(await loadJob(env.MIRROR_0, sweepJob({ index: 0 }))).toMatchObject({
    lagging: expect.any(Array),
  });
});
