import { describe, expect, test } from "vitest";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { balanceOf, readView } from "#src/core/distributor/view.ts";
import { BUFFERED_EVENTS_MAX } from "#src/core/ordering/admit.ts";
import { settle, settleDue } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { again, arrive, NOW_MS, retold } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

const key = "dist:B";
const STREAM = { source: "core", epoch: 0 };
const BANK = { source: "bank", epoch: 0 };

const enrolled = arrive("distributor.enrolled", { id: "enrolled", key, rev: 1 });

/** An adjustment by 1, so that the balance counts what was applied. */
const adjusted = (seq: number, { source, epoch } = STREAM): Arrival =>
  arrive(
    "adjustment.posted",
    { id: `e${epoch}/${seq}`, source, epoch, key, seq },
    { line_id: `${source}${epoch}/${seq}`, amount_minor: 1 },
  );

const W2 = [
  arrive("commission.posted", { id: "1", key, seq: 1 }),
  arrive("commission.released", { id: "2", key, seq: 2 }),
  arrive("adjustment.posted", { id: "3", key, seq: 3 }),
  arrive("payout.initiated", { id: "4", key, seq: 4 }),
  arrive("payout.settled", { id: "5", key, seq: 5 }),
];
const END = { "exp:commission": "12500", "cash:bank": "-12350", "rev:payout_fee": "-150" };

const deskOf = (store: MemoryStore, nowMs = NOW_MS) => ({ store, rules: distributorRules, nowMs });

/** Settles one after the other; answers with the outcomes. */
function play(arrivals: readonly Arrival[], store = new MemoryStore()) {
  const outcomes = arrivals.map((arrival) => {
    const settlement = settle(arrival, deskOf(store));
    return settlement.kind === "settled" ? settlement.outcome : settlement.kind;
  });
  return { store, outcomes };
}

const balances = (store: MemoryStore) =>
  Object.fromEntries(
    Object.entries(readView(store.view()).balances)
      .map(([account, amounts]) => [account, amounts["USD"] ?? "0"] as const)
      .filter(([, sum]) => sum !== "0"),
  );

const available = (store: MemoryStore) =>
  -balanceOf(readView(store.view()), "dist:B:available", "USD");

const appliedIds = (store: MemoryStore) =>
  store.entries.flatMap(({ outcome, event }) =>
    outcome === "applied" && event !== undefined ? [event.id] : [],
  );

const told = (store: MemoryStore) => store.entries.map(({ effects }) => effects);

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((first, i) =>
        permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest]),
      );

/** The five events of W2 in any order, the enrolment last, or after so many of them. */
const ORDERS = [5, 3, 1].flatMap((place) =>
  permutations(W2).map((order) => ({ place, order: order.toSpliced(place, 0, enrolled) })),
);

