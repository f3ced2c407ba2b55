import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aligned,
  type Bucket,
  bucketOf,
  childrenOf,
  compareNames,
  cutOutOf,
  finerThan,
  formatBucket,
  isAligned,
  isIn,
  parseBucket,
  rangeOf,
  startMs,
  TIME_LEVELS,
  type TimeBucket,
} from "#src/core/reconciliation/buckets.ts";
import { partOf, shardOf } from "#src/core/reconciliation/shard.ts";
import { runs } from "../../support/runs.ts";

const sha256 = (data: string | Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(data).digest());

const at = (text: string) => Date.parse(text);

const NAMED: readonly { readonly name: string; readonly bucket: Bucket }[] = [
  { name: "2026-11/17", bucket: { level: "month", fromMs: at("2026-11-01"), shard: 17 } },
  { name: "2026-11-19/0", bucket: { level: "day", fromMs: at("2026-11-19"), shard: 0 } },
  {
    name: "2026-11-19T13/63",
    bucket: { level: "hour", fromMs: at("2026-11-19T13:00:00Z"), shard: 63 },
  },
  {
    name: "2026-11-19T13/9/a",
    bucket: { level: "part", fromMs: at("2026-11-19T13:00:00Z"), shard: 9, part: "a" },
  },
  {
    name: "2026-11-19T13/9/a3f0",
    bucket: { level: "part", fromMs: at("2026-11-19T13:00:00Z"), shard: 9, part: "a3f0" },
  },
  { name: "2024-02-29/5", bucket: { level: "day", fromMs: at("2024-02-29"), shard: 5 } },
  { name: "1969-12-31T23/1", bucket: { level: "hour", fromMs: -3_600_000, shard: 1 } },
  { name: "balances/17", bucket: { level: "balances", shard: 17 } },
];

describe("a bucket's name", () => {
  test.each(NAMED)("$name is read and written", ({ name, bucket }) => {
    expect(parseBucket(name)).toEqual(bucket);
    expect(formatBucket(bucket)).toBe(name);
  });

  test.each([
    "",
    "2026-11",
    "2026-11/64",
    "2026-11/017",
    "2026-11/-1",
    "2026-11/+1",
    "2026-13/1",
    "2026-00/1",
    "2026-11-31/1",
    "2025-02-29/1",
    "2026-11-19T24/1",
    "2026-11-19T1/1",
    "2026-11-19t13/1",
    "2026-11-19/17/a",
    "2026-11/17/a",
    "2026-11-19T13/17/g",
    "2026-11-19T13/17/A",
    "2026-11-19T13/17/",
    "2026-11-19T13/17/aB",
    "2026-11-19T13/17/a3f01",
    "2026-11-19T13/17/a/3",
    "balances/17/a",
    "balances/64",
    "balance/1",
    " 2026-11/17",
    "2026-11/17\n",
    "12026-11/17",
  ])("%j names none", (name) => {
    expect(parseBucket(name)).toBeUndefined();
  });
});

const instant = fc.integer({ min: at("0000-01-01"), max: at("9999-12-31T23:59:59.999Z") });
const line = fc.record({
  line_id: fc.string({ minLength: 1 }),
  distributor_id: fc.string({ minLength: 1 }),
  effective_ms: instant,
});
const level = fc.constantFrom(...TIME_LEVELS);

describe("a line's bucket", () => {
  test("holds its instant, shard and part, and its name is read back", () => {
    fc.assert(
      fc.property(line, level, (given, atLevel) => {
        const bucket = bucketOf(given, atLevel, sha256);
        const { fromMs, toMs } = rangeOf(bucket);
        expect(given.effective_ms).toBeGreaterThanOrEqual(fromMs);
        expect(given.effective_ms).toBeLessThan(toMs);
        expect(bucket.shard).toBe(shardOf(given.distributor_id, sha256));
        const part = bucket.level === "part" ? bucket.part : partOf(given.line_id, sha256);
        expect(part).toBe(partOf(given.line_id, sha256));
        expect(parseBucket(formatBucket(bucket))).toEqual(bucket);
      }),
      { numRuns: runs(300) },
    );
  });

  test("is one of the children of its bucket a level up, and of no other", () => {
    fc.assert(
      fc.property(line, fc.constantFrom("month", "day", "hour"), (given, atLevel) => {
        const finer = finerThan(atLevel);
        if (finer === undefined) throw new Error("Only a part has no finer level");
        const name = formatBucket(bucketOf(given, finer, sha256));
        const names = childrenOf(bucketOf(given, atLevel, sha256)).map(formatBucket);
        expect(names.filter((child) => child === name)).toEqual([name]);
      }),
      { numRuns: runs(100) },
    );
  });

  test("is the only one of its level that it is in", () => {
    fc.assert(
      fc.property(line, line, level, (one, other, atLevel) => {
        const bucket = bucketOf(one, atLevel, sha256);
        expect(isIn(one, bucket, sha256)).toBe(true);
        expect(isIn(other, bucket, sha256)).toBe(
          formatBucket(bucketOf(other, atLevel, sha256)) === formatBucket(bucket),
        );
      }),
      { numRuns: runs(100) },
    );
  });

  test("is that of the instant a bucket begins, and not of the one it ends", () => {
    const lineAt = (effective_ms: number) => ({ line_id: "L", distributor_id: "1", effective_ms });
    const nameAt = (text: string, of: TimeBucket["level"]) =>
      formatBucket(bucketOf(lineAt(at(text)), of, () => new Uint8Array([17, 0])));
    expect(nameAt("2026-10-31T23:59:59.999Z", "month")).toBe("2026-10/17");
    expect(nameAt("2026-11-01T00:00:00.000Z", "month")).toBe("2026-11/17");
    expect(nameAt("2026-11-19T13:59:59.999Z", "hour")).toBe("2026-11-19T13/17");
    expect(nameAt("2026-11-19T14:00:00.000Z", "part")).toBe("2026-11-19T14/17/1");
    expect(nameAt("1969-12-31T23:59:59.999Z", "day")).toBe("1969-12-31/17");
  });
});

