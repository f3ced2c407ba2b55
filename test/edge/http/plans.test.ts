import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import { planStore } from "#src/edge/control/plan-store.ts";
import { edgeVersion } from "#src/core/genealogy/edge.ts";
import { readLineages } from "#src/edge/d1/reads/lineages.ts";
import { readPlans } from "#src/edge/d1/reads/plans.ts";
import { planRoutes } from "#src/edge/http/plans.ts";
import { log } from "#src/edge/log.ts";
import type { Message } from "#src/edge/message.ts";
import { PLAN_ANSWERS, PlanToPut } from "../../../scripts/openapi/plan-answers.ts";
import { call, controlRig, newKey, newTenant } from "../support/control-rig.ts";
import { level, planBody, w1Plan, w6Plan, w6Upline, w8Plan } from "../support/plans.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const nowMs = () => NOW_MS;
const plansOf = async (tenant: string) =>
  (await readPlans(env.MIRROR_0, [tenant], log)).get(tenant) ?? [];
const { store } = controlRig();
const sent: Message[] = [];
const rig = controlRig({
  nowMs,
  routes: planRoutes({
    plans: planStore({ store, plansOf }),
    plansOf,
    lineages: (_, asks) => readLineages(env.MIRROR_0, asks),
    send: async (_, message) => {
      sent.push(message);
    },
    nowMs,
  }),
});

interface Problem {
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly rule: string }[];
}

/** `422 invalid: ranks[0].code duplicate, …` */
async function refusal(response: Response): Promise<string> {
  const { code, errors = [] } = await response.json<Problem>();
  const told = errors.map(({ path, rule }) => `${path} ${rule}`).join(", ");
  return `${response.status} ${code}: ${told}`;
}

async function newPlan(body: unknown = planBody()) {
  const tenant = await newTenant(rig);
  const list = `/v1/tenants/${tenant}/plans`;
  const path = `${list}/uni`;
  const put = (more: unknown) => call(rig, `PUT ${path}`, { body: more });
  return { tenant, list, path, put, response: await put(body) };
}

interface Page {
  readonly items: readonly Record<string, unknown>[];
  readonly next_cursor: string | null;
}

const get = async (path: string): Promise<Page> => (await call(rig, `GET ${path}`)).json<Page>();

