import { describe, expect, test, vi } from "vitest";
import { webhook } from "#src/destinations/webhook.ts";
import { newKey, newTenant } from "../support/control-rig.ts";
import { losingD1 } from "../support/out-d1.ts";
import { tellingRig } from "../support/telling-rig.ts";

const { rig, ask, told, destinations } = tellingRig();
const FIRST = webhook.makeSecret();
const SECOND = webhook.makeSecret();
const THIRD = webhook.makeSecret();
const shown = (secret: string): string => `…${secret.slice(-4)}`;
const URL = "https://shop.example/hooks/upline?as=acme";
const body = { url: URL, auth: { secrets: [FIRST] } };

interface Shown {
  readonly auth: { readonly secrets: readonly string[] };
  readonly secret?: string;
  readonly updated_at: string;
}

async function newDestination(more: object = body) {
  const tenant = await newTenant(rig);
  const path = `/v1/tenants/${tenant}/destinations/shop`;
  const response = await ask(`PUT ${path}`, { body: more });
  const secrets = async () =>
    (await destinations.get({ tenant, destination: "shop" }))?.secrets ?? [];
  return { tenant, path, response, secrets };
}

describe("PUT /v1/tenants/:tenant/destinations/:destination", () => {
  test("stores a destination, and shows the end of its secrets alone", async () => {
    const given = { ...body, auth: { secrets: [FIRST, SECOND] }, per_minute: 6000, concurrency: 6 };
    const { tenant, path, response, secrets } = await newDestination(given);
    const answer = await response.text();
    expect(response.status).toBe(201);
    expect(JSON.parse(answer)).toEqual({
      destination: "shop",
      kind: "webhook",
      url: URL,
      auth: { secrets: [shown(FIRST), shown(SECOND)] },
      per_minute: 6000,
      concurrency: 6,
      state: "active",
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect(await secrets()).toEqual([FIRST, SECOND]);
    const again = await ask(`PUT ${path}`, { body });
    expect([again.status, await again.json()]).toMatchObject([
      200,
      { per_minute: 600, concurrency: 4, auth: { secrets: [shown(FIRST)] } },
    ]);
    const read = await ask(`GET ${path}`);
    const trail = await ask(`GET /v1/tenants/${tenant}/audit`);
    expect(answer + (await read.text()) + (await trail.text())).not.toContain("whsec_");
  });

  test("makes the secret of a new one, shows it once, and keeps it from then on", async () => {
    const { path, response, secrets } = await newDestination({ url: URL });
    expect([response.status, response.headers.get("Cache-Control")]).toEqual([201, "no-store"]);
    const { secret = "", auth } = await response.json<Shown>();
    expect(webhook.checkSecret(secret)).toBeUndefined();
    expect(auth.secrets).toEqual([shown(secret)]);
    const again = await ask(`PUT ${path}`, { body: { url: `${URL}&v=2` } });
    expect(again.status).toBe(200);
    expect(await again.text()).not.toContain("whsec_");
    expect(await (await ask(`GET ${path}`)).text()).not.toContain("whsec_");
    expect(await secrets()).toEqual([secret]);
  });

  test("answers with the same secret under its Idempotency-Key, and keeps it sealed", async () => {
    const tenant = await newTenant(rig);
    const line = `PUT /v1/tenants/${tenant}/destinations/shop`;
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const first = await (await ask(line, { headers, body: { url: URL } })).text();
    const again = await ask(line, { headers, body: { url: URL } });
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await again.text()).toBe(first);
  });

  test.each([
    { name: "an unknown kind", given: { ...body, kind: "pigeon" }, error: "kind enum" },
    {
      name: "a kind that only objects have",
      given: { ...body, kind: "constructor" },
      error: "kind enum",
    },
    { name: "no address", given: { auth: body.auth }, error: "url required" },
    { name: "an address without TLS", given: { url: "http://shop.example/" }, error: "url url" },
    { name: "one's own machine", given: { url: "https://localhost/hook" }, error: "url url" },
    { name: "an inner network", given: { url: "https://10.1.2.3/hook" }, error: "url url" },
    { name: "credentials", given: { url: "https://u:hunter2@shop.example/" }, error: "url url" },
    { name: "a fragment", given: { url: "https://shop.example/#hook" }, error: "url url" },
    { name: "an empty fragment", given: { url: "https://shop.example/#" }, error: "url url" },
    { name: "no address at all", given: { url: "shop#1" }, error: "url url" },
    {
      name: "a secret that signs nothing",
      given: { url: URL, auth: { secrets: [FIRST, "hunter2-hunter2"] } },
      error: "auth.secrets[1] secret",
    },
    {
      name: "a secret as it was shown",
      given: { url: URL, auth: { secrets: ["…hunter2"] } },
      error: "auth.secrets[0] masked",
    },
    {
      name: "a secret twice",
      given: { url: URL, auth: { secrets: [FIRST, SECOND, FIRST] } },
      error: "auth.secrets[2] unique",
    },
    { name: "no secret", given: { url: URL, auth: { secrets: [] } }, error: "auth.secrets length" },
    {
      name: "an eleventh secret",
      given: { url: URL, auth: { secrets: Array.from({ length: 11 }, () => FIRST) } },
      error: "auth.secrets length",
    },
    { name: "no rate", given: { ...body, per_minute: 0 }, error: "per_minute minimum" },
    { name: "too high a rate", given: { ...body, per_minute: 6001 }, error: "per_minute maximum" },
    { name: "half an attempt", given: { ...body, per_minute: 1.5 }, error: "per_minute integer" },
    { name: "none at once", given: { ...body, concurrency: 0 }, error: "concurrency minimum" },
    { name: "seven at once", given: { ...body, concurrency: 7 }, error: "concurrency maximum" },
    { name: "an unknown field", given: { ...body, secret: FIRST }, error: "secret unknown_field" },
    {
      name: "an unknown field within",
      given: { url: URL, auth: { secrets: [FIRST], scheme: "x" } },
      error: "auth.scheme unknown_field",
    },
  ])("refuses $name", async ({ given, error }) => {
    const { path, response } = await newDestination(given);
    const text = await response.text();
    const { errors } = JSON.parse(text);
    expect([response.status, errors.length]).toEqual([422, 1]);
    expect(`${errors[0].path} ${errors[0].rule}`).toBe(error);
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain(FIRST);
    expect((await ask(`GET ${path}`)).status).toBe(404);
  });

  test("lets a deployment on one's own machine tell that machine", async () => {
    const local = tellingRig({ environment: "local" });
    const tenant = await newTenant(rig);
    const line = `PUT /v1/tenants/${tenant}/destinations/shop`;
    const response = await local.ask(line, { body: { url: "http://127.0.0.1:9/hook" } });
    expect(response.status).toBe(201);
  });

  test.each(["Shop", "-shop", "a.b", "a".repeat(65)])("refuses the name %s", async (name) => {
    const tenant = await newTenant(rig);
    const response = await ask(`PUT /v1/tenants/${tenant}/destinations/${name}`, { body });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { code: "parameter_invalid", errors: [{ path: "destination", rule: "format" }] },
    ]);
  });

  test("keeps a pause through a change", async () => {
    const { path } = await newDestination();
    await ask(`POST ${path}/pause`);
    const response = await ask(`PUT ${path}`, { body });
    expect(await response.json()).toMatchObject({
      state: "paused",
      paused_at: expect.any(String),
    });
  });

  test("has room for fifty, however many come at once", async () => {
    const tenant = await newTenant(rig);
    const put = async (n: number) =>
      ask(`PUT /v1/tenants/${tenant}/destinations/d${n}`, { body: { url: URL } });
    for (let n = 0; n < 48; n += 8) {
      await Promise.all(Array.from({ length: 8 }, (_, i) => put(n + i)));
    }
    const last = await Promise.all([48, 49, 50, 51].map(put));
    expect(last.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201, 201, 409, 409,
    ]);
    const refused = last.find(({ status }) => status === 409);
    expect(await refused?.json()).toMatchObject({
      code: "limit_reached",
      errors: [{ path: "destinations", rule: "quota", message: "A tenant has at most 50" }],
    });
    expect((await put(0)).status).toBe(200);
    await ask(`DELETE /v1/tenants/${tenant}/destinations/d0`);
    expect((await put(100)).status).toBe(201);
    const other = await newDestination();
    expect(other.response.status).toBe(201);
  });

  test("is done once where D1 saved it and its answer got lost", async () => {
    const { state, d1 } = losingD1();
    const losing = tellingRig({ d1 });
    const tenant = await newTenant(rig);
    const line = `PUT /v1/tenants/${tenant}/destinations/shop`;
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    state.isLosing = true;
    expect((await losing.ask(line, { headers, body })).status).toBe(503);
    state.isLosing = false;
    const again = await losing.ask(line, { headers, body });
    expect(again.status).toBe(409);
    const trail = await ask(`GET /v1/tenants/${tenant}/audit`);
    const { items } = await trail.json<{ items: { action: string }[] }>();
    expect(items.filter(({ action }) => action === "destination.create")).toHaveLength(1);
  });
});

