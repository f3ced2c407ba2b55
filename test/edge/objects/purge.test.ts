import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { GENESIS } from "#src/core/subject/chain.ts";
import type { Distributor } from "#src/edge/objects/distributor.ts";
import { arrive } from "../../core/support/events.ts";

const stubOf = () => env.DISTRIBUTOR.getByName(`t${crypto.randomUUID()}/B`);

const enrol = (stub: DurableObjectStub<Distributor>) =>
  stub.settle({
    tenant: "t",
    subject: "dist:B",
    shard: 0,
    mirrored: { position: 0, head: GENESIS },
    arrivals: [
      arrive(
        "distributor.enrolled",
        { id: "e1", key: "dist:B", rev: 1 },
        { distributor_id: "B", status: "active", joined_at: "2026-01-01", country: "SI" },
      ),
    ],
  });

test("leaves nothing of an object: log, profile, alarm, sockets", async () => {
  const stub = stubOf();
  await enrol(stub);
  expect((await stub.head()).position).toBe(1);
  const client = await runInDurableObject(stub, async (_object, state) => {
    const { 0: near, 1: far } = new WebSocketPair();
    state.acceptWebSocket(far);
    near.accept();
    await state.storage.setAlarm(Date.now() + 3_600_000);
    return near;
  });
  const closed = new Promise<number>((resolve) => {
    client.addEventListener("close", ({ code }) => resolve(code));
  });
  await stub.purge();
  expect(await closed).toBe(1001);
  expect(await stub.head()).toEqual({ position: 0, head: GENESIS });
  expect(await stub.current()).toEqual({ position: 0 });
  await runInDurableObject(stub, async (_object, { storage }) => {
    expect(await storage.getAlarm()).toBeNull();
    expect(storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'log'").toArray()).toEqual(
      [],
    );
  });
});

test("done again it does nothing, and what comes under the name begins anew", async () => {
  const stub = stubOf();
  await stub.purge();
  await enrol(stub);
  await stub.purge();
  await stub.purge();
  expect(await enrol(stub)).toMatchObject({ kind: "settled", tail: { rows: [{ position: 1 }] } });
});
