import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { reportReads } from "#src/edge/d1/reads/reports.ts";
import { reportRoutes } from "#src/edge/http/reports.ts";
import { REPORT_ANSWERS } from "../../../scripts/openapi/report-answers.ts";
import { readRig, type Rig, walk } from "./reads/rig.ts";

interface Order {
  readonly id: string;
  readonly paid: string | null;
  readonly net?: number;
  readonly returned?: number;
  readonly kind?: string | null;
  readonly source?: string | null;
  readonly currency?: string;
}

const insert = async (table: string, rows: readonly Record<string, string | number | null>[]) => {
  for (const row of rows) {
    const names = Object.keys(row);
    await env.MIRROR_0.prepare(
      `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    )
      .bind(...Object.values(row))
      .run();
  }
};

/** Orders with a tenth of tax, 5.00 shipping and a fee of 1.00, as their objects mirror them. */
const sell = (tenant: string, ...orders: readonly Order[]) =>
  insert(
    "orders",
    orders.map(({ id, paid, net = 10_000, returned = 0, kind, source, currency = "USD" }) => ({
      tenant,
      order_id: id,
      state: paid === null ? "placed" : "paid",
      payment_id: `P-${id}`,
      source_node: source === undefined ? "C" : source,
      order_kind: kind === undefined ? "store" : kind,
      currency,
      net_minor: net,
      tax_minor: net / 10,
      shipping_minor: 500,
      amount_minor: net + net / 10 + 500,
      fee_minor: 100,
      returned_minor: returned,
      cv_x100: net,
      pv_x100: net / 2,
      paid_ms: paid === null ? null : Date.parse(paid),
      period_id: null,
      lines: 0,
      manifest: "[]",
    })),
  );

const pay = (
  tenant: string,
  ...lines: readonly {
    id: string;
    order: string | null;
    amount: number;
    reversed?: number;
    state?: string;
    currency?: string;
  }[]
) =>
  insert(
    "lines",
    lines.map(({ id, order, amount, reversed = 0, state = "held", currency = "USD" }) => ({
      tenant,
      distributor_id: "B",
      line_id: id,
      order_id: order,
      component: "unilevel",
      amount_minor: amount,
      reversed_minor: reversed,
      currency,
      state,
      effective_ms: 0,
    })),
  );

interface Item {
  readonly group: string | null;
  readonly currency: string;
  readonly orders: number;
  readonly [name: string]: unknown;
}

/** A tenant with the reports as the Worker composes them, beside what others already are. */
async function reporting() {
  const rig = await readRig();
  const reports = reportReads(() => env.MIRROR_0);
  const api = createApi(createParts(env), reportRoutes({ reports }));
  const call: Rig["call"] = async (line, { token = env.ADMIN_TOKEN } = {}) =>
    api.fetch(
      new Request(`https://gateway.example/v1/tenants/${rig.tenant}/${line.slice("GET ".length)}`, {
        headers: { Authorization: `Bearer ${token}` },
      }),
    );
  const list = async (query: string): Promise<readonly Item[]> => {
    const response = await call(`GET reports/sales?${query}`);
    const body = await response.json<{ items: readonly Item[] }>();
    if (response.status !== 200) throw new Error(JSON.stringify(body));
    return body.items;
  };
  return { ...rig, call, list };
}

const JULY = "from=2026-07-01&to=2026-08-01";
const usd = (amount_minor: number, amount: string) => ({ amount_minor, currency: "USD", amount });

