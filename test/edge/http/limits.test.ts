import { runs } from "../../support/runs.ts";
import fc from "fast-check";
import { parseList } from "structured-headers";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { faultOfJson, JSON_DEPTH_MAX } from "#src/edge/http/json-text.ts";
import { ADDRESS_FAILURES, KEY_REQUESTS, REQUESTS_PER_QUESTION } from "#src/edge/http/throttle.ts";
import type { Route } from "#src/edge/http/route.ts";
import { call, controlRig, newKey, newTenant } from "../support/control-rig.ts";

const START_MS = Date.UTC(2026, 10, 22, 12);
let nowMs = START_MS;
const routes: Route[] = [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/things",
    permission: "tenant:read",
    handle: () => Response.json({}),
  },
];

/** Lets through so many questions of a key. */
function counting(questions: number) {
  const asked = new Map<string, number>();
  const limit = async ({ key }: { key: string }) => {
    const count = (asked.get(key) ?? 0) + 1;
    asked.set(key, count);
    return { success: count <= questions };
  };
  return { asked, limit };
}

const limitsOf = (response: Response, name = "RateLimit") =>
  new Map(
    parseList(response.headers.get(name) ?? "").map(([item, parameters]) => [
      item,
      Object.fromEntries(parameters),
    ]),
  );

describe("rate limits", () => {
  const open = controlRig({ nowMs: () => nowMs, routes });

  test.each([
    { name: "an answer", line: "GET", path: "things", status: 200 },
    { name: "the head of one", line: "HEAD", path: "things", status: 200 },
    { name: "a place that is not there", line: "GET", path: "sources/none", status: 404 },
    { name: "a refused body", line: "POST", path: "keys", status: 415 },
  ])("are told with $name", async ({ line, path, status }) => {
    const tenant = await newTenant(open);
    const { key: token } = await newKey(open, tenant, { role: "admin" });
    const response = await call(open, `${line} /v1/tenants/${tenant}/${path}`, { token });
    expect(response.status).toBe(status);
    expect(limitsOf(response, "RateLimit-Policy")).toEqual(
      new Map([
        ["key", { q: KEY_REQUESTS, w: 10 }],
        ["tenant", { q: 120_000, w: 60 }],
      ]),
    );
    expect(limitsOf(response)).toEqual(
      new Map([
        ["key", { r: KEY_REQUESTS - 1, t: 10 }],
        ["tenant", { r: 119_999, t: 60 }],
      ]),
    );
  });

  test("are told with 304, and not where there are none", async () => {
    const tenant = await newTenant(open);
    const line = `GET /v1/tenants/${tenant}/things`;
    const tag = (await call(open, line)).headers.get("ETag") ?? "";
    const same = await call(open, line, { headers: { "If-None-Match": tag } });
    expect([same.status, limitsOf(same).has("key")]).toEqual([304, true]);
    expect((await call(open, "GET /healthz")).headers.get("RateLimit")).toBeNull();
  });

  test("end with their window", async () => {
    const tenant = await newTenant(open);
    const { key: token } = await newKey(open, tenant, { role: "admin" });
    const ask = () => call(open, `GET /v1/tenants/${tenant}/things`, { token });
    await ask();
    nowMs += 9500;
    expect(limitsOf(await ask()).get("key")).toEqual({ r: KEY_REQUESTS - 2, t: 1 });
    nowMs += 500;
    expect(limitsOf(await ask()).get("key")).toEqual({ r: KEY_REQUESTS - 1, t: 10 });
  });

  test("of a tenant hold for all of its keys together, and for nobody else", async () => {
    const tenantRate = counting(3);
    const rig = controlRig({ nowMs: () => nowMs, routes, tenantRate });
    const tenant = await newTenant(rig, { quotas: { requests_per_minute: 600 } });
    const one = await newKey(rig, tenant, { role: "admin" });
    const two = await newKey(rig, tenant, { role: "auditor" });
    const ask = (of: string, token: string) => call(rig, `GET /v1/tenants/${of}/things`, { token });
    const before = [one, two, one].map(({ key }) => ask(tenant, key));
    expect((await Promise.all(before)).map(({ status }) => status)).toEqual([200, 200, 200]);
    nowMs += 15_000;
    const spent = await ask(tenant, two.key);
    expect([spent.status, spent.headers.get("Retry-After")]).toEqual([429, "45"]);
    expect(await spent.json()).toMatchObject({ code: "rate_limited" });
    expect(limitsOf(spent)).toEqual(
      new Map([
        ["key", { r: KEY_REQUESTS - 1, t: 10 }],
        ["tenant", { r: 0, t: 45 }],
      ]),
    );
    // Who runs the deployment is not in it, nor is another tenant.
    expect((await call(rig, `GET /v1/tenants/${tenant}/things`)).status).toBe(200);
    const other = await newTenant(rig);
    const theirs = await newKey(rig, other, { role: "admin" });
    expect((await ask(other, theirs.key)).status).toBe(200);
    nowMs += 45_000;
    tenantRate.asked.clear();
    expect((await ask(tenant, one.key)).status).toBe(200);
  });

  test("of a tenant are not spent by who asks for what is not his", async () => {
    const tenantRate = counting(100);
    const rig = controlRig({ nowMs: () => nowMs, routes, tenantRate });
    const quotas = { requests_per_minute: 600 };
    const [victim, stranger] = [await newTenant(rig, { quotas }), await newTenant(rig, { quotas })];
    const { key: token } = await newKey(rig, stranger, { role: "admin" });
    expect((await call(rig, `GET /v1/tenants/${victim}/things`, { token })).status).toBe(404);
    expect([...tenantRate.asked.keys()]).toEqual([`tenant:${stranger}`]);
  });

  test("cost a question for fifty requests of a key, and one for 200 of a tenant", async () => {
    const [rate, tenantRate] = [counting(1e9), counting(1e9)];
    const rig = controlRig({ nowMs: () => nowMs, routes, rate, tenantRate });
    const tenant = await newTenant(rig);
    const { key: token } = await newKey(rig, tenant, { role: "admin" });
    rate.asked.clear();
    for (let i = 0; i < 200; i += 1) {
      await call(rig, `GET /v1/tenants/${tenant}/things`, { token });
    }
    expect([...rate.asked.values()]).toEqual([4]);
    expect([...tenantRate.asked.values()]).toEqual([1]);
  });

  test("hold an isolate to its own count while the counter is out", async () => {
    const out = { limit: () => Promise.reject(new Error("out")) };
    const rig = controlRig({ nowMs: () => nowMs, routes, tenantRate: out });
    const tenant = await newTenant(rig, { quotas: { requests_per_minute: 600 } });
    const { key: token } = await newKey(rig, tenant, { role: "admin" });
    const statuses = new Map<number, number>();
    for (let i = 0; i < 602; i += 1) {
      const { status } = await call(rig, `GET /v1/tenants/${tenant}/things`, { token });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 200: 600, 429: 2 });
  });
});