describe("PUT /v1/tenants/:tenant/plans/:plan", () => {
  test("keeps a plan, and shows what was sent with name, version and time", async () => {
    const { path, response } = await newPlan();
    const shown = await response.json();
    expect(response.status).toBe(201);
    expect(shown).toEqual({
      ...planBody(),
      plan_id: "uni",
      version: 1,
      created_at: "2026-11-22T12:00:00.000Z",
    });
    expect(await (await call(rig, `GET ${path}`)).json()).toEqual(shown);
  });

  test("takes back what it showed, in any order, as no new version", async () => {
    const { put, response } = await newPlan();
    const shown = await response.json<Record<string, unknown>>();
    const turned = Object.fromEntries(Object.entries(shown).toReversed());
    const again = await put(turned);
    expect([again.status, await again.json()]).toEqual([200, shown]);
  });

  test("numbers versions, and keeps every one", async () => {
    const { path, put } = await newPlan();
    const second = await put(planBody({ holdback_days: 30, version: 2 }));
    expect([second.status, await second.json()]).toMatchObject([200, { version: 2 }]);
    const versions = ["", "?version=1", "?version=2", "?version=3"];
    const found = await Promise.all(versions.map((query) => call(rig, `GET ${path}${query}`)));
    const shown = await Promise.all(found.map((one) => one.json<{ holdback_days?: number }>()));
    expect(found.map(({ status }) => status)).toEqual([200, 200, 200, 404]);
    expect(shown.map((one) => one.holdback_days)).toEqual([30, 14, 30, undefined]);
  });

  test("refuses a version that is neither the next nor stored with the same content", async () => {
    const { path, put } = await newPlan();
    const answers = await Promise.all([
      put(planBody({ version: 3 })),
      put(planBody({ version: 1, holdback_days: 30 })),
    ]);
    const told = await Promise.all(answers.map(refusal));
    expect(told).toEqual(["409 conflict: version next", "409 conflict: version next"]);
    expect((await get(`${path}/versions`)).items).toHaveLength(1);
  });

  test("refuses a code that another plan has at the same time", async () => {
    const { list } = await newPlan();
    const components = [level({ code: "other" }), level()];
    const response = await call(rig, `PUT ${list}/second`, { body: planBody({ components }) });
    expect(await refusal(response)).toBe("409 conflict: components[1].code taken");
  });

  test("refuses another currency for sales that were paid already, and takes it for later ones", async () => {
    const { put } = await newPlan();
    const body = { currency: "JPY", effective_from: "2026-11-01" };
    expect(await refusal(await put(planBody(body)))).toBe("409 conflict: currency paid");
    const later = await put(planBody({ ...body, effective_from: "2026-12-01" }));
    expect(later.status).toBe(200);
  });

  test("has the sales since then priced anew, also where it was saved before", async () => {
    const { tenant, put } = await newPlan();
    for (const holdback_days of [30, 30]) await put(planBody({ holdback_days }));
    const told = sent.filter((message) => message.tenant === tenant);
    const atMs = Date.UTC(2026, 0, 1);
    const page = (version: number) => ({
      kind: "recompute",
      tenant,
      changes: [{ tenant, node: "", atMs, eventId: `plan:uni:${version}` }],
    });
    expect(told).toEqual([page(1), page(2), page(2)]);
  });

  test("has the tree told of a matrix", async () => {
    const { tenant } = await newPlan(w8Plan());
    const told = sent.filter((message) => message.tenant === tenant);
    const move = { kind: "place", recruits: [], of: "some", event_id: "plan:uni:1" };
    expect(told).toMatchObject([
      { kind: "recompute" },
      { kind: "subject", subject: `tree:${tenant}`, moves: [move] },
    ]);
  });

  test("takes another currency than the tenant's", async () => {
    const { response } = await newPlan(planBody({ currency: "JPY" }));
    expect(response.status).toBe(201);
  });

  test.each([
    { name: "a list", given: [], error: " type" },
    { name: "null", given: null, error: " type" },
    { name: "a text", given: '"plan"', error: " type" },
    {
      name: "nothing in it",
      given: {},
      error:
        "effective_from required, currency required, rounding required, holdback_days required, period required, volume required, eligibility required, ranks required, components required",
    },
    { name: "an unknown member", given: planBody({ pool: 1 }), error: "pool unknown" },
    {
      name: "another plan's id",
      given: planBody({ plan_id: "other" }),
      error: "plan_id mismatch",
    },
    { name: "version 0", given: planBody({ version: 0 }), error: "version minimum" },
    { name: "half a version", given: planBody({ version: 1.5 }), error: "version integer" },
    {
      name: "no date",
      given: planBody({ effective_from: "soon" }),
      error: "effective_from format",
    },
    {
      name: "an unknown currency",
      given: planBody({ currency: "XXY" }),
      error: "currency currency",
    },
    {
      name: "a rate above all",
      given: planBody({ components: [level({ rates_ppm: { Member: [1_000_001] } })] }),
      error: "components[0].rates_ppm.Member[0] maximum",
    },
    {
      name: "half a ppm",
      given: planBody({ components: [level({ pool_ppm: 0.5 })] }),
      error: "components[0].pool_ppm integer",
    },
    {
      name: "a rank that is none of the plan's",
      given: planBody({ components: [level({ rates_ppm: { Boss: [1] } })] }),
      error: "components[0].rates_ppm.Boss unknown_rank",
    },
    {
      name: "one code twice",
      given: planBody({ components: [level(), level()] }),
      error: "components[1].code duplicate",
    },
    {
      name: "a colon in a code",
      given: planBody({ components: [level({ code: "a:b" })] }),
      error: "components[0].code format",
    },
    {
      name: "a time zone that is none",
      given: planBody({ period: { unit: "month", tz: "Mars/Olympus" } }),
      error: "period.tz time_zone",
    },
    {
      name: "a component of no kind",
      given: planBody({ components: [level({ kind: "pyramid" })] }),
      error: "components[0].kind enum",
    },
  ])("refuses $name", async ({ given, error }) => {
    const { path, response } = await newPlan(given);
    expect(await refusal(response)).toBe(`422 invalid: ${error}`);
    expect((await call(rig, `GET ${path}`)).status).toBe(404);
  });

  test.each([
    { name: "what is no JSON", body: "{", headers: {}, told: "400 malformed: " },
    {
      name: "another media type",
      body: "{}",
      headers: { "Content-Type": "text/plain" },
      told: "415 unsupported_media_type: ",
    },
    {
      name: "more than 64 KiB",
      body: JSON.stringify({ plan: "x".repeat(65_536) }),
      headers: {},
      told: "413 too_large: ",
    },
  ])("refuses $name", async ({ body, headers, told }) => {
    const tenant = await newTenant(rig);
    const response = await call(rig, `PUT /v1/tenants/${tenant}/plans/uni`, { body, headers });
    expect(await refusal(response)).toBe(told);
  });

  test.each(["-uni", "a%2Fb", "a%20b", "a".repeat(65), "%C3%A9"])(
    "refuses %s as a name",
    async (name) => {
      const tenant = await newTenant(rig);
      const put = call(rig, `PUT /v1/tenants/${tenant}/plans/${name}`, { body: planBody() });
      expect(await refusal(await put)).toBe("400 parameter_invalid: plan format");
    },
  );

  test("names no more than 100 violations", async () => {
    const exclude_kinds = Array.from({ length: 150 }, () => "gift");
    const volume = { cv_to_money_ppm: 1_000_000, exclude_kinds };
    const { response } = await newPlan(planBody({ volume }));
    const { errors = [] } = await response.json<Problem>();
    expect([response.status, errors.length]).toEqual([422, 100]);
  });

  test("leaves each version in the audit trail, with who saved it", async () => {
    const { tenant, path, put } = await newPlan();
    const { key, key_id } = await newKey(rig, tenant, { role: "operator" });
    const body = planBody({
      effective_from: "2026-03-01",
      components: [level(), level({ code: "b" })],
    });
    await call(rig, `PUT ${path}`, { body, token: key });
    await put(body);
    await put(planBody({ currency: "?" }));
    const { items } = await get(`/v1/tenants/${tenant}/audit`);
    const trail = items.filter(({ target }) => target === "plan:uni");
    // Both of one millisecond: the trail tells no order within it.
    const saved = new Map(trail.map((entry) => [entry["action"], entry]));
    expect([trail.length, saved.get("plan.create"), saved.get("plan.update")]).toMatchObject([
      2,
      {
        actor: "admin_token",
        detail: {
          version: 1,
          effective_from: "2026-01-01T00:00:00.000Z",
          currency: "USD",
          components: ["unilevel"],
        },
      },
      {
        actor: `key:${key_id}`,
        detail: {
          version: 2,
          effective_from: "2026-03-01",
          currency: "USD",
          components: ["unilevel", "b"],
        },
      },
    ]);
  });
});

