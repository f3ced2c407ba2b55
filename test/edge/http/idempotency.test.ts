import { env } from "cloudflare:workers";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { forgetIdempotency, idempotencyStore } from "#src/edge/control/idempotency-store.ts";
import type { Route } from "#src/edge/http/route.ts";
import { call, controlRig, failing, newKey, newTenant } from "../support/control-rig.ts";
import { fails } from "../support/out-d1.ts";

const START_MS = Date.UTC(2026, 10, 22, 12);
let nowMs = START_MS;

let effects: string[] = [];
let answer: () => Response | Promise<Response> = () => new Response(null, { status: 204 });

/** A write whose effect can be counted, and whose answer a test chooses. */
const operation = (method: Route["method"], path: string, more: object = {}): Route => ({
  method,
  path: `/v1/tenants/:tenant/${path}`,
  permission: "source:write",
  handle: async (c) => {
    effects.push(await c.req.text());
    return answer();
  },
  ...more,
});
const routes = [
  operation("POST", "things"),
  operation("POST", "others"),
  operation("PUT", "things"),
  operation("DELETE", "things"),
  operation("GET", "things"),
  operation("POST", "trials", { permission: "source:read" }),
  operation("DELETE", "things/lasting", { isRepeatable: true }),
];
const rig = controlRig({ nowMs: () => nowMs, routes });
const tenant = await newTenant(rig);
const things = `/v1/tenants/${tenant}/things`;

const fresh = () => crypto.randomUUID();
const keyed = (key: string) => ({
  headers: { "Idempotency-Key": key, "Content-Type": "text/plain" },
});

async function ask(line: string, key: string, more: object = {}) {
  const response = await call(rig, line, { ...keyed(key), body: "b", ...more });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const replayed = response.headers.get("Idempotency-Replayed");
  return { response, bytes, status: response.status, replayed };
}

function answering(how: typeof answer): void {
  effects = [];
  answer = how;
}

const codeOf = ({ bytes }: { bytes: Uint8Array }): unknown =>
  JSON.parse(new TextDecoder().decode(bytes)).code;

const rowOf = (key: string) =>
  env.MIRROR_0.prepare("SELECT * FROM idempotency WHERE key = ?").bind(key).first();