describe("POST …/rotate", () => {
  test.each([
    { keep: undefined, live: [THIRD, SECOND] },
    { keep: 0, live: [THIRD] },
    { keep: 5, live: [THIRD, SECOND, FIRST] },
  ])("puts the new secret first and keeps $keep", async ({ keep, live }) => {
    const { path, secrets } = await newDestination({
      url: URL,
      auth: { secrets: [SECOND, FIRST] },
    });
    const response = await ask(`POST ${path}/rotate`, { body: { secret: THIRD, keep } });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ auth: { secrets: live.map(shown) } });
    expect(text).not.toContain("whsec_");
    expect(await secrets()).toEqual(live);
    await ask(`POST ${path}/rotate`, { body: { secret: THIRD, keep: 9 } });
    expect(await secrets()).toEqual(live);
  });

  test("makes one where none is given, and shows it once", async () => {
    const { path, secrets } = await newDestination();
    const response = await ask(`POST ${path}/rotate`, { body: {} });
    expect([response.status, response.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    const { secret = "", auth } = await response.json<Shown>();
    expect(webhook.checkSecret(secret)).toBeUndefined();
    expect(auth.secrets).toEqual([shown(secret), shown(FIRST)]);
    expect(await secrets()).toEqual([secret, FIRST]);
    expect(await (await ask(`GET ${path}`)).text()).not.toContain("whsec_");
  });

  test.each([
    { given: { secret: "hunter2" }, error: "secret secret" },
    { given: { secret: shown(FIRST) }, error: "secret masked" },
    { given: { keep: 10 }, error: "keep maximum" },
    { given: { keep: -1 }, error: "keep minimum" },
    { given: { secrets: [FIRST] }, error: "secrets unknown_field" },
  ])("refuses $given", async ({ given, error }) => {
    const { path, secrets } = await newDestination();
    const response = await ask(`POST ${path}/rotate`, { body: given });
    const text = await response.text();
    const [first] = JSON.parse(text).errors;
    expect([response.status, `${first.path} ${first.rule}`]).toEqual([422, error]);
    expect(text).not.toContain("hunter2");
    expect(await secrets()).toEqual([FIRST]);
  });

  test("loses no secret of two at once: one of them is told", async () => {
    const { path, secrets } = await newDestination();
    const rotate = (secret: string) => ask(`POST ${path}/rotate`, { body: { secret, keep: 9 } });
    const answers = await Promise.all([rotate(SECOND), rotate(THIRD)]);
    const done = answers.filter(({ status }) => status === 200).length;
    expect(await secrets()).toHaveLength(1 + done);
    expect(answers.every(({ status }) => [200, 409].includes(status))).toBe(true);
  });
});

