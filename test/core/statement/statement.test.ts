import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Movement, type Statement, statementsOf } from "#src/core/statement/statement.ts";
import { runs } from "../../support/runs.ts";

const COMMISSION = "exp:commission";

const moved = (
  rule: string,
  debit: string,
  credit: string,
  amount: number,
  more: Partial<Movement> = {},
): Movement => ({
  rule,
  debit: name(debit),
  credit: name(credit),
  component: null,
  currency: "USD",
  amount: BigInt(amount),
  isBefore: false,
  ...more,
});

/** A bucket alone is one of distributor B's. */
const name = (account: string) => (account.includes(":") ? account : `dist:B:${account}`);

const only = (movements: readonly Movement[]): Statement => {
  const [statement, ...more] = statementsOf("B", movements);
  if (statement === undefined || more.length > 0) throw new Error("Not one statement");
  return statement;
};

const NOTHING: Statement = {
  currency: "USD",
  opening: 0n,
  lines: [],
  reversals: [],
  adjustments: 0n,
  fees: 0n,
  withholding: 0n,
  payouts: 0n,
  other: 0n,
  closing: 0n,
  pending: 0n,
  in_transit: 0n,
};

describe("statementsOf()", () => {
  const unilevel = { component: "unilevel" };

  test.each<{ name: string; given: Movement[]; expected: Partial<Statement> }>([
    {
      name: "a core's line",
      given: [moved("P3", COMMISSION, "held", 400, unilevel)],
      expected: { lines: [{ component: "unilevel", amount: 400n }], closing: 400n },
    },
    {
      name: "a line that waits for the core",
      given: [moved("PL", COMMISSION, "pending", 400, unilevel)],
      expected: { pending: 400n },
    },
    {
      name: "a line that the core confirms, once",
      given: [
        moved("PL", COMMISSION, "pending", 400, unilevel),
        moved("P3", "pending", COMMISSION, 400, unilevel),
        moved("P3", COMMISSION, "held", 390, unilevel),
      ],
      expected: { lines: [{ component: "unilevel", amount: 390n }], closing: 390n },
    },
    {
      name: "a line that is final at once, and becomes less",
      given: [
        moved("PL", COMMISSION, "available", 400, unilevel),
        moved("PL", "available", COMMISSION, 150, unilevel),
      ],
      expected: { lines: [{ component: "unilevel", amount: 250n }], closing: 250n },
    },
    {
      name: "a release",
      given: [moved("P4", "held", "available", 400, unilevel)],
      expected: {},
    },
    {
      name: "a reversal by component, and one of a line that is not known",
      given: [
        moved("P5", "available", COMMISSION, 100, unilevel),
        moved("P5", "held", COMMISSION, 30),
        moved("P5", "pending", COMMISSION, 7, unilevel),
      ],
      expected: {
        reversals: [
          { component: "unilevel", amount: -100n },
          { component: null, amount: -30n },
        ],
        closing: -130n,
        pending: -7n,
      },
    },
    {
      name: "adjustments of either sign",
      given: [
        moved("P8", COMMISSION, "available", 12_100),
        moved("P8", "available", COMMISSION, 100),
        moved("P12", COMMISSION, "available", 1),
      ],
      expected: { adjustments: 12_001n, closing: 12_001n },
    },
    {
      name: "a payout in its parts",
      given: [
        moved("P9", "available", "in_transit", 12_000),
        moved("P9", "available", "rev:payout_fee", 150),
        moved("P9", "available", "tax:withholding", 350),
      ],
      expected: {
        payouts: -12_000n,
        fees: -150n,
        withholding: -350n,
        closing: -12_500n,
        in_transit: 12_000n,
      },
    },
    {
      name: "a settled payout",
      given: [moved("P10", "in_transit", "cash:bank", 12_000)],
      expected: { in_transit: -12_000n },
    },
    {
      name: "a failed payout, of which the fee was kept",
      given: [
        moved("P9", "available", "in_transit", 12_000),
        moved("P9", "available", "rev:payout_fee", 150),
        moved("P9", "available", "tax:withholding", 350),
        moved("P11", "in_transit", "available", 12_000),
        moved("P11", "tax:withholding", "available", 350),
      ],
      expected: { fees: -150n, closing: -150n },
    },
    {
      name: "a debt that is moved for collection",
      given: [
        moved("P14", "recv:dist:B", "available", 5000),
        moved("P14", "exp:bad_debt", "recv:dist:B", 5000),
      ],
      expected: { other: 5000n, closing: 5000n },
    },
    {
      name: "a rule that nobody told it of",
      given: [moved("P99", "suspense:recon", "held", 3)],
      expected: { other: 3n, closing: 3n },
    },
    {
      name: "what took effect before",
      given: [
        moved("P3", COMMISSION, "held", 400, { ...unilevel, isBefore: true }),
        moved("PL", COMMISSION, "pending", 5, { isBefore: true }),
      ],
      expected: { opening: 400n, closing: 400n, pending: 5n },
    },
    {
      name: "sums beyond 2^53",
      given: [0, 1, 2].map(() => moved("P8", COMMISSION, "available", Number.MAX_SAFE_INTEGER)),
      expected: { adjustments: 27_021_597_764_222_973n, closing: 27_021_597_764_222_973n },
    },
  ])("shows $name", ({ given, expected }) => {
    const ballast = moved("P8", COMMISSION, "available", 1, { isBefore: true });
    const { opening, closing, ...rest } = only([...given, ballast]);
    const shown = { ...NOTHING, ...rest, opening: opening - 1n, closing: closing - 1n };
    expect(shown).toEqual({ ...NOTHING, ...expected });
  });

  test("keeps currencies apart, in their order, and leaves out those without anything", () => {
    const given = [
      moved("P8", COMMISSION, "available", 2),
      moved("P8", COMMISSION, "available", 1, { currency: "EUR" }),
      moved("P8", COMMISSION, "available", 1, { currency: "CHF", isBefore: true }),
      moved("P8", "available", COMMISSION, 1, { currency: "CHF", isBefore: true }),
    ];
    const statements = statementsOf("B", given);
    expect(statements.map(({ currency, closing }) => `${closing} ${currency}`)).toEqual([
      "1 EUR",
      "2 USD",
    ]);
  });

  test("counts nobody else's accounts", () => {
    const given = [moved("P3", COMMISSION, "dist:C:held", 400)];
    expect(statementsOf("B", given)).toEqual([]);
  });
});