describe("the same write again", () => {
  const odd = new Uint8Array([0, 255, 10, 34, 195, 40]);
  test.each([
    {
      name: "JSON with headers",
      how: () =>
        Response.json(
          { a: "é", n: 1e21 },
          { status: 201, headers: { Location: "/x", "X-Own": "1" } },
        ),
    },
    { name: "no content", how: () => new Response(null, { status: 204 }) },
    { name: "an empty body", how: () => new Response("", { status: 200 }) },
    {
      name: "bytes that are no text",
      how: () => new Response(odd, { headers: { "Content-Type": "application/octet-stream" } }),
    },
    { name: "a refusal", how: () => new Response("no", { status: 422 }) },
    { name: "something that is not there", how: () => new Response("no", { status: 404 }) },
  ])("has the same answer: $name", async ({ how }) => {
    answering(how);
    const key = fresh();
    const first = await ask(`POST ${things}`, key);
    answering(() => new Response("another"));
    const again = await ask(`POST ${things}`, key);
    expect(effects).toEqual([]);
    expect([first.replayed, again.replayed]).toEqual([null, "true"]);
    expect([again.status, again.bytes]).toEqual([first.status, first.bytes]);
    for (const name of ["Content-Type", "Location", "X-Own", "Cache-Control"]) {
      expect(again.response.headers.get(name)).toBe(first.response.headers.get(name));
    }
    expect(again.response.headers.get("Request-Id")).not.toBe(
      first.response.headers.get("Request-Id"),
    );
  });

  test.each(["POST", "PUT", "DELETE"])("is done once: %s", async (method) => {
    answering(() => new Response(null, { status: 204 }));
    const key = fresh();
    for (let i = 0; i < 3; i += 1) await ask(`${method} ${things}`, key);
    expect(effects).toEqual(["b"]);
  });

  test("is done once of twenty at once", async () => {
    answering(async () => {
      await scheduler.wait(20);
      return Response.json({ done: effects.length });
    });
    const key = fresh();
    const many = await Promise.all(Array.from({ length: 20 }, () => ask(`POST ${things}`, key)));
    expect(effects.length).toBe(1);
    const done = many.filter(({ status }) => status === 200);
    expect(new Set(done.map(({ bytes }) => bytes.join()))).toEqual(
      new Set([done[0]?.bytes.join()]),
    );
    const others = many.filter(({ status }) => status !== 200);
    expect(done.filter(({ replayed }) => replayed === null).length).toBe(1);
    for (const other of others) {
      expect([other.status, codeOf(other)]).toEqual([409, "idempotency_in_progress"]);
      expect(other.response.headers.get("Retry-After")).toBe("1");
    }
    expect((await ask(`POST ${things}`, key)).replayed).toBe("true");
  });

  test("has it for a day", async () => {
    answering(() => Response.json({}));
    const key = fresh();
    await ask(`POST ${things}`, key);
    nowMs = START_MS + 86_399_999;
    expect((await ask(`POST ${things}`, key)).replayed).toBe("true");
    nowMs = START_MS;
    expect(effects.length).toBe(1);
  });

  test("is done each time without the header, and a read whatever it says", async () => {
    answering(() => Response.json({}));
    await call(rig, `POST ${things}`, { body: "b" });
    await call(rig, `POST ${things}`, { body: "b" });
    const key = fresh();
    await call(rig, `GET ${things}`, keyed(key));
    await call(rig, `GET ${things}`, keyed(key));
    expect(effects.length).toBe(4);
    expect(await rowOf(key)).toBeNull();
  });

  test("gives a new API key again, which D1 does not show", async () => {
    const key = fresh();
    const path = `POST /v1/tenants/${tenant}/keys`;
    const how = { headers: { "Idempotency-Key": `"${key}"` }, body: { role: "support" } };
    const first = await (await call(rig, path, how)).text();
    const again = await (await call(rig, path, how)).text();
    expect(again).toBe(first);
    const made: { key: string; key_id: string } = JSON.parse(first);
    expect(JSON.stringify(await rowOf(key))).not.toContain(made.key_id);
    const list = await call(rig, `GET /v1/tenants/${tenant}/keys?limit=200`);
    expect((await list.text()).split(`"key_id":"${made.key_id}"`).length).toBe(2);
  });

  test("creates a tenant once, and keeps nothing of a refusal before there is one", async () => {
    const key = fresh();
    const name = `t${fresh()}`;
    const body = { name: "Acme", mode: "mirror", currency: "USD" };
    const how = { headers: { "Idempotency-Key": key }, body };
    const refused = await call(rig, `PUT /v1/tenants/${name}`, { ...how, body: {} });
    expect(refused.status).toBe(422);
    expect(await rowOf(key)).toBeNull();
    const first = await call(rig, `PUT /v1/tenants/${name}`, how);
    const again = await call(rig, `PUT /v1/tenants/${name}`, how);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await again.text()).toBe(await first.text());
  });
});

