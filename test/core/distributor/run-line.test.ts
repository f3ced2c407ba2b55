import { describe, expect, test } from "vitest";
import { moveByRuns } from "#src/core/distributor/run-line.ts";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { readView } from "#src/core/distributor/view.ts";
import type { Move, RunLine } from "#src/core/subject/move.ts";
import { settleMove } from "#src/core/subject/settle.ts";
import { MemoryStore } from "../support/memory-store.ts";

const END = Date.parse("2026-08-01T00:00:00Z");
const DUE = Date.parse("2026-08-15T00:00:00Z");
const lineOf = (parts: Partial<RunLine> = {}): RunLine => ({
  line_id: "close:main:2026-07:pair:A",
  distributor_id: "A",
  component: "pair",
  rate_ppm: 100_000,
  amount_minor: 2000,
  currency: "USD",
  bucket: "held",
  period_id: "2026-07",
  effective_ms: END - 1,
  available_ms: DUE,
  ver: 2,
  ...parts,
});
const told = (parts: Partial<RunLine> = {}): Move => ({
  kind: "run_line",
  run_id: "close:main:2026-07",
  line: lineOf(parts),
});
const rules = { ...distributorRules, move: moveByRuns };

function play(...moves: readonly (Move | { readonly at: number; readonly move: Move })[]) {
  const store = new MemoryStore();
  for (const given of moves) {
    const { at, move } = "at" in given ? given : { at: END, move: given };
    settleMove(move, { store, rules, nowMs: at });
  }
  return store;
}
const balances = (store: MemoryStore) =>
  Object.fromEntries(
    Object.entries(readView(store.view()).balances)
      .map(([account, { USD }]) => [account, Number(USD)])
      .filter(([, amount]) => amount !== 0),
  );
const lineIn = (store: MemoryStore) => store.entries.at(-1)?.effects.lines?.[0];

describe("moveByRuns()", () => {
  test("posts a line of the period, held until its holdback is over", () => {
    const store = play(told());
    expect(store.entries).toEqual([
      {
        recorded_ms: END,
        cause: { kind: "line", event_id: "close:main:2026-07", occurred_ms: END - 1 },
        effects: {
          lines: [
            {
              line_id: "close:main:2026-07:pair:A",
              distributor_id: "A",
              order_id: null,
              component: "pair",
              level: null,
              depth: null,
              rate_ppm: 100_000,
              amount_minor: 2000,
              reversed_minor: 0,
              currency: "USD",
              state: "held",
              period_id: "2026-07",
              effective_ms: END - 1,
              origin: "gateway",
              due_ms: DUE,
            },
          ],
          transfers: [
            {
              rule: "PL",
              debit: "exp:commission",
              credit: "dist:A:held",
              amount_minor: 2000,
              currency: "USD",
              reference: "close:main:2026-07:pair:A",
            },
          ],
        },
      },
    ]);
  });

  test("is nothing when told again, nor when an older version comes late", () => {
    expect(play(told(), told()).entries).toHaveLength(1);
    const late = play(told({ ver: 4, amount_minor: 500 }), told());
    expect(balances(late)).toEqual({ "exp:commission": 500, "dist:A:held": -500 });
  });

  test.each([
    { name: "more", amount: 2600 },
    { name: "less", amount: 100 },
    { name: "nothing", amount: 0 },
  ])("posts the difference of a later attempt that finds $name", ({ amount }) => {
    const store = play(told(), told({ ver: 4, amount_minor: amount, available_ms: null }));
    expect(balances(store)).toEqual(
      amount === 0 ? {} : { "exp:commission": amount, "dist:A:held": -amount },
    );
    expect(lineIn(store)).toMatchObject({ amount_minor: amount, state: "held", due_ms: DUE });
  });

  test("remembers a version that found nothing, and opens the line when there is something", () => {
    const store = play(told({ ver: 4, amount_minor: 0 }), told());
    expect(balances(store)).toEqual({});
    expect(store.entries.flatMap(({ effects }) => effects.lines ?? [])).toEqual([]);
    settleMove(told({ ver: 6, amount_minor: 300 }), { store, rules, nowMs: END });
    expect(balances(store)).toEqual({ "exp:commission": 300, "dist:A:held": -300 });
    expect(lineIn(store)).toMatchObject({ state: "held", due_ms: DUE });
  });

  test("is released when its holdback is over; what comes then lands where it is", () => {
    const due: Move = { kind: "due", line_id: lineOf().line_id };
    const early = play(told(), { at: DUE - 1, move: due });
    expect(balances(early)).toMatchObject({ "dist:A:held": -2000 });
    const store = play(told(), { at: DUE, move: due }, { at: DUE, move: due });
    expect(balances(store)).toEqual({ "exp:commission": 2000, "dist:A:available": -2000 });
    settleMove(told({ ver: 4, amount_minor: 1500 }), { store, rules, nowMs: DUE });
    expect(balances(store)).toEqual({ "exp:commission": 1500, "dist:A:available": -1500 });
  });

  test("pays at once where nothing is held back", () => {
    const store = play(told({ bucket: "available", available_ms: null }));
    expect(balances(store)).toEqual({ "exp:commission": 2000, "dist:A:available": -2000 });
    expect(lineIn(store)).toMatchObject({ state: "available", due_ms: null });
  });
});
