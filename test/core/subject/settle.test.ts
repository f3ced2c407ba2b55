import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { balanceOf, readView } from "#src/core/distributor/view.ts";
import { BUFFERED_BYTES_MAX, BUFFERED_EVENTS_MAX } from "#src/core/ordering/admit.ts";
import type { Rules } from "#src/core/subject/rules.ts";
import { settle, settleAgain, settleDue } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { shuffledItems } from "../../support/histories/pick.ts";
import { runs } from "../../support/runs.ts";
import { again, arrive, NOW_MS, retold } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

const STREAM = { source: "core", epoch: 0 };

/** An adjustment by 1, so that the balance counts what was applied. */
const event = (seq: number, data: Record<string, string | number> = {}): Arrival =>
  arrive(
    "adjustment.posted",
    { id: `e${seq}`, seq },
    { line_id: `A${seq}`, amount_minor: 1, ...data },
  );

const desk = (store: MemoryStore, rules: Rules = distributorRules, nowMs = NOW_MS) => ({
  store,
  rules,
  nowMs,
});

const outcomeOf = (store: MemoryStore, id: string, source = "core") =>
  store.seen(source, id)?.outcome;

const appliedIds = (store: MemoryStore) =>
  store.entries.flatMap(({ outcome, event: told }) =>
    outcome === "applied" && told !== undefined ? [told.id] : [],
  );

const available = (store: MemoryStore, currency = "USD") =>
  -balanceOf(readView(store.view()), "dist:B:available", currency);

/** Rules that throw for some events until they are told to stop. */
function faulty(ids: readonly string[]): Rules & { isMended: boolean } {
  const rules = {
    ...distributorRules,
    isMended: false,
    act: (...[arrival, state]: Parameters<Rules["act"]>) => {
      if (!rules.isMended && ids.includes(arrival.event.id)) throw new Error("A bug");
      return distributorRules.act(arrival, state);
    },
  };
  return rules;
}

