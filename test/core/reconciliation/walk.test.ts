import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bucketOf,
  formatBucket,
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

function sumsOf(lines: readonly DigestLine[], { level, range, shards }: Digests): BucketSum[] {
  const buckets = Map.groupBy(lines, (line) => formatBucket(bucketOf(line, level, sha256)));
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
  { level = "day", settledMs = TO_MS }: { level?: TimeLevel; settledMs?: number } = {},
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
    const found = compareBuckets(theirs, sumsOf(local, at), settledMs);
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

  it("leaves hours that are not over by then, and looks at those before", () => {
    const [old, young] = [line(1, FROM_MS + HOUR_MS), line(1, FROM_MS + 2 * HOUR_MS)];
    const settledMs = FROM_MS + 2.5 * HOUR_MS;
    expect(walk([old], [], { settledMs }).listed).toEqual([
      formatBucket(bucketOf(old, "hour", sha256)),
    ]);
    expect(walk([young], [], { settledMs }).listed).toEqual([]);
    expect(walk([{ ...young, line_id: "Y" }], [], { settledMs: FROM_MS }).listed).toEqual([]);
  });
});
