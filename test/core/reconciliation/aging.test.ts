import { describe, expect, test } from "vitest";
import { endOf, payoutDoubts, PAYOUT_CLASSES, severityOf } from "#src/core/reconciliation/aging.ts";
import { HOUR_MS } from "./support.ts";

describe("severityOf()", () => {
  test.each([
    [0, "info"],
    [24 * HOUR_MS - 1, "info"],
    [24 * HOUR_MS, "ticket"],
    [72 * HOUR_MS, "ticket"],
    [72 * HOUR_MS + 1, "page"],
  ])("of a break %i ms old is %s", (ageMs, severity) => {
    expect(severityOf({ class: "STATUS", why: "mirror_ahead", opened_ms: 5 }, 5 + ageMs)).toBe(
      severity,
    );
    expect(severityOf({ class: "STATUS", why: null, opened_ms: 5 }, 5 + ageMs)).toBe(severity);
  });

  test.each([
    { class: "AMOUNT", why: "above_limit" },
    { class: "MISSING_LOCAL", why: "run_limit" },
    { class: "CHAIN", why: null },
  ])("of $class, $why, is a page at once", (found) => {
    expect(severityOf({ ...found, opened_ms: 5 }, 5)).toBe("page");
  });
});

test("payouts wait for what makes a balance doubtful, while it is open", () => {
  const found = (break_id: string, kind: string, outcome: "healed" | null = null) => ({
    break_id,
    class: kind,
    outcome,
  });
  const breaks = [
    found("e", "EXTRA_LOCAL"),
    found("a", "AMOUNT"),
    found("done", "AMOUNT", "healed"),
    found("s", "STATUS"),
    found("m", "MISSING_LOCAL"),
  ];
  expect(payoutDoubts(breaks)).toEqual(["a", "e"]);
  expect(PAYOUT_CLASSES).toEqual(["AMOUNT", "EXTRA_LOCAL"]);
});

test("what is not found again was healed, or is gone, or was put aside and stays open", () => {
  expect(endOf({ class: "AMOUNT", action: "correct" })).toBe("healed");
  expect(endOf({ class: "STATUS", action: "none" })).toBe("gone");
  expect(endOf({ class: "EXTRA_LOCAL", action: "none" })).toBe("gone");
  expect(endOf({ class: "EXTRA_LOCAL", action: "suspend" })).toBeUndefined();
});