describe("the key", () => {
  test.each([
    { name: "another body", line: `POST ${things}`, more: { body: "c" } },
    { name: "another path", line: `POST /v1/tenants/${tenant}/others`, more: {} },
    { name: "another method", line: `PUT ${things}`, more: {} },
    { name: "another query", line: `POST ${things}?a=1`, more: {} },
  ])("is refused for $name", async ({ line, more }) => {
    answering(() => Response.json({}));
    const key = fresh();
    await ask(`POST ${things}`, key);
    const refused = await ask(line, key, more);
    expect([refused.status, codeOf(refused)]).toEqual([422, "idempotency_key_reused"]);
    expect(effects.length).toBe(1);
  });

  test("is each caller's and each tenant's own", async () => {
    answering(() => Response.json({}));
    const other = await newTenant(rig);
    const one = await newKey(rig, tenant, { role: "admin" });
    const two = await newKey(rig, tenant, { role: "admin" });
    const key = fresh();
    const given = [
      await ask(`POST ${things}`, key, { token: one.key }),
      await ask(`POST ${things}`, key, { token: two.key }),
      await ask(`POST ${things}`, key),
      await ask(`POST /v1/tenants/${other}/things`, key),
    ];
    expect(given.map(({ replayed }) => replayed)).toEqual([null, null, null, null]);
    expect(effects.length).toBe(4);
  });

  test("is a person's own as long as its role stays: another one is given nothing of before", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "k" };
    const jwt = { issuer: "i", audience: "a", jwks: { keys: [jwk] }, roles: ["admin", "operator"] };
    const of = await newTenant(rig, { access: { jwt } });
    const nowS = START_MS / 1000;
    const as = async (role: string, sub: string) =>
      new SignJWT({ role, iss: "i", aud: "a", sub, nbf: nowS - 10, exp: nowS + 600 })
        .setProtectedHeader({ alg: "ES256", kid: "k" })
        .sign(privateKey);
    answering(() => Response.json({ n: effects.length }));
    const key = fresh();
    const made = async (role: string, sub = "u1") => {
      const token = await as(role, sub);
      const { status, replayed } = await ask(`POST /v1/tenants/${of}/things`, key, { token });
      return [status, replayed, effects.length];
    };
    expect(await made("admin")).toEqual([200, null, 1]);
    expect(await made("operator")).toEqual([200, null, 2]);
    expect(await made("admin")).toEqual([200, "true", 2]);
    expect(await made("operator")).toEqual([200, "true", 2]);
    expect(await made("admin", "u2")).toEqual([200, null, 3]);
  });

  test("tells nobody anything who may not write", async () => {
    answering(() => Response.json({ secret: 1 }));
    const { key: token } = await newKey(rig, tenant, { role: "auditor" });
    const key = fresh();
    await ask(`POST ${things}`, key);
    expect((await ask(`POST ${things}`, key, { token })).status).toBe(403);
    expect((await ask(`POST ${things}`, key, { token: undefined })).status).toBe(401);
  });

  test.each([
    { name: "a string", text: `"k 1, \\"x\\""` },
    { name: "a string with parameters", text: `"k2";a=1` },
    { name: "bare", text: "a~!.K-3" },
    { name: "255 characters", text: "x".repeat(255) },
    { name: "255 characters, quoted", text: `"${"y".repeat(255)}"` },
  ])("may be $name", async ({ text }) => {
    answering(() => Response.json({}));
    expect((await ask(`POST ${things}`, text)).status).toBe(200);
    expect((await ask(`POST ${things}`, text)).replayed).toBe("true");
  });

  test("is the same bare and quoted", async () => {
    answering(() => Response.json({}));
    const key = fresh();
    await ask(`POST ${things}`, key);
    expect((await ask(`POST ${things}`, `"${key}"`)).replayed).toBe("true");
  });

  test.each([
    { name: "empty", text: "" },
    { name: "an empty string", text: `""` },
    { name: "256 characters", text: "x".repeat(256) },
    { name: "256 characters, quoted", text: `"${"x".repeat(256)}"` },
    { name: "two of them", text: "a, b" },
    { name: "two strings", text: `"a", "b"` },
    { name: "an open string", text: `"a` },
    { name: "not ASCII", text: "é" },
    { name: "a space", text: "a b" },
  ])("is refused: $name", async ({ text }) => {
    answering(() => Response.json({}));
    const refused = await ask(`POST ${things}`, text);
    expect([refused.status, codeOf(refused)]).toEqual([400, "parameter_invalid"]);
    expect(JSON.parse(new TextDecoder().decode(refused.bytes)).errors[0].path).toBe(
      "Idempotency-Key",
    );
    expect(effects).toEqual([]);
  });
});

