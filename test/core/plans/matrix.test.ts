import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  firstFreeSlot,
  type Placed,
  placeBreadthFirst,
  type Recruit,
} from "#src/core/plans/matrix.ts";
import { runs } from "../../support/runs.ts";

const recruit = (id: string, sponsor_id: string, joined_ms: number): Recruit => ({
  id,
  sponsor_id,
  joined_ms,
});
const placed = (id: string, parent_id: string, position: number, joined_ms = position): Placed => ({
  id,
  parent_id,
  position,
  joined_ms,
});
const place = (width: number, recruits: readonly Recruit[], before: readonly Placed[] = []) =>
  placeBreadthFirst({ width, root_id: "Root", placed: before, recruits });
const told = (placement: ReturnType<typeof place>) =>
  [...placement.slots].map(([id, slot]) => `${id}:${slot.parent_id}${slot.position}`);

describe("firstFreeSlot()", () => {
  const tree = [
    placed("A", "Root", 1, 10),
    placed("B", "Root", 2, 20),
    placed("C", "A", 1, 30),
    placed("D", "A", 2, 40),
    placed("E", "B", 2, 50),
  ];
  const childrenOf = (id: string) => tree.filter(({ parent_id }) => parent_id === id);

  test.each([
    { name: "under the sponsor while there is room", width: 3, from: "Root", is: "Root3" },
    { name: "on the shallowest level, in a gap too", width: 2, from: "Root", is: "B1" },
    { name: "below the sponsor alone", width: 2, from: "A", is: "C1" },
    { name: "under somebody without anybody", width: 2, from: "E", is: "E1" },
    { name: "at the foot of a tree of width 1", width: 1, from: "Root", is: "B1" },
  ])("is $is: $name", ({ width, from, is }) => {
    const slot = firstFreeSlot(width, from, childrenOf);
    expect(slot.parent_id + slot.position).toBe(is);
  });

  test("takes the older child first, whatever its position", () => {
    const swapped = [placed("A", "Root", 1, 20), placed("B", "Root", 2, 10)];
    const of = (id: string) => swapped.filter(({ parent_id }) => parent_id === id);
    expect(firstFreeSlot(2, "Root", of)).toEqual({ parent_id: "B", position: 1 });
  });

  test("throws where the tree runs in a circle", () => {
    const circle = (id: string) => [placed(id === "A" ? "B" : "A", id, 1)];
    expect(() => firstFreeSlot(1, "A", circle)).toThrow("runs in a circle");
  });
});

describe("placeBreadthFirst()", () => {
  test("W8: the fourth recruit of a 3×3 matrix goes under the first", () => {
    const recruits = ["A", "B", "C", "D"].map((id, index) => recruit(id, "Root", index));
    expect(told(place(3, recruits))).toEqual(["A:Root1", "B:Root2", "C:Root3", "D:A1"]);
  });

  test.each([
    {
      name: "by age and then by id",
      recruits: [recruit("b", "Root", 1), recruit("z", "Root", 0), recruit("a", "Root", 1)],
      is: ["z:Root1", "a:Root2", "b:z1"],
    },
    {
      name: "each below its own sponsor",
      recruits: [recruit("a", "Root", 0), recruit("b", "a", 1), recruit("c", "Root", 2)],
      is: ["a:Root1", "b:a1", "c:Root2"],
    },
    {
      name: "a spillover before the parent's own recruit, if it came before",
      recruits: [
        recruit("a", "Root", 0),
        recruit("b", "Root", 1),
        recruit("c", "Root", 2),
        recruit("d", "a", 3),
        recruit("e", "a", 4),
      ],
      is: ["a:Root1", "b:Root2", "c:a1", "d:a2", "e:c1"],
    },
    {
      name: "somebody older than the sponsor right behind the sponsor",
      recruits: [
        recruit("late", "s", 0),
        recruit("later", "late", 1),
        recruit("s", "Root", 5),
        recruit("t", "Root", 6),
        recruit("u", "Root", 7),
      ],
      is: ["s:Root1", "late:s1", "later:late1", "t:Root2", "u:s2"],
    },
  ])("places $name", ({ recruits, is }) => {
    const placement = place(2, recruits);
    expect(told(placement)).toEqual(is);
    expect(placement.unplaced).toEqual([]);
  });

  test("goes on from those who have a place, and moves none of them", () => {
    const before = [placed("A", "Root", 2, 10)];
    const recruits = [recruit("B", "Root", 20), recruit("C", "Root", 30), recruit("A", "Root", 10)];
    expect(told(place(2, recruits, before))).toEqual(["B:Root1", "C:A1"]);
  });

  test("names those whose sponsor has no place", () => {
    const recruits = [recruit("b", "a", 1), recruit("a", "nobody", 0), recruit("c", "Root", 2)];
    expect(place(2, recruits)).toMatchObject({ unplaced: ["a", "b"] });
  });

  const anyCompany = fc.record({
    width: fc.integer({ min: 1, max: 4 }),
    // Each is recruited by Root or by one who came before.
    recruits: fc
      .array(fc.record({ sponsor: fc.nat(), joined: fc.nat(5) }), { maxLength: 40 })
      .map((given) =>
        given.map(({ sponsor, joined }, index) => {
          const at = sponsor % (index + 1);
          return recruit(`p${index}`, at === 0 ? "Root" : `p${at - 1}`, index + joined);
        }),
      ),
  });

  test("fills no slot twice, leaves none free above, whatever the order of the list", () => {
    const shuffled = anyCompany.chain((company) =>
      fc.record({
        company: fc.constant(company),
        order: fc.shuffledSubarray(company.recruits, { minLength: company.recruits.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ company: { width, recruits }, order }) => {
        const { slots, unplaced } = place(width, recruits);
        expect(unplaced).toEqual([]);
        expect([...place(width, order).slots]).toEqual([...slots]);
        const taken = [...slots.values()].map(
          ({ parent_id, position }) => `${parent_id} ${position}`,
        );
        expect(new Set(taken).size).toBe(recruits.length);
        expect([...slots.values()].every(({ position }) => position <= width)).toBe(true);
      }),
      { numRuns: runs(200) },
    );
  });

  test("places each where a search from the sponsor would, one at a time", () => {
    fc.assert(
      fc.property(anyCompany, ({ width, recruits }) => {
        const { slots } = place(width, recruits);
        const tree: Placed[] = [];
        const joined = new Map(recruits.map(({ id, joined_ms }) => [id, joined_ms]));
        const sponsors = new Map(recruits.map(({ id, sponsor_id }) => [id, sponsor_id]));
        for (const [id, slot] of slots) {
          const of = (parent: string) => tree.filter(({ parent_id }) => parent_id === parent);
          expect(firstFreeSlot(width, sponsors.get(id) ?? "", of)).toEqual(slot);
          tree.push({ id, joined_ms: joined.get(id) ?? 0, ...slot });
        }
      }),
      { numRuns: runs(200) },
    );
  });
});
