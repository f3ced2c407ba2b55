import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rebooked } from "#src/core/order/booked.ts";
import {
  type Extra,
  type OrderState,
  readOrder,
  type Return,
  type Sale,
} from "#src/core/order/state.ts";
import type { Transfer } from "#src/core/ledger/transfer.ts";
import { runs } from "../../support/runs.ts";

const SALE: Sale = {
  payment_id: "P1",
  currency: "USD",
  amount_minor: 27_000,
  net_minor: 25_000,
  tax_minor: 2000,
  shipping_minor: 0,
  cv_x100: 20_000,
  pv_x100: 20_000,
  source_node: "B",
  order_kind: "store",
  package: null,
  fee_minor: 30,
  fee_ms: 6,
  paid_ms: 5,
  period_id: "2026-07",
};
const EXTRA: Extra = {
  payment_id: "P2",
  currency: "USD",
  amount_minor: 900,
  fee_minor: 3,
  fee_ms: 6,
  paid_ms: 6,
};
const NOTHING = readOrder(undefined);

const back = (id: string, occurred_ms: number, given: Partial<Return> = {}): Return => ({
  kind: "refund",
  id,
  amount_minor: 500,
  parts: { net_minor: 500, tax_minor: 0, shipping_minor: 0 },
  occurred_ms,
  open: false,
  undone: false,
  ...given,
});

const order = (given: Partial<OrderState>): OrderState => ({ ...NOTHING, ...given });

const shown = ({ rule, debit, credit, amount_minor, reference, effective_ms }: Transfer) =>
  [rule, debit, credit, amount_minor, reference, effective_ms ?? "now"].join(" ");

describe("rebooked()", () => {
  test.each<{
    name: string;
    before?: Partial<OrderState>;
    after?: Partial<OrderState>;
    posted: string[];
  }>([
    {
      name: "a sale and its fee, each as of its own time",
      after: { sale: SALE },
      posted: [
        "P1 cash:psp rev:product 25000 P1 5",
        "P1 cash:psp tax:sales 2000 P1 5",
        "P2 exp:psp_fee cash:psp 30 P1 6",
      ],
    },
    {
      name: "nothing of what is posted",
      before: { sale: SALE },
      after: { sale: SALE },
      posted: [],
    },
    {
      name: "a further payment, what went back of it, and what came back of that",
      after: {
        extras: [
          { ...EXTRA, returns: [back("R1", 7), back("R2", 8, { undone: true, ended_ms: 9 })] },
        ],
      },
      posted: [
        "P13 cash:psp cust:unapplied 900 P2 6",
        "P2 exp:psp_fee cash:psp 3 P2 6",
        "P13 cust:unapplied cash:psp 500 R1 7",
        "P13 cust:unapplied cash:psp 500 R2 8",
        "P13 cash:psp cust:unapplied 500 R2 now",
      ],
    },
    {
      name: "a return that happened earlier, back and again",
      before: { sale: SALE, returns: [back("R1", 8)] },
      after: { sale: SALE, returns: [back("R1", 7)] },
      posted: ["P6 rev:refund cash:psp 500 R1 7", "P6 cash:psp rev:refund 500 R1 8"],
    },
    {
      name: "a fee that was told earlier, and not the rest",
      before: { sale: SALE },
      after: { sale: { ...SALE, fee_ms: 4 } },
      posted: ["P2 exp:psp_fee cash:psp 30 P1 4", "P2 cash:psp exp:psp_fee 30 P1 6"],
    },
    {
      name: "now what an older version posted, and nobody dated",
      before: {
        extras: [
          { payment_id: "P2", currency: "USD", amount_minor: 900, fee_minor: 3, returned_minor: 0 },
        ],
      },
      posted: ["P13 cust:unapplied cash:psp 900 P2 now"],
    },
  ])("posts $name", ({ before = {}, after = {}, posted }) => {
    expect(rebooked(order(before), order(after), 9).map(shown).toSorted()).toEqual(
      posted.toSorted(),
    );
  });

  const some = fc.record({
    sale: fc
      .record({ paid_ms: fc.nat({ max: 3 }), fee_ms: fc.nat({ max: 3 }) })
      .map((dates) => ({ ...SALE, ...dates })),
    extras: fc.array(
      fc.record({ paid_ms: fc.nat({ max: 3 }) }).map((dates) => ({ ...EXTRA, ...dates })),
      { maxLength: 2 },
    ),
    returns: fc.array(
      fc.nat({ max: 3 }).map((ms) => back(`R${ms}`, ms)),
      { maxLength: 3 },
    ),
  });

  test("by any way there the ledger ends the same", () => {
    const sums = (all: readonly Transfer[]) => {
      const days = new Map<string, number>();
      for (const { debit, credit, amount_minor, effective_ms = 9 } of all) {
        days.set(
          `${debit} ${effective_ms}`,
          (days.get(`${debit} ${effective_ms}`) ?? 0) + amount_minor,
        );
        days.set(
          `${credit} ${effective_ms}`,
          (days.get(`${credit} ${effective_ms}`) ?? 0) - amount_minor,
        );
      }
      return [...days].filter(([, sum]) => sum !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
    };
    fc.assert(
      fc.property(some, some, (a, b) => {
        const way = [...rebooked(NOTHING, order(a), 9), ...rebooked(order(a), order(b), 9)];
        expect(way.every(({ amount_minor }) => amount_minor > 0)).toBe(true);
        expect(sums(way)).toEqual(sums(rebooked(NOTHING, order(b), 9)));
      }),
      { numRuns: runs(200) },
    );
  });
});
