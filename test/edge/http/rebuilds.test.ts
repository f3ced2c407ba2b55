import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { startRun } from "#src/edge/d1/reconciliation/start-run.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { asDocumented } from "../support/contract.ts";

const NOW_MS = Date.parse("2026-07-10T12:00:00.000Z");

const parts = { ...createParts(env), nowMs: () => NOW_MS };
const api = createApi(parts, readRoutes(readPorts(parts)));

let tenant: string;

async function ask(call: string, body?: object, token = env.ADMIN_TOKEN) {
  const [method = "GET", path = ""] = call.split(" ");
  const headers = new Headers({ Authorization: `Bearer ${token}` });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const url = `https://gateway.example/v1/tenants/${tenant}${path}`;
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return asDocumented({ method, url }, await api.fetch(new Request(url, init)));
}

type Shown = Readonly<Record<string, unknown>> & { readonly rebuild_id: string };

const start = async (body: object = {}): Promise<Shown> =>
  (await ask("POST /rebuilds", { reason: "Ticket 4711", ...body })).json<Shown>();

const end = (rebuildId: string, report: object) =>
  env.MIRROR_0.prepare(
    `UPDATE reconciliation_runs SET state = 'done', report = ?3, ended_ms = started_ms + 1500
     WHERE tenant = ?1 AND run_id = ?2`,
  )
    .bind(tenant, rebuildId, JSON.stringify(report))
    .run();

beforeEach(async () => {
  tenant = `t${crypto.randomUUID()}`;
  const body = { name: "Acme", mode: "gateway_final", currency: "USD" };
  if ((await ask("PUT ", body)).status !== 201) throw new Error("There is no company");
});

test("a rebuild is started, whatever the mode, audited and shown as far as it is", async () => {
  const body = {
    reason: " D1 was restored ",
    thaw: ["dist:1001"],
    archive_from: "2026-07-10T06:00:00Z",
    reprice_from: "2026-07-01",
  };
  const response = await ask("POST /rebuilds", body);
  expect(response.status).toBe(202);
  const started = await response.json<Shown>();
  expect(started).toMatchObject({
    state: "running",
    phase: "begin",
    reason: "D1 was restored",
    started_at: "2026-07-10T12:00:00.000Z",
    ended_at: null,
    seconds: null,
    thaw: ["dist:1001"],
    archive_from: "2026-07-10T06:00:00.000Z",
    reprice_from: "2026-07-01T00:00:00.000Z",
    report: { named: 0, results: {}, behind: 0 },
    error: null,
  });
  expect(await (await ask(`GET /rebuilds/${started.rebuild_id}`)).json()).toEqual(started);
  const audit = await env.MIRROR_0.prepare(
    "SELECT target, detail FROM audit WHERE tenant = ? AND action = 'rebuild.start'",
  )
    .bind(tenant)
    .first<{ target: string; detail: string }>();
  expect(audit?.target).toBe(`tenant:${tenant}`);
  expect(JSON.parse(audit?.detail ?? "")).toMatchObject({ reason: "D1 was restored" });

  const report = { named: 9, looked_at: 9, results: { equal: 9 }, rows: { lines: 2 } };
  await end(started.rebuild_id, report);
  expect(await (await ask(`GET /rebuilds/${started.rebuild_id}`)).json()).toMatchObject({
    state: "done",
    phase: "done",
    seconds: 2,
    report,
  });
});

test("a tenant has one at a time", async () => {
  const first = await start();
  const second = await ask("POST /rebuilds", { reason: "Again" });
  expect(second.status).toBe(409);
  expect(await second.json()).toMatchObject({
    detail: `Rebuild "${first.rebuild_id}", started at 2026-07-10T12:00:00.000Z, is on its way: a tenant has one at a time`,
  });
  await end(first.rebuild_id, {});
  const third = await start();
  const listed = await (
    await ask("GET /rebuilds?limit=1")
  ).json<{
    items: Shown[];
    next_cursor: string;
  }>();
  // Both began at one instant here: their order is by chance.
  const [newer = "", older = ""] = [first.rebuild_id, third.rebuild_id].toSorted().toReversed();
  expect(listed.items.map((one) => one.rebuild_id)).toEqual([newer]);
  const rest = await (await ask(`GET /rebuilds?limit=1&cursor=${listed.next_cursor}`)).json();
  expect(rest).toMatchObject({ items: [{ rebuild_id: older }], next_cursor: null });
});

describe("reconciliations and rebuilds are kept together, and shown apart", () => {
  test("neither list has the other's", async () => {
    const asked = { tenant, kind: "lines", cause: "cron" } as const;
    const { run } = await startRun(env.MIRROR_0, asked, NOW_MS);
    // A reconciliation that is on its way does not keep a mirror from being put right.
    const { rebuild_id } = await start();
    const lists = await Promise.all(
      ["reconciliations", "rebuilds"].map(async (name) => (await ask(`GET /${name}`)).json()),
    );
    expect(lists).toMatchObject([{ items: [{ run_id: run.runId }] }, { items: [{ rebuild_id }] }]);
    expect((await ask(`GET /reconciliations/${rebuild_id}`)).status).toBe(404);
    expect((await ask(`GET /rebuilds/${run.runId}`)).status).toBe(404);
  });

  test("and none is started against half a mirror", async () => {
    const { rebuild_id } = await start();
    const asked = { tenant, kind: "lines", cause: "cron" } as const;
    const { kind, run } = await startRun(env.MIRROR_0, asked, NOW_MS);
    expect([kind, run.runId]).toEqual(["running", rebuild_id]);
  });
});

test.each<{ name: string; body: object; said: object }>([
  { name: "no reason", body: {}, said: { path: "reason", rule: "required" } },
  { name: "an empty reason", body: { reason: " " }, said: { path: "reason" } },
  {
    name: "no subject to thaw",
    body: { reason: "x", thaw: ["1001"] },
    said: { path: "thaw[0]" },
  },
  {
    name: "the future",
    body: { reason: "x", archive_from: "2026-07-11" },
    said: { path: "archive_from", rule: "range" },
  },
  {
    name: "another future",
    body: { reason: "x", reprice_from: "2026-07-11" },
    said: { path: "reprice_from", rule: "range" },
  },
  {
    name: "a misspelt field",
    body: { reason: "x", thaws: [] },
    said: { path: "thaws", rule: "unknown_field" },
  },
])("is refused with $name", async ({ body, said }) => {
  const response = await ask("POST /rebuilds", body);
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ errors: [said] });
});

test("is an admin's to start, and an operator's to follow", async () => {
  const made = await ask("POST /keys", { role: "operator" });
  const { key } = await made.json<{ key: string }>();
  expect((await ask("POST /rebuilds", { reason: "x" }, key)).status).toBe(403);
  expect((await ask("GET /rebuilds", undefined, key)).status).toBe(200);
});
