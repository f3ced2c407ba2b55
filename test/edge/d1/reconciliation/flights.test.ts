import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { flightsOf, landFlights, putFlights } from "#src/edge/d1/reconciliation/flights.ts";
import { lagMs } from "#src/edge/d1/reconciliation/lag.ts";
import { eventId } from "#src/edge/event-id.ts";

const db = env.MIRROR_0;
const NOW_MS = Date.parse("2026-11-22T12:00:00Z");
const HOUR_MS = 3_600_000;
let tenant: string;
beforeEach(() => {
  tenant = `t${crypto.randomUUID()}`;
});

test("a line is in flight since it was first found so, for as long as our side of it stays", async () => {
  const one = { distributor_id: "B", line_id: "L1", local: "400", effective_ms: 50 };
  const put = (runId: string, nowMs: number, ...flying: readonly (typeof one)[]) =>
    putFlights(db, { tenant, runId }, { flying, nowMs });
  const since = async () => {
    const names = ["L1", "L2", "L3"].map((line_id) => ({ distributor_id: "B", line_id }));
    const found = await flightsOf(db, tenant, names);
    return [...found].map(([name, { since_ms, local }]) => `${name} ${since_ms} ${local}`);
  };
  await put("r1", 1, one, { ...one, line_id: "L2", effective_ms: 200 });
  await put("r2", 2, one);
  // Done again after a crash it says the same.
  await put("r2", 3, one);
  expect(await since()).toEqual(['["B","L1"] 1 400', '["B","L2"] 1 400']);
  await put("r3", 4, { ...one, local: "450" });
  expect(await since()).toEqual(['["B","L1"] 4 450', '["B","L2"] 1 400']);
  // The second one lies in no time that these runs have looked at.
  await landFlights(db, { tenant, runId: "r3" }, { fromMs: 0, toMs: 100 });
  expect(await since()).toEqual(['["B","L1"] 4 450', '["B","L2"] 1 400']);
  await landFlights(db, { tenant, runId: "r4" }, { fromMs: 0, toMs: 100 });
  expect(await since()).toEqual(['["B","L2"] 1 400']);
  expect((await flightsOf(db, `${tenant}x`, [one])).size).toBe(0);
});

test("what events take to be applied is known from those of the last day", async () => {
  const put = async (receivedMs: number, lag: number, source = "core", outcome = "applied") => {
    await db
      .prepare(
        `INSERT INTO events (tenant, event_id, source, sender_id, outcome, received_ms, recorded_ms, repeated)
         VALUES (?1, ?2, ?3, ?2, ?4, ?5, ?6, 0)`,
      )
      .bind(tenant, eventId(receivedMs), source, outcome, receivedMs, receivedMs + lag)
      .run();
  };
  const lag = () => lagMs(db, tenant, NOW_MS);
  expect(await lag()).toBe(0);
  for (let i = 1; i <= 9; i += 1) await put(NOW_MS - i * HOUR_MS, i * 100);
  await put(NOW_MS - 25 * HOUR_MS, 5000);
  await put(NOW_MS - HOUR_MS, 6000, "upline:recon");
  await put(NOW_MS - HOUR_MS, 7000, "core", "quarantined");
  expect(await lag()).toBe(900);
  await put(NOW_MS - HOUR_MS, -5);
  expect(await lag()).toBe(900);
  // One of a thousand may take longer.
  const many = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
    INSERT INTO events (tenant, event_id, source, sender_id, outcome, received_ms, recorded_ms, repeated)
    SELECT ?1, ?2 || i, 'core', ?2 || i, 'applied', ?3, ?3 + 1, 0 FROM n`;
  await db
    .prepare(many)
    .bind(tenant, eventId(NOW_MS - HOUR_MS), NOW_MS - HOUR_MS)
    .run();
  expect(await lag()).toBe(800);
});
