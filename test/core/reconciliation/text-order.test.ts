import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareText } from "#src/core/reconciliation/text-order.ts";
import { runs } from "../../support/runs.ts";

const sign = (value: number): number => Math.sign(value);

test("texts are compared as their UTF-8 bytes are", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(sign(compareText(one, other))).toBe(
        sign(Buffer.compare(Buffer.from(one), Buffer.from(other))),
      );
    }),
    { numRuns: runs(200) },
  );
});

test.each([
  ["D9", "D10", 1],
  ["D1", "D10", -1],
  ["é", "z", 1],
  // By halves of pairs, an emoji would come before a character of the private use area.
  ["\u{1F600}", "\uFFEE", 1],
  ["a\u{1F600}", "a\u{1F600}", 0],
])("%s against %s", (one, other, wanted) => {
  expect(sign(compareText(one, other))).toBe(wanted);
});
