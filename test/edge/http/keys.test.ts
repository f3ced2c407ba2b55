import { exports } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { foundCompany, ORIGIN } from "../support/company.ts";
import { call, controlRig, newKey, newTenant } from "../support/control-rig.ts";

let nowMs = Date.UTC(2026, 10, 22);
const rig = controlRig({ nowMs: () => nowMs });

describe("POST /v1/tenants/:tenant/keys", () => {
  test("shows a key once and stores its hash alone", async () => {
    const tenant = await newTenant(rig);
    const body = {
      role: "distributor",
      subject: "d/1 é",
      label: "App",
      expires_at: "2027-01-01T00:00:00Z",
    };
    const response = await call(rig, `POST /v1/tenants/${tenant}/keys`, { body });
    const created = await response.json<{ key: string; key_id: string }>();
    expect(response.status).toBe(201);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(created).toEqual({
      key: expect.stringMatching(/^upl_[0-9A-Za-z]{8}_[0-9A-Za-z]{40}$/),
      key_id: created.key.slice(4, 12),
      prefix: created.key.slice(0, 12),
      role: "distributor",
      subject: "d/1 é",
      label: "App",
      created_at: "2026-11-22T00:00:00.000Z",
      expires_at: "2027-01-01T00:00:00.000Z",
    });
    const list = await (await call(rig, `GET /v1/tenants/${tenant}/keys`)).text();
    expect(list).toContain(created.key_id);
    expect(list).not.toContain(created.key.slice(13));
    expect(list).not.toContain("hash");
  });

  test.each([
    { name: "no role", body: {}, error: "role required" },
    { name: "an unknown role", body: { role: "root" }, error: "role enum" },
    {
      name: "a distributor without subject",
      body: { role: "distributor" },
      error: "subject required",
    },
    {
      name: "a subject for support",
      body: { role: "support", subject: "d" },
      error: "subject unexpected",
    },
    {
      name: "an empty subject",
      body: { role: "distributor", subject: "" },
      error: "subject length",
    },
    {
      name: "a past expiry",
      body: { role: "admin", expires_at: "2026-11-22T00:00:00Z" },
      error: "expires_at future",
    },
    {
      name: "an expiry that is no time",
      body: { role: "admin", expires_at: "soon" },
      error: "expires_at format",
    },
    {
      name: "a scope that there is not",
      body: { role: "support", scopes: ["status:read", "root"] },
      error: "scopes[1] enum",
    },
    {
      name: "a scope that its role has not",
      body: { role: "support", scopes: ["status:read", "ledger:read"] },
      error: "scopes[1] not_in_role",
    },
    {
      name: "scopes that leave nothing",
      body: { role: "support", scopes: [] },
      error: "scopes length",
    },
    {
      name: "what is no fingerprint",
      body: { role: "support", certificate_sha256: "AB:CD" },
      error: "certificate_sha256 format",
    },
    {
      name: "an unknown field",
      body: { role: "admin", tenant: "x" },
      error: "tenant unknown_field",
    },
  ])("refuses $name", async ({ body, error }) => {
    const tenant = await newTenant(rig);
    const response = await call(rig, `POST /v1/tenants/${tenant}/keys`, { body });
    const { errors } = await response.json<{ errors: { path: string; rule: string }[] }>();
    expect(response.status).toBe(422);
    expect(errors.map(({ path, rule }) => `${path} ${rule}`)).toEqual([error]);
  });
});

describe("a key's life", () => {
  test("ends when it is revoked, here at once and elsewhere too", async () => {
    const tenant = await newTenant(rig);
    const { key, key_id } = await newKey(rig, tenant, { role: "auditor" });
    const path = `GET /v1/tenants/${tenant}`;
    expect((await call(rig, path, { token: key })).status).toBe(200);
    expect((await call(rig, `DELETE /v1/tenants/${tenant}/keys/${key_id}`)).status).toBe(204);
    expect((await call(rig, path, { token: key })).status).toBe(401);
    expect((await call(controlRig(), path, { token: key })).status).toBe(401);
    expect((await call(rig, `DELETE /v1/tenants/${tenant}/keys/${key_id}`)).status).toBe(404);
    const list = await call(rig, `GET /v1/tenants/${tenant}/keys`);
    expect(await list.json()).toEqual({ items: [], next_cursor: null });
  });

  test("ends when it expires, remembered or not", async () => {
    const tenant = await newTenant(rig);
    const expiresMs = nowMs + 10_000;
    const body = { role: "auditor", expires_at: new Date(expiresMs).toISOString() };
    const { key } = await newKey(rig, tenant, body);
    const status = async (atMs: number) => {
      nowMs = atMs;
      return (await call(rig, `GET /v1/tenants/${tenant}`, { token: key })).status;
    };
    expect(await status(expiresMs - 1)).toBe(200);
    expect(await status(expiresMs)).toBe(401);
  });

  test("is no other tenant's to end", async () => {
    const [mine, theirs] = [await newTenant(rig), await newTenant(rig)];
    const admin = await newKey(rig, mine, { role: "admin" });
    const { key, key_id } = await newKey(rig, theirs, { role: "admin" });
    for (const tenant of [mine, theirs]) {
      const line = `DELETE /v1/tenants/${tenant}/keys/${key_id}`;
      expect((await call(rig, line, { token: admin.key })).status).toBe(404);
    }
    expect((await call(rig, `GET /v1/tenants/${theirs}`, { token: key })).status).toBe(200);
  });
});

