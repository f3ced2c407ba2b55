import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BUCKETS,
  bucketOf,
  countOf,
  merge,
  msOf,
  quantile,
  type Sketch,
} from "#src/core/sla/sketch.ts";

const ms = fc.oneof(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 200 }));
const times = fc.array(ms, { maxLength: 200 });

const sketch = (values: readonly number[]): Sketch =>
  values.reduce<Sketch>((all, value) => merge(all, new Map([[bucketOf(value), 1]])), new Map());

const sorted = (one: Sketch) => [...one].toSorted(([a], [b]) => a - b);

/** Of a sorted list, the value that so many of a million are not above. */
const ranked = (values: readonly number[], ppm: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil((values.length * ppm) / 1_000_000)) - 1] ??
  0;

describe("bucketOf()", () => {
  test.each([
    { ms: -5, bucket: 1 },
    { ms: 0, bucket: 1 },
    { ms: 1, bucket: 1 },
    { ms: 2, bucket: 7 },
    { ms: 1000, bucket: 70 },
    { ms: 1_000_000, bucket: BUCKETS },
    { ms: 1e12, bucket: BUCKETS },
  ])("puts $ms ms into bucket $bucket", ({ ms: given, bucket }) => {
    expect(bucketOf(given)).toBe(bucket);
  });

  test("needs 139 buckets, the last one for 10⁶ ms", () => {
    expect([BUCKETS, bucketOf(995_000), bucketOf(997_000)]).toEqual([139, 138, 139]);
  });

  test("stands for each time within 5 %", () => {
    fc.assert(
      fc.property(ms, (value) => {
        expect(Math.abs(msOf(bucketOf(value)) - value) / value).toBeLessThanOrEqual(0.05 + 1e-9);
      }),
    );
  });

  test("does not hang on the last digit of a logarithm: no bound lies at a whole millisecond", () => {
    const lnGamma = Math.log(21 / 19);
    let nearest = Infinity;
    for (let value = 2; value <= 1_000_000; value += 1) {
      const at = Math.log(value) / lnGamma;
      nearest = Math.min(nearest, Math.abs(at - Math.round(at)));
    }
    expect(nearest).toBeGreaterThan(1e-8);
  });
});

describe("merge()", () => {
  test("comes to the same in whatever order, and to what all of them together make", () => {
    fc.assert(
      fc.property(times, times, times, (a, b, c) => {
        const [x, y, z] = [sketch(a), sketch(b), sketch(c)];
        expect(sorted(merge(x, y))).toEqual(sorted(merge(y, x)));
        expect(sorted(merge(merge(x, y), z))).toEqual(sorted(merge(x, merge(y, z))));
        expect(sorted(merge(merge(x, y), z))).toEqual(sorted(sketch([...a, ...b, ...c])));
        expect(countOf(merge(x, y))).toBe(a.length + b.length);
      }),
    );
  });
});

describe("quantile()", () => {
  test("is off by 5 % at most", () => {
    const some = fc.array(ms, { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 1_000_000 }), (values, ppm) => {
        const exact = ranked(values, ppm);
        const told = quantile(sketch(values), ppm) ?? 0;
        expect(Math.abs(told - exact) / exact).toBeLessThanOrEqual(0.05 + 1e-9);
      }),
    );
  });

  test("is nothing of nothing", () => {
    expect(quantile(new Map(), 500_000)).toBeUndefined();
  });
});
