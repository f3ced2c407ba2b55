import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fitting,
  haveRoom,
  leftOf,
  minus,
  returnedParts,
  takenBack,
} from "#src/core/order/returned.ts";
import { type Parts, type Return, sumOf } from "#src/core/order/state.ts";
import { runs } from "../../support/runs.ts";

const parts = (net_minor: number, tax_minor = 0, shipping_minor = 0): Parts => ({
  net_minor,
  tax_minor,
  shipping_minor,
});

const back = (amount: number | Parts, given: Partial<Return> = {}): Return => ({
  kind: "refund",
  id: "R1",
  amount_minor: typeof amount === "number" ? amount : sumOf(amount),
  parts: typeof amount === "number" ? null : amount,
  occurred_ms: 0,
  open: false,
  undone: false,
  ...given,
});

/** W1: net 250.00, tax 20.00, shipping 5.00. */
const SALE = parts(25_000, 2000, 500);

describe("returnedParts()", () => {
  test.each<{ name: string; returns: Return[]; returned: Parts | undefined }>([
    { name: "nothing", returns: [], returned: parts(0) },
    {
      name: "parts as they are told",
      returns: [back(parts(10_000, 800))],
      returned: parts(10_000, 800),
    },
    {
      name: "all of it in parts",
      returns: [back(parts(10_000, 800)), back(parts(15_000, 1200, 500))],
      returned: SALE,
    },
    { name: "an amount alone, pro rata", returns: [back(5500)], returned: parts(5000, 400, 100) },
    {
      name: "two amounts as one sum",
      returns: [back(1), back(5499)],
      returned: parts(5000, 400, 100),
    },
    { name: "all of it in amounts", returns: [back(13_751), back(13_749)], returned: SALE },
    {
      name: "an amount beside parts, of what those left",
      returns: [back(parts(25_000)), back(1250)],
      returned: parts(25_000, 1000, 250),
    },
    {
      name: "no dispute that was won",
      returns: [back(27_500, { undone: true })],
      returned: parts(0),
    },
    {
      name: "a dispute that is open",
      returns: [back(SALE, { kind: "dispute", open: true })],
      returned: SALE,
    },
    { name: "more than the amount: none", returns: [back(27_501)], returned: undefined },
    { name: "more than one part: none", returns: [back(parts(0, 2001))], returned: undefined },
    {
      name: "parts and amounts that exceed it together: none",
      returns: [back(SALE), back(1)],
      returned: undefined,
    },
    {
      name: "a won dispute leaves room",
      returns: [back(27_500, { undone: true }), back(SALE)],
      returned: SALE,
    },
  ])("$name", ({ returns, returned }) => {
    expect(returnedParts(SALE, returns)).toEqual(returned);
    expect(returnedParts(SALE, returns.toReversed())).toEqual(returned);
  });

  test("takes back what the returns come to, never more of a part than there is", () => {
    const part = fc.nat({ max: 900 });
    const sale = fc.record({ net_minor: part, tax_minor: part, shipping_minor: part });
    const amounts = fc.array(fc.nat({ max: 600 }), { maxLength: 5 });
    fc.assert(
      fc.property(sale, amounts, (of, told) => {
        const returned = returnedParts(
          of,
          told.map((amount) => back(amount)),
        );
        const sum = told.reduce((so, amount) => so + amount, 0);
        expect(returned === undefined).toBe(sum > sumOf(of));
        if (returned === undefined) return;
        expect(sumOf(returned)).toBe(sum);
        const left = minus(of, returned);
        expect(
          Math.min(left.net_minor, left.tax_minor, left.shipping_minor),
        ).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("fitting(), takenBack(), haveRoom()", () => {
  const shipping = (id: string, given: Partial<Return> = {}) =>
    back(parts(0, 0, 500), { id, ...given });
  const fit = (returns: readonly Return[]) =>
    fitting(SALE, returns).flatMap(({ id, parts: told, amount_minor }) =>
      told === null || sumOf(told) < amount_minor ? [] : [id],
    );

  test.each<{ name: string; returns: Return[]; fits: string[]; returned: Parts | undefined }>([
    {
      name: "all that fit",
      returns: [shipping("R1"), back(parts(10_000), { id: "R2" })],
      fits: ["R1", "R2"],
      returned: parts(10_000, 0, 500),
    },
    {
      name: "the earlier of two of the same part, the other by its amount of what that leaves",
      returns: [shipping("R1", { occurred_ms: 2 }), shipping("R2", { occurred_ms: 1 })],
      fits: ["R2"],
      returned: parts(463, 37, 500),
    },
    {
      name: "the one that was ever told to be the earlier",
      returns: [shipping("R1", { occurred_ms: 2, told_ms: 0 }), shipping("R2", { occurred_ms: 1 })],
      fits: ["R1"],
      returned: parts(463, 37, 500),
    },
    {
      name: "of one instant the one that sorts first, a dispute before a refund",
      returns: [shipping("A"), shipping("B", { kind: "dispute" })],
      fits: ["B"],
      returned: parts(463, 37, 500),
    },
    {
      name: "what fits after one that does not",
      returns: [
        shipping("R1"),
        back(parts(20_000, 0, 100), { id: "R2", occurred_ms: 1 }),
        back(parts(1000, 2000), { id: "R3", occurred_ms: 2 }),
      ],
      fits: ["R1", "R3"],
      returned: parts(21_100, 2000, 500),
    },
    {
      name: "a unit of tax that was rounded up once too often as what is left",
      returns: [1, 2, 3].map((n) =>
        back(parts(n === 3 ? 8334 : 8333, 667), { id: `R${n}`, occurred_ms: n }),
      ),
      fits: ["R1", "R2"],
      returned: parts(25_000, 2000, 1),
    },
    {
      name: "as if there were none that takes nothing",
      returns: [shipping("R1", { undone: true }), shipping("R2", { occurred_ms: 1 })],
      fits: ["R1", "R2"],
      returned: parts(0, 0, 500),
    },
    {
      name: "nothing where their sum is above the sale",
      returns: [shipping("R1"), back(SALE, { id: "R2", occurred_ms: 1 })],
      fits: ["R1"],
      returned: undefined,
    },
  ])("count $name", ({ returns, fits, returned }) => {
    expect(fit(returns)).toEqual(fits);
    expect(fit(returns.toReversed())).toEqual(fits.toReversed());
    expect(takenBack(SALE, returns)).toEqual(returned);
    expect(takenBack(SALE, returns.toReversed())).toEqual(returned);
  });

  test.each<{ name: string; before: Return[]; more: Return; room: boolean }>([
    { name: "one that fits", before: [shipping("R1")], more: back(parts(25_000)), room: true },
    { name: "an amount alone", before: [shipping("R1")], more: back(27_000), room: true },
    { name: "no amount above it", before: [shipping("R1")], more: back(27_001), room: false },
    {
      name: "a second one of a part other than the goods",
      before: [shipping("R1")],
      more: shipping("R2"),
      room: true,
    },
    {
      name: "no more of the goods than there were",
      before: [back(parts(20_000))],
      more: back(parts(5001), { id: "R2" }),
      room: false,
    },
    {
      name: "no goods above them, though an amount alone leaves none of its own",
      before: [back(2500)],
      more: back(parts(25_001), { id: "R2" }),
      room: false,
    },
    {
      name: "tax alone where the goods that were told before they were known are too many",
      before: [back(parts(26_000))],
      more: back(parts(0, 500), { id: "R2" }),
      room: true,
    },
    {
      name: "one that takes nothing",
      before: [shipping("R1")],
      more: shipping("R2", { undone: true }),
      room: true,
    },
    {
      name: "one that fits beside others that do not",
      before: [shipping("R1"), shipping("R2")],
      more: back(parts(1000), { id: "R3" }),
      room: true,
    },
  ])("have room for $name", ({ before, more, room }) => {
    expect(haveRoom(SALE, before, [...before, more])).toBe(room);
  });

  test("whatever is told, they come to its sum, in any order", () => {
    const part = fc.nat({ max: 900 });
    const three = fc.record({ net_minor: part, tax_minor: part, shipping_minor: part });
    const each = fc.record({ told: three, isThin: fc.boolean(), occurred_ms: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(three, fc.array(each, { maxLength: 5 }), (sale, drafts) => {
        const returns = drafts.map(({ told, isThin, occurred_ms }, i) =>
          back(isThin ? sumOf(told) : told, { id: `R${i}`, occurred_ms }),
        );
        const sum = returns.reduce((so, { amount_minor }) => so + amount_minor, 0);
        const taken = takenBack(sale, returns);
        expect(taken && sumOf(taken)).toBe(sum > sumOf(sale) ? undefined : sum);
        expect(takenBack(sale, returns.toReversed())).toEqual(taken);
      }),
      { numRuns: runs(200) },
    );
  });
});

test("leftOf() is what is left of the sale's amount, and nothing before a sale", () => {
  expect(leftOf({ returned: parts(0) })).toBe(0);
  const sale = {
    ...SALE,
    currency: "USD",
    amount_minor: 27_500,
    cv_x100: 0,
    pv_x100: 0,
    source_node: "B",
    order_kind: "store",
    package: null,
    payment_id: "P1",
    fee_minor: null,
    paid_ms: 0,
    period_id: null,
  };
  expect(leftOf({ sale, returned: parts(10_000, 800) })).toBe(16_700);
});

test("minus() takes part from part", () => {
  expect(minus(SALE, parts(1, 2, 3))).toEqual(parts(24_999, 1998, 497));
});
