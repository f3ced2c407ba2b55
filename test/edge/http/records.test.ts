import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { recordReads, SEARCHED_ROWS_MAX } from "#src/edge/d1/reads/records.ts";
import { recordRoutes } from "#src/edge/http/records.ts";
import { RECORD_ANSWERS } from "../../../scripts/openapi/record-answers.ts";
import { foundCompany, ORIGIN } from "../support/company.ts";

const AT_MS = Date.UTC(2026, 6, 1, 10);
const AT = "2026-07-01T10:00:00.000Z";
const PLACE = { epoch: 0, rev: "7", occurred_at: AT, recorded_at: "2026-07-01T10:00:02.000Z" };

const parts = createParts(env);
const api = createApi(parts, recordRoutes({ records: recordReads(() => env.MIRROR_0) }));
const { tenant } = await foundCompany();

async function put(owner: string, kind: string, rows: Readonly<Record<string, object>>) {
  const given = Object.entries(rows).map(([id, value]) => ({ id, value: JSON.stringify(value) }));
  await env.MIRROR_0.prepare(
    `INSERT INTO records (tenant, kind, id, epoch, rev, occurred_ms, recorded_ms, value)
     SELECT ?1, ?2, value ->> 'id', 0, '7', ?3, ?3 + 2000, value ->> 'value' FROM json_each(?4)`,
  )
    .bind(owner, kind, AT_MS, JSON.stringify(given))
    .run();
}

const stock = (sku: string, on_hand: number, more: object = {}) => ({ sku, on_hand, ...more });

const ticket = (object_id: string, status: string, more: object = {}) => ({
  system: "zendesk",
  object_id,
  status,
  subject_kind: "payout",
  open: status !== "closed",
  opened_ms: AT_MS,
  first_response_ms: null,
  ...more,
});

const period = (period_id: string) => ({
  period_id,
  run_id: "r1",
  totals: { USD: 160_000 },
  lines: 400,
  digest: "9f",
});

beforeAll(async () => {
  await put(tenant, "inventory", {
    "S:-": stock("S", 3),
    "S:Ulm": stock("S", 40, { location: "Ulm", low_stock_at: 50 }),
    "S%3A1:-": stock("S:1", -2),
    "S1:Ulm": stock("S1", 3, { location: "Ulm" }),
  });
  await put(tenant, "ticket", {
    "zendesk:1": ticket("1", "new", { distributor_id: "B" }),
    "zendesk:2": ticket("2", "closed", { first_response_ms: AT_MS + 60_000 }),
    "zendesk:3": ticket("3", "closed", { distributor_id: "B" }),
  });
  await put(tenant, "autoship", {
    AS1: { autoship_id: "AS1", next_run: "2026-08-01", status: "active" },
    AS2: { autoship_id: "AS2", next_run: null, status: "ended" },
  });
  await put(tenant, "period", { "2026-06": period("2026-06"), "2026-07": period("2026-07") });
  await put(`${tenant}x`, "inventory", { "S:-": stock("S", 1) });
});

const call = async (path: string, token: string = env.ADMIN_TOKEN) =>
  api.fetch(
    new Request(`${ORIGIN}/v1/tenants/${tenant}/${path}`, {
      headers: { Authorization: `Bearer ${token}` },
    }),
  );

interface Listed {
  readonly items: readonly Record<string, unknown>[];
  readonly next_cursor: string | null;
}

