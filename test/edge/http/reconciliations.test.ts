import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { NO_REPORT } from "#src/core/reconciliation/report.ts";
import { startRun } from "#src/edge/d1/reconciliation/start-run.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { asDocumented } from "../support/contract.ts";

const NOW_MS = Date.parse("2026-07-10T12:00:00.000Z");
const HOUR_MS = 3_600_000;
const CORE = { url: "https://core.example/api", auth: "secret" };

const parts = { ...createParts(env), nowMs: () => NOW_MS };
const api = createApi(parts, readRoutes(readPorts(parts)));

interface Asked {
  readonly body?: object;
  readonly token?: string;
  readonly accept?: string;
}

let tenant: string;

async function ask(call: string, { body, token = env.ADMIN_TOKEN, accept }: Asked = {}) {
  const [method = "GET", path = ""] = call.split(" ");
  const headers = new Headers({ Authorization: `Bearer ${token}` });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (accept !== undefined) headers.set("Accept", accept);
  const url = `https://gateway.example/v1/tenants/${tenant}${path}`;
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return asDocumented({ method, url }, await api.fetch(new Request(url, init)));
}

/** A tenant of its own. */
async function found(more: object = { core: CORE }): Promise<void> {
  tenant = `t${crypto.randomUUID()}`;
  const body = { name: "Acme", mode: "mirror", currency: "USD", ...more };
  expect((await ask("PUT ", { body })).status).toBe(201);
}

const start = (body: object, more: Asked = {}) => ask("POST /reconciliations", { body, ...more });

type Shown = Readonly<Record<string, unknown>> & { readonly run_id: string };
const started = async (body: object): Promise<Shown> => (await start(body)).json<Shown>();

const list = async (query = "") =>
  (await ask(`GET /reconciliations${query}`)).json<{
    items: Shown[];
    next_cursor: string | null;
  }>();

async function saysOf(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  const { detail, errors = [] } = await response.json<{
    detail?: string;
    errors?: { path: string; rule: string }[];
  }>();
  const said = errors.map(({ path, rule }) => `${path} ${rule}`).join();
  return `${response.status} ${detail ?? said}`;
}

/** What whoever does the runs leaves of one. */
async function leave(runId: string, state: string, report: object, cursor: object = {}) {
  const sql = `UPDATE reconciliation_runs SET state = ?3, report = ?4, cursor = ?5,
    ended_ms = iif(?3 = 'running', NULL, started_ms + 1500) WHERE tenant = ?1 AND run_id = ?2`;
  const texts = [JSON.stringify(report), JSON.stringify(cursor)];
  await env.MIRROR_0.prepare(sql)
    .bind(tenant, runId, state, ...texts)
    .run();
}

const rows = async () =>
  (
    await env.MIRROR_0.prepare(
      "SELECT kind, state, cause, lease_ms, cursor, report FROM reconciliation_runs WHERE tenant = ?",
    )
      .bind(tenant)
      .all()
  ).results;

const REPORT = {
  ...NO_REPORT,
  expected: 3,
  covered: 2,
  compared: 2,
  differing: 2,
  healed: 1,
  open: 1,
  oldest_open_ms: NOW_MS - HOUR_MS,
  requests: 4,
  bytes: 1234,
  by_class: {
    AMOUNT: { found: 1, added: 1, healed: 1, open: 0 },
    CURRENCY: { found: 1, added: 0, healed: 0, open: 1 },
  },
};

beforeEach(() => found());

