import { describe, expect, test } from "vitest";
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
