import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createParts } from "#src/compose/parts.ts";
import { fillShardGaps } from "#src/compose/reconcile.ts";
import { objectsCheck, objectsJob } from "#src/compose/reconciliation.ts";
import { leaveJob, takeJob } from "#src/edge/d1/leases.ts";
import { saveJob } from "#src/edge/d1/positions.ts";
import { dueGaps } from "#src/edge/d1/reconciliation/gaps.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { foundCompany, w2 } from "../../support/company.ts";
import { lineOf } from "../../support/line.ts";
import { tamper } from "../../cron/reconciliation/walk.ts";

const db = env.MIRROR_0;
const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const put = (tenant: string, subject: string, atMs: number) =>
  db
    .prepare(
      `INSERT INTO gaps (tenant, subject, source, epoch, from_seq, to_seq, since_ms, stage, at_ms)
       VALUES (?1, ?2, 'core', 0, 3, 3, ?3, 'alert', ?3)`,
    )
    .bind(tenant, subject, atMs)
    .run();

describe("gaps that are due", () => {
  test("are one of each tenant, then a second one, however many one of them has", async () => {
    const [many, few] = [crypto.randomUUID(), crypto.randomUUID()];
    for (let n = 0; n < 12; n += 1) await put(many, `dist:${n + 10}`, n);
    await put(few, "dist:B", HOUR_MS / 2);
    await put(few, "dist:A", HOUR_MS / 2 + 1);
    const due = async (tenants: readonly string[], ofTenant: number, limit: number) =>
      (await dueGaps(db, tenants, { nowMs: 9 * HOUR_MS, ofTenant, limit })).map(
        ({ tenant, subject }) => `${tenant === many ? "many" : "few"} ${subject}`,
      );
    expect(await due([many, few], 10, 3)).toEqual(["many dist:10", "few dist:B", "many dist:11"]);
    expect(await due([few, many], 10, 3)).toEqual(["few dist:B", "many dist:10", "few dist:A"]);
    expect(await due([few, many], 1, 10)).toEqual(["few dist:B", "many dist:10"]);
    expect(await due([many], 5, 10)).toHaveLength(5);
    expect(await due([], 5, 10)).toEqual([]);
  });
});

describe("a job that is taken", () => {
  test("is nobody else's until it is given back, or its lease is over", async () => {
    const job = `test:${crypto.randomUUID()}`;
    const take = (nowMs: number) => takeJob<{ n: number }>(db, job, { nowMs, untilMs: nowMs + 10 });
    const first = await Promise.all([take(100), take(100), take(100)]);
    expect(first.filter((state) => state !== undefined)).toHaveLength(1);
    expect(await take(109)).toBeUndefined();
    await leaveJob(db, job, { heldMs: 110, state: { n: 7 } });
    expect(await take(109)).toMatchObject({ n: 7 });
    // Who died leaves it to the next one, and who comes back after that changes nothing.
    expect(await take(119)).toMatchObject({ n: 7 });
    await leaveJob(db, job, { heldMs: 119, state: { n: 8 } });
    expect(await take(120)).toBeUndefined();
    await leaveJob(db, job, { heldMs: 129, state: { n: 9 } });
    expect(await take(120)).toMatchObject({ n: 9 });
  });
});

test("three walks over objects at once are one", async () => {
  const line = await lineOf("B");
  const { tenant } = line.company;
  await line.post(...w2("B"));
  await line.drain();
  await tamper(
    tenant,
    "UPDATE transfers SET amount_minor = amount_minor + 1 WHERE tenant = ?1 AND position = 2",
  );
  const shard = shardAt(line.parts.shards, 0);
  const startedMs = Date.now();
  // The walk has come as far as this company.
  const state = { cursor: { tenant, subject: "" }, startedMs, subjects: 0, repaired: 0, frozen: 0 };
  await saveJob(db, objectsJob(shard), { state, nowMs: startedMs });
  const check = () => objectsCheck(line.parts, shard);
  await Promise.all([check(), check(), check()]);
  const told = "SELECT count(*) AS n FROM audit WHERE tenant = ? AND action = 'mirror.repaired'";
  expect(await db.prepare(told).bind(tenant).first<number>("n")).toBe(1);
});

test("three calls of the job at once ask a core once", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (address: string) => {
    asked.push(new URL(address).searchParams.get("stream") ?? "");
    return Promise.resolve(Response.json({ as_of_seq: "1", epoch: 0, items: [] }));
  });
  const { tenant } = await foundCompany({ core: { url: "https://c.example", auth: "secret" } });
  await put(tenant, "dist:B", Date.now() - 4 * HOUR_MS);
  const parts = createParts(env);
  const fill = () => fillShardGaps(parts, shardAt(parts.shards, 0));
  // The job may be another file's just then, as all share its lease.
  await vi.waitFor(
    async () => {
      await Promise.all([fill(), fill(), fill()]);
      expect(asked).not.toEqual([]);
    },
    { timeout: 10_000, interval: 100 },
  );
  expect(asked).toEqual(["dist:B"]);
});
