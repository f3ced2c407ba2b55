import { describe, expect, test } from "vitest";
import { monthStatus, parseMonth } from "#src/core/statement/month.ts";

describe("parseMonth()", () => {
  test.each([
    { text: "2026-07", from: Date.UTC(2026, 6, 1), to: Date.UTC(2026, 7, 1) },
    { text: "2026-12", from: Date.UTC(2026, 11, 1), to: Date.UTC(2027, 0, 1) },
    { text: "2024-02", from: Date.UTC(2024, 1, 1), to: Date.UTC(2024, 2, 1) },
    { text: "1999-12", from: Date.UTC(1999, 11, 1), to: Date.UTC(2000, 0, 1) },
    { text: "9999-11", from: Date.UTC(9999, 10, 1), to: Date.UTC(9999, 11, 1) },
  ])("reads $text", ({ text, from, to }) => {
    expect(parseMonth(text)).toEqual({ month: text, fromMs: from, toMs: to });
  });

  test.each([
    "",
    "2026",
    "2026-7",
    "2026-00",
    "2026-13",
    "2026-07-01",
    "26-07",
    "0000-01",
    "1969-12",
    "9999-12",
    "x",
  ])("refuses '%s'", (text) => {
    expect(parseMonth(text)).toBeUndefined();
  });
});

describe("monthStatus()", () => {
  const july = { month: "2026-07", fromMs: 1000, toMs: 2000 };
  test.each([
    { name: "open to its last millisecond", knownAtMs: 1999, closedMs: 1500, status: "open" },
    { name: "complete once it is over", knownAtMs: 2000, closedMs: null, status: "complete" },
    { name: "open where not all of it counts", asOfMs: 1998, closedMs: 1500, status: "open" },
    { name: "closed once the core said so", closedMs: 5000, status: "closed" },
    { name: "not closed before that was known", closedMs: 5001, status: "complete" },
  ])("is $name", ({ asOfMs = 1999, knownAtMs = 5000, closedMs, status }) => {
    expect(monthStatus(july, { asOfMs, knownAtMs, closedMs })).toBe(status);
  });
});
