import { describe, expect, test } from "vitest";
import {
  breakAlert,
  debtAlert,
  frozenAlert,
  limitAlert,
  type OpenBreak,
  stockAlert,
} from "#src/core/operation/break-alerts.ts";

const HOUR_MS = 3_600_000;

const found = (more: Partial<OpenBreak> = {}): OpenBreak => ({
  breakId: "AMOUNT:B:L1:0",
  class: "AMOUNT",
  subject: "dist:B",
  reference: "L1",
  why: null,
  foundMs: 0,
  ...more,
});

describe("breakAlert()", () => {
  test.each([
    { hours: 23, why: null, severity: undefined },
    { hours: 24, why: null, severity: "ticket" },
    { hours: 73, why: "never_automatic", severity: "page" },
    { hours: 0, why: "above_limit", severity: "page" },
  ])("of a break of $hours h, $why: $severity", ({ hours, why, severity }) => {
    const [told] = breakAlert(found({ why }), hours * HOUR_MS);
    expect(told?.severity).toBe(severity);
  });

  test("says what it is about, and no amount", () => {
    expect(breakAlert(found({ why: "above_limit" }), 0)).toEqual([
      {
        kind: "break",
        key: "AMOUNT:B:L1:0",
        severity: "page",
        subject: "dist:B",
        since_ms: 0,
        detail: "AMOUNT of L1 (above_limit)",
        place: ["breaks", "AMOUNT:B:L1:0"],
      },
    ]);
  });
});

describe("a debt and an article that is low", () => {
  const debt = found({
    breakId: "NEGATIVE_BALANCE:B:USD",
    class: "NEGATIVE_BALANCE",
    reference: "B",
  });
  const view = (amounts: object) => JSON.stringify({ balances: { "dist:B:available": amounts } });
  const stock = found({ breakId: "LOW_STOCK:SKU:W:0.3", class: "LOW_STOCK", reference: "SKU:W" });
  const value = (on_hand: number) => JSON.stringify({ on_hand, low_stock_at: 5 });

  test.each([
    { name: "owed", view: view({ USD: "700" }), hours: 0, severity: "ticket" },
    { name: "paid back", view: view({ USD: "0" }), hours: 0, severity: undefined },
    { name: "owed in another currency", view: view({ EUR: "5" }), hours: 0, severity: undefined },
    { name: "in credit", view: view({ USD: "-5" }), hours: 0, severity: undefined },
    { name: "of nobody", view: null, hours: 0, severity: undefined },
    { name: "paid back, and its break old", view: view({}), hours: 30, severity: "ticket" },
    { name: "owed for long", view: view({ USD: "1" }), hours: 80, severity: "page" },
  ])("a debt that is $name", ({ view: of, hours, severity }) => {
    const [told] = debtAlert({ ...debt, view: of }, hours * HOUR_MS);
    expect(told?.severity).toBe(severity);
    expect(told?.detail ?? "").not.toMatch(/700/);
  });

  test.each([
    { name: "low", value: value(5), hours: 0, severity: "ticket" },
    { name: "filled up", value: value(6), hours: 0, severity: undefined },
    { name: "gone", value: null, hours: 0, severity: undefined },
    { name: "filled up, and its break old", value: value(6), hours: 25, severity: "ticket" },
  ])("an article that is $name", ({ value: of, hours, severity }) => {
    expect(stockAlert({ ...stock, value: of }, hours * HOUR_MS)[0]?.severity).toBe(severity);
  });
});

test("a frozen object is urgent, and so is what a limit kept from being healed", () => {
  expect(frozenAlert({ subject: "dist:B", frozenMs: 7 })).toMatchObject({
    kind: "frozen",
    key: "dist:B",
    severity: "page",
    since_ms: 7,
    place: ["breaks", "CHAIN:dist:B"],
  });
  expect(limitAlert({ class: "MISSING_LOCAL", breaks: 60, oldestMs: 3 })).toMatchObject({
    key: "MISSING_LOCAL",
    severity: "page",
    detail: expect.stringContaining("60 open MISSING_LOCAL"),
    query: { state: "open", class: "MISSING_LOCAL" },
  });
});