describe("what was not decided", () => {
  test.each([
    { status: 500, how: () => Promise.reject(new Error("out")) },
    { status: 503, how: () => new Response(null, { status: 503 }) },
    { status: 429, how: () => new Response(null, { status: 429 }) },
    { status: 415, how: () => new Response(null, { status: 415 }) },
    { status: 409, how: () => new Response(null, { status: 409 }) },
    { status: 403, how: () => new Response(null, { status: 403 }) },
  ])("is done anew: $status", async ({ status, how }) => {
    const key = fresh();
    answering(how);
    expect((await ask(`POST ${things}`, key)).status).toBe(status);
    expect(await rowOf(key)).toBeNull();
    answering(() => Response.json({}));
    expect([(await ask(`POST ${things}`, key)).status, effects.length]).toEqual([200, 1]);
  });

  test("is taken over by one after a minute, where a request died", async () => {
    const store = idempotencyStore({ d1: env.MIRROR_0, keyring: rig.keyring });
    const write = { tenant, caller: "c", key: fresh(), fingerprint: "f" };
    const first = await store.claim(write, START_MS);
    expect((await store.claim(write, START_MS + 59_999)).kind).toBe("in_progress");
    const later = await Promise.all(
      Array.from({ length: 10 }, (_, i) => store.claim(write, START_MS + 60_000 + i)),
    );
    const kinds = later.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(["claimed", ...Array.from({ length: 9 }, () => "in_progress")]);

    // The dead one comes to life: the claim is not its own any more.
    if (first.kind !== "claimed") throw new Error(first.kind);
    await store.settle(first.claim, { status: 200, headers: [], body: "" });
    await store.release(first.claim);
    expect((await store.claim(write, START_MS + 60_100)).kind).toBe("in_progress");
    const another = { ...write, fingerprint: "g" };
    expect((await store.claim(another, START_MS + 200_000)).kind).toBe("reused");
  });

  test("answers the caller even where its answer cannot be kept", async () => {
    const keyring = rig.keyring;
    const d1 = failing(env.MIRROR_0, "prepare");
    const store = idempotencyStore({ d1: env.MIRROR_0, keyring });
    const broken = idempotencyStore({ d1: d1.binding, keyring });
    const settle: typeof broken.settle = (...given) => broken.settle(...given);
    d1.broken = true;
    const odd = controlRig({ routes, idempotency: { ...store, settle }, nowMs: () => nowMs });
    answering(() => Response.json({ done: true }));
    const response = await call(odd, `POST ${things}`, { ...keyed(fresh()), body: "b" });
    expect([response.status, await response.json()]).toEqual([200, { done: true }]);
  });
});

