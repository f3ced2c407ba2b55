import { describe, expect, test } from "vitest";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { readView } from "#src/core/distributor/view.ts";
import { readWriteOff, writeOffKey } from "#src/core/distributor/write-off.ts";
import { settle, settleMove } from "#src/core/subject/settle.ts";
import { arrive, NOW_MS } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

type Step = "receivable" | "bad_debt";

const desk = (store: MemoryStore, nowMs = NOW_MS) => ({ store, rules: distributorRules, nowMs });

let adjustments = 0;

/** Somebody owes so much more; below zero, so much is payable. */
const owe = (store: MemoryStore, amount: number, source: string) => {
  adjustments += 1;
  const adjustment = { line_id: `A${adjustments}`, amount_minor: -amount };
  settle(arrive("adjustment.posted", { key: "dist:B", seq: 1, source }, adjustment), desk(store));
};

const status = (store: MemoryStore, value: string, rev: number) =>
  settle(
    arrive(
      "distributor.status_changed",
      { id: `status ${rev}`, key: "dist:B", rev },
      { status: value, effective_at: "2026-01-01" },
    ),
    desk(store),
  );

/** Somebody who left and owes so much. */
function owing(amount: number, as = "terminated"): MemoryStore {
  const store = new MemoryStore();
  settle(arrive("distributor.enrolled"), desk(store));
  status(store, as, 1);
  owe(store, amount, "core");
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
    desk(store),
  );

const balances = (store: MemoryStore) =>
  Object.fromEntries(
    Object.entries(readView(store.view()).balances)
      .map(([account, amounts]) => [account, Number(amounts["USD"] ?? 0)] as const)
      .filter(([account, sum]) => sum !== 0 && account !== "exp:commission"),
  );

const doneOf = (store: MemoryStore, actId: string) => {
  const fact = store.fact(writeOffKey(actId));
  return fact && readWriteOff(fact);
};

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
    expect(doneOf(store, "act1")).toEqual({ amount_minor: 2000 });
  });

  test.each<{ name: string; store: () => MemoryStore; step: Step; currency?: string }>([
    { name: "of another currency", store: () => owing(5000), step: "receivable", currency: "EUR" },
    { name: "of somebody who is owed", store: () => owing(-5000), step: "receivable" },
    { name: "that nobody collects", store: () => owing(5000), step: "bad_debt" },
  ])("$name stays, and so does one that is owed only later", ({ store: of, step, currency }) => {
    const store = of();
    const before = balances(store);
    writeOff(store, "act1", step, 5000, currency);
    expect(balances(store)).toEqual(before);
    expect(doneOf(store, "act1")).toEqual({ amount_minor: 0, refusal: "nothing_owed" });
    expect(store.entries.at(-1)?.effects).toEqual({});
    owe(store, 20_000, "bank");
    if (step === "bad_debt") writeOff(store, "act2", "receivable", 20_000);
    const later = store.dump();
    writeOff(store, "act1", step, 5000, currency);
    expect(store.dump()).toEqual(later);
  });

  test.each(["active", "grace", "suspended"])("of somebody who is %s is his to pay", (as) => {
    const store = owing(5000, as);
    writeOff(store, "act1", "receivable", 5000);
    expect(balances(store)).toEqual({ "dist:B:available": 5000 });
    expect(doneOf(store, "act1")).toEqual({ amount_minor: 0, refusal: "not_terminated" });
    status(store, "terminated", 2);
    writeOff(store, "act2", "receivable", 5000);
    status(store, as, 3);
    writeOff(store, "act3", "bad_debt", 5000);
    expect(balances(store)).toEqual({ "exp:bad_debt": 5000 });
  });
});
