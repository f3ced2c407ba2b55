import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { runJobs, sweepJob } from "#src/compose/cron.ts";
import { saveJob } from "#src/edge/d1/positions.ts";
import { w2 } from "../support/company.ts";
import { expectMirrorEqualsObjects, lineOf, type Line, outcomesOf } from "../support/line.ts";

/** Runs the jobs until the sweep has come to this line's subject; other tests' lie before it. */
async function sweepAll(line: Line): Promise<void> {
  const isMine = () => line.queued.some(({ body }) => body.tenant === line.company.tenant);
  const cursor = JSON.stringify([line.company.tenant, ""]);
  const state = { cursor, lagging: [] };
  await saveJob(env.MIRROR_0, sweepJob({ index: 0 }), { state, nowMs: Date.now() });
  for (let run = 0; run < 20 && !isMine(); run += 1) await runJobs(line.parts);
}

test("the sweep finds an object whose message died, and has it mirrored", async () => {
  const line = await lineOf("B");
  const events = w2("B");
  await line.post(events[0] ?? {});
  await line.run();
  await line.post(...events.slice(1));
  await line.run(() => ({ mirror: () => Promise.reject(new Error("The consumer dies")) }));
  line.queued.length = 0;

  await sweepAll(line);
  expect(line.queued.map(({ body }) => body)).toContainEqual({
    kind: "subject",
    tenant: line.company.tenant,
    subject: "dist:B",
  });
  await line.drain();
  await expectMirrorEqualsObjects(line.company.tenant);
  expect(Object.keys(await outcomesOf(line.company.tenant))).toHaveLength(5);
});

test("the sweep freezes an object that was restored while nothing was sent to it", async () => {
  const line = await lineOf("B");
  await line.post(...w2("B").slice(0, 3));
  await line.run();
  await env.MIRROR_0.prepare("UPDATE subjects SET head = 'x' WHERE tenant = ?")
    .bind(line.company.tenant)
    .run();
  await sweepAll(line);
  await line.drain();
  const { results } = await env.MIRROR_0.prepare(
    "SELECT class, subject FROM breaks WHERE tenant = ?",
  )
    .bind(line.company.tenant)
    .all();
  expect(results).toEqual([{ class: "CHAIN", subject: "dist:B" }]);
});
