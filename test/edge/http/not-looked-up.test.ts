import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { hashOf } from "#src/edge/control/hash.ts";
import { keyCopy } from "#src/edge/control/published.ts";
import { ADDRESS_FAILURES } from "#src/edge/http/throttle.ts";
import { call, controlRig, failing, newKey, newTenant } from "../support/control-rig.ts";

/** Asks nothing of D1 itself. */
const routes = [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/things",
    permission: "tenant:read",
    handle: () => Response.json({}),
  },
] as const;

const fresh = controlRig({ routes });
const tenant = await newTenant(fresh);
const { key } = await newKey(fresh, tenant, { role: "admin" });

const madeUp = () => `upl_AAAAAAAA_${crypto.randomUUID().replaceAll("-", "")}`;
const absent = () => `absent-${crypto.randomUUID()}`;
const STRANGERS = [
  { name: "a made-up key", token: madeUp },
  { name: "a JWT", token: () => "eyJhbGciOiJFUzI1NiJ9.e30.AA" },
  { name: "a link", token: () => "upt_e30.AA" },
];

const things = (of: string) => `GET /v1/tenants/${of}/things`;

/** All that tells one answer from another, but its own name and time, and how often was asked. */
async function shown(response: Response) {
  const own = new Set(["request-id", "server-timing", "ratelimit"]);
  const headers = [...response.headers].filter(([name]) => !own.has(name));
  return { status: response.status, headers, body: await response.text() };
}

const leftOf = (response: Response): number =>
  Number(/"address";r=(\d+)/.exec(response.headers.get("RateLimit") ?? "")?.[1]);

describe.each(STRANGERS)("strangers with $name", ({ token }) => {
  test("are answered alike of every tenant while made-up names are all that D1 is asked for", async () => {
    const held: (() => void)[] = [];
    const hold = () => new Promise<void>((resolve) => held.push(resolve));
    const d1 = new Proxy(env.MIRROR_0, {
      get: (target, name) =>
        name === "prepare"
          ? () => ({ bind: () => ({ raw: () => hold().then(() => []) }) })
          : Reflect.get(target, name),
    });
    const rig = controlRig({ routes, d1 });
    const flood = Array.from({ length: 40 }, () => call(rig, things(absent()), { token: token() }));
    const ask = async (of: string) => shown(await call(rig, things(of), { token: token() }));
    await expect.poll(() => held.length).toBe(32);
    const answers = await Promise.all([ask(tenant), ask(absent()), ask(tenant), ask(absent())]);
    for (const go of held) go();
    const flooded = await Promise.all(flood);
    expect(answers[0]?.status).toBe(401);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(new Set(flooded.map(({ status }) => status))).toEqual(new Set([401]));
    // Each of them counts against where it came from.
    expect(Math.min(...flooded.map(leftOf))).toBe(ADDRESS_FAILURES - 44);
  });

  test("are answered alike of every tenant while D1 is out", async () => {
    const d1 = failing(env.MIRROR_0, "prepare");
    d1.broken = true;
    const rig = controlRig({ routes, d1: d1.binding });
    const first = await call(rig, things(absent()), { token: token() });
    const last = await call(rig, things(tenant), { token: token() });
    expect([first, last].map(leftOf)).toEqual([ADDRESS_FAILURES - 1, ADDRESS_FAILURES - 2]);
    expect(first.status).toBe(401);
    expect(await shown(first)).toEqual(await shown(last));
    expect(d1.calls).toBeGreaterThan(0);
  });
});

describe("while D1 is out", () => {
  const outside = () => {
    const d1 = failing(env.MIRROR_0, "prepare");
    const kv = failing(env.CONFIG, "get");
    d1.broken = true;
    return { d1, kv, rig: controlRig({ routes, d1: d1.binding, kv: kv.binding }) };
  };
  const asOwner = ({ rig }: ReturnType<typeof outside>, token = key) =>
    call(rig, things(tenant), { token });

  test("a key of which KV has its copy holds", async () => {
    const one = outside();
    expect((await asOwner(one)).status).toBe(200);
  });

  test("a key so new that KV has none is no credential yet, and is one as soon as D1 is back", async () => {
    const made = await newKey(fresh, tenant, { role: "admin" });
    await env.CONFIG.delete(keyCopy(hashOf(made.key)));
    const one = outside();
    expect((await asOwner(one, made.key)).status).toBe(401);
    one.d1.broken = false;
    expect((await asOwner(one, made.key)).status).toBe(200);
  });

  test("and KV too, a key is not called wrong: 503, which counts like any failure", async () => {
    const one = outside();
    one.kv.broken = true;
    for (const token of [key, madeUp()]) {
      const answer = await asOwner(one, token);
      expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "5"]);
      expect(await answer.json()).toMatchObject({ code: "overloaded" });
    }
    one.kv.broken = false;
    expect(leftOf(await asOwner(one, madeUp()))).toBe(ADDRESS_FAILURES - 3);
    expect((await asOwner(one)).status).toBe(200);
  });

  test("and KV too, a token tells nothing of tenants that this server happens to know", async () => {
    const one = outside();
    await one.rig.directory.tenant(tenant);
    one.kv.broken = true;
    const token = "eyJhbGciOiJFUzI1NiJ9.e30.AA";
    const known = await call(one.rig, things(tenant), { token });
    expect(known.status).toBe(401);
    const unknown = await call(one.rig, things(absent()), { token });
    expect(await shown(unknown)).toEqual(await shown(known));
  });
});