describe("POST …/pause and …/resume", () => {
  test("pauses since its first time, resumes, and then wakes", async () => {
    const { tenant, path } = await newDestination();
    const first = await (await ask(`POST ${path}/pause`)).json<{ paused_at: string }>();
    const again = await (await ask(`POST ${path}/pause`)).json<{ paused_at: string }>();
    expect(again).toMatchObject({ state: "paused", paused_at: first.paused_at });
    told.woken.length = 0;
    const active = await (await ask(`POST ${path}/resume`)).json<object>();
    expect(active).toMatchObject({ state: "active" });
    expect(active).not.toHaveProperty("paused_at");
    expect(told.woken).toEqual([{ tenant, destination: "shop", shard: 0 }]);
  });

  test("resumes one that has said that it is gone", async () => {
    const { tenant, path } = await newDestination();
    const { db } = rig.store;
    await db.run(`UPDATE destinations SET paused_ms = 1, paused_for = 'gone'
      WHERE tenant = '${tenant}'`);
    expect(await (await ask(`GET ${path}`)).json()).toMatchObject({
      state: "gone",
      paused_at: "1970-01-01T00:00:00.001Z",
    });
    const kept = await ask(`PUT ${path}`, { body });
    expect(await kept.json()).toMatchObject({ state: "gone" });
    const active = await ask(`POST ${path}/resume`);
    expect(await active.json()).toMatchObject({ state: "active" });
  });

  test.each(["rotate", "pause", "resume"])("finds none to %s", async (verb) => {
    const tenant = await newTenant(rig);
    const line = `POST /v1/tenants/${tenant}/destinations/none/${verb}`;
    expect((await ask(line, { body: {} })).status).toBe(404);
  });
});

