import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { takenBack } from "#src/core/order/returned.ts";
import { type Goods, type Return, type Sale, sumOf } from "#src/core/order/state.ts";
import { moneyTaken, postTakings, returnDates, takingsOf } from "#src/core/order/takings.ts";
import { runs } from "../../support/runs.ts";

const GOODS: Goods = {
  currency: "USD",
  amount_minor: 27_500,
  net_minor: 25_000,
  tax_minor: 2000,
  shipping_minor: 500,
  cv_x100: 20_000,
  pv_x100: 20_000,
  source_node: "B",
  order_kind: "store",
  package: null,
};
const SALE: Sale = {
  ...GOODS,
  payment_id: "P1",
  fee_minor: null,
  paid_ms: 0,
  period_id: "2026-07",
};

const back = (id: string, occurred_ms: number, given: Partial<Return> = {}): Return => ({
  kind: "refund",
  id,
  amount_minor: 5000,
  parts: { net_minor: 5000, tax_minor: 0, shipping_minor: 0 },
  occurred_ms,
  open: false,
  undone: false,
  ...given,
});
const dispute = (id: string, occurred_ms: number, given: Partial<Return> = {}) =>
  back(id, occurred_ms, { kind: "dispute", ...given });
const won = (ended_ms?: number) =>
  ended_ms === undefined ? { undone: true } : { undone: true, ended_ms };

describe("takingsOf(), returnDates()", () => {
  test.each<{ name: string; returns: readonly Return[]; dates: unknown }>([
    { name: "nothing of no return", returns: [], dates: [] },
    {
      name: "each at its time, whichever was heard of first",
      returns: [back("R2", 9), back("R1", 7)],
      dates: [
        [7, 5000],
        [9, 10_000],
      ],
    },
    {
      name: "those of one instant as one",
      returns: [back("R2", 7), dispute("R1", 7)],
      dates: [[7, 10_000]],
    },
    {
      name: "a dispute that was won, until then",
      returns: [back("R1", 8), dispute("D1", 7, won(9))],
      dates: [
        [7, 5000],
        [8, 10_000],
        [9, 5000],
      ],
    },
    {
      name: "a dispute of the whole that was won after the whole was refunded: no more than that",
      returns: [
        dispute("D1", 7, { ...won(9), parts: null, amount_minor: 27_500 }),
        back("R1", 8, { parts: null, amount_minor: 27_500 }),
      ],
      dates: [[7, 25_000]],
    },
    {
      name: "what does not fit of parts by its amount alone, of what is left of the sale",
      returns: [
        back("R1", 7, {
          amount_minor: 500,
          parts: { net_minor: 0, tax_minor: 0, shipping_minor: 500 },
        }),
        back("R2", 8, {
          amount_minor: 500,
          parts: { net_minor: 0, tax_minor: 0, shipping_minor: 500 },
        }),
      ],
      dates: [[8, 463]],
    },
    {
      name: "by its amount what one that was won told above the part that there was",
      returns: [
        dispute("D1", 7, {
          ...won(9),
          amount_minor: 1100,
          parts: { net_minor: 0, tax_minor: 0, shipping_minor: 1100 },
        }),
      ],
      dates: [
        [7, 556],
        [9, 0],
      ],
    },
    { name: "nothing of one whose end came first", returns: [dispute("D1", 7, won())], dates: [] },
    {
      name: "nothing of one that ended before it began",
      returns: [dispute("D1", 7, won(6))],
      dates: [],
    },
    {
      name: "nothing of one that takes no goods",
      returns: [
        back("R1", 7, {
          amount_minor: 2000,
          parts: { net_minor: 0, tax_minor: 2000, shipping_minor: 0 },
        }),
      ],
      dates: [],
    },
  ])("tell $name", ({ returns, dates }) => {
    expect(returnDates({ sale: SALE, returns })).toEqual(dates);
  });

  test("of what was given away, all goes back at once", () => {
    const free = { ...SALE, amount_minor: 0, net_minor: 0, tax_minor: 0, shipping_minor: 0 };
    const nothing = { amount_minor: 0, parts: null };
    expect(
      returnDates({ sale: free, returns: [back("R1", 7, nothing), back("R2", 8, nothing)] }),
    ).toEqual([[7, 1]]);
  });

  test("beyond 32 instants, those of one day are told as one", () => {
    const HOUR_MS = 3_600_000;
    const hourly = (count: number) =>
      Array.from({ length: count }, (_, i) =>
        back(`R${i}`, i * HOUR_MS, { amount_minor: 10, parts: null }),
      );
    const dates = (count: number) => returnDates({ sale: SALE, returns: hourly(count) });
    expect(dates(32)).toHaveLength(32);
    // 10 of 27 500 with taxes are 9.09 of the goods.
    expect(dates(49)).toEqual([
      [23 * HOUR_MS, 218],
      [47 * HOUR_MS, 436],
      [48 * HOUR_MS, 445],
    ]);
  });

  test("there are none without a sale", () => {
    expect(returnDates({ returns: [back("R1", 7)] })).toEqual([]);
  });

  const each = fc.record({
    amount_minor: fc.nat({ max: 4000 }),
    occurred_ms: fc.nat({ max: 5 }),
    isTold: fc.boolean(),
    end: fc.option(fc.nat({ max: 9 })),
  });
  const some = fc.array(each, { maxLength: 6 }).map((returns) =>
    returns.map(({ amount_minor, occurred_ms, isTold, end }, i) =>
      back(`R${i}`, occurred_ms, {
        amount_minor,
        // Of tax there is not so much: they count by their amounts then.
        parts: isTold ? { net_minor: 0, tax_minor: amount_minor, shipping_minor: 0 } : null,
        ...(end === null ? {} : won(end)),
      }),
    ),
  );

  test("come to what all returns that stand take, in whatever order they are kept", () => {
    fc.assert(
      fc.property(some, (returns) => {
        const taken = takingsOf(SALE, returns).reduce((sum, { parts }) => sum + sumOf(parts), 0);
        const standing = takenBack(SALE, returns);
        expect(taken).toBe(standing === undefined ? undefined : sumOf(standing));
        expect(takingsOf(SALE, returns.toReversed())).toEqual(takingsOf(SALE, returns));
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("postTakings(), moneyTaken()", () => {
  const returns = [dispute("D1", 7, won(9)), back("R1", 8)];

  test("tell each return in its own name and time", () => {
    const posted = postTakings(SALE, returns).map(
      ({ rule, debit, credit, amount_minor, reference, effective_ms }) =>
        [rule, debit, credit, amount_minor, reference, effective_ms].join(" "),
    );
    expect(posted).toEqual([
      "P7 rev:refund cash:psp 5000 D1 7",
      "P6 rev:refund cash:psp 5000 R1 8",
      "P7 cash:psp rev:refund 5000 D1 9",
    ]);
    expect(moneyTaken(returns)).toEqual([
      { at_ms: 7, id: "D1", minor: 5000 },
      { at_ms: 8, id: "R1", minor: 5000 },
      { at_ms: 9, id: "D1", minor: -5000 },
    ]);
  });
});