describe("money for somebody whom nobody enrolled", () => {
  test("is parked with the reason, and moves nothing", () => {
    const { store, outcomes } = play(W2);
    expect(outcomes).toEqual(W2.map(() => "parked"));
    expect(store.entries.map(({ code, reason }) => ({ code, reason }))).toEqual(
      W2.map(() => ({
        code: "distributor_unknown",
        reason: 'Nobody is enrolled as "B": applied by itself, in its order, once somebody is',
      })),
    );
    expect(told(store)).toEqual(W2.map(() => ({})));
    expect(store.view()).toBeUndefined();
    expect(store.facts.size).toBe(0);
    expect(store.stream(STREAM)).toBeUndefined();
    expect(store.buffered(STREAM).events).toBe(5);
  });

  test("has no effect before the enrolment, and that of W2 after it, in any order", () => {
    expect(ORDERS).toHaveLength(360);
    for (const { place, order } of ORDERS) {
      const { store } = play(order.slice(0, place));
      expect(appliedIds(store)).toEqual([]);
      expect(store.view()).toBeUndefined();

      play(order.slice(place), store);
      expect(appliedIds(store)).toEqual(["enrolled", "1", "2", "3", "4", "5"]);
      expect(balances(store)).toEqual(END);
      // In its order, the payout finds what it pays out: a break would tell of more than there is.
      expect(told(store).flatMap(({ breaks = [], gaps = [] }) => [...breaks, ...gaps])).toEqual([]);
      expect(store.stream(STREAM)).toEqual({ next: 6 });
      expect(store.waitingStreams()).toEqual([]);
    }
  });

  test("is known when it comes again, held or released, and logged once", () => {
    for (const { order } of ORDERS) {
      const { store } = play(order.flatMap((arrival) => [arrival, again(arrival)]));
      expect(balances(store)).toEqual(END);
      const before = store.dump();
      play(
        order.toReversed().map((arrival) => again(arrival, 3)),
        store,
      );
      expect(store.dump()).toEqual(before);
    }
  });

  test.each([
    { name: "the same event", second: again(W2[0] ?? enrolled), outcome: "parked", rows: 1 },
    { name: "a second telling", second: retold(W2[0] ?? enrolled), outcome: "duplicate", rows: 2 },
    {
      name: "another event with its seq",
      second: { ...adjusted(1), payloadSha256: "other" },
      outcome: "conflict",
      rows: 2,
    },
  ])("takes $name for what it is", ({ second, outcome, rows }) => {
    const { store } = play(W2.slice(0, 1));
    expect(play([second], store).outcomes).toEqual([outcome]);
    expect(store.position()).toBe(rows);
    expect(store.buffered(STREAM).events).toBe(1);
    play([enrolled], store);
    expect(appliedIds(store)).toEqual(["enrolled", "1"]);
  });

  test("stays where it is while a release finds nobody enrolled", () => {
    const { store } = play(W2);
    const before = store.dump();
    settleDue(STREAM, deskOf(store));
    expect(store.dump()).toEqual(before);
  });

  test("waits by source and epoch, each in its own order", () => {
    const restored = { ...STREAM, epoch: 1 };
    const streams = [BANK, STREAM, restored];
    const { store } = play(
      [2, 1, 3].flatMap((seq) => streams.map((stream) => adjusted(seq, stream))),
    );
    expect(store.waitingStreams()).toHaveLength(3);
    expect(available(store)).toBe(0n);

    play([enrolled], store);
    expect(available(store)).toBe(9n);
    expect(streams.map((stream) => store.stream(stream))).toEqual(streams.map(() => ({ next: 4 })));
    const applied = store.entries.filter(({ outcome }) => outcome === "applied");
    for (const { source, epoch } of streams) {
      const seqs = applied.flatMap(({ event }) =>
        event?.source === source && event.epoch === epoch ? (event.seq ?? []) : [],
      );
      expect(seqs).toEqual([1, 2, 3]);
    }
  });

  test("waits in one stream for what another stream held back tells of", () => {
    const settled = arrive("payout.settled", { id: "b1", source: "bank", key, seq: 1 });
    const { store } = play([settled, ...W2.slice(0, 4), enrolled]);
    expect(store.seen("bank", "b1")?.outcome).toBe("applied");
    expect(balances(store)).toEqual(END);
  });
});

