import { env, waitUntil } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { hold, markResuming } from "#src/edge/archive/paused.ts";
import { republish } from "#src/edge/control/store.ts";
import { drainResumed } from "#src/edge/cron/drain-paused.ts";
import { call, controlRig, type RigOptions } from "../support/control-rig.ts";
import { isDelivery, keysUnder, memoryQueue, throwingQueue } from "../support/ingest-rig.ts";
import { losingD1 } from "../support/out-d1.ts";

const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
const said: string[] = [];
const log = (_level: string, event: string) => void said.push(event);

/**
 * What cron makes of a delivery that is held. Another file's cron may be there first, as all share one
 * archive: what is held no more was sent, or it would lie there still (archive/drain.test.ts).
 */
async function cron(
  { directory }: ReturnType<typeof controlRig>,
  { tenant, deliveryId }: { readonly tenant: string; readonly deliveryId: string },
): Promise<"sent" | "held" | "gone"> {
  const events = memoryQueue();
  const shards = [{ index: 0, events, archive: env.ARCHIVE_0 }];
  await drainResumed({ shards, directory, log, nowMs: Date.now });
  if ((await keysUnder(`paused/${tenant}/`)).length > 0) return "held";
  const sent = events.sent.filter(isDelivery).map((one) => one.deliveryId);
  return sent.includes(deliveryId) ? "sent" : "gone";
}

/** Let in, by this cron or by another file's. */
const LET_IN = /^(?:sent|gone)$/;

/** A paused source with one delivery held, which was answered 202. */
async function held(options: RigOptions = {}) {
  const rig = controlRig({
    beforeResume: (place) => markResuming(env.ARCHIVE_0, place),
    ...options,
  });
  const tenant = `t${crypto.randomUUID()}`;
  const settings = { name: "Acme", mode: "mirror", currency: "USD" };
  await call(rig, `PUT /v1/tenants/${tenant}`, { body: settings });
  const path = `/v1/tenants/${tenant}/sources/core`;
  await call(rig, `PUT ${path}`, { body: { sender: "acme", auth: { secrets: [SECRET] } } });
  expect((await call(rig, `POST ${path}/pause`)).status).toBe(200);
  const deliveryId = `dlv_${crypto.randomUUID()}`;
  await hold(env.ARCHIVE_0, {
    kind: "delivery",
    tenant,
    source: "core",
    sender: "acme",
    deliveryId,
    receivedAtMs: Date.now(),
    method: "POST",
    url: "https://gateway.example",
    headers: {},
    body: { sealed: "" },
    eventIds: [],
  });
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const drop = () => call(rig, `DELETE ${path}`, { headers });
  return { rig, tenant, path, drop, headers, of: { tenant, deliveryId } };
}

const FAILURES = [
  "D1_ERROR: Network connection lost.",
  "Queue is overloaded, please back off.",
  "put: Unspecified error (10001)",
];
const failWith = (message: string) => () => Promise.reject(new Error(message));

describe.each(FAILURES)("what was held is let in where this comes between: %s", (message) => {
  test("of a source that is removed, after that", async () => {
    const { rig, of, drop } = await held({ onResume: failWith(message) });
    expect((await drop()).status).toBe(204);
    expect((await drop()).headers.get("Idempotency-Replayed")).toBe("true");
    expect(await cron(rig, of)).toMatch(LET_IN);
    expect(await cron(rig, of)).toBe("gone");
  });

  test("of a source that goes on, after that", async () => {
    const { rig, path, of } = await held({ onResume: failWith(message) });
    const resumed = await call(rig, `POST ${path}/resume`);
    expect(await resumed.json()).toMatchObject({ state: "active" });
    expect(await cron(rig, of)).toMatch(LET_IN);
  });

  test("before that: then nothing is done, and it can be asked for again", async () => {
    const state = { isOut: true };
    const { rig, path, tenant, of } = await held({
      async beforeResume(place) {
        if (state.isOut) throw new Error(message);
        await markResuming(env.ARCHIVE_0, place);
      },
    });
    expect((await call(rig, `DELETE ${path}`)).status).toBeGreaterThanOrEqual(500);
    expect((await call(rig, `POST ${path}/resume`)).status).toBeGreaterThanOrEqual(500);
    expect(await (await call(rig, `GET ${path}`)).json()).toMatchObject({ state: "paused" });
    expect(await keysUnder(`resuming/${tenant}/`)).toEqual([]);
    state.isOut = false;
    expect((await call(rig, `DELETE ${path}`)).status).toBe(204);
    expect(await cron(rig, of)).toMatch(LET_IN);
  });
});

test("a removal whose answer D1 loses lets in what was held all the same", async () => {
  const { d1, state } = losingD1();
  const { rig, tenant, of, drop } = await held({ d1 });
  state.isLosing = true;
  expect((await drop()).status).toBe(503);
  expect(await rig.sources.get({ tenant, source: "core" })).toBeUndefined();
  // KV still has the pause, as nobody has told it: until then the marker waits.
  expect(await cron(controlRig(), of)).toBe("held");
  // As often as it takes: other files' copies may be due before.
  await vi.waitFor(
    async () => {
      await republish({ d1: env.MIRROR_0, kv: env.CONFIG }, Date.now() + 60_000);
      expect(await cron(controlRig(), of)).toMatch(LET_IN);
    },
    { timeout: 40_000 },
  );
}, 60_000);

test("a source that stays paused after all keeps what is held", async () => {
  const { rig, path, tenant, of } = await held();
  await markResuming(env.ARCHIVE_0, { tenant, source: "core" });
  expect(await cron(rig, of)).toBe("held");
  expect(await keysUnder(`paused/${tenant}/`)).toHaveLength(1);
  await call(rig, `POST ${path}/resume`);
  expect(await cron(rig, of)).toMatch(LET_IN);
});

test("a source that is not there leaves no marker", async () => {
  const { rig, tenant } = await held();
  expect((await call(rig, `DELETE /v1/tenants/${tenant}/sources/other`)).status).toBe(404);
  expect((await call(rig, `POST /v1/tenants/${tenant}/sources/other/resume`)).status).toBe(404);
  expect(await keysUnder(`resuming/${tenant}/`)).toEqual([]);
});

test("the worker itself marks the source before it is gone, and bears a queue that refuses", async () => {
  const { rig, tenant, path, of, headers } = await held();
  const parts = createParts(env);
  const [shard] = parts.shards;
  if (shard === undefined) throw new Error("There is no shard");
  const stood: boolean[] = [];
  const archive = new Proxy(env.ARCHIVE_0, {
    get(real, name) {
      const value: unknown = Reflect.get(real, name);
      if (typeof value !== "function") return value;
      return async (...given: unknown[]) => {
        const source = await rig.sources.get({ tenant, source: "core" });
        if (name === "put") stood.push(source !== undefined);
        return value.apply(real, given);
      };
    },
  });
  const refusing = { ...shard, archive, events: throwingQueue() };
  const app = createApi({ ...parts, shards: [refusing] }, []);
  const Authorization = "Bearer test-admin-token";
  const context = { waitUntil, passThroughOnException() {}, props: {} };
  const init = { method: "DELETE", headers: { ...headers, Authorization } };
  expect((await app.request(path, init, env, context)).status).toBe(204);
  expect(stood).toEqual([true, false]);
  expect(await cron(controlRig(), of)).toMatch(LET_IN);
});
