import { describe, expect, it } from "vitest";
import { type CoreLine, digestLineOf, reversedOf } from "#src/core/reconciliation/core-line.ts";
import { canonicalLine } from "#src/core/reconciliation/digest.ts";

const LINE: CoreLine = {
  line_id: "L1",
  distributor_id: "42",
  order_id: "O1",
  component: "level",
  level: 1,
  paid_level: 1,
  cv_x100: 20_000,
  rate_ppm: 50_000,
  currency: "USD",
  amount_minor: 400,
  reversals: [
    { line_id: "R1", amount_minor: 100 },
    { line_id: "R2", amount_minor: 60 },
  ],
  status: "held",
  period_id: "2026-11",
  run_id: "run-1",
  effective_ms: 1_795_000_000_000,
  available_ms: null,
  updated_ms: 1_795_000_000_000,
};

describe("a core's line", () => {
  it("counts in a digest with what is left of it", () => {
    expect(reversedOf(LINE)).toBe(160);
    expect(canonicalLine(digestLineOf(LINE))).toBe("L1|42|USD|240|held|1795000000000");
  });
});