describe("a gap in a stream that is held", () => {
  const GAP = { sinceMs: NOW_MS, stage: "open" };

  test.each([
    { name: "behind its first event", seqs: [1, 3], next: 2, outcomes: ["parked", "parked"] },
    { name: "found before its first", seqs: [3, 1], next: 2, outcomes: ["buffered", "parked"] },
    { name: "behind two", seqs: [2, 4, 1], next: 3, outcomes: ["buffered", "buffered", "parked"] },
  ])("opens only once it is released, $name", ({ seqs, next, outcomes }) => {
    const { store, outcomes: found } = play(seqs.map((seq) => adjusted(seq)));
    expect(found).toEqual(outcomes);
    expect(store.stream(STREAM)?.gap).toBeUndefined();

    settle(enrolled, deskOf(store, NOW_MS + 60_000));
    const gap = { sinceMs: NOW_MS + 60_000, stage: "open" };
    expect(store.stream(STREAM)).toEqual({ next, gap });
    expect(available(store)).toBe(BigInt(next - 1));

    play([adjusted(next)], store);
    expect(store.stream(STREAM)).toEqual({ next: next + 2 });
    expect(available(store)).toBe(BigInt(next + 1));
  });

  test("is open at once where it is the first event that is missing", () => {
    const { store, outcomes } = play([adjusted(2), enrolled]);
    expect(outcomes).toEqual(["buffered", "applied"]);
    expect(store.stream(STREAM)).toEqual({ next: 1, gap: GAP });
    play([adjusted(1)], store);
    expect(available(store)).toBe(2n);
  });

  test("is told to be closed, where it was told of, by what is held in its place", () => {
    const { store } = play([adjusted(2)]);
    const gap = { sinceMs: NOW_MS, stage: "hydrate" } as const;
    store.commit({ recorded_ms: 0, effects: {} }, [
      { put: "stream", id: STREAM, stream: { next: 1, gap } },
    ]);
    play([adjusted(1), enrolled], store);
    expect(told(store).flatMap(({ gaps = [] }) => gaps)).toEqual([
      { ...STREAM, from_seq: 1, to_seq: 1, since_ms: NOW_MS, stage: "closed" },
    ]);
    expect(available(store)).toBe(2n);
  });
});

describe("a stream that is held beyond the buffer", () => {
  const seqs = Array.from({ length: BUFFERED_EVENTS_MAX }, (_, i) => i + 1);
  const last = BUFFERED_EVENTS_MAX + 1;

  test("keeps what does not fit, opens no gap for it, and applies it in its turn", () => {
    const { store } = play(seqs.map((seq) => adjusted(seq)));
    expect(play([adjusted(last)], store).outcomes).toEqual(["quarantined"]);
    expect(store.kept(adjusted(last).eventId)).toMatchObject({ code: "gap_overflow" });
    expect(store.stream(STREAM)?.gap).toBeUndefined();

    const before = store.dump();
    expect(play([again(adjusted(last))], store).outcomes).toEqual(["quarantined"]);
    expect(store.dump()).toEqual(before);

    play([enrolled], store);
    expect(available(store)).toBe(BigInt(last));
    expect(store.stream(STREAM)).toEqual({ next: last + 1 });
    expect(store.kept(adjusted(last).eventId)).toBeUndefined();
  });
});

describe("what is not held", () => {
  test.each([
    { name: "a status", arrival: arrive("distributor.status_changed", { key, rev: 1 }) },
    { name: "a rank", arrival: arrive("rank.changed", { key, rev: 1 }) },
    { name: "a volume", arrival: arrive("volume.snapshot", { key, rev: 1 }) },
  ])("is $name of somebody unknown, which frees nothing either", ({ arrival }) => {
    const { store, outcomes } = play([adjusted(1), arrival, adjusted(2)]);
    expect(outcomes).toEqual(["parked", "applied", "parked"]);
    expect(available(store)).toBe(0n);
    play([enrolled], store);
    expect(available(store)).toBe(2n);
  });

  test("is the money of an object that was told of the enrolment before there was a hold", () => {
    const { outcomes, store } = play(W2, MemoryStore.enrolled());
    expect(outcomes).toEqual(W2.map(() => "applied"));
    expect(balances(store)).toEqual(END);
  });

  test("is the second telling of what an older object applied before there was a hold", () => {
    const { store } = play([adjusted(1), adjusted(2)], MemoryStore.enrolled());
    store.registers.clear();
    const { outcomes } = play([adjusted(3), retold(adjusted(2))], store);
    expect(outcomes).toEqual(["parked", "duplicate"]);
    play([enrolled], store);
    expect(available(store)).toBe(3n);
    expect(store.waitingStreams()).toEqual([]);
  });

  test("is money after any enrolment, whichever revision is told first", () => {
    const second = arrive("distributor.enrolled", { id: "second", key, rev: 2 });
    const { store, outcomes } = play([adjusted(1), second, adjusted(2), enrolled, adjusted(3)]);
    expect(outcomes).toEqual(["parked", "applied", "applied", "applied", "applied"]);
    expect(available(store)).toBe(3n);
  });
});
