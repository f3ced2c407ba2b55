import { describe, expect, test } from "vitest";
import { digestLineOf } from "#src/core/reconciliation/core-line.ts";
import { isCounted } from "#src/core/reconciliation/counted.ts";
import { addLines, digestOf, NO_LINES } from "#src/core/reconciliation/digest.ts";
import { coreLine, sha256 } from "./support.ts";

const ONE = coreLine({ line_id: "L1" });
const TWO = coreLine({ line_id: "L2" });
const counted = (...lines: readonly (typeof ONE)[]) => {
  const sum = addLines(NO_LINES, lines.map(digestLineOf), sha256);
  return { lines: sum.lines, digest: digestOf(sum, sha256) };
};
const BOTH = counted(ONE, TWO);

describe("isCounted()", () => {
  test.each([
    { name: "all of them", lines: [ONE, TWO], counted: BOTH, is: true },
    { name: "in any order", lines: [TWO, ONE], counted: BOTH, is: true },
    { name: "none", lines: [], counted: { lines: 0 }, is: true },
    { name: "one left out", lines: [ONE], counted: BOTH, is: false },
    { name: "all left out", lines: [], counted: BOTH, is: false },
    {
      name: "one too many",
      lines: [ONE, TWO, coreLine({ line_id: "L3" })],
      counted: BOTH,
      is: false,
    },
    { name: "one where there are none", lines: [ONE], counted: { lines: 0 }, is: false },
    {
      name: "one with another amount",
      lines: [ONE, { ...TWO, amount_minor: 1 }],
      counted: BOTH,
      is: false,
    },
    { name: "of other lines", lines: [ONE, TWO], counted: counted(ONE, ONE), is: false },
    { name: "one told twice alike", lines: [ONE, TWO, ONE], counted: BOTH, is: true },
    {
      name: "one told twice, the first time rightly",
      lines: [ONE, TWO, { ...ONE, amount_minor: 1 }],
      counted: BOTH,
      is: true,
    },
    {
      name: "one told twice, the second time rightly",
      lines: [{ ...ONE, amount_minor: 1 }, TWO, ONE],
      counted: BOTH,
      is: true,
    },
    {
      name: "one told twice, and never rightly",
      lines: [{ ...ONE, amount_minor: 1 }, TWO, { ...ONE, amount_minor: 2 }],
      counted: BOTH,
      is: false,
    },
    {
      name: "lines of one id that are two distributors'",
      lines: [ONE, { ...ONE, distributor_id: "Z" }],
      counted: counted(ONE, { ...ONE, distributor_id: "Z" }),
      is: true,
    },
  ])("$name: $is", ({ lines, counted: of, is }) => {
    expect(isCounted(lines, of, sha256)).toBe(is);
  });
});
