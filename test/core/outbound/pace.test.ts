import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AHEAD_MS,
  LAPSE_MS,
  type Pace,
  type Rate,
  reserve,
  UNUSED,
} from "#src/core/outbound/pace.ts";

const MINUTE_MS = 60_000;
const START_MS = Date.parse("2026-03-01T00:00:00Z");

const rates: fc.Arbitrary<Rate> = fc.record({
  perMinute: fc.oneof(fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 1, max: 20 })),
  concurrency: fc.integer({ min: 1, max: 6 }),
});

/** Rounds as an object makes them: at some time it wants some slots, of the next two seconds or fewer. */
const rounds = fc.array(
  fc.record({
    afterMs: fc.oneof(
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 0, max: 2000 }),
      fc.integer({ min: 0, max: 90_000 }),
    ),
    wanted: fc.integer({ min: 1, max: 60 }),
  }),
  { minLength: 1, maxLength: 80 },
);

/** The most of these times that lie within any 60 s. */
function most(times: readonly number[]): number {
  let first = 0;
  let found = 0;
  for (const [n, at] of times.entries()) {
    while ((times[first] ?? at) <= at - MINUTE_MS) first += 1;
    found = Math.max(found, n - first + 1);
  }
  return found;
}

describe("reserve()", () => {
  test("in no minute do more attempts begin than the destination allows, used at once or late", () => {
    fc.assert(
      fc.property(
        rates,
        rounds,
        fc.infiniteStream(fc.integer({ min: 0, max: LAPSE_MS })),
        (rate, made, lateness) => {
          let pace: Pace = UNUSED;
          let nowMs = START_MS;
          const begun: number[] = [];
          for (const { afterMs, wanted } of made) {
            nowMs += afterMs;
            const reserved = reserve(pace, rate, { nowMs, wanted });
            pace = reserved.pace;
            for (const slot of reserved.slots) {
              const [lateMs = 0] = lateness.take(1);
              expect(slot).toBeGreaterThanOrEqual(nowMs);
              expect(slot).toBeLessThan(nowMs + AHEAD_MS);
              begun.push(slot + lateMs);
            }
            expect(reserved.slots.length).toBeLessThanOrEqual(wanted);
          }
          expect(most(begun.toSorted((a, b) => a - b))).toBeLessThanOrEqual(rate.perMinute);
        },
      ),
    );
  });

  test("nor where there is always something to send, after a rest, and late ones come before others", () => {
    const rest = fc.integer({ min: 0, max: 30_000 });
    fc.assert(
      fc.property(rates, rest, rest, (rate, restFromMs, lateForMs) => {
        let pace: Pace = UNUSED;
        let nowMs = START_MS;
        const slots: number[] = [];
        while (nowMs < START_MS + 3 * MINUTE_MS) {
          const reserved = reserve(pace, rate, { nowMs, wanted: 1000 });
          pace = reserved.pace;
          slots.push(...reserved.slots);
          const hasRested = nowMs > START_MS + restFromMs;
          nowMs = Math.max(nowMs + AHEAD_MS, reserved.nextMs);
          // Once, for long enough that a burst is due again.
          if (!hasRested && nowMs > START_MS + restFromMs) nowMs += MINUTE_MS;
        }
        const lateUntilMs = START_MS + MINUTE_MS + lateForMs;
        for (const isLate of [(at: number) => at < lateUntilMs, (at: number) => at <= START_MS]) {
          const begun = slots.map((at) => (isLate(at) ? at + LAPSE_MS : at));
          expect(most(begun.toSorted((a, b) => a - b))).toBeLessThanOrEqual(rate.perMinute);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("whoever always has something to send gets the rate, but for 3 in 100", () => {
    fc.assert(
      fc.property(rates, ({ perMinute, concurrency }) => {
        let pace: Pace = UNUSED;
        let slots = 0;
        const lastMs = START_MS + 10 * MINUTE_MS;
        let nowMs = START_MS;
        while (nowMs < lastMs) {
          const reserved = reserve(pace, { perMinute, concurrency }, { nowMs, wanted: 1000 });
          pace = reserved.pace;
          slots += reserved.slots.filter((slot) => slot < lastMs).length;
          nowMs = Math.max(nowMs + AHEAD_MS, reserved.nextMs);
        }
        expect(slots).toBeGreaterThanOrEqual(Math.floor(0.97 * 10 * perMinute));
      }),
      { numRuns: 20 },
    );
  });

  test("a burst is a second's worth, and no more than is sent at once", () => {
    const burst = (perMinute: number, concurrency: number) => {
      const asked = { nowMs: START_MS, wanted: 100 };
      const { slots } = reserve(UNUSED, { perMinute, concurrency }, asked);
      return slots.filter((slot) => slot === START_MS).length;
    };
    expect([burst(1, 6), burst(60, 6), burst(120, 6), burst(600, 4), burst(6000, 6)]).toEqual([
      1, 1, 2, 4, 6,
    ]);
  });

  test("says when the next slot is, and there it is", () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 20 }), (rate, wanted) => {
        const { pace, nextMs, slots } = reserve(UNUSED, rate, { nowMs: START_MS, wanted });
        expect(slots[0]).toBe(START_MS);
        // Asked at once, and asked just then, it is the same one.
        const isNear = nextMs < START_MS + AHEAD_MS;
        const [soon] = reserve(pace, rate, { nowMs: START_MS, wanted: 1 }).slots;
        expect(soon).toBe(isNear ? nextMs : undefined);
        expect(reserve(pace, rate, { nowMs: nextMs, wanted: 1 }).slots).toEqual([nextMs]);
      }),
    );
  });

  test("a destination that is made faster does not wait as a slow one", () => {
    const slow = { perMinute: 1, concurrency: 1 };
    const asked = { nowMs: START_MS, wanted: 1 };
    const { pace } = reserve(UNUSED, slow, asked);
    expect(reserve(pace, slow, asked).slots).toEqual([]);
    const fast = { perMinute: 6000, concurrency: 1 };
    const then = { nowMs: START_MS + 50, wanted: 1 };
    expect(reserve(pace, fast, then).nextMs).toBeLessThan(then.nowMs + 2 * AHEAD_MS);
  });
});
