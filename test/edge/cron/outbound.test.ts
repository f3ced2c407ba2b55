import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { outboundJobs } from "#src/compose/outbound.ts";
import { createParts } from "#src/compose/parts.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { ENDED_KEPT_MS } from "#src/edge/cron/outbound.ts";
import { waitingDestinations } from "#src/edge/d1/outbound/due.ts";
import { forgetEnded } from "#src/edge/d1/outbound/save.ts";
import { addDelivery, idOf, layDestination } from "../outbound/rig.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NOBODY = "http://127.0.0.1:9/";

const job = (kind: string) => {
  const parts = createParts(env);
  const found = outboundJobs(parts, shardAt(parts.shards, 0)).find(([name]) => name === kind);
  if (found === undefined) throw new Error(`There is no job "${kind}"`);
  return found[1];
};

async function lay(pausedMs?: number) {
  const rig = await layDestination(pausedMs === undefined ? {} : { pausedMs });
  await rig.set(`url = '${NOBODY}'`);
  const stub = () => env.DESTINATION.getByName(`${rig.tenant}/crm`);
  return { ...rig, stub };
}

test("wakes those that something has been due at for a minute, and nobody else", async () => {
  const [overdue, fresh, later, paused] = [await lay(), await lay(), await lay(), await lay(1)];
  const nowMs = Date.now();
  await overdue.add(1, { dueMs: nowMs - 2 * MINUTE_MS });
  await fresh.add(1, { dueMs: nowMs - 1000 });
  await later.add(1, { dueMs: nowMs + DAY_MS });
  await paused.add(1, { dueMs: nowMs - 2 * MINUTE_MS });
  await job("outbound:0")();
  await vi.waitUntil(async () => (await overdue.row(1))?.step === 1, { timeout: 10_000 });
  for (const one of [fresh, later, paused]) {
    expect([one === fresh, one === later, await one.stub().isEmpty()]).toEqual([
      one === fresh,
      one === later,
      true,
    ]);
  }
});

test("has a paused one give up what has waited for more than a week", async () => {
  const one = await lay(1);
  await one.add(1, { dueMs: Date.now() - 8 * DAY_MS });
  await one.add(2, { dueMs: Date.now() - 2 * MINUTE_MS });
  await job("outbound:0")();
  await vi.waitUntil(async () => (await one.row(1))?.state === "dead", { timeout: 10_000 });
  expect(await one.row(2)).toMatchObject({ state: "pending" });
});

test("finds what is pending for a destination that is gone, and has it cancelled", async () => {
  const one = await lay();
  await addDelivery({ tenant: one.tenant, destination: "gone" }, 1, {
    dueMs: Date.now() - 2 * MINUTE_MS,
  });
  await job("outbound:0")();
  await vi.waitUntil(async () => (await one.row(1))?.state === "cancelled", { timeout: 10_000 });
  const gone = env.DESTINATION.getByName(`${one.tenant}/gone`);
  await vi.waitUntil(async () => gone.isEmpty(), { timeout: 10_000 });
  expect(await one.row(1)).toMatchObject({ due_ms: null });
});

test("finds a destination whose object has lost its alarm", async () => {
  const one = await lay();
  await one.add(1, { dueMs: Date.now() - 2 * MINUTE_MS });
  await runInDurableObject(one.stub(), async (_object, { storage }) => {
    storage.kv.put("state", one.desk.state());
    await storage.deleteAlarm();
  });
  await job("outbound:0")();
  await vi.waitUntil(async () => (await one.row(1))?.step === 1, { timeout: 10_000 });
  expect(await one.row(1)).toMatchObject({ state: "pending" });
});

test("reads a page of names by the index, and not what is pending for them", async () => {
  const one = await lay();
  for (const destination of ["a", "b", "c"]) {
    for (let n = 0; n < 30; n += 1) {
      const at = { tenant: one.tenant, destination: `${destination}-${n % 2}` };
      await addDelivery(at, destination.charCodeAt(0) * 100 + n, { dueMs: 1000 + n });
    }
  }
  const after = { tenant: one.tenant, destination: "a-0" };
  const found = await waitingDestinations(env.MIRROR_0, after, 3);
  expect(found).toEqual(
    ["a-1", "b-0", "b-1"].map((destination, n) => ({
      tenant: one.tenant,
      destination,
      dueMs: 1000 + ((n + 1) % 2),
    })),
  );
  const own = (await waitingDestinations(env.MIRROR_0, after, 1000)).filter(
    ({ tenant }) => tenant === one.tenant,
  );
  expect(own).toHaveLength(5);
});

