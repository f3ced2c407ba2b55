import { REQUESTS_PER_QUESTION } from "#src/edge/http/throttle.ts";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { type Permission, PERMISSIONS } from "#src/core/access.ts";
import { type Role, ROLES } from "#src/edge/control/directory.ts";
import type { Route } from "#src/edge/http/route.ts";
import { call, controlRig, failing, newKey, newTenant } from "../support/control-rig.ts";

/** Stands for the reads: a page of one distributor, and one of the whole tenant. */
const reads: Route[] = [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/distributors/:distributor",
    permission: "status:read",
    handle: (c) => Response.json({ id: c.req.param("distributor"), shard: c.get("tenant").shard }),
  },
  {
    method: "GET",
    path: "/v1/tenants/:tenant/ledger/balances",
    permission: "ledger:read",
    handle: () => Response.json({}),
  },
];
const rig = controlRig({ routes: reads });
const tenant = await newTenant(rig);
const other = await newTenant(rig);
const keys = new Map<Role, string>();
for (const role of ROLES) {
  const body = role === "distributor" ? { role, subject: "d1" } : { role };
  keys.set(role, (await newKey(rig, tenant, body)).key);
}

const lineOf = ({ method, path }: Route, of: string, distributor = "d1") =>
  `${method} ${path
    .replace(":tenant", of)
    .replace(":distributor", distributor)
    .replace(":source", "none")
    .replace(":key", "none")}`;
const guarded = rig.routes.filter(({ permission }) => permission !== "public");
const cases = guarded.flatMap((route) => ROLES.map((role) => ({ route, role })));
const body = (route: Route) => (route.method === "GET" ? {} : { body: {} });

describe("every route × every role", () => {
  test.each(cases)("$route.method $route.path as $role", async ({ route, role }) => {
    const token = keys.get(role);
    const isOwnPage = route.path.includes(":distributor");
    const granted: ReadonlySet<Permission | "public"> = PERMISSIONS[role];
    const isAllowed = granted.has(route.permission) && (role !== "distributor" || isOwnPage);
    const own = await call(rig, lineOf(route, tenant), { token, ...body(route) });
    const refusal = own.status === 403 ? await own.json() : undefined;
    expect(refusal).toEqual(isAllowed ? undefined : FORBIDDEN);

    const theirs = await call(rig, lineOf(route, other), { token, ...body(route) });
    const nobody = await call(rig, lineOf(route, "no-such-tenant"), { token, ...body(route) });
    expect([theirs.status, await theirs.json()]).toEqual([404, NOT_FOUND]);
    expect([nobody.status, await nobody.json()]).toEqual([404, NOT_FOUND]);
  });

  const credentials = [
    { name: "no credential", token: undefined },
    { name: "a made-up key", token: `upl_AAAAAAAA_${"A".repeat(40)}` },
    { name: "a malformed key", token: "upl_x" },
    { name: "a token like ADMIN_TOKEN", token: "test-admin-tokeN" },
    { name: "an endless token", token: "x".repeat(5000) },
  ];
  test.each(credentials)("refuses $name alike everywhere", async ({ token }) => {
    for (const route of guarded) {
      for (const of of [tenant, "no-such-tenant"]) {
        const response = await call(rig, lineOf(route, of), { token, ...body(route) });
        expect([response.status, await response.json()]).toEqual([401, UNAUTHORIZED]);
        expect(response.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
      }
    }
  });

  test("refuses a valid key in the wrong scheme", async () => {
    const headers = { Authorization: `Basic ${keys.get("admin")}` };
    const response = await call(rig, `GET /v1/tenants/${tenant}`, { token: undefined, headers });
    expect(response.status).toBe(401);
  });

  test("lets ADMIN_TOKEN in, and tells it that a tenant does not exist", async () => {
    expect((await call(rig, `GET /v1/tenants/${tenant}`)).status).toBe(200);
    for (const route of guarded.filter(({ createsTenant }) => createsTenant !== true)) {
      const response = await call(rig, lineOf(route, "no-such-tenant"), body(route));
      expect(response.status).toBe(404);
    }
  });
});

describe("a distributor's key", () => {
  test.each([
    { name: "its own page", id: "d1", status: 200 },
    { name: "another's page", id: "d2", status: 404 },
    { name: "a name that only starts the same", id: "d1%2F", status: 404 },
  ])("$name: $status", async ({ id, status }) => {
    const line = `GET /v1/tenants/${tenant}/distributors/${id}`;
    expect((await call(rig, line, { token: keys.get("distributor") })).status).toBe(status);
  });

  test("decodes the distributor of the path once", async () => {
    const subject = "a/b %2F é";
    const { key } = await newKey(rig, tenant, { role: "distributor", subject });
    const line = `GET /v1/tenants/${tenant}/distributors/${encodeURIComponent(subject)}`;
    const response = await call(rig, line, { token: key });
    expect(await response.json()).toEqual({ id: subject, shard: 0 });
  });

  test("refuses an id longer than any", async () => {
    const line = `GET /v1/tenants/${tenant}/distributors/${"x".repeat(129)}`;
    expect((await call(rig, line)).status).toBe(400);
  });
});

describe("the rate limit", () => {
  test("holds per credential and says when to come back", async () => {
    const limited = controlRig({ rate: env.API_RATE, routes: reads });
    const wait = controlRig({ rate: { limit: async ({ key }) => ({ success: !seen.push(key) }) } });
    const seen: string[] = [];
    const ask = () => call(wait, `GET /v1/tenants/${tenant}`, { token: keys.get("admin") });
    for (let i = 1; i < REQUESTS_PER_QUESTION; i += 1) expect((await ask()).status).toBe(200);
    expect(seen).toEqual([]);
    // Nobody waits for a question that stands for many: its answer is for the next one.
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "10"]);
    expect(refused.headers.get("RateLimit")).toBe('"key";r=0;t=10, "tenant";r=119949;t=60');
    expect(await refused.json()).toMatchObject({ code: "rate_limited", status: 429 });
    expect(seen.join()).toMatch(/^key:\["t/);
    expect((await ask()).status).toBe(429);
    const another = await call(wait, `GET /v1/tenants/${tenant}`, { token: keys.get("auditor") });
    expect(another.status).toBe(200);
    expect((await call(limited, `GET /v1/tenants/${tenant}`)).status).toBe(200);
  });

  test("lets everybody through while it is out", async () => {
    const rate = failing(env.API_RATE, "limit");
    rate.broken = true;
    const open = controlRig({ rate: rate.binding });
    for (let i = 0; i <= REQUESTS_PER_QUESTION; i += 1) {
      expect((await call(open, `GET /v1/tenants/${tenant}`)).status).toBe(200);
    }
    expect(rate.calls).toBe(1);
  });
});

const shape = (code: string, status: number, title: string) => ({
  type: `urn:upline:problem:${code}`,
  code,
  status,
  title,
});
const FORBIDDEN = shape("forbidden", 403, "The credentials do not allow this");
const NOT_FOUND = shape("not_found", 404, "Not found");
const UNAUTHORIZED = shape("unauthorized", 401, "No valid credentials");
