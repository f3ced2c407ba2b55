import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  JITTER_MAX,
  nextAttemptMs,
  PAUSES_MS,
  RETRY_AFTER_MS_MAX,
} from "#src/core/outbound/schedule.ts";

const NOW_MS = Date.parse("2026-03-01T00:00:00Z");
const HOUR_MS = 3_600_000;

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("nextAttemptMs()", () => {
  test("follows the schedule that Standard Webhooks recommends, and ends behind it", () => {
    const pauses = Array.from({ length: 10 }, (_, n) => {
      const nextMs = nextAttemptMs({ step: n + 1 }, { nowMs: NOW_MS, random: 0 });
      return nextMs === undefined ? undefined : (nextMs - NOW_MS) / 1000;
    });
    expect(pauses).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, undefined]);
  });

  test("adds up to a tenth, and takes nothing off", () => {
    const steps = fc.integer({ min: 1, max: PAUSES_MS.length });
    fc.assert(
      fc.property(steps, random, (step, drawn) => {
        const pauseMs = PAUSES_MS[step - 1] ?? 0;
        const nextMs = nextAttemptMs({ step }, { nowMs: NOW_MS, random: drawn }) ?? 0;
        expect(nextMs - NOW_MS).toBeGreaterThanOrEqual(pauseMs);
        expect(nextMs - NOW_MS).toBeLessThanOrEqual(Math.ceil(pauseMs * (1 + JITTER_MAX)));
      }),
    );
    const latest = nextAttemptMs({ step: 3 }, { nowMs: 0, random: 0.999_999 }) ?? 0;
    expect(latest).toBeGreaterThan(1.09 * 1_800_000);
  });

  test.each([
    { asks: "for later", retryAfterMs: 60_000, expected: 60_000 },
    { asks: "for sooner", retryAfterMs: 1000, expected: 5000 },
    { asks: "for longer than a day", retryAfterMs: 90 * HOUR_MS, expected: RETRY_AFTER_MS_MAX },
  ])("where the destination asks $asks, waits $expected ms", ({ retryAfterMs, expected }) => {
    const nextMs = nextAttemptMs({ step: 1, retryAfterMs }, { nowMs: NOW_MS, random: 0 });
    expect(nextMs).toBe(NOW_MS + expected);
  });

  test("no Retry-After makes more attempts of it", () => {
    const asked = { step: PAUSES_MS.length + 1, retryAfterMs: 1000 };
    expect(nextAttemptMs(asked, { nowMs: NOW_MS, random: 0 })).toBeUndefined();
  });
});
