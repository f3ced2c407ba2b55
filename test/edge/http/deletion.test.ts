import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { foundCompany, ORIGIN } from "../support/company.ts";

const company = await foundCompany();
const { tenant } = company;
const path = `/v1/tenants/${tenant}`;

async function ask(line: string, { token = env.ADMIN_TOKEN, body = "" } = {}) {
  const [method = "GET", at = ""] = line.split(" ");
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const init = body === "" ? { method, headers } : { method, headers, body };
  const response = await exports.default.fetch(`${ORIGIN}${at}`, init);
  const text = await response.text();
  const { errors, code } = JSON.parse(text || "{}");
  return { status: response.status, code, errors };
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
