import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attainmentOf, goodOf, LIMITS, OBJECTIVES, ppm } from "#src/core/sla/objectives.ts";

const [IN_5_S] = OBJECTIVES.slice(0, 1);
const tally = (lines: number, good: number) => ({ lines, within: new Map([[5000, good]]) });

test("95 % are to be visible in 5 s, 99 % in 30 s", () => {
  expect(OBJECTIVES).toEqual([
    { within_ms: 5000, target_ppm: 950_000 },
    { within_ms: 30_000, target_ppm: 990_000 },
  ]);
  expect(LIMITS).toEqual([5000, 30_000]);
});

describe("attainmentOf()", () => {
  test.each([
    { name: "nothing", lines: 0, good: 0, share: null, left: 1_000_000 },
    { name: "all in time", lines: 40, good: 40, share: 1_000_000, left: 1_000_000 },
    { name: "just as many as may be late", lines: 100, good: 95, share: 950_000, left: 0 },
    { name: "twice as many", lines: 100, good: 90, share: 900_000, left: -1_000_000 },
    { name: "half as many", lines: 1000, good: 975, share: 975_000, left: 500_000 },
    { name: "a third, rounded down", lines: 60, good: 59, share: 983_333, left: 666_666 },
    { name: "below zero, rounded down", lines: 30, good: 28, share: 933_333, left: -333_334 },
  ])("tells $name", ({ lines, good, share, left }) => {
    if (IN_5_S === undefined) throw new Error("There is no objective");
    expect(attainmentOf(IN_5_S, tally(lines, good))).toEqual({
      within_ms: 5000,
      target_ppm: 950_000,
      total: lines,
      good,
      bad: lines - good,
      share_ppm: share,
      budget_left_ppm: left,
    });
  });

  test("counts no more good ones than there are", () => {
    expect(goodOf({ within_ms: 5000, target_ppm: 950_000 }, tally(3, 4))).toEqual({
      total: 3,
      good: 3,
      bad: 0,
    });
  });
});

test("ppm() is exact and rounds down, however large", () => {
  const natural = fc.maxSafeNat();
  fc.assert(
    fc.property(natural, natural, (part, more) => {
      const whole = more + 1;
      const found = BigInt(ppm(part % whole, whole));
      const product = BigInt(part % whole) * 1_000_000n;
      expect(found * BigInt(whole) <= product).toBe(true);
      expect((found + 1n) * BigInt(whole) > product).toBe(true);
    }),
  );
});