describe("GET …/plans, …/plans/:plan, …/versions", () => {
  test("lists the newest version of each plan, part by part", async () => {
    const { list, put } = await newPlan();
    await put(planBody({ holdback_days: 30 }));
    for (const name of ["Beta", "alpha"]) {
      const components = [level({ code: name })];
      await call(rig, `PUT ${list}/${name}`, { body: planBody({ components }) });
    }
    const first = await get(`${list}?limit=2`);
    const rest = await get(`${list}?limit=2&cursor=${first.next_cursor}`);
    expect([...first.items, ...rest.items]).toMatchObject([
      { plan_id: "Beta", version: 1 },
      { plan_id: "alpha", version: 1 },
      { plan_id: "uni", version: 2 },
    ]);
    expect(rest.next_cursor).toBeNull();
    expect(rest.items[0]).toEqual(await (await call(rig, `GET ${list}/uni`)).json());
  });

  test("lists versions from the newest on, part by part", async () => {
    const { path, put } = await newPlan();
    await put(planBody({ effective_from: "2025-06-01", holdback_days: 30 }));
    await put(planBody({ holdback_days: 31 }));
    const first = await get(`${path}/versions?limit=2`);
    const rest = await get(`${path}/versions?limit=2&cursor=${first.next_cursor}`);
    const created_at = "2026-11-22T12:00:00.000Z";
    const at = (version: number, effective_from: string) => ({
      plan_id: "uni",
      version,
      effective_from,
      created_at,
    });
    expect([...first.items, ...rest.items]).toEqual([
      at(3, "2026-01-01T00:00:00.000Z"),
      at(2, "2025-06-01T00:00:00.000Z"),
      at(1, "2026-01-01T00:00:00.000Z"),
    ]);
    expect(rest.next_cursor).toBeNull();
  });

  test.each(["plans/none", "plans/none/versions", "plans/uni?version=9"])(
    "finds no %s",
    async (asked) => {
      const { tenant } = await newPlan();
      expect((await call(rig, `GET /v1/tenants/${tenant}/${asked}`)).status).toBe(404);
    },
  );

  test.each([
    { asked: "plans?version=1", error: "version unknown_parameter" },
    { asked: "plans/uni?version=0", error: "version format" },
    { asked: "plans/uni?version=1e3", error: "version format" },
    { asked: "plans/uni?at=now", error: "at unknown_parameter" },
    { asked: "plans/uni/versions?limit=0", error: "limit range" },
    { asked: "plans/uni/versions?cursor=InVuaSI", error: "cursor cursor" },
  ])("refuses $asked", async ({ asked, error }) => {
    const { tenant } = await newPlan();
    const response = await call(rig, `GET /v1/tenants/${tenant}/${asked}`);
    expect(await refusal(response)).toBe(`400 parameter_invalid: ${error}`);
  });

  test("has an ETag, and 304 for who knows it", async () => {
    const { path, put } = await newPlan();
    const tag = (await call(rig, `GET ${path}`)).headers.get("ETag") ?? "";
    const headers = { "If-None-Match": tag };
    expect((await call(rig, `GET ${path}`, { headers })).status).toBe(304);
    await put(planBody({ holdback_days: 30 }));
    expect((await call(rig, `GET ${path}`, { headers })).status).toBe(200);
  });
});

