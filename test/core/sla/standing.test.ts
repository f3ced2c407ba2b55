import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  foldHour,
  hourOf,
  isAtRest,
  keptStanding,
  type Looked,
  standingOf,
} from "#src/core/sla/standing.ts";

const NOW_MS = Date.UTC(2026, 6, 1, 10, 30);
const HOUR_MS = 3_600_000;
const MINUTES = [5, 30, 60, 360, 4320];

/** In every window so many of a hundred late, for both objectives. */
const looked = (bad: number, windows: readonly number[] = MINUTES): Looked => ({
  windows: new Map(
    windows.map((minutes) => [
      minutes * 60_000,
      {
        lines: 100,
        within: new Map([
          [5000, 100 - bad],
          [30_000, 100],
        ]),
      },
    ]),
  ),
  day: { since_ms: NOW_MS - (NOW_MS % 86_400_000), lines: 100, good: { 5000: 90, 30_000: 100 } },
});

const at = (given: Looked, before?: ReturnType<typeof standingOf>, nowMs = NOW_MS) =>
  standingOf(given, { before: before?.standing, nowMs });

const ticket = { within_ms: 5000, rule: "ticket_3d", severity: "ticket" };
const page = { within_ms: 5000, rule: "page_1h", severity: "page" };

describe("standingOf()", () => {
  test("tells once who begins to burn, once that it is worse, and once that it is over", () => {
    const first = at(looked(20));
    expect(first.begun).toEqual([{ ...ticket, since_ms: NOW_MS }]);
    const still = at(looked(20), first, NOW_MS + 60_000);
    expect([still.begun, still.standing]).toEqual([[], first.standing]);

    const worse = at(looked(80), still, NOW_MS + 120_000);
    expect(worse.begun).toEqual([{ ...page, since_ms: NOW_MS }]);
    const better = at(looked(20), worse, NOW_MS + 180_000);
    expect([better.begun, better.ended]).toEqual([[], []]);
    expect(better.standing.burning).toEqual([{ ...ticket, since_ms: NOW_MS }]);

    const over = at(looked(0), better, NOW_MS + 240_000);
    expect(over.ended).toEqual([{ ...ticket, since_ms: NOW_MS }]);
    expect([over.begun, over.standing.burning]).toEqual([[], []]);
    const anew = at(looked(20), over, NOW_MS + 300_000);
    expect(anew.begun).toEqual([{ ...ticket, since_ms: NOW_MS + 300_000 }]);
  });

  test("names the gravest rule that says so", () => {
    expect(at(looked(80)).standing.burning).toEqual([{ ...page, since_ms: NOW_MS }]);
    expect(at(looked(80, [30, 360, 4320])).standing.burning).toMatchObject([{ rule: "page_6h" }]);
  });

  test("keeps the day as it was counted", () => {
    expect(at(looked(0)).standing.day).toEqual(looked(0).day);
  });
});

describe("isAtRest()", () => {
  const { day } = looked(0);

  test("is so with nothing late, as long as the day is the same", () => {
    const { standing } = at(looked(0));
    expect(isAtRest(standing, day.since_ms)).toBe(true);
    expect(isAtRest(standing, day.since_ms + 86_400_000)).toBe(false);
  });

  test.each(MINUTES)("is not so with a late line in the window of %i minutes alone", (minutes) => {
    expect(isAtRest(at(looked(1, [minutes])).standing, day.since_ms)).toBe(false);
  });
});

describe("foldHour()", () => {
  const counts = fc.dictionary(fc.constantFrom("lines", "aside"), fc.integer({ min: 1, max: 9 }));
  test("puts minutes together in any order; once more, the same", () => {
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 60 }), (given) => {
        const minutes = given.map((one, i) => ({ minute_ms: NOW_MS + i, counts: one }));
        const folded = foldHour(HOUR_MS, minutes);
        expect(folded).toEqual(foldHour(HOUR_MS, minutes.toReversed()));
        expect(foldHour(HOUR_MS, [folded])).toEqual(folded);
        const lines = given.reduce((sum, one) => sum + (one["lines"] ?? 0), 0);
        expect([folded.minute_ms, folded.counts["lines"] ?? 0]).toEqual([HOUR_MS, lines]);
      }),
    );
  });

  test("an hour is a full one", () => {
    expect(hourOf(NOW_MS)).toBe(NOW_MS - 30 * 60_000);
    expect(hourOf(HOUR_MS)).toBe(HOUR_MS);
  });
});

test("keptStanding() believes nothing that lacks a part", () => {
  const { standing } = at(looked(20));
  expect(keptStanding(standing)).toEqual(standing);
  expect(keptStanding({})).toBeUndefined();
  expect(keptStanding({ burns: standing.burns, day: standing.day })).toBeUndefined();
});
