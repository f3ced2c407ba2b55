import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { putQuotaMark, quotaWatch } from "#src/edge/control/quota-marks.ts";
import { log } from "#src/edge/log.ts";
import { foundCompany, enrolment } from "../support/company.ts";
import { call, controlRig, failing, newKey, newTenant } from "../support/control-rig.ts";
import {
  makeRig,
  makeTenant,
  NOW_MS,
  order,
  SENDER_NAMES,
  type SenderName,
} from "../support/ingest-rig.ts";

const rig = controlRig();
const source = { sender: "acme", auth: { secrets: ["secret-0123456789"] } };

describe("a tenant's quota of sources", () => {
  test("holds when ten are created at once, and tells itself", async () => {
    const tenant = await newTenant(rig, { quotas: { sources: 3 } });
    const put = (name: string) =>
      call(rig, `PUT /v1/tenants/${tenant}/sources/${name}`, { body: source });
    const many = await Promise.all(Array.from({ length: 10 }, (_, i) => put(`s${i}`)));
    const statuses = many.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([201, 201, 201, ...Array.from({ length: 7 }, () => 409)]);
    const refused = many.find(({ status }) => status === 409);
    expect(await refused?.json()).toMatchObject({
      code: "limit_reached",
      errors: [
        { path: "sources", rule: "quota", message: "A tenant has at most 3, by its quotas" },
      ],
    });
    const list = await call(rig, `GET /v1/tenants/${tenant}/sources`);
    const { items } = await list.json<{ items: { source: string }[] }>();
    expect(items.length).toBe(3);

    // Those that are there can be changed, and make room when they go.
    const [first] = items;
    expect((await put(first?.source ?? "")).status).toBe(200);
    await call(rig, `DELETE /v1/tenants/${tenant}/sources/${first?.source}`);
    expect((await put("another")).status).toBe(201);
    expect((await put("more")).status).toBe(409);
    const body = { name: "Acme", mode: "mirror", currency: "USD", quotas: { sources: 4 } };
    await call(rig, `PUT /v1/tenants/${tenant}`, { body });
    expect((await put("more")).status).toBe(201);
  });

  test("leaves no trace of what was refused", async () => {
    const tenant = await newTenant(rig, { quotas: { sources: 1 } });
    for (const name of ["a", "b"]) {
      await call(rig, `PUT /v1/tenants/${tenant}/sources/${name}`, { body: source });
    }
    const trail = await (await call(rig, `GET /v1/tenants/${tenant}/audit`)).text();
    expect(trail).toContain(`source:${tenant}/a`);
    expect(trail).not.toContain(`source:${tenant}/b`);
    expect(await env.CONFIG.get(`source:${tenant}/b`)).toBeNull();
  });
});

describe("a tenant's own administrator", () => {
  const body = { name: "Acme", mode: "mirror", currency: "USD" };
  const founded = async (quotas: object) => {
    const tenant = await newTenant(rig, { quotas });
    const { key: token } = await newKey(rig, tenant, { role: "admin" });
    const put = (more: object) =>
      call(rig, `PUT /v1/tenants/${tenant}`, { token, body: { ...body, ...more } });
    const stored = async () =>
      (await (await call(rig, `GET /v1/tenants/${tenant}`)).json<{ quotas: object }>()).quotas;
    return { tenant, put, stored };
  };

  test.each([
    { name: "raises one", asked: { sources: 3, keys: 7 }, paths: ["quotas.sources"] },
    { name: "lowers one", asked: { sources: 1, keys: 7 }, paths: ["quotas.sources"] },
    { name: "leaves one out", asked: { sources: 2 }, paths: ["quotas.keys"] },
    { name: "leaves all out", asked: {}, paths: ["quotas.sources", "quotas.keys"] },
    {
      name: "adds one",
      asked: { sources: 2, keys: 7, requests_per_minute: 700 },
      paths: ["quotas.requests_per_minute"],
    },
  ])("does not change quotas: $name", async ({ asked, paths }) => {
    const { put, stored } = await founded({ sources: 2, keys: 7 });
    const refused = await put({ name: "New", quotas: asked });
    const message = "Is changed by ADMIN_TOKEN alone: leave quotas out, or send them as they are";
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { code: "forbidden", errors: paths.map((path) => ({ path, rule: "fixed", message })) },
    ]);
    expect(await stored()).toEqual({ sources: 2, keys: 7 });
  });

  test.each([
    { name: "without them", more: {} },
    { name: "with those there are, in any order", more: { quotas: { keys: 7, sources: 2 } } },
  ])("changes the rest $name", async ({ more }) => {
    const { tenant, put, stored } = await founded({ sources: 2, keys: 7 });
    const changed = await put({ name: "New", ...more });
    expect([changed.status, await changed.json()]).toMatchObject([
      200,
      { name: "New", quotas: { sources: 2, keys: 7 } },
    ]);
    expect(await stored()).toEqual({ sources: 2, keys: 7 });
    // Whoever runs the deployment takes them away by leaving them out.
    expect((await call(rig, `PUT /v1/tenants/${tenant}`, { body })).status).toBe(200);
    expect(await stored()).toEqual({});
  });
});

