import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupsOf } from "#src/core/runs/people.ts";
import { runs } from "../../support/runs.ts";
import { personOf } from "./samples.ts";

const points = (pv_x100: number, cv_x100 = pv_x100) => ({ pv_x100, cv_x100 });

describe("groupsOf()", () => {
  test("adds up each tree by its own edges, customers with who brought them", () => {
    const people = [
      personOf("A", points(100)),
      personOf("B", { sponsor_id: "A", leg: "L", ...points(20, 10) }),
      personOf("C", { sponsor_id: "A", placement_id: "B", leg: "R", ...points(3) }),
    ];
    const bought = [{ enroller_id: "C", ...points(5) }];
    const sponsor = groupsOf(people, bought, "sponsor");
    expect(sponsor.get("A")).toEqual({
      group: points(128, 118),
      legs: [
        { ...points(20, 10), leg: null },
        { ...points(8), leg: null },
      ],
    });
    const placement = groupsOf(people, bought, "placement");
    expect(placement.get("B")).toEqual({
      group: points(28, 18),
      legs: [{ ...points(8), leg: "R" }],
    });
    expect(placement.get("A")?.legs).toEqual([{ ...points(28, 18), leg: "L" }]);
  });

  test("takes a parent who is not among them for none", () => {
    const groups = groupsOf([personOf("B", { sponsor_id: "X", ...points(7) })], [], "sponsor");
    expect([...groups.keys()]).toEqual(["B"]);
  });

  test("goes as deep as people do", () => {
    const people = Array.from({ length: 20_000 }, (_, i) =>
      personOf(String(i), { sponsor_id: i === 0 ? null : String(i - 1), ...points(1) }),
    );
    expect(groupsOf(people, [], "sponsor").get("0")?.group).toEqual(points(20_000));
  });

  test("throws where the edges run in a circle, and beyond 2^53", () => {
    const circle = [personOf("A", { sponsor_id: "B" }), personOf("B", { sponsor_id: "A" })];
    expect(() => groupsOf(circle, [], "sponsor")).toThrow("circle");
    const most = Number.MAX_SAFE_INTEGER;
    const heavy = [personOf("A", points(most)), personOf("B", { sponsor_id: "A", ...points(1) })];
    expect(() => groupsOf(heavy, [], "sponsor")).toThrow("2^53");
  });

  test("gives the top everything, whatever the order", () => {
    const tree = fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(tree, fc.nat(), (volumes, seed) => {
        const people = volumes.map((volume, i) =>
          personOf(String(i), {
            sponsor_id: i === 0 ? null : String((seed * (i + 7)) % i),
            ...points(volume),
          }),
        );
        const sum = volumes.reduce((all, volume) => all + volume, 0);
        expect(groupsOf(people, [], "sponsor").get("0")?.group.cv_x100).toBe(sum);
        const back = groupsOf(people.toReversed(), [], "sponsor");
        expect(back.get("0")?.group.cv_x100).toBe(sum);
      }),
      { numRuns: runs(50) },
    );
  });
});
