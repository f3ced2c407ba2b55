import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { republish } from "#src/edge/control/store.ts";
import { rewrap } from "#src/edge/control/rewrap.ts";
import { hashOf } from "#src/edge/control/hash.ts";
import { call, controlRig, failing, newKey, newTenant } from "../support/control-rig.ts";
import { everyCopy } from "../support/leaving.ts";

const START_MS = Date.UTC(2026, 10, 22);
const SECRET = "first-secret-0001";
const sourceBody = { sender: "acme", auth: { secrets: [SECRET] } };
const writer = controlRig({ nowMs: () => START_MS });

async function newSource(rig = writer) {
  const tenant = await newTenant(rig);
  const path = `/v1/tenants/${tenant}/sources/shop`;
  await call(rig, `PUT ${path}`, { body: sourceBody });
  return { tenant, path };
}

/** An isolate of its own whose clock and outages the test holds. */
function reader() {
  const clock = { ms: START_MS };
  const kv = failing(env.CONFIG, "get");
  const d1 = failing(env.MIRROR_0, "prepare");
  const rig = controlRig({ kv: kv.binding, d1: d1.binding, nowMs: () => clock.ms });
  return { clock, kv, d1, directory: rig.directory };
}

/** A D1 that takes every question and answers none. */
const stuckStatement = {
  bind: () => stuckStatement,
  raw: () => new Promise(() => {}),
  all: () => new Promise(() => {}),
};
const stuckD1 = new Proxy(env.MIRROR_0, {
  get: (d1, name) => (name === "prepare" ? () => stuckStatement : Reflect.get(d1, name)),
});

const publishedMs = async (tenant: string) =>
  env.MIRROR_0.prepare("SELECT published_ms, updated_ms FROM sources WHERE tenant = ?")
    .bind(tenant)
    .first<{ published_ms: number | null; updated_ms: number }>();

