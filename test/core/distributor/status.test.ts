import { describe, expect, test } from "vitest";
import { runningAt } from "#src/core/distributor/estimate.ts";
import { fullName, type StatusSource, statusOf } from "#src/core/distributor/status.ts";
import type { DistributorView } from "#src/core/distributor/view.ts";
import type { RankRule } from "#src/core/plans/plan.ts";
import type { Standing } from "#src/core/subject/entry.ts";
import { planOf } from "../plans/samples.ts";

const NOW_MS = Date.UTC(2026, 7, 1);

const of = (view: Partial<DistributorView>, more: Partial<StatusSource> = {}) =>
  statusOf({
    seesBelow: true,
    ...more,
    distributorId: "d1",
    view: { balances: {}, statuses: [], ...view },
    name: undefined,
    frontline: undefined,
    position: 1,
    asOfMs: NOW_MS,
    nowMs: NOW_MS,
  });

describe("statusOf()", () => {
  test("shows what legs come to, and whose they are to those alone who may see who is below", () => {
    const legs = [
      { distributor_id: "C", leg: "L", rank: "Gold", gv_x100: 5 },
      { leg: "R", pv_x100: 1, cv_x100: -2, gv_x100: 3 },
      { leg: "Cees-1234", gv_x100: 5 },
      { distributor_id: 1234, node: 1234, "Cees-1234": 5, gv_x100: 6 },
      { distributor_id: "C" },
      "D",
      7,
    ];
    const standing = { kind: "volume", period_id: "2026-08", epoch: 0, rev: "1" } as const;
    const value = { pv_x100: 1, gv_x100: 2, legs: JSON.stringify(legs) };
    const volume = { ...standing, effective_ms: NOW_MS, value };
    expect(of({ volume }).volumes?.legs).toEqual(legs);
    expect(of({ volume }, { seesBelow: false }).volumes?.legs).toEqual([
      { leg: "L", gv_x100: 5 },
      { leg: "R", pv_x100: 1, cv_x100: -2, gv_x100: 3 },
      { gv_x100: 5 },
      { gv_x100: 6 },
      7,
    ]);
  });

  test("says null of all that is not known yet", () => {
    expect(of({})).toEqual({
      distributor_id: "d1",
      name: null,
      status: null,
      sponsor_id: null,
      placement_id: null,
      leg: null,
      joined_at: null,
      ranks: null,
      volumes: null,
      balances: {},
      frontline: null,
      position: 1,
      as_of: "2026-08-01T00:00:00.000Z",
    });
  });

  test("turns the ledger's signs: a credit is owed, a debit the distributor owes", () => {
    const { balances } = of({
      balances: {
        "dist:d1:held": { USD: "-9007199254740993", JPY: "-400" },
        "dist:d1:available": { USD: "250" },
        "dist:d10:held": { EUR: "-1" },
        "exp:commission": { EUR: "1" },
      },
    });
    expect(Object.keys(balances)).toEqual(["JPY", "USD"]);
    expect(balances["USD"]).toMatchObject({
      held: { amount_minor: "9007199254740993", amount: "90071992547409.93" },
      available: { amount_minor: -250, amount: "-2.50" },
      pending: { amount_minor: 0, amount: "0.00" },
    });
    expect(balances["JPY"]).toMatchObject({ held: { amount_minor: 400, amount: "400" } });
  });

  test.each([
    { name: "the enrolment's status before any other", statuses: [], status: "active" },
    { name: "one in force", statuses: [["grace", NOW_MS]], status: "grace" },
    { name: "not the one to come", statuses: [["grace", NOW_MS + 1]], status: "active" },
  ] as const)("shows $name", ({ statuses, status }) => {
    const base = { period_id: "", epoch: 0, rev: "1" };
    const view: Partial<DistributorView> = {
      enrolment: { ...base, kind: "enrolment", effective_ms: 0, value: { status: "active" } },
      statuses: statuses.map(([value, effective_ms]) => ({
        ...base,
        kind: "status",
        effective_ms,
        value: { status: value },
      })),
    };
    expect(of(view)).toMatchObject({ status, joined_at: "1970-01-01T00:00:00.000Z" });
  });
});

