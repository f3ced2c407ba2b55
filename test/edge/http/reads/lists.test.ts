import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Entry } from "#src/core/subject/entry.ts";
import { SEARCHED_ROWS_MAX } from "#src/edge/d1/reads/events.ts";
import { AT_MS, entry, listed, logged, posted, readRig, type Rig, walk } from "./rig.ts";

const json = async <Body>(response: Promise<Response>) => (await response).json<Body>();

interface Balances {
  readonly balances: Record<string, Record<string, number | string>>;
}

/** An entry that moves one amount between any two accounts. */
const moved = (debit: string, credit: string, amount_minor: number, currency = "USD"): Entry => {
  const transfer = { debit, credit, amount_minor, currency, rule: "P3", reference: "r" } as const;
  return entry({ effects: { transfers: [transfer] } });
};

describe("GET …/distributors/{id}/ledger", () => {
  test("lists transfers newest first, each once, while new ones arrive", async () => {
    const rig = await readRig();
    await rig.mirror("dist:d1", [posted("d1", "L1", 100), posted("d1", "L2", 250)]);
    await rig.mirror("dist:d2", [posted("d2", "L9", 999)]);
    const first = await listed(rig.call("GET distributors/d1/ledger?limit=1"));
    expect(first.items).toEqual([
      {
        position: 2,
        rule: "P3",
        debit: "exp:commission",
        credit: "dist:d1:held",
        amount: { amount_minor: 250, currency: "USD", amount: "2.50" },
        reference: "L2",
        event_id: expect.stringMatching(/^evt_/),
        effective_at: "2026-07-01T10:00:00.000Z",
        recorded_at: "2026-07-01T10:00:02.000Z",
      },
    ]);
    await rig.mirror("dist:d1", [posted("d1", "L3", 300)]);
    const rest = await listed(
      rig.call(`GET distributors/d1/ledger?limit=1&cursor=${first.next_cursor}`),
    );
    expect(rest.items).toMatchObject([{ reference: "L1" }]);
    expect(rest.next_cursor).toBeNull();
    const all = await walk(rig, "distributors/d1/ledger", 2);
    expect(all.map(({ reference }) => reference)).toEqual(["L3", "L2", "L1"]);
  });

  test("goes on amid the transfers of one event", async () => {
    const rig = await readRig();
    const one = moved("a", "b", 1).effects.transfers ?? [];
    await rig.mirror("dist:d1", [entry({ effects: { transfers: [...one, ...one, ...one] } })]);
    expect(await walk(rig, "distributors/d1/ledger", 2)).toHaveLength(3);
  });
});

describe("GET …/lines", () => {
  async function threeLines(): Promise<Rig> {
    const rig = await readRig();
    await rig.mirror("dist:d1", [
      posted("d1", "L1", 100),
      posted("d1", "L2", 200, { order_id: "o2", state: "available" }),
      posted("d1", "L3", 300, { order_id: null, period_id: "2026-08", level: null }),
    ]);
    await rig.mirror("dist:d2", [posted("d2", "L1", 50)]);
    return rig;
  }

  test("shows a line in the shape integrators rely on", async () => {
    const rig = await threeLines();
    const { items } = await listed(rig.call("GET distributors/d1/lines?limit=1"));
    expect(items).toEqual([
      {
        line_id: "L1",
        distributor_id: "d1",
        order_id: "o1",
        component: "unilevel",
        level: 1,
        depth: 2,
        rate_ppm: 50_000,
        amount_minor: 100,
        reversed_minor: 0,
        currency: "USD",
        state: "held",
        period_id: "2026-07",
        effective_at: "2026-07-01T10:00:00.000Z",
      },
    ]);
  });

  test.each([
    { path: "distributors/d1/lines", lines: ["d1 L1", "d1 L2", "d1 L3"] },
    { path: "distributors/d1/lines?state=available", lines: ["d1 L2"] },
    { path: "distributors/d1/lines?period_id=2026-08", lines: ["d1 L3"] },
    { path: "distributors/d1/lines?order_id=o1", lines: ["d1 L1"] },
    { path: "distributors/d1/lines?order_id=o1&state=void", lines: [] },
    { path: "distributors/d3/lines", lines: [] },
    { path: "lines?order_id=o1", lines: ["d1 L1", "d2 L1"] },
    { path: "lines?order_id=%27%20OR%201%3D1", lines: [] },
  ])("lists $path page by page", async ({ path, lines }) => {
    const rig = await threeLines();
    const items = await walk(rig, path, 1);
    expect(items.map((line) => [line["distributor_id"], line["line_id"]].join(" "))).toEqual(lines);
  });
});

