import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bucketOf,
  formatBucket,
  isIn,
  parseBucket,
  rangeOf,
  type TimeLevel,
} from "#src/core/reconciliation/buckets.ts";
import { addLines, digestOf, type DigestLine, NO_LINES } from "#src/core/reconciliation/digest.ts";
import {
  type BucketSum,
  compareBuckets,
  firstQuestion,
  LISTED_MAX,
  type Question,
} from "#src/core/reconciliation/walk.ts";
import { partOf } from "#src/core/reconciliation/shard.ts";
import { runs } from "../../support/runs.ts";

/** Remembered: the same names are summed up at every level. */
const known = new Map<string | Uint8Array, Uint8Array>();

function sha256(data: string | Uint8Array): Uint8Array {
  const digest = known.get(data) ?? new Uint8Array(createHash("sha256").update(data).digest());
  known.set(data, digest);
  return digest;
}

const HOUR_MS = 3_600_000;
const FROM_MS = Date.parse("2026-11-19T00:00:00Z");
const TO_MS = FROM_MS + 72 * HOUR_MS;

function sumsOf(
  lines: readonly DigestLine[],
  { level, range, shards, within }: Digests,
): BucketSum[] {
  const parents = within && new Set(within.map(({ bucket }) => bucket));
  const digits = (within?.[0]?.bucket.split("/")[2]?.length ?? 0) + 1;
  const nameOf = (line: DigestLine): string => {
    const bucket = bucketOf(line, level, sha256);
    if (bucket.level !== "part") return formatBucket(bucket);
    return formatBucket({ ...bucket, part: partOf(line.line_id, sha256, digits) });
  };
  const all = Map.groupBy(lines, nameOf);
  const buckets = [...all].filter(([name]) => parents?.has(name.slice(0, -1)) !== false);
  return [...buckets].flatMap(([name, of]) => {
    const bucket = parseBucket(name);
    if (bucket === undefined || bucket.level === "balances") throw new Error(`No bucket: ${name}`);
    const { fromMs, toMs } = rangeOf(bucket);
    const isAsked = fromMs >= range.fromMs && toMs <= range.toMs;
    if (!isAsked || shards?.includes(bucket.shard) === false) return [];
    const sum = addLines(NO_LINES, of, sha256);
    return [{ name, lines: sum.lines, digest: digestOf(sum, sha256) }];
  });
}

type Digests = Extract<Question, { readonly kind: "digests" }>;

/** Plays a whole walk: the buckets that are listed in the end, and how many questions it took. */
function walk(
  core: readonly DigestLine[],
  local: readonly DigestLine[],
  {
    level = "day",
    settledMs = TO_MS,
    partDigits = 1,
  }: { level?: TimeLevel; settledMs?: number; partDigits?: number } = {},
) {
  const questions: Question[] = [firstQuestion(level, { fromMs: FROM_MS, toMs: TO_MS })];
  const listed: string[] = [];
  let [asked, covered, told] = [0, 0, 0];
  for (let at = questions.shift(); at !== undefined; at = questions.shift()) {
    asked += 1;
    if (at.kind === "lines") {
      listed.push(at.bucket);
      continue;
    }
    const theirs = sumsOf(core, at);
    told += theirs.length;
    const found = compareBuckets(theirs, sumsOf(local, at), {
      settledMs,
      partDigits,
      ...(at.within && { within: at.within }),
    });
    covered += found.covered;
    questions.push(...found.questions);
  }
  return { listed, asked, covered, told };
}

const line = (n: number, effective_ms: number, amount_minor = 400): DigestLine => ({
  line_id: `L${n}`,
  distributor_id: `D${n % 97}`,
  currency: "USD",
  amount_minor,
  status: "held",
  effective_ms,
});

const many = (count: number) =>
  Array.from({ length: count }, (_, n) => line(n, FROM_MS + ((n * 7919 * 1000) % (72 * HOUR_MS))));

