import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseInstant } from "#src/core/contracts/instant.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { planAt, plansAt } from "#src/core/plans/versions.ts";
import { planOf } from "./samples.ts";

const at = (text: string) => parseInstant(text) ?? Number.NaN;
const version = (number: number, effective_from: string, plan_id = "main"): Plan =>
  planOf({ plan_id, version: number, effective_from });

const VERSIONS = [
  version(1, "2026-01-01"),
  version(2, "2026-07-01T00:00:00+02:00"),
  version(3, "2026-03-01T12:00:00Z"),
  version(5, "2026-07-01T00:00:00+02:00"),
  version(4, "2026-06-30T22:00:00Z"),
];

describe("planAt()", () => {
  test.each([
    { name: "none before the first", when: "2025-12-31T23:59:59.999Z", is: undefined },
    { name: "the first from midnight UTC", when: "2026-01-01T00:00:00Z", is: 1 },
    { name: "the first to its last millisecond", when: "2026-03-01T11:59:59.999Z", is: 1 },
    { name: "a later version by date, not by number", when: "2026-03-01T12:00:00Z", is: 3 },
    { name: "before the offset's midnight the old one", when: "2026-06-30T21:59:59.999Z", is: 3 },
    { name: "the highest of those equal in time", when: "2026-06-30T22:00:00Z", is: 5 },
    { name: "the last for ever", when: "2099-01-01T00:00:00Z", is: 5 },
  ])("finds $name", ({ when, is }) => {
    expect(planAt(VERSIONS, at(when))?.version).toBe(is);
  });

  test("finds the same in whatever order the versions are told", () => {
    const anyOrder = fc.shuffledSubarray(VERSIONS, { minLength: VERSIONS.length });
    const anyTime = fc.integer({
      min: at("2025-12-01T00:00:00Z"),
      max: at("2026-08-01T00:00:00Z"),
    });
    fc.assert(
      fc.property(anyOrder, anyTime, (versions, ms) => {
        expect(planAt(versions, ms)).toBe(planAt(VERSIONS, ms));
      }),
    );
  });

  test("throws for a plan that was never validated", () => {
    expect(() => planAt([version(1, "soon")], 0)).toThrow("never validated");
  });
});

describe("plansAt()", () => {
  const all = [
    ...VERSIONS,
    version(1, "2026-02-01", "bonus"),
    version(2, "2026-08-01", "bonus"),
    version(1, "2026-09-01", "autumn"),
  ];

  test.each([
    { when: "2025-01-01T00:00:00Z", are: [] },
    { when: "2026-01-15T00:00:00Z", are: ["main 1"] },
    { when: "2026-07-15T00:00:00Z", are: ["bonus 1", "main 5"] },
    { when: "2026-10-01T00:00:00Z", are: ["autumn 1", "bonus 2", "main 5"] },
  ])("finds $are at $when", ({ when, are }) => {
    const found = plansAt(all, at(when)).map((plan) => `${plan.plan_id} ${plan.version}`);
    expect(found).toEqual(are);
  });
});