describe("cachedDirectory()", () => {
  test("asks memory, then KV, and D1 for nothing that KV knows", async () => {
    const { tenant } = await newSource();
    const { clock, kv, d1, directory } = reader();
    const source = await directory.source(tenant, "shop");
    expect(source).toMatchObject({ sender: "acme", auth: { scheme: "plain", secrets: [SECRET] } });
    expect([kv.calls, d1.calls]).toEqual([2, 0]);
    clock.ms += 29_999;
    await directory.source(tenant, "shop");
    expect(kv.calls).toBe(2);
    clock.ms += 1;
    await directory.source(tenant, "shop");
    expect([kv.calls, d1.calls]).toEqual([4, 0]);
  });

  test("asks D1 where KV knows nothing, and believes a no for 5 s", async () => {
    const { tenant } = await newSource();
    const { clock, kv, d1, directory } = reader();
    await env.CONFIG.delete(`source:${tenant}/shop`);
    expect(await directory.source(tenant, "shop")).toMatchObject({ source: "shop" });
    expect(d1.calls).toBe(1);

    expect(await directory.source(tenant, "none")).toBeUndefined();
    const calls = [kv.calls, d1.calls];
    clock.ms += 4_999;
    expect(await directory.source(tenant, "none")).toBeUndefined();
    expect([kv.calls, d1.calls]).toEqual(calls);
    clock.ms += 1;
    await directory.source(tenant, "none");
    expect(d1.calls).toBe(3);
  });

  test("believes its memory for 10 minutes while KV is out, asking again every 5 s", async () => {
    const { tenant } = await newSource();
    const { clock, kv, d1, directory } = reader();
    await directory.tenant(tenant);
    kv.broken = true;
    clock.ms = START_MS + 600_000;
    expect(await directory.tenant(tenant)).toMatchObject({ tenant });
    expect([kv.calls, d1.calls]).toEqual([2, 0]);
    await directory.tenant(tenant);
    expect(kv.calls).toBe(2);
    clock.ms += 5_001;
    d1.broken = true;
    await expect(directory.tenant(tenant)).rejects.toThrow("prepare is out");
  });

  test("believes nothing any longer that KV knows nothing of and D1 cannot say", async () => {
    const { tenant } = await newSource();
    const { clock, d1, directory } = reader();
    await directory.source(tenant, "shop");
    await env.CONFIG.delete(`source:${tenant}/shop`);
    d1.broken = true;
    clock.ms += 29_999;
    expect(await directory.source(tenant, "shop")).toMatchObject({ source: "shop" });
    clock.ms += 1;
    await expect(directory.source(tenant, "shop")).rejects.toThrow("prepare is out");
  });

  test("asks D1 while KV is out and memory empty", async () => {
    const { tenant } = await newSource();
    const { kv, directory } = reader();
    kv.broken = true;
    expect(await directory.tenant(tenant)).toMatchObject({ tenant, currency: "USD" });
  });

  test("waits 2 s for KV, and 2 s for D1, and no longer", async () => {
    const kv = failing(env.CONFIG, "get");
    kv.hanging = true;
    const startedMs = Date.now();
    const { directory } = controlRig({ kv: kv.binding });
    expect(await directory.tenant("no-such-tenant")).toBeUndefined();
    expect(Date.now() - startedMs).toBeGreaterThan(1_900);
    const stuck = controlRig({ d1: stuckD1 });
    await expect(stuck.directory.tenant("no-such-tenant")).rejects.toThrow("no answer in 2000 ms");
    expect(Date.now() - startedMs).toBeLessThan(6_000);
  });

  test("lets made-up names fill no more than 32 places at D1", async () => {
    const { directory } = controlRig({ d1: stuckD1 });
    const names = Array.from({ length: 33 }, (_, i) => `made-up-${i}`);
    const waits = await Promise.allSettled(names.map((name) => directory.tenant(name)));
    const reasons = waits.map((wait) => (wait.status === "rejected" ? String(wait.reason) : ""));
    expect(reasons.filter((reason) => reason.includes("no answer"))).toHaveLength(32);
    expect(reasons.filter((reason) => reason.includes("others are being looked up"))).toHaveLength(
      1,
    );
  });

  test("takes no older answer for what this isolate wrote meanwhile", async () => {
    const { tenant, path } = await newSource();
    const held: (() => void)[] = [];
    const slow = new Proxy(env.CONFIG, {
      get: (kv, name) =>
        name === "get"
          ? async (key: string, how: KVNamespaceGetOptions<"json">) => {
              const value = await kv.get(key, how);
              if (key.startsWith("source:")) await new Promise<void>((go) => held.push(go));
              return value;
            }
          : Reflect.get(kv, name).bind(kv),
    });
    const rig = controlRig({ kv: slow });
    const reading = rig.directory.source(tenant, "shop");
    await vi.waitFor(() => expect(held).toHaveLength(1));
    await call(rig, `POST ${path}/pause`);
    for (const go of held) go();
    await reading;
    expect((await rig.directory.source(tenant, "shop"))?.pausedMs).toEqual(expect.any(Number));
  });

  test("reads again a text in KV that it cannot read from D1", async () => {
    const { tenant } = await newSource();
    await env.CONFIG.put(`tenant:${tenant}`, `{"old":"format"}`);
    expect(await reader().directory.tenant(tenant)).toMatchObject({ tenant });
  });
});