async function walk(path: string, limit: number): Promise<readonly Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null && pages < 20; pages += 1) {
    const at = cursor === "" ? "" : `&cursor=${cursor}`;
    const response = await call(`${path}${path.includes("?") ? "&" : "?"}limit=${limit}${at}`);
    const page: Listed = await response.json();
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

describe("GET …/inventory", () => {
  test("shows a stock with whether it is low", async () => {
    expect(await walk("inventory?sku=S", 50)).toEqual([
      { sku: "S", location: null, on_hand: 3, low_stock_at: null, low: false, ...PLACE },
      { sku: "S", location: "Ulm", on_hand: 40, low_stock_at: 50, low: true, ...PLACE },
    ]);
  });

  test.each([
    { query: "", found: ["S:1 -", "S1 Ulm", "S -", "S Ulm"] },
    { query: "?sku=S", found: ["S -", "S Ulm"] },
    { query: "?sku=S:1", found: ["S:1 -"] },
    { query: "?sku=T", found: [] },
    { query: "?location=Ulm", found: ["S1 Ulm", "S Ulm"] },
    { query: "?location=-&sku=S", found: ["S -"] },
    { query: "?below=3", found: ["S:1 -"] },
    { query: "?below=-2", found: [] },
    { query: "?below=4&location=Ulm", found: ["S1 Ulm"] },
  ])("lists '$query' page by page", async ({ query, found }) => {
    const items = await walk(`inventory${query}`, 1);
    const places = items.map(({ sku, location }) => [sku, location ?? "-"].join(" "));
    expect(places).toEqual(found);
  });

  test.each([
    { query: "?below=many", path: "below" },
    { query: "?below=1.5", path: "below" },
    { query: `?below=${"9".repeat(16)}`, path: "below" },
    { query: "?sku=", path: "sku" },
    { query: `?location=${"x".repeat(257)}`, path: "location" },
    { query: "?skew=S", path: "skew" },
    { query: "?limit=201", path: "limit" },
    { query: "?cursor=x", path: "cursor" },
  ])("refuses $query and names it", async ({ query, path }) => {
    const response = await call(`inventory${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [expect.objectContaining({ path })] });
  });
});

describe("GET …/tickets", () => {
  test("shows a ticket with its times", async () => {
    expect(await walk("tickets?status=closed", 1)).toMatchObject([
      {
        system: "zendesk",
        object_id: "2",
        distributor_id: null,
        status: "closed",
        subject_kind: "payout",
        open: false,
        opened_at: AT,
        first_response_at: "2026-07-01T10:01:00.000Z",
        ...PLACE,
      },
      { object_id: "3", distributor_id: "B", first_response_at: null },
    ]);
  });

  test.each([
    { query: "", found: ["1", "2", "3"] },
    { query: "?open=true", found: ["1"] },
    { query: "?open=false", found: ["2", "3"] },
    { query: "?distributor_id=B", found: ["1", "3"] },
    { query: "?distributor_id=B&open=false&status=closed", found: ["3"] },
    { query: "?status=Closed", found: [] },
  ])("lists '$query' page by page", async ({ query, found }) => {
    const items = await walk(`tickets${query}`, 1);
    expect(items.map((item) => item["object_id"])).toEqual(found);
  });

  test("takes open for a word, not for a number", async () => {
    const response = await call("tickets?open=1");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ path: "open" }] });
  });

  test("goes on behind a stretch in which it found nothing", async () => {
    const other = await foundCompany();
    const rows = JSON.stringify(
      Array.from({ length: SEARCHED_ROWS_MAX + 1 }, (_, i) => String(i).padStart(6, "0")),
    );
    await env.MIRROR_0.prepare(
      `INSERT INTO records SELECT ?1, 'ticket', value, 0, '1', 0, 0,
         json_object('object_id', value, 'status', iif(value = '005000', 'rare', 'new'))
       FROM json_each(?2)`,
    )
      .bind(other.tenant, rows)
      .run();
    const reads = recordReads(() => env.MIRROR_0);
    const search = { kind: "ticket", status: "rare" } as const;
    const reader = { tenant: other.tenant, shard: 0 };
    const first = await reads.search(reader, search, { limit: 2 });
    expect(first.value).toEqual({ rows: [], searchedTo: "004999" });
    const rest = await reads.search(reader, search, { limit: 2, after: "004999" });
    expect(rest.value.rows).toMatchObject([{ id: "005000" }]);
    expect(rest.value).not.toHaveProperty("searchedTo");
  });
});

describe("GET …/autoships and …/periods", () => {
  test("list the current revisions", async () => {
    expect(await walk("autoships", 1)).toEqual([
      { autoship_id: "AS1", next_run: "2026-08-01", status: "active", ...PLACE },
      { autoship_id: "AS2", next_run: null, status: "ended", ...PLACE },
    ]);
    expect(await walk("periods", 1)).toEqual([
      { ...period("2026-06"), ...PLACE },
      { ...period("2026-07"), ...PLACE },
    ]);
  });

  test("show one period, and no other tenant's", async () => {
    const found = await call("periods/2026-07");
    expect(await found.json()).toEqual({ ...period("2026-07"), ...PLACE });
    expect(found.headers.get("D1-Bookmark")).not.toBeNull();
    await put(`${tenant}x`, "period", { "2026-08": period("2026-08") });
    expect((await call("periods/2026-08")).status).toBe(404);
    expect((await call("periods?status=open")).status).toBe(400);
  });
});

test.each([
  { path: "inventory", schema: RECORD_ANSWERS.Stock },
  { path: "tickets", schema: RECORD_ANSWERS.Ticket },
  { path: "autoships", schema: RECORD_ANSWERS.Autoship },
  { path: "periods", schema: RECORD_ANSWERS.ClosedPeriod },
])("GET …/$path answers what openapi.json says", async ({ path, schema }) => {
  const items = await walk(path, 50);
  expect(items.length).toBeGreaterThan(0);
  expect(items.flatMap((item) => schema.safeParse(item).error?.issues ?? [])).toEqual([]);
});

test.each([
  { role: "support", status: 200 },
  { role: "finance", status: 200 },
  { role: "auditor", status: 200 },
  { role: "distributor", status: 403 },
])("a $role gets $status", async ({ role, status }) => {
  const made = await api.fetch(
    new Request(`${ORIGIN}/v1/tenants/${tenant}/keys`, {
      method: "POST",
      headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}`, "Content-Type": "application/json" },
      body: JSON.stringify({ role, ...(role === "distributor" ? { subject: "B" } : {}) }),
    }),
  );
  const { key } = await made.json<{ key: string }>();
  expect((await call("tickets", key)).status).toBe(status);
});
