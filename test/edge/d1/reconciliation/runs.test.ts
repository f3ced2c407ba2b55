import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { heldRuns, openRuns } from "#src/edge/d1/reconciliation/runs.ts";
import { startRun } from "#src/edge/d1/reconciliation/start-run.ts";

const db = env.MIRROR_0;
const MINUTE_MS = 60_000;
const NOW_MS = Date.parse("2026-11-22T12:00:00Z");
const NO_REPORT = { cursor: {}, report: {} };

/** Runs of as many tenants, one a second: the last one is a window, the others are over all lines. */
async function startAll(count: number): Promise<readonly string[]> {
  const tenants = Array.from({ length: count }, (_, i) => `t${i}-${crypto.randomUUID()}`);
  for (const [i, tenant] of tenants.entries()) {
    const kind = i === count - 1 ? "window" : "lines";
    await startRun(db, { tenant, kind, cause: "cron" }, NOW_MS + i * 1000);
  }
  return tenants;
}

test("each run has its turn, however many are on their way, windows before others", async () => {
  const tenants = await startAll(7);
  const turns: string[][] = [];
  for (let minute = 1; minute <= 4; minute += 1) {
    const nowMs = NOW_MS + minute * MINUTE_MS;
    const runs = await openRuns(db, tenants, { nowMs, limit: 2 });
    const held = heldRuns(db, () => nowMs);
    for (const run of runs) {
      expect(await held.lease(run, nowMs + 2 * MINUTE_MS)).toBe(true);
      // The window is through at once; the first of the others dies, and leaves its lease.
      if (run.kind === "window") {
        await held.end(run, { state: "done", report: {}, nowMs });
      } else if (run.tenant !== tenants[0]) {
        await held.save(run, { ...NO_REPORT, leaseMs: nowMs });
      }
    }
    turns.push(runs.map(({ tenant }) => tenant.slice(0, 2)));
  }
  expect(turns).toEqual([
    ["t6", "t0"],
    ["t1", "t2"],
    ["t3", "t4"],
    ["t5", "t1"],
  ]);
});

test("windows that begin again and again keep no other run from its turn", async () => {
  const tenants = await startAll(2);
  const [lines = "", windows = ""] = tenants;
  const first: string[] = [];
  for (let minute = 1; minute <= 17; minute += 1) {
    const nowMs = NOW_MS + minute * MINUTE_MS;
    const [run] = await openRuns(db, tenants, { nowMs, limit: 1 });
    if (run === undefined) throw new Error("None is open");
    first.push(run.tenant === lines ? "lines" : "window");
    const held = heldRuns(db, () => nowMs);
    await held.lease(run, nowMs + 1);
    await held.save(run, { ...NO_REPORT, leaseMs: nowMs });
  }
  expect(first.filter((kind) => kind === "lines")).toHaveLength(1);
  expect(windows).not.toBe("");
});
