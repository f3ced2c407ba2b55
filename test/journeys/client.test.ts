import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createUpline,
  type LiveEvent,
  type Upline,
  UplineProblem,
} from "../../client/src/index.ts";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";
import { openTenant, type SentEvent, type TestTenant } from "./support/tenant.ts";

const { stateDir, remove } = makeStateDir();
const tenant = "acme";
let gateway: LocalGateway;
let company: TestTenant;
let upline: Upline;

const enrolment: SentEvent = {
  id: "e1",
  type: "distributor.enrolled",
  version: 1,
  occurred_at: "2026-07-01T10:00:00.000Z",
  key: "dist:B",
  rev: 1,
  data: { distributor_id: "B", status: "active", joined_at: "2026-07-01", country: "SI" },
};

const commission = (seq: number): SentEvent => ({
  id: `c${seq}`,
  type: "commission.posted",
  version: 1,
  occurred_at: "2026-07-02T10:00:00.000Z",
  key: "dist:B",
  seq,
  data: {
    line_id: `L${seq}`,
    distributor_id: "B",
    order_id: `O${seq}`,
    component: "unilevel",
    level: 1,
    currency: "USD",
    amount_minor: 100,
    period_id: "2026-07",
    run_id: "r1",
  },
});

beforeAll(async () => {
  gateway = await startLocal(stateDir);
  company = await openTenant(gateway.client, tenant);
  await company.post([enrolment, ...[1, 2, 3, 4, 5].map(commission)]);
  await company.idle();
  const admin = createUpline({ baseUrl: gateway.url, token: gateway.adminToken });
  const made = await admin.told(
    admin.POST("/v1/tenants/{tenant}/keys", {
      params: { path: { tenant } },
      body: { role: "finance" },
    }),
  );
  upline = createUpline({ baseUrl: gateway.url, token: made.key ?? "" });
});

afterAll(async () => {
  await gateway.stop();
  remove();
});

const place = { tenant, distributor: "B" };

describe("the client against the gateway", () => {
  test("reads a status by its type", async () => {
    const path = "/v1/tenants/{tenant}/distributors/{distributor}" as const;
    const status = await upline.told(upline.GET(path, { params: { path: place } }));
    expect(status.balances["USD"]?.held.amount).toBe("5.00");
  });

  test("pages through a list, every item once", async () => {
    const path = "/v1/tenants/{tenant}/distributors/{distributor}/lines" as const;
    const lines = upline.paginate((cursor) => {
      const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
      return upline.GET(path, { params: { path: place, query } });
    });
    const ids: string[] = [];
    for await (const { line_id: id } of lines) ids.push(id);
    expect(ids.toSorted()).toEqual(["L1", "L2", "L3", "L4", "L5"]);
  });

  test("throws what the gateway refuses, with the fields that are wrong", async () => {
    const path = { ...place, distributor: "nobody" };
    const nobody = upline.GET("/v1/tenants/{tenant}/distributors/{distributor}", {
      params: { path },
    });
    const unknown: unknown = await nobody.catch((error: unknown) => error);
    expect(unknown).toBeInstanceOf(UplineProblem);
    expect(unknown).toMatchObject({ code: "not_found", status: 404 });
    expect(Object(unknown).requestId).toMatch(/\S/);

    const query = { limit: 1000 };
    const events = upline.GET("/v1/tenants/{tenant}/ledger/balances", {
      params: { path: { tenant }, query: { as_of: "yesterday" } },
    });
    await expect(events).rejects.toMatchObject({
      code: "parameter_invalid",
      errors: [{ path: "as_of", rule: "format" }],
    });
    const lines = "/v1/tenants/{tenant}/distributors/{distributor}/lines" as const;
    await expect(upline.GET(lines, { params: { path: place, query } })).rejects.toMatchObject({
      code: "parameter_invalid",
      errors: [{ path: "limit", rule: "range" }],
    });
  });

  test("follows somebody live, and goes on where it was", async () => {
    const seen: LiveEvent[] = [];
    const read = async (lastId: string | undefined, until: (events: LiveEvent[]) => boolean) => {
      const stop = new AbortController();
      const from = lastId === undefined ? {} : { lastId };
      for await (const event of upline.live(place, { signal: stop.signal, ...from })) {
        seen.push(event);
        if (until(seen)) stop.abort();
      }
    };
    const first = read(undefined, (events) => events.length >= 1);
    await first;
    const { length } = seen;
    const lastId = seen.at(-1)?.id;
    expect(lastId).not.toBe("");
    // While nobody listens.
    await company.post(commission(6));
    await company.idle();
    await read(lastId, (events) => JSON.stringify(events.slice(length)).includes("L6"));
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
  });
});
