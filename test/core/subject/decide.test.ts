import { describe, expect, test } from "vitest";
import { decide, redecide, release } from "#src/core/subject/decide.ts";
import type { Act, Rules } from "#src/core/subject/rules.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { arrive, NOW_MS, retold } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

const EFFECT: Act = { kind: "effect", effects: {}, writes: [] };

const acting = (act: Act): Rules => ({
  act: () => act,
  recall: () => undefined,
  evolve: (_view, _effects, nowMs) => `view at ${nowMs}`,
});

const situation = (store: MemoryStore, act: Act = EFFECT) => ({
  state: store,
  rules: acting(act),
  moment: { nowMs: NOW_MS, position: store.position() + 1 },
});

const event = (seq: number): Arrival =>
  arrive("commission.released", { id: `e${seq}`, seq, key: "dist:B" });
const STREAM = { source: "core", epoch: 0 };

function commit(store: MemoryStore, decision: ReturnType<typeof decide>): void {
  if (decision.kind === "logged") store.commit(decision.entry, decision.writes);
}

describe("decide()", () => {
  test("logs ids, digests and times of an event, and none of its data", () => {
    const store = new MemoryStore();
    const decision = decide({ ...event(1), archive: "raw/1" }, situation(store));
    expect(decision).toMatchObject({
      kind: "logged",
      entry: {
        recorded_ms: NOW_MS,
        outcome: "applied",
        event: {
          event_id: "evt_core_e1",
          id: "e1",
          source: "core",
          type: "commission.released",
          key: "dist:B",
          epoch: 0,
          seq: 1,
          occurred_ms: NOW_MS,
          received_ms: NOW_MS,
          delivery_id: "dlv_1",
          archive: "raw/1",
        },
      },
    });
    expect(JSON.stringify(decision)).not.toContain("L1");
  });

  test.each<{ name: string; act: Act; outcome: string; puts: string[] }>([
    { name: "an effect", act: EFFECT, outcome: "applied", puts: ["seen", "stream", "view"] },
    {
      name: "a repeat",
      act: { kind: "repeat", of: "evt_0" },
      outcome: "duplicate",
      puts: ["seen", "stream"],
    },
    {
      name: "a contradiction",
      act: { kind: "contradiction", of: "evt_0", reason: "No" },
      outcome: "conflict",
      puts: ["seen", "stream", "kept"],
    },
    {
      name: "what is impossible",
      act: { kind: "impossible", code: "no", reason: "No", needs: "line:L1" },
      outcome: "quarantined",
      puts: ["seen", "stream", "kept"],
    },
  ])("takes its place in the stream with $name", ({ act, outcome, puts }) => {
    const decision = decide(event(1), situation(new MemoryStore(), act));
    if (decision.kind !== "logged") throw new Error("Nothing is known yet");
    expect(decision.entry.outcome).toBe(outcome);
    expect(decision.writes.map(({ put }) => put)).toEqual(puts);
    expect(decision.writes).toContainEqual({ put: "stream", id: STREAM, stream: { next: 2 } });
  });

  test("opens a gap with the first early event, and leaves it open since then", () => {
    const store = new MemoryStore();
    commit(store, decide(event(3), situation(store)));
    const later = { ...situation(store), moment: { nowMs: NOW_MS + 5000, position: 2 } };
    commit(store, decide(event(2), later));
    const gap = { sinceMs: NOW_MS, stage: "open" };
    expect(store.stream(STREAM)).toEqual({ next: 1, gap });
    expect(store.buffered(STREAM).events).toBe(2);
  });

  test("shows a known event its stored outcome", () => {
    const store = new MemoryStore();
    commit(store, decide(event(1), situation(store)));
    expect(decide({ ...event(1), eventId: "evt_other" }, situation(store))).toEqual({
      kind: "known",
      seen: store.seen("core", "e1"),
    });
  });

  describe("an event that a person has let go of", () => {
    const STUCK: Act = { kind: "impossible", code: "no", reason: "No" };
    const letGo = (arrival: Arrival): MemoryStore => {
      const store = new MemoryStore();
      const decision = decide(arrival, situation(store, STUCK));
      commit(store, decision);
      store.commit({ recorded_ms: 0, effects: {} }, [{ put: "unkept", eventId: arrival.eventId }]);
      return store;
    };
    const loose = arrive("distributor.enrolled", { id: "e1" });

    test.each([
      { name: "of a stream", arrival: event(1) },
      { name: "of no stream", arrival: loose },
    ])("is acted on again where it is asked for by name: $name", ({ arrival }) => {
      const store = letGo(arrival);
      expect(decide(arrival, situation(store))).toMatchObject({ kind: "known" });
      const named: Arrival = { ...arrival, isRevived: true };
      const decision = decide(named, situation(store));
      expect(decision).toMatchObject({ kind: "logged", entry: { outcome: "applied" } });
      if (decision.kind !== "logged") throw new Error("It was acted on");
      // Its place in the stream was taken when it was first logged.
      expect(decision.writes.map(({ put }) => put)).toEqual(["seen", "view"]);
      commit(store, decision);
      expect(decide(named, situation(store))).toMatchObject({ kind: "known" });
    });

    test("is kept again where it is still impossible, and that once", () => {
      const store = letGo(loose);
      const named: Arrival = { ...loose, isRevived: true };
      const decision = decide(named, situation(store, STUCK));
      expect(decision).toMatchObject({ kind: "logged", entry: { outcome: "quarantined" } });
      commit(store, decision);
      expect(decide(named, situation(store, STUCK))).toMatchObject({ kind: "known" });
    });
  });

  test.each(["open", "hydrate", "alert"] as const)("reports a gap that closes at %s", (stage) => {
    const store = new MemoryStore();
    const gap = { sinceMs: NOW_MS - 1, stage };
    store.commit({ recorded_ms: 0, effects: {} }, [
      { put: "stream", id: STREAM, stream: { next: 3, gap } },
    ]);
    const decision = decide(event(3), situation(store));
    const report = { from_seq: 3, to_seq: 3, since_ms: NOW_MS - 1, stage: "closed" };
    // Nobody was told of a gap that closed in time.
    const effects = stage === "open" ? {} : { gaps: [{ ...STREAM, ...report }] };
    if (decision.kind !== "logged") throw new Error("Nothing is known yet");
    expect(decision.entry.effects).toEqual(effects);
  });

  test("opens the next gap where more is missing behind the event that closes one, since then", () => {
    const store = new MemoryStore();
    commit(store, decide(event(3), situation(store)));
    const later = { ...situation(store), moment: { nowMs: NOW_MS + 5000, position: 2 } };
    commit(store, decide(event(1), later));
    const gap = { sinceMs: NOW_MS, stage: "open" };
    expect(store.stream(STREAM)).toEqual({ next: 2, gap });
  });

  test.each([
    { name: "before its end", stage: "hydrate", seq: 6, gaps: [{ to_seq: 5, stage: "hydrate" }] },
    {
      name: "once somebody was told",
      stage: "alert",
      seq: 4,
      gaps: [{ to_seq: 3, stage: "alert" }],
    },
    { name: "behind its end", stage: "hydrate", seq: 12, gaps: [] },
    { name: "while nobody was told of it", stage: "open", seq: 6, gaps: [] },
  ] as const)("says where a gap ends now, of an event $name", ({ stage, seq, gaps }) => {
    const store = new MemoryStore();
    for (const early of [1, 2, 10]) commit(store, decide(event(early), situation(store)));
    const gap = { sinceMs: NOW_MS, stage };
    store.commit({ recorded_ms: 0, effects: {} }, [
      { put: "stream", id: STREAM, stream: { next: 3, gap } },
    ]);
    const decision = decide(event(seq), situation(store));
    if (decision.kind !== "logged") throw new Error("Nothing is known yet");
    const told = { ...STREAM, from_seq: 3, since_ms: NOW_MS };
    expect(decision.entry.effects.gaps ?? []).toEqual(gaps.map((one) => ({ ...told, ...one })));
    commit(store, decision);
    expect(store.stream(STREAM)).toEqual({ next: 3, gap });
  });

  test("keeps sources and epochs apart", () => {
    const store = new MemoryStore();
    for (const place of [{ source: "core" }, { source: "bank" }, { epoch: 1 }]) {
      const first = arrive("commission.released", { id: JSON.stringify(place), seq: 1, ...place });
      const decision = decide(first, situation(store));
      commit(store, decision);
      expect(decision).toMatchObject({ entry: { outcome: "applied" } });
    }
    expect(
      [STREAM, { ...STREAM, source: "bank" }, { ...STREAM, epoch: 1 }].map((id) =>
        store.stream(id),
      ),
    ).toEqual([{ next: 2 }, { next: 2 }, { next: 2 }]);
  });
});

