import { describe, expect, test } from "vitest";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { readView } from "#src/core/distributor/view.ts";
import { settle, settleMove } from "#src/core/subject/settle.ts";
import { arrive, NOW_MS } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

type Step = "receivable" | "bad_debt";

/** Somebody enrolled who owes so much; below zero, so much is payable. */
function owing(amount: number): MemoryStore {
  const store = new MemoryStore();
  const desk = { store, rules: distributorRules, nowMs: NOW_MS };
  const adjustment = { line_id: "A1", amount_minor: -amount };
  settle(arrive("distributor.enrolled"), desk);
  settle(arrive("adjustment.posted", { key: "dist:B", seq: 1 }, adjustment), desk);
  return store;
}

const writeOff = (
  store: MemoryStore,
  act_id: string,
  step: Step,
  amount_minor: number,
  currency = "USD",
) =>
  settleMove(
    { kind: "write_off", act_id, distributor_id: "B", step, currency, amount_minor },
    { store, rules: distributorRules, nowMs: NOW_MS },
  );

const balances = (store: MemoryStore) =>
  Object.fromEntries(
    Object.entries(readView(store.view()).balances)
      .map(([account, amounts]) => [account, Number(amounts["USD"] ?? 0)] as const)
      .filter(([account, sum]) => sum !== 0 && account !== "exp:commission"),
  );

describe("a debt", () => {
  test.each<{ name: string; acts: readonly (readonly [Step, number])[]; left: object }>([
    { name: "is collected", acts: [["receivable", 5000]], left: { "recv:dist:B": 5000 } },
    {
      name: "is collected in part",
      acts: [["receivable", 2000]],
      left: { "dist:B:available": 3000, "recv:dist:B": 2000 },
    },
    {
      name: "is never collected beyond itself",
      acts: [["receivable", 9000]],
      left: { "recv:dist:B": 5000 },
    },
    {
      name: "is lost, what of it was collected",
      acts: [
        ["receivable", 5000],
        ["bad_debt", 1000],
      ],
      left: { "recv:dist:B": 4000, "exp:bad_debt": 1000 },
    },
    {
      name: "is never lost beyond what was collected",
      acts: [
        ["receivable", 2000],
        ["bad_debt", 5000],
      ],
      left: { "dist:B:available": 3000, "exp:bad_debt": 2000 },
    },
    {
      name: "is not lost uncollected",
      acts: [["bad_debt", 5000]],
      left: { "dist:B:available": 5000 },
    },
    {
      name: "is not written off by nothing",
      acts: [["receivable", 0]],
      left: { "dist:B:available": 5000 },
    },
  ])("$name (P14)", ({ acts, left }) => {
    const store = owing(5000);
    for (const [i, [step, amount]] of acts.entries()) writeOff(store, `act${i}`, step, amount);
    expect(balances(store)).toEqual(left);
  });

  test("is written off once by one act, and again by another", () => {
    const store = owing(5000);
    for (const act of ["act1", "act1", "act2"]) writeOff(store, act, "receivable", 2000);
    expect(balances(store)).toEqual({ "dist:B:available": 1000, "recv:dist:B": 4000 });
    expect(store.entries.at(-1)?.cause).toEqual({
      kind: "act",
      event_id: "act2",
      occurred_ms: NOW_MS,
    });
  });

  test("of another currency stays, and who owes nothing has none", () => {
    const store = owing(5000);
    const before = store.dump();
    writeOff(store, "act1", "receivable", 5000, "EUR");
    expect(store.dump()).toEqual(before);
    const paid = owing(-5000);
    writeOff(paid, "act1", "receivable", 5000);
    expect(balances(paid)).toEqual({ "dist:B:available": -5000 });
  });
});