describe("settle() in a strict stream", () => {
  test("applies 1 and 2, holds 4 and 5, and applies 3, 4 and 5 once 3 is there", () => {
    const store = MemoryStore.enrolled();
    const outcomes = [1, 2, 4, 5].map((seq) => settle(event(seq), desk(store)));
    expect(outcomes).toMatchObject([
      { outcome: "applied", position: 1 },
      { outcome: "applied", position: 2 },
      { outcome: "buffered", position: 3 },
      { outcome: "buffered", position: 4 },
    ]);
    expect(store.stream(STREAM)).toEqual({ next: 3, gap: { sinceMs: NOW_MS, stage: "open" } });
    expect(available(store)).toBe(2n);

    expect(settle(event(3), desk(store))).toMatchObject({ outcome: "applied", position: 5 });
    expect(appliedIds(store)).toEqual(["e1", "e2", "e3", "e4", "e5"]);
    expect(store.stream(STREAM)).toEqual({ next: 6 });
    expect(store.buffered(STREAM)).toEqual({ events: 0, bytes: 0 });
    expect(available(store)).toBe(5n);
  });

  test("reports the gap closed once, where somebody was told of it", () => {
    const store = MemoryStore.enrolled();
    for (const seq of [1, 2, 4, 5]) settle(event(seq), desk(store));
    const gap = { sinceMs: NOW_MS, stage: "hydrate" } as const;
    store.commit({ recorded_ms: 0, effects: {} }, [
      { put: "stream", id: STREAM, stream: { next: 3, gap } },
    ]);
    settle(event(3), desk(store, distributorRules, NOW_MS + 20_000));
    expect(store.entries.flatMap(({ effects }) => effects.gaps ?? [])).toEqual([
      { ...STREAM, from_seq: 3, to_seq: 3, since_ms: NOW_MS, stage: "closed" },
    ]);
  });

  test("shows a redelivery the outcome that holds by now, and commits nothing", () => {
    const store = MemoryStore.enrolled();
    for (const seq of [2, 1]) settle(event(seq), desk(store));
    const before = store.dump();
    expect(settle(again(event(2)), desk(store))).toEqual({
      kind: "settled",
      eventId: "evt_core_e2~2",
      position: 3,
      outcome: "applied",
      of: "evt_core_e2",
    });
    expect(settle(event(2), desk(store))).toEqual({
      kind: "settled",
      eventId: "evt_core_e2",
      position: 3,
      outcome: "applied",
    });
    expect(store.dump()).toEqual(before);
  });

  test.each([
    { name: "before its turn", order: [2, "retold", 1] },
    { name: "after it was applied", order: [1, 2, "retold"] },
    { name: "after it was released", order: [2, 1, "retold"] },
  ])("finds a second telling under the same seq a duplicate, $name", ({ order }) => {
    const store = MemoryStore.enrolled();
    const second = retold(event(2), "second");
    for (const seq of order) settle(typeof seq === "number" ? event(seq) : second, desk(store));
    expect(outcomeOf(store, "second")).toBe("duplicate");
    expect(appliedIds(store)).toEqual(["e1", "e2"]);
  });

  describe("that takes its place without effect", () => {
    const orphan = arrive("commission.released", { id: "first", seq: 1 });
    const second = retold(orphan, "second");

    test("is a duplicate under a second id, in any order, also once it is applied", () => {
      for (const [one, other] of [
        [orphan, second],
        [second, orphan],
      ] as const) {
        const store = MemoryStore.enrolled();
        for (const arrival of [one, other, again(other)]) settle(arrival, desk(store));
        expect(outcomeOf(store, one.event.id)).toBe("quarantined");
        expect(outcomeOf(store, other.event.id)).toBe("duplicate");
        expect(store.entries.at(-1)?.of).toBe(one.eventId);
        settle(arrive("commission.posted", { id: "line", source: "bank", seq: 1 }), desk(store));
        expect(outcomeOf(store, one.event.id)).toBe("applied");
        settle(retold(orphan, "third"), desk(store));
        expect(outcomeOf(store, "third")).toBe("duplicate");
      }
    });

    test("is no duplicate of what else was kept under its seq or its id", () => {
      const store = MemoryStore.enrolled();
      const other = arrive("commission.released", { id: "other", seq: 1 }, { line_id: "L9" });
      const reused = { ...other, eventId: "evt_reused", event: { ...other.event, id: "first" } };
      for (const arrival of [orphan, other, reused, retold(other, "more")]) {
        settle(arrival, desk(store));
      }
      expect(["first", "other", "more"].map((id) => outcomeOf(store, id))).toEqual([
        "quarantined",
        "conflict",
        "conflict",
      ]);
      expect(store.kept("evt_reused")).toMatchObject({ code: "id_reused" });
    });

    test("is a duplicate of what contradicts a fact, too", () => {
      const store = MemoryStore.enrolled();
      settle(event(1), desk(store));
      const place = { source: "bank", id: "b1", seq: 1 };
      const against = arrive("adjustment.posted", place, { line_id: "A1", amount_minor: 7 });
      for (const arrival of [against, retold(against, "b2")]) settle(arrival, desk(store));
      expect(["b1", "b2"].map((id) => outcomeOf(store, id, "bank"))).toEqual([
        "conflict",
        "duplicate",
      ]);
    });
  });

  test.each([
    { name: "before its turn", order: [2, "other", 1] },
    { name: "after it was applied", order: [1, 2, "other"] },
  ])("keeps another event under the same seq as a conflict, $name", ({ order }) => {
    const store = MemoryStore.enrolled();
    const other = arrive("adjustment.posted", { id: "other", seq: 2 }, { line_id: "A9" });
    for (const seq of order) settle(typeof seq === "number" ? event(seq) : other, desk(store));
    expect(outcomeOf(store, "other")).toBe("conflict");
    expect(store.kept(other.eventId)).toMatchObject({ outcome: "conflict", code: "seq_taken" });
    expect(appliedIds(store)).toEqual(["e1", "e2"]);
    expect(available(store)).toBe(2n);
  });

  test.each([
    { name: "before its turn", order: [2] },
    { name: "after it was applied", order: [1, 2] },
  ])("keeps other content under the same id as one conflict, $name", ({ order }) => {
    const store = MemoryStore.enrolled();
    for (const seq of order) settle(event(seq), desk(store));
    const other = { ...event(2, { amount_minor: 7 }), eventId: "evt_other" };
    expect(settle(other, desk(store))).toMatchObject({ outcome: "conflict", eventId: "evt_other" });
    const before = store.dump();
    expect(settle(again(other), desk(store))).toMatchObject({
      outcome: "conflict",
      of: "evt_other",
    });
    expect(settle(again(event(2)), desk(store))).toMatchObject({ of: "evt_core_e2" });
    expect(store.dump()).toEqual(before);
  });

  test("applies two epochs of one source side by side, each from 1", () => {
    const store = MemoryStore.enrolled();
    const restored = arrive(
      "adjustment.posted",
      { id: "r1", seq: 1, epoch: 1 },
      { line_id: "A9", amount_minor: 1 },
    );
    const repeated = retold({ ...event(1), event: { ...event(1).event, epoch: 1, seq: 2 } }, "r2");
    for (const arrival of [event(2), repeated, restored, event(1)]) settle(arrival, desk(store));
    expect(appliedIds(store)).toEqual(["r1", "r2", "e2"]);
    expect(outcomeOf(store, "e1")).toBe("duplicate");
    expect(available(store)).toBe(3n);
  });
});