describe("GET …/reports/sales", () => {
  test("adds up paid orders in the shape that integrators rely on", async () => {
    const { tenant, call } = await reporting();
    await sell(
      tenant,
      { id: "O1", paid: "2026-07-01T00:00:00.000Z" },
      { id: "O2", paid: "2026-07-01T23:59:59.999Z", net: 2000, returned: 700 },
      { id: "O3", paid: null },
    );
    await pay(
      tenant,
      { id: "L1", order: "O1", amount: 400, reversed: 100 },
      { id: "L2", order: "O2", amount: 50, state: "pending" },
      { id: "L3", order: "O2", amount: 368, state: "available", currency: "EUR" },
      { id: "L4", order: "O1", amount: 999, state: "superseded" },
      { id: "L5", order: "O1", amount: 999, state: "void" },
      { id: "L6", order: null, amount: 999 },
    );
    const response = await call(`GET reports/sales?${JULY}`);
    const body = await response.json<{ items: readonly object[] }>();
    const parsed = body.items.map((item) => REPORT_ANSWERS.SalesGroup.safeParse(item));
    expect(parsed.flatMap(({ error }) => error?.issues ?? [])).toEqual([]);
    expect(body).toEqual({
      from: "2026-07-01T00:00:00.000Z",
      to: "2026-08-01T00:00:00.000Z",
      by: "day",
      items: [
        {
          group: "2026-07-01",
          currency: "USD",
          orders: 2,
          gross: usd(14_200, "142.00"),
          net: usd(12_000, "120.00"),
          tax: usd(1200, "12.00"),
          shipping: usd(1000, "10.00"),
          returned: usd(700, "7.00"),
          fee: usd(200, "2.00"),
          cv_x100: 12_000,
          pv_x100: 6000,
          commission: [{ amount_minor: 368, currency: "EUR", amount: "3.68" }, usd(350, "3.50")],
        },
      ],
      next_cursor: null,
    });
  });

  const some: readonly Order[] = [
    { id: "O0", paid: "2026-06-30T23:59:59.999Z" },
    { id: "O1", paid: "2026-07-01T00:00:00Z", source: "A", kind: "store" },
    { id: "O2", paid: "2026-07-02T00:00:00Z", source: null, kind: "autoship" },
    { id: "O3", paid: "2026-07-02T12:00:00Z", source: "B", kind: null, currency: "EUR" },
    { id: "O4", paid: "2026-07-31T23:59:59.999Z", source: "A", kind: "store" },
    { id: "O5", paid: "2026-08-01T00:00:00Z", source: "B", kind: "store" },
  ];

  test.each([
    {
      query: `${JULY}&by=day`,
      rows: ["2026-07-01 USD 1", "2026-07-02 EUR 1", "2026-07-02 USD 1", "2026-07-31 USD 1"],
    },
    { query: `${JULY}&by=month`, rows: ["2026-07 EUR 1", "2026-07 USD 3"] },
    { query: `${JULY}&by=order_kind`, rows: ["null EUR 1", "autoship USD 1", "store USD 2"] },
    { query: `${JULY}&by=source_node`, rows: ["null USD 1", "A USD 2", "B EUR 1"] },
    { query: `${JULY}&by=currency`, rows: ["EUR EUR 1", "USD USD 3"] },
    {
      query: "from=2026-07-02T00:00:00.001Z&to=2026-07-31T23:59:59.999Z",
      rows: ["2026-07-02 EUR 1"],
    },
    {
      query: "from=2026-06-30&to=2026-08-02&by=month",
      rows: ["2026-06 USD 1", "2026-07 EUR 1", "2026-07 USD 3", "2026-08 USD 1"],
    },
    { query: "from=2025-07-01&to=2025-08-01", rows: [] },
  ])("groups $query, page by page", async ({ query, rows }) => {
    const rig = await reporting();
    await sell(rig.tenant, ...some);
    const others = await readRig();
    await sell(others.tenant, ...some);
    const found = await walk(rig, `reports/sales?${query}`, 1);
    const told = found.map(({ group, currency, orders }) =>
      [String(group), currency, orders].join(" "),
    );
    expect(told).toEqual(rows);
    expect(found).toEqual(await rig.list(query));
  });

  test("is exact beyond 2^53", async () => {
    const { tenant, list } = await reporting();
    const most = 9_007_199_254_740_990;
    const at = { paid: "2026-07-01T00:00:00Z" };
    await sell(tenant, { id: "O1", ...at }, { id: "O2", ...at });
    await env.MIRROR_0.prepare("UPDATE orders SET net_minor = ? WHERE tenant = ?")
      .bind(most, tenant)
      .run();
    expect(await list(JULY)).toMatchObject([
      { net: { amount_minor: "18014398509481980", amount: "180143985094819.80" } },
    ]);
  });

  const NONE = { from: "required", to: "required" };

  test.each([
    { query: "", at: NONE },
    { query: "from=2026-07-01", at: { to: "required" } },
    { query: "from=2026-02-30&to=x", at: { from: "format", to: "format" } },
    { query: "from=2026-07-01&to=2026-07-01", at: { to: "range" } },
    { query: "from=2026-07-02&to=2026-07-01", at: { to: "range" } },
    { query: "from=2025-01-01&to=2026-02-06", at: { to: "range" } },
    { query: `${JULY}&by=week`, at: { by: "enum" } },
    { query: `${JULY}&limit=0`, at: { limit: "range" } },
    { query: `${JULY}&cursor=MQ`, at: { cursor: "cursor" } },
    { query: `${JULY}&as_of=x&known_at=y`, at: { as_of: "format", known_at: "format" } },
    { query: `${JULY}&group=day`, at: { group: "unknown_parameter" } },
  ])("refuses '$query'", async ({ query, at }) => {
    const { call } = await reporting();
    const response = await call(`GET reports/sales?${query}`);
    expect(response.status).toBe(400);
    const { errors } = await response.json<{ errors: { path: string; rule: string }[] }>();
    expect(Object.fromEntries(errors.map(({ path, rule }) => [path, rule]))).toEqual(at);
  });

  test("takes 400 days", async () => {
    const { list } = await reporting();
    expect(await list("from=2025-01-01&to=2026-02-05")).toEqual([]);
  });

  test("is not for distributors, who have no such page", async () => {
    const { call, key } = await reporting();
    const status = async (role: string, subject?: string) =>
      (await call(`GET reports/sales?${JULY}`, { token: await key(role, subject) })).status;
    expect(await status("distributor", "B")).toBe(403);
    expect(await status("support")).toBe(403);
    expect(await status("finance")).toBe(200);
    expect(await status("auditor")).toBe(200);
  });
});

