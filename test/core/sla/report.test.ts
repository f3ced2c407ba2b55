import { expect, test } from "vitest";
import { slaReport } from "#src/core/sla/report.ts";

const NOTHING = { count: 0, p50_ms: null, p95_ms: null, p99_ms: null, max_ms: null };

test("a report says how lines fared, what waited, and what was left out", () => {
  const report = slaReport(
    {
      lines: 100,
      "within:5000": 96,
      "within:30000": 100,
      waited: 5,
      "waited:5000": 2,
      "waited:30000": 5,
      aside: 7,
      "visible:49": 94,
      "visible:70": 2,
      "visible:92": 4,
    },
    new Map(),
  );
  expect(report).toMatchObject({
    objectives: [
      {
        within_ms: 5000,
        total: 100,
        good: 96,
        bad: 4,
        share_ppm: 960_000,
        budget_left_ppm: 200_000,
      },
      { within_ms: 30_000, total: 100, good: 100, bad: 0, share_ppm: 1_000_000 },
    ],
    stages: {
      producer: NOTHING,
      queue: NOTHING,
      visible: { count: 100, p50_ms: 128, p95_ms: 1048, p99_ms: 9475, max_ms: 9475 },
    },
    waited: {
      lines: 5,
      within: [
        { within_ms: 5000, good: 2, bad: 3 },
        { within_ms: 30_000, good: 5, bad: 0 },
      ],
    },
    aside: { lines: 7 },
  });
  expect(report.burn).toHaveLength(6);
});

test("of nothing it says nothing", () => {
  const { objectives, stages, waited, aside } = slaReport({}, new Map());
  expect(objectives.map(({ total, share_ppm }) => [total, share_ppm])).toEqual([
    [0, null],
    [0, null],
  ]);
  expect(Object.values(stages)).toEqual(Array.from({ length: 5 }, () => NOTHING));
  expect([waited.lines, aside.lines]).toEqual([0, 0]);
});