describe("a write of which it is not known whether it was done", () => {
  const CONNECTION_LOST = "D1_ERROR: Network connection lost.";
  /** More than any wait for D1 but that for the write itself. */
  const WRITE_MS = 30_000;
  const store = idempotencyStore({ d1: env.MIRROR_0, keyring: rig.keyring });
  const own = (idempotency: Partial<typeof store>) =>
    controlRig({ routes, idempotency: { ...store, ...idempotency }, nowMs: () => nowMs });

  afterEach(() => {
    vi.useRealTimers();
    nowMs = START_MS;
  });

  /** A write that is answered before it has ended; from then on a test can end it. */
  async function stalled(key: string) {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    answering(() => promise);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const asked = ask(`POST ${things}`, key);
    await expect.poll(() => effects.length).toBe(1);
    await vi.advanceTimersByTimeAsync(WRITE_MS);
    const { status, response, bytes } = await asked;
    vi.useRealTimers();
    expect([status, response.headers.get("Retry-After")]).toEqual([503, "5"]);
    const { detail } = JSON.parse(new TextDecoder().decode(bytes));
    expect(detail).toContain("same Idempotency-Key");
    return { resolve, reject };
  }

  const inProgress = async (key: string) => {
    const again = await ask(`POST ${things}`, key);
    expect([again.status, codeOf(again)]).toEqual([409, "idempotency_in_progress"]);
    expect(again.response.headers.get("Retry-After")).toBe("1");
  };
  const doneAnew = async (key: string) => {
    answering(() => Response.json({ done: "anew" }));
    expect([(await ask(`POST ${things}`, key)).status, effects.length]).toEqual([200, 1]);
  };

  test("has the first answer, once there is one", async () => {
    const key = fresh();
    const { resolve } = await stalled(key);
    await inProgress(key);
    resolve(Response.json({ done: "late" }, { status: 201 }));
    await expect.poll(async () => (await rowOf(key))?.["answer"]).toEqual(expect.any(String));
    const again = await ask(`POST ${things}`, key);
    expect([again.status, again.replayed]).toEqual([201, "true"]);
    expect(effects.length).toBe(1);
  });

  test("is done anew as soon as it is known that it was not", async () => {
    const key = fresh();
    const { reject } = await stalled(key);
    await inProgress(key);
    reject(new Error("Cannot do that"));
    await expect.poll(() => rowOf(key)).toBeNull();
    await doneAnew(key);
  });

  test("is done anew after a minute where that never gets known", async () => {
    const key = fresh();
    const { reject } = await stalled(key);
    reject(new Error(CONNECTION_LOST));
    nowMs = START_MS + 59_999;
    await inProgress(key);
    nowMs = START_MS + 60_000;
    await doneAnew(key);
    expect((await ask(`POST ${things}`, key)).replayed).toBe("true");
  });

  test("keeps its key where the connection was lost over it", async () => {
    const key = fresh();
    answering(fails(CONNECTION_LOST));
    expect((await ask(`POST ${things}`, key)).status).toBe(503);
    await inProgress(key);
    nowMs = START_MS + 60_000;
    await doneAnew(key);
  });

  test.each([
    {
      name: "D1 turned it away",
      line: `POST ${things}`,
      message: "D1_ERROR: D1 DB is overloaded.",
    },
    {
      name: "it changes nothing",
      line: `POST /v1/tenants/${tenant}/trials`,
      message: CONNECTION_LOST,
    },
    { name: "it can be repeated", line: `DELETE ${things}/lasting`, message: CONNECTION_LOST },
  ])("is another one than where $name", async ({ line, message }) => {
    const key = fresh();
    answering(fails(message));
    expect((await ask(line, key)).status).toBe(503);
    answering(() => Response.json({}));
    expect([(await ask(line, key)).status, effects.length]).toEqual([200, 1]);
  });

  test("is not begun where its key cannot be had in time, and leaves that free", async () => {
    const gate = Promise.withResolvers<void>();
    const claimed: string[] = [];
    const slow = own({
      async claim(...given) {
        await gate.promise;
        const claiming = await store.claim(...given);
        claimed.push(claiming.kind);
        return claiming;
      },
    });
    const key = fresh();
    answering(() => Response.json({}));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await slow.directory.tenant(tenant);
    const asked = call(slow, `POST ${things}`, { ...keyed(key), body: "b" });
    await scheduler.wait(50);
    await vi.advanceTimersByTimeAsync(10_000);
    const { status, headers } = await asked;
    vi.useRealTimers();
    expect([status, headers.get("Retry-After"), effects.length]).toEqual([503, "5", 0]);
    gate.resolve();
    await expect.poll(() => claimed).toEqual(["claimed"]);
    await expect.poll(() => rowOf(key)).toBeNull();
    await doneAnew(key);
  });

  test("is not what it is where only its answer cannot be kept in time", async () => {
    const stall = Promise.withResolvers<void>();
    const slow = own({ settle: () => stall.promise });
    answering(() => Response.json({ done: true }));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await slow.directory.tenant(tenant);
    const asked = call(slow, `POST ${things}`, { ...keyed(fresh()), body: "b" });
    await expect.poll(() => effects.length).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await (await asked).json()).toEqual({ done: true });
    stall.resolve();
  });

  test("makes one API key, also where D1 stalls over the first attempt for longer than a minute", async () => {
    const gate = Promise.withResolvers<void>();
    let batches = 0;
    const stalling = (session: D1DatabaseSession) => ({
      prepare: (query: string) => session.prepare(query),
      getBookmark: () => session.getBookmark(),
      async batch(statements: D1PreparedStatement[]) {
        batches += 1;
        if (batches === 1) await gate.promise;
        return session.batch(statements);
      },
    });
    const d1 = new Proxy(env.MIRROR_0, {
      get(real, name) {
        if (name === "withSession") return (from: string) => stalling(real.withSession(from));
        const value: unknown = Reflect.get(real, name);
        return typeof value === "function" ? value.bind(real) : value;
      },
    });
    const slow = controlRig({ d1, nowMs: () => nowMs });
    const of = await newTenant(rig);
    const headers = { "Idempotency-Key": fresh() };
    const make = () =>
      call(slow, `POST /v1/tenants/${of}/keys`, { headers, body: { role: "auditor" } });

    const first = make();
    await expect.poll(() => batches).toBe(1);
    nowMs = START_MS + 60_000;
    const second = await make();
    expect(second.status).toBe(201);
    gate.resolve();
    const late = await first;
    expect([late.status, late.headers.get("Retry-After")]).toEqual([409, "1"]);
    expect(await late.json()).toMatchObject({ code: "idempotency_in_progress" });

    const third = await make();
    expect(third.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await third.text()).toBe(await second.text());
    const list = await call(rig, `GET /v1/tenants/${of}/keys`);
    expect((await list.json<{ items: object[] }>()).items.length).toBe(1);
    const trail = await call(rig, `GET /v1/tenants/${of}/audit`);
    expect((await trail.text()).split('"key.create"').length).toBe(2);
  });
});

