import { describe, expect, test } from "vitest";
import type { RunState } from "#src/core/runs/run.ts";
import {
  CLOSE_AFTER_MS,
  dueRuns,
  RANKS_AFTER_MS,
  type ScheduledPlan,
} from "#src/core/runs/schedule.ts";
import { planOf } from "../plans/samples.ts";

const END = Date.parse("2026-08-01T00:00:00Z");
const scheduled = (parts: Partial<ScheduledPlan> = {}): ScheduledPlan => ({
  plan_id: "main",
  versions: [planOf({ payout: { minimum_minor: 1000 } })],
  since_ms: END - 1000,
  ...parts,
});
const due = (nowMs: number, runs: Record<string, RunState> = {}, plan = scheduled()) =>
  dueRuns([plan], new Map(Object.entries(runs)), nowMs).map(
    ({ kind, period_id }) => `${kind} ${period_id}`,
  );
const RANKED = { "ranks:main:2026-07": "done" } as const;
const CLOSED = { ...RANKED, "close:main:2026-07": "done" } as const;

describe("dueRuns()", () => {
  test("starts ranks, then the close, then the payouts, each when the one before is done", () => {
    expect(due(END + RANKS_AFTER_MS - 1)).toEqual([]);
    expect(due(END + RANKS_AFTER_MS)).toEqual(["ranks 2026-07"]);
    expect(due(END + CLOSE_AFTER_MS, { "ranks:main:2026-07": "running" })).toEqual([]);
    expect(due(END + CLOSE_AFTER_MS, { "ranks:main:2026-07": "failed" })).toEqual([]);
    expect(due(END + CLOSE_AFTER_MS - 1, RANKED)).toEqual([]);
    expect(due(END + CLOSE_AFTER_MS, RANKED)).toEqual(["close 2026-07"]);
    expect(due(END + CLOSE_AFTER_MS, CLOSED)).toEqual(["payouts 2026-07"]);
    expect(due(END + CLOSE_AFTER_MS, { ...CLOSED, "payouts:main:2026-07": "done" })).toEqual([]);
  });

  test("knows midnight by the plan's time zone", () => {
    const tokyo = planOf({ period: { unit: "month", tz: "Asia/Tokyo" } });
    const plan = scheduled({ versions: [tokyo], since_ms: 0 });
    const midnight = Date.parse("2026-07-31T15:00:00Z");
    const before = { "ranks:main:2026-06": "done", "close:main:2026-06": "done" } as const;
    const older = Object.fromEntries(
      ["2026-04", "2026-05"].flatMap((period) => [
        [`ranks:main:${period}`, "done" as const],
        [`close:main:${period}`, "done" as const],
      ]),
    );
    const runs = { ...older, ...before };
    expect(due(midnight + RANKS_AFTER_MS - 1, runs, plan)).toEqual([]);
    expect(due(midnight + RANKS_AFTER_MS, runs, plan)).toEqual(["ranks 2026-07"]);
  });

  test("leaves alone what had ended when the plan was saved", () => {
    const plan = scheduled({ since_ms: END });
    expect(due(END + 2 * CLOSE_AFTER_MS, {}, plan)).toEqual([]);
  });

  test("catches up with the oldest period first", () => {
    const plan = scheduled({ since_ms: 0 });
    expect(due(END + CLOSE_AFTER_MS, {}, plan)).toEqual(["ranks 2026-05"]);
  });

  test("does without ranks and payouts where the plan has none", () => {
    const plan = scheduled({ versions: [planOf({ ranks: [] })] });
    expect(due(END + CLOSE_AFTER_MS, {}, plan)).toEqual(["close 2026-07"]);
    expect(due(END + CLOSE_AFTER_MS, { "close:main:2026-07": "done" }, plan)).toEqual([]);
  });
});
