import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { edgesOfEnrolment, edgeOfCustomer, edgeOfMove } from "#src/core/genealogy/edge.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import type { Edge } from "#src/core/subject/entry.ts";
import { DOWNLINE_MAX, progressReads } from "#src/edge/d1/reads/progress.ts";
import { progressRoutes } from "#src/edge/http/progress.ts";
import { REPORT_ANSWERS } from "../../../scripts/openapi/report-answers.ts";
import { entry, readRig } from "./reads/rig.ts";

const NOW_MS = Date.UTC(2026, 6, 20);
const JULY = Date.UTC(2026, 6, 1);

const PLAN: Plan = {
  plan_id: "main",
  version: 1,
  effective_from: "2026-01-01",
  currency: "USD",
  rounding: "half_even",
  holdback_days: 0,
  period: { unit: "month", tz: "UTC" },
  volume: { cv_to_money_ppm: 1_000_000 },
  eligibility: { statuses: ["active"], min_pv_x100: 0 },
  ranks: [
    { code: "member" },
    { code: "silver", min_pv_x100: 10_000, min_gv_x100: 100_000 },
    { code: "gold", min_gv_x100: 300_000, legs_with_rank: { rank: "silver", count: 2 } },
  ],
  components: [],
};

async function tenantWith(plans: readonly Plan[] = [PLAN]) {
  const { tenant, mirror } = await readRig();
  const progress = progressReads(() => env.MIRROR_0);
  const ports = { progress, plansOf: async () => plans, nowMs: () => NOW_MS };
  const api = createApi(createParts(env), progressRoutes(ports));
  const insert = async (table: string, row: Record<string, string | number | null>) => {
    const names = Object.keys(row);
    await env.MIRROR_0.prepare(
      `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    )
      .bind(...Object.values(row))
      .run();
  };
  const standing = (
    distributor: string,
    kind: string,
    more: { rev?: string; period?: string },
  ) => ({
    tenant,
    distributor_id: distributor,
    kind,
    period_id: more.period ?? "2026-07",
    epoch: 0,
    rev: more.rev ?? "1",
    effective_ms: JULY,
  });
  await mirror("dist:top", [entry({})]);
  return {
    tenant,
    edge: (edge: Edge) => insert("edges", { tenant, ...edge }),
    under: async (node: string, sponsor_id: string | null) => {
      const place = { epoch: 0, rev: "1", effective_ms: JULY - 1000 };
      const at = { sponsor_id, placement_id: null, leg: null };
      for (const edge of edgesOfEnrolment(node, at, place))
        await insert("edges", { tenant, ...edge });
    },
    volume: (distributor_id: string, pv_x100: number, gv_x100: number, period_id = "2026-07") =>
      insert("volumes", { tenant, distributor_id, period_id, pv_x100, cv_x100: 0, gv_x100 }),
    told: (distributor: string, pv_x100: number, gv_x100: number, more = {}) =>
      insert("standings", {
        ...standing(distributor, "volume", more),
        value: JSON.stringify({ pv_x100, gv_x100 }),
      }),
    rank: (
      distributor: string,
      pay_rank: string,
      more: { rev?: string; period?: string; atMs?: number; by?: string } = {},
    ) =>
      insert("standings", {
        ...standing(distributor, "rank", more),
        effective_ms: more.atMs ?? JULY,
        value: JSON.stringify({
          pay_rank,
          career_rank: "ruby",
          ...(more.by === undefined ? {} : { told_by: more.by }),
        }),
      }),
    ask: (path: string) =>
      api.fetch(
        new Request(`https://gateway.example/v1/tenants/${tenant}/${path}`, {
          headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}` },
        }),
      ),
  };
}

const PATH = "distributors/top/progress";

describe("GET …/distributors/{id}/progress", () => {
  test("shows in its shape what is missing to the next rank, as counted here", async () => {
    const { ask, under, volume, rank } = await tenantWith();
    await volume("top", 12_000, 90_000);
    await under("A", "top");
    await under("B", "A");
    await rank("B", "silver");
    const response = await ask(PATH);
    expect(response.status).toBe(200);
    const body = await response.json();
    expect(REPORT_ANSWERS.Progress.safeParse(body).error?.issues).toBeUndefined();
    expect(body).toEqual({
      distributor_id: "top",
      period_id: "2026-07",
      period_end: "2026-07-31T23:59:59.999Z",
      estimate: true,
      plan_id: "main",
      rank: "member",
      rank_source: "estimate",
      estimated_rank: "member",
      next_rank: "silver",
      requirements: [
        { requirement: "min_pv_x100", need: 10_000, have: 12_000, missing: 0 },
        { requirement: "min_gv_x100", need: 100_000, have: 90_000, missing: 10_000 },
      ],
      pv_x100: 12_000,
      gv_x100: 90_000,
      volumes_source: "estimate",
      legs: 1,
      legs_complete: true,
    });
  });

  test("takes the core's rank and the core's highest snapshot of the period", async () => {
    const { ask, volume, told, rank } = await tenantWith();
    await volume("top", 1, 1);
    await told("top", 500, 250_000, { rev: "9" });
    await told("top", 600, 280_000, { rev: "10" });
    await told("top", 700, 999_999, { period: "2026-06" });
    await rank("top", "silver", { period: "2026-06" });
    expect(await (await ask(PATH)).json()).toMatchObject({
      rank: "silver",
      rank_source: "core",
      next_rank: "gold",
      pv_x100: 600,
      volumes_source: "core",
      requirements: [
        { requirement: "min_gv_x100", have: 280_000, missing: 20_000 },
        { requirement: "legs_with_rank", rank: "silver", need: 2, have: 0, missing: 2 },
      ],
    });
  });

  const LEGS: Plan = {
    ...PLAN,
    ranks: [
      { code: "M" },
      { code: "S", min_pv_x100: 10_000 },
      { code: "D", legs_with_rank: { rank: "S", count: 2 } },
    ],
  };

  test("sees the estimated ranks of those below, unless one was told for the period", async () => {
    const { ask, under, volume, rank } = await tenantWith([LEGS]);
    await under("B", "top");
    await under("C", "top");
    await under("C2", "C");
    await volume("B", 80_000, 80_000);
    await volume("C2", 50_000, 50_000);
    const shown = { rank: "D", rank_source: "estimate", next_rank: null, legs_complete: true };
    expect(await (await ask(PATH)).json()).toMatchObject(shown);
    await rank("B", "M", { period: "2026-06" });
    expect(await (await ask(PATH)).json()).toMatchObject(shown);
    await rank("B", "M");
    expect(await (await ask(PATH)).json()).toMatchObject({
      rank: "M",
      next_rank: "S",
      estimated_rank: "M",
    });
    await rank("B", "S", { rev: "2" });
    expect(await (await ask(PATH)).json()).toMatchObject({ rank: "D", estimated_rank: "D" });
  });

  test("shows the rank that a run set for a period, in force only from its end on", async () => {
    const { ask, rank, volume } = await tenantWith();
    await volume("top", 10_000, 100_000, "2026-06");
    await rank("top", "gold", { period: "2026-06", rev: "10", atMs: JULY, by: "run" });
    await rank("top", "silver", { period: "2026-05", rev: "9", atMs: JULY - 10_000 });
    expect(await (await ask(`${PATH}?period=2026-06`)).json()).toMatchObject({
      rank: "gold",
      rank_source: "run",
      estimated_rank: "silver",
    });
    expect(await (await ask(`${PATH}?period=2026-05`)).json()).toMatchObject({
      rank: "silver",
      rank_source: "core",
    });
    expect(await (await ask(PATH)).json()).toMatchObject({
      rank: "gold",
      rank_source: "run",
      estimated_rank: "member",
    });
  });

  test("looks at a downline that runs in a circle", async () => {
    const { ask, under } = await tenantWith([LEGS]);
    await under("top", "B");
    await under("B", "top");
    expect(await (await ask(PATH)).json()).toMatchObject({ legs: 1, legs_complete: true });
  });

  test("finds ranks anywhere in a leg as the tree stands, and counts no customers", async () => {
    const { ask, edge, under, rank } = await tenantWith();
    await rank("top", "silver");
    const at = { epoch: 0, rev: "1", effective_ms: JULY - 1000 };
    // A leg of A > B > C, of D, of whoever moved below A, and a customer.
    for (const [node, sponsor] of [
      ["A", "top"],
      ["B", "A"],
      ["C", "B"],
      ["D", "top"],
      ["E", "top"],
    ]) {
      await under(node ?? "", sponsor ?? "");
    }
    for (const node of ["C", "D", "E"]) await rank(node, node === "D" ? "member" : "gold");
    await edge(edgeOfCustomer("K", "top", at));
    await rank("K", "gold");
    const legs = async () => {
      const { requirements, legs: count } = await (
        await ask(PATH)
      ).json<{
        requirements: readonly { requirement: string; have: number }[];
        legs: number;
      }>();
      const have = requirements.find(({ requirement }) => requirement === "legs_with_rank")?.have;
      return { count, have };
    };
    expect(await legs()).toEqual({ count: 3, have: 2 });
    const move = { distributor_id: "E", tree: "sponsor", parent_id: "A", leg: null } as const;
    await edge(edgeOfMove({ ...move, effective_ms: JULY, epoch: 0, seq: 1, source: "core" }));
    expect(await legs()).toEqual({ count: 2, have: 1 });
  });

  test("says where a downline has more people than it looks at, and counts told ranks alone", async () => {
    const { tenant, ask, under, volume, rank } = await tenantWith([LEGS]);
    await volume("A", 10_000, 10_000);
    await under("C", "top");
    await rank("C", "S");
    await under("A", "top");
    await env.MIRROR_0.prepare(
      `INSERT INTO edges (tenant, tree, node, version, node_kind, effective_ms, parent_id)
       SELECT ?1, 'sponsor', value, 'e1', 'distributor', 0, 'A' FROM json_each(?2)`,
    )
      .bind(tenant, JSON.stringify(Array.from({ length: DOWNLINE_MAX - 2 }, (_, i) => `n${i}`)))
      .run();
    expect(await (await ask(PATH)).json()).toMatchObject({
      rank: "D",
      legs: 2,
      legs_complete: true,
    });
    await under("B", "A");
    expect(await (await ask(PATH)).json()).toMatchObject({
      rank: "M",
      legs: 2,
      legs_complete: false,
    });
  });

  test("looks at a past period as it was, under the plan of that time", async () => {
    const later: Plan = {
      ...PLAN,
      version: 2,
      effective_from: "2026-07-01",
      ranks: [{ code: "x" }],
    };
    const { ask, volume } = await tenantWith([PLAN, later]);
    await volume("top", 10_000, 100_000, "2026-06");
    expect(await (await ask(`${PATH}?period=2026-06`)).json()).toMatchObject({
      period_id: "2026-06",
      rank: "silver",
      next_rank: "gold",
    });
    expect(await (await ask(PATH)).json()).toMatchObject({ rank: "x", next_rank: null });
  });

  test("tells volumes where no plan has ranks", async () => {
    const { ask, volume } = await tenantWith([]);
    await volume("top", 1, 2);
    expect(await (await ask(PATH)).json()).toMatchObject({
      period_id: "2026-07",
      plan_id: null,
      rank: null,
      next_rank: null,
      requirements: [],
      gv_x100: 2,
    });
  });

  test.each([
    { query: "?period=2026-7", at: "period format" },
    { query: "?period=2026-W30", at: "period format" },
    { query: "?period=", at: "period length" },
    { query: "?period=2026-08", at: "period range" },
    { query: "?month=2026-07", at: "month unknown_parameter" },
  ])("refuses '$query'", async ({ query, at }) => {
    const { ask } = await tenantWith();
    const response = await ask(PATH + query);
    expect(response.status).toBe(400);
    const { errors } = await response.json<{ errors: { path: string; rule: string }[] }>();
    expect(errors.map(({ path, rule }) => `${path} ${rule}`)).toEqual([at]);
  });

  test("knows nobody whom it has not heard of", async () => {
    const { ask } = await tenantWith();
    expect((await ask("distributors/nobody/progress")).status).toBe(404);
  });
});
