import { expect, test } from "vitest";
import { isPast, rankFromVolumes, runningAt } from "#src/core/distributor/estimate.ts";
import type { Plan, RankRule } from "#src/core/plans/plan.ts";
import { planOf } from "../plans/samples.ts";

const AUGUST = Date.UTC(2026, 7, 10);
const plan = (plan_id: string, unit: "month" | "week", ranks: readonly RankRule[] = []): Plan =>
  planOf({ plan_id, period: { unit, tz: "UTC" }, ranks, effective_from: "2026-01-01" });

test.each([
  { name: "none without a plan", plans: [], is: undefined },
  { name: "none before the first", plans: [plan("a", "week")], atMs: 0, is: undefined },
  { name: "the first plan's", plans: [plan("b", "month"), plan("a", "week")], is: "2026-W33" },
  {
    name: "that of the first plan with ranks",
    plans: [plan("a", "week"), plan("b", "month", [{ code: "M" }])],
    is: "2026-08",
  },
])("the running period is $name", ({ plans, atMs = AUGUST, is }) => {
  expect(runningAt(plans, atMs)?.period.period_id).toBe(is);
});

test.each([
  { period_id: "2026-07", past: true },
  { period_id: "2026-08", past: false },
  { period_id: "2026-09", past: false },
  { period_id: "2026-W01", past: false },
  { period_id: "155", past: false },
])("what was told of $period_id is of a period that is over: $past", ({ period_id, past }) => {
  const running = runningAt([plan("a", "month")], AUGUST);
  if (running === undefined) throw new Error("A plan is in force");
  const told = {
    kind: "volume",
    period_id,
    epoch: 0,
    rev: "1",
    effective_ms: 0,
    value: {},
  } as const;
  expect(isPast(told, running)).toBe(past);
});

test.each<{ name: string; ranks: readonly RankRule[]; is: string | undefined }>([
  {
    name: "the highest that holds",
    ranks: [{ code: "M" }, { code: "S", min_gv_x100: 9 }],
    is: "S",
  },
  { name: "none below the first", ranks: [{ code: "S", min_pv_x100: 9 }], is: undefined },
  { name: "none without ranks", ranks: [], is: undefined },
  {
    name: "none where one depends on the ranks of legs",
    ranks: [{ code: "M" }, { code: "D", legs_with_rank: { rank: "M", count: 1 } }],
    is: undefined,
  },
  {
    name: "none where one depends on the volumes of legs",
    ranks: [{ code: "M" }, { code: "D", min_gv_x100: 1, max_leg_ppm: 1 }],
    is: undefined,
  },
])("the rank that volumes make is $name", ({ ranks, is }) => {
  const running = runningAt([plan("a", "month", ranks)], AUGUST);
  if (running === undefined) throw new Error("A plan is in force");
  expect(rankFromVolumes(running, { pv_x100: 8, gv_x100: 9 })).toBe(is);
});
