import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinStep, moveStep, readStep } from "#src/core/genealogy/placement-step.ts";

const MS_MIN = Date.UTC(0) - 1900 * 366 * 86_400_000;
const MS_MAX = 253_402_300_799_999;
const ms = fc.integer({ min: MS_MIN, max: MS_MAX });
const step = fc.record({ ms, id: fc.string(), isMove: fc.boolean() });

const textOf = (one: { ms: number; id: string; isMove: boolean }) =>
  (one.isMove ? moveStep : joinStep)(one.ms, one.id);

describe("steps", () => {
  test("are read as they were written", () => {
    fc.assert(
      fc.property(step, (one) => {
        expect(readStep(textOf(one))).toEqual(one);
      }),
    );
  });

  test("sort by time, then moves before joinings, then by id", () => {
    fc.assert(
      fc.property(step, step, fc.boolean(), (a, other, isSameTime) => {
        const b = isSameTime ? { ...other, ms: a.ms } : other;
        const [early, late] = [a, b].toSorted(
          (x, y) => x.ms - y.ms || Number(y.isMove) - Number(x.isMove) || (x.id < y.id ? -1 : 1),
        );
        expect([early, late].map((one) => one && textOf(one))).toEqual(
          [a, b].map(textOf).toSorted(),
        );
      }),
    );
  });
});