const HOUR_MS = 3_600_000;
const PAID_MS = Date.parse("2026-07-01T10:00:00Z");

type Move = readonly [rule: string, debit: string, credit: string, amount: number];

/** One row of an order's log, with both its times. */
const post = (
  tenant: string,
  order: string,
  at: { position: number; effectiveMs: number; recordedMs: number },
  moves: readonly Move[],
) =>
  insert(
    "transfers",
    moves.map(([rule, debit, credit, amount], n) => ({
      tenant,
      subject: `order:${order}`,
      position: at.position,
      n,
      rule,
      debit,
      credit,
      amount_minor: amount,
      currency: "USD",
      reference: "r",
      event_id: "e",
      effective_ms: at.effectiveMs,
      recorded_ms: at.recordedMs,
    })),
  );

/** O1: sold for 115.00, fee 1.00; 40 % refunded a day later, known an hour after; disputed, won. */
async function refunded() {
  const rig = await reporting();
  const { tenant } = rig;
  await sell(tenant, { id: "O1", paid: "2026-07-01T10:00:00Z", returned: 4400 });
  await pay(tenant, { id: "L1", order: "O1", amount: 400 });
  const at = (position: number, hours: number, late = 0) => ({
    position,
    effectiveMs: PAID_MS + hours * HOUR_MS,
    recordedMs: PAID_MS + (hours + late) * HOUR_MS,
  });
  await post(tenant, "O1", at(1, 0), [
    ["P1", "cash:psp", "rev:product", 10_000],
    ["P1", "cash:psp", "tax:sales", 1000],
    ["P1", "cash:psp", "rev:shipping", 500],
    ["P2", "exp:psp_fee", "cash:psp", 100],
    ["P13", "cash:psp", "cust:unapplied", 77],
  ]);
  await post(tenant, "O1", at(2, 24, 1), [
    ["P6", "rev:refund", "cash:psp", 4000],
    ["P6", "tax:sales", "cash:psp", 400],
  ]);
  await post(tenant, "O1", at(3, 48), [
    ["P7", "rev:refund", "cash:psp", 6000],
    ["P7", "tax:sales", "cash:psp", 600],
    ["P7", "rev:shipping", "cash:psp", 500],
    ["P7", "exp:chargeback_fee", "cash:psp", 1500],
  ]);
  await post(tenant, "O1", at(4, 72), [
    ["P7", "cash:psp", "rev:refund", 6000],
    ["P7", "cash:psp", "tax:sales", 600],
    ["P7", "cash:psp", "rev:shipping", 500],
  ]);
  return rig;
}

describe("GET …/reports/sales of a past instant", () => {
  test.each([
    { query: "as_of=2026-07-01T09:59:59.999Z", returns: [] },
    { query: "as_of=2026-07-01T10:00:00Z", returns: [0] },
    { query: "as_of=2026-07-02", returns: [4400] },
    { query: "known_at=2026-07-02T10:59:59.999Z", returns: [0] },
    { query: "known_at=2026-07-02T11:00:00Z", returns: [4400] },
    { query: "as_of=2026-07-03", returns: [11_500] },
    { query: "as_of=2026-07-04", returns: [4400] },
    { query: "as_of=2026-07-04&known_at=2026-07-03", returns: [11_500] },
  ])("with $query knows of returns $returns", async ({ query, returns }) => {
    const { list } = await refunded();
    expect(await list(`${JULY}&${query}`)).toMatchObject(
      returns.map((amount_minor) => ({ orders: 1, returned: { amount_minor } })),
    );
  });

  test("says of the present what the orders say, but for the lines, which have no past", async () => {
    const { list } = await refunded();
    const [current] = await list(JULY);
    const [asOf] = await list(`${JULY}&known_at=2030-01-01`);
    expect(current?.["commission"]).toEqual([usd(400, "4.00")]);
    expect(asOf).toEqual({ ...current, commission: null });
  });

  test("goes on page by page", async () => {
    const rig = await refunded();
    await sell(rig.tenant, { id: "O2", paid: "2026-07-02T10:00:00Z" });
    const at = { position: 1, effectiveMs: PAID_MS, recordedMs: PAID_MS };
    await post(rig.tenant, "O2", at, [["P1", "cash:psp", "rev:product", 1]]);
    const items = await walk(rig, `reports/sales?${JULY}&as_of=2026-07-31`, 1);
    expect(items.map(({ group }) => group)).toEqual(["2026-07-01", "2026-07-02"]);
  });
});
