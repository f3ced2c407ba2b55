import { describe, expect, test } from "vitest";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { settle } from "#src/core/subject/settle.ts";
import { arrive, NOW_MS, OUT } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

interface Step {
  readonly type: EventType;
  readonly data?: object;
  readonly occurred_at?: string;
}

/** What the last of some steps changed. */
function lastEffects(steps: readonly Step[]) {
  const store = MemoryStore.enrolled();
  for (const [i, { type, data = {}, ...envelope }] of steps.entries()) {
    const arrival = arrive(
      type,
      { ...envelope, id: `e${i}`, key: "dist:B", seq: i + 1 },
      { ...data },
    );
    settle(arrival, { store, rules: distributorRules, nowMs: NOW_MS });
  }
  return store.entries.at(-1)?.effects;
}

const posted = (data: object = {}): Step => ({ type: "commission.posted", data });

describe("actOnMoney() with commission.posted", () => {
  const at = "2026-07-25T17:20:00.000Z";
  test.each([
    { name: "without an end of its holdback", available_at: OUT, state: "held" },
    { name: "held back", available_at: "2026-07-25T17:20:00.001Z", state: "held" },
    { name: "whose holdback just ended", available_at: at, state: "available" },
    {
      name: "whose holdback ended in another zone",
      available_at: "2026-07-25T19:20:00+02:00",
      state: "available",
    },
  ])("posts a line $name as $state", ({ available_at, state }) => {
    const effects = lastEffects([{ ...posted({ available_at }), occurred_at: at }]);
    expect(effects?.lines).toMatchObject([{ state }]);
    expect(effects?.transfers).toMatchObject([{ credit: `dist:B:${state}` }]);
  });

  test("keeps the whole line", () => {
    expect(lastEffects([posted({ level: 3, paid_level: 2 })])?.lines).toEqual([
      {
        line_id: "L1",
        distributor_id: "B",
        order_id: "O1",
        component: "unilevel",
        level: 2,
        depth: 3,
        rate_ppm: 50_000,
        amount_minor: 400,
        reversed_minor: 0,
        currency: "USD",
        state: "held",
        period_id: "2026-07",
        effective_ms: NOW_MS,
      },
    ]);
  });

  test("has nothing for what a period bonus lacks", () => {
    const bare = { order_id: OUT, level: OUT, paid_level: OUT, rate_ppm: OUT };
    const missing = { order_id: null, level: null, depth: null, rate_ppm: null };
    expect(lastEffects([posted(bare)])?.lines).toMatchObject([missing]);
  });
});

describe("actOnMoney() with changes of a line", () => {
  const released: Step = { type: "commission.released" };
  const reversed: Step = { type: "commission.reversed" };

  test.each<{ name: string; steps: Step[]; line: object; transfers: object[] }>([
    {
      name: "releases what is left",
      steps: [posted(), reversed, released],
      line: { state: "available", reversed_minor: 160 },
      transfers: [{ rule: "P4", amount_minor: 240 }],
    },
    {
      name: "takes a reversal out of what is payable",
      steps: [posted(), released, reversed],
      line: { state: "available", reversed_minor: 160 },
      transfers: [{ rule: "P5", debit: "dist:B:available", amount_minor: 160 }],
    },
    {
      name: "moves nothing for the release of a line that was payable at once",
      steps: [posted({ available_at: "2026-01-01T00:00:00Z" }), released],
      line: { state: "available" },
      transfers: [],
    },
    {
      name: "moves nothing for a line and a reversal of nothing",
      steps: [posted({ amount_minor: 0 }), { ...reversed, data: { amount_minor: 0 } }],
      line: { amount_minor: 0, reversed_minor: 0 },
      transfers: [],
    },
    {
      name: "takes back the largest amount",
      steps: [
        posted({ amount_minor: Number.MAX_SAFE_INTEGER }),
        { ...reversed, data: { amount_minor: Number.MAX_SAFE_INTEGER } },
      ],
      line: { reversed_minor: Number.MAX_SAFE_INTEGER },
      transfers: [{ rule: "P5", amount_minor: Number.MAX_SAFE_INTEGER }],
    },
  ])("$name", ({ steps, line, transfers }) => {
    const effects = lastEffects(steps);
    expect(effects?.lines).toMatchObject([line]);
    expect(effects?.transfers).toMatchObject(transfers);
    expect(effects?.transfers).toHaveLength(transfers.length);
  });
});

describe("actOnMoney() with adjustment.posted", () => {
  test.each([
    { effective_at: "2026-07-20", effective_ms: Date.parse("2026-07-20T00:00:00Z") },
    { effective_at: "2026-08-01T01:00:00+01:00", effective_ms: Date.parse("2026-08-01T00:00:00Z") },
  ])("counts from $effective_at", ({ effective_at, effective_ms }) => {
    const effects = lastEffects([{ type: "adjustment.posted", data: { effective_at } }]);
    expect(effects).toMatchObject({ effective_ms, transfers: [{ rule: "P8", reference: "ADJ1" }] });
  });
});

describe("actOnMoney() with payouts", () => {
  const adjusted = (amount_minor: number): Step => ({
    type: "adjustment.posted",
    data: { amount_minor },
  });
  const started: Step = { type: "payout.initiated" };

  test.each([
    { payable: 12_500, breaks: undefined },
    { payable: 12_499, breaks: "Payout of 12500 USD, payable were 12499" },
    { payable: -1, breaks: "Payout of 12500 USD, payable were -1" },
  ])("of 12500 where $payable are payable tells of $breaks", ({ payable, breaks }) => {
    const effects = lastEffects([adjusted(payable), started]);
    const id = "PAYOUT_ABOVE_AVAILABLE:PO1";
    const told = {
      break_id: id,
      class: "PAYOUT_ABOVE_AVAILABLE",
      reference: "PO1",
      detail: breaks,
    };
    expect(effects?.breaks).toEqual(breaks === undefined ? undefined : [told]);
    expect(effects?.transfers).toHaveLength(2);
  });

  test("looks at what is payable in the payout's own currency", () => {
    const euros = { type: "adjustment.posted", data: { currency: "EUR" } } as const;
    expect(lastEffects([euros, started])?.breaks).toHaveLength(1);
  });

  test.each<{ type: EventType; transfers: object[] }>([
    { type: "payout.settled", transfers: [{ rule: "P10", credit: "cash:bank" }] },
    { type: "payout.failed", transfers: [{ rule: "P11", credit: "dist:B:available" }] },
  ])("ends one with $type", ({ type, transfers }) => {
    expect(lastEffects([started, { type }])?.transfers).toMatchObject(transfers);
  });

  test("is exact where balances pass 2^53", () => {
    const store = MemoryStore.enrolled();
    for (let seq = 1; seq <= 3; seq += 1) {
      const data = { line_id: `A${seq}`, amount_minor: Number.MAX_SAFE_INTEGER };
      const arrival = arrive("adjustment.posted", { id: `e${seq}`, key: "dist:B", seq }, data);
      settle(arrival, { store, rules: distributorRules, nowMs: NOW_MS });
    }
    expect(JSON.parse(store.view() ?? "").balances).toEqual({
      "exp:commission": { USD: "27021597764222973" },
      "dist:B:available": { USD: "-27021597764222973" },
    });
  });
});
