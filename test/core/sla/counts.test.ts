import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Counts,
  mergeCounts,
  sketchOf,
  STAGES,
  tallyOf,
  waitedOf,
} from "#src/core/sla/counts.ts";

const LIMITS = [5000, 30_000];
const keys = ["lines", "within:5000", "waited", "aside", "visible:57", "queue:1"];
const some = fc.dictionary(fc.constantFrom(...keys), fc.integer({ min: 1, max: 1e6 }));

describe("mergeCounts()", () => {
  test("adds up, in whatever order", () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        expect(mergeCounts([a, b])).toEqual(mergeCounts([b, a]));
        expect(mergeCounts([mergeCounts([a, b]), c])).toEqual(
          mergeCounts([a, mergeCounts([b, c])]),
        );
        for (const key of keys) {
          expect(mergeCounts([a, b])[key] ?? 0).toBe((a[key] ?? 0) + (b[key] ?? 0));
        }
      }),
    );
  });

  test("is nothing of nothing", () => {
    expect(mergeCounts([])).toEqual({});
  });
});

describe("what counts say", () => {
  const counts: Counts = {
    lines: 10,
    "within:5000": 7,
    waited: 3,
    "waited:30000": 1,
    "visible:57": 10,
    "visible:139": 2,
    "visible:140": 9,
    "queue:1": 4,
  };

  test("is how many lines were in time, of all and of those that waited", () => {
    expect(tallyOf(counts, LIMITS)).toEqual({
      lines: 10,
      within: new Map([
        [5000, 7],
        [30_000, 0],
      ]),
    });
    expect(waitedOf(counts, LIMITS)).toEqual({
      lines: 3,
      within: new Map([
        [5000, 0],
        [30_000, 1],
      ]),
    });
  });

  test("is how long each stage took, and no bucket that there is not", () => {
    const sketches = STAGES.map((stage) => [stage, [...sketchOf(counts, stage)]]);
    expect(Object.fromEntries(sketches)).toEqual({
      producer: [],
      queue: [[1, 4]],
      apply: [],
      mirror: [],
      visible: [
        [57, 10],
        [139, 2],
      ],
    });
  });
});