describe("a walk down the digests", () => {
  it("asks once where both sides agree, whatever they have", () => {
    const lines = many(3000);
    expect(walk(lines, lines)).toMatchObject({ listed: [], asked: 1, covered: 3000 });
    expect(walk([], [])).toMatchObject({ listed: [], asked: 1 });
  });

  it("lists exactly the buckets in which something differs, and covers all others", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1500 }),
        fc.array(fc.tuple(fc.constantFrom("lost", "added", "changed", "moved"), fc.nat()), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.constantFrom<TimeLevel>("day", "hour"),
        (count, changes, level) => {
          const core = many(count);
          const local = [...core];
          const touched = new Set<DigestLine>();
          for (const [what, nth] of changes) {
            const at = nth % local.length;
            const old = local[at];
            if (old === undefined || touched.has(old)) continue;
            const changed =
              what === "moved"
                ? { ...old, effective_ms: FROM_MS + ((nth * 31) % (72 * HOUR_MS)) }
                : { ...old, amount_minor: old.amount_minor + 1 };
            if (what === "lost") local.splice(at, 1);
            else if (what === "added") local.push({ ...old, line_id: `X${nth}` });
            else local[at] = changed;
            touched.add(changed).add(old);
          }
          const { listed } = walk(core, local, { level });
          const texts = (lines: readonly DigestLine[]) =>
            new Set(lines.map((one) => JSON.stringify(one)));
          const [theirs, ours] = [texts(core), texts(local)];
          const differing = [
            ...core.filter((one) => !ours.has(JSON.stringify(one))),
            ...local.filter((one) => !theirs.has(JSON.stringify(one))),
          ];
          const names = new Set(listed);
          // Each difference lies in a bucket that is listed, and no bucket is listed for nothing.
          const levels: readonly TimeLevel[] = ["day", "hour", "part"];
          const met = new Set<string>();
          for (const one of differing) {
            const of = levels.map((each) => formatBucket(bucketOf(one, each, sha256)));
            const found = of.filter((name) => names.has(name));
            expect(found).toHaveLength(1);
            for (const name of found) met.add(name);
          }
          expect(met).toEqual(names);
          expect(listed).toHaveLength(names.size);
        },
      ),
      { numRuns: runs(25) },
    );
  });

  it("takes as many questions as there are differences, and not as there are lines", () => {
    const cost = (count: number) => {
      const core = many(count);
      const local = core.filter((_, n) => n % Math.ceil(count / 10) !== 5);
      return walk(core, local);
    };
    const [small, large] = [cost(5000), cost(20_000)];
    expect(small.listed).toHaveLength(10);
    expect(large.listed).toHaveLength(10);
    expect(large.asked).toBeLessThanOrEqual(10 * 4);
    expect(large.told).toBeLessThan(2 * small.told + 16 * 10);
  });

  it("cuts hours with many lines into parts", () => {
    const core = Array.from({ length: LISTED_MAX + 40 }, (_, n) => ({
      ...line(n, FROM_MS),
      distributor_id: "42",
    }));
    const { listed } = walk(core, core.slice(1));
    expect(listed).toEqual([formatBucket(bucketOf(core[0] ?? line(0, 0), "part", sha256))]);
  });

  const crowd = (count: number): readonly DigestLine[] =>
    Array.from({ length: count }, (_, n) => ({ ...line(n, FROM_MS), distributor_id: "42" }));

  it("cuts parts up for as long as they have many lines, and as the core goes", () => {
    const core = crowd(20_000);
    const lost = new Set([5, 779, 19_000]);
    const local = core.filter((_, n) => !lost.has(n));
    const digitsOf = (partDigits: number) => [
      ...new Set(
        walk(core, local, { partDigits }).listed.map((name) => name.split("/")[2]?.length),
      ),
    ];
    expect(digitsOf(1)).toEqual([1]);
    expect(digitsOf(2)).toEqual([2]);
    // 20,000 lines are about five in each of 4096 parts.
    expect(digitsOf(4)).toEqual([3]);
    expect(digitsOf(9)).toEqual([3]);
    for (const name of walk(core, local, { partDigits: 4 }).listed) {
      const bucket = parseBucket(name);
      if (bucket?.level !== "part") throw new Error(`No part: ${name}`);
      const own = core.filter((one, n) => lost.has(n) && isIn(one, bucket, sha256));
      expect(own.length).toBeGreaterThan(0);
    }
  });

  it("asks for all parts of an hour at once, and no more the more lines there are", () => {
    const cost = (count: number) => {
      const core = crowd(count);
      const local = core.filter((_, n) => n % Math.ceil(count / 10) !== 3);
      return walk(core, local, { partDigits: 4 });
    };
    const [small, large] = [cost(4000), cost(64_000)];
    expect(large.covered).toBeGreaterThan(63_000);
    // Day, hour, part, two and three digits, and a listing each.
    expect(small.asked).toBeLessThanOrEqual(5 + 10);
    expect(large.asked).toBeLessThanOrEqual(6 + 10);
  });

  it("counts what it covers once, whatever it lists", () => {
    for (const gone of [3, 40, 400, 3900]) {
      const core = crowd(4000);
      const local = core.slice(gone);
      const { listed, covered } = walk(core, local, { partDigits: 4 });
      const buckets = listed.map(parseBucket);
      const told = core.filter((one) =>
        buckets.some((at) => at?.level === "part" && isIn(one, at, sha256)),
      );
      expect(covered + told.length).toBe(4000);
    }
  });

  it("lists a part that differs all over as a whole", () => {
    const core = crowd(8000);
    const { listed, asked } = walk(core, [], { partDigits: 4 });
    expect(listed.toSorted()).toEqual(
      "0123456789abcdef".split("").map((digit) => `2026-11-19T00/51/${digit}`),
    );
    expect(asked).toBe(4 + 16);
  });

  it("leaves hours that are not over by then, and looks at those before", () => {
    const [old, young] = [line(1, FROM_MS + HOUR_MS), line(1, FROM_MS + 2 * HOUR_MS)];
    const settledMs = FROM_MS + 2.5 * HOUR_MS;
    expect(walk([old], [], { settledMs }).listed).toEqual([
      formatBucket(bucketOf(old, "hour", sha256)),
    ]);
    expect(walk([young], [], { settledMs }).listed).toEqual([]);
    expect(walk([{ ...young, line_id: "Y" }], [], { settledMs: FROM_MS }).listed).toEqual([]);
  });

  it("looks at whole months that are ahead, and at nothing between", () => {
    const [past, soon, ahead] = ["2026-11-19T01", "2026-11-30T23", "2026-12-01T00"].map((hour, i) =>
      line(i, Date.parse(`${hour}:00:00Z`)),
    );
    if (past === undefined || soon === undefined || ahead === undefined) throw new Error("Three");
    const listed = (settledMs: number, aheadMs?: number) => {
      const all = [past, soon, ahead];
      return (["month", "day", "hour"] as const).map((level) => {
        const range = { fromMs: Date.parse("2026-11-01"), toMs: Date.parse("2027-01-01") };
        const told = sumsOf(all, { kind: "digests", level, range });
        const comparing = { settledMs, ...(aheadMs !== undefined && { aheadMs }) };
        return compareBuckets(told, [], comparing).questions.flatMap((one) =>
          one.kind === "lines" ? [one.bucket] : [],
        );
      });
    };
    const names = (of: DigestLine, ...levels: readonly TimeLevel[]) =>
      levels.map((level) => formatBucket(bucketOf(of, level, sha256)));
    const settledMs = Date.parse("2026-11-21T00:00:00Z");
    const [month = "", day = "", hour = ""] = names(ahead, "month", "day", "hour");
    const [pastDay = "", pastHour = ""] = names(past, "day", "hour");
    expect(listed(settledMs)).toEqual([[], [pastDay], [pastHour]]);
    expect(listed(settledMs, Date.parse("2026-12-01"))).toEqual([
      [month],
      [pastDay, day],
      [pastHour, hour],
    ]);
  });
});