describe("DELETE …/:destination", () => {
  test("removes it, its subscriptions and nobody else's, and tells its object", async () => {
    const { tenant, path } = await newDestination();
    const other = await newDestination();
    const at = (name: string) => `/v1/tenants/${tenant}/${name}`;
    await ask(`PUT ${at("destinations/other")}`, { body });
    const wants = (destination: string) => ({ body: { destination, types: ["*"] } });
    await ask(`PUT ${at("subscriptions/a")}`, wants("shop"));
    await ask(`PUT ${at("subscriptions/b")}`, wants("shop"));
    await ask(`PUT ${at("subscriptions/c")}`, wants("other"));
    await ask(`PUT /v1/tenants/${other.tenant}/subscriptions/a`, wants("shop"));
    told.woken.length = 0;
    told.changed.length = 0;

    expect((await ask(`DELETE ${path}`)).status).toBe(204);
    expect(told).toEqual({
      woken: [{ tenant, destination: "shop", shard: 0 }],
      changed: [tenant],
    });
    expect((await ask(`GET ${path}`)).status).toBe(404);
    expect((await ask(`DELETE ${path}`)).status).toBe(404);
    const left = await (await ask(`GET ${at("subscriptions")}`)).json();
    expect(left).toMatchObject({ items: [{ subscription: "c" }] });
    const others = await ask(`GET /v1/tenants/${other.tenant}/subscriptions`);
    expect(await others.json()).toMatchObject({ items: [{ subscription: "a" }] });
  });
});

test("one that is made anew under its name is another one, and nothing is asked of the former", async () => {
  const { path, response } = await newDestination({ url: URL });
  const first = await response.json<Shown & { created_at: string }>();
  await ask(`POST ${path}/pause`);
  expect((await ask(`DELETE ${path}`)).status).toBe(204);
  await vi.waitUntil(() => Date.now() > Date.parse(first.created_at));
  const again = await ask(`PUT ${path}`, { body: { url: URL } });
  const next = await again.json<typeof first>();
  expect([again.status, next]).toMatchObject([201, { state: "active" }]);
  expect(Date.parse(next.created_at)).toBeGreaterThan(Date.parse(first.created_at));
  expect(next.secret).not.toBe(first.secret);
});

describe("the address", () => {
  test.each([
    ["HTTPS://Shop.Example", "https://shop.example/"],
    ["https://shop.example:443/a b?c=ü", "https://shop.example/a%20b?c=%C3%BC"],
    ["https:\\\\shop.example\\hook", "https://shop.example/hook"],
    ["https://shop.example./x/../hook@1", "https://shop.example./hook@1"],
  ])("%s is kept, shown and sent to as %s", async (typed, kept) => {
    const { tenant, path, response } = await newDestination({ ...body, url: typed });
    expect([response.status, await response.json()]).toMatchObject([201, { url: kept }]);
    expect(await (await ask(`GET ${path}`)).json()).toMatchObject({ url: kept });
    const stored = await destinations.get({ tenant, destination: "shop" });
    expect(stored?.url).toBe(kept);
  });

  test.each([
    ["half a character", "https://shop.example/g\ud800"],
    ["half a character in clear", "http://h/g\ud800"],
    ["a line break", "https://shop.example/\nhook"],
    ["a tab in its scheme", "ht\ttps://shop.example/"],
    ["a C1 control character", "https://shop.example/\u0085"],
    ["a space before it", " https://shop.example/"],
    ["a space behind it", "https://shop.example/\u00a0"],
    ["an empty user", "https://@shop.example/"],
    ["an empty user and password", "https://:@shop.example/"],
    ["a user behind backslashes", "https:\\\\:@shop.example/"],
    ["port 0", "https://shop.example:0/"],
    ["an empty label", "https://a..b/"],
    ["an empty label in front", "https://.shop.example/"],
    ["two dots behind one's own machine", "https://localhost../"],
    ["two dots behind an inner address", "https://10.1.2.3../"],
    ["an address without TLS, written large", "HTTP://shop.example/"],
  ])("is refused with %s", async (_, url) => {
    const { path, response } = await newDestination({ ...body, url });
    const { errors } = await response.json<{ errors: { path: string; rule: string }[] }>();
    const faults = errors.map((error) => `${error.path} ${error.rule}`);
    expect([response.status, faults]).toEqual([422, ["url url"]]);
    expect((await ask(`GET ${path}`)).status).toBe(404);
  });

  test("is no longer when it is sent than it may be when it is typed", async () => {
    const { response } = await newDestination({
      ...body,
      url: `https://shop.example/${"ü".repeat(500)}`,
    });
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { errors: [{ path: "url", rule: "length" }] },
    ]);
  });
});