describe("since when a stream waits", () => {
  const MINUTE_MS = 60_000;

  test("is since the first of what still waits, however events trickle in before it", () => {
    const store = MemoryStore.enrolled();
    const at = (minute: number, ...seqs: readonly number[]) => {
      for (const seq of seqs) {
        settle(event(seq), desk(store, distributorRules, NOW_MS + minute * MINUTE_MS));
      }
      return ((store.stream(STREAM)?.gap?.sinceMs ?? NaN) - NOW_MS) / MINUTE_MS;
    };
    expect([at(0, 1, 2, 8), at(14, 3), at(28, 4), at(42, 5)]).toEqual([0, 0, 0, 0]);
    // What waits now came later.
    expect([at(50, 10), at(60, 12), at(61, 6, 7), at(62, 9)]).toEqual([0, 0, 50, 60]);
  });

  test("goes on where it was kept without a time for each event", () => {
    const store = MemoryStore.enrolled();
    for (const seq of [2, 4, 6]) settle(event(seq), desk(store));
    // As an object of before has them.
    const { waitsSinceMs, ...old } = store.bufferedAt(STREAM, 6) ?? event(6);
    expect(waitsSinceMs).toBe(NOW_MS);
    store.commit({ recorded_ms: 0, effects: {} }, [{ put: "unbuffered", id: STREAM, seq: 6 }]);
    store.commit({ recorded_ms: 0, effects: {} }, [
      { put: "buffered", id: STREAM, seq: 6, arrival: old, bytes: 1 },
      { put: "stream", id: STREAM, stream: { next: 1, gap: { sinceMs: 7, stage: "alert" } } },
    ]);
    settle(event(1), desk(store, distributorRules, NOW_MS + MINUTE_MS));
    expect(store.stream(STREAM)).toEqual({ next: 3, gap: { sinceMs: 7, stage: "open" } });
    settle(event(3), desk(store, distributorRules, NOW_MS + MINUTE_MS));
    settle(event(5), desk(store, distributorRules, NOW_MS + MINUTE_MS));
    expect(store.stream(STREAM)).toEqual({ next: 7 });
  });

  test("is, in whatever order and with whatever is told twice, since the earliest of all that waits", () => {
    const order = shuffledItems(Array.from({ length: 12 }, (_, n) => n + 1));
    fc.assert(
      fc.property(order, fc.array(fc.nat({ max: 11 })), (seqs, repeats) => {
        const store = MemoryStore.enrolled();
        const receivedMs = new Map<number, number>();
        for (const [n, seq] of seqs.entries()) {
          const nowMs = NOW_MS + n * MINUTE_MS;
          receivedMs.set(seq, nowMs);
          settle(event(seq), desk(store, distributorRules, nowMs));
          const twice = repeats.includes(n) ? seqs[n >> 1] : undefined;
          if (twice !== undefined)
            settle(again(event(twice)), desk(store, distributorRules, nowMs));
          const next = store.stream(STREAM)?.next ?? 1;
          const waiting = [...receivedMs].filter(([one]) => one > next).map(([, ms]) => ms);
          const sinceMs = waiting.length === 0 ? undefined : Math.min(...waiting);
          expect(store.stream(STREAM)?.gap?.sinceMs).toBe(sinceMs);
        }
        expect(available(store)).toBe(12n);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("settle() beyond the buffer", () => {
  /** A store that waits for seq 1 and holds as many events as it takes. */
  function full(): MemoryStore {
    const store = MemoryStore.enrolled();
    for (let seq = 2; seq < BUFFERED_EVENTS_MAX + 2; seq += 1) settle(event(seq), desk(store));
    return store;
  }

  test("holds as many events as the buffer takes, and quarantines one more", () => {
    const store = full();
    expect(store.buffered(STREAM).events).toBe(BUFFERED_EVENTS_MAX);
    const last = BUFFERED_EVENTS_MAX + 2;
    expect(outcomeOf(store, `e${last - 1}`)).toBe("buffered");
    expect(settle(event(last), desk(store))).toMatchObject({ outcome: "quarantined" });
    expect(store.kept(event(last).eventId)).toMatchObject({ code: "gap_overflow" });

    // Still too much: nothing is logged again.
    const before = store.dump();
    expect(settle(again(event(last)), desk(store))).toMatchObject({ outcome: "quarantined" });
    expect(settleAgain(event(last).eventId, desk(store))).toMatchObject({ outcome: "quarantined" });
    expect(store.dump()).toEqual(before);

    settle(event(1), desk(store));
    expect(available(store)).toBe(BigInt(last));
    expect(store.stream(STREAM)).toEqual({ next: last + 1 });
    expect(store.kept(event(last).eventId)).toBeUndefined();
  });

  test("applies by itself what did not fit when its turn comes, and what waits behind it", () => {
    const store = full();
    const [next, then] = [event(BUFFERED_EVENTS_MAX + 2), event(BUFFERED_EVENTS_MAX + 3)];
    for (const arrival of [then, next, event(1)]) settle(arrival, desk(store));
    expect(outcomeOf(store, next.event.id)).toBe("applied");
    expect(outcomeOf(store, then.event.id)).toBe("applied");
    expect(available(store)).toBe(BigInt(BUFFERED_EVENTS_MAX + 3));
  });

  test.each([
    { name: "its sender sends it again", retry: (arrival: Arrival) => again(arrival) },
    { name: "a person asks for it", retry: (arrival: Arrival) => arrival.eventId },
  ])("buffers what did not fit when there is room and $name", ({ retry }) => {
    const store = full();
    const last = event(BUFFERED_EVENTS_MAX + 3);
    settle(last, desk(store));
    settle(event(1), desk(store));
    const what = retry(last);
    const settlement =
      typeof what === "string" ? settleAgain(what, desk(store)) : settle(what, desk(store));
    expect(settlement).toMatchObject({ outcome: "buffered" });
    expect(store.kept(last.eventId)).toBeUndefined();
    settle(event(BUFFERED_EVENTS_MAX + 2), desk(store));
    expect(available(store)).toBe(BigInt(BUFFERED_EVENTS_MAX + 3));
  });

  test("opens a gap for an event that alone is too much, so that it is asked for", () => {
    const store = MemoryStore.enrolled();
    const big = event(2);
    settle({ ...big, profile: { sealed: "x".repeat(1_000_001) } }, desk(store));
    expect(outcomeOf(store, big.event.id)).toBe("quarantined");
    expect(store.stream(STREAM)?.gap).toMatchObject({ stage: "open" });
    settle(event(1), desk(store));
    expect(outcomeOf(store, big.event.id)).toBe("applied");
  });

  test("names the row's event to a redelivery that set a kept event going again", () => {
    const store = full();
    const last = event(BUFFERED_EVENTS_MAX + 3);
    settle(last, desk(store));
    settle(event(1), desk(store));
    const settlement = settle(again(last), desk(store));
    // The redelivery has no row of its own: without `of`, nobody would ever hear of it.
    expect(settlement).toMatchObject({ eventId: `${last.eventId}~2`, of: last.eventId });
  });

  test("buffers what did not fit when it fits by then", () => {
    const store = full();
    const last = event(BUFFERED_EVENTS_MAX + 3);
    settle(last, desk(store));
    settle(event(1), desk(store));
    expect(settle(last, desk(store))).toMatchObject({ outcome: "buffered" });
    settle(event(BUFFERED_EVENTS_MAX + 2), desk(store));
    expect(available(store)).toBe(BigInt(BUFFERED_EVENTS_MAX + 3));
  });

  const sized = (seq: number, bytes: number): Arrival => {
    const bare = event(seq, { note: "" });
    return event(seq, { note: "x".repeat(bytes - JSON.stringify(bare).length) });
  };
  const half = BUFFERED_BYTES_MAX / 2;
  test.each([
    { name: "exactly", bytes: half, outcome: "buffered" },
    { name: "all but one of", bytes: half + 1, outcome: "quarantined" },
  ])("holds $name its bytes", ({ bytes, outcome }) => {
    const store = MemoryStore.enrolled();
    settle(sized(2, half), desk(store));
    expect(store.buffered(STREAM)).toEqual({ events: 1, bytes: half });
    expect(settle(sized(3, bytes), desk(store))).toMatchObject({ outcome });
    expect(settle(sized(1, BUFFERED_BYTES_MAX + 1), desk(store))).toMatchObject({
      outcome: "applied",
    });
  });
});

describe("settle() of a decision that throws", () => {
  test("leaves the store as it was, and stops nothing else", () => {
    const store = MemoryStore.enrolled();
    settle(event(1), desk(store));
    const before = store.dump();
    expect(settle(event(2), desk(store, faulty(["e2"])))).toEqual({
      kind: "failed",
      eventId: "evt_core_e2",
      error: "Error: A bug",
    });
    expect(store.dump()).toEqual(before);

    const other = arrive("adjustment.posted", { source: "bank", id: "b1", seq: 1 });
    expect(settle(other, desk(store, faulty(["e2"])))).toMatchObject({ outcome: "applied" });
    expect(settle(event(3), desk(store, faulty(["e2"])))).toMatchObject({ outcome: "buffered" });
    settle(event(2), desk(store));
    expect(available(store)).toBe(12_103n);
  });

  test("leaves a freed event in the buffer until settleDue()", () => {
    const store = MemoryStore.enrolled();
    const rules = faulty(["e3"]);
    for (const seq of [2, 3, 4]) settle(event(seq), desk(store, rules));
    expect(settle(event(1), desk(store, rules))).toMatchObject({ outcome: "applied" });
    expect(appliedIds(store)).toEqual(["e1", "e2"]);
    expect(outcomeOf(store, "e3")).toBe("buffered");
    expect(store.stream(STREAM)).toEqual({ next: 3, gap: { sinceMs: NOW_MS, stage: "open" } });

    const before = store.dump();
    settleDue(STREAM, desk(store, rules));
    expect(store.dump()).toEqual(before);
    rules.isMended = true;
    settleDue(STREAM, desk(store, rules));
    expect(appliedIds(store)).toEqual(["e1", "e2", "e3", "e4"]);
    expect(store.stream(STREAM)).toEqual({ next: 5 });
  });

  test("leaves an event that waited for a fact kept until it comes again", () => {
    const store = MemoryStore.enrolled();
    const rules = faulty(["b1"]);
    const bank = { source: "bank", id: "b1", seq: 1 };
    const settled = arrive("payout.settled", bank);
    settle(settled, desk(store));
    const started = arrive("payout.initiated", { id: "p1", seq: 1 });
    expect(settle(started, desk(store, rules))).toMatchObject({ outcome: "applied" });
    expect(outcomeOf(store, "b1", "bank")).toBe("quarantined");
    expect(settle(again(settled), desk(store, rules)).kind).toBe("failed");
    rules.isMended = true;
    const settlement = settle(again(settled), desk(store, rules));
    expect(settlement).toMatchObject({ outcome: "applied", of: settled.eventId });
  });
});

describe("settle() of what waits for a fact", () => {
  test("applies it by itself, across sources and through the buffer", () => {
    const store = MemoryStore.enrolled();
    const reversed = arrive("commission.reversed", { source: "bank", id: "b1", seq: 1 });
    const released = arrive("commission.released", { source: "bank", id: "b2", seq: 2 });
    const posted = arrive("commission.posted", { id: "c2", seq: 2 });
    for (const arrival of [reversed, released, posted]) settle(arrival, desk(store));
    expect(["b1", "b2"].map((id) => outcomeOf(store, id, "bank"))).toEqual([
      "quarantined",
      "quarantined",
    ]);
    expect(settle(arrive("adjustment.posted", { id: "c1", seq: 1 }), desk(store))).toMatchObject({
      outcome: "applied",
    });
    expect(appliedIds(store)).toEqual(["c1", "c2", "b1", "b2"]);
    expect(available(store)).toBe(12_100n + 240n);
    expect(store.waitingFor("line:L1")).toEqual([]);
  });

  test("applies one of two tellings, and finds the other a duplicate", () => {
    const store = MemoryStore.enrolled();
    const bank = arrive("payout.settled", { source: "bank", id: "b1", seq: 1 });
    const core = arrive("payout.settled", { id: "c1", seq: 1 });
    const started = arrive("payout.initiated", { id: "c2", seq: 2 });
    for (const arrival of [bank, core, started]) settle(arrival, desk(store));
    expect([outcomeOf(store, "b1", "bank"), outcomeOf(store, "c1")]).toEqual([
      "applied",
      "duplicate",
    ]);
  });

  test("keeps what contradicts the telling that was quicker", () => {
    const store = MemoryStore.enrolled();
    const bank = arrive("payout.failed", { source: "bank", id: "b1", seq: 1 });
    const core = arrive("payout.settled", { id: "c1", seq: 1 });
    const started = arrive("payout.initiated", { id: "c2", seq: 2 });
    for (const arrival of [bank, core, started]) settle(arrival, desk(store));
    expect([outcomeOf(store, "b1", "bank"), outcomeOf(store, "c1")]).toEqual([
      "applied",
      "conflict",
    ]);
    expect(store.kept(core.eventId)).toMatchObject({ outcome: "conflict" });
  });
});

describe("settleAgain()", () => {
  test("knows nothing of an event that is not kept", () => {
    expect(settleAgain("evt_1", desk(MemoryStore.enrolled()))).toBeUndefined();
  });

  test("leaves a conflict as it is", () => {
    const store = MemoryStore.enrolled();
    settle(event(1), desk(store));
    const other = { ...event(1, { amount_minor: 7 }), eventId: "evt_other" };
    settle(other, desk(store));
    const before = store.dump();
    settleAgain("evt_other", desk(store));
    expect(store.dump()).toEqual(before);
  });
});

describe("settleDue()", () => {
  test.each([
    { name: "a stream that nobody wrote to", order: [] },
    { name: "a stream that waits", order: [2] },
    { name: "a stream without a gap", order: [1] },
  ])("does nothing in $name", ({ order }) => {
    const store = MemoryStore.enrolled();
    for (const seq of order) settle(event(seq), desk(store));
    const before = store.dump();
    settleDue(STREAM, desk(store));
    expect(store.dump()).toEqual(before);
  });
});