describe("childrenOf()", () => {
  test.each([
    { name: "2026-11/17", count: 30, first: "2026-11-01/17", last: "2026-11-30/17" },
    { name: "2024-02/17", count: 29, first: "2024-02-01/17", last: "2024-02-29/17" },
    { name: "9999-12/17", count: 31, first: "9999-12-01/17", last: "9999-12-31/17" },
    { name: "2026-11-19/17", count: 24, first: "2026-11-19T00/17", last: "2026-11-19T23/17" },
    {
      name: "2026-11-19T13/17",
      count: 16,
      first: "2026-11-19T13/17/0",
      last: "2026-11-19T13/17/f",
    },
    {
      name: "2026-11-19T13/17/a3f",
      count: 16,
      first: "2026-11-19T13/17/a3f0",
      last: "2026-11-19T13/17/a3ff",
    },
    { name: "2026-11-19T13/17/a3f0", count: 0, first: undefined, last: undefined },
  ])("cuts $name up into $count", ({ name, count, first, last }) => {
    const bucket = parseBucket(name);
    if (bucket === undefined || bucket.level === "balances") throw new Error("Not of a time");
    const names = childrenOf(bucket).map(formatBucket);
    expect([names.length, names.at(0), names.at(-1)]).toEqual([count, first, last]);
  });

  test("cuts a part up into those that are cut out of it", () => {
    const digits = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(line, digits, (given, count) => {
        const hour = bucketOf(given, "hour", sha256);
        const part = {
          ...hour,
          level: "part",
          part: partOf(given.line_id, sha256, count),
        } as const;
        const children = childrenOf(part);
        const own = children.filter((child) => isIn(given, child, sha256));
        expect(own.map(formatBucket)).toEqual([
          formatBucket({ ...part, part: partOf(given.line_id, sha256, count + 1) }),
        ]);
        for (const child of children) {
          if (child.level !== "part") throw new Error("A part is cut up into parts");
          expect(cutOutOf(child)).toEqual(part);
        }
        expect(cutOutOf({ ...part, part: part.part.slice(0, 1) })).toEqual(hour);
      }),
      { numRuns: runs(50) },
    );
  });

  test("covers its bucket without gap or overlap", () => {
    fc.assert(
      fc.property(line, fc.constantFrom("month", "day"), (given, atLevel) => {
        const bucket = bucketOf(given, atLevel, sha256);
        let atMs = rangeOf(bucket).fromMs;
        for (const child of childrenOf(bucket)) {
          expect(rangeOf(child).fromMs).toBe(atMs);
          atMs = rangeOf(child).toMs;
        }
        expect(atMs).toBe(rangeOf(bucket).toMs);
      }),
      { numRuns: runs(50) },
    );
  });
});

describe("a range", () => {
  test("is aligned outwards, and by no more than a bucket on either side", () => {
    fc.assert(
      fc.property(instant, instant, level, (one, other, atLevel) => {
        const range = { fromMs: Math.min(one, other), toMs: Math.max(one, other) + 1 };
        const wide = aligned(range, atLevel);
        expect(isAligned(wide, atLevel)).toBe(true);
        expect(wide.fromMs).toBe(startMs(atLevel, range.fromMs));
        expect(wide.toMs).toBeGreaterThanOrEqual(range.toMs);
        expect(startMs(atLevel, wide.toMs - 1)).toBeLessThan(range.toMs);
        expect(aligned(wide, atLevel)).toEqual(wide);
      }),
      { numRuns: runs(200) },
    );
  });

  test.each([
    { from: "2026-11-19T13:30:00Z", to: "2026-11-19T15:00:00Z", of: "hour" },
    { from: "2026-11-19T13:00:00Z", to: "2026-11-19T15:00:00.001Z", of: "part" },
    { from: "2026-11-19T00:00:00Z", to: "2026-11-20T01:00:00Z", of: "day" },
    { from: "2026-11-02T00:00:00Z", to: "2026-12-01T00:00:00Z", of: "month" },
  ] as const)("from $from to $to is not aligned to a $of", ({ from, to, of }) => {
    expect(isAligned({ fromMs: at(from), toMs: at(to) }, of)).toBe(false);
  });
});

test("buckets are ordered by their names as texts", () => {
  const names = ["2026-11/2", "2026-11/17", "2026-10/9", "2026-11/1"];
  expect(names.toSorted(compareNames)).toEqual([
    "2026-10/9",
    "2026-11/1",
    "2026-11/17",
    "2026-11/2",
  ]);
});
