import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Person, type Recruit, withRevision } from "#src/core/genealogy/placement-person.ts";
import { recruit } from "./placement-support.ts";

const merged = (recruits: readonly Recruit[]) =>
  recruits.reduce<Person | null>((known, one) => withRevision(known, one), null);

describe("withRevision()", () => {
  const revisions = [
    recruit("A", "S", 30, { rev: "2", placement_id: "P2" }),
    recruit("A", "T", 20, { rev: "9", placement_id: "P9" }),
    recruit("A", "U", 40, { rev: "10" }),
    recruit("A", "V", 10, { rev: "1", placement_id: "P1", width: null }),
  ];

  test("takes the highest revision, and the placement of the highest that names one", () => {
    expect(merged(revisions)).toEqual({
      told: { epoch: 0, rev: "10" },
      sponsor_id: "U",
      joined_ms: 40,
      width: 3,
      placed: { epoch: 0, rev: "9", parent: "P9" },
      from_ms: 10,
      edges: 0,
      logged: null,
    });
  });

  test("comes to the same in any order, with repeats", () => {
    const some = fc.shuffledSubarray([...revisions, ...revisions], { minLength: 8 });
    fc.assert(
      fc.property(some, (told) => {
        expect(merged(told)).toEqual(merged(revisions));
      }),
    );
  });

  test("keeps what was logged", () => {
    const first = merged(revisions.slice(0, 1));
    const logged = first && { ...first, edges: 2, logged: [[30, "X"]] as const };
    expect(withRevision(logged, recruit("A", "U", 40, { rev: "10" }))).toMatchObject({
      edges: 2,
      logged: [[30, "X"]],
    });
  });
});