describe("what was counted here", () => {
  const RANKS: readonly RankRule[] = [
    { code: "Member" },
    { code: "Silver", min_pv_x100: 100, min_gv_x100: 300 },
  ];
  const BY_LEGS: readonly RankRule[] = [...RANKS, { code: "Gold", min_gv_x100: 1, max_leg_ppm: 1 }];
  const AUGUST = { period_id: "2026-08", pv_x100: 100, gv_x100: 300 };
  const JULY = { period_id: "2026-07", pv_x100: 5, gv_x100: 6, legs: [], source: "core" };
  const estimated = { ...AUGUST, legs: null, rev: null, source: "estimate" };
  const told = (
    kind: "rank" | "volume",
    period_id: string,
    value: Standing["value"],
  ): Standing => ({
    kind,
    period_id,
    epoch: 0,
    rev: "1",
    effective_ms: 0,
    value,
  });
  const shown = (
    view: Partial<DistributorView>,
    { ranks = RANKS, counts = true }: { ranks?: readonly RankRule[]; counts?: boolean } = {},
  ) => {
    const running = runningAt([planOf({ ranks })], NOW_MS);
    const status = of(view, { running, ...(counts ? { counted: AUGUST } : {}) });
    return { ranks: status.ranks, volumes: status.volumes };
  };
  const volume = { pv_x100: 5, gv_x100: 6, legs: "[]" };
  const silver = {
    pay_rank: "Silver",
    career_rank: null,
    period_id: "2026-08",
    rev: null,
    source: "estimate",
  };

  test.each([
    { name: "where nothing was told", view: {} },
    {
      name: "where the core told of a period that is over",
      view: { volume: told("volume", "2026-07", volume) },
    },
  ])("is shown as an estimate $name", ({ view }) => {
    expect(shown(view)).toEqual({ ranks: silver, volumes: estimated });
  });

  test.each(["2026-08", "2026-09", "155", ""])(
    "gives way to what the core told of the period '%s'",
    (period_id) => {
      const view = { volume: told("volume", period_id, volume) };
      expect(shown(view).volumes).toMatchObject({ ...JULY, period_id });
    },
  );

  test("leaves what was told where nothing was counted, or no plan says what a period is", () => {
    const view = { volume: told("volume", "2026-07", volume) };
    expect(shown(view, { counts: false })).toMatchObject({ ranks: null, volumes: JULY });
    expect(of(view, { counted: AUGUST })).toMatchObject({ ranks: null, volumes: JULY });
  });

  test("makes no rank where that depends on legs, or where one was told", () => {
    expect(shown({}, { ranks: BY_LEGS })).toEqual({ ranks: null, volumes: estimated });
    expect(shown({}, { ranks: [] })).toEqual({ ranks: null, volumes: estimated });
    for (const [told_by, source] of [
      ["run", "run"],
      [undefined, "core"],
    ]) {
      const value = { pay_rank: "x", career_rank: "y", ...(told_by && { told_by }) };
      const { ranks } = shown({ rank: told("rank", "2026-07", value) });
      expect(ranks).toEqual({
        pay_rank: "x",
        career_rank: "y",
        period_id: "2026-07",
        rev: "1",
        source,
      });
    }
  });
});

describe("fullName()", () => {
  test.each([
    { given: { name: "Ada Lovelace", given_name: "A." }, expected: "Ada Lovelace" },
    { given: { given_name: "Ada", family_name: "Lovelace" }, expected: "Ada Lovelace" },
    { given: { name: " ", family_name: "Lovelace" }, expected: "Lovelace" },
    { given: { name: 7, email: "ada@example.com" }, expected: undefined },
    { given: {}, expected: undefined },
  ])("reads $expected", ({ given, expected }) => {
    expect(fullName(given)).toBe(expected);
  });
});