describe("POST …/reconciliations", () => {
  test.each([
    {
      body: { kind: "window" },
      cursor: { kind: "window", from_ms: NOW_MS - 72 * HOUR_MS, to_ms: NOW_MS },
    },
    {
      body: { kind: "window", to: "2026-07-04" },
      cursor: {
        kind: "window",
        from_ms: Date.UTC(2026, 6, 1),
        to_ms: Date.UTC(2026, 6, 4),
      },
    },
    { body: { kind: "lines" }, cursor: { kind: "lines" } },
    { body: { kind: "balances" }, cursor: { kind: "balances" } },
    {
      body: { kind: "lines", from: "2026-06-01T02:00:00+02:00" },
      cursor: { kind: "lines", from_ms: Date.UTC(2026, 5, 1) },
    },
  ])("starts $body, for whoever takes up runs", async ({ body, cursor }) => {
    const response = await start(body);
    expect(response.status).toBe(202);
    expect(response.headers.has("D1-Bookmark")).toBe(true);
    const run = await response.json<Shown>();
    expect(run).toMatchObject({
      run_id: expect.stringMatching(/^recon_[\da-f]{8}-[\da-f]{4}-7/),
      kind: body.kind,
      state: "running",
      cause: "admin_token",
      started_at: "2026-07-10T12:00:00.000Z",
      ended_at: null,
      report: { coverage_percent: null, compared: 0, by_class: {} },
      error: null,
    });
    const [row, ...others] = await rows();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      state: "running",
      cause: "admin_token",
      lease_ms: 0,
      report: "{}",
    });
    expect(JSON.parse(String(row?.["cursor"]))).toEqual(cursor);
    const { results } = await parts.control
      .prepare("SELECT action, target FROM audit WHERE tenant = ? AND action LIKE 'recon%'")
      .bind(tenant)
      .all();
    expect(results).toEqual([
      { action: "reconciliation.start", target: `reconciliation:${body.kind}` },
    ]);
  });

  test("has one run of a tenant at a time, whoever asks", async () => {
    const { run_id } = await started({ kind: "lines" });
    expect(await saysOf(start({ kind: "window" }))).toBe(
      `409 Reconciliation "${run_id}" (lines), started at 2026-07-10T12:00:00.000Z, is on its way: a tenant has one at a time`,
    );
    const asked = { tenant, kind: "window", cause: "cron" } as const;
    const again = await startRun(env.MIRROR_0, asked, NOW_MS);
    expect(again).toMatchObject({ kind: "running", run: { runId: run_id } });
    await leave(run_id, "done", REPORT);
    const both = await Promise.all([1, 2].map(() => startRun(env.MIRROR_0, asked, NOW_MS)));
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(["running", "started"]);
    expect(both[0]?.run.runId).toBe(both[1]?.run.runId);
    expect((await list()).items.map(({ cause }) => cause)).toEqual(
      expect.arrayContaining(["cron", "admin_token"]),
    );
    // Another tenant's is nothing to it.
    await found();
    expect((await start({ kind: "lines" })).status).toBe(202);
  });

  test("tells a tenant that has no core, or is none's mirror", async () => {
    await found({});
    expect(await saysOf(start({ kind: "window" }))).toMatch(/^409 The tenant has no core\.url/);
    await found({ mode: "gateway_final" });
    expect(await saysOf(start({ kind: "window" }))).toMatch(/^409 In gateway_final/);
    expect(await rows()).toEqual([]);
  });

  test.each([
    { body: {}, says: "422 kind required" },
    { body: { kind: "objects" }, says: "422 kind enum" },
    { body: { kind: "window", from: "yesterday" }, says: "422 from format" },
    { body: { kind: "lines", from: "2026-07-02", to: "2026-07-02" }, says: "422 to range" },
    { body: { kind: "lines", from: "2026-07-11" }, says: "422 from range" },
    { body: { kind: "balances", from: "2026-07-01" }, says: "422 from not_allowed" },
    { body: { kind: "balances", to: "2026-07-01" }, says: "422 to not_allowed" },
    { body: { kind: "lines", shard: 1 }, says: "422 shard unknown_field" },
  ])("refuses $body: $says", async ({ body, says }) => {
    expect(await saysOf(start(body))).toBe(says);
    expect(await rows()).toEqual([]);
  });

  test("is for finance and admin; operators and auditors read", async () => {
    const keyOf = async (role: string) =>
      (await (await ask("POST /keys", { body: { role } })).json<{ key: string }>()).key;
    for (const role of ["auditor", "operator"]) {
      const token = await keyOf(role);
      expect((await start({ kind: "lines" }, { token })).status).toBe(403);
      expect((await ask("GET /reconciliations", { token })).status).toBe(200);
    }
    expect((await start({ kind: "lines" }, { token: await keyOf("finance") })).status).toBe(202);
  });
});

