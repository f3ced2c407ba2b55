import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, formatBucket } from "#src/core/reconciliation/buckets.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { differ, type LocalLine, localDigestLine } from "#src/core/reconciliation/differ.ts";
import { addLines, digestOf, NO_LINES } from "#src/core/reconciliation/digest.ts";
import { type Tally, tallyExpected, tallyLines, unlike } from "#src/core/reconciliation/tally.ts";
import type { BucketSum } from "#src/core/reconciliation/walk.ts";
import { runs } from "../../support/runs.ts";
import { coreLine, HOUR_MS, localLine, PAST_MS, sha256 } from "./support.ts";

const LEVEL = { level: "day", sha256 } as const;

const coreOf = (n: number): CoreLine =>
  coreLine({
    line_id: `L${n}`,
    distributor_id: `D${n % 7}`,
    amount_minor: 100 + n,
    effective_ms: PAST_MS + (n % 5) * 24 * HOUR_MS,
  });

const localOf = ({ line_id, distributor_id, amount_minor, effective_ms }: CoreLine): LocalLine =>
  localLine({ line_id, distributor_id, amount_minor, effective_ms });

const nameIn = (line: Parameters<typeof bucketOf>[0]): string =>
  formatBucket(bucketOf(line, "day", sha256));

function sumsOf(lines: readonly LocalLine[]): readonly BucketSum[] {
  return [...Map.groupBy(lines, nameIn)].map(([name, of]) => {
    const sum = addLines(NO_LINES, of.map(localDigestLine), sha256);
    return { name, lines: sum.lines, digest: digestOf(sum, sha256) };
  });
}

/** As a run does it: pages of the core's lines, each compared by name. */
function compare(core: readonly CoreLine[], local: readonly LocalLine[], page: number) {
  let tally: Tally = {};
  const found = [];
  for (let i = 0; i < core.length; i += page) {
    const part = core.slice(i, i + page);
    tally = tallyLines(tally, part, LEVEL);
    const ids = new Set(part.map(({ line_id }) => line_id));
    const ours = local.filter(({ line_id }) => ids.has(line_id));
    found.push(...differ(part, ours).differences);
  }
  const kept: Tally = JSON.parse(JSON.stringify(tally));
  return unlike(tallyExpected(kept, found, LEVEL), sumsOf(local), sha256).map(formatBucket);
}

test("exactly the buckets are unlike in which the mirror has lines that the core did not tell", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 80 }),
      fc.array(fc.tuple(fc.constantFrom("lost", "extra", "amount", "moved"), fc.nat())),
      fc.integer({ min: 1, max: 20 }),
      (count, changes, page) => {
        const core = Array.from({ length: count }, (_, n) => coreOf(n));
        const local = new Map(core.map((line) => [line.line_id, localOf(line)]));
        const extra = new Set<string>();
        for (const [what, n] of changes) {
          const line = local.get(`L${n % (count + 1)}`);
          if (what === "extra") {
            const one = localOf({ ...coreOf(n), line_id: `X${n}` });
            local.set(one.line_id, one);
            extra.add(nameIn(one));
          } else if (line !== undefined && what === "lost") local.delete(line.line_id);
          else if (line !== undefined) {
            const { amount_minor, effective_ms } = line;
            const changed =
              what === "amount"
                ? { amount_minor: amount_minor + 1 }
                : { effective_ms: effective_ms + 24 * HOUR_MS };
            local.set(line.line_id, { ...line, ...changed });
          }
        }
        expect(compare(core, [...local.values()], page)).toEqual([...extra].toSorted());
      },
    ),
    { numRuns: runs(60) },
  );
});
