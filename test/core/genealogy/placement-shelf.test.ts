import { describe, expect, test } from "vitest";
import { Shelf } from "#src/core/genealogy/placement-shelf.ts";
import { MemoryStore } from "../support/memory-store.ts";

const shelfOf = (store: MemoryStore) => new Shelf<readonly string[]>(store, "who", []);

describe("Shelf", () => {
  test("hands out what was put, and what is empty for the rest", () => {
    const shelf = shelfOf(new MemoryStore());
    shelf.put("A", ["x"]);
    expect([shelf.get("A"), shelf.get("B")]).toEqual([["x"], []]);
  });

  test("writes what came out another, and nothing else", () => {
    const store = new MemoryStore();
    const first = shelfOf(store);
    first.put("A", ["x"]);
    first.put("B", []);
    const writes = first.writes("evt_1");
    expect(writes).toEqual([
      {
        put: "fact",
        key: "place:who:A",
        fact: { essence: "", eventId: "evt_1", state: '["x"]' },
      },
    ]);
    store.commit({ recorded_ms: 0, effects: {} }, writes);

    const second = shelfOf(store);
    second.put("A", [...second.get("A"), "y"]);
    second.put("A", ["x"]);
    expect(second.writes("evt_2")).toEqual([]);
    second.put("A", []);
    expect(second.writes("evt_2")).toHaveLength(1);
  });
});
