import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Payable, proposePayouts } from "#src/core/runs/proposal.ts";
import { runs } from "../../support/runs.ts";
import { planOf } from "../plans/samples.ts";

const payout = { minimum_minor: 5000, fee_minor: 150, withholding_ppm: 240_000 };
const PLAN = { ...planOf(), payout };
const payable = (available: bigint, parts: Partial<Payable> = {}): Payable => ({
  distributor_id: "B",
  available_minor: available,
  doubts: [],
  ...parts,
});

describe("proposePayouts()", () => {
  test("proposes what is payable, less fee and withholding", () => {
    expect(proposePayouts(PLAN, [payable(12_500n)])).toEqual({
      proposals: [
        {
          distributor_id: "B",
          currency: "USD",
          gross_minor: 12_500,
          fee_minor: 150,
          withholding_minor: 3000,
          net_minor: 9350,
        },
      ],
      left_out: [],
    });
  });

  test.each([
    { name: "at the minimum", available: 5000n, count: 1 },
    { name: "a unit below it", available: 4999n, count: 0 },
    { name: "who owes after a clawback", available: -5000n, count: 0 },
  ])("proposes $count to somebody $name", ({ available, count }) => {
    expect(proposePayouts(PLAN, [payable(available)]).proposals).toHaveLength(count);
  });

  test("pays nobody nothing, whatever the minimum", () => {
    const plan = { ...PLAN, payout: { minimum_minor: 0 } };
    expect(proposePayouts(plan, [payable(0n)])).toEqual({ proposals: [], left_out: [] });
  });

  test("leaves out whose balance is in doubt, and says why", () => {
    const doubted = payable(12_500n, { doubts: ["AMOUNT:L1", "EXTRA_LOCAL:L2"] });
    expect(proposePayouts(PLAN, [doubted])).toEqual({
      proposals: [],
      left_out: [
        { distributor_id: "B", reason: "break_open", detail: "AMOUNT:L1, EXTRA_LOCAL:L2" },
      ],
    });
  });

  test("leaves out whom the fee would take everything from", () => {
    const plan = { ...PLAN, payout: { minimum_minor: 1, fee_minor: 150 } };
    const { proposals, left_out } = proposePayouts(plan, [payable(150n), payable(151n)]);
    expect(proposals.map(({ net_minor }) => net_minor)).toEqual([1]);
    expect(left_out).toMatchObject([{ reason: "nothing_left" }]);
  });

  test("adds up to the unit, never below the minimum and never to nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(-(10n ** 12n), 10n ** 12n)),
        fc.nat(1_000_000),
        fc.nat(10_000),
        (balances, withholding_ppm, fee_minor) => {
          const rule = { minimum_minor: 100, withholding_ppm, fee_minor };
          const given = balances.map((balance) => payable(balance));
          const { proposals } = proposePayouts({ ...PLAN, payout: rule }, given);
          return proposals.every(
            (one) =>
              one.gross_minor === one.net_minor + one.fee_minor + one.withholding_minor &&
              one.gross_minor >= 100 &&
              one.net_minor > 0,
          );
        },
      ),
      { numRuns: runs(100) },
    );
  });
});
