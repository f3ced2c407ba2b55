import { describe, expect, test } from "vitest";
import { EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { distributorRules, isDistributorEvent } from "#src/core/distributor/rules.ts";
import { readView } from "#src/core/distributor/view.ts";
import { settle } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { again, arrive, event, NOW_MS, retold } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

const key = "dist:B";

/** Settles one after the other; answers with the outcomes. */
function play(arrivals: readonly Arrival[], store = MemoryStore.enrolled()) {
  const outcomes = arrivals.map((arrival) => {
    const settlement = settle(arrival, { store, rules: distributorRules, nowMs: NOW_MS });
    if (settlement.kind === "failed") return settlement.error;
    return settlement.kind === "settled" ? settlement.outcome : settlement.kind;
  });
  return { store, outcomes };
}

const balances = (store: MemoryStore, currency = "USD") =>
  Object.fromEntries(
    Object.entries(readView(store.view()).balances)
      .map(([account, amounts]) => [account, amounts[currency] ?? "0"] as const)
      .filter(([, sum]) => sum !== "0"),
  );

describe("distributorRules with the stream of DOMAIN's example W2", () => {
  const W2 = [
    arrive("commission.posted", { id: "1", key, seq: 1 }),
    arrive("commission.released", { id: "2", key, seq: 2 }),
    arrive("adjustment.posted", { id: "3", key, seq: 3 }),
    arrive("payout.initiated", { id: "4", key, seq: 4 }),
    arrive("payout.settled", { id: "5", key, seq: 5 }),
  ];
  const END = { "exp:commission": "12500", "cash:bank": "-12350", "rev:payout_fee": "-150" };

  const permutations = <T>(items: readonly T[]): T[][] =>
    items.length === 0
      ? [[]]
      : items.flatMap((first, i) =>
          permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest]),
        );
  const orders = permutations(W2);

  const lineOf = (store: MemoryStore) => JSON.parse(store.fact("line:L1")?.state ?? "null");
  const outcomes = (store: MemoryStore) =>
    W2.map(({ event: { id } }) => store.seen("core", id)?.outcome);
  const expectEnd = (store: MemoryStore) => {
    expect(balances(store)).toEqual(END);
    expect(lineOf(store)).toMatchObject({
      state: "available",
      amount_minor: 400,
      reversed_minor: 0,
    });
  };

  test("has the balances of the example after each step", () => {
    const store = MemoryStore.enrolled();
    const steps = W2.map((arrival) => {
      play([arrival], store);
      return Object.entries(balances(store))
        .filter(([account]) => account !== "exp:commission")
        .map(([account, sum]) => `${account} ${sum}`);
    });
    expect(steps).toEqual([
      ["dist:B:held -400"],
      ["dist:B:available -400"],
      ["dist:B:available -12500"],
      ["dist:B:in_transit -12350", "rev:payout_fee -150"],
      ["rev:payout_fee -150", "cash:bank -12350"],
    ]);
  });

  test("ends the same for all 120 orders of arrival, each event twice at once", () => {
    expect(orders).toHaveLength(120);
    for (const order of orders) {
      const { store } = play(order.flatMap((arrival) => [arrival, again(arrival)]));
      expectEnd(store);
      expect(outcomes(store)).toEqual(W2.map(() => "applied"));
      expect(store.entries.filter(({ outcome }) => outcome === "applied")).toHaveLength(5);
    }
  });

  test("ends the same for all 120 orders of arrival, all of it once more in reverse", () => {
    for (const order of orders) {
      const { store } = play(order);
      const before = store.dump();
      play(
        order.toReversed().map((arrival) => again(arrival)),
        store,
      );
      expect(store.dump()).toEqual(before);
      expectEnd(store);
    }
  });

  test("ends the same where each event is told under a second id too, which is a duplicate", () => {
    for (const [nth, order] of orders.entries()) {
      const second = (orders[(nth * 7) % orders.length] ?? []).map((arrival) => retold(arrival));
      // First tellings in one order, second tellings in another, zipped.
      const { store } = play(order.flatMap((arrival, i) => [arrival, ...second.slice(i, i + 1)]));
      expectEnd(store);
      const pairs = W2.map(
        ({ event: { id } }) =>
          new Set([id, `${id}-retold`].map((told) => store.seen("core", told)?.outcome)),
      );
      expect(pairs).toEqual(W2.map(() => new Set(["applied", "duplicate"])));
    }
  });

  test("lets 5 wait for 4 and finds the second 3 a duplicate, in DOMAIN's order", () => {
    const [one, two, three, four, five] = W2;
    if (!one || !two || !three || !four || !five) throw new Error("W2 has five events");
    const arrivals = [five, one, three, retold(three), four, two];
    const { store, outcomes: told } = play(arrivals);
    expect(told).toEqual(["buffered", "applied", "buffered", "duplicate", "buffered", "applied"]);
    expectEnd(store);
  });
});

