import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Orders } from "#src/core/genealogy/placement-order.ts";
import { runs } from "../../support/runs.ts";
import { MemoryStore } from "../support/memory-store.ts";

const text = fc.nat(400).map((n) => String(n).padStart(3, "0"));

describe("Orders", () => {
  test("are what a sorted list would be, over many decisions", () => {
    const action = fc.record({ isAdded: fc.nat(3).map((n) => n > 0), text });
    const decision = fc.array(action, { maxLength: 200 });
    fc.assert(
      fc.property(fc.array(decision, { maxLength: 5 }), (decisions) => {
        const store = new MemoryStore();
        const naive = new Set<string>();
        for (const actions of decisions) {
          const orders = new Orders(store);
          for (const { isAdded, text: one } of actions) {
            if (isAdded) orders.add("L", one);
            else orders.remove("L", one);
            if (isAdded) naive.add(one);
            else naive.delete(one);
          }
          store.commit({ recorded_ms: 0, effects: {} }, orders.writes("evt_1"));
        }
        const sorted = [...naive].toSorted();
        const orders = new Orders(store);
        const upwards: string[] = [];
        for (let at = orders.after("L", null); at !== undefined; at = orders.after("L", at)) {
          upwards.push(at);
        }
        expect(upwards).toEqual(sorted);
        const downwards = sorted.map((each) => orders.before("L", each));
        expect(downwards).toEqual(sorted.map((_, i) => sorted[i - 1]));
      }),
      { numRuns: runs(50) },
    );
  });

  test("find what is above a text that is not among them", () => {
    const orders = new Orders(new MemoryStore());
    for (const each of ["b", "d"]) orders.add("L", each);
    expect(["a", "b", "c", "d"].map((each) => orders.after("L", each))).toEqual([
      "b",
      "d",
      "d",
      undefined,
    ]);
    expect(orders.after("other", null)).toBeUndefined();
  });

  test("write two facts of a long list for one more text", () => {
    const store = new MemoryStore();
    const first = new Orders(store);
    for (let i = 0; i < 5000; i += 1) first.add("L", String(i).padStart(5, "0"));
    store.commit({ recorded_ms: 0, effects: {} }, first.writes("evt_1"));
    const second = new Orders(store);
    second.add("L", "00000.5");
    expect(second.writes("evt_2").length).toBeLessThanOrEqual(2);
  });
});
