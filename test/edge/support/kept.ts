import { env } from "cloudflare:workers";

/** What {@link keepOfEach} leaves, by the places of paths. */
export const KEPT = {
  period: "2026-07",
  run: "payouts:main:2026-07",
  reconciliation: "recon_1",
  rebuild: "rebuild_1",
  replay: "replay_1",
  break: "CURRENCY:B:L1:0",
  delivery: "out_00000000-0000-7000-8000-000000000001",
} as const;

/** One of each of what jobs and objects leave in the mirror after longer than a test takes. */
export async function keepOfEach(tenant: string): Promise<void> {
  const period = { period_id: KEPT.period, run_id: "r1", totals: {}, lines: 0, digest: "9f" };
  const rebuilt = { asked: { reason: "a test", thaw: [] }, phase: "totals" };
  const insert = (sql: string, ...values: readonly string[]) =>
    env.MIRROR_0.prepare(sql).bind(tenant, ...values);
  const told = { type: "payment.confirmed", timestamp: "2026-07-01T10:00:00.000Z", data: {} };
  const played = { fromMs: 0, toMs: 1, isDry: false };
  await env.MIRROR_0.batch([
    insert(
      `INSERT INTO records (tenant, kind, id, epoch, rev, occurred_ms, recorded_ms, value)
       VALUES (?, 'period', ?, 0, '1', 0, 0, ?)`,
      KEPT.period,
      JSON.stringify(period),
    ),
    insert(
      `INSERT INTO runs (tenant, run_id, kind, plan_id, period_id, state, attempt, progress,
         started_ms, ended_ms)
       VALUES (?, ?, 'payouts', 'main', ?, 'done', 1, '{}', 0, 0)`,
      KEPT.run,
      KEPT.period,
    ),
    insert(
      `INSERT INTO breaks (tenant, break_id, class, subject, reference, detail, found_ms)
       VALUES (?, ?, 'CURRENCY', 'dist:B', 'L1', 'EUR here, USD there', 0)`,
      KEPT.break,
    ),
    insert(
      `INSERT INTO reconciliation_runs (tenant, run_id, kind, state, cause, started_ms, ended_ms,
         lease_ms, cursor, report)
       VALUES (?, ?, 'window', 'done', 'cron', 0, 0, 0, '{}', '{}')`,
      KEPT.reconciliation,
    ),
    insert(
      `INSERT INTO reconciliation_runs (tenant, run_id, kind, state, cause, started_ms, ended_ms,
         lease_ms, cursor, report)
       VALUES (?, ?, 'rebuild', 'done', 'cron', 0, 0, 0, ?, '{}')`,
      KEPT.rebuild,
      JSON.stringify(rebuilt),
    ),
    insert(
      `INSERT INTO replays (tenant, replay_id, state, actor, started_ms, ended_ms, lease_ms, asked,
         cursor, report)
       VALUES (?, ?, 'done', 'key:k', 0, 0, 0, ?, '{"phase":"outcomes"}', '{}')`,
      KEPT.replay,
      JSON.stringify(played),
    ),
    // To whom nothing can be sent.
    insert(
      `INSERT INTO deliveries (tenant, delivery_id, destination, destination_ms, subscription, event_id, type, subject,
         state, body, step, due_ms, attempts, created_ms, ended_ms)
       VALUES (?, ?, 'removed', 0, 'all', 'evt_1', 'payment.confirmed', 'order:O1', 'dead', ?, 10, NULL, ?,
         0, 1)`,
      KEPT.delivery,
      JSON.stringify(told),
      JSON.stringify([{ at_ms: 0, took_ms: 1, error: "No connection" }]),
    ),
  ]);
}
