import { describe, expect, test } from "vitest";
import type { Transfer } from "#src/core/ledger/transfer.ts";
import {
  postDisputeFee,
  postFee,
  postReturned,
  postSale,
  postUnapplied,
} from "#src/core/order/posting.ts";
import type { Sale } from "#src/core/order/state.ts";

const SALE: Sale = {
  currency: "USD",
  amount_minor: 27_500,
  net_minor: 25_000,
  tax_minor: 2000,
  shipping_minor: 500,
  cv_x100: 20_000,
  pv_x100: 20_000,
  source_node: "C",
  order_kind: "store",
  package: null,
  payment_id: "P1",
  fee_minor: 828,
  paid_ms: 0,
  period_id: "2026-07",
};

/** `rule debit credit amount currency reference` of each. */
const rows = (transfers: readonly Transfer[]) =>
  transfers.map(
    ({ rule, debit, credit, amount_minor, currency, reference }) =>
      `${rule} ${debit} ${credit} ${amount_minor} ${currency} ${reference}`,
  );

const money = (amount_minor: number) => ({ amount_minor, currency: "USD", reference: "X" });
const about = { currency: "USD", reference: "X" };
const parts = (net_minor: number, tax_minor: number, shipping_minor: number) => ({
  net_minor,
  tax_minor,
  shipping_minor,
});

describe("postings of an order", () => {
  test.each<{ name: string; transfers: readonly Transfer[]; expected: readonly string[] }>([
    {
      name: "P1 and P2 of W1",
      transfers: postSale(SALE),
      expected: [
        "P1 cash:psp rev:product 25000 USD P1",
        "P1 cash:psp tax:sales 2000 USD P1",
        "P1 cash:psp rev:shipping 500 USD P1",
        "P2 exp:psp_fee cash:psp 828 USD P1",
      ],
    },
    {
      name: "a sale without tax, shipping and a known fee",
      transfers: postSale({ ...SALE, tax_minor: 0, shipping_minor: 0, fee_minor: null }),
      expected: ["P1 cash:psp rev:product 25000 USD P1"],
    },
    { name: "no fee", transfers: postFee(money(0)), expected: [] },
    {
      name: "P6 of W3",
      transfers: postReturned("P6", parts(10_000, 800, 0), about),
      expected: ["P6 rev:refund cash:psp 10000 USD X", "P6 tax:sales cash:psp 800 USD X"],
    },
    {
      name: "a dispute that was won",
      transfers: postReturned("P7", parts(-10_000, -800, -5), about),
      expected: [
        "P7 cash:psp rev:refund 10000 USD X",
        "P7 cash:psp tax:sales 800 USD X",
        "P7 cash:psp rev:shipping 5 USD X",
      ],
    },
    {
      name: "a dispute's fee",
      transfers: postDisputeFee(money(1500)),
      expected: ["P7 exp:chargeback_fee cash:psp 1500 USD X"],
    },
    {
      name: "a dispute's fee given back",
      transfers: postDisputeFee(money(-1000)),
      expected: ["P7 cash:psp exp:chargeback_fee 1000 USD X"],
    },
    {
      name: "P13",
      transfers: postUnapplied(money(27_500)),
      expected: ["P13 cash:psp cust:unapplied 27500 USD X"],
    },
    {
      name: "the return of what was unapplied",
      transfers: postUnapplied(money(-27_500)),
      expected: ["P13 cust:unapplied cash:psp 27500 USD X"],
    },
  ])("$name", ({ transfers, expected }) => {
    expect(rows(transfers)).toEqual(expected);
  });
});
