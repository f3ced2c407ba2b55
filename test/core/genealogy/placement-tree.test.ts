import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PlacementTree } from "#src/core/genealogy/placement-tree.ts";
import { firstFreeSlot, type Placed } from "#src/core/plans/matrix.ts";
import { runs } from "../../support/runs.ts";
import { MemoryStore } from "../support/memory-store.ts";

const name = (i: number) => `N${i}`;

interface Act {
  readonly kind: "hang" | "unhang" | "ask" | "commit";
  readonly who: number;
  readonly under: number;
  readonly width: number;
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom("hang", "hang", "hang", "unhang", "ask", "ask", "commit"),
  who: fc.nat(15),
  under: fc.nat(15),
  width: fc.constantFrom(1, 2, 2, 2, 3),
});

/** A tree as a list of who hangs where. */
class NaiveTree {
  readonly parents = new Map<string, string>();

  isAbove(id: string, of: string): boolean {
    for (let at: string | undefined = of; at !== undefined; at = this.parents.get(at)) {
      if (at === id) return true;
    }
    return false;
  }

  childrenOf(id: string): readonly Placed[] {
    const children = [...this.parents].filter(([, parent]) => parent === id);
    return children.map(([child], i) => ({
      id: child,
      joined_ms: joinedMs(child),
      parent_id: id,
      position: i + 1,
    }));
  }
}

const joinedMs = (id: string): number => (Number(id.slice(1)) * 7) % 5;

describe("PlacementTree", () => {
  test("finds the free slot that a search through everybody finds, whatever happened", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const store = new MemoryStore();
        const naive = new NaiveTree();
        let tree = new PlacementTree(store);
        const answers = acts.map(({ kind, who, under, width }) => {
          const [id, parent] = [name(who), name(under)];
          if (kind === "ask") {
            const { parent_id } = firstFreeSlot(width, id, (of) => naive.childrenOf(of));
            return [tree.firstFree(id, width), parent_id];
          }
          if (kind === "commit") {
            store.commit({ recorded_ms: 0, effects: {} }, tree.writes("evt_1"));
            tree = new PlacementTree(store);
          } else if (kind === "unhang") {
            naive.parents.delete(id);
            tree.unhang(id);
          } else if (!naive.parents.has(id)) {
            if (!naive.isAbove(id, parent)) naive.parents.set(id, parent);
            tree.hang(id, parent, joinedMs(id));
          }
          return [tree.parentOf(id), naive.parents.get(id) ?? null];
        });
        expect(answers.map(([own]) => own)).toEqual(answers.map(([, other]) => other));
      }),
      { numRuns: runs(300) },
    );
  });

  test("hangs nobody where there is nobody above", () => {
    const tree = new PlacementTree(new MemoryStore());
    tree.hang("A", null, 0);
    tree.unhang("A");
    expect(tree.parentOf("A")).toBeNull();
    expect(tree.writes("evt_1")).toEqual([]);
  });
});