describe("who shows no valid credential", () => {
  const made = () => `upl_AAAAAAAA_${crypto.randomUUID().replaceAll("-", "").padEnd(40, "0")}`;
  const from = (address: string) => ({ "CF-Connecting-IP": address });

  test("shares the limit of its address, whatever it makes up, and is looked up no more", async () => {
    const rate = counting(1);
    let lookups = 0;
    const kv = new Proxy(env.CONFIG, {
      get: (target, name) => {
        if (name === "get") lookups += 1;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const rig = controlRig({ nowMs: () => nowMs, routes, rate, kv });
    const tenant = await newTenant(rig);
    const { key: valid } = await newKey(rig, tenant, { role: "admin" });
    const ask = (token: string | undefined, address = "2001:db8::1") =>
      call(rig, `GET /v1/tenants/${tenant}/things`, { token, headers: from(address) });
    expect((await ask(valid)).status).toBe(200);
    rate.asked.clear();

    const first = await ask(made());
    expect([first.status, limitsOf(first)]).toEqual([
      401,
      new Map([["address", { r: ADDRESS_FAILURES - 1, t: 10 }]]),
    ]);
    // Another address of the same network, no credential, another one: one count.
    for (let i = 1; i < 2 * REQUESTS_PER_QUESTION; i += 1) {
      const token = i % 2 === 0 ? undefined : made();
      expect((await ask(token, "2001:db8:0:0:ffff::2")).status).toBe(401);
    }
    lookups = 0;
    const refused = await ask(made());
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "10"]);
    expect(limitsOf(refused)).toEqual(new Map([["address", { r: 0, t: 10 }]]));
    expect((await ask(undefined)).status).toBe(429);
    expect(lookups).toBe(0);
    expect([...rate.asked.keys()]).toEqual(["address:2001:db8:0:0::/64"]);
    // Whoever was let in before still is, and other addresses have nothing to do with it.
    expect((await ask(valid)).status).toBe(200);
    expect((await ask(made(), "192.0.2.7")).status).toBe(401);
    expect((await ask(made(), "2001:db8:0:1::1")).status).toBe(401);
    nowMs += 10_000;
    rate.asked.clear();
    expect((await ask(made())).status).toBe(401);
  });

  const flooded = async (address: string) => {
    const rig = controlRig({ nowMs: () => nowMs, routes, rate: counting(1) });
    const tenant = await newTenant(rig);
    const flood = async () => {
      const asked = { token: undefined, headers: from(address) };
      for (let i = 0; i < 2 * REQUESTS_PER_QUESTION; i += 1) {
        await call(rig, `GET /v1/tenants/${tenant}/things`, asked);
      }
      return (await call(rig, `GET /v1/tenants/${tenant}/things`, asked)).status;
    };
    return { rig, tenant, flood };
  };

  test("does not shut out a WebSocket or a certificate that was let in before", async () => {
    const { rig, tenant, flood } = await flooded("192.0.2.8");
    const other = await newTenant(rig);
    const { key } = await newKey(rig, tenant, { role: "admin" });
    const [named, unnamed] = ["ab", "cd"].map((byte) => byte.repeat(32));
    await newKey(rig, tenant, { role: "admin", certificate_sha256: named });
    const socket = async (token: string) => {
      const protocols = { "Sec-WebSocket-Protocol": `upline.live.v1, bearer.${token}` };
      const headers = { ...from("192.0.2.8"), Upgrade: "websocket", ...protocols };
      const asked = { token: undefined, headers };
      return (await call(rig, `GET /v1/tenants/${tenant}/things`, asked)).status;
    };
    const machine = async (certFingerprintSHA256: string | undefined, of = tenant) => {
      const told = { certPresented: "1", certVerified: "SUCCESS", certRevoked: "0" };
      const request = new Request(`https://gateway.test/v1/tenants/${of}/things`, {
        headers: from("192.0.2.8"),
      });
      const cf = { tlsClientAuth: { ...told, certFingerprintSHA256 } };
      return (await rig.app.request(Object.defineProperty(request, "cf", { value: cf }))).status;
    };
    expect([await socket(key), await machine(named)]).toEqual([200, 200]);
    expect(await flood()).toBe(429);
    expect([await socket(key), await machine(named)]).toEqual([200, 200]);
    // Of its tenant alone: a certificate is public.
    expect([await machine(named, other), await machine(unnamed)]).toEqual([429, 429]);
    expect(await socket(made())).toBe(429);
  });

  test("is a stranger from then on, whatever it was let in by before", async () => {
    const { rig, tenant, flood } = await flooded("192.0.2.9");
    const { key: token, key_id } = await newKey(rig, tenant, { role: "admin" });
    const ask = async () => {
      const asked = { token, headers: from("192.0.2.9") };
      return (await call(rig, `GET /v1/tenants/${tenant}/things`, asked)).status;
    };
    expect([await ask(), await flood(), await ask()]).toEqual([200, 429, 200]);
    await call(rig, `DELETE /v1/tenants/${tenant}/keys/${key_id}`);
    expect([await ask(), await ask()]).toEqual([401, 429]);
  });
});

describe("bounds", () => {
  const rig = controlRig({ nowMs: () => nowMs, routes });

  test.each([
    { name: "a path", path: `/v1/tenants/${"a".repeat(4100)}`, status: 414, code: "uri_too_long" },
    { name: "a path of nothing", path: `/${"a".repeat(4096)}`, status: 414, code: "uri_too_long" },
    { name: "a query", path: `/healthz?${"a".repeat(8192)}`, status: 414, code: "uri_too_long" },
    {
      name: "33 parameters",
      path: `/healthz?${"a=1&".repeat(32)}a=1`,
      status: 400,
      code: "parameter_invalid",
    },
  ])("$name: $status", async ({ path, status, code }) => {
    const response = await call(rig, `GET ${path}`, { token: undefined });
    expect([response.status, await response.json()]).toEqual([
      status,
      expect.objectContaining({ code }),
    ]);
    expect(response.headers.get("Request-Id")).not.toBeNull();
  });

  test.each([
    { path: `/${"a".repeat(4095)}`, status: 404 },
    { path: `/healthz?${"a".repeat(8191)}`, status: 200 },
    { path: `/healthz?${"a=1&".repeat(31)}a=1`, status: 200 },
  ])("leave alone what is within them", async ({ path, status }) => {
    expect((await call(rig, `GET ${path}`, { token: undefined })).status).toBe(status);
  });

  const many = (count: number, value: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, value]));
  test.each([
    { name: "101 headers", headers: many(101, "a"), status: 431, code: "headers_too_many" },
    {
      name: "one long header",
      headers: many(1, "a".repeat(16_385)),
      status: 431,
      code: "headers_too_large",
    },
    {
      name: "long headers together",
      headers: many(3, "a".repeat(11_000)),
      status: 431,
      code: "headers_too_large",
    },
  ])("$name: $status", async ({ headers, status, code }) => {
    const response = await call(rig, "GET /healthz", { token: undefined, headers });
    expect([response.status, await response.json()]).toEqual([
      status,
      expect.objectContaining({ code }),
    ]);
  });

  test("hold a body that does not say how long it is", async () => {
    const piece = new Uint8Array(8192).fill(32);
    let pieces = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(stream) {
        pieces += 1;
        if (pieces > 100) stream.close();
        else stream.enqueue(piece);
      },
    });
    const headers = {
      Authorization: "Bearer test-admin-token",
      "Content-Type": "application/json",
    };
    const how = { method: "PUT", headers, body, duplex: "half" };
    const response = await rig.app.request("/v1/tenants/some", how);
    expect(response.status).toBe(413);
    expect(pieces).toBeLessThan(20);
  });
});

