import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { runStore } from "#src/edge/d1/runs/store.ts";
import { call, controlRig, newKey, newTenant } from "../support/control-rig.ts";

const rig = controlRig();
const body = { name: "Acme", mode: "mirror", currency: "USD" };
const fresh = () => `/v1/tenants/t${crypto.randomUUID()}`;

describe("PUT /v1/tenants/:tenant", () => {
  test("creates a tenant, then changes it, and never shows how its core is called", async () => {
    const path = fresh();
    const core = { url: "https://core.example/api", auth: "core-password-123" };
    const created = await call(rig, `PUT ${path}`, {
      body: { ...body, jurisdiction: "eu", core },
    });
    const text = await created.text();
    expect(created.status).toBe(201);
    expect(text).not.toContain(core.auth);
    expect(JSON.parse(text)).toEqual({
      tenant: path.slice("/v1/tenants/".length),
      ...body,
      access: {},
      quotas: {},
      jurisdiction: "eu",
      core: { url: core.url },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: expect.any(String),
    });

    const changed = await call(rig, `PUT ${path}`, {
      body: { ...body, name: "Acme 2", core: { url: core.url } },
    });
    expect(changed.status).toBe(200);
    const read = await call(rig, `GET ${path}`);
    expect(await read.json()).toMatchObject({ name: "Acme 2", core: { url: core.url } });
  });

  test("keeps which source's streams the core counts, beside what else it is told", async () => {
    const path = fresh();
    const core = { url: "https://core.example", auth: "core-password", source: "core-2" };
    const access = { distributors: { downline_depth: 3 } };
    const read = async () => (await call(rig, `GET ${path}`)).json();
    await call(rig, `PUT ${path}`, { body: { ...body, core, access } });
    const told = { core: { url: core.url, source: "core-2" } };
    expect(await read()).toMatchObject({
      ...told,
      access: { distributors: { downline_depth: 3 } },
    });
    await call(rig, `PUT ${path}`, { body: { ...body, core: told.core } });
    expect(await read()).toMatchObject({ ...told, access: {} });
    await call(rig, `PUT ${path}`, { body: { ...body, core: { url: core.url } } });
    expect(await read()).toMatchObject({ core: { url: core.url }, access: {} });
    expect(JSON.stringify(await read())).not.toContain("core-2");
  });

  test.each([
    { field: "currency", change: { currency: "EUR" } },
    { field: "jurisdiction", change: { jurisdiction: "eu" } },
  ])("refuses to change the $field", async ({ field, change }) => {
    const tenant = await newTenant(rig);
    const response = await call(rig, `PUT /v1/tenants/${tenant}`, { body: { ...body, ...change } });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: "conflict",
      errors: [{ path: field, rule: "fixed" }],
    });
  });

  describe("changes the mode", () => {
    const put = async (tenant: string, mode: string) => {
      const response = await call(rig, `PUT /v1/tenants/${tenant}`, { body: { ...body, mode } });
      const { errors = [] } = await response.json<{ errors?: { path: string; rule: string }[] }>();
      return [response.status, ...errors.map(({ path, rule }) => `${path} ${rule}`)];
    };
    const layRow = (tenant: string, line: object) => {
      const row = { origin: "gateway", amount_minor: 100, due_ms: null, ...line };
      return env.MIRROR_0.prepare(
        `INSERT INTO lines (tenant, distributor_id, line_id, component, amount_minor,
           reversed_minor, currency, state, period_id, effective_ms, origin, due_ms)
         SELECT ?1, 'B', 'O1:level:1:B', 'level', ?2 ->> 'amount_minor', 0, 'USD', ?2 ->> 'state',
           '2026-07', 0, ?2 ->> 'origin', ?2 ->> 'due_ms'`,
      )
        .bind(tenant, JSON.stringify(row))
        .run();
    };
    const refused = [409, "mode in_use"];

    test.each([
      { name: "not over a pending line", line: { state: "pending" }, answer: refused },
      { name: "not over a held line", line: { state: "held", due_ms: 1 }, answer: refused },
      { name: "over a payable line", line: { state: "available" }, answer: [200] },
      {
        name: "over a superseded line whose reversal is due",
        line: { state: "superseded", due_ms: 1 },
        answer: [200],
      },
      {
        name: "over a line that was emptied",
        line: { state: "pending", amount_minor: 0 },
        answer: [200],
      },
      { name: "over the core's own", line: { state: "held", origin: "core" }, answer: [200] },
    ])("$name, in either direction", async ({ line, answer }) => {
      for (const [from, to] of [
        ["mirror", "gateway_final"],
        ["gateway_final", "mirror"],
      ] as const) {
        const tenant = `t${crypto.randomUUID()}`;
        expect(await put(tenant, from)).toEqual([201]);
        await layRow(tenant, line);
        expect(await put(tenant, from)).toEqual([200]);
        expect(await put(tenant, to)).toEqual(answer);
      }
    });

    test("not over a run that is on its way", async () => {
      const tenant = `t${crypto.randomUUID()}`;
      await put(tenant, "gateway_final");
      const name = { kind: "close", plan_id: "main", period_id: "2026-07" } as const;
      await runStore(env.MIRROR_0).start(tenant, name, 0);
      expect(await put(tenant, "gateway_final")).toEqual([200]);
      expect(await put(tenant, "mirror")).toEqual(refused);
      await env.MIRROR_0.prepare("UPDATE runs SET state = 'done' WHERE tenant = ?")
        .bind(tenant)
        .run();
      expect(await put(tenant, "mirror")).toEqual([200]);
    });
  });

  test("never sends a stored credential to an address it was not given for", async () => {
    const path = fresh();
    const core = { url: "https://core.example", auth: "core-password" };
    await call(rig, `PUT ${path}`, { body: { ...body, core } });
    const moved = { ...body, core: { url: "https://elsewhere.example" } };
    const response = await call(rig, `PUT ${path}`, { body: moved });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [{ path: "core.auth", rule: "required" }],
    });
  });

  test.each([
    {
      name: "an empty body",
      given: {},
      errors: ["name required", "mode required", "currency required"],
    },
    { name: "a wrong mode", given: { ...body, mode: "x" }, errors: ["mode enum"] },
    {
      name: "an unknown currency",
      given: { ...body, currency: "XXX" },
      errors: ["currency currency"],
    },
    { name: "an unknown field", given: { ...body, nmae: 1 }, errors: ["nmae unknown_field"] },
    { name: "a name too long", given: { ...body, name: "x".repeat(201) }, errors: ["name length"] },
    {
      name: "an address that is none of the web",
      given: { ...body, core: { url: "file:///etc", auth: "a" } },
      errors: ["core.url url"],
    },
    {
      name: "an address with a password in it",
      given: { ...body, core: { url: "https://a:hunter22@b.example", auth: "a" } },
      errors: ["core.url url"],
    },
    {
      name: "a core of a source that none can be named",
      given: { ...body, core: { url: "https://b.example", auth: "a", source: "Core 1" } },
      errors: ["core.source format"],
    },
    {
      name: "a jurisdiction without shard",
      given: { ...body, jurisdiction: "us" },
      errors: ["jurisdiction unavailable"],
    },
  ])("refuses $name", async ({ given, errors }) => {
    const response = await call(rig, `PUT ${fresh()}`, { body: given });
    const text = await response.text();
    expect(response.status).toBe(422);
    expect(text).not.toContain("hunter22");
    const told = JSON.parse(text).errors.map(
      (e: { path: string; rule: string }) => `${e.path} ${e.rule}`,
    );
    expect(told).toEqual(errors);
  });

  test.each(["ACME", "-a", "a".repeat(65), "a.b", "%20"])("refuses the name %s", async (name) => {
    const response = await call(rig, `PUT /v1/tenants/${name}`, { body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "parameter_invalid",
      errors: [{ path: "tenant", rule: "format" }],
    });
  });

  test("creates once, when two create at once", async () => {
    const path = fresh();
    const all = await Promise.all([1, 2, 3].map(() => call(rig, `PUT ${path}`, { body })));
    const statuses = all.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.every((status) => [200, 201, 409].includes(status))).toBe(true);
    const { items } = await (await call(rig, `GET ${path}/audit`)).json<{ items: object[] }>();
    expect(items).toHaveLength(statuses.filter((status) => status !== 409).length);
  });

  test("is no way for a tenant's admin to make another tenant", async () => {
    const tenant = await newTenant(rig);
    const { key } = await newKey(rig, tenant, { role: "admin" });
    const other = await call(rig, `PUT ${fresh()}`, { token: key, body });
    const own = await call(rig, `PUT /v1/tenants/${tenant}`, { token: key, body });
    expect([other.status, own.status]).toEqual([404, 200]);
  });
});

describe("GET /v1/tenants/:tenant/audit", () => {
  test("tells who did what, newest first, page by page", async () => {
    const tenant = await newTenant(rig);
    await newKey(rig, tenant, { role: "auditor" });
    await newKey(rig, tenant, { role: "finance" });
    const path = `GET /v1/tenants/${tenant}/audit`;
    interface Page {
      items: { action: string; actor: string; at: string }[];
      next_cursor: string | null;
    }
    const first = await (await call(rig, `${path}?limit=2`)).json<Page>();
    const rest = await (await call(rig, `${path}?cursor=${first.next_cursor}`)).json<Page>();
    expect(first.items).toHaveLength(2);
    expect(rest).toMatchObject({
      items: [{ action: "tenant.create", actor: "admin_token" }],
      next_cursor: null,
    });
  });

  test.each(["cursor=%21", "cursor=bm8", "cursor=MQ", "limit=0", "limit=201", "limit=x"])(
    "refuses ?%s",
    async (query) => {
      const tenant = await newTenant(rig);
      const response = await call(rig, `GET /v1/tenants/${tenant}/audit?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        code: "parameter_invalid",
        errors: [{ path: query.split("=")[0] }],
      });
    },
  );
});