describe("a key with scopes", () => {
  test("may what they name, shows them once each, and no more", async () => {
    const tenant = await newTenant(rig);
    const scopes = ["key:read", "tenant:read", "key:read"];
    const { key, key_id } = await newKey(rig, tenant, { role: "auditor", scopes });
    const list = await call(rig, `GET /v1/tenants/${tenant}/keys`, { token: key });
    expect(await list.json()).toMatchObject({
      items: [{ key_id, scopes: ["tenant:read", "key:read"] }],
    });
    expect((await call(rig, `GET /v1/tenants/${tenant}`, { token: key })).status).toBe(200);
    expect((await call(rig, `GET /v1/tenants/${tenant}/audit`, { token: key })).status).toBe(403);
    // Another isolate reads the copy, and knows of them too.
    const elsewhere = await call(controlRig(), `GET /v1/tenants/${tenant}/audit`, { token: key });
    expect(elsewhere.status).toBe(403);
  });

  test("hands out no more than it has", async () => {
    const tenant = await newTenant(rig);
    const scopes = ["key:write", "status:read"];
    const { key: token } = await newKey(rig, tenant, { role: "admin", scopes });
    const make = async (body: object) =>
      (await call(rig, `POST /v1/tenants/${tenant}/keys`, { token, body })).status;
    expect(await make({ role: "admin" })).toBe(403);
    expect(await make({ role: "support" })).toBe(403);
    expect(await make({ role: "admin", scopes: ["tenant:write"] })).toBe(403);
    expect(await make({ role: "support", scopes: ["status:read"] })).toBe(201);
    expect(await make({ role: "admin", scopes })).toBe(201);
  });

  test("cannot say whose tokens are believed", async () => {
    const tenant = await newTenant(rig);
    const scopes = ["tenant:write"];
    const { key: token } = await newKey(rig, tenant, { role: "admin", scopes });
    const jwt = {
      issuer: "me",
      audience: "you",
      jwks_url: "https://me.example/",
      roles: ["admin"],
    };
    const body = { name: "Acme", mode: "mirror", currency: "USD", access: { jwt } };
    const line = `PUT /v1/tenants/${tenant}`;
    expect((await call(rig, line, { token, body })).status).toBe(403);
    expect((await call(rig, line, { body })).status).toBe(200);
    // Nor take them away; what it leaves as it is, it may put back.
    const { access: _access, ...without } = body;
    expect((await call(rig, line, { token, body: without })).status).toBe(403);
    expect((await call(rig, line, { token, body: { ...body, name: "New" } })).status).toBe(200);
  });
});

describe("a key's last use", () => {
  test("is noted apart from the answer, once an hour, whichever isolate sees it", async () => {
    const work: Promise<void>[] = [];
    const noting = () => {
      const made = controlRig({
        nowMs: () => nowMs,
        noteUse: (key, atMs) => work.push(made.keys.noteUse(key, atMs)),
      });
      return made;
    };
    const [here, there] = [noting(), noting()];
    const tenant = await newTenant(rig);
    const { key: token } = await newKey(rig, tenant, { role: "auditor" });
    const lastUsed = async () => {
      await Promise.all(work);
      const list = await call(rig, `GET /v1/tenants/${tenant}/keys`);
      return (await list.json<{ items: { last_used_at?: string }[] }>()).items[0]?.last_used_at;
    };
    const use = (isolate: typeof here) => call(isolate, `GET /v1/tenants/${tenant}`, { token });
    expect(await lastUsed()).toBeUndefined();
    const firstMs = nowMs;
    const first = new Date(firstMs).toISOString();
    await use(here);
    await use(here);
    expect([await lastUsed(), work.length]).toEqual([first, 1]);
    nowMs = firstMs + 3_599_999;
    await use(there);
    expect([await lastUsed(), work.length]).toEqual([first, 2]);
    nowMs = firstMs + 3_600_000;
    await use(here);
    expect(await lastUsed()).toBe(new Date(nowMs).toISOString());
  });

  test("is noted by the Worker behind its answer", async () => {
    const { tenant, api } = await foundCompany();
    const made = await api(`POST /v1/tenants/${tenant}/keys`, { role: "auditor" });
    const { key } = await made.json<{ key: string }>();
    const headers = { Authorization: `Bearer ${key}` };
    await exports.default.fetch(`${ORIGIN}/v1/tenants/${tenant}`, { headers });
    const noted = async () => (await api(`GET /v1/tenants/${tenant}/keys`)).text();
    await vi.waitUntil(async () => (await noted()).includes("last_used_at"), { timeout: 5000 });
    expect(await noted()).toContain("last_used_at");
  });

  test("is noted of a forbidden request, and none of a made-up key", async () => {
    const noted: string[] = [];
    const noting = controlRig({ noteUse: ({ keyId }) => noted.push(keyId) });
    const tenant = await newTenant(noting);
    const { key, key_id } = await newKey(noting, tenant, { role: "support" });
    const ask = (token: string) => call(noting, `GET /v1/tenants/${tenant}/audit`, { token });
    expect((await ask(key)).status).toBe(403);
    expect((await ask(`upl_AAAAAAAA_${"A".repeat(40)}`)).status).toBe(401);
    expect((await ask("test-admin-token")).status).toBe(200);
    expect(noted).toEqual([key_id]);
  });
});

