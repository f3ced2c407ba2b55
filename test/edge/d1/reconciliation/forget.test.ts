import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { countKept } from "#src/edge/d1/reconciliation/differences.ts";
import {
  dropDifferences,
  FORGOTTEN_AT_ONCE,
  forgetOver,
} from "#src/edge/d1/reconciliation/forget.ts";
import { heldRuns } from "#src/edge/d1/reconciliation/runs.ts";
import { startRun } from "#src/edge/d1/reconciliation/start-run.ts";

const db = env.MIRROR_0;
const NOW_MS = Date.parse("2026-11-22T12:00:00Z");

/** A run of a new tenant's that has kept so many differences. */
async function runOf(rows: number, tenant = `forget-${crypto.randomUUID()}`, nowMs = NOW_MS) {
  const { run } = await startRun(db, { tenant, kind: "window", cause: "cron" }, nowMs);
  const one = { tenant, runId: run.runId };
  await keep(one, rows);
  return one;
}

async function keep({ tenant, runId }: { tenant: string; runId: string }, rows: number) {
  await db
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
       INSERT INTO differences (tenant, run_id, distributor_id, line_id) SELECT ?1, ?2, 'd' || i % 7, 'l' || i FROM n`,
    )
    .bind(tenant, runId, rows)
    .run();
}

const left = (run: { readonly tenant: string; readonly runId: string }) =>
  countKept(db, run, 1_000_000);

const end = async (run: { tenant: string; runId: string }) => {
  const held = heldRuns(db, () => NOW_MS);
  await held.lease(run, NOW_MS + 1000);
  await held.end(run, { state: "failed", report: {}, nowMs: NOW_MS });
};

test("differences are counted up to a limit", async () => {
  const run = await runOf(30);
  expect([await countKept(db, run, 29), await countKept(db, run, 31)]).toEqual([29, 30]);
});

test("what a run has kept is deleted in parts: with its end, and by calls behind it", async () => {
  const run = await runOf(10 * FORGOTTEN_AT_ONCE + 1);
  await end(run);
  expect(await left(run)).toBe(9 * FORGOTTEN_AT_ONCE + 1);
  await forgetOver(db, ["nobody", run.tenant]);
  expect(await left(run)).toBe(FORGOTTEN_AT_ONCE + 1);
  await forgetOver(db, [run.tenant]);
  expect(await left(run)).toBe(0);
});

test("nothing is deleted of a run that is on its way, of a rebuild, or in flight", async () => {
  const over = await runOf(FORGOTTEN_AT_ONCE + 1);
  const { tenant } = over;
  await end(over);
  const others = [
    await runOf(3, tenant, NOW_MS + 1000),
    { tenant, runId: "rebuild_1" },
    { tenant, runId: "in_flight" },
  ];
  for (const one of others.slice(1)) await keep(one, 3);
  for (let call = 0; call < 3; call += 1) await forgetOver(db, [tenant]);
  expect(await left(over)).toBe(0);
  expect(await Promise.all(others.map(left))).toEqual([3, 3, 3]);
});

test("a run that begins anew keeps nothing, however much that was", async () => {
  const run = await runOf(2 * FORGOTTEN_AT_ONCE);
  await dropDifferences(db, run);
  expect(await left(run)).toBe(0);
});
