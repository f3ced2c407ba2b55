import { describe, expect, test } from "vitest";
import { readShape } from "#src/core/plans/schema.ts";
import { FULL_PLAN, type Place, withChange } from "./full-plan.ts";

const brokenBy = (json: unknown): readonly string[] => {
  const shape = readShape(json);
  return shape.ok ? [] : shape.refusal.map(({ path, rule }) => `${path} ${rule}`);
};

describe("readShape()", () => {
  test("keeps a plan as it stands", () => {
    expect(readShape(structuredClone(FULL_PLAN))).toEqual({ ok: true, value: FULL_PLAN });
  });

  test.each<Place>([
    "plan_id",
    "version",
    "volume.exclude_kinds",
    "volume.refund_volume",
    "ranks.1.min_pv_x100",
    "ranks.1.min_gv_x100",
    "ranks.1.max_leg_ppm",
    "ranks.2.legs_with_rank",
    "ranks.2.grace_periods",
    "components.0.compress_min_rank",
    "components.0.source_must_qualify",
    "components.0.boundary_rank",
    "components.2.unit_x100",
    "components.2.cap_minor",
    "components.2.carry_cap_x100",
    "components.4.differential",
    "caps",
    "caps.per_distributor_minor",
    "caps.company_ppm_of_cv_value",
    "clawback",
    "payout",
    "payout.fee_minor",
    "payout.withholding_ppm",
  ])("needs no %s", (place) => {
    expect(brokenBy(withChange(place, undefined))).toEqual([]);
  });

  test.each<{ place: Place; path: string }>([
    { place: "effective_from", path: "effective_from" },
    { place: "currency", path: "currency" },
    { place: "rounding", path: "rounding" },
    { place: "holdback_days", path: "holdback_days" },
    { place: "period", path: "period" },
    { place: "period.unit", path: "period.unit" },
    { place: "period.tz", path: "period.tz" },
    { place: "volume.cv_to_money_ppm", path: "volume.cv_to_money_ppm" },
    { place: "eligibility.statuses", path: "eligibility.statuses" },
    { place: "eligibility.min_pv_x100", path: "eligibility.min_pv_x100" },
    { place: "ranks", path: "ranks" },
    { place: "ranks.0.code", path: "ranks[0].code" },
    { place: "ranks.2.legs_with_rank.count", path: "ranks[2].legs_with_rank.count" },
    { place: "components", path: "components" },
    { place: "components.0.kind", path: "components[0].kind" },
    { place: "components.0.code", path: "components[0].code" },
    { place: "components.0.tree", path: "components[0].tree" },
    { place: "components.0.max_level", path: "components[0].max_level" },
    { place: "components.0.pool_ppm", path: "components[0].pool_ppm" },
    { place: "components.0.rates_ppm", path: "components[0].rates_ppm" },
    { place: "components.0.compression", path: "components[0].compression" },
    { place: "components.1.width", path: "components[1].width" },
    { place: "components.1.height", path: "components[1].height" },
    { place: "components.2.after", path: "components[2].after" },
    { place: "components.3.brackets", path: "components[3].brackets" },
    { place: "components.4.boundary_rank", path: "components[4].boundary_rank" },
    { place: "components.4.max_generation", path: "components[4].max_generation" },
    { place: "components.5.amounts_minor", path: "components[5].amounts_minor" },
    { place: "caps.mode", path: "caps.mode" },
    { place: "clawback.limit_minor", path: "clawback.limit_minor" },
    { place: "payout.minimum_minor", path: "payout.minimum_minor" },
  ])("needs $place", ({ place, path }) => {
    expect(brokenBy(withChange(place, undefined))).toEqual([`${path} required`]);
  });

  test.each<{ place: Place; value: unknown; is: string }>([
    { place: "version", value: 0, is: "version minimum" },
    { place: "effective_from", value: "next month", is: "effective_from format" },
    { place: "effective_from", value: "2026-02-30", is: "effective_from format" },
    { place: "effective_from", value: "2026-02-01T00:00:00", is: "effective_from format" },
    { place: "currency", value: "EURO", is: "currency currency" },
    { place: "currency", value: "eur", is: "currency currency" },
    { place: "rounding", value: "up", is: "rounding enum" },
    { place: "holdback_days", value: -1, is: "holdback_days minimum" },
    { place: "holdback_days", value: 1.5, is: "holdback_days integer" },
    { place: "period.unit", value: "quarter", is: "period.unit enum" },
    { place: "period.tz", value: "Europe/Atlantis", is: "period.tz time_zone" },
    { place: "volume.cv_to_money_ppm", value: 0, is: "volume.cv_to_money_ppm minimum" },
    { place: "volume.exclude_kinds", value: ["kit"], is: "volume.exclude_kinds[0] enum" },
    { place: "eligibility.statuses", value: [], is: "eligibility.statuses length" },
    { place: "eligibility.statuses", value: ["ok"], is: "eligibility.statuses[0] enum" },
    { place: "ranks.1.max_leg_ppm", value: 1_000_001, is: "ranks[1].max_leg_ppm maximum" },
    {
      place: "ranks.2.legs_with_rank.count",
      value: 0,
      is: "ranks[2].legs_with_rank.count minimum",
    },
    { place: "components.0", value: null, is: "components[0] type" },
    { place: "components.0.kind", value: "pyramid", is: "components[0].kind enum" },
    { place: "components.0.code", value: "a:b", is: "components[0].code format" },
    { place: "components.2.code", value: "", is: "components[2].code length" },
    { place: "components.3.code", value: "a:b", is: "components[3].code format" },
    { place: "components.4.code", value: "a:b", is: "components[4].code format" },
    { place: "components.5.code", value: "a:b", is: "components[5].code format" },
    { place: "components.0.max_level", value: 0, is: "components[0].max_level minimum" },
    { place: "components.0.max_level", value: 101, is: "components[0].max_level maximum" },
    { place: "components.0.pool_ppm", value: 1_000_001, is: "components[0].pool_ppm maximum" },
    {
      place: "components.0.rates_ppm.Member",
      value: [-1],
      is: "components[0].rates_ppm.Member[0] minimum",
    },
    {
      place: "components.0.rates_ppm.Member",
      value: [0, 1_000_001],
      is: "components[0].rates_ppm.Member[1] maximum",
    },
    {
      place: "components.0.rates_ppm.Member",
      value: [0.05],
      is: "components[0].rates_ppm.Member[0] integer",
    },
    {
      place: "components.0.rates_ppm.Member",
      value: 50_000,
      is: "components[0].rates_ppm.Member type",
    },
    { place: "components.0.compression", value: "dynamic", is: "components[0].compression enum" },
    { place: "components.1.width", value: 0, is: "components[1].width minimum" },
    { place: "components.1.height", value: 0, is: "components[1].height minimum" },
    { place: "components.2.pair_ppm", value: 1_000_001, is: "components[2].pair_ppm maximum" },
    { place: "components.2.unit_x100", value: 0, is: "components[2].unit_x100 minimum" },
    { place: "components.2.cap_minor", value: 10.5, is: "components[2].cap_minor integer" },
    { place: "components.2.cap_minor", value: "10", is: "components[2].cap_minor integer" },
    { place: "components.3.brackets", value: [], is: "components[3].brackets length" },
    {
      place: "components.5.amounts_minor.premium",
      value: [-1],
      is: "components[5].amounts_minor.premium[0] minimum",
    },
    { place: "caps.mode", value: "fair", is: "caps.mode enum" },
    { place: "payout.withholding_ppm", value: 1_000_001, is: "payout.withholding_ppm maximum" },
    { place: "clawback.limit_minor", value: -1, is: "clawback.limit_minor minimum" },
  ])("refuses $value as $place", ({ place, value, is }) => {
    expect(brokenBy(withChange(place, value))).toEqual([is]);
  });

  test.each<{ place: Place; path: string }>([
    { place: "colour", path: "colour" },
    { place: "period.zone", path: "period.zone" },
    { place: "volume.pv", path: "volume.pv" },
    { place: "eligibility.rank", path: "eligibility.rank" },
    { place: "ranks.0.min_pv", path: "ranks[0].min_pv" },
    { place: "ranks.2.legs_with_rank.depth", path: "ranks[2].legs_with_rank.depth" },
    { place: "components.0.width", path: "components[0].width" },
    { place: "components.2.tree", path: "components[2].tree" },
    { place: "components.3.brackets.0.min_pv_x100", path: "components[3].brackets[0].min_pv_x100" },
    { place: "components.4.compression", path: "components[4].compression" },
    { place: "components.5.rates_ppm", path: "components[5].rates_ppm" },
    { place: "caps.per_company", path: "caps.per_company" },
    { place: "payout.currency", path: "payout.currency" },
  ])("refuses a member $place that a plan does not have", ({ place, path }) => {
    expect(brokenBy(withChange(place, 1))).toEqual([`${path} unknown`]);
  });

  test("tells everything that is wrong at once, and quotes nothing of it", () => {
    const json = { ...withChange("period.tz", "secret-zone"), currency: "secret", extra: "secret" };
    const shape = readShape(json);
    expect(brokenBy(json)).toEqual(["currency currency", "period.tz time_zone", "extra unknown"]);
    expect(JSON.stringify(shape)).not.toContain("secret");
  });

  test.each([null, undefined, 1, "plan", []])("refuses %j as a plan", (json) => {
    const [broken = ""] = brokenBy(json);
    expect(broken).toMatch(/^ (type|required)$/);
  });
});
