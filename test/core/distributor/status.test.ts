import { describe, expect, test } from "vitest";
import { fullName, statusOf } from "#src/core/distributor/status.ts";
import type { DistributorView } from "#src/core/distributor/view.ts";

const NOW_MS = Date.UTC(2026, 7, 1);

const of = (view: Partial<DistributorView>) =>
  statusOf({
    distributorId: "d1",
    view: { balances: {}, statuses: [], ...view },
    name: undefined,
    frontline: undefined,
    position: 1,
    asOfMs: NOW_MS,
    nowMs: NOW_MS,
  });

describe("statusOf()", () => {
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
