import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "#src/core/canonical.ts";
import { GENESIS, link, type LogRow } from "#src/core/subject/chain.ts";
import type { Effects } from "#src/core/subject/entry.ts";
import {
  addSums,
  isSameSum,
  LogCheck,
  NO_ROWS,
  sumRows,
  withoutZeros,
} from "#src/core/subject/log-check.ts";
import { mirroredLine, mirroredTransfers } from "#src/core/subject/mirrored.ts";
import { runs } from "../../support/runs.ts";
import { sha256 } from "../support/memory-store.ts";

const line = (line_id: string, amount_minor: number) => ({
  line_id,
  distributor_id: "42",
  order_id: null,
  component: "level",
  level: 1,
  depth: 1,
  rate_ppm: null,
  amount_minor,
  reversed_minor: 0,
  currency: "USD",
  state: "held" as const,
  period_id: "2026-11",
  effective_ms: 1,
});

const transfer = (amount_minor: number) => ({
  rule: "P3" as const,
  debit: "exp:commission",
  credit: "dist:42:held",
  amount_minor,
  currency: "USD",
  reference: "L1",
});

function logOf(effects: readonly Effects[]): LogRow[] {
  let hash = GENESIS;
  return effects.map((one, i) => {
    const entry = canonicalJson({ recorded_ms: i, effects: one });
    hash = link(hash, entry, sha256);
    return { position: i + 1, hash, entry };
  });
}

const effectsOf = fc.array(
  fc.record({
    transfers: fc.array(fc.integer({ min: 1, max: 1000 }).map(transfer), { maxLength: 3 }),
    lines: fc.array(
      fc
        .tuple(fc.constantFrom("L1", "L2", "L3"), fc.nat(1000))
        .map(([id, amount]) => line(id, amount)),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 12 },
);

describe("LogCheck", () => {
  it("comes to the same in any parts, and to what the rows come to", () => {
    fc.assert(
      fc.property(effectsOf, fc.array(fc.nat(11)), (effects, cuts) => {
        const log = logOf(effects);
        const check = new LogCheck(sha256);
        const ends = [...new Set([...cuts, log.length])].toSorted((a, b) => a - b);
        let from = 0;
        for (const end of ends) {
          expect(check.take(log.slice(from, Math.min(end, log.length)))).toBeUndefined();
          from = Math.min(end, log.length);
        }
        const transfers = effects.flatMap((one, i) =>
          mirroredTransfers(i + 1, { recorded_ms: i, effects: one }),
        );
        const last = new Map(
          effects.flatMap(({ lines }) => lines).map((one) => [one.line_id, one]),
        );
        const total = transfers.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
        expect(check.sums()).toEqual({
          position: log.length,
          head: log.at(-1)?.hash ?? GENESIS,
          recorded_ms: Math.max(0, log.length - 1),
          transfers: sumRows(transfers.toReversed(), sha256),
          lines: sumRows([...last.values()].map(mirroredLine), sha256),
          balances:
            total === 0
              ? {}
              : {
                  "dist:42:held": { USD: String(-total) },
                  "exp:commission": { USD: String(total) },
                },
        });
      }),
      { numRuns: runs(100) },
    );
  });

  it("names the first row that its chain does not hold, and takes nothing of that part", () => {
    const log = logOf([{ transfers: [transfer(1)] }, { transfers: [transfer(2)] }, {}]);
    const check = new LogCheck(sha256);
    expect(check.take(log.slice(0, 1))).toBeUndefined();
    const altered = log.map((row) => ({
      ...row,
      entry: row.entry.replace('"amount_minor":2', '"amount_minor":3'),
    }));
    expect(check.take(altered.slice(1))).toBe(2);
    expect(check.position).toBe(1);
  });
});

it("a row twice does not cancel out, and another order changes nothing", () => {
  const [a, b] = [{ n: 1 }, { n: 2 }];
  expect(sumRows([a, a], sha256)).not.toEqual(sumRows([], sha256));
  expect(sumRows([a, b], sha256)).toEqual(sumRows([b, a], sha256));
});

it("sums of parts come to the sum of the whole, however it is cut", () => {
  const rows = fc.array(fc.record({ n: fc.integer() }), { maxLength: 20 });
  fc.assert(
    fc.property(rows, fc.nat(20), (all, cut) => {
      const parts = [all.slice(0, cut), all.slice(cut)].map((part) => sumRows(part, sha256));
      const sum = parts.reduce(addSums, NO_ROWS);
      expect(isSameSum(sum, sumRows(all, sha256))).toBe(true);
      expect(isSameSum(sum, sumRows([...all, { n: 0 }], sha256))).toBe(false);
    }),
    { numRuns: runs(100) },
  );
});

it("balances without zeros stand in one order", () => {
  const balances = { b: { USD: "0", EUR: "1" }, a: { USD: "-2", EUR: "3" }, c: { USD: "0" } };
  expect(JSON.stringify(withoutZeros(balances))).toBe(
    '{"a":{"EUR":"3","USD":"-2"},"b":{"EUR":"1"}}',
  );
});
