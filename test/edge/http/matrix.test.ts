import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { may, type Permission } from "#src/core/access.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { ROLES } from "#src/edge/control/directory.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import openapi from "../../../public/openapi.json";
import { foundCompany, ORIGIN, w2 } from "../support/company.ts";

const ours = await foundCompany();
const theirs = await foundCompany();
await ours.enrol("B");
await ours.post(w2("B")[0] ?? {});
await ours.settled(["B-1"]);

/** Every operation that OpenAPI tells of and that is not public. */
const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  path.startsWith("/v1/tenants/")
    ? Object.keys(methods)
        .filter((method) => ["get", "put", "post", "delete"].includes(method))
        .map((method) => ({ method: method.toUpperCase(), path }))
    : [],
);

/** The reads as they are composed, with their permissions. */
const permissions = new Map(
  readRoutes(readPorts(createParts(env))).map(({ method, path, permission }) => [
    `${method} ${path.replaceAll(/:(\w+)/g, "{}")}`,
    permission,
  ]),
);

const keyOf = async (tenant: typeof ours, role: string): Promise<string> => {
  const subject = role === "distributor" ? { subject: "B" } : {};
  const made = await tenant.api(`POST /v1/tenants/${tenant.tenant}/keys`, { role, ...subject });
  return (await made.json<{ key: string }>()).key;
};

const fill = (path: string, tenant: string, distributor: string): string =>
  path
    .replace("{tenant}", tenant)
    .replace("{distributor}", distributor)
    .replaceAll(/\{\w+\}/g, "none");

const ask = (method: string, path: string, token: string | undefined) =>
  exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      "Content-Type": "application/json",
    },
    // Nothing that any of them would take: what matters is who gets so far.
    ...(method === "GET" || method === "DELETE" ? {} : { body: "[]" }),
  });

test("knows of every operation", () => {
  expect(operations.length).toBeGreaterThan(25);
});

describe.each(ROLES)("a key of role %s", (role) => {
  test("finds nothing of another tenant's, whatever it asks", async () => {
    const token = await keyOf(ours, role);
    for (const { method, path } of operations) {
      const response = await ask(method, fill(path, theirs.tenant, "B"), token);
      expect(`${method} ${path} ${response.status}`).toBe(`${method} ${path} 404`);
    }
  });

  test("gets no further at home than its role allows", async () => {
    const token = await keyOf(ours, role);
    for (const { method, path } of operations) {
      const known = permissions.get(`${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`);
      const { status } = await ask(method, fill(path, ours.tenant, "B"), token);
      expect(`${method} ${path} ${status < 500}`).toBe(`${method} ${path} true`);
      if (known === undefined || known === "public") continue;
      const expected = allowed(role, known, path.includes("{distributor}"));
      expect(`${method} ${path} ${status !== 403}`).toBe(`${method} ${path} ${expected}`);
    }
  });
});

const allowed = (role: (typeof ROLES)[number], permission: Permission, isOwn: boolean): boolean =>
  may(
    { tenant: "t", role, ...(role === "distributor" ? { subject: "B" } : {}) },
    permission,
    isOwn ? { tenant: "t", distributorId: "B" } : { tenant: "t" },
  ) !== "forbidden";

test.each([
  { name: "no credential", token: undefined },
  { name: "a malformed one", token: "upl_x" },
  { name: "an unknown key", token: `upl_abcdefgh_${"0".repeat(32)}` },
])("$name is refused alike everywhere", async ({ token }) => {
  const bodies = new Set<string>();
  for (const { method, path } of operations) {
    const response = await ask(method, fill(path, ours.tenant, "B"), token);
    bodies.add(`${response.status} ${await response.text()}`);
  }
  expect(bodies.size).toBe(1);
  expect([...bodies][0]).toMatch(/^401 /);
});

test("a distributor's key finds no other distributor", async () => {
  const token = await keyOf(ours, "distributor");
  for (const { method, path } of operations.filter((one) => one.path.includes("{distributor}"))) {
    const { status } = await ask(method, fill(path, ours.tenant, "C"), token);
    // What no distributor may do at all is refused before anybody looks whom it is about.
    expect(`${method} ${path} ${status}`).toBe(`${method} ${path} ${method === "GET" ? 404 : 403}`);
  }
});
