import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addLines,
  canonicalLine,
  digestOf,
  type DigestLine,
  NO_LINES,
  type Sha256,
} from "#src/core/reconciliation/digest.ts";
import { runs } from "../../support/runs.ts";

const sha256: Sha256 = (data) => createHash("sha256").update(data).digest();
const lineOf = (line_id: string, parts: Partial<DigestLine> = {}): DigestLine => ({
  line_id,
  distributor_id: "B",
  currency: "USD",
  amount_minor: 400,
  status: "held",
  effective_ms: 1_783_000_000_000,
  ...parts,
});
const digest = (...lines: readonly DigestLine[]) =>
  digestOf(addLines(NO_LINES, lines, sha256), sha256);

test("a line reads as DOMAIN writes it", () => {
  expect(canonicalLine(lineOf("L1"))).toBe("L1|B|USD|400|held|1783000000000");
});

describe("digestOf()", () => {
  test("is SHA-256 over sum and count, the first 16 bytes", () => {
    const inner = createHash("sha256")
      .update(canonicalLine(lineOf("L1")))
      .digest();
    const outer = createHash("sha256")
      .update(Buffer.concat([inner, Buffer.from([1])]))
      .digest();
    expect(digest(lineOf("L1"))).toBe(outer.subarray(0, 16).toString("hex"));
  });

  test.each([
    { name: "no lines", count: 0, varint: [0] },
    { name: "a byte of them", count: 127, varint: [0x7f] },
    { name: "one more", count: 128, varint: [0x81, 0x00] },
    { name: "three bytes", count: 16_384, varint: [0x81, 0x80, 0x00] },
  ])("counts $name as a varint", ({ count, varint }) => {
    const bytes = Buffer.concat([Buffer.alloc(32), Buffer.from(varint)]);
    const expected = createHash("sha256").update(bytes).digest().subarray(0, 16).toString("hex");
    expect(digestOf({ ...NO_LINES, lines: count }, sha256)).toBe(expected);
  });

  test("sees a line told twice: it does not cancel out", () => {
    expect(digest(lineOf("L1"), lineOf("L1"))).not.toBe(digest());
  });

  test("is the same in any order and in any parts", () => {
    const line = fc
      .record({
        line_id: fc.string(),
        amount_minor: fc.maxSafeInteger(),
        currency: fc.constantFrom("USD", "KWD"),
      })
      .map(({ line_id, ...parts }) => lineOf(line_id, parts));
    fc.assert(
      fc.property(fc.array(line), fc.nat(), (lines, cut) => {
        const at = lines.length === 0 ? 0 : cut % lines.length;
        const first = addLines(NO_LINES, lines.slice(at), sha256);
        const both = addLines(first, lines.slice(0, at), sha256);
        expect(both).toEqual(addLines(NO_LINES, lines, sha256));
      }),
      { numRuns: runs(50) },
    );
  });

  test("sums up beyond 2^53", () => {
    const most = lineOf("L1", { amount_minor: Number.MAX_SAFE_INTEGER });
    const { totals, lines } = addLines(
      NO_LINES,
      [most, most, lineOf("L2", { amount_minor: 1 })],
      sha256,
    );
    expect({ totals, lines }).toEqual({ totals: { USD: "18014398509481983" }, lines: 3 });
  });
});
