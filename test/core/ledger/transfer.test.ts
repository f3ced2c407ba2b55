import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketOf, post, type Transfer, transferOf } from "#src/core/ledger/transfer.ts";

const transfer = (given: Partial<Transfer> = {}): Transfer => ({
  rule: "P8",
  debit: "exp:commission",
  credit: "dist:B:available",
  amount_minor: 100,
  currency: "USD",
  reference: "A1",
  ...given,
});

describe("transferOf()", () => {
  test.each([
    { amount_minor: 0, rows: 0 },
    { amount_minor: 1, rows: 1 },
    { amount_minor: Number.MAX_SAFE_INTEGER, rows: 1 },
  ])("leaves $rows rows for $amount_minor", ({ amount_minor, rows }) => {
    const given = transfer({ amount_minor });
    expect(transferOf(given)).toEqual(rows === 0 ? [] : [given]);
  });
});

describe("bucketOf()", () => {
  test("names the account of a distributor", () => {
    expect(bucketOf("B", "in_transit")).toBe("dist:B:in_transit");
  });
});

describe("post()", () => {
  test("debits one account and credits the other", () => {
    expect(post({}, [transfer()])).toEqual({
      "exp:commission": { USD: "100" },
      "dist:B:available": { USD: "-100" },
    });
  });

  test("keeps currencies apart, and other accounts as they were", () => {
    const before = { "cash:bank": { USD: "-5" }, "exp:commission": { USD: "1" } };
    expect(post(before, [transfer({ currency: "EUR" })])).toEqual({
      "cash:bank": { USD: "-5" },
      "exp:commission": { USD: "1", EUR: "100" },
      "dist:B:available": { EUR: "-100" },
    });
    expect(before).toEqual({ "cash:bank": { USD: "-5" }, "exp:commission": { USD: "1" } });
  });

  test("is exact beyond 2^53", () => {
    const most = transfer({ amount_minor: Number.MAX_SAFE_INTEGER });
    const balances = post(post({}, [most, most, most]), [transfer({ amount_minor: 1 })]);
    expect(balances["exp:commission"]).toEqual({ USD: "27021597764222974" });
    expect(balances["dist:B:available"]).toEqual({ USD: "-27021597764222974" });
  });

  test("adds up to nothing in every currency, in any order", () => {
    const account = fc.constantFrom("a", "b", "c");
    const transfers = fc.array(
      fc
        .record({
          debit: account,
          credit: account,
          currency: fc.constantFrom("USD", "EUR"),
          amount_minor: fc.maxSafeNat(),
        })
        .map(transfer),
    );
    fc.assert(
      fc.property(transfers, (given) => {
        const balances = post({}, given);
        expect(post({}, given.toReversed())).toEqual(balances);
        for (const currency of ["USD", "EUR"]) {
          const sums = Object.values(balances).map((amounts) => BigInt(amounts[currency] ?? "0"));
          expect(sums.reduce((sum, amount) => sum + amount, 0n)).toBe(0n);
        }
      }),
    );
  });
});
