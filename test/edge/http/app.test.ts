import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PROBLEMS, problem, type ProblemCode } from "#src/edge/http/problem.ts";
import type { ApiContext, Route } from "#src/edge/http/route.ts";
import {
  ADMIN_TOKEN,
  call,
  controlRig,
  failing,
  newKey,
  newTenant,
} from "../support/control-rig.ts";
import { fails, outD1 } from "../support/out-d1.ts";

const SECRET = "hunter22-hunter22";
const publicly = (path: string, handle: Route["handle"]): Route => ({
  method: "GET",
  path,
  permission: "public",
  handle,
});
const immutable = () => {
  const answer = new Response("{}", { headers: { "Content-Type": "text/plain", "X-Own": "1" } });
  return new Proxy(answer, {});
};
const routes: Route[] = [
  publicly("/v1/contracts", () => Response.json({ a: 1 })),
  publicly("/v1/broken", () => {
    throw new Error(`Failed query: insert\nparams: ${SECRET}`, {
      cause: new Error(`at me@acme.example ${SECRET.slice(0, 0)}`),
    });
  }),
  publicly("/v1/asset", () => fetch("data:application/json,{}").catch(immutable)),
  publicly(
    "/v1/stream",
    () => new Response(new ReadableStream(), { headers: { "Content-Type": "text/event-stream" } }),
  ),
];
const rig = controlRig({ routes });
const isCode = (text: string): text is ProblemCode => text in PROBLEMS;
const lines: string[] = [];

const keep = (line: string) => void lines.push(line);

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(keep);
  vi.spyOn(console, "error").mockImplementation(keep);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("problem()", () => {
  const codes = Object.keys(PROBLEMS).filter(isCode);
  test.each(codes)("gives %s its one shape", async (code) => {
    const errors = [{ path: "a", rule: "b", message: "c" }];
    const response = problem(code, { detail: "d", errors, headers: { "X-More": "1" } });
    const { status, title } = PROBLEMS[code];
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(response.headers.get("X-More")).toBe("1");
    expect(await response.json()).toEqual({
      type: `urn:upline:problem:${code}`,
      code,
      title,
      status,
      detail: "d",
      errors,
    });
    expect(await problem(code).json()).not.toHaveProperty("detail");
  });
});

