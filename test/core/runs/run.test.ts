import { describe, expect, test } from "vitest";
import {
  closedOf,
  openBefore,
  periodBefore,
  planRun,
  runIdOf,
  type RunName,
  type RunOccasion,
} from "#src/core/runs/run.ts";
import { periodOf } from "#src/core/plans/period.ts";
import { planOf } from "../plans/samples.ts";

const at = (text: string) => Date.parse(text);
const MAIN = planOf({ payout: { minimum_minor: 1000 } });
const JULY: RunName = { kind: "close", plan_id: "main", period_id: "2026-07" };
const occasion = (parts: Partial<RunOccasion> = {}): RunOccasion => ({
  mode: "gateway_final",
  plans: [MAIN],
  nowMs: at("2026-08-01T01:00:00Z"),
  closes: new Map(),
  ...parts,
});
const euros = (parts: object = {}) => planOf({ plan_id: "euro", currency: "EUR", ...parts });

describe("planRun()", () => {
  test("plans by the version that holds when the period ends, by its own time zone", () => {
    const tokyo = { unit: "month", tz: "Asia/Tokyo" } as const;
    const later = planOf({ version: 2, effective_from: "2026-07-20", period: tokyo });
    const planned = planRun(JULY, occasion({ plans: [MAIN, later] }));
    expect(planned).toMatchObject({
      ok: true,
      value: { plan: { version: 2 }, period: { end_ms: at("2026-07-31T15:00:00Z") } },
    });
  });

  test("names the plans that close the period together", () => {
    const weekly = planOf({ plan_id: "weekly", period: { unit: "week", tz: "UTC" } });
    const planned = planRun(JULY, occasion({ plans: [MAIN, euros(), weekly] }));
    expect(planned).toMatchObject({ ok: true, value: { together: ["euro", "main"] } });
  });

  test("is over at its end and not a millisecond before", () => {
    const end = at("2026-08-01T00:00:00Z");
    expect(planRun(JULY, occasion({ nowMs: end }))).toMatchObject({ ok: true });
    expect(planRun(JULY, occasion({ nowMs: end - 1 }))).toEqual({
      ok: false,
      refusal: "period_open",
    });
  });

  const beyond = { plan_id: "west", period: { unit: "month", tz: "America/Los_Angeles" } } as const;
  test.each([
    { name: "in mirror mode", given: { mode: "mirror" as const }, refusal: "mirrored" },
    { name: "an unknown plan", given: { plans: [euros()] }, refusal: "plan_unknown" },
    {
      name: "a period that another plan is still in",
      given: { plans: [MAIN, planOf(beyond)] },
      refusal: "period_open",
    },
    {
      name: "a close behind one that is not done",
      given: { closes: new Map([["2026-06", "failed" as const]]) },
      refusal: "earlier_open",
    },
    {
      name: "a close before one that is done",
      given: {
        nowMs: at("2026-10-01T00:00:00Z"),
        closes: new Map([["2026-08", "done" as const]]),
      },
      refusal: "later_closed",
    },
  ])("refuses $name", ({ given, refusal }) => {
    expect(planRun(JULY, occasion(given))).toEqual({ ok: false, refusal });
  });

  test.each([
    { name: "a period of another unit", run: { ...JULY, period_id: "2026-W30" } },
    { name: "a period that is none", run: { ...JULY, period_id: "2026-13" } },
    { name: "a period before the plan held", run: { ...JULY, period_id: "2025-11" } },
  ])("refuses $name", ({ run }) => {
    expect(planRun(run, occasion())).toEqual({ ok: false, refusal: "period_unknown" });
  });

  test("lets a period be closed before a later one whose close has failed", () => {
    const closes = new Map([["2026-08", "failed" as const]]);
    const nowMs = at("2026-10-01T00:00:00Z");
    expect(planRun(JULY, occasion({ nowMs, closes }))).toMatchObject({ ok: true });
  });

  test("lets a close that is done be done again, whatever was closed since", () => {
    const closes = new Map([
      ["2026-07", "done"],
      ["2026-08", "done"],
    ] as const);
    expect(planRun(JULY, occasion({ closes }))).toMatchObject({ ok: true });
  });

  test("has one plan of a currency propose payouts", () => {
    const second = planOf({ plan_id: "other", payout: { minimum_minor: 1 } });
    const plans = [second, MAIN, euros()];
    const payouts = (plan_id: string) =>
      planRun({ ...JULY, kind: "payouts", plan_id }, occasion({ plans }));
    expect(payouts("main")).toMatchObject({ ok: true });
    expect(payouts("other")).toEqual({ ok: false, refusal: "currency_taken" });
    expect(payouts("euro")).toEqual({ ok: false, refusal: "no_payouts" });
  });

  test("ranks nobody by a plan without ranks", () => {
    const plans = [planOf({ ranks: [] })];
    const ranks = planRun({ ...JULY, kind: "ranks" }, occasion({ plans }));
    expect(ranks).toEqual({ ok: false, refusal: "no_ranks" });
  });
});