describe("an answer too long to be kept", () => {
  const long = () => new Response("x".repeat(64 * 1024 + 1));

  test("is not given again, and its write is not done again", async () => {
    answering(long);
    const key = fresh();
    expect((await ask(`POST ${things}`, key)).status).toBe(200);
    const again = await ask(`POST ${things}`, key);
    expect([again.status, codeOf(again), again.replayed]).toEqual([
      409,
      "idempotency_answer_lost",
      "true",
    ]);
    expect(effects.length).toBe(1);
  });

  test("is made again where nothing was changed", async () => {
    answering(long);
    const key = fresh();
    await ask(`POST /v1/tenants/${tenant}/trials`, key);
    expect((await ask(`POST /v1/tenants/${tenant}/trials`, key)).status).toBe(200);
    expect(effects.length).toBe(2);
  });
});

test("keys are forgotten after a day", async () => {
  answering(() => Response.json({}));
  const [old, young] = [fresh(), fresh()];
  await ask(`POST ${things}`, old);
  nowMs = START_MS + 60_000;
  await ask(`POST ${things}`, young);
  nowMs = START_MS + 86_400_000;
  expect((await ask(`POST ${things}`, old, { body: "c" })).status).toBe(200);
  nowMs = START_MS + 86_400_000 + 30_000;
  await env.MIRROR_0.prepare("UPDATE idempotency SET created_ms = ? WHERE key = ?")
    .bind(START_MS, old)
    .run();
  expect(await forgetIdempotency(env.MIRROR_0, nowMs)).toBeGreaterThan(0);
  expect(await rowOf(old)).toBeNull();
  expect(await rowOf(young)).not.toBeNull();
  expect(await forgetIdempotency(env.MIRROR_0, nowMs)).toBe(0);
});