describe("roles", () => {
  test.each([
    { role: "admin", reads: 200, writes: 200 },
    { role: "operator", reads: 200, writes: 200 },
    { role: "finance", reads: 200, writes: 403 },
    { role: "auditor", reads: 200, writes: 403 },
    { role: "support", reads: 403, writes: 403 },
    { role: "distributor", reads: 403, writes: 403 },
  ])("$role reads $reads, writes $writes", async ({ role, reads, writes }) => {
    const { tenant, list, path } = await newPlan();
    const subject = role === "distributor" ? { subject: "B" } : {};
    const { key: token } = await newKey(rig, tenant, { role, ...subject });
    const simulation = { upline: [{ id: "B" }], cv_x100: 100 };
    const asked = [
      call(rig, `GET ${list}`, { token }),
      call(rig, `GET ${path}`, { token }),
      call(rig, `GET ${path}/versions`, { token }),
      call(rig, `POST ${path}/simulate`, { token, body: simulation }),
    ];
    const read = await Promise.all(asked);
    expect(read.map(({ status }) => status)).toEqual([reads, reads, reads, reads]);
    expect((await call(rig, `PUT ${path}`, { token, body: planBody() })).status).toBe(writes);
  });

  test("no key of another tenant finds a plan", async () => {
    const { path } = await newPlan();
    const { key: token } = await newKey(rig, await newTenant(rig), { role: "admin" });
    expect((await call(rig, `GET ${path}`, { token })).status).toBe(404);
  });
});

interface Simulated {
  readonly lines: readonly {
    readonly distributor_id: string;
    readonly level: number;
    readonly depth: number;
    readonly amount_minor: number;
  }[];
  readonly breakage: readonly unknown[];
  readonly payout_ppm: number | null;
}

/** `B 1 400` of each line: whom, at which level, how much. */
const told = ({ lines }: Simulated) =>
  lines.map((line) => `${line.distributor_id} ${line.level} ${line.amount_minor}`);

const paid = (text: string) => text.split(", ");

const W1_UPLINE = [
  { id: "B", rank: "Member" },
  { id: "A", rank: "Silver" },
  { id: "S", rank: "Gold" },
  { id: "TL", rank: "Diamond" },
];

const AT = "2026-07-01T10:00:00.000Z";

async function simulated(path: string, body: object): Promise<Simulated> {
  const response = await call(rig, `POST ${path}/simulate`, { body });
  if (response.status !== 200) throw new Error(await refusal(response));
  return response.json<Simulated>();
}

