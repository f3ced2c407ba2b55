import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { balanceOf, readView } from "#src/core/distributor/view.ts";
import { type EpochOver, setsAside } from "#src/core/subject/epoch-over.ts";
import { settle, settleAgain, settleMove } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { shuffledItems } from "../../support/histories/pick.ts";
import { runs } from "../../support/runs.ts";
import { arrive, NOW_MS } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

const STREAM = { source: "core", epoch: 0 };

/** An adjustment by 1, so that the balance counts what was applied. */
const event = (seq: number): Arrival =>
  arrive("adjustment.posted", { id: `e${seq}`, seq }, { line_id: `A${seq}`, amount_minor: 1 });

const desk = (store: MemoryStore) => ({ store, rules: distributorRules, nowMs: NOW_MS });

const over = (from_seq: number, more: Partial<EpochOver> = {}): EpochOver => ({
  kind: "epoch_over",
  ...STREAM,
  from_seq,
  core_epoch: 1,
  ...more,
});

function told(...seqs: readonly number[]): MemoryStore {
  const store = MemoryStore.enrolled();
  for (const seq of seqs) settle(event(seq), desk(store));
  return store;
}

const available = (store: MemoryStore): number =>
  -Number(balanceOf(readView(store.view()), "dist:B:available", "USD"));

const outcomes = (store: MemoryStore, ...seqs: readonly number[]) =>
  seqs.map((seq) => store.seen("core", `e${seq}`)?.outcome);

describe("a stream whose epoch is over", () => {
  it("sets aside what waits in it, in its order, and closes its gap", () => {
    const store = told(1, 2, 7, 5);
    settleMove(over(3), desk(store));
    expect(store.entries.slice(4)).toMatchObject([
      { event: { id: "e5" }, outcome: "quarantined", code: "epoch_over" },
      { event: { id: "e7" }, outcome: "quarantined", code: "epoch_over" },
      { effects: { gaps: [{ ...STREAM, from_seq: 3, stage: "closed", since_ms: NOW_MS }] } },
    ]);
    expect(store.stream(STREAM)).toEqual({ next: 3 });
    expect(store.buffered(STREAM)).toEqual({ events: 0, bytes: 0 });
    expect(available(store)).toBe(2);

    // Absolute: told again, nothing is logged.
    const before = store.dump();
    settleMove(over(3), desk(store));
    expect(store.dump()).toEqual(before);
  });

  it("applies it by itself, should what is missing come after all", () => {
    const store = told(1, 2, 4, 5);
    settleMove(over(3), desk(store));
    settle(event(3), desk(store));
    expect(outcomes(store, 3, 4, 5)).toEqual(["applied", "applied", "applied"]);
    expect(store.stream(STREAM)).toEqual({ next: 6 });
    expect(store.kept(event(5).eventId)).toBeUndefined();
    expect(available(store)).toBe(5);
  });

  it("opens its gap again for what comes then, or is asked for again", () => {
    const store = told(1, 3);
    settleMove(over(2), desk(store));
    settle(event(4), desk(store));
    expect(outcomes(store, 3, 4)).toEqual(["quarantined", "buffered"]);
    expect(store.stream(STREAM)?.gap).toMatchObject({ stage: "open" });
    expect(settleAgain(event(3).eventId, desk(store))).toMatchObject({ outcome: "buffered" });
    settleMove(over(2), desk(store));
    expect(outcomes(store, 3, 4)).toEqual(["quarantined", "quarantined"]);
  });

  it.each([
    ["goes on from another event since", over(2)],
    ["has another epoch", over(3, { epoch: 1 })],
    ["is of another source", over(3, { source: "bank" })],
  ])("is left alone where it %s", (_, move) => {
    const store = told(1, 2, 4);
    const before = store.dump();
    settleMove(move, desk(store));
    expect(store.dump()).toEqual(before);
  });

  it("is left alone where nothing is missing, and only its object does not take it yet", () => {
    const store = new MemoryStore();
    for (const seq of [1, 2]) settle(event(seq), desk(store));
    const situation = { state: store, rules: distributorRules };
    const moment = { nowMs: NOW_MS, position: store.position() + 1 };
    expect(setsAside(over(1), { ...situation, moment })).toBeUndefined();
  });
});

it("ends the same, wherever among the events it is told, once all of them are there", () => {
  const seqs = [1, 2, 3, 4, 5, 6];
  fc.assert(
    fc.property(
      shuffledItems(seqs),
      fc.array(fc.integer({ min: 0, max: 5 })),
      (order, tellings) => {
        const store = MemoryStore.enrolled();
        for (const [at, seq] of order.entries()) {
          settle(event(seq), desk(store));
          if (tellings.includes(at)) settleMove(over(store.stream(STREAM)?.next ?? 1), desk(store));
        }
        expect(outcomes(store, ...seqs)).toEqual(seqs.map(() => "applied"));
        expect(available(store)).toBe(seqs.length);
        expect(store.stream(STREAM)).toEqual({ next: 7 });
      },
    ),
    { numRuns: runs(200) },
  );
});