test("reads as many rows for one destination as for another, however much is pending for it", async () => {
  const one = await lay();
  await env.MIRROR_0.prepare(
    `INSERT INTO deliveries SELECT ?1, 'out_' || printf('%032d', key), 'crm', 0, 'all', NULL, 't', 's',
       'pending', '{}', 0, 1000 + key, '[]', 0, NULL FROM json_each(?2)`,
  )
    .bind(one.tenant, JSON.stringify(Array(3000).fill(0)))
    .run();
  let read = 0;
  const counting = new Proxy(env.MIRROR_0, {
    get: (target, name) =>
      name === "withSession"
        ? () => ({
            prepare: (sql: string) => ({
              bind: (...values: unknown[]) => ({
                async all() {
                  const found = await target
                    .prepare(sql)
                    .bind(...values)
                    .all();
                  read = found.meta.rows_read;
                  return found;
                },
              }),
            }),
          })
        : Reflect.get(target, name),
  });
  const found = await waitingDestinations(counting, { tenant: one.tenant, destination: "" }, 1);
  expect(found).toEqual([{ tenant: one.tenant, destination: "crm", dueMs: 1000 }]);
  expect(read).toBeLessThan(20);
  await env.MIRROR_0.prepare("DELETE FROM deliveries WHERE tenant = ?").bind(one.tenant).run();
});

test("forgets a slice at a time, and looks at none twice in a walk", async () => {
  const one = await lay();
  const old = Date.now() - 2 * ENDED_KEPT_MS;
  const time = old.toString(16).padStart(12, "0");
  const idOfOld = `out_${time.slice(0, 8)}-${time.slice(8)}-`;
  await env.MIRROR_0.prepare(
    `INSERT INTO deliveries SELECT ?1, ?2 || printf('%04d', key), 'crm', 0, 'all', NULL, 't', 's',
       'dead', '{}', 0, NULL, '[]', 0, iif(key % 2 = 0, ?3, ?4) FROM json_each(?5)`,
  )
    .bind(one.tenant, idOfOld, old, Date.now(), JSON.stringify(Array(10).fill(0)))
    .run();
  const asked = { beforeMs: Date.now() - ENDED_KEPT_MS, limit: 4 };
  const visited: (string | undefined)[] = [];
  let after = "";
  for (;;) {
    const { next } = await forgetEnded(env.MIRROR_0, one.tenant, { ...asked, after });
    visited.push(next?.slice(-4));
    if (next === undefined) break;
    after = next;
  }
  expect(visited).toEqual(["0003", "0007", undefined]);
  expect((await one.rows()).map(({ delivery_id }) => delivery_id.slice(-4))).toEqual([
    "0001",
    "0003",
    "0005",
    "0007",
    "0009",
  ]);
});

test("forgets deliveries a month after they ended, and no others", async () => {
  const one = await lay();
  const nowMs = Date.now();
  const idAt = (atMs: number, n: number) => {
    const time = atMs.toString(16).padStart(12, "0");
    return `out_${time.slice(0, 8)}-${time.slice(8)}-${idOf(n).slice(-22)}`;
  };
  const rows = [
    // Ended before, and is forgotten.
    { n: 1, atMs: nowMs - ENDED_KEPT_MS - 2 * DAY_MS, endedMs: nowMs - ENDED_KEPT_MS - 1000 },
    // Ended just after.
    { n: 2, atMs: nowMs - ENDED_KEPT_MS - 2 * DAY_MS, endedMs: nowMs - ENDED_KEPT_MS + MINUTE_MS },
    // Still pending, however old it is.
    { n: 3, atMs: nowMs - 2 * ENDED_KEPT_MS, endedMs: null },
    { n: 4, atMs: nowMs - DAY_MS, endedMs: nowMs },
  ];
  for (const { n, atMs, endedMs } of rows) {
    await one.add(n, { dueMs: nowMs + DAY_MS });
    await env.MIRROR_0.prepare(
      `UPDATE deliveries SET delivery_id = ?1, ended_ms = ?2, state = iif(?2 IS NULL, state, 'dead')
       WHERE tenant = ?3 AND delivery_id = ?4`,
    )
      .bind(idAt(atMs, n), endedMs, one.tenant, idOf(n))
      .run();
  }
  const left = async () => (await one.rows()).map(({ delivery_id }) => delivery_id.slice(-1));
  // Some tenants a run, as other files have left theirs.
  for (let runs = 0; runs < 50 && (await left()).includes("1"); runs += 1) {
    await job("outbound_forget:0")();
  }
  for (let runs = 0; runs < 3; runs += 1) await job("outbound_forget:0")();
  expect(await left()).toEqual(["3", "2", "4"]);
});