describe("a tenant's quota of keys", () => {
  test("holds when ten are created at once; revoked and expired ones take no room", async () => {
    let nowMs = Date.UTC(2026, 10, 22);
    const timed = controlRig({ nowMs: () => nowMs });
    const tenant = await newTenant(timed, { quotas: { keys: 3 } });
    const post = (more: object = {}) =>
      call(timed, `POST /v1/tenants/${tenant}/keys`, { body: { role: "support", ...more } });
    const short = await post({ expires_at: "2026-11-23T00:00:00Z" });
    expect(short.status).toBe(201);
    const many = await Promise.all(Array.from({ length: 10 }, () => post()));
    expect(many.filter(({ status }) => status === 201).length).toBe(2);
    const refused = many.find(({ status }) => status === 409);
    expect(await refused?.json()).toMatchObject({
      code: "limit_reached",
      errors: [{ path: "keys", rule: "quota" }],
    });
    nowMs += 86_400_000;
    expect((await post()).status).toBe(201);
    expect((await post()).status).toBe(409);
    const made = many.find(({ status }) => status === 201);
    const { key_id } = (await made?.json<{ key_id: string }>()) ?? { key_id: "" };
    await call(timed, `DELETE /v1/tenants/${tenant}/keys/${key_id}`);
    expect((await post()).status).toBe(201);
  });

  test("is 10,000 where nothing is said, and never below one", async () => {
    const tenant = await newTenant(rig);
    await newKey(rig, tenant, { role: "support" });
    const body = { name: "A", mode: "mirror", currency: "USD", quotas: { keys: 0 } };
    expect((await call(rig, `PUT /v1/tenants/${tenant}`, { body })).status).toBe(422);
  });
});

describe("a tenant that has had its events of the day", () => {
  const spent = { limit: 100, untilMs: NOW_MS + 3_600_500 };
  const event = (name: SenderName) =>
    name === "standard" || name === "jwt" ? JSON.stringify(order("o1")) : "{}";

  test.each(SENDER_NAMES)("is answered as %s needs it", async (name) => {
    const over = await makeRig({ overQuota: async () => spent });
    const response = await over.deliver(name, event(name));
    const isRefused = name === "standard" || name === "jwt";
    expect(response.status).toBe(isRefused ? 429 : 202);
    expect(over.queue.sent.length).toBe(isRefused ? 0 : 1);
    if (!isRefused) return;
    expect(response.headers.get("Retry-After")).toBe("3601");
    expect(response.headers.get("RateLimit-Policy")).toBe('"events_per_day";q=100;w=86400');
    expect(response.headers.get("RateLimit")).toBe('"events_per_day";r=0;t=3601');
    expect(await response.json()).toMatchObject({ code: "quota_exceeded" });
  });

  test("is not shown to a stranger", async () => {
    const over = await makeRig({ overQuota: async () => spent });
    expect((await over.post("standard", "{}")).status).toBe(401);
  });

  const mark = { untilMs: NOW_MS + 5000, events: 100 };
  async function watching(quotas: object) {
    const tenant = { ...(await makeTenant()), quotas };
    let nowMs = NOW_MS;
    const kv = failing(env.CONFIG, "get");
    const watch = quotaWatch({ kv: kv.binding, log, nowMs: () => nowMs });
    await putQuotaMark(env.CONFIG, tenant.tenant, { mark, nowMs });
    return { tenant, kv, watch, later: (ms: number) => (nowMs += ms) };
  }

  test("is known from KV, asked every 30 s, until the day ends", async () => {
    const { tenant, kv, watch, later } = await watching({ events_per_day: 100 });
    const over = { limit: 100, untilMs: mark.untilMs };
    expect([await watch(tenant), await watch(tenant), kv.calls]).toEqual([over, over, 1]);
    later(5000);
    expect([await watch(tenant), kv.calls]).toEqual([undefined, 1]);
    later(25_000);
    await watch(tenant);
    expect(kv.calls).toBe(2);
  });

  test("may have more when its quota is raised, without another word", async () => {
    const { tenant, watch } = await watching({ events_per_day: 100 });
    expect(await watch({ ...tenant, quotas: { events_per_day: 101 } })).toBeUndefined();
    expect(await watch(tenant)).toEqual({ limit: 100, untilMs: mark.untilMs });
  });

  test("costs nothing to ask about where there is no quota, and refuses nobody while KV is out", async () => {
    const none = await watching({});
    expect([await none.watch(none.tenant), none.kv.calls]).toEqual([undefined, 0]);
    const { tenant, kv, watch } = await watching({ events_per_day: 100 });
    kv.broken = true;
    expect([await watch(tenant), kv.calls]).toEqual([undefined, 1]);
  });
});

test("GET usage tells what is used and what may be", async () => {
  const company = await foundCompany({ quotas: { events_per_day: 1, keys: 7 } });
  const { tenant, api } = company;
  const usage = async () =>
    (await api(`GET /v1/tenants/${tenant}/usage`)).json<{ events: object }>();
  const before = await usage();
  const day = new Date().toISOString().slice(0, 10);
  expect(before).toEqual({
    events: {
      day,
      used: 0,
      limit: 1,
      is_over: false,
      counted_until: `${day}T00:00:00.000Z`,
      resets_at: expect.stringMatching(/T00:00:00\.000Z$/),
    },
    sources: { used: 2, limit: 200 },
    keys: { used: 0, limit: 7 },
    requests_per_minute: { limit: 120_000 },
  });
  await api(`POST /v1/tenants/${tenant}/keys`, { role: "support" });
  await env.MIRROR_0.prepare("INSERT INTO jobs (job, state, ran_ms) VALUES (?, ?, 0)")
    .bind(
      `usage:${tenant}`,
      JSON.stringify({ day, events: 3, after: "evt_", countedUntilMs: Date.now() }),
    )
    .run();
  expect(await usage()).toMatchObject({
    events: { used: 3, is_over: true },
    keys: { used: 1, limit: 7 },
  });

  await putQuotaMark(env.CONFIG, tenant, {
    mark: { untilMs: Date.now() + 3_600_000, events: 3 },
    nowMs: Date.now(),
  });
  const refused = await company.post(enrolment("B"));
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(3500);
  expect(refused.headers.get("RateLimit-Policy")).toBe('"events_per_day";q=1;w=86400');
});