describe("GET …/ledger/balances", () => {
  test("adds up days by account, leaves zeros out, and keeps to the prefix", async () => {
    const rig = await readRig();
    const later = { event: logged({ occurred_ms: AT_MS + 86_400_000 }) };
    await rig.mirror("dist:d1", [
      moved("cash:psp", "rev:product", 26_672),
      { ...moved("cash:psp", "rev:product", 1000), ...later },
      moved("cash:psp2", "rev:product", 5, "EUR"),
      moved("tax:sales", "cash:bank", 7),
      moved("cash:bank", "tax:sales", 7),
      moved("100%_", "cash_psp", 9),
    ]);
    const balances = async (query: string) =>
      (await json<Balances>(rig.call(`GET ledger/balances${query}`))).balances;
    expect(await balances("")).toEqual({
      EUR: { "cash:psp2": 5, "rev:product": -5 },
      USD: { "100%_": 9, "cash:psp": 27_672, cash_psp: -9, "rev:product": -27_672 },
    });
    expect(await balances("?prefix=cash:psp")).toEqual({
      EUR: { "cash:psp2": 5 },
      USD: { "cash:psp": 27_672 },
    });
    expect(await balances("?prefix=100%25_")).toEqual({ USD: { "100%_": 9 } });
    expect(await balances("?prefix=%25")).toEqual({});
    expect(await balances("?prefix=CASH")).toEqual({});
  });

  test("stays exact beyond 2^53, and tells such a sum as text", async () => {
    const rig = await readRig();
    const huge = Number.MAX_SAFE_INTEGER;
    await rig.mirror("dist:d1", [moved("a:x", "a:y", huge), moved("a:x", "a:y", 2)]);
    expect(await json<Balances>(rig.call("GET ledger/balances?prefix=a:"))).toEqual({
      balances: { USD: { "a:x": "9007199254740993", "a:y": "-9007199254740993" } },
    });
  });
});