describe("POST …/plans/:plan/simulate", () => {
  test("W1 along an upline that is told", async () => {
    const { path } = await newPlan(w1Plan());
    const sale = { source_node: "C", occurred_at: AT, cv_x100: 20_000, pv_x100: 20_000 };
    const answer = await simulated(path, { ...sale, upline: W1_UPLINE });
    const line = (step: number, distributor_id: string, rank: string) => ({
      line_id: null,
      component: "unilevel",
      level: step,
      depth: step,
      distributor_id,
      rank,
      rate_ppm: 50_000,
      amount_minor: 400,
      currency: "USD",
      amount: "4.00",
    });
    expect(answer).toEqual({
      plan: { plan_id: "uni", version: 1, is_draft: false },
      occurred_at: AT,
      period_id: "2026-07",
      lines: [
        line(1, "B", "Member"),
        line(2, "A", "Silver"),
        line(3, "S", "Gold"),
        line(4, "TL", "Diamond"),
      ],
      breakage: [],
      totals: { USD: { amount_minor: 1600, currency: "USD", amount: "16.00" } },
      commissionable: { amount_minor: 20_000, currency: "USD", amount: "200.00" },
      payout_ppm: 80_000,
    });
  });

  test.each([
    {
      name: "all active",
      compression: "pay_to_qualified",
      ex: "active",
      lines: "Co 1 200, Ma 2 300, Di 3 500, Ex 4 500, El 5 600, Pr 6 600, S1 7 700",
      share: 340_000,
      breakage: [],
    },
    ...["pay_to_qualified", "skip_inactive"].map((compression) => ({
      name: "Ex suspended",
      compression,
      ex: "suspended",
      lines: "Co 1 200, Ma 2 300, Di 3 500, El 4 500, Pr 5 600, S1 6 600, S2 7 700",
      share: 340_000,
      breakage: [],
    })),
    {
      name: "Ex suspended",
      compression: "none",
      ex: "suspended",
      lines: "Co 1 200, Ma 2 300, Di 3 500, El 5 600, Pr 6 600, S1 7 700",
      share: 290_000,
      breakage: [{ component: "unilevel", level: 4, reason: "not_eligible" }],
    },
  ])("W6, $name, $compression", async ({ compression, ex, lines, share, breakage }) => {
    const { path } = await newPlan(w6Plan(compression));
    const answer = await simulated(path, { upline: w6Upline(ex), cv_x100: 10_000 });
    expect(told(answer)).toEqual(paid(lines));
    expect([answer.payout_ppm, answer.breakage]).toEqual([share, breakage]);
  });

  test("W8 along an upline that is told", async () => {
    const { path } = await newPlan(w8Plan());
    const upline = [{ id: "A" }, { id: "Root" }];
    const answer = await simulated(path, { source_node: "D", upline, cv_x100: 10_000 });
    expect(told(answer)).toEqual(["A 1 200", "Root 2 200"]);
  });

  test("takes the version that held then, a back-dated one too", async () => {
    const { path, put } = await newPlan(w1Plan());
    const rates_ppm = { Member: [100_000] };
    const components = [level({ rates_ppm })];
    await put(planBody({ components, effective_from: "2026-06-01", version: 2 }));
    await put(planBody({ components, effective_from: "2025-06-01", version: 3 }));
    const versions = [];
    for (const day of ["2025-05-31", "2025-06-01", "2025-12-31", "2026-01-01", "2026-06-01"]) {
      const body = { upline: W1_UPLINE.slice(0, 1), occurred_at: `${day}T00:00:00Z`, cv_x100: 1 };
      const response = await call(rig, `POST ${path}/simulate`, { body });
      const { plan } = await response.clone().json<{ plan?: { version: number } }>();
      versions.push(plan?.version ?? (await refusal(response)));
    }
    expect(versions).toEqual(["422 invalid: occurred_at no_version", 3, 3, 1, 2]);
  });

  test("tries a draft, of a plan that is stored and of one that is not", async () => {
    const { list, path } = await newPlan(w1Plan());
    const draft = planBody({
      effective_from: "2030-01-01",
      currency: "JPY",
      volume: { cv_to_money_ppm: 150_000_000 },
      components: [level({ rates_ppm: { Member: [100_000] } })],
    });
    const body = { upline: [{ id: "B" }], cv_x100: 20_000, plan: draft };
    const answer = await simulated(path, body);
    expect(answer).toMatchObject({
      plan: { plan_id: "uni", version: 2, is_draft: true },
      period_id: "2026-11",
      lines: [{ amount_minor: 3000, currency: "JPY", amount: "3000", rank: "Member" }],
      totals: { JPY: { amount_minor: 3000 } },
      payout_ppm: 100_000,
    });
    const fresh = await simulated(`${list}/fresh`, body);
    expect(fresh).toMatchObject({ plan: { plan_id: "fresh", version: 1, is_draft: true } });
    // Nothing was written.
    expect((await get(list)).items).toMatchObject([{ plan_id: "uni", version: 1 }]);
  });

  test("asks the plan about buyer, order kind and package", async () => {
    const flat = level({
      kind: "flat",
      code: "kit",
      max_level: 2,
      amounts_minor: { gold: [5000, 1000], enrollment_kit: [100] },
      pool_ppm: undefined,
      rates_ppm: undefined,
    });
    const strict = level({ source_must_qualify: true });
    const volume = { cv_to_money_ppm: 1_000_000, exclude_kinds: ["enrollment_kit"] };
    const { path } = await newPlan(planBody({ components: [strict, flat], volume }));
    const upline = [{ id: "B" }, { id: "A" }];
    const sales = [
      { cv_x100: 10_000 },
      { cv_x100: 10_000, source: { status: "suspended" } },
      { cv_x100: 10_000, source: { status: "active" } },
      { cv_x100: 10_000, source: { status: "active" }, order_kind: "enrollment_kit" },
      { cv_x100: 0, source: { status: "active" }, package: "gold" },
    ];
    const answers = await Promise.all(sales.map((sale) => simulated(path, { ...sale, upline })));
    expect(answers.map((one) => [...told(one), one.payout_ppm])).toEqual([
      // A customer has no standing that could be missing.
      ["B 1 500", 50_000],
      [0],
      ["B 1 500", 50_000],
      ["B 1 100", null],
      ["B 1 5000", "A 2 1000", null],
    ]);
  });

  const upline = [{ id: "B" }];

  test.each([
    { name: "nothing in it", given: {}, error: "cv_x100 required" },
    { name: "no way up", given: { cv_x100: 1 }, error: "source_node required" },
    {
      name: "a standing of somebody real",
      given: { source_node: "C", source: {}, cv_x100: 1 },
      error: "source needs_upline",
    },
    { name: "a misspelt member", given: { upline, cv_x100: 1, cv: 1 }, error: "cv unknown_field" },
    { name: "half a point", given: { upline, cv_x100: 0.5 }, error: "cv_x100 integer" },
    { name: "a negative CV", given: { upline, cv_x100: -1 }, error: "cv_x100 minimum" },
    { name: "a CV beyond money", given: { upline, cv_x100: 2 ** 53 }, error: "cv_x100 maximum" },
    {
      name: "no instant",
      given: { upline, cv_x100: 1, occurred_at: "2026-07-01" },
      error: "occurred_at format",
    },
    {
      name: "an unknown order kind",
      given: { upline, cv_x100: 1, order_kind: "gift" },
      error: "order_kind enum",
    },
    {
      name: "an unknown status",
      given: { upline: [{ id: "B", status: "asleep" }], cv_x100: 1 },
      error: "upline[0].status enum",
    },
    {
      name: "ranks that the plan has not",
      given: { upline: [{ id: "B", rank: "Boss" }], source: { rank: "King" }, cv_x100: 1 },
      error: "source.rank unknown_rank, upline[0].rank unknown_rank",
    },
    {
      name: "one person twice",
      given: { source_node: "C", upline: [{ id: "B" }, { id: "C" }, { id: "B" }], cv_x100: 1 },
      error: "upline[1].id duplicate, upline[2].id duplicate",
    },
    {
      name: "a draft that is no plan",
      given: { upline, cv_x100: 1, plan: planBody({ currency: "?", components: [{ kind: "?" }] }) },
      error: "plan.currency currency, plan.components[0].kind enum",
    },
    { name: "a draft that is a list", given: { upline, cv_x100: 1, plan: [] }, error: "plan type" },
    {
      name: "a draft of another plan",
      given: { upline, cv_x100: 1, plan: planBody({ plan_id: "other" }) },
      error: "plan.plan_id mismatch",
    },
  ])("refuses $name", async ({ given, error }) => {
    const { path } = await newPlan();
    const response = await call(rig, `POST ${path}/simulate`, { body: given });
    expect(await refusal(response)).toBe(`422 invalid: ${error}`);
  });

  test("refuses a volume whose money cannot be kept exactly", async () => {
    const { path } = await newPlan(planBody({ volume: { cv_to_money_ppm: 2_000_000 } }));
    const most = Math.floor(Number.MAX_SAFE_INTEGER / 2);
    await simulated(path, { upline, cv_x100: most });
    const body = { upline, cv_x100: most + 1 };
    const response = await call(rig, `POST ${path}/simulate`, { body });
    expect(await refusal(response)).toBe("422 invalid: cv_x100 maximum");
  });

  test("finds no plan that there is not", async () => {
    const { list } = await newPlan();
    const response = await call(rig, `POST ${list}/none/simulate`, {
      body: { upline, cv_x100: 1 },
    });
    expect(response.status).toBe(404);
  });
});

