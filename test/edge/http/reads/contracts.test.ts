import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { readRoutes } from "#src/edge/http/reads.ts";

const parts = createParts(env);
const api = createApi(parts, readRoutes(readPorts(parts)));
const get = async (path: string) => api.fetch(new Request(`https://gateway.example${path}`));

describe("GET /v1/contracts", () => {
  test("lists the catalogue to everybody", async () => {
    const response = await get("/v1/contracts");
    expect(response.status).toBe(200);
    const { items } = await response.json<{ items: { type: string; href: string }[] }>();
    expect(items.find(({ type }) => type === "commission.posted")).toEqual({
      type: "commission.posted",
      version: 1,
      ordering: "strict",
      key: "dist:{distributor_id}",
      href: "/v1/contracts/commission.posted/1",
    });
    for (const { href } of items) expect((await get(href)).status).toBe(200);
  });

  test("shows a contract as JSON Schema, with an ETag", async () => {
    const response = await get("/v1/contracts/commission.posted/1");
    expect(response.headers.get("ETag")).not.toBeNull();
    expect(response.headers.get("Content-Type")).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "/v1/contracts/commission.posted/1",
    });
  });

  test.each(["", "/commission.posted/1"])(
    "refuses parameters that it does not know%s",
    async (of) => {
      const response = await get(`/v1/contracts${of}?limit=1`);
      expect([response.status, await response.json()]).toEqual([
        400,
        expect.objectContaining({
          errors: [expect.objectContaining({ path: "limit", rule: "unknown_parameter" })],
        }),
      ]);
    },
  );

  test.each(["commission.posted/2", "nothing/1", "toString/1", "commission.posted/toString"])(
    "knows no %s",
    async (name) => {
      expect((await get(`/v1/contracts/${name}`)).status).toBe(404);
    },
  );
});
