import { describe, expect, test } from "vitest";
import { hasMatrix, widthAt } from "#src/core/genealogy/placement-width.ts";
import type { Component, Plan } from "#src/core/plans/plan.ts";
import { planOf, unilevelOf } from "../plans/samples.ts";

const matrix = (width: number, tree: "sponsor" | "placement" = "placement"): Component => ({
  ...unilevelOf({ code: `m${width}`, tree }),
  kind: "matrix",
  width,
  height: 3,
});
const plan = (effective_from: string, components: readonly Component[], more: Partial<Plan> = {}) =>
  planOf({ effective_from, components, ...more });

const ms = (day: string) => Date.parse(day);

describe("widthAt()", () => {
  const versions = [
    plan("2026-01-01", [unilevelOf(), matrix(9, "sponsor"), matrix(3), matrix(7)]),
    plan("2026-06-01", [matrix(4)], { version: 2 }),
    plan("2026-09-01", [unilevelOf()], { version: 3 }),
  ];

  test.each([
    { name: "is that of the version in force", at: "2026-02-01", width: 3 },
    { name: "is the later version's from its day on", at: "2026-06-01", width: 4 },
    { name: "is the first version's before there was one", at: "2019-01-01", width: 3 },
    { name: "is none where the matrix was given up", at: "2026-10-01", width: null },
  ])("$name", ({ at, width }) => {
    expect(widthAt(versions, ms(at))).toBe(width);
  });

  test("takes the first plan that has a matrix", () => {
    const b = plan("2026-01-01", [matrix(5)], { plan_id: "b" });
    const c = plan("2026-01-01", [matrix(6)], { plan_id: "c" });
    const a = plan("2026-01-01", [unilevelOf()], { plan_id: "a" });
    expect(widthAt([c, a, b], ms("2026-02-01"))).toBe(5);
  });

  test("is none without plans", () => {
    expect(widthAt([], 0)).toBeNull();
  });
});

describe("hasMatrix()", () => {
  test.each([
    { name: "a matrix in a later version", components: [[], [matrix(3)]], has: true },
    { name: "a matrix that pays along sponsors", components: [[matrix(3, "sponsor")]], has: false },
    { name: "no matrix", components: [[unilevelOf()]], has: false },
  ])("is $has for $name", ({ components, has }) => {
    expect(hasMatrix(components.map((of) => plan("2026-01-01", of)))).toBe(has);
  });
});
