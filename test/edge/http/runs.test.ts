import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import type { Proposal } from "#src/core/runs/proposal.ts";
import { recordDeed } from "#src/edge/control/trail.ts";
import { readPlans } from "#src/edge/d1/reads/plans.ts";
import { proposalStore } from "#src/edge/d1/runs/proposals.ts";
import { runLeases, runStore } from "#src/edge/d1/runs/store.ts";
import { payoutRoutes } from "#src/edge/http/payouts.ts";
import { runRoutes } from "#src/edge/http/runs.ts";
import { log } from "#src/edge/log.ts";
import { RUN_ANSWERS } from "../../../scripts/openapi/runs.ts";
import { planBody } from "../support/plans.ts";

const NOW_MS = Date.parse("2026-08-01T00:00:00.000Z");
const CLOSE = { kind: "close", plan: "main", period: "2026-07" };

async function rigOf(mode = "gateway_final") {
  const tenant = `t${crypto.randomUUID()}`;
  const parts = createParts(env);
  const { control } = parts;
  const clock = { nowMs: NOW_MS };
  const runs = runStore(control);
  const taken: number[] = [];
  const plansOf = async (of: string) => (await readPlans(control, [of], log)).get(of) ?? [];
  const api = createApi(parts, [
    ...runRoutes({
      runs,
      plansOf,
      periods: readPorts(parts).periods,
      takeUp: (_tenant, run) => taken.push(run.attempt),
      record: (deed, act) => recordDeed(control, deed, act),
      nowMs: () => clock.nowMs,
    }),
    ...payoutRoutes({ runs, proposals: proposalStore(control) }),
  ]);
  const fetchAs = (line: string, { token = env.ADMIN_TOKEN, body, accept }: Asked = {}) => {
    const [method = "GET", path = ""] = line.split(" ");
    const headers = new Headers({ Authorization: `Bearer ${token}` });
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (accept !== undefined) headers.set("Accept", accept);
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return api.fetch(new Request(`https://gateway.example/v1/tenants/${tenant}${path}`, init));
  };
  await fetchAs("PUT", { body: { name: "Acme", mode, currency: "USD" } });
  const plan = { plan_id: "main", version: 1, ...planBody({ payout: { minimum_minor: 1000 } }) };
  await control
    .prepare("INSERT INTO plans VALUES (?, 'main', 1, 0, ?, 0)")
    .bind(tenant, JSON.stringify(plan))
    .run();
  const key = async (role: string, subject?: string) => {
    const response = await fetchAs("POST /keys", {
      body: { role, ...(subject ? { subject } : {}) },
    });
    return (await response.json<{ key: string }>()).key;
  };
  return { tenant, control, clock, fetchAs, key, taken };
}

interface Asked {
  readonly token?: string;
  readonly body?: object;
  readonly accept?: string;
}

const bodyOf = async <Body>(response: Response, schema: z.ZodType<Body>): Promise<Body> =>
  schema.parse(await response.json());

const proposals = (count: number): readonly Proposal[] =>
  Array.from({ length: count }, (_, i) => ({
    distributor_id: `D${String(i).padStart(4, "0")}`,
    currency: "USD",
    gross_minor: 12_500,
    fee_minor: 150,
    withholding_minor: 3000,
    net_minor: 9350,
  }));