describe("republish()", () => {
  const late = START_MS + 60_000;

  test("heals what KV refused: a change, a removal, a revoked key", async () => {
    const ports = { d1: env.MIRROR_0, kv: env.CONFIG };
    // What other tests left unpublished is none of this one's.
    while ((await republish(ports, START_MS + 10_000)) > 0);
    const kv = failing(env.CONFIG, "put", "delete");
    const rig = controlRig({ kv: kv.binding, nowMs: () => START_MS });
    const { tenant, path } = await newSource(rig);
    const { key, key_id } = await newKey(rig, tenant, { role: "auditor" });
    await call(rig, `PUT ${path}2`, { body: sourceBody });
    kv.broken = true;
    const rotation = { body: { secret: "second-secret-0002" } };
    expect((await call(rig, `POST ${path}/rotate`, rotation)).status).toBe(200);
    expect((await call(rig, `DELETE ${path}2`)).status).toBe(204);
    expect((await call(rig, `DELETE /v1/tenants/${tenant}/keys/${key_id}`)).status).toBe(204);
    expect(await rig.directory.caller(hashOf(key), START_MS)).toBeUndefined();
    expect((await rig.directory.source(tenant, "shop"))?.auth.secrets).toHaveLength(2);
    const behind = await publishedMs(tenant);
    expect(behind?.published_ms).toBeLessThan(behind?.updated_ms ?? 0);
    expect((await reader().directory.source(tenant, "shop"))?.auth.secrets).toEqual([SECRET]);

    expect(await republish(ports, START_MS + 10_000)).toBe(0);
    while ((await republish(ports, late)) > 0);
    const { directory } = reader();
    expect((await directory.source(tenant, "shop"))?.auth.secrets).toHaveLength(2);
    expect(await directory.source(tenant, "shop2")).toBeUndefined();
    expect(await directory.caller(hashOf(key), START_MS)).toBeUndefined();
    expect(await env.CONFIG.get(`key:${hashOf(key)}`)).toBeNull();
    expect((await publishedMs(tenant))?.published_ms).toBe(late);
  });
});

describe("at rest", () => {
  test("neither D1 nor KV holds a secret, a key or a core's credential", async () => {
    const rig = controlRig();
    const auth = "core-hunter22";
    const tenant = await newTenant(rig, { core: { url: "https://c.example", auth } });
    await call(rig, `PUT /v1/tenants/${tenant}/sources/shop`, { body: sourceBody });
    const { key } = await newKey(rig, tenant, { role: "admin" });
    const tables = ["tenants", "sources", "api_keys", "audit", "jobs"];
    const rows = await env.MIRROR_0.batch(
      tables.map((table) => env.MIRROR_0.prepare(`SELECT * FROM ${table}`)),
    );
    const copies = await Promise.all(
      (await everyCopy()).map(async (name) => name + (await env.CONFIG.get(name))),
    );
    const text = JSON.stringify(rows) + copies.join("\n");
    expect(text).toContain(tenant);
    for (const secret of [auth, SECRET, key, key.slice(13)]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString("base64").slice(0, -4));
    }
  });

  test("a secret moved to another source does not open", async () => {
    const { tenant, path } = await newSource();
    await call(writer, `PUT ${path}2`, { body: sourceBody });
    const copy = (await env.CONFIG.get(`source:${tenant}/shop`)) ?? "";
    await env.CONFIG.put(`source:${tenant}/shop2`, copy.replace('"shop"', '"shop2"'));
    await expect(reader().directory.source(tenant, "shop2")).rejects.toThrow(/decrypt|operation/i);
  });
});

describe("rewrap()", () => {
  test("moves every tenant to the newest master key, after which the old one can go", async () => {
    const OLD = Buffer.from(env.MASTER_KEY, "base64");
    const NEW = new Uint8Array(32).fill(9);
    const { tenant } = await newSource();
    const both = controlRig({ masterKeys: [NEW, new Uint8Array(OLD)] });
    const act = { actor: "cron", nowMs: START_MS };
    expect(await rewrap(both.store, both.keyring, act)).toBeGreaterThan(0);
    while ((await rewrap(both.store, both.keyring, act)) > 0);

    const source = await controlRig({ masterKeys: [NEW] }).directory.source(tenant, "shop");
    expect(source?.auth.secrets).toEqual([SECRET]);
    await expect(controlRig().directory.tenant(tenant)).rejects.toThrow("is not in MASTER_KEY");
    const trail = await call(both, `GET /v1/tenants/${tenant}/audit?limit=200`);
    const { items } = await trail.json<{ items: { action: string; actor: string }[] }>();
    expect(items).toContainEqual(
      expect.objectContaining({ action: "tenant.rewrap", actor: "cron" }),
    );
  });
});
