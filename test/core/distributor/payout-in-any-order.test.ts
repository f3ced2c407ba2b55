import fc from "fast-check";
import { expect, test } from "vitest";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { readView } from "#src/core/distributor/view.ts";
import { settle } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { runs } from "../../support/runs.ts";
import { again, arrive, NOW_MS, retold } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

/** Each source tells of one thing: no stream has a say in who comes first. */
const from = (source: string) => ({ source, id: `of ${source}`, key: "dist:B", seq: 1 });

const started = (source: string) =>
  arrive("payout.initiated", from(source), {
    payout_id: "PO1",
    gross_minor: 12_500,
    net_minor: 12_300,
    fee_minor: 150,
    withholding_minor: 50,
  });

const ENDS = {
  settled: (source: string) => arrive("payout.settled", from(source), { payout_id: "PO1" }),
  failed: (source: string) =>
    arrive("payout.failed", from(source), { payout_id: "PO1", fee_kept: false }),
  "fee kept": (source: string) =>
    arrive("payout.failed", from(source), { payout_id: "PO1", fee_kept: true }),
};
type End = keyof typeof ENDS;

/** By DOMAIN §3.2: of 12500 in all 123.00 are sent, 1.50 are a fee and 0.50 withheld. */
const BALANCES: Readonly<Record<End | "open", object>> = {
  open: {
    "dist:B:available": 12_500,
    "dist:B:in_transit": -12_300,
    "rev:payout_fee": -150,
    "tax:withholding": -50,
  },
  settled: {
    "dist:B:available": 12_500,
    "cash:bank": -12_300,
    "rev:payout_fee": -150,
    "tax:withholding": -50,
  },
  failed: {},
  "fee kept": { "dist:B:available": 150, "rev:payout_fee": -150 },
};

const balancesOf = (store: MemoryStore) =>
  Object.fromEntries(
    Object.entries(readView(store.view()).balances)
      .map(([account, { USD = "0" }]) => [account, Number(USD)] as const)
      .filter(([, sum]) => sum !== 0),
  );

/** The same again, and under second ids of their senders. */
const repeated = (arrivals: readonly Arrival[]) =>
  fc
    .array(fc.tuple(fc.constantFrom(...arrivals), fc.boolean()), { maxLength: 5 })
    .chain((repeats) => {
      const all = [
        ...arrivals,
        ...repeats.map(([arrival, isRetold]) => (isRetold ? retold(arrival) : again(arrival))),
      ];
      return fc.shuffledSubarray(all, { minLength: all.length });
    });

const ends = fc.array(fc.constantFrom<End[]>("settled", "failed", "fee kept"), { maxLength: 3 });

test("a payout that is told of by several ends as the first of them says, in any order", () => {
  const told = ends.chain((each) => {
    const arrivals = each.map((end, i) => ENDS[end](`end ${i} ${end}`));
    return repeated([started("core"), started("bank"), ...arrivals]);
  });
  fc.assert(
    fc.property(told, (arrivals) => {
      const store = MemoryStore.enrolled();
      const outcomes = arrivals.map(
        (arrival) => settle(arrival, { store, rules: distributorRules, nowMs: NOW_MS }).kind,
      );
      expect(outcomes).not.toContain("failed");
      const first = arrivals.find(({ event }) => event.type !== "payout.initiated");
      const end = endOf(first);
      expect(balancesOf(store)).toEqual(BALANCES[end]);
      for (const { event } of arrivals) {
        const outcome = store.seen(event.source, event.id)?.outcome;
        const isOther = event.type !== "payout.initiated" && endOf({ event }) !== end;
        // Of a contradiction told twice, one is kept.
        const allowed = isOther ? ["conflict", "duplicate"] : ["applied", "duplicate"];
        expect(allowed).toContain(outcome);
      }
      expect(store.waitingFor("payout:PO1")).toEqual([]);
      const applied = store.entries.filter(({ outcome }) => outcome === "applied");
      expect(applied).toHaveLength(end === "open" ? 1 : 2);
    }),
    { numRuns: runs(300) },
  );
});

function endOf(arrival: Pick<Arrival, "event"> | undefined): End | "open" {
  if (arrival === undefined) return "open";
  const { type, data } = arrival.event;
  if (type === "payout.settled") return "settled";
  return data["fee_kept"] === true ? "fee kept" : "failed";
}

test("of two that start one payout with other amounts, the first stands", () => {
  const other = arrive("payout.initiated", from("bank"), {
    payout_id: "PO1",
    gross_minor: 12_501,
    net_minor: 12_301,
    fee_minor: 150,
    withholding_minor: 50,
  });
  fc.assert(
    fc.property(repeated([started("core"), other, ENDS.failed("end")]), (arrivals) => {
      const store = MemoryStore.enrolled();
      for (const arrival of arrivals) {
        settle(arrival, { store, rules: distributorRules, nowMs: NOW_MS });
      }
      expect(balancesOf(store)).toEqual({});
      const first = arrivals.find(({ event }) => event.type === "payout.initiated");
      expect(store.fact("payout:PO1")?.eventId).toBe(
        store.seen(first?.event.source ?? "", first?.event.id ?? "")?.eventId,
      );
    }),
    { numRuns: runs(100) },
  );
});