describe("a client certificate", () => {
  const FINGERPRINT = "ab".repeat(32);
  const GENUINE = {
    certPresented: "1",
    certVerified: "SUCCESS",
    certRevoked: "0",
    certFingerprintSHA256: FINGERPRINT,
  };
  const ask = async (tenant: string, told: object | undefined, headers: HeadersInit = {}) => {
    const request = new Request(`https://gateway.example/v1/tenants/${tenant}`, { headers });
    if (told !== undefined)
      Object.defineProperty(request, "cf", { value: { tlsClientAuth: told } });
    return (await rig.app.request(request)).status;
  };
  const body = { role: "auditor", certificate_sha256: FINGERPRINT.toUpperCase() };

  test("makes a caller without a key, of its own tenant alone", async () => {
    const [tenant, other] = [await newTenant(rig), await newTenant(rig)];
    const created = await newKey(rig, tenant, body);
    expect(created).not.toHaveProperty("key");
    expect(created).not.toHaveProperty("prefix");
    expect(created).toMatchObject({ certificate_sha256: FINGERPRINT });
    expect(await ask(tenant, GENUINE)).toBe(200);
    expect(await ask(other, GENUINE)).toBe(401);
    expect(await ask("no-such-tenant", GENUINE)).toBe(401);
  });

  test.each([
    ["none", undefined],
    ["another", { ...GENUINE, certFingerprintSHA256: "cd".repeat(32) }],
    ["one whose chain does not hold", { ...GENUINE, certVerified: "FAILED:expired" }],
    ["a revoked one", { ...GENUINE, certRevoked: "1" }],
    ["one of which nothing is said of revocation", { ...GENUINE, certRevoked: "" }],
    ["one that was not presented", { ...GENUINE, certPresented: "0" }],
    ["one without fingerprint", { ...GENUINE, certFingerprintSHA256: "" }],
  ])("is nobody: %s", async (_name, told) => {
    const tenant = await newTenant(rig);
    await newKey(rig, tenant, body);
    expect(await ask(tenant, told)).toBe(401);
  });

  test("counts for nothing beside a bearer token, right or wrong", async () => {
    const tenant = await newTenant(rig);
    await newKey(rig, tenant, body);
    const { key } = await newKey(rig, tenant, { role: "support" });
    expect(await ask(tenant, GENUINE, { Authorization: `Bearer ${key}` })).toBe(403);
    expect(await ask(tenant, GENUINE, { Authorization: "Bearer wrong" })).toBe(401);
    expect(await ask(tenant, GENUINE, { Authorization: "Basic eDp5" })).toBe(401);
  });

  test("is a credential once, ends when it is revoked, and can come back", async () => {
    const tenant = await newTenant(rig);
    const { key_id } = await newKey(rig, tenant, body);
    const again = () => call(rig, `POST /v1/tenants/${tenant}/keys`, { body });
    const taken = await again();
    expect(taken.status).toBe(409);
    expect(await taken.json()).toMatchObject({
      errors: [{ path: "certificate_sha256", rule: "unique" }],
    });
    expect((await call(rig, `DELETE /v1/tenants/${tenant}/keys/${key_id}`)).status).toBe(204);
    expect(await ask(tenant, GENUINE)).toBe(401);
    expect((await again()).status).toBe(201);
    expect(await ask(tenant, GENUINE)).toBe(200);
  });
});