interface Person {
  readonly id: string;
  readonly sponsor?: string;
  readonly placement?: string;
  readonly rank?: string;
  readonly status?: string;
}

const JOINED_MS = Date.UTC(2026, 0, 1);

const edgeOf = (tenant: string, row: object) => {
  const edge = { tenant, leg: null, node_kind: "distributor", effective_ms: JOINED_MS, ...row };
  return env.MIRROR_0.prepare(
    `INSERT INTO edges (tenant, tree, node, version, node_kind, effective_ms, parent_id, leg)
     SELECT j.value ->> 'tenant', j.value ->> 'tree', j.value ->> 'node', j.value ->> 'version',
       j.value ->> 'node_kind', j.value ->> 'effective_ms', j.value ->> 'parent_id', NULL
     FROM json_each(json_array(json(?))) j`,
  ).bind(JSON.stringify(edge));
};

const standingOf = (tenant: string, distributor: string, row: object) => {
  const standing = { period_id: "", rev: "1", effective_ms: JOINED_MS, ...row };
  return env.MIRROR_0.prepare(
    `INSERT INTO standings (tenant, distributor_id, kind, period_id, epoch, rev, effective_ms, value)
     SELECT ?1, ?2, j.value ->> 'kind', j.value ->> 'period_id', 0, j.value ->> 'rev',
       j.value ->> 'effective_ms', j.value ->> 'value' FROM json_each(json_array(json(?3))) j`,
  ).bind(tenant, distributor, JSON.stringify(standing));
};

const enrolled = edgeVersion("enrolment", { epoch: 0, rev: "1" });
const linked = edgeVersion("customer", { epoch: 0, rev: "1" });