describe("GET …/reconciliations", () => {
  test("lists runs, the newest first, page by page and narrowed", async () => {
    const ids: string[] = [];
    const kinds = ["lines", "window", "window"] as const;
    for (const [i, kind] of kinds.entries()) {
      const asked = { tenant, kind, cause: "cron" };
      const { run } = await startRun(env.MIRROR_0, asked, NOW_MS + i);
      ids.unshift(run.runId);
      if (i < 2) await leave(run.runId, i === 0 ? "failed" : "done", REPORT);
    }
    const first = await list("?limit=1");
    const rest = await list(`?cursor=${first.next_cursor}`);
    expect([...first.items, ...rest.items].map(({ run_id }) => run_id)).toEqual(ids);
    const narrowed = async (query: string) => (await list(query)).items.map(({ run_id }) => run_id);
    expect(await narrowed("?kind=window")).toEqual([ids[0], ids[1]]);
    expect(await narrowed("?kind=window&state=done")).toEqual([ids[1]]);
    expect(await narrowed("?state=failed")).toEqual([ids[2]]);
    expect(await narrowed("?state=failed&kind=balances")).toEqual([]);
    expect(await saysOf(ask(`GET /reconciliations?state=done&cursor=${first.next_cursor}`))).toBe(
      "400 cursor cursor",
    );
  });
});

describe("GET …/reconciliations/{id}", () => {
  test("reports what a run did", async () => {
    const { run_id } = await started({ kind: "window" });
    const range = { fromMs: Date.UTC(2026, 6, 7), toMs: Date.UTC(2026, 6, 11) };
    await leave(run_id, "done", REPORT, { range });
    const run = await (await ask(`GET /reconciliations/${run_id}`)).json();
    expect(run).toMatchObject({
      run_id,
      state: "done",
      ended_at: "2026-07-10T12:00:01.500Z",
      from: "2026-07-07T00:00:00.000Z",
      to: "2026-07-11T00:00:00.000Z",
      report: {
        coverage_percent: "66.66",
        expected: 3,
        open: 1,
        oldest_open_at: "2026-07-10T11:00:00.000Z",
        requests: 4,
        bytes: 1234,
        by_class: REPORT.by_class,
      },
      error: null,
    });
    expect((await ask("GET /reconciliations/recon_none")).status).toBe(404);
    const own = run_id;
    await found();
    expect((await ask(`GET /reconciliations/${own}`)).status).toBe(404);
  });

  test("tells why one failed, and of nothing compared no coverage", async () => {
    const { run_id } = await started({ kind: "lines" });
    const error = { kind: "timeout", detail: "The core did not answer within 10000 ms" };
    await leave(run_id, "failed", { error });
    const shown = async () => (await ask(`GET /reconciliations/${run_id}`)).json();
    expect(await shown()).toMatchObject({
      state: "failed",
      error,
      report: { coverage_percent: null, requests: 0 },
    });
    // All of nothing is all.
    await leave(run_id, "done", {});
    expect(await shown()).toMatchObject({ error: null, report: { coverage_percent: "100.00" } });
  });

  test("is a page by Accept: escaped, without a script, its one style allowed", async () => {
    const { run_id } = await started({ kind: "window" });
    const error = {
      kind: "malformed",
      detail: "The core said <img src=x onerror=alert(1)> & more",
    };
    await leave(run_id, "failed", { ...REPORT, error });
    const response = await ask(`GET /reconciliations/${run_id}`, { accept: "text/html" });
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("Vary")).toContain("Accept");
    const html = await response.text();
    expect(html).toContain(
      "Failed (malformed): The core said &lt;img src=x onerror=alert(1)&gt; &amp; more",
    );
    expect(html).not.toMatch(/<(?:img|script|link)/);
    for (const part of [
      "66.66 %",
      "<td>1,234</td>",
      ">CURRENCY</th><td>1</td><td>0</td>",
      run_id,
    ]) {
      expect(html).toContain(part);
    }
    const [, style = ""] = /<style>([^]*)<\/style>/.exec(html) ?? [];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    expect(response.headers.get("Content-Security-Policy")).toContain(
      `default-src 'none'; style-src 'sha256-${Buffer.from(digest).toString("base64")}'`,
    );
    const refused = await ask(`GET /reconciliations/${run_id}`, { accept: "text/csv" });
    expect(refused.status).toBe(406);
  });
});
