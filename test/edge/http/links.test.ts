import { describe, expect, test } from "vitest";
import { linkRoutes } from "#src/edge/http/links.ts";
import type { Route } from "#src/edge/http/route.ts";
import { recordDeed } from "#src/edge/control/trail.ts";
import { env } from "cloudflare:workers";
import { call, controlRig, newKey, newTenant } from "../support/control-rig.ts";

let nowMs = Date.UTC(2026, 10, 22);

const page = "/v1/tenants/:tenant/distributors/:distributor";
/** Stand for the reads of a distributor: each tells who asks. */
const reads: Route[] = (["status:read", "ledger:read", "tree:read"] as const).map((permission) => ({
  method: "GET",
  path: permission === "status:read" ? page : `${page}/${permission.slice(0, -5)}`,
  permission,
  handle: (c) => Response.json(c.get("caller")),
}));
const record: Parameters<typeof linkRoutes>[0]["record"] = (deed, act) =>
  recordDeed(env.MIRROR_0, deed, act);
const rig = controlRig({
  nowMs: () => nowMs,
  routes: [...reads, ...linkRoutes({ record, nowMs: () => nowMs })],
});
const tenant = await newTenant(rig);
const other = await newTenant(rig);

interface Made {
  readonly url: string;
  readonly token: string;
  readonly expires_at: string;
  readonly scopes: readonly string[];
}

const post = (id: string, options: Parameters<typeof call>[2] = {}) =>
  call(rig, `POST /v1/tenants/${tenant}/distributors/${id}/links`, { body: {}, ...options });

async function link(id = "d1", options: Parameters<typeof call>[2] = {}): Promise<Made> {
  const response = await post(id, options);
  if (response.status !== 201) throw new Error(await response.text());
  return response.json<Made>();
}

const read = (token: string, id = "d1", of = tenant) =>
  call(rig, `GET /v1/tenants/${of}/distributors/${id}`, { token });

describe("POST …/links", () => {
  test("makes a way into one distributor's page, told to no server", async () => {
    const response = await post("a%2Fb%20é");
    expect([response.status, response.headers.get("Cache-Control")]).toEqual([201, "no-store"]);
    const made = await response.json<Made>();
    expect(made).toEqual({
      url: expect.any(String),
      token: expect.stringMatching(/^upt_[\w-]+\.[\w-]{43}$/),
      expires_at: new Date(nowMs + 900_000).toISOString(),
      scopes: ["status:read", "line:read", "ledger:read", "report:read"],
    });
    const { pathname, search, hash } = new URL(made.url);
    expect([pathname, search, hash]).toEqual([
      `/me/${tenant}/a%2Fb%20%C3%A9`,
      "",
      `#${made.token}`,
    ]);
    expect((await read(made.token, "a%2Fb%20é")).status).toBe(200);
  });

  test("is left in the audit trail, without the token", async () => {
    const { token } = await link("audited");
    const text = await (await call(rig, `GET /v1/tenants/${tenant}/audit`)).text();
    expect(text).toContain("dist:audited");
    expect(text).not.toContain(token.slice(4, 30));
  });

  test.each([
    { expires_in_s: 0 },
    { expires_in_s: 3601 },
    { expires_in_s: "60" },
    { expires_in_s: 1.5 },
    { scopes: [] },
  ])("refuses %j", async (body) => {
    expect((await post("d1", { body })).status).toBe(422);
  });

  test.each([
    ["admin", 201, ["status:read", "line:read", "ledger:read", "report:read"], false],
    ["operator", 201, ["status:read"], false],
    ["support", 201, ["status:read"], true],
    ["finance", 403, undefined, undefined],
    ["auditor", 403, undefined, undefined],
  ] as const)(
    "by %s: %i, and shows no more than it may see",
    async (role, status, scopes, masked) => {
      const { key: token } = await newKey(rig, tenant, { role });
      const response = await post("d1", { token });
      expect(response.status).toBe(status);
      if (status !== 201) return;
      const made = await response.json<Made>();
      expect(made.scopes).toEqual(scopes);
      const caller = await (await read(made.token)).json();
      expect(caller).toMatchObject({ role: "distributor", subject: "d1", isMasked: masked });
    },
  );

  test("is not for a distributor, its own neither", async () => {
    const { key: token } = await newKey(rig, tenant, { role: "distributor", subject: "d1" });
    const { token: linked } = await link();
    expect((await post("d1", { token })).status).toBe(403);
    expect((await post("d1", { token: linked })).status).toBe(403);
  });
});

describe("a link's token", () => {
  test("reads its own distributor's page, and nothing else", async () => {
    const { token } = await link();
    expect((await read(token)).status).toBe(200);
    expect((await read(token, "d2")).status).toBe(404);
    expect((await read(token, "d1/ledger")).status).toBe(200);
    expect((await read(token, "d1/tree")).status).toBe(403);
    expect((await call(rig, `GET /v1/tenants/${tenant}`, { token })).status).toBe(403);
  });

  test("ends when it said", async () => {
    const { token } = await link("d1", { body: { expires_in_s: 60 } });
    nowMs += 59_999;
    expect((await read(token)).status).toBe(200);
    nowMs += 1;
    expect((await read(token)).status).toBe(401);
  });

  test("is another tenant's nowhere, and tells nothing of it", async () => {
    const { token } = await link();
    for (const of of [other, "no-such-tenant"]) {
      const response = await read(token, "d1", of);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: "unauthorized" });
    }
  });

  test("is refused with any character changed", async () => {
    const { token } = await link();
    const at = token.indexOf(".");
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (let i = 4; i < token.length; i += 1) {
      if (i === at) continue;
      const changed = digits.charAt(digits.indexOf(token.charAt(i)) ^ 1);
      const forged = token.slice(0, i) + changed + token.slice(i + 1);
      const { status } = await read(forged);
      expect(`${i} ${status}`).toBe(`${i} 401`);
    }
  });

  test("is refused with claims of somebody's own", async () => {
    const { token } = await link();
    const [text = "", mac = ""] = token.slice(4).split(".");
    const claims: object = JSON.parse(Buffer.from(text, "base64url").toString());
    const widened = Buffer.from(JSON.stringify({ ...claims, d: "d2" })).toString("base64url");
    for (const forged of [
      `upt_${widened}.${mac}`,
      `upt_${text}`,
      `upt_${text}.`,
      "upt_",
      "upt_.",
    ]) {
      expect((await read(forged, "d2")).status).toBe(401);
    }
  });
});