describe("the audit trail", () => {
  test("tells whether the secrets were changed, and the address without its query", async () => {
    const { tenant, path } = await newDestination();
    const changes = [
      { url: URL },
      { ...body, per_minute: 60 },
      { url: URL, auth: { secrets: [FIRST, SECOND] } },
      { url: URL, auth: { secrets: [SECOND, FIRST] } },
    ];
    for (const change of changes) await ask(`PUT ${path}`, { body: change });
    await ask(`DELETE ${path}`);
    const trail = await (await ask(`GET /v1/tenants/${tenant}/audit`)).text();
    const { items }: { items: { action: string; detail: Record<string, unknown> }[] } =
      JSON.parse(trail);
    const acts = items.filter(({ action }) => action.startsWith("destination.")).toReversed();
    expect(acts.map(({ action, detail }) => [action, detail["secrets_changed"]])).toEqual([
      ["destination.create", undefined],
      ["destination.update", false],
      ["destination.update", false],
      ["destination.update", true],
      ["destination.update", true],
      ["destination.delete", undefined],
    ]);
    const addresses = new Set(acts.map(({ detail }) => detail["url"]));
    expect([...addresses]).toEqual(["https://shop.example/hooks/upline"]);
    expect(trail).not.toContain("as=acme");
  });

  test("tells of secrets that open no more as changed, and they can be replaced", async () => {
    const { tenant, path, secrets } = await newDestination();
    await rig.store.db.run(`UPDATE destinations SET secrets = 'spoilt' WHERE tenant = '${tenant}'`);
    expect((await ask(`PUT ${path}`, { body })).status).toBe(200);
    expect(await secrets()).toEqual([FIRST]);
    const trail = await ask(`GET /v1/tenants/${tenant}/audit?limit=1`);
    expect(await trail.json()).toMatchObject({ items: [{ detail: { secrets_changed: true } }] });
  });
});

describe("GET /v1/tenants/:tenant/destinations", () => {
  test("lists every destination once, page by page", async () => {
    const tenant = await newTenant(rig);
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) {
      await ask(`PUT /v1/tenants/${tenant}/destinations/${name}`, { body });
    }
    const seen: string[] = [];
    let query = "?limit=2";
    for (let page = 0; page < 3; page += 1) {
      const response = await ask(`GET /v1/tenants/${tenant}/destinations${query}`);
      const { items, next_cursor } = await response.json<{
        items: { destination: string }[];
        next_cursor: string | null;
      }>();
      expect(JSON.stringify(items)).not.toContain("whsec_");
      seen.push(...items.map(({ destination }) => destination));
      query = `?limit=2&cursor=${next_cursor}`;
    }
    expect([seen, query]).toEqual([names, "?limit=2&cursor=null"]);
  });

  test("is tagged, and refuses what it does not know", async () => {
    const { path } = await newDestination();
    const tag = (await ask(`GET ${path}`)).headers.get("ETag") ?? "";
    const headers = { "If-None-Match": tag };
    expect((await ask(`GET ${path}`, { headers })).status).toBe(304);
    expect((await ask(`GET ${path}?x=1`)).status).toBe(400);
  });
});

test("an auditor reads them and changes none, support does neither", async () => {
  const { tenant, path } = await newDestination();
  const { key: auditor } = await newKey(rig, tenant, { role: "auditor" });
  const { key: support } = await newKey(rig, tenant, { role: "support" });
  expect((await ask(`GET ${path}`, { token: auditor })).status).toBe(200);
  expect((await ask(`POST ${path}/pause`, { token: auditor })).status).toBe(403);
  expect((await ask(`GET ${path}`, { token: support })).status).toBe(403);
  const other = await newTenant(rig);
  const elsewhere = `/v1/tenants/${other}/destinations/shop`;
  expect((await ask(`GET ${elsewhere}`, { token: auditor })).status).toBe(404);
});
