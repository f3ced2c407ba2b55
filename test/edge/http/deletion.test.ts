import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { foundCompany, ORIGIN } from "../support/company.ts";

const company = await foundCompany();
const { tenant } = company;
const path = `/v1/tenants/${tenant}`;

async function ask(line: string, { token = env.ADMIN_TOKEN, body = "", key = "" } = {}) {
  const [method = "GET", at = ""] = line.split(" ");
  const headers = {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/json",
    ...(key === "" ? {} : { "Idempotency-Key": key }),
  };
  const init = body === "" ? { method, headers } : { method, headers, body };
  const response = await exports.default.fetch(`${ORIGIN}${at}`, init);
  const text = await response.text();
  const { errors, code, deletion_id } = JSON.parse(text || "{}");
  return { status: response.status, code, errors, deletion_id };
}

const keyOf = async (role: string, of = company) => {
  const subject = role === "distributor" ? { subject: "B" } : {};
  const made = await of.api(`POST /v1/tenants/${of.tenant}/keys`, { role, ...subject });
  return (await made.json<{ key: string }>()).key;
};

describe("DELETE /v1/tenants/{t}", () => {
  test.each([
    { name: "without the name", query: "", at: "confirm" },
    { name: "with another name", query: "?confirm=other", at: "confirm" },
    {
      name: "with a flag that is none",
      query: `?confirm=${tenant}&skip_export=yes`,
      at: "skip_export",
    },
    { name: "with a misspelt one", query: `?confirm=${tenant}&skip=true`, at: "skip" },
    {
      name: "with raw deliveries of no export",
      query: `?confirm=${tenant}&skip_export=true&include_raw=true`,
      at: "include_raw",
    },
  ])("is refused $name", async ({ query, at }) => {
    const { status, errors } = await ask(`DELETE ${path}${query}`);
    expect([status, errors[0].path]).toEqual([400, at]);
    expect((await ask(`GET ${path}/deletion`)).status).toBe(404);
  });

  test.each(["distributor", "support", "finance", "operator", "auditor"])(
    "is nothing for the role %s",
    async (role) => {
      const token = await keyOf(role);
      expect((await ask(`DELETE ${path}?confirm=${tenant}`, { token })).status).toBe(403);
    },
  );

  test("finds nobody for an administrator of another tenant, nor where nobody is", async () => {
    const token = await keyOf("admin", await foundCompany());
    expect((await ask(`DELETE ${path}?confirm=${tenant}`, { token })).status).toBe(404);
    expect((await ask("DELETE /v1/tenants/nobody?confirm=nobody")).status).toBe(404);
    expect((await ask("DELETE /v1/tenants/NO%20NAME?confirm=NO%20NAME")).status).toBe(404);
  });
});

test("a deletion that is on its way is not asked for otherwise", async () => {
  const own = await foundCompany();
  const at = `/v1/tenants/${own.tenant}`;
  const begin = `DELETE ${at}?confirm=${own.tenant}`;
  expect((await ask(`${begin}&include_raw=false`)).status).toBe(202);
  const message = "The deletion that is on its way was asked for otherwise: cancel it first";
  for (const [query, option] of [
    ["include_raw=true", "include_raw"],
    ["skip_export=true", "skip_export"],
  ]) {
    const { status, code, errors } = await ask(`${begin}&${query}`);
    expect([status, code, errors]).toEqual([
      409,
      "conflict",
      [{ path: option, rule: "fixed", message }],
    ]);
  }
  expect((await ask(begin)).status).toBe(202);
  expect((await ask(`${begin}&include_raw=false&skip_export=false`)).status).toBe(202);
});

test("a deletion under a key is one of now: after it was cancelled it is begun anew", async () => {
  const own = await foundCompany();
  const at = `/v1/tenants/${own.tenant}`;
  const key = crypto.randomUUID();
  const begin = async () => {
    const { status, deletion_id } = await ask(`DELETE ${at}?confirm=${own.tenant}`, { key });
    const { deletion_id: shown } = await ask(`GET ${at}/deletion`);
    expect([status, deletion_id]).toEqual([202, shown]);
    return shown;
  };
  const first = await begin();
  expect(await begin()).toBe(first);
  expect((await ask(`POST ${at}/deletion/cancel`)).status).toBe(204);
  expect(await begin()).not.toBe(first);
});

test("there is nothing to fetch or to confirm before the export is whole", async () => {
  const token = await keyOf("admin");
  expect((await ask(`DELETE ${path}?confirm=${tenant}`, { token })).status).toBe(202);
  const body = JSON.stringify({ manifest_sha256: "0".repeat(64) });
  expect((await ask(`POST ${path}/deletion/confirm`, { token, body })).status).toBe(409);
  expect((await ask(`POST ${path}/deletion/confirm`, { token, body: "{}" })).errors).toMatchObject([
    { path: "manifest_sha256" },
  ]);
  expect((await ask(`GET ${path}/deletion/manifest`, { token })).status).toBe(404);
  expect((await ask(`GET ${path}/deletion/parts/1`, { token })).status).toBe(404);
  expect((await ask(`GET ${path}/deletion/parts/0`, { token })).status).toBe(400);
  expect((await ask(`GET ${path}/deletion/parts/x`, { token })).status).toBe(400);
  expect((await ask(`GET ${path}/keys`, { token })).status).toBe(404);
  expect((await ask(`POST ${path}/deletion/cancel`, { token })).status).toBe(204);
  expect((await ask(`POST ${path}/deletion/cancel`, { token })).status).toBe(404);
  expect((await ask(`GET ${path}/keys`, { token })).status).toBe(200);
});
