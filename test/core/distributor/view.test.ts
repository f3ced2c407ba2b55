import { describe, expect, test } from "vitest";
import { balanceOf, type DistributorView, readView, statusAt } from "#src/core/distributor/view.ts";
import type { Standing } from "#src/core/subject/entry.ts";

const standing = (status: string, effective_ms: number, kind: Standing["kind"] = "status") => ({
  kind,
  period_id: "",
  epoch: 0,
  rev: "1",
  effective_ms,
  value: { status },
});

describe("readView()", () => {
  test("reads what nobody has written as empty", () => {
    expect(readView(undefined)).toEqual({ balances: {}, statuses: [] });
  });

  test("reads what was written", () => {
    const view: DistributorView = {
      balances: { a: { USD: "1" } },
      statuses: [standing("grace", 1)],
    };
    expect(readView(JSON.stringify(view))).toEqual(view);
  });
});

describe("balanceOf()", () => {
  const view = { balances: { "cash:bank": { USD: "-27021597764222973" } }, statuses: [] };
  test.each([
    { account: "cash:bank", currency: "USD", balance: -27_021_597_764_222_973n },
    { account: "cash:bank", currency: "EUR", balance: 0n },
    { account: "cash:psp", currency: "USD", balance: 0n },
  ])("of $account in $currency is $balance", ({ account, currency, balance }) => {
    expect(balanceOf(view, account, currency)).toBe(balance);
  });
});

describe("statusAt()", () => {
  const enrolment = standing("active", 500, "enrolment");
  // By ascending revision: what holds later need not be what is said later.
  const statuses = [
    standing("suspended", 100),
    standing("terminated", 300),
    standing("grace", 200),
  ];
  test.each([
    { name: "nothing before the first", view: { statuses }, atMs: 99, status: undefined },
    {
      name: "the enrolment's before the first",
      view: { statuses, enrolment },
      atMs: 99,
      status: "active",
    },
    {
      name: "the first from its instant on",
      view: { statuses, enrolment },
      atMs: 100,
      status: "suspended",
    },
    { name: "the higher one from its instant on", view: { statuses }, atMs: 200, status: "grace" },
    { name: "the highest, not the latest", view: { statuses }, atMs: 300, status: "grace" },
    { name: "the enrolment's alone", view: { statuses: [], enrolment }, atMs: 0, status: "active" },
  ])("is $name", ({ view, atMs, status }) => {
    expect(statusAt({ balances: {}, ...view }, atMs)).toBe(status);
  });
});