describe("distributorRules where two facts exclude each other", () => {
  const posted = (data = {}, envelope = {}) =>
    arrive("commission.posted", { id: "p", key, seq: 1, ...envelope }, data);
  const bank = { source: "bank", key, seq: 1, id: "b" };
  const SECOND = { id: "second", key, seq: 2 };

  test.each<{ name: string; first: Arrival[]; second: Arrival }>([
    {
      name: "a line with another amount",
      first: [posted()],
      second: posted({ amount_minor: 401 }, SECOND),
    },
    {
      name: "a line in another currency, from another source",
      first: [posted()],
      second: posted({ currency: "EUR" }, bank),
    },
    {
      name: "a line of another order",
      first: [posted()],
      second: posted({ order_id: "O2" }, SECOND),
    },
    {
      name: "an adjustment under a line's id",
      first: [posted()],
      second: arrive("adjustment.posted", SECOND, { line_id: "L1" }),
    },
    {
      name: "a reversal under an adjustment's id",
      first: [posted(), arrive("adjustment.posted", { ...bank, id: "a" })],
      second: arrive("commission.reversed", SECOND, { line_id: "ADJ1" }),
    },
    {
      name: "a reversal of another amount",
      first: [posted(), arrive("commission.reversed", bank)],
      second: arrive("commission.reversed", SECOND, { amount_minor: 1 }),
    },
    {
      name: "a payout of other parts",
      first: [arrive("payout.initiated", { id: "1", key, seq: 1 })],
      second: arrive("payout.initiated", SECOND, { net_minor: 12_500, fee_minor: 0 }),
    },
    {
      name: "a failure after the settlement",
      first: [arrive("payout.initiated", { id: "1", key, seq: 1 }), arrive("payout.settled", bank)],
      second: arrive("payout.failed", SECOND),
    },
    {
      name: "a settlement after the failure",
      first: [arrive("payout.initiated", { id: "1", key, seq: 1 }), arrive("payout.failed", bank)],
      second: arrive("payout.settled", SECOND),
    },
    {
      name: "a failure with the fee going back",
      first: [arrive("payout.initiated", { id: "1", key, seq: 1 }), arrive("payout.failed", bank)],
      second: arrive("payout.failed", SECOND, { fee_kept: false }),
    },
    {
      name: "another status under the same revision",
      first: [arrive("distributor.status_changed", { id: "s1", key, rev: 3 })],
      second: arrive("distributor.status_changed", { id: "s2", key, rev: 3 }, { status: "active" }),
    },
    {
      name: "another enrolment without a revision",
      first: [arrive("distributor.enrolled", { id: "s1" })],
      second: arrive("distributor.enrolled", { id: "s2" }, { sponsor_id: "Z" }),
    },
  ])("keeps $name for a person, and changes nothing", ({ first, second }) => {
    const { store, outcomes } = play(first);
    expect(outcomes).toEqual(first.map(() => "applied"));
    const before = { balances: balances(store), view: store.view(), facts: [...store.facts] };
    expect(play([second], store).outcomes).toEqual(["conflict"]);
    expect({ balances: balances(store), view: store.view(), facts: [...store.facts] }).toEqual(
      before,
    );
    expect(store.kept(second.eventId)).toMatchObject({
      outcome: "conflict",
      code: "fact_contradicted",
    });
  });

  test.each<{ name: string; second: Arrival; code: string }>([
    {
      name: "a reversal of more than is left",
      second: arrive("commission.reversed", SECOND, { amount_minor: 401 }),
      code: "reversal_exceeds_line",
    },
    {
      name: "a reversal in another currency",
      second: arrive("commission.reversed", SECOND, { currency: "EUR" }),
      code: "currency_mismatch",
    },
    {
      name: "the reversal of an adjustment",
      second: arrive("commission.reversed", SECOND, { reverses_line_id: "ADJ1" }),
      code: "line_unknown",
    },
    {
      name: "the release of a line nobody posted",
      second: arrive("commission.released", SECOND, { line_id: "L9" }),
      code: "line_unknown",
    },
    {
      name: "the end of a payout nobody started",
      second: arrive("payout.settled", SECOND),
      code: "payout_unknown",
    },
  ])("quarantines $name, and lets the stream go on", ({ second, code }) => {
    const { store } = play([posted(), arrive("adjustment.posted", bank)]);
    const before = balances(store);
    const third = arrive(
      "adjustment.posted",
      { id: "3", key, seq: 3 },
      { line_id: "A3", amount_minor: 1 },
    );
    expect(play([second], store).outcomes).toEqual(["quarantined"]);
    expect(balances(store)).toEqual(before);
    expect(store.kept(second.eventId)).toMatchObject({ outcome: "quarantined", code });
    expect(play([third], store).outcomes).toEqual(["applied"]);
  });

  test("lets a payout be named like another one's end", () => {
    const odd = { payout_id: "PO1:end" };
    const { store, outcomes } = play([
      arrive("payout.initiated", { id: "1", key, seq: 1 }),
      arrive("payout.settled", { id: "2", key, seq: 2 }),
      arrive("payout.initiated", { id: "3", key, seq: 3 }, odd),
      arrive("payout.settled", { id: "4", key, seq: 4 }, odd),
    ]);
    expect(outcomes).toEqual(["applied", "applied", "applied", "applied"]);
    expect(balances(store)).toMatchObject({ "cash:bank": "-24700" });
  });

  test("does without the end of a payout that only an end is known of", () => {
    const odd = arrive("payout.settled", { id: "2", key, seq: 3 }, { payout_id: "PO1:end" });
    const { outcomes } = play([
      arrive("payout.initiated", { id: "1", key, seq: 1 }),
      arrive("payout.settled", { id: "3", key, seq: 2 }),
      odd,
    ]);
    expect(outcomes).toEqual(["applied", "applied", "quarantined"]);
  });
});

describe("isDistributorEvent()", () => {
  test("is true of what moves a distributor's money, or says how he stands", () => {
    const types = EVENT_TYPES.filter((type) => isDistributorEvent(event(type)));
    expect(types).toEqual([
      "distributor.enrolled",
      "distributor.status_changed",
      "volume.snapshot",
      "commission.posted",
      "commission.reversed",
      "commission.released",
      "adjustment.posted",
      "rank.changed",
      "payout.initiated",
      "payout.settled",
      "payout.failed",
    ]);
  });

  test("is true of a correction that reconciliation makes, and of nobody else's", () => {
    expect(isDistributorEvent(event("recon.correction", { source: "upline:recon" }))).toBe(true);
    expect(isDistributorEvent(event("recon.correction", { source: "core" }))).toBe(false);
  });

  test("is what the rules have an effect for", () => {
    for (const type of EVENT_TYPES) {
      const act = distributorRules.act(arrive(type), new MemoryStore());
      const isUnknown = act.kind === "impossible" && act.code === "type_not_applied";
      expect(isUnknown).toBe(!isDistributorEvent(event(type)));
    }
  });
});