/** Distributors as their enrolments and ranks stand in the mirror. */
const enrol = async (tenant: string, people: readonly Person[]) =>
  people.length > 0 &&
  env.MIRROR_0.batch(
    people.flatMap(({ id, sponsor = null, placement, rank, status = "active" }) => {
      const edge = { node: id, version: enrolled };
      const value = { status, sponsor_id: sponsor };
      return [
        edgeOf(tenant, { ...edge, tree: "sponsor", parent_id: sponsor }),
        ...(placement
          ? [edgeOf(tenant, { ...edge, tree: "placement", parent_id: placement })]
          : []),
        standingOf(tenant, id, { kind: "enrolment", value }),
        ...(rank ? [standingOf(tenant, id, { kind: "rank", value: { pay_rank: rank } })] : []),
      ];
    }),
  );

const W1_PEOPLE = [
  { id: "TL", rank: "Diamond" },
  { id: "S", sponsor: "TL", rank: "Gold" },
  { id: "A", sponsor: "S", rank: "Silver" },
  { id: "B", sponsor: "A" },
];

describe("POST …/plans/:plan/simulate of somebody real", () => {
  test("W1 from a customer, and from its enroller", async () => {
    const { tenant, path } = await newPlan(w1Plan());
    await enrol(tenant, W1_PEOPLE);
    const customer = { tree: "sponsor", node: "C", node_kind: "customer", version: linked };
    await edgeOf(tenant, { ...customer, parent_id: "B" }).run();
    const sale = { occurred_at: AT, cv_x100: 20_000 };
    const ofCustomer = await simulated(path, { ...sale, source_node: "C" });
    expect(told(ofCustomer)).toEqual(["B 1 400", "A 2 400", "S 3 400", "TL 4 400"]);
    const ofB = await simulated(path, { ...sale, source_node: "B" });
    expect(told(ofB)).toEqual(["A 1 400", "S 2 400", "TL 3 400"]);
    // The same as along that upline told, but for what only a real one knows.
    const { lines } = await simulated(path, { ...sale, upline: W1_UPLINE });
    expect(ofCustomer.lines).toEqual(lines);
  });

  test("W6 with somebody suspended on the way up since then", async () => {
    const { tenant, path } = await newPlan(w6Plan("pay_to_qualified"));
    const upline = w6Upline("active");
    const people = upline.map(({ id, rank }, index) => {
      const above = upline[index + 1];
      return { id, rank, ...(above === undefined ? {} : { sponsor: above.id }) };
    });
    await enrol(tenant, [{ id: "buyer", sponsor: "Co" }, ...people]);
    const effective_ms = Date.UTC(2026, 5, 1);
    const value = { status: "suspended" };
    await standingOf(tenant, "Ex", { kind: "status", effective_ms, value }).run();
    const days = ["2026-05-31T23:59:59.999Z", "2026-06-01T00:00:00.000Z"];
    const answers = await Promise.all(
      days.map((day) =>
        simulated(path, { source_node: "buyer", occurred_at: day, cv_x100: 10_000 }),
      ),
    );
    expect(answers.map(told)).toEqual([
      paid("Co 1 200, Ma 2 300, Di 3 500, Ex 4 500, El 5 600, Pr 6 600, S1 7 700"),
      paid("Co 1 200, Ma 2 300, Di 3 500, El 4 500, Pr 5 600, S1 6 600, S2 7 700"),
    ]);
    expect(answers[1]?.lines[3]).toMatchObject({ distributor_id: "El", level: 4, depth: 5 });
  });

  test("W8 up the placement tree, and after a move", async () => {
    const { tenant, path } = await newPlan(w8Plan());
    await enrol(tenant, [
      { id: "Root" },
      ...["A", "B", "C"].map((id) => ({ id, sponsor: "Root", placement: "Root" })),
      { id: "D", sponsor: "Root", placement: "A" },
    ]);
    const version = edgeVersion("move", { epoch: 0, rev: "1" });
    const effective_ms = Date.UTC(2026, 6, 1);
    const move = { tree: "placement", node: "D", version, effective_ms, parent_id: "B" };
    await edgeOf(tenant, move).run();
    const sale = { source_node: "D", cv_x100: 10_000 };
    const before = await simulated(path, { ...sale, occurred_at: "2026-06-30T23:59:59.999Z" });
    expect(told(before)).toEqual(["A 1 200", "Root 2 200"]);
    expect(before.lines).toMatchObject([{ rank: "Member" }, { rank: "Member" }]);
    expect(told(await simulated(path, sale))).toEqual(["B 1 200", "Root 2 200"]);
  });

  test.each([
    {
      name: "a source that nobody knows",
      people: [],
      node: "X",
      error: "source_node unknown_node",
      says: '"X"',
    },
    {
      name: "an ancestor that nobody knows",
      people: [{ id: "B", sponsor: "A" }],
      node: "B",
      error: "source_node unknown_node",
      says: '"A"',
    },
    {
      name: "an ancestor unknown in the placement tree alone",
      people: [{ id: "A" }, { id: "B", sponsor: "A", placement: "P" }],
      node: "B",
      error: "source_node unknown_node",
      says: 'the placement tree: "P"',
    },
    {
      name: "a circle",
      people: [
        { id: "A", sponsor: "B" },
        { id: "B", sponsor: "A" },
      ],
      node: "B",
      error: "source_node cycle_node",
      says: '"B"',
    },
  ])("refuses $name, and names it", async ({ people, node, error, says }) => {
    const placed = level({ code: "placed", tree: "placement" });
    const { tenant, path } = await newPlan(planBody({ components: [level(), placed] }));
    await enrol(tenant, people);
    const body = { source_node: node, cv_x100: 100 };
    const response = await call(rig, `POST ${path}/simulate`, { body });
    expect(await response.clone().text()).toContain(JSON.stringify(says).slice(1, -1));
    expect(await refusal(response)).toBe(`422 invalid: ${error}`);
  });

  test("follows the sponsors alone where the plan walks no other tree", async () => {
    const { tenant, path } = await newPlan();
    await enrol(tenant, [{ id: "A" }, { id: "B", sponsor: "A", placement: "P" }]);
    const answer = await simulated(path, { source_node: "B", cv_x100: 10_000 });
    expect(told(answer)).toEqual(["A 1 500"]);
  });

  test("knows nobody of another tenant", async () => {
    const { tenant } = await newPlan();
    await enrol(tenant, [{ id: "TL" }]);
    const { path } = await newPlan();
    const body = { source_node: "TL", cv_x100: 100 };
    const response = await call(rig, `POST ${path}/simulate`, { body });
    expect(await refusal(response)).toBe("422 invalid: source_node unknown_node");
  });
});

