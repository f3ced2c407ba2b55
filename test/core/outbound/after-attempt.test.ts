import { describe, expect, test } from "vitest";
import {
  afterAttempt,
  ATTEMPTS_MAX,
  givenUp,
  isTooLate,
  type Tried,
  WAITING_MS_MAX,
} from "#src/core/outbound/after-attempt.ts";
import type { AttemptOutcome } from "#src/core/outbound/delivery.ts";
import { PAUSES_MS } from "#src/core/outbound/schedule.ts";

const NOW_MS = Date.parse("2026-03-01T00:00:00Z");
const attempt = { at_ms: NOW_MS - 5, took_ms: 5 };
const fresh: Tried = { step: 0, attempts: [], dueMs: NOW_MS - 10 };
const now = { nowMs: NOW_MS, random: 0 };

const after = (outcome: AttemptOutcome, tried = fresh) =>
  afterAttempt(tried, { attempt, outcome }, now);

describe("afterAttempt()", () => {
  test("what was delivered has ended", () => {
    expect(after({ kind: "delivered" })).toEqual({
      state: "delivered",
      step: 1,
      attempts: [attempt],
      endedMs: NOW_MS,
    });
  });

  test("what failed is tried again by the schedule", () => {
    expect(after({ kind: "failed" })).toEqual({
      state: "pending",
      step: 1,
      attempts: [attempt],
      dueMs: NOW_MS + 5000,
    });
    expect(after({ kind: "failed", retryAfterMs: 9000 }).dueMs).toBe(NOW_MS + 9000);
  });

  test("ten attempts, and it is dead", () => {
    let tried = fresh;
    for (let n = 1; n <= PAUSES_MS.length; n += 1) {
      const { state, step, attempts, dueMs = 0 } = after({ kind: "failed" }, tried);
      expect(state).toBe("pending");
      tried = { step, attempts, dueMs };
    }
    const dead = after({ kind: "failed" }, tried);
    expect(dead).toMatchObject({ state: "dead", step: 10, endedMs: NOW_MS });
    expect(dead.attempts).toHaveLength(10);
    expect(dead).not.toHaveProperty("dueMs");
  });

  test("a destination that is gone uses up none: the delivery waits as it did", () => {
    const tried = { ...fresh, step: 3 };
    expect(after({ kind: "gone" }, tried)).toEqual({
      state: "pending",
      step: 3,
      attempts: [attempt],
      dueMs: tried.dueMs,
    });
  });

  test("keeps the newest attempts", () => {
    const attempts = Array.from({ length: ATTEMPTS_MAX }, (_, n) => ({ at_ms: n, took_ms: 0 }));
    const kept = afterAttempt(
      { ...fresh, attempts },
      { attempt, outcome: { kind: "failed" } },
      now,
    );
    expect(kept.attempts).toEqual([...attempts.slice(1), attempt]);
  });
});

describe("what has waited for too long", () => {
  test("is given up after a week of being due, and not before", () => {
    expect(isTooLate({ dueMs: NOW_MS - WAITING_MS_MAX }, NOW_MS)).toBe(false);
    expect(isTooLate({ dueMs: NOW_MS - WAITING_MS_MAX - 1 }, NOW_MS)).toBe(true);
    expect(givenUp({ ...fresh, step: 2, attempts: [attempt] }, NOW_MS)).toEqual({
      state: "dead",
      step: 2,
      attempts: [attempt],
      endedMs: NOW_MS,
    });
  });
});
