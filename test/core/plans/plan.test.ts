import { describe, expect, test } from "vitest";
import { parsePlan } from "#src/core/plans/plan.ts";
import { FULL_PLAN, type Place, withChange } from "./full-plan.ts";

const NAME = { plan_id: "main", version: 7 };
const brokenBy = (json: unknown) => {
  const plan = parsePlan(json, NAME);
  return plan.ok ? [] : plan.refusal.map(({ path, rule }) => `${path} ${rule}`);
};

describe("parsePlan()", () => {
  test.each<{ name: string; json: unknown; version: number }>([
    { name: "keeps the version that a plan names", json: FULL_PLAN, version: 3 },
    { name: "takes the version it is told", json: withChange("version", undefined), version: 7 },
  ])("$name", ({ json, version }) => {
    expect(parsePlan(json, NAME)).toEqual({ ok: true, value: { ...FULL_PLAN, version } });
  });

  test("takes the id it is told", () => {
    const plan = parsePlan(withChange("plan_id", undefined), NAME);
    expect(plan).toEqual({ ok: true, value: FULL_PLAN });
  });

  test("reads back what it has read", () => {
    const written = JSON.stringify(FULL_PLAN);
    expect(parsePlan(JSON.parse(written), NAME)).toEqual({ ok: true, value: FULL_PLAN });
  });

  test.each<{ name: string; place: Place; value: unknown; are: string[] }>([
    { name: "another plan's id", place: "plan_id", value: "other", are: ["plan_id mismatch"] },
    { name: "a broken shape", place: "rounding", value: "up", are: ["rounding enum"] },
    {
      name: "parts that contradict each other",
      place: "ranks",
      value: [{ code: "Member" }, { code: "Silver" }],
      are: [
        "components[0].rates_ppm.Gold unknown_rank",
        "components[0].boundary_rank unknown_rank",
        "components[4].rates_ppm.Gold unknown_rank",
        "components[4].boundary_rank unknown_rank",
      ],
    },
  ])("refuses $name", ({ place, value, are }) => {
    expect(brokenBy(withChange(place, value))).toEqual(are);
  });

  test("says for a person what is wrong", () => {
    const message = "Must be at most 100";
    const refusal = [{ path: "components[0].max_level", rule: "maximum", message }];
    expect(parsePlan(withChange("components.0.max_level", 101), NAME)).toEqual({
      ok: false,
      refusal,
    });
  });
});