describe("openapi.json", () => {
  const every = planBody({
    ranks: [
      { code: "Member", min_pv_x100: 1, min_gv_x100: 1, max_leg_ppm: 500_000, grace_periods: 1 },
      { code: "Gold", legs_with_rank: { rank: "Member", count: 2 } },
    ],
    volume: { cv_to_money_ppm: 1, exclude_kinds: ["enrollment_kit"], refund_volume: "original" },
    components: [
      level({ source_must_qualify: true, boundary_rank: "Gold", compress_min_rank: "Gold" }),
      level({ kind: "matrix", code: "m", width: 3, height: 3 }),
      {
        kind: "binary",
        code: "b",
        pair_ppm: 100_000,
        after: "flush",
        unit_x100: 100,
        cap_minor: 1,
        carry_cap_x100: 1,
      },
      { kind: "stairstep", code: "s", brackets: [{ min_pv: 0, rate_ppm: 30_000 }] },
      {
        kind: "generation",
        code: "g",
        tree: "sponsor",
        pool_ppm: 1,
        boundary_rank: "Gold",
        max_generation: 1,
        rates_ppm: { Gold: [1] },
        differential: true,
      },
      {
        kind: "flat",
        code: "f",
        tree: "sponsor",
        max_level: 1,
        compression: "none",
        amounts_minor: { gold: [5] },
      },
    ],
    caps: { per_distributor_minor: 1, company_ppm_of_cv_value: 1, mode: "pro_rata" },
    clawback: { limit_minor: 1 },
    payout: { minimum_minor: 100, fee_minor: 1, withholding_ppm: 1 },
  });

  const faultsOf = (schema: z.ZodType, value: unknown) =>
    schema.safeParse(value).error?.issues ?? [];

  test("says what plans answer, whatever they hold", async () => {
    const { list, path, response } = await newPlan(every);
    expect(faultsOf(PlanToPut, every)).toEqual([]);
    expect(faultsOf(PLAN_ANSWERS.Plan, await response.json())).toEqual([]);
    const plans = await get(list);
    const versions = await get(`${path}/versions`);
    expect([plans.items.length, versions.items.length]).toEqual([1, 1]);
    expect(faultsOf(PLAN_ANSWERS.Plan, plans.items[0])).toEqual([]);
    expect(faultsOf(PLAN_ANSWERS.PlanVersion, versions.items[0])).toEqual([]);
    const sale = { upline: [{ id: "B" }], cv_x100: 0, package: "gold" };
    const simulation = await simulated(path, sale);
    expect(simulation.lines).toHaveLength(1);
    expect(faultsOf(PLAN_ANSWERS.Simulation, simulation)).toEqual([]);
  });
});
