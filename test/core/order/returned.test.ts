import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leftOf, minus, returnedParts } from "#src/core/order/returned.ts";
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
