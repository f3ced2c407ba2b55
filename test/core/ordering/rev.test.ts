import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareRevisions } from "#src/core/ordering/rev.ts";

const digits = fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }).map(String);
const revision = fc.record({
  epoch: fc.nat({ max: 2 }),
  rev: fc.oneof(fc.nat(12).map(String), digits),
});

describe("compareRevisions()", () => {
  test.each([
    { name: "the larger integer", older: [0, "1"], newer: [0, "2"] },
    { name: "the longer integer, which text puts first", older: [0, "23"], newer: [0, "123"] },
    { name: "9 and 10", older: [0, "9"], newer: [0, "10"] },
    {
      name: "integers that one double stands for",
      older: [0, "9007199254740992"],
      newer: [0, "9007199254740993"],
    },
    {
      name: "a log position above 2^53",
      older: [0, "99999999999999999999"],
      newer: [0, "100000000000000000000"],
    },
    { name: "the epoch before the rev", older: [0, "999"], newer: [1, "0"] },
  ] as const)("compares $name", ({ older, newer }) => {
    const [a, b] = [older, newer].map(([epoch, rev]) => ({ epoch, rev }));
    if (a === undefined || b === undefined) throw new Error("A case has two revisions");
    expect(compareRevisions(a, b)).toBeLessThan(0);
    expect(compareRevisions(b, a)).toBeGreaterThan(0);
    expect(compareRevisions(a, a)).toBe(0);
  });

  test("orders as (epoch, integer) does", () => {
    fc.assert(
      fc.property(revision, revision, (a, b) => {
        const [left, right] = [BigInt(a.rev), BigInt(b.rev)];
        const byRev = left === right ? 0 : left < right ? -1 : 1;
        expect(Math.sign(compareRevisions(a, b))).toBe(Math.sign(a.epoch - b.epoch) || byRev);
      }),
    );
  });
});
