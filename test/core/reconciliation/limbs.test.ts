import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { addLines, NO_LINES } from "#src/core/reconciliation/digest.ts";
import { LIMBS, limbsOf, sumOfLimbs } from "#src/core/reconciliation/limbs.ts";
import { runs } from "../../support/runs.ts";

const sha256 = (data: string | Uint8Array) =>
  new Uint8Array(createHash("sha256").update(data).digest());

const line = (line_id: string) => ({
  line_id,
  distributor_id: "42",
  currency: "USD",
  amount_minor: 1,
  status: "held",
  effective_ms: 0,
});

it("adds up limb by limb to what the digests of lines add up to", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 40 }), (ids) => {
      const sums = Array.from({ length: LIMBS }, () => 0n);
      for (const id of ids) {
        const limbs = limbsOf(sha256(`${id}|42|USD|1|held|0`));
        for (const [i, limb] of limbs.entries()) sums[i] = (sums[i] ?? 0n) + BigInt(limb);
      }
      const { sum } = addLines(NO_LINES, ids.map(line), sha256);
      expect(sumOfLimbs(sums.map(String))).toBe(sum);
    }),
    { numRuns: runs(200) },
  );
});

it("carries, and stays below 2^256", () => {
  const all = "4294967295";
  const full = Array.from({ length: LIMBS }, () => all);
  expect(sumOfLimbs(full)).toBe("f".repeat(64));
  expect(sumOfLimbs(["4294967296", ...full.slice(1)])).toBe("0".repeat(64));
  // What was taken off too much comes back by the modulus.
  expect(sumOfLimbs(["-1", ...full.slice(1).map(() => "0")])).toBe("f".repeat(64));
});
