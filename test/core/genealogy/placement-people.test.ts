import { describe, expect, test } from "vitest";
import { edgeOfMove } from "#src/core/genealogy/edge.ts";
import { People } from "#src/core/genealogy/placement-people.ts";
import type { Edge } from "#src/core/subject/entry.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { recruit } from "./placement-support.ts";

const moved = (tree: "sponsor" | "placement", parent_id: string, effective_ms: number): Edge =>
  edgeOfMove({
    distributor_id: "A",
    tree,
    parent_id,
    leg: null,
    effective_ms,
    source: "core",
    epoch: 0,
    seq: effective_ms,
  });

const peopleWith = (...moves: readonly Edge[]) =>
  new People(new MemoryStore(), (tree) => moves.filter((move) => move.tree === tree));

const told = ({ edges }: People) =>
  edges.map(({ version, effective_ms, parent_id }) => [version.slice(-1), effective_ms, parent_id]);

describe("People", () => {
  test("know news from what was told before", () => {
    const people = peopleWith();
    expect(people.tell(recruit("A", "S", 5))).toEqual({ isNews: true, before: null });
    expect(people.tell(recruit("A", "S", 5)).isNews).toBe(false);
    expect(people.tell(recruit("A", "S", 6, { rev: "1" }))).toMatchObject({
      isNews: true,
      before: { joined_ms: 5 },
    });
    expect(() => people.get("B")).toThrow('Cannot place "B"');
  });

  test("have the sponsor of the time of joining, and a later one afterwards", () => {
    const people = peopleWith(moved("sponsor", "T", 3));
    people.tell(recruit("A", "S", 5));
    people.follow(moved("sponsor", "U", 9));
    expect(people.sponsorOf("A")).toBe("T");
    expect([2, 3, 9].map((ms) => people.sponsorAt("A", ms))).toEqual(["S", "T", "U"]);
    expect(people.moveTimesOf("A")).toEqual([3, 9]);
  });

  test("hang where a move says, else where the enrolment does", () => {
    const people = peopleWith(moved("placement", "M", 9));
    people.tell(recruit("A", "S", 5));
    expect([5, 9].map((ms) => people.namedParent("A", ms))).toEqual([null, "M"]);
    people.tell(recruit("A", "S", 5, { rev: "1", placement_id: "P" }));
    expect([5, 9].map((ms) => people.namedParent("A", ms))).toEqual(["P", "M"]);
  });

  test("log a slot once, and over it whatever holds instead", () => {
    const people = peopleWith(moved("sponsor", "T", 9));
    people.tell(recruit("A", "S", 5));
    people.log("A", null);
    expect(told(people)).toEqual([]);
    people.log("A", "X");
    people.log("A", "X");
    expect(told(people)).toEqual([["1", 5, "X"]]);
    people.log("A", null);
    expect(told(people).slice(1)).toEqual([
      ["2", 5, "S"],
      ["3", 9, "T"],
    ]);
    expect(people.edgesOf("A")).toEqual(people.edges.slice(1));
    expect(people.edgesOf("B")).toEqual([]);
  });

  test("log nothing of whom the company placed", () => {
    const people = peopleWith();
    people.tell(recruit("A", "S", 5, { placement_id: "P" }));
    people.log("A", "X");
    expect(people.edges).toEqual([]);
  });
});