describe("release()", () => {
  test("takes the event out of the buffer and moves the stream on", () => {
    const store = new MemoryStore();
    commit(store, decide(event(2), situation(store)));
    const decision = release(event(2), situation(store));
    expect(decision).toMatchObject({ entry: { outcome: "applied" } });
    commit(store, decision);
    expect(store.stream(STREAM)).toEqual({ next: 3 });
    expect(store.bufferedAt(STREAM, 2)).toBeUndefined();
    expect(store.seen("core", "e2")?.outcome).toBe("applied");
  });
});

describe("redecide()", () => {
  const IMPOSSIBLE: Act = { kind: "impossible", code: "no", reason: "No" };

  test("applies what was impossible without moving the stream again", () => {
    const store = new MemoryStore();
    commit(store, decide(event(1), situation(store, IMPOSSIBLE)));
    commit(store, redecide(event(1), situation(store)));
    expect(store.stream(STREAM)).toEqual({ next: 2 });
    expect(store.kept("evt_core_e1")).toBeUndefined();
    expect(store.seen("core", "e1")).toMatchObject({ outcome: "applied", position: 2 });
  });

  test("logs nothing while it is still impossible", () => {
    const store = new MemoryStore();
    commit(store, decide(event(1), situation(store, IMPOSSIBLE)));
    const decision = redecide(event(1), situation(store, IMPOSSIBLE));
    expect(decision).toEqual({ kind: "known", seen: store.seen("core", "e1") });
  });

  test.each<{ name: string; act: Act; outcome: string; isKept: boolean }>([
    { name: "a repeat", act: { kind: "repeat", of: "x" }, outcome: "duplicate", isKept: false },
    {
      name: "a contradiction",
      act: { kind: "contradiction", of: "x", reason: "No" },
      outcome: "conflict",
      isKept: true,
    },
  ])("finds that it has become $name", ({ act, outcome, isKept }) => {
    const store = new MemoryStore();
    commit(store, decide(event(1), situation(store, IMPOSSIBLE)));
    commit(store, redecide(event(1), situation(store, act)));
    expect(store.seen("core", "e1")?.outcome).toBe(outcome);
    expect(store.kept("evt_core_e1") !== undefined).toBe(isKept);
  });

  test("leaves a conflict as it is, whatever a person asks", () => {
    const store = new MemoryStore();
    commit(store, decide(event(1), situation(store)));
    const other = retold({ ...event(1), payloadSha256: "another" }, "e9");
    commit(store, decide(other, situation(store)));
    expect(redecide(other, situation(store))).toMatchObject({
      kind: "known",
      seen: { outcome: "conflict" },
    });
  });

  test("decides what it has never seen as if it arrived", () => {
    const decision = redecide(event(1), situation(new MemoryStore()));
    expect(decision).toMatchObject({ kind: "logged", entry: { outcome: "applied" } });
  });
});