describe("POST …/runs", () => {
  test("starts a run, and does it again under the same id, audited", async () => {
    const { tenant, control, fetchAs, taken } = await rigOf();
    const response = await fetchAs("POST /runs", { body: CLOSE });
    expect(response.status).toBe(202);
    expect(taken).toEqual([1]);
    expect(await bodyOf(response, RUN_ANSWERS.Run)).toMatchObject({
      run_id: "close:main:2026-07",
      state: "running",
      attempt: 1,
      started_at: "2026-08-01T00:00:00.000Z",
    });
    // It is on its way: the same attempt.
    const again = await fetchAs("POST /runs", { body: CLOSE });
    expect(await again.json()).toMatchObject({ attempt: 1 });

    const run = await runStore(control).get(tenant, "close:main:2026-07");
    if (run === undefined) throw new Error("It is not there");
    const leases = runLeases(control);
    expect(await leases.claim(run, { nowMs: NOW_MS, untilMs: NOW_MS + 5 })).toBe(true);
    expect(await leases.claim(run, { nowMs: NOW_MS + 4, untilMs: NOW_MS + 9 })).toBe(false);
    const done = { leaseMs: NOW_MS + 5, progress: {}, state: "done", endedMs: NOW_MS } as const;
    expect(await leases.save(run, { ...done, leaseMs: NOW_MS + 6 })).toBe(false);
    expect(await leases.save(run, done)).toBe(true);
    const third = await fetchAs("POST /runs", { body: CLOSE });
    expect(await third.json()).toMatchObject({ attempt: 2, state: "running", ended_at: null });

    const { results } = await control
      .prepare("SELECT target FROM audit WHERE tenant = ? AND action = 'run.start'")
      .bind(tenant)
      .all();
    expect(results).toEqual(Array.from({ length: 3 }, () => ({ target: "close:main:2026-07" })));
  });

  test.each([
    { name: "another kind", body: { ...CLOSE, kind: "pay" }, status: 422, code: "invalid" },
    { name: "an unknown plan", body: { ...CLOSE, plan: "x" }, status: 422, code: "invalid" },
    { name: "no period", body: { ...CLOSE, period: "2026-13" }, status: 422, code: "invalid" },
    {
      name: "a period that goes on",
      body: { ...CLOSE, period: "2026-08" },
      status: 409,
      code: "conflict",
    },
  ])("refuses $name", async ({ body, status, code }) => {
    const { tenant, control, fetchAs } = await rigOf();
    const response = await fetchAs("POST /runs", { body });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
    expect(await runStore(control).states(tenant)).toEqual([]);
  });

  const sell = (tenant: string, at: string, period: string) =>
    env.MIRROR_0.prepare(
      `INSERT INTO orders (tenant, order_id, state, net_minor, tax_minor, shipping_minor,
         amount_minor, fee_minor, returned_minor, cv_x100, pv_x100, paid_ms, period_id, lines, manifest)
       VALUES (?1, ?2, 'paid', 0, 0, 0, 0, 0, 0, 0, 0, ?3, ?4, 0, '[]')`,
    )
      .bind(tenant, `O-${at}`, Date.parse(at), period)
      .run();
  const closed = (tenant: string, period: string) =>
    env.MIRROR_0.prepare("INSERT INTO records VALUES (?1, 'period', ?2, 1, '1', 0, 0, '{}')")
      .bind(tenant, period)
      .run();

  test("closes no period before an older one in which something was sold", async () => {
    const { tenant, control, fetchAs } = await rigOf();
    await sell(tenant, "2026-05-31T23:59:59.999Z", "2026-05");
    await sell(tenant, "2026-03-01T00:00:00Z", "2026-03");
    await sell(tenant, "2026-07-01T00:00:00Z", "2026-07");
    const refused = async () => {
      const response = await fetchAs("POST /runs", { body: CLOSE });
      const { detail } = await response.json<{ detail?: string }>();
      return `${response.status} ${detail}`;
    };
    expect(await refused()).toMatch(/^409 Period "2026-03" has sales and is not closed: /);
    const march = await fetchAs("POST /runs", { body: { ...CLOSE, period: "2026-03" } });
    expect(march.status).toBe(202);
    expect(await refused()).toMatch(/^409 Period "2026-03" /);
    await closed(tenant, "2026-03");
    expect(await refused()).toMatch(/^409 Period "2026-05" /);
    await closed(tenant, "2026-05");
    expect(await refused()).toMatch(/^202 /);
    const started = (await runStore(control).states(tenant)).map(({ periodId }) => periodId);
    expect(started).toEqual(["2026-03", "2026-07"]);
  });

  test("counts what was paid late as a sale of the period in which it counts", async () => {
    const { tenant, fetchAs } = await rigOf();
    await closed(tenant, "2026-05");
    await sell(tenant, "2026-05-10T00:00:00Z", "2026-05");
    await sell(tenant, "2026-04-10T00:00:00Z", "2026-06");
    const response = await fetchAs("POST /runs", { body: CLOSE });
    expect(await response.json()).toMatchObject({
      status: 409,
      detail: expect.stringMatching(/^Period "2026-06" has sales/),
    });
  });

  test("closes over older periods in which nothing was sold, and what is closed anyway", async () => {
    const { tenant, fetchAs } = await rigOf();
    await sell(tenant, "2025-12-31T23:59:59.999Z", "2025-12");
    expect((await fetchAs("POST /runs", { body: CLOSE })).status).toBe(202);
    const other = await rigOf();
    await sell(other.tenant, "2026-06-10T00:00:00Z", "2026-06");
    await closed(other.tenant, "2026-07");
    expect((await other.fetchAs("POST /runs", { body: CLOSE })).status).toBe(202);
  });

  test("waits for the period's last millisecond", async () => {
    const { clock, fetchAs } = await rigOf();
    clock.nowMs = NOW_MS - 1;
    expect((await fetchAs("POST /runs", { body: CLOSE })).status).toBe(409);
    clock.nowMs = NOW_MS;
    expect((await fetchAs("POST /runs", { body: CLOSE })).status).toBe(202);
  });

  test("leaves runs to the core in mirror mode, and says so", async () => {
    const { fetchAs } = await rigOf("mirror");
    const response = await fetchAs("POST /runs", { body: CLOSE });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining("core") });
  });

  test("is for finance and admins", async () => {
    const { fetchAs, key } = await rigOf();
    for (const [role, status] of [
      ["finance", 202],
      ["operator", 403],
      ["auditor", 403],
    ] as const) {
      const token = await key(role);
      expect((await fetchAs("POST /runs", { token, body: CLOSE })).status).toBe(status);
      expect((await fetchAs("GET /runs", { token })).status).toBe(200);
    }
  });
});

