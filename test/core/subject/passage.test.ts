import { describe, expect, test } from "vitest";
import { decide, redecide, release } from "#src/core/subject/decide.ts";
import type { Act, Rules } from "#src/core/subject/rules.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { arrive, NOW_MS } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

const rules = (act: Act): Rules => ({
  act: () => act,
  recall: () => undefined,
  evolve: () => "view",
});

const EFFECT: Act = { kind: "effect", effects: {}, writes: [] };
const situation = (store: MemoryStore, act: Act = EFFECT) => ({
  state: store,
  rules: rules(act),
  moment: { nowMs: NOW_MS, position: store.position() + 1 },
});

const event = (seq: number): Arrival =>
  arrive("commission.released", { id: `e${seq}`, seq, key: "dist:B" });

function passage(store: MemoryStore, decision: ReturnType<typeof decide>) {
  if (decision.kind !== "logged") throw new Error("Nothing was logged");
  store.commit(decision.entry, decision.writes);
  return decision.entry.event?.passage;
}

const IMPOSSIBLE: Act = { kind: "impossible", code: "no", reason: "No" };
const WAITS: Act = { kind: "waits", code: "payment_unknown", reason: "No", needs: "payment:P" };

describe("how an event came to be decided", () => {
  test("is not told where it was decided as it arrived", () => {
    expect(passage(new MemoryStore(), decide(event(1), situation(new MemoryStore())))).toBe(
      undefined,
    );
  });

  test("is that it waited, behind a gap", () => {
    const store = new MemoryStore();
    expect(passage(store, decide(event(2), situation(store)))).toBeUndefined();
    expect(passage(store, release(event(2), situation(store)))).toBe("waited");
  });

  test.each<{ name: string; act: Act; expected: string }>([
    { name: "waited, for a fact", act: WAITS, expected: "waited" },
    {
      name: "waited, for what sets it free by itself",
      act: { ...IMPOSSIBLE, needs: "line:L" },
      expected: "waited",
    },
    { name: "was set aside, for a person", act: IMPOSSIBLE, expected: "aside" },
  ])("is that it $name", ({ act, expected }) => {
    const store = new MemoryStore();
    passage(store, decide(event(1), situation(store, act)));
    expect(passage(store, redecide(event(1), situation(store)))).toBe(expected);
  });

  test("stays that nobody waited for it, whatever it waits for", () => {
    const store = new MemoryStore();
    const polled: Arrival = { ...event(2), passage: "aside" };
    expect(passage(store, decide(polled, situation(store)))).toBe("aside");
    expect(passage(store, release(polled, situation(store)))).toBe("aside");
  });
});
