import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { ROLES } from "#src/edge/control/directory.ts";
import { NOW_MS, type Rig, readRig } from "./reads/rig.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let rig: Rig;
beforeEach(async () => {
  rig = await readRig();
});

const put = (agoMs: number, counts: object, tenant = rig.tenant) =>
  env.MIRROR_0.prepare("INSERT INTO sla_minutes VALUES (?, ?, ?)")
    .bind(tenant, NOW_MS - agoMs, JSON.stringify(counts))
    .run();

interface Sla {
  readonly from: string;
  readonly to: string;
  readonly objectives: readonly Readonly<Record<string, number | null>>[];
  readonly stages: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
  readonly waited: object;
  readonly aside: object;
  readonly burn: readonly {
    readonly within_ms: number;
    readonly rule: string;
    readonly firing: boolean;
    readonly long: { readonly total: number; readonly bad: number; readonly burn_ppm: number };
    readonly short: { readonly total: number; readonly bad: number };
  }[];
}

const sla = async (query = ""): Promise<Sla> => {
  const response = await rig.call(`GET sla${query}`);
  expect(response.status).toBe(200);
  return response.json<Sla>();
};

const totals = async (query = "") => (await sla(query)).objectives.map(({ total }) => total);

test("answers 304 to who has it, later too, until lines fare otherwise", async () => {
  let nowMs = NOW_MS;
  rig = await readRig(() => ({ nowMs: () => nowMs }));
  const first = await rig.call("GET sla");
  const headers = { "If-None-Match": first.headers.get("ETag") ?? "" };
  nowMs += 5;
  expect((await rig.call("GET sla", { headers })).status).toBe(304);
  await put(0, { lines: 1 });
  expect((await rig.call("GET sla", { headers })).status).toBe(200);
});

test("tells how lines fared of late, and of nobody else's", async () => {
  const other = await readRig();
  await put(0, { lines: 90, "within:5000": 90 }, other.tenant);
  await put(0, {
    lines: 100,
    "within:5000": 90,
    "within:30000": 99,
    waited: 4,
    "waited:30000": 3,
    aside: 6,
    "queue:48": 96,
    "visible:58": 90,
    "visible:100": 10,
  });
  await put(3 * DAY_MS + HOUR_MS, {
    lines: 100,
    "within:5000": 100,
    "within:30000": 100,
    "visible:58": 100,
  });
  await put(30 * DAY_MS + MINUTE_MS, { lines: 1000 });
  const told = await sla();
  expect(told).toMatchObject({
    as_of: "2026-08-01T12:00:00.000Z",
    from: "2026-07-02T12:00:00.000Z",
    to: "2026-08-01T13:00:00.000Z",
    waited: {
      lines: 4,
      within: [
        { within_ms: 5000, good: 0, bad: 4 },
        { within_ms: 30_000, good: 3, bad: 1 },
      ],
    },
    aside: { lines: 6 },
  });
  expect(told.objectives).toEqual([
    {
      within_ms: 5000,
      target_ppm: 950_000,
      total: 200,
      good: 190,
      bad: 10,
      share_ppm: 950_000,
      budget_left_ppm: 0,
    },
    {
      within_ms: 30_000,
      target_ppm: 990_000,
      total: 200,
      good: 199,
      bad: 1,
      share_ppm: 995_000,
      budget_left_ppm: 500_000,
    },
  ]);
  expect(told.stages["visible"]).toEqual({
    count: 200,
    p50_ms: 315,
    p95_ms: 315,
    p99_ms: 21_101,
    max_ms: 21_101,
  });
  expect(told.stages["producer"]).toMatchObject({ count: 0, p50_ms: null });
});

test("burns by windows that end now, whatever range is asked for", async () => {
  const bad = { lines: 20, "within:5000": 2, "within:30000": 20 };
  await put(0, bad);
  await put(5 * MINUTE_MS - 1, bad);
  await put(5 * MINUTE_MS, bad);
  await put(HOUR_MS, { lines: 100, "within:5000": 100, "within:30000": 100 });
  const { burn } = await sla("?from=2026-07-10&to=2026-07-11");
  expect(
    burn.filter(({ firing }) => firing).map(({ within_ms, rule }) => [within_ms, rule]),
  ).toEqual([
    [5000, "page_1h"],
    [5000, "page_6h"],
    [5000, "ticket_3d"],
  ]);
  expect(burn[0]).toMatchObject({
    long: { total: 60, bad: 54, burn_ppm: 18_000_000 },
    short: { total: 40, bad: 36 },
  });
  expect(burn[1]).toMatchObject({ long: { total: 160, bad: 54, burn_ppm: 6_750_000 } });
});

describe("the range", () => {
  test.each([
    { query: "", total: 7 },
    { query: "?from=2026-08-01T10:30:00Z", total: 3 },
    { query: "?from=2026-08-01T10:00:00Z&to=2026-08-01T11:00:00.001Z", total: 3 },
    { query: "?from=2026-08-01T10:00:00Z&to=2026-08-01T11:00:00Z", total: 1 },
    { query: "?from=2026-07-31&to=2026-08-01", total: 4 },
    { query: "?to=2026-08-01", total: 4 },
  ])("$query is of full hours", async ({ query, total }) => {
    await put(90 * MINUTE_MS, { lines: 1 });
    await put(HOUR_MS, { lines: 2 });
    await put(DAY_MS, { lines: 4 });
    expect(await totals(query)).toEqual([total, total]);
  });

  test("reaches as far as rows are kept", async () => {
    await put(31 * DAY_MS, { lines: 8 });
    expect(await totals("?from=2026-07-01T12:00:00Z")).toEqual([8, 8]);
  });

  test.each([
    {
      query: "?from=2026-07-01T11:59:59Z",
      path: "from",
      rule: "range",
      said: "at most 31 days ago",
    },
    { query: "?to=2026-06-01", path: "to", rule: "range", said: "at most 31 days ago" },
    { query: "?to=2026-08-03", path: "to", rule: "range", said: "at most a day ahead" },
    { query: "?from=2026-07-31&to=2026-07-31", path: "to", rule: "range", said: "after from" },
    { query: "?from=2026-07-31&to=2026-07-30", path: "to", rule: "range", said: "after from" },
    { query: "?from=yesterday", path: "from", rule: "format", said: "RFC 3339" },
    { query: "?to=2026-08-01&to=2026-08-01", path: "to", rule: "single", said: "once" },
    { query: "?since=2026-08-01", path: "since", rule: "unknown_parameter", said: "from, to" },
  ])("is refused by name: $query", async ({ query, path, rule, said }) => {
    const response = await rig.call(`GET sla${query}`);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      {
        code: "parameter_invalid",
        errors: [{ path, rule, message: expect.stringContaining(said) }],
      },
    ]);
  });
});

test("is for those who see the pipeline", async () => {
  for (const role of ROLES) {
    const token = await rig.key(role, role === "distributor" ? "d1" : undefined);
    const isAllowed = ["operator", "auditor", "admin"].includes(role);
    const { status } = await rig.call("GET sla", { token });
    expect([role, status]).toEqual([role, isAllowed ? 200 : 403]);
  }
});