test("GET …/runs lists them by id, page by page; one of them by its id", async () => {
  const { fetchAs } = await rigOf();
  for (const kind of ["close", "ranks", "payouts"]) {
    await fetchAs("POST /runs", { body: { ...CLOSE, kind } });
  }
  const first = await fetchAs("GET /runs?limit=2");
  const page = await first.json<{ items: { run_id: string }[]; next_cursor: string }>();
  expect(page.items.map((run) => run.run_id)).toEqual([
    "close:main:2026-07",
    "payouts:main:2026-07",
  ]);
  const rest = await fetchAs(`GET /runs?limit=2&cursor=${page.next_cursor}`);
  expect(await rest.json()).toMatchObject({
    items: [{ run_id: "ranks:main:2026-07" }],
    next_cursor: null,
  });
  const one = await fetchAs("GET /runs/ranks:main:2026-07");
  expect(await bodyOf(one, RUN_ANSWERS.Run)).toMatchObject({ kind: "ranks", period_id: "2026-07" });
  expect((await fetchAs("GET /runs/ranks:main:2026-06")).status).toBe(404);
});

describe("GET …/runs/{run}/proposals", () => {
  const RUN = "payouts:main:2026-07";
  const PATH = `/runs/${RUN}/proposals`;

  test("lists what is proposed, page by page", async () => {
    const { tenant, control, fetchAs } = await rigOf();
    await fetchAs("POST /runs", { body: { ...CLOSE, kind: "payouts" } });
    const page = { proposals: proposals(3), isFirst: true };
    await proposalStore(control).put({ tenant, runId: RUN }, page);
    const response = await fetchAs(`GET ${PATH}?limit=2`);
    const { items, next_cursor } = await response.json<{ items: object[]; next_cursor: string }>();
    expect(items.map((item) => RUN_ANSWERS.PayoutProposal.parse(item))).toMatchObject([
      { distributor_id: "D0000", net: { amount_minor: 9350, currency: "USD", amount: "93.50" } },
      { distributor_id: "D0001" },
    ]);
    const rest = await fetchAs(`GET ${PATH}?limit=2&cursor=${next_cursor}`);
    expect(await rest.json()).toMatchObject({
      items: [{ distributor_id: "D0002" }],
      next_cursor: null,
    });
  });

  test("gives all of them as CSV once the run is done", async () => {
    const { tenant, control, fetchAs } = await rigOf();
    await fetchAs("POST /runs", { body: { ...CLOSE, kind: "payouts" } });
    const formula = proposals(1).map((one) => ({ ...one, distributor_id: "=cmd" }));
    const page = { proposals: [...proposals(1001), ...formula], isFirst: true };
    await proposalStore(control).put({ tenant, runId: RUN }, page);
    const accept = "text/csv";
    expect((await fetchAs(`GET ${PATH}`, { accept })).status).toBe(409);
    await control.prepare("UPDATE runs SET state = 'done' WHERE tenant = ?").bind(tenant).run();
    const response = await fetchAs(`GET ${PATH}`, { accept });
    expect(response.headers.get("Content-Disposition")).toContain("payouts-main-2026-07.csv");
    const rows = (await response.text()).split("\r\n");
    expect(rows).toHaveLength(1 + 1002 + 1);
    expect(rows[0]).toBe("run_id,distributor_id,currency,gross,fee,withholding,net,net_minor");
    expect(rows[1]).toBe(`${RUN},'=cmd,USD,125.00,1.50,30.00,93.50,9350`);
  });

  test("knows no proposals of other runs, nor other media", async () => {
    const { fetchAs } = await rigOf();
    await fetchAs("POST /runs", { body: CLOSE });
    expect((await fetchAs("GET /runs/close:main:2026-07/proposals")).status).toBe(404);
    expect((await fetchAs(`GET ${PATH}`)).status).toBe(404);
    expect((await fetchAs(`GET ${PATH}`, { accept: "text/html" })).status).toBe(406);
  });

  test("is for those who may read payouts", async () => {
    const { fetchAs, key } = await rigOf();
    await fetchAs("POST /runs", { body: { ...CLOSE, kind: "payouts" } });
    expect((await fetchAs(`GET ${PATH}`, { token: await key("finance") })).status).toBe(200);
    expect((await fetchAs(`GET ${PATH}`, { token: await key("operator") })).status).toBe(403);
  });
});