describe("createApp()", () => {
  test("answers health without credentials", async () => {
    const response = await call(rig, "GET /healthz", { token: undefined });
    expect(await response.json()).toEqual({ status: "ok", version: "v1", environment: "local" });
  });

  test("names each request itself, whatever the client calls it", async () => {
    const headers = { "Request-Id": "mine", "X-Request-Id": "mine" };
    const one = await call(rig, "GET /healthz", { headers });
    const two = await call(rig, "GET /healthz", { headers });
    const ids = [one, two].map((response) => response.headers.get("Request-Id"));
    expect(new Set([...ids, "mine"]).size).toBe(3);
    expect(one.headers.get("Server-Timing")).toMatch(/^total;dur=\d+$/);
    expect(one.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  test.each([
    { line: "GET /nowhere", status: 404, code: "not_found" },
    { line: "GET /v1/tenants", status: 404, code: "not_found" },
    {
      line: "PATCH /v1/tenants/a",
      status: 405,
      code: "method_not_allowed",
      allow: "PUT, GET, HEAD",
    },
    { line: "DELETE /healthz", status: 405, code: "method_not_allowed", allow: "GET, HEAD" },
    {
      line: "OPTIONS /v1/tenants/a/keys",
      status: 405,
      code: "method_not_allowed",
      allow: "POST, GET, HEAD",
    },
  ])("$line: $status", async ({ line, status, code, allow = null }) => {
    const response = await call(rig, line);
    expect([response.status, response.headers.get("Allow")]).toEqual([status, allow]);
    expect(await response.json()).toMatchObject({ code });
    expect(response.headers.get("Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    { name: "another media type", type: "text/plain", body: "{}", status: 415 },
    { name: "no media type", type: "", body: "{}", status: 415 },
    { name: "no JSON", type: "application/json", body: `{"${SECRET}`, status: 400 },
    { name: "an empty body", type: "application/json; charset=utf-8", body: "", status: 400 },
    { name: "a list", type: "application/json", body: "[]", status: 422 },
    {
      name: "64 KB",
      type: "application/json",
      body: JSON.stringify("x".repeat(65_534)),
      status: 422,
    },
    {
      name: "a byte more",
      type: "application/json",
      body: JSON.stringify("x".repeat(65_535)),
      status: 413,
    },
  ])("refuses a write of $name: $status", async ({ type, body, status }) => {
    const headers = { "Content-Type": type };
    const response = await call(rig, "PUT /v1/tenants/some", { headers, body });
    const text = await response.text();
    expect([response.status, JSON.parse(text).status]).toEqual([status, status]);
    expect(text).not.toContain(SECRET);
  });

  test("answers 304 to who has it already", async () => {
    const first = await call(rig, "GET /v1/contracts");
    const tag = first.headers.get("ETag") ?? "";
    const again = await call(rig, "GET /v1/contracts", {
      headers: { "If-None-Match": `"x", W/${tag}` },
    });
    expect([again.status, await again.text(), again.headers.get("ETag")]).toEqual([304, "", tag]);
    expect(again.headers.get("Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
    const other = await call(rig, "GET /v1/contracts", { headers: { "If-None-Match": '"x"' } });
    expect([other.status, await other.json()]).toEqual([200, { a: 1 }]);
  });

  test("lets streams and answers with fixed headers pass", async () => {
    const stream = await call(rig, "GET /v1/stream");
    expect([stream.status, stream.headers.get("ETag")]).toEqual([200, null]);
    const asset = await call(rig, "GET /v1/asset");
    expect([asset.status, asset.headers.get("X-Content-Type-Options")]).toEqual([200, "nosniff"]);
  });

  test("hands deliveries over untouched, before anything of the API", async () => {
    const seen: unknown[] = [];
    const ingest = async (request: Request, place: object) => {
      seen.push(place, request.method, await request.text());
      return new Response(null, { status: 202, headers: { "Request-Id": "dlv_1" } });
    };
    const response = await call(controlRig({ ingest }), "POST /in/acme/shop", {
      token: undefined,
      body: "raw",
    });
    expect([response.status, response.headers.get("Request-Id")]).toEqual([202, "dlv_1"]);
    expect(response.headers.get("Server-Timing")).toBeNull();
    expect(seen).toEqual([{ tenant: "acme", source: "shop" }, "POST", "raw"]);
  });

  test("asks to come again where more is looked up already than may be at once", async () => {
    const some = Array.from(
      { length: 60 },
      (_, i) => `upl_abcdefgh_${String(i).padStart(40, "0")}`,
    );
    const answers = await Promise.all(
      some.map((token) => call(rig, "GET /v1/tenants/x", { token })),
    );
    const kinds = new Set(answers.map(({ status }) => status));
    expect([...kinds].filter((status) => status !== 401 && status !== 503)).toEqual([]);
    for (const answer of answers.filter(({ status }) => status === 503)) {
      expect(answer.headers.get("Retry-After")).toBe("5");
    }
  });

  test("tells nothing of a failure, and the log what may be told", async () => {
    lines.length = 0;
    const response = await call(rig, "GET /v1/broken");
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      type: "urn:upline:problem:internal",
      code: "internal",
      title: "Something failed on our side",
      status: 500,
    });
    const [line = "", ...more] = lines;
    expect(more).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({
      level: "error",
      event: "request.failed",
      request_id: response.headers.get("Request-Id"),
      error: { message: "Failed query: insert", cause: { message: "at [redacted] " } },
    });
    expect(line).not.toContain(SECRET);
  });

  test("shows no secret in any answer or log line of a tenant's life", async () => {
    lines.length = 0;
    const answers: string[] = [];
    const secrets = ["core-hunter22-0", "first-hunter22-1", "second-hunter22-2"];
    const tenant = await newTenant(rig, { core: { url: "https://c.example", auth: secrets[0] } });
    const { key } = await newKey(rig, tenant, { role: "admin" });
    const source = `/v1/tenants/${tenant}/sources/shop`;
    const body = { sender: "acme", auth: { secrets: [secrets[1]] } };
    const calls: [string, unknown?][] = [
      [`PUT ${source}`, body],
      [`PUT ${source}`, { ...body, auth: { ...body.auth, scheme: secrets[1] } }],
      [`POST ${source}/rotate`, { secret: secrets[2] }],
      [`POST ${source}/rotate`, { secret: secrets[2], [String(secrets[0])]: 1 }],
      [`GET ${source}`],
      [`GET /v1/tenants/${tenant}/sources`],
      [`GET /v1/tenants/${tenant}`],
      [`GET /v1/tenants/${tenant}/keys`],
      [`GET /v1/tenants/${tenant}/audit`],
    ];
    for (const [line, given] of calls) {
      const response = await call(rig, line, { token: key, ...(given ? { body: given } : {}) });
      if (!line.includes("rotate") || response.status === 200) answers.push(await response.text());
    }
    const told = [...answers, ...lines].join("\n");
    for (const secret of [...secrets.slice(1), key, ADMIN_TOKEN])
      expect(told).not.toContain(secret);
    expect(told).toContain("…22-2");
  });
});

describe("a write while D1 is out", () => {
  const body = { role: "auditor" };
  const source = { sender: "acme", auth: { secrets: ["12345678"] } };
  const WRITES: readonly { readonly line: string; readonly body?: object }[] = [
    { line: "POST /keys", body },
    { line: "PUT /sources/shop", body: source },
    { line: "POST /sources/shop/rotate", body: { secret: "87654321", keep: 1 } },
    { line: "POST /sources/shop/resume" },
    { line: "DELETE /keys/abcdefgh" },
    { line: "PUT ", body: { name: "Acme", mode: "mirror", currency: "USD" } },
  ];

  /** A rig that knows the tenant and its key, and whose D1 is out since then. */
  async function rigOver(answer: () => Promise<never>) {
    const d1 = outD1(answer);
    d1.isOut = false;
    const own = controlRig({ d1: d1.binding });
    const tenant = await newTenant(own);
    const { key: token } = await newKey(own, tenant, { role: "admin" });
    d1.isOut = true;
    const write = (line: string, more: object = {}) =>
      call(own, line.replace(" ", ` /v1/tenants/${tenant}`), { token, ...more });
    return { d1, write };
  }

  test.each(WRITES)(
    "is 503 where it failed, and not begun again: $line",
    async ({ line, ...more }) => {
      const { d1, write } = await rigOver(fails("D1_ERROR: Network connection lost."));
      const response = await write(line, more);
      expect([response.status, response.headers.get("Retry-After"), d1.asked]).toEqual([
        503,
        "5",
        1,
      ]);
      expect(await response.json()).toMatchObject({
        code: "overloaded",
        detail: expect.stringContaining("may have been done"),
      });
    },
  );

  test.each(WRITES)(
    "leaves nothing open where it was turned away: $line",
    async ({ line, ...more }) => {
      const { d1, write } = await rigOver(
        fails("D1_ERROR: D1 DB is overloaded. Requests queued for too long."),
      );
      const response = await write(line, more);
      expect([response.status, response.headers.get("Retry-After"), d1.asked]).toEqual([
        503,
        "5",
        1,
      ]);
      expect(await response.json()).not.toHaveProperty("detail");
    },
  );

  test.each(WRITES)("is 503 where KV is out too: $line", async ({ line, ...more }) => {
    const kv = failing(env.CONFIG, "get");
    kv.broken = true;
    const own = controlRig({ d1: outD1(fails("D1_ERROR: out")).binding, kv: kv.binding });
    const token = `upl_abcdefgh_${"0".repeat(40)}`;
    const response = await call(own, line.replace(" ", " /v1/tenants/acme"), { token, ...more });
    expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "5"]);
  });

  test("is our fault where its query is wrong itself", async () => {
    const { write } = await rigOver(fails("D1_ERROR: no such column: network: SQLITE_ERROR"));
    expect((await write("POST /keys", { body })).status).toBe(500);
  });

  test.each(WRITES)("is held no longer than 30 s: $line", async ({ line, ...more }) => {
    const stall = Promise.withResolvers<never>();
    const { d1, write } = await rigOver(() => stall.promise);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let status = 0;
    const writing = write(line, more).then((response) => (status = response.status));
    await expect.poll(() => d1.asked).toBe(1);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(status).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await writing).toBe(503);
    expect(d1.asked).toBe(1);

    lines.length = 0;
    stall.reject(new Error("D1_ERROR: over"));
    await expect.poll(() => lines.length).toBe(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ event: "request.failed_late" });
  });

  test("is not held to the time that a large body takes to arrive", async () => {
    const handle = async (c: ApiContext) => new Response(await c.req.text());
    const path = "/v1/tenants/:tenant/large";
    const large = { method: "POST", path, permission: "source:read", bodyBytesMax: 1e6 } as const;
    const own = controlRig({ routes: [{ ...large, handle }] });
    const tenant = await newTenant(own);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { readable, writable } = new FixedLengthStream(1);
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Length": "1" };
    const sent = { method: "POST", headers, body: readable };
    const answer = own.app.request(`/v1/tenants/${tenant}/large`, sent);
    await scheduler.wait(50);
    await vi.advanceTimersByTimeAsync(60_000);
    const writer = writable.getWriter();
    await Promise.all([writer.write(new TextEncoder().encode("b")), writer.close()]);
    expect(await (await answer).text()).toBe("b");
  });
});
