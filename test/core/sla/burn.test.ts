import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BURN_RULES, burnRate, burnsOf, WINDOWS } from "#src/core/sla/burn.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Windows in which so many of so many were later than 5 s, and none than 30 s. */
const late = (...given: readonly (readonly [minutes: number, bad: number, total: number])[]) =>
  new Map(
    given.map(([minutes, bad, total]) => [
      minutes * MINUTE_MS,
      {
        lines: total,
        within: new Map([
          [5000, total - bad],
          [30_000, total],
        ]),
      },
    ]),
  );

const firing = (windows: ReturnType<typeof late>) =>
  burnsOf(windows).flatMap((burn) => (burn.firing ? [`${burn.within_ms} ${burn.rule}`] : []));

test("the rules are those of DOMAIN §11", () => {
  expect(
    BURN_RULES.map(({ severity, threshold_ppm, long_ms, short_ms }) => [
      severity,
      threshold_ppm / 1_000_000,
      long_ms / HOUR_MS,
      short_ms / MINUTE_MS,
    ]),
  ).toEqual([
    ["page", 14.4, 1, 5],
    ["page", 6, 6, 30],
    ["ticket", 1, 72, 360],
  ]);
  expect(WINDOWS.map((ms) => ms / MINUTE_MS)).toEqual([5, 30, 60, 360, 4320]);
});

describe("burnsOf()", () => {
  test.each([
    // 72 % late is 14.4 times 5 %.
    { name: "both windows at 14.4", windows: late([60, 72, 100], [5, 18, 25]), rules: ["page_1h"] },
    { name: "the long one a hair below", windows: late([60, 719, 1000], [5, 18, 25]), rules: [] },
    { name: "the short one a hair below", windows: late([60, 72, 100], [5, 71, 100]), rules: [] },
    { name: "it is over", windows: late([60, 72, 100], [5, 0, 40]), rules: [] },
    { name: "nothing came of late", windows: late([60, 72, 100]), rules: [] },
    {
      name: "ten late lines of twelve",
      windows: late([60, 10, 12], [5, 1, 1]),
      rules: ["page_1h"],
    },
    { name: "nine late lines of nine", windows: late([60, 9, 9], [5, 9, 9]), rules: [] },
    { name: "6 over six hours", windows: late([360, 30, 100], [30, 3, 10]), rules: ["page_6h"] },
    {
      name: "1 over three days",
      windows: late([4320, 50, 1000], [360, 10, 200]),
      rules: ["ticket_3d"],
    },
    { name: "below 1", windows: late([4320, 49, 1000], [360, 10, 200]), rules: [] },
    {
      name: "all at once",
      windows: late([5, 9, 10], [30, 9, 10], [60, 90, 100], [360, 90, 100], [4320, 90, 100]),
      rules: ["page_1h", "page_6h", "ticket_3d"],
    },
  ])("fires: $name", ({ windows, rules }) => {
    expect(firing(windows)).toEqual(rules.map((rule) => `5000 ${rule}`));
  });

  test("tells every rule of every objective, with the figures of both windows", () => {
    const burns = burnsOf(late([60, 10, 100], [5, 1, 4]));
    expect(burns).toHaveLength(6);
    expect(burns[0]).toEqual({
      within_ms: 5000,
      target_ppm: 950_000,
      rule: "page_1h",
      severity: "page",
      threshold_ppm: 14_400_000,
      long: { window_ms: HOUR_MS, total: 100, bad: 10, burn_ppm: 2_000_000 },
      short: { window_ms: 5 * MINUTE_MS, total: 4, bad: 1, burn_ppm: 5_000_000 },
      firing: false,
    });
    expect(burns[5]?.long).toEqual({ window_ms: 72 * HOUR_MS, total: 0, bad: 0, burn_ppm: 0 });
  });
});

test("burnRate() is a threshold just where the late share is, exactly", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.nat(), (total, given) => {
      const bad = given % (total + 1);
      const isAtLeast = burnRate({ target_ppm: 950_000 }, { total, bad }) >= 14_400_000;
      // bad / total ≥ 14.4 · 5 %
      expect(isAtLeast).toBe(BigInt(bad) * 100n >= BigInt(total) * 72n);
    }),
  );
});
