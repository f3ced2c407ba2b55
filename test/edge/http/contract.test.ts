import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { problem } from "#src/edge/http/problem.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { EVERY_OPERATION, openapi } from "../../../scripts/openapi/document.ts";
import { jsonSchema } from "../../../scripts/openapi/schema.ts";
import served from "../../../public/openapi.json";
import { faultsOfAnswer } from "../support/contract.ts";

const parts = createParts(env);

/** What is mounted, as the document writes it; a delivery is taken by any method. */
function mounted(): ReadonlySet<string> {
  const { routes } = createApi(parts, readRoutes(readPorts(parts)));
  const own = routes.filter(({ method, path }) => method !== "ALL" && !path.includes("*"));
  return new Set(own.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`));
}

/** Served beside the API, to people: pages that docs/access.md tells of. */
const isPage = (place: string): boolean => !/ \/(v1|healthz|metrics)\b/.test(place);

describe("the document", () => {
  test("has every route, and no other", () => {
    const documented = EVERY_OPERATION.map(({ method, path }) => `${method} ${path}`);
    const api = (places: Iterable<string>) =>
      [...places].filter((place) => !isPage(place)).toSorted();
    expect(api(documented)).toEqual(api(mounted()));
    expect(documented.filter(isPage)).toEqual(
      documented.filter((place) => place.includes(" /in/{tenant}/{source}")),
    );
  });

  test("is the one that is served", () => {
    expect(served).toEqual(JSON.parse(JSON.stringify(openapi())));
  });

  test("describes its bodies alone: no schema is left open by mistake", () => {
    const open = EVERY_OPERATION.filter(({ operation: { id, body } }) => {
      if (body === undefined || id.startsWith("ingest")) return false;
      const { type, anyOf, oneOf } = jsonSchema(body.schema, "input", id);
      return type !== "object" && anyOf === undefined && oneOf === undefined;
    });
    expect(open.map(({ operation }) => operation.id)).toEqual([]);
  });
});

const at = (line: string) => {
  const [method = "", url = ""] = line.split(" ");
  return { method, url };
};

const HEADERS = { "Request-Id": "r", ETag: '"x"' };
const health = { status: "ok", version: "1", environment: "local" };
const anchor = { subject: "dist:1", day: "2026-07-01", position: 1, head: "00" };
const anchors = (item: object, more: object = {}) =>
  Response.json({ items: [item], next_cursor: null, ...more }, { headers: HEADERS });

describe("faultsOfAnswer()", () => {
  test.each([
    {
      name: "an answer as documented",
      line: "GET /healthz",
      response: () => Response.json(health, { headers: { "Request-Id": "r" } }),
      faults: [],
    },
    {
      name: "a member too many",
      line: "GET /healthz",
      response: () => Response.json({ ...health, uptime: 1 }, { headers: { "Request-Id": "r" } }),
      faults: ["uptime"],
    },
    {
      name: "a header that is missing",
      line: "GET /healthz",
      response: () => Response.json(health),
      faults: ["lacks Request-Id"],
    },
    {
      name: "a header that nobody told of",
      line: "GET /healthz",
      response: () => Response.json(health, { headers: { "Request-Id": "r", "X-Odd": "1" } }),
      faults: ["x-odd"],
    },
    {
      name: "another status",
      line: "GET /healthz",
      response: () => Response.json(health, { status: 201, headers: { "Request-Id": "r" } }),
      faults: ["Status 201"],
    },
    {
      name: "another media type",
      line: "GET /healthz",
      response: () => new Response("ok", { headers: { "Request-Id": "r" } }),
      faults: ["Media type"],
    },
    {
      name: "a list",
      line: "GET /v1/tenants/t/anchors?day=2026-07-01",
      response: () => anchors(anchor),
      faults: [],
    },
    {
      name: "an element that is otherwise",
      line: "GET /v1/tenants/t/anchors",
      response: () => anchors({ ...anchor, position: "1" }),
      faults: ["position"],
    },
    {
      name: "a list that says more",
      line: "GET /v1/tenants/t/anchors",
      response: () => anchors(anchor, { total: 1 }),
      faults: ["total"],
    },
    {
      name: "a write whose database is out",
      line: "DELETE /v1/tenants/t/keys/k",
      response: () => problem("overloaded", { detail: "d", headers: { "Request-Id": "r" } }),
      faults: [],
    },
    {
      name: "a write under a key that is taken",
      line: "POST /v1/tenants/t/keys",
      response: () =>
        problem("idempotency_in_progress", { headers: { "Request-Id": "r", "Retry-After": "1" } }),
      faults: [],
    },
    {
      name: "what waiting does not help",
      line: "POST /v1/tenants/t/keys",
      response: () => problem("conflict", { headers: { "Request-Id": "r" } }),
      faults: [],
    },
    {
      name: "a code of another operation",
      line: "GET /v1/tenants/t/anchors",
      response: () => problem("not_acceptable", { headers: { "Request-Id": "r" } }),
      faults: ["Status 406"],
    },
    {
      name: "a code of another operation with a status of this one",
      line: "GET /v1/tenants/t/anchors",
      response: () => problem("malformed", { headers: { "Request-Id": "r" } }),
      faults: ["Code malformed"],
    },
    {
      name: "a problem that is none",
      line: "GET /v1/tenants/t/anchors",
      response: () =>
        new Response('{"error":"x"}', {
          status: 400,
          headers: { "Content-Type": "application/problem+json", "Request-Id": "r" },
        }),
      faults: ["No problem"],
    },
    {
      name: "an address of which nobody told",
      line: "GET /v2/tenants",
      response: () => Response.json({}),
      faults: ["no documented operation"],
    },
  ])("tells of $name", async ({ line, response, faults }) => {
    const found = await faultsOfAnswer(at(line), response());
    expect(found).toHaveLength(faults.length);
    for (const [i, fault] of faults.entries()) expect(found[i]).toContain(fault);
  });
});
