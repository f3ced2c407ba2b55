import { describe, expect, test } from "vitest";
import {
  agedBefore,
  endOf,
  payoutDoubts,
  PAYOUT_CLASSES,
  severityOf,
  toTell,
} from "#src/core/reconciliation/aging.ts";
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

describe("toTell()", () => {
  const old = (hours: number) => ({ class: "STATUS", why: null, opened_ms: -hours * HOUR_MS });

  test.each([
    { hours: 23, told: null, now: undefined },
    { hours: 24, told: null, now: "ticket" },
    { hours: 25, told: "ticket", now: undefined },
    { hours: 72, told: "ticket", now: undefined },
    { hours: 73, told: "ticket", now: "page" },
    { hours: 73, told: null, now: "page" },
    { hours: 999, told: "page", now: undefined },
  ] as const)("tells of a break $hours h old, told as $told: $now", ({ hours, told, now }) => {
    expect(toTell(old(hours), told, 0)).toBe(now);
  });

  test("tells of what is above a limit at once, and never again as of something less", () => {
    const urgent = { ...old(0), why: "above_limit" };
    expect(toTell(urgent, null, 0)).toBe("page");
    // Its limit was raised since then.
    expect(toTell(old(25), "page", 0)).toBeUndefined();
  });

  test("agrees with agedBefore() about every age", () => {
    const ages = [0, 24, 72].flatMap((hours) => [-1, 0, 1].map((ms) => hours * HOUR_MS + ms));
    const { ticketMs, pageMs } = agedBefore(0);
    for (const age of ages) {
      const by = -age < pageMs ? "page" : -age <= ticketMs ? "ticket" : "info";
      expect([age, by]).toEqual([age, severityOf({ ...old(0), opened_ms: -age }, 0)]);
    }
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
  // The core has it again, and so has the mirror.
  expect(endOf({ class: "EXTRA_LOCAL", action: "suspend" }, true)).toBe("healed");
});