const BUCKETS = ["pending", "held", "available", "in_transit"];

/** Any transfer at all, with the month in which it took effect. */
const transfer = fc.record({
  rule: fc.constantFrom("PL", "P3", "P4", "P5", "P8", "P9", "P10", "P11", "P12", "P14", "P7", ""),
  debit: fc.constantFrom(
    ...BUCKETS,
    COMMISSION,
    "rev:payout_fee",
    "tax:withholding",
    "recv:dist:B",
  ),
  credit: fc.constantFrom(...BUCKETS, COMMISSION, "rev:payout_fee", "tax:withholding", "cash:bank"),
  component: fc.constantFrom(null, "unilevel", "matrix"),
  currency: fc.constantFrom("USD", "EUR"),
  amount: fc.maxSafeNat().map((amount) => amount + 1),
  month: fc.nat({ max: 4 }),
});
type Transfer = typeof transfer extends fc.Arbitrary<infer One> ? One : never;

const statementIn = (given: readonly Transfer[], month: number, currency: string): Statement => {
  const movements = given
    .filter((one) => one.month <= month)
    .map(({ rule, debit, credit, amount, ...one }) =>
      moved(rule, debit, credit, amount, { ...one, isBefore: one.month < month }),
    );
  const found = statementsOf("B", movements).find((one) => one.currency === currency);
  return found ?? { ...NOTHING, currency };
};

/** Straight from the ledger: credits less debits of some buckets up to the end of a month. */
const owed = (
  given: readonly Transfer[],
  { month, currency, buckets }: { month: number; currency: string; buckets: readonly string[] },
): bigint =>
  given
    .filter((one) => one.month <= month && one.currency === currency)
    .reduce((sum, { debit, credit, amount }) => {
      const credited = buckets.includes(credit) ? BigInt(amount) : 0n;
      const debited = buckets.includes(debit) ? BigInt(amount) : 0n;
      return sum + credited - debited;
    }, 0n);

const partsOf = (statement: Statement): bigint =>
  [
    ...statement.lines.map(({ amount }) => amount),
    ...statement.reversals.map(({ amount }) => amount),
    statement.adjustments,
    statement.fees,
    statement.withholding,
    statement.payouts,
    statement.other,
  ].reduce((sum, amount) => sum + amount, 0n);

describe("of any transfers at all", () => {
  test("opening and parts make the closing, which is the ledger's, and the next opening", () => {
    fc.assert(
      fc.property(fc.array(transfer, { maxLength: 40 }), (given) => {
        for (const currency of ["USD", "EUR"]) {
          let before = 0n;
          for (let month = 0; month <= 4; month += 1) {
            const statement = statementIn(given, month, currency);
            expect(statement.opening).toBe(before);
            expect(statement.opening + partsOf(statement)).toBe(statement.closing);
            const at = { month, currency };
            expect(statement.closing).toBe(owed(given, { ...at, buckets: ["held", "available"] }));
            expect(statement.pending).toBe(owed(given, { ...at, buckets: ["pending"] }));
            expect(statement.in_transit).toBe(owed(given, { ...at, buckets: ["in_transit"] }));
            before = statement.closing;
          }
        }
      }),
      { numRuns: runs(150) },
    );
  });

  test("sums of alike transfers and their parts say the same", () => {
    fc.assert(
      fc.property(fc.array(transfer, { maxLength: 20 }), fc.bigInt(1n, 9n), (given, extra) => {
        const whole = given.map(({ rule, debit, credit, amount, month, ...one }) =>
          moved(rule, debit, credit, amount, { ...one, isBefore: month < 2 }),
        );
        const summed = whole.map((one) => ({ ...one, amount: one.amount + extra }));
        const apart = [...whole, ...whole.map((one) => ({ ...one, amount: extra }))];
        expect(statementsOf("B", apart)).toEqual(statementsOf("B", summed));
      }),
      { numRuns: runs(100) },
    );
  });
});
