import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { createInbox } from "#src/edge/archive/inbox.ts";
import type { DeliveryMessage } from "#src/edge/message.ts";
import { log } from "#src/edge/log.ts";
import { enrolment, ORIGIN } from "../support/company.ts";
import { failing } from "../support/control-rig.ts";
import { layLine } from "../support/line.ts";

interface Line {
  readonly event: string;
  readonly tenant?: string;
  readonly tenants?: readonly string[];
}

let lines: Line[] = [];

beforeEach(() => {
  lines = [];
  const take = (text: unknown) => void lines.push(JSON.parse(String(text)));
  vi.spyOn(console, "log").mockImplementation(take);
  vi.spyOn(console, "error").mockImplementation(take);
});
afterEach(() => vi.restoreAllMocks());

/** Every line names the tenant, and every one of these events was logged. */
function expectNamed(tenant: string, ...events: readonly string[]): void {
  const unnamed = lines.filter((line) => !(line.tenants ?? [line.tenant]).includes(tenant));
  expect(unnamed).toEqual([]);
  expect(lines.map(({ event }) => event)).toEqual(expect.arrayContaining([...events]));
}

test("what the consumer logs names the tenants of its batch", async () => {
  const line = await layLine();
  const { tenant } = line.company;
  await line.post([enrolment("B")]);
  const out = () => Promise.reject(new Error("It is out"));
  await line.run(() => ({
    putArchive: out,
    mirror: async () => ({ positions: [], unwritten: new Set<string>(), errors: ["D1 is out"] }),
  }));
  await line.run(() => ({ waitingFor: out, pendingChanges: out }));
  expectNamed(tenant, "archive_refused", "mirror_refused", "messages_failed", "not_woken");
});

test("what ingest logs names the tenant", async () => {
  const { company } = await layLine();
  const parts = createParts(env);
  const tenant = await parts.directory.tenant(company.tenant);
  if (tenant === undefined) throw new Error("There is no such tenant");
  const broken = failing(env.ARCHIVE_0, "put", "createMultipartUpload");
  broken.broken = true;
  const events = { ...env.EVENTS_0, send: () => Promise.reject(new Error("It is out")) };
  const inbox = createInbox({ shardOf: () => ({ events, archive: broken.binding }), log });
  const message: DeliveryMessage = {
    kind: "delivery",
    tenant: company.tenant,
    source: "core",
    sender: "standard",
    deliveryId: "d",
    receivedAtMs: 0,
    method: "POST",
    url: ORIGIN,
    headers: {},
    body: { sealed: "" },
    eventIds: [],
  };
  expect(await inbox.put(tenant, message)).toBe("lost");
  expect(await inbox.hold(tenant, message)).toBe("lost");
  expect(await inbox.claim(tenant, "d", "")).toBeUndefined();
  expectNamed(company.tenant, "inbox_step_failed");

  const d1 = failing(env.MIRROR_0, "prepare", "batch", "withSession");
  const kv = failing(env.CONFIG, "get");
  d1.broken = true;
  kv.broken = true;
  const api = createApi(createParts({ ...env, MIRROR_0: d1.binding, CONFIG: kv.binding }), []);
  const url = `${ORIGIN}/in/${company.tenant}/core`;
  const response = await api.fetch(new Request(url, { method: "POST", body: "{}" }));
  expect(response.status).toBe(503);
  expectNamed(company.tenant, "directory.kv_out", "ingest_failed");
});

test("what the API logs of a failure of ours names the tenant", async () => {
  const { company } = await layLine();
  const parts = createParts(env);
  const path = "/v1/tenants/:tenant/fails";
  const handle = () => Promise.reject(new Error("A bug"));
  const api = createApi(parts, [{ method: "GET", path, permission: "tenant:read", handle }]);
  const url = `${ORIGIN}/v1/tenants/${company.tenant}/fails`;
  const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}` };
  expect((await api.fetch(new Request(url, { headers }))).status).toBe(500);
  expectNamed(company.tenant, "request.failed");
});
