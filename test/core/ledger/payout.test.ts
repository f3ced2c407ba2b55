import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failPayout, initiatePayout, type Payout, settlePayout } from "#src/core/ledger/payout.ts";
import { post, type Transfer } from "#src/core/ledger/transfer.ts";

const payout = (net_minor: number, fee_minor: number, withholding_minor: number): Payout => ({
  payout_id: "PO1",
  distributor_id: "B",
  gross_minor: net_minor + fee_minor + withholding_minor,
  net_minor,
  fee_minor,
  withholding_minor,
  currency: "USD",
});

const rowsOf = (transfers: readonly Transfer[]) =>
  transfers.map(
    ({ rule, debit, credit, amount_minor, currency, reference }) =>
      `${rule} ${debit} ${credit} ${amount_minor} ${currency} ${reference}`,
  );

/** Balances in USD, without the zeros. */
const sumsOf = (...transfers: readonly (readonly Transfer[])[]) =>
  Object.fromEntries(
    Object.entries(post({}, transfers.flat()))
      .map(([account, { USD }]) => [account, USD] as const)
      .filter(([, sum]) => sum !== "0"),
  );

describe("initiatePayout()", () => {
  test.each([
    {
      name: "net, fee and withholding",
      given: payout(12_000, 150, 350),
      rows: [
        "P9 dist:B:available dist:B:in_transit 12000 USD PO1",
        "P9 dist:B:available rev:payout_fee 150 USD PO1",
        "P9 dist:B:available tax:withholding 350 USD PO1",
      ],
    },
    {
      name: "a net alone",
      given: payout(12_500, 0, 0),
      rows: ["P9 dist:B:available dist:B:in_transit 12500 USD PO1"],
    },
    { name: "nothing", given: payout(0, 0, 0), rows: [] },
  ])("moves $name", ({ given, rows }) => {
    expect(rowsOf(initiatePayout(given))).toEqual(rows);
  });
});

describe("settlePayout()", () => {
  test("moves the net to the bank", () => {
    expect(rowsOf(settlePayout(payout(12_350, 150, 0)))).toEqual([
      "P10 dist:B:in_transit cash:bank 12350 USD PO1",
    ]);
  });

  test("leaves the balances of DOMAIN's example W2", () => {
    const given = payout(12_350, 150, 0);
    expect(sumsOf(initiatePayout(given), settlePayout(given))).toEqual({
      "dist:B:available": "12500",
      "rev:payout_fee": "-150",
      "cash:bank": "-12350",
    });
  });
});

describe("failPayout()", () => {
  test("keeps the fee, and nothing else, where it is kept", () => {
    const given = payout(12_000, 150, 350);
    expect(sumsOf(initiatePayout(given), failPayout(given, true))).toEqual({
      "dist:B:available": "150",
      "rev:payout_fee": "-150",
    });
  });

  test("is the mirror of the payout: nothing is left where the fee goes back", () => {
    const part = fc.nat({ max: 2 ** 50 });
    fc.assert(
      fc.property(part, part, part, (net, fee, tax) => {
        const given = payout(net, fee, tax);
        expect(sumsOf(initiatePayout(given), failPayout(given, false))).toEqual({});
      }),
    );
  });
});