describe("a JSON body", () => {
  const rig = controlRig({ nowMs: () => nowMs, routes });
  const put = (body: BodyInit, headers: Record<string, string> = {}) =>
    rig.app.request("/v1/tenants/some", {
      method: "PUT",
      headers: {
        Authorization: "Bearer test-admin-token",
        "Content-Type": "application/json",
        ...headers,
      },
      body,
    });

  test.each([
    { name: "too deep", body: "[".repeat(65) + "]".repeat(65), error: "depth", path: "" },
    { name: "a name twice", body: `{"a":{"b":1,"b":2}}`, error: "duplicate_name", path: "b" },
    {
      name: "one of them escaped",
      body: `{"ab":1,"\\u0061b" :2}`,
      error: "duplicate_name",
      path: "ab",
    },
  ])("is refused: $name", async ({ body, error, path }) => {
    const response = await put(body);
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({
        code: "malformed",
        errors: [expect.objectContaining({ rule: error, path })],
      }),
    ]);
  });

  test.each([
    { name: "no UTF-8", body: new Uint8Array([34, 0xff, 34]), headers: {}, status: 400 },
    {
      name: "another charset",
      headers: { "Content-Type": "application/json; charset=latin1" },
      status: 415,
    },
    { name: "packed", headers: { "Content-Encoding": "gzip" }, status: 415 },
    {
      name: "an unknown media type",
      headers: { "Content-Type": "application/jsonx" },
      status: 415,
    },
    {
      name: "UTF-8 said so",
      headers: { "Content-Type": 'Application/JSON; charset="UTF-8"' },
      status: 422,
    },
    { name: "a type of its own", headers: { "Content-Type": "application/x.y+json" }, status: 422 },
    { name: "not packed", headers: { "Content-Encoding": "identity" }, status: 422 },
  ])("$name: $status", async ({ body = "{}", headers, status }) => {
    expect((await put(body, headers)).status).toBe(status);
  });

  test("is judged alike by a parser of names and by what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1), (value, space) => {
        expect(faultOfJson(JSON.stringify(value, null, space))).toBeUndefined();
        const again = `{"x":${JSON.stringify(value)},"y":[{}],"x" : null}`;
        expect(faultOfJson(again)).toMatchObject({ rule: "duplicate_name", path: "x" });
      }),
      { numRuns: runs(200) },
    );
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    expect(faultOfJson(nested(JSON_DEPTH_MAX))).toBeUndefined();
    expect(faultOfJson(nested(JSON_DEPTH_MAX + 1))).toMatchObject({ rule: "depth" });
    expect(faultOfJson(`["[[{\\"", {"a":"a"}, "a"]`)).toBeUndefined();
  });
});