describe("openBefore()", () => {
  const weekly = planOf({ effective_from: "2026-06-01", period: { unit: "week", tz: "UTC" } });
  const before = (id: string, closed: readonly string[], versions = [MAIN]) => {
    const period = periodOf((versions.at(-1) ?? MAIN).period, id);
    if (period === undefined) throw new Error("No such period");
    return openBefore(versions, period, new Set(closed)).map(
      ({ period_id, start_ms, late_ms }) => `${period_id}${late_ms < start_ms ? " late" : ""}`,
    );
  };

  test.each<{ name: string; id: string; closed: readonly string[]; open: readonly string[] }>([
    { name: "back to the plan's first", id: "2026-03", closed: [], open: ["2026-01", "2026-02"] },
    { name: "the plan's first", id: "2026-01", closed: [], open: [] },
    { name: "behind a closed one", id: "2026-07", closed: ["2026-06", "2026-04"], open: [] },
    {
      name: "back to the last closed one, whose late sales count in the first",
      id: "2026-07",
      closed: ["2026-03", "2026-04"],
      open: ["2026-05 late", "2026-06"],
    },
  ])("finds them $name", ({ id, closed, open }) => {
    expect(before(id, closed)).toEqual(open);
  });

  test("leaves out one that another version's periods cut short", () => {
    const monthly = planOf({ version: 2, effective_from: "2026-06-17" });
    expect(before("2026-07", ["2026-W23"], [weekly, monthly])).toEqual(["2026-06"]);
    const late = planOf({ version: 2, effective_from: "2026-06-17", period: weekly.period });
    expect(before("2026-W26", ["2026-05"], [MAIN, late])).toEqual(["2026-W25 late"]);
  });

  test("looks back no further than ten years of weeks", () => {
    const old = planOf({ effective_from: "1970-01-01", period: weekly.period });
    expect(before("2026-W30", [], [old])).toHaveLength(520);
  });
});

test("closedOf() are the closed ones, and those whose own run is done", () => {
  const closes = new Map([
    ["2026-05", "done"],
    ["2026-06", "failed"],
    ["2026-07", "running"],
  ] as const);
  expect([...closedOf(["2026-04"], closes)]).toEqual(["2026-04", "2026-05"]);
});

test("a run is named by kind, plan and period", () => {
  expect(runIdOf(JULY)).toBe("close:main:2026-07");
});

test("the period before is that of the version that held then", () => {
  const weekly = planOf({ effective_from: "2026-06-01", period: { unit: "week", tz: "UTC" } });
  const monthly = planOf({ version: 2, effective_from: "2026-08-01" });
  const august = periodOf(monthly.period, "2026-08");
  expect(august && periodBefore([weekly, monthly], august)?.period_id).toBe("2026-W31");
  const first = periodOf(MAIN.period, "2026-01");
  expect(first && periodBefore([MAIN], first)).toBeUndefined();
});