describe("GET …/events", () => {
  async function fourEvents(): Promise<Rig> {
    const rig = await readRig();
    await rig.mirror("dist:d1", [
      entry({ event: logged({ id: "a1", event_id: "evt_1" }) }),
      entry({
        event: logged({ id: "a2", event_id: "evt_2", archive: "tenant=t/o.ndjson" }),
        outcome: "quarantined",
        code: "currency_mismatch",
        reason: "Cannot post",
      }),
    ]);
    await rig.mirror("dist:d2", [
      entry({
        ...posted("d2", "L1", 40),
        event: logged({ id: "a3", event_id: "evt_3", key: "dist:d2" }),
      }),
    ]);
    const errors = [{ path: "data.amount_minor", rule: "integer", message: "Must be an integer" }];
    await rig.loose({ eventId: "evt_4", id: "a1", outcome: "rejected", code: "x", errors });
    return rig;
  }

  test.each([
    { query: "", ids: ["evt_4", "evt_3", "evt_2", "evt_1"] },
    { query: "?source=core", ids: ["evt_3", "evt_2", "evt_1"] },
    { query: "?source=core&id=a1", ids: ["evt_1"] },
    { query: "?source=shop&id=a1", ids: ["evt_4"] },
    { query: "?source=shop&id=a1&outcome=applied", ids: [] },
    { query: "?subject=dist:d2", ids: ["evt_3"] },
    { query: "?outcome=quarantined", ids: ["evt_2"] },
    { query: "?type=commission.posted&outcome=applied", ids: ["evt_3", "evt_1"] },
  ])("finds newest first with '$query'", async ({ query, ids }) => {
    const rig = await fourEvents();
    const items = await walk(rig, `events${query}`, 1);
    expect(items.map((event) => event["event_id"])).toEqual(ids);
  });

  test("lists all that came under a sender's id: what took effect, then what repeats it", async () => {
    const rig = await readRig();
    const events = (query: string, limit: number) =>
      walk(rig, `events?source=core&id=a1${query}`, limit);
    const early = { id: "a1", event_id: "evt_1" };
    await rig.loose({ eventId: "evt_1", id: "a1", source: "core", outcome: "rejected", code: "x" });
    expect(await events("", 1)).toMatchObject([{ event_id: "evt_1" }]);
    const again = (event_id: string, outcome: "duplicate" | "conflict") =>
      entry({
        event: logged({ ...early, event_id }),
        outcome,
        code: outcome,
        of: "evt_3",
        reason: outcome,
      });
    await rig.mirror("dist:d1", [
      entry({ event: logged({ ...early, event_id: "evt_3" }) }),
      again("evt_4", "duplicate"),
      entry({ event: logged({ id: "a2", event_id: "evt_5" }) }),
      again("evt_6", "conflict"),
    ]);
    const all = [
      { event_id: "evt_3", outcome: "applied", of: null },
      { event_id: "evt_1", outcome: "rejected" },
      { event_id: "evt_4", outcome: "duplicate", of: "evt_3" },
      { event_id: "evt_6", outcome: "conflict", of: "evt_3" },
    ];
    for (const limit of [1, 2, 3, 4, 5]) {
      const shown = await events("", limit);
      expect(shown).toMatchObject(all);
      expect(shown).toHaveLength(all.length);
    }
    expect(await events("&outcome=conflict", 1)).toMatchObject([{ event_id: "evt_6" }]);
    expect(await events("&outcome=parked", 1)).toEqual([]);
  });

  test("goes on behind a stretch of repetitions in which it found nothing", async () => {
    const rig = await readRig();
    await env.MIRROR_0.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i <= ?2)
       INSERT INTO events (tenant, event_id, source, sender_id, outcome, received_ms, recorded_ms, repeated)
       SELECT ?1, printf('evt_%06d', i), 'core', 'a1', iif(i > ?2, 'conflict', 'duplicate'), 0, 0, i > 0
       FROM n`,
    )
      .bind(rig.tenant, SEARCHED_ROWS_MAX)
      .run();
    const path = "events?source=core&id=a1&outcome=conflict";
    expect((await listed(rig.call(`GET ${path}`))).items).toEqual([]);
    const last = `evt_00${SEARCHED_ROWS_MAX + 1}`;
    expect(await walk(rig, path, 50)).toMatchObject([{ event_id: last }]);
  });

  test("goes on behind a stretch in which it found nothing", async () => {
    const rig = await readRig();
    const rows = JSON.stringify(
      Array.from({ length: SEARCHED_ROWS_MAX + 1 }, (_, i) => `evt_${String(i).padStart(6, "0")}`),
    );
    await env.MIRROR_0.prepare(
      `INSERT INTO events (tenant, event_id, source, sender_id, outcome, received_ms, recorded_ms, repeated)
       SELECT ?1, value, iif(value = 'evt_000000', 'rare', 'core'), value, 'applied', 0, 0, 0
       FROM json_each(?2)`,
    )
      .bind(rig.tenant, rows)
      .run();
    const first = await listed(rig.call("GET events?source=rare"));
    expect(first.items).toEqual([]);
    expect(await walk(rig, "events?source=rare", 50)).toMatchObject([{ event_id: "evt_000000" }]);
  });

  test("shows one event with its archive copy and its effects", async () => {
    const rig = await fourEvents();
    const read = async (id: string) => json<object>(rig.call(`GET events/${id}`));
    expect(await read("evt_2")).toEqual({
      event_id: "evt_2",
      id: "a2",
      source: "core",
      type: "commission.posted",
      key: "dist:d1",
      outcome: "quarantined",
      code: "currency_mismatch",
      of: null,
      errors: [],
      position: 2,
      occurred_at: "2026-07-01T10:00:00.000Z",
      received_at: "2026-07-01T10:00:01.000Z",
      recorded_at: "2026-07-01T10:00:02.000Z",
      archive: { object: "tenant=t/o.ndjson", delivery_id: expect.any(String) },
      effects: { transfers: [] },
    });
    expect(await read("evt_3")).toMatchObject({
      effects: { transfers: [{ reference: "L1", event_id: "evt_3" }] },
    });
    expect(await read("evt_4")).toMatchObject({
      outcome: "rejected",
      position: null,
      errors: [{ path: "data.amount_minor", rule: "integer" }],
    });
    expect((await rig.call("GET events/evt_9")).status).toBe(404);
  });
});

const found = (break_id: string) => ({
  break_id,
  class: "BACKDATED",
  reference: "L1",
  detail: "The line is paid",
});

describe("GET …/breaks", () => {
  test("lists differences page by page", async () => {
    const rig = await readRig();
    await rig.mirror("dist:d1", [entry({ effects: { breaks: [found("b2"), found("b1")] } })]);
    const items = await walk(rig, "breaks", 1);
    expect(items.map(({ id }) => id)).toEqual(["b1", "b2"]);
    expect(items[0]).toMatchObject({
      id: "b1",
      class: "BACKDATED",
      state: "open",
      subject: "dist:d1",
      reference: "L1",
      detail: "The line is paid",
      found_at: "2026-07-01T10:00:02.000Z",
      resolved_at: null,
    });
  });
});

describe("malformed parameters", () => {
  test.each([
    { path: "distributors/d1?consistency=eventual", at: "consistency enum" },
    { path: "distributors/d1?consistency=", at: "consistency enum" },
    { path: "distributors/d1?consistency=strong&consistency=strong", at: "consistency single" },
    { path: "distributors/d1/ledger?limit=201", at: "limit range" },
    { path: "distributors/d1/ledger?cursor=bm8", at: "cursor cursor" },
    { path: "distributors/d1/lines?state=paid", at: "state enum" },
    { path: "distributors/d1/lines?stat=held", at: "stat unknown_parameter" },
    { path: "distributors/d1/lines?order_id=", at: "order_id length" },
    { path: "lines", at: "order_id required" },
    { path: `lines?order_id=${"o".repeat(257)}`, at: "order_id length" },
    { path: "lines?order_id=o1&cursor=MQ", at: "cursor cursor" },
    { path: "ledger/balances?limit=5", at: "limit unknown_parameter" },
    { path: `ledger/balances?prefix=${"p".repeat(257)}`, at: "prefix length" },
    { path: "events?id=a1", at: "source required" },
    { path: "events?outcome=lost", at: "outcome enum" },
    { path: "held?state=waiting", at: "state enum" },
    { path: "pipeline?x=1", at: "x unknown_parameter" },
    { path: "breaks?limit=x", at: "limit range" },
  ])("refuses $path", async ({ path, at }) => {
    const rig = await readRig();
    const response = await rig.call(`GET ${path}`);
    expect(response.status).toBe(400);
    const { code, errors } = await response.json<{
      code: string;
      errors: { path: string; rule: string }[];
    }>();
    expect(code).toBe("parameter_invalid");
    expect(errors.map((error) => `${error.path} ${error.rule}`)).toEqual([at]);
  });
});
